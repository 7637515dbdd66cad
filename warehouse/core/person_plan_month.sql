-- core.person_plan_month: what an employee's plan, training, dialogue and participation come to, as known at a month's end.
-- Grain: one row per monthly-paid person and month. Key: month, person_key.
-- Sources: core.person_month, raw.individual_plan, raw.plan_need, raw.hr_training, raw.hr_dialogue, raw.participation.
-- Of a submission the newest version counts that was accepted or withdrawn by then; training, dialogue and participation are of
-- the twelve months that end with the month.
WITH judged_version AS (
    SELECT
        wanted.month,
        plan.submission_id,
        plan.version,
        plan.person_key,
        plan.status,
        plan.period_start,
        plan.period_end,
        plan.goals,
        plan.says_no_need,
        ROW_NUMBER() OVER (PARTITION BY wanted.month, plan.submission_id ORDER BY plan.version DESC) AS place
    FROM wanted_month AS wanted
    INNER JOIN raw.individual_plan AS plan
        ON plan.submitted_at < wanted.month + INTERVAL 1 MONTH
    WHERE plan.status IN ('accepted', 'withdrawn')
),

needs AS (
    SELECT DISTINCT
        submission_id,
        version
    FROM raw.plan_need
),

valid_plan AS (
    SELECT
        version.month,
        version.person_key,
        COUNT(*) AS plans,
        COUNT(*) FILTER (WHERE LEN(version.goals) > 0) AS goal_plans,
        BOOL_OR(version.period_end + 1 >= version.period_start + INTERVAL 24 MONTH) AS has_two_year_plan,
        BOOL_OR(needs.submission_id IS NOT NULL OR COALESCE(version.says_no_need, FALSE)) AS is_mapped
    FROM judged_version AS version
    LEFT JOIN needs ON version.submission_id = needs.submission_id AND version.version = needs.version
    WHERE
        version.place = 1
        AND version.status = 'accepted'
        AND LAST_DAY(version.month) BETWEEN version.period_start AND version.period_end
    GROUP BY version.month, version.person_key
),

trained AS (
    SELECT
        wanted.month,
        training.person_key,
        SUM(training.hours) AS hours
    FROM wanted_month AS wanted
    INNER JOIN raw.hr_training AS training
        ON training.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
    WHERE training.kind IS DISTINCT FROM 'coaching'
    GROUP BY wanted.month, training.person_key
),

talked AS (
    SELECT DISTINCT
        wanted.month,
        dialogue.person_key
    FROM wanted_month AS wanted
    INNER JOIN raw.hr_dialogue AS dialogue
        ON dialogue.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
),

took_part AS (
    SELECT
        wanted.month,
        participation.person_key,
        SUM(COALESCE(participation.hours, 0)) AS hours
    FROM wanted_month AS wanted
    INNER JOIN raw.participation AS participation
        ON participation.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
    GROUP BY wanted.month, participation.person_key
)

SELECT
    person.month,
    person.person_key,
    person.sex,
    person.birth_month,
    person.department,
    person.unit,
    person.occupation_group,
    person.is_monthly,
    person.is_active,
    COALESCE(valid_plan.plans, 0) AS plans,
    COALESCE(valid_plan.goal_plans, 0) AS goal_plans,
    COALESCE(valid_plan.has_two_year_plan, FALSE) AS has_two_year_plan,
    COALESCE(valid_plan.is_mapped, FALSE) AS is_mapped,
    COALESCE(trained.hours, 0) AS training_hours,
    talked.person_key IS NOT NULL AS has_dialogue,
    took_part.person_key IS NOT NULL AS has_participated,
    COALESCE(took_part.hours, 0) AS participation_hours,
    COALESCE(took_part.hours, 0) >= GETVARIABLE('participation_hours') AS has_enough_time
FROM core.person_month AS person
LEFT JOIN valid_plan ON person.month = valid_plan.month AND person.person_key = valid_plan.person_key
LEFT JOIN trained ON person.month = trained.month AND person.person_key = trained.person_key
LEFT JOIN talked ON person.month = talked.month AND person.person_key = talked.person_key
LEFT JOIN took_part ON person.month = took_part.month AND person.person_key = took_part.person_key
WHERE person.is_monthly AND person.month IN (SELECT wanted.month FROM wanted_month AS wanted)
