-- core.person_month: one person in a month, seen in the larger post.
-- Grain: one row per person and month. Key: month, person_key. Source: core.employment_month.
-- Larger post: highest agreed fte, then oldest hire date, then id. The person's fte is the sum over posts, at most 100 percent.
WITH ranked AS (
    SELECT
        post.*,
        ROW_NUMBER() OVER (
            PARTITION BY post.month, post.person_key
            ORDER BY
                post.fte_agreed DESC NULLS LAST,
                post.is_full_time DESC NULLS LAST,
                post.is_monthly DESC,
                post.hire_date ASC NULLS LAST,
                post.employment_key ASC
        ) AS place,
        -- Not LEAST(…, 100): DuckDB leaves empty values out of LEAST, so an extent that is not known would become 100.
        CASE WHEN SUM(post.fte_agreed) OVER person > 100 THEN 100 ELSE SUM(post.fte_agreed) OVER person END AS person_fte_agreed,
        CASE WHEN SUM(post.fte_actual) OVER person > 100 THEN 100 ELSE SUM(post.fte_actual) OVER person END AS person_fte_actual,
        BOOL_OR(post.is_full_time) OVER person AS has_full_time_post,
        BOOL_AND(post.is_on_full_leave) OVER person AS is_away
    FROM core.employment_month AS post
    WHERE post.month IN (SELECT wanted.month FROM wanted_month AS wanted)
    WINDOW person AS (PARTITION BY post.month, post.person_key)
)

SELECT
    month,
    person_key,
    is_linked,
    sex,
    birth_month,
    department,
    unit,
    occupation,
    occupation_group,
    management_level,
    employment_form,
    pay_form,
    hire_date,
    fte_pay,
    work_value_level,
    responsibility_code,
    person_fte_agreed AS fte_agreed,
    person_fte_actual AS fte_actual,
    is_manager,
    is_monthly,
    is_hourly,
    is_permanent,
    is_away AS is_on_full_leave,
    is_monthly AND NOT is_away AS is_active,
    COALESCE(person_fte_agreed >= 99.995, FALSE) OR has_full_time_post AS is_full_time,
    person_fte_actual >= 99.995 AS is_working_full_time
FROM ranked
WHERE place = 1
