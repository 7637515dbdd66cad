-- core.plan_need_month: the development needs in valid plans of those at work, as known at a month's end.
-- Grain: one row per need and month. Key: month, submission_id, need_number.
-- Sources: core.person_month, raw.individual_plan, raw.plan_need, raw.plan_activity.
-- A need is met when an activity in its competence area is done.
WITH judged_version AS (
    SELECT
        wanted.month,
        plan.submission_id,
        plan.version,
        plan.person_key,
        plan.status,
        plan.period_start,
        plan.period_end,
        ROW_NUMBER() OVER (PARTITION BY wanted.month, plan.submission_id ORDER BY plan.version DESC) AS place
    FROM wanted_month AS wanted
    INNER JOIN raw.individual_plan AS plan
        ON plan.submitted_at < wanted.month + INTERVAL 1 MONTH
    WHERE plan.status IN ('accepted', 'withdrawn')
),

finished AS (
    SELECT
        submission_id,
        version,
        competence_area,
        MIN(done_date) AS done_date
    FROM raw.plan_activity
    GROUP BY submission_id, version, competence_area
)

SELECT
    version.month,
    need.submission_id,
    need.need_number,
    version.person_key,
    person.sex,
    person.department,
    person.unit,
    need.competence_area,
    GREATEST(need.target_level - need.current_level, 0) AS levels_to_go,
    COALESCE(finished.done_date <= LAST_DAY(version.month), FALSE) AS is_met
FROM judged_version AS version
INNER JOIN raw.plan_need AS need
    ON version.submission_id = need.submission_id AND version.version = need.version
LEFT JOIN finished
    ON
        need.submission_id = finished.submission_id
        AND need.version = finished.version
        AND need.competence_area = finished.competence_area
INNER JOIN core.person_month AS person
    ON version.month = person.month AND version.person_key = person.person_key
WHERE
    version.place = 1
    AND version.status = 'accepted'
    AND LAST_DAY(version.month) BETWEEN version.period_start AND version.period_end
    AND person.is_active
