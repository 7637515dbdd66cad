-- core.employment_month: what an employment was in a month, in the words the key figures use.
-- Grain: one row per employment and month. Key: month, employment_key.
-- Sources: raw.hr_employment, log.delivery, absence.hr_absence.
-- A column that the source does not deliver stays empty here: "no manager" and "not known" are different things.
WITH leave_days AS (
    SELECT
        month,
        employment_key,
        SUM(
            DATE_DIFF(
                'day',
                GREATEST(spell_start, month),
                LEAST(COALESCE(spell_end, LAST_DAY(month)), LAST_DAY(month))
            ) + 1
        ) AS days
    FROM absence.hr_absence
    WHERE extent >= 100 AND month IN (SELECT wanted.month FROM wanted_month AS wanted)
    GROUP BY month, employment_key
)

SELECT
    post.month,
    post.employment_key,
    post.person_key,
    post.is_linked,
    post.birth_month,
    post.department_code AS department,
    post.unit_code AS unit,
    post.occupation_code AS occupation,
    post.occupation_group,
    post.employment_form,
    post.pay_form,
    post.fte_agreed,
    post.fte_actual,
    post.monthly_pay_fte + COALESCE(post.variable_pay_fte, 0) AS fte_pay,
    post.ordinary_hours,
    post.hire_date,
    post.work_value_level,
    post.responsibility_code,
    COALESCE(post.sex, 'U') AS sex,
    CASE
        WHEN LIST_CONTAINS(delivery.missing_columns, 'management_level') THEN NULL
        ELSE COALESCE(CAST(post.management_level AS VARCHAR), '0')
    END AS management_level,
    CASE
        WHEN LIST_CONTAINS(delivery.missing_columns, 'responsibility_code') THEN NULL
        ELSE COALESCE(LIST_CONTAINS(GETVARIABLE('manager_codes'), post.responsibility_code), FALSE)
    END AS is_manager,
    post.pay_form = 'manadsavlonad' AS is_monthly,
    post.pay_form = 'timavlonad' AS is_hourly,
    post.pay_form = 'manadsavlonad' AND post.employment_form = 'tillsvidare' AS is_permanent,
    COALESCE(post.is_full_time, post.fte_agreed >= 99.995) AS is_full_time,
    COALESCE(post.has_full_leave, FALSE)
    OR COALESCE(leave_days.days >= DAY(LAST_DAY(post.month)), FALSE) AS is_on_full_leave
FROM raw.hr_employment AS post
INNER JOIN log.delivery AS delivery
    ON post.delivery_id = delivery.delivery_id AND delivery.status = 'loaded'
LEFT JOIN leave_days
    ON post.month = leave_days.month AND post.employment_key = leave_days.employment_key
WHERE post.month IN (SELECT wanted.month FROM wanted_month AS wanted)
