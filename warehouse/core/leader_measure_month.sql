-- core.leader_measure_month: the measures in the leaders' plans, done, due and late, as known at a month's end.
-- Grain: one row per measure and month. Key: month, unit, measure_number. Sources: core.leader_plan_month, raw.leader_measure.
SELECT
    plan.month,
    plan.unit,
    measure.measure_number,
    plan.person_key,
    plan.department,
    measure.area,
    measure.ground,
    measure.step,
    COALESCE(measure.is_concrete, FALSE) AS is_concrete,
    COALESCE(measure.due_date <= LAST_DAY(plan.month), FALSE) AS is_due,
    COALESCE(measure.done_date <= LAST_DAY(plan.month), FALSE) AS is_done
FROM core.leader_plan_month AS plan
INNER JOIN raw.leader_measure AS measure
    ON plan.submission_id = measure.submission_id AND plan.version = measure.version
WHERE plan.month IN (SELECT wanted.month FROM wanted_month AS wanted)
