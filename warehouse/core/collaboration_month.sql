-- core.collaboration_month: the forum in numbers: ideas, joint projects and meetings between departments, over twelve months.
-- Grain: one row per month; the twelve months end with it. Key: month.
-- Sources: raw.idea, raw.idea_member, raw.joint_project, raw.project_member, core.person_month, core.department_link_month.
-- Beside each number stands that of the distinct persons behind it.
WITH described AS (
    SELECT
        wanted.month,
        idea.idea_id,
        idea.month >= wanted.month - INTERVAL 11 MONTH AS is_recent,
        idea.decided_date BETWEEN wanted.month - INTERVAL 11 MONTH AND LAST_DAY(wanted.month) AS is_decided,
        idea.status = 'implemented' AS is_implemented,
        DATE_DIFF('day', idea.created_date, idea.decided_date) AS lead_time_days,
        COUNT(DISTINCT person.department) >= 2 AS is_cross_department,
        LIST(DISTINCT member.person_key) AS members
    FROM wanted_month AS wanted
    INNER JOIN raw.idea AS idea ON wanted.month >= idea.month
    LEFT JOIN raw.idea_member AS member ON idea.idea_id = member.idea_id
    LEFT JOIN core.person_month AS person
        ON idea.month = person.month AND member.person_key = person.person_key
    GROUP BY wanted.month, idea.idea_id, idea.month, idea.decided_date, idea.status, idea.created_date
),

ideas AS (
    SELECT
        month,
        COUNT(*) FILTER (WHERE is_recent) AS ideas,
        COUNT(*) FILTER (WHERE is_recent AND is_cross_department) AS cross_department_ideas,
        COUNT(*) FILTER (WHERE is_decided) AS decided_ideas,
        COUNT(*) FILTER (WHERE is_decided AND is_implemented) AS implemented_ideas,
        MEDIAN(lead_time_days) FILTER (WHERE is_decided) AS lead_time_days,
        LEN(LIST_DISTINCT(FLATTEN(LIST(members) FILTER (WHERE is_recent)))) AS idea_persons,
        LEN(LIST_DISTINCT(FLATTEN(LIST(members) FILTER (WHERE is_recent AND is_cross_department)))) AS cross_department_persons,
        LEN(LIST_DISTINCT(FLATTEN(LIST(members) FILTER (WHERE is_decided)))) AS decided_persons,
        LEN(LIST_DISTINCT(FLATTEN(LIST(members) FILTER (WHERE is_decided AND is_implemented)))) AS implemented_persons
    FROM described
    GROUP BY month
),

projects AS (
    SELECT
        wanted.month,
        COUNT(DISTINCT project.project_id) AS joint_projects,
        COUNT(DISTINCT member.person_key) AS project_persons
    FROM wanted_month AS wanted
    INNER JOIN raw.joint_project AS project
        ON project.month BETWEEN wanted.month - INTERVAL 11 MONTH AND wanted.month
    LEFT JOIN raw.project_member AS member ON project.project_id = member.project_id
    GROUP BY wanted.month
),

links AS (
    SELECT
        month,
        COUNT(DISTINCT department || '/' || other_department) AS linked_pairs,
        COUNT(DISTINCT person_key) AS linked_persons
    FROM core.department_link_month
    GROUP BY month
),

staff AS (
    SELECT
        month,
        COUNT(*) FILTER (WHERE is_monthly) AS employees,
        COUNT(DISTINCT department) AS departments
    FROM core.person_month
    WHERE month IN (SELECT wanted.month FROM wanted_month AS wanted)
    GROUP BY month
)

SELECT
    staff.month,
    staff.employees,
    staff.departments * (staff.departments - 1) // 2 AS possible_pairs,
    ideas.lead_time_days,
    COALESCE(ideas.ideas, 0) AS ideas,
    COALESCE(ideas.cross_department_ideas, 0) AS cross_department_ideas,
    COALESCE(ideas.decided_ideas, 0) AS decided_ideas,
    COALESCE(ideas.implemented_ideas, 0) AS implemented_ideas,
    COALESCE(ideas.idea_persons, 0) AS idea_persons,
    COALESCE(ideas.cross_department_persons, 0) AS cross_department_persons,
    COALESCE(ideas.decided_persons, 0) AS decided_persons,
    COALESCE(ideas.implemented_persons, 0) AS implemented_persons,
    COALESCE(projects.joint_projects, 0) AS joint_projects,
    COALESCE(projects.project_persons, 0) AS project_persons,
    COALESCE(links.linked_pairs, 0) AS linked_pairs,
    COALESCE(links.linked_persons, 0) AS linked_persons
FROM staff
LEFT JOIN ideas ON staff.month = ideas.month
LEFT JOIN projects ON staff.month = projects.month
LEFT JOIN links ON staff.month = links.month
