-- core.organisation_plan_month: the municipality's own plans and their milestones, as known at a month's end.
-- Grain: one row per plan and month, and one per milestone and month. Key: month, plan_kind, milestone_code (empty for the plan).
-- Sources: raw.organisation_plan, raw.organisation_milestone, raw.hr_employment (which months there are).
-- The newest report on each kind of plan counts: a report on one says nothing of the others.
WITH told AS (
    SELECT wanted.month
    FROM wanted_month AS wanted
    WHERE wanted.month IN (SELECT post.month FROM raw.hr_employment AS post)
),

newest_plan AS (
    SELECT
        told.month,
        plan.kind,
        plan.decided_date
    FROM told
    INNER JOIN raw.organisation_plan AS plan ON told.month >= plan.month
    QUALIFY RANK() OVER (PARTITION BY told.month, plan.kind ORDER BY plan.month DESC) = 1
),

newest_milestone AS (
    SELECT
        told.month,
        milestone.kind,
        milestone.milestone_code,
        milestone.done_date,
        milestone.due_date
    FROM told
    INNER JOIN raw.organisation_milestone AS milestone ON told.month >= milestone.month
    QUALIFY RANK() OVER (PARTITION BY told.month, milestone.kind ORDER BY milestone.month DESC) = 1
)

SELECT
    month,
    kind AS plan_kind,
    NULL AS milestone_code,
    TRUE AS is_plan,
    COALESCE(decided_date <= LAST_DAY(month), FALSE) AS is_done,
    FALSE AS is_due
FROM newest_plan

UNION ALL

SELECT
    month,
    kind AS plan_kind,
    milestone_code,
    FALSE AS is_plan,
    COALESCE(done_date <= LAST_DAY(month), FALSE) AS is_done,
    COALESCE(due_date <= LAST_DAY(month), FALSE) AS is_due
FROM newest_milestone
