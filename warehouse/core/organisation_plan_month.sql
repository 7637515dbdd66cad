-- core.organisation_plan_month: the municipality's own plans and their milestones, as known at a month's end.
-- Grain: one row per plan and month, and one per milestone and month. Key: month, plan_kind, milestone_code (empty for the plan).
-- Sources: raw.organisation_plan, raw.organisation_milestone, raw.hr_employment (which months there are).
-- The newest report counts.
WITH reported AS (
    SELECT
        wanted.month,
        (
            SELECT MAX(plan.month)
            FROM raw.organisation_plan AS plan
            WHERE plan.month <= wanted.month
        ) AS plan_report,
        (
            SELECT MAX(milestone.month)
            FROM raw.organisation_milestone AS milestone
            WHERE milestone.month <= wanted.month
        ) AS milestone_report
    FROM wanted_month AS wanted
    WHERE wanted.month IN (SELECT post.month FROM raw.hr_employment AS post)
)

SELECT
    reported.month,
    plan.kind AS plan_kind,
    NULL AS milestone_code,
    TRUE AS is_plan,
    COALESCE(plan.decided_date <= LAST_DAY(reported.month), FALSE) AS is_done,
    FALSE AS is_due
FROM reported
INNER JOIN raw.organisation_plan AS plan ON reported.plan_report = plan.month

UNION ALL

SELECT
    reported.month,
    milestone.kind AS plan_kind,
    milestone.milestone_code,
    FALSE AS is_plan,
    COALESCE(milestone.done_date <= LAST_DAY(reported.month), FALSE) AS is_done,
    COALESCE(milestone.due_date <= LAST_DAY(reported.month), FALSE) AS is_due
FROM reported
INNER JOIN raw.organisation_milestone AS milestone ON reported.milestone_report = milestone.month
