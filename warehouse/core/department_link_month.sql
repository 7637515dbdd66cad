-- core.department_link_month: who has shared an idea or a project with another department, over twelve months.
-- Grain: one row per month, pair of departments (in order of their codes) and person of either. Key: month, department,
-- other_department, person_key. Sources: raw.idea, raw.idea_member, raw.joint_project, raw.project_member, core.person_month.
-- A person belongs to the department of the month in question.
WITH shared AS (
    SELECT
        wanted.month,
        'idea ' || idea.idea_id AS thing,
        member.person_key
    FROM wanted_month AS wanted
    INNER JOIN raw.idea AS idea
        ON idea.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
    INNER JOIN raw.idea_member AS member ON idea.idea_id = member.idea_id
    UNION
    SELECT
        wanted.month,
        'project ' || project.project_id AS thing,
        member.person_key
    FROM wanted_month AS wanted
    INNER JOIN raw.joint_project AS project
        ON project.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
    INNER JOIN raw.project_member AS member ON project.project_id = member.project_id
),

placed AS (
    SELECT
        shared.month,
        shared.thing,
        shared.person_key,
        person.department
    FROM shared
    INNER JOIN core.person_month AS person
        ON shared.month = person.month AND shared.person_key = person.person_key
),

met AS (
    SELECT DISTINCT
        first_side.month,
        first_side.thing,
        first_side.department,
        second_side.department AS other_department
    FROM placed AS first_side
    INNER JOIN placed AS second_side
        ON
            first_side.month = second_side.month
            AND first_side.thing = second_side.thing
            AND first_side.department < second_side.department
)

SELECT DISTINCT
    met.month,
    met.department,
    met.other_department,
    placed.person_key
FROM met
INNER JOIN placed
    ON
        met.month = placed.month
        AND met.thing = placed.thing
        AND placed.department IN (met.department, met.other_department)
