-- core.leader_plan_month: the leaders' plans that are expected, and what they hold, as known at a month's end.
-- Grain: one row per expected plan (unit) and month. Key: month, unit.
-- Sources: raw.leader_plan_expected, raw.leader_plan, raw.leader_measure, core.person_month.
-- The newest list of expected plans counts, and of a unit's plans the one accepted last.
WITH expected AS (
    SELECT
        wanted.month,
        list.unit_code,
        list.person_key
    FROM wanted_month AS wanted
    INNER JOIN raw.leader_plan_expected AS list
        ON list.month = (
            SELECT MAX(newest.month)
            FROM raw.leader_plan_expected AS newest
            WHERE newest.month <= wanted.month
        )
),

judged_version AS (
    SELECT
        wanted.month,
        plan.submission_id,
        plan.version,
        plan.unit_code,
        plan.status,
        plan.submitted_at,
        ROW_NUMBER() OVER (PARTITION BY wanted.month, plan.submission_id ORDER BY plan.version DESC) AS place
    FROM wanted_month AS wanted
    INNER JOIN raw.leader_plan AS plan
        ON plan.submitted_at < wanted.month + INTERVAL 1 MONTH
    WHERE plan.status IN ('accepted', 'withdrawn')
),

current_plan AS (
    SELECT
        version.month,
        version.unit_code,
        version.submission_id,
        version.version
    FROM judged_version AS version
    WHERE version.place = 1 AND version.status = 'accepted'
    QUALIFY ROW_NUMBER() OVER (
        PARTITION BY version.month, version.unit_code
        ORDER BY version.submitted_at DESC, version.submission_id ASC
    ) = 1
),

held AS (
    SELECT
        submission_id,
        version,
        COUNT(DISTINCT step) = 4 AS covers_all_steps,
        BOOL_OR(is_concrete AND ground IS NOT NULL) AS has_diversity_measure
    FROM raw.leader_measure
    GROUP BY submission_id, version
),

organised AS (
    SELECT
        month,
        unit,
        MIN(department) AS department
    FROM core.person_month
    GROUP BY month, unit
)

SELECT
    expected.month,
    expected.unit_code AS unit,
    expected.person_key,
    organised.department,
    current_plan.submission_id,
    current_plan.version,
    current_plan.submission_id IS NOT NULL AS has_plan,
    COALESCE(held.covers_all_steps, FALSE) AS covers_all_steps,
    COALESCE(held.has_diversity_measure, FALSE) AS has_diversity_measure
FROM expected
LEFT JOIN current_plan ON expected.month = current_plan.month AND expected.unit_code = current_plan.unit_code
LEFT JOIN held ON current_plan.submission_id = held.submission_id AND current_plan.version = held.version
LEFT JOIN organised ON expected.month = organised.month AND expected.unit_code = organised.unit
