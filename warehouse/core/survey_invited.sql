-- core.survey_invited: how many were invited to a round and how many answered.
-- Grain: one row per round, department and sex as delivered. Key: round_id, department, sex.
-- Sources: raw.survey_invited, raw.survey_answer.
-- Where a round marks nobody as having answered (an anonymous survey), the answers are counted, in the groups that they state.
WITH unmarked AS (
    SELECT
        round_id,
        MIN(month) AS month
    FROM raw.survey_invited
    GROUP BY round_id
    HAVING COUNT(completed) = 0
),

answered AS (
    SELECT
        unmarked.month,
        unmarked.round_id,
        answer.department_code,
        answer.sex,
        COUNT(DISTINCT answer.respondent_key) AS completed
    FROM unmarked
    INNER JOIN raw.survey_answer AS answer ON unmarked.round_id = answer.round_id
    GROUP BY unmarked.month, unmarked.round_id, answer.department_code, answer.sex
),

counted AS (
    SELECT
        month,
        round_id,
        department_code,
        sex,
        invited,
        COALESCE(completed, 0) AS completed
    FROM raw.survey_invited
    WHERE completed IS NOT NULL OR round_id IN (SELECT answered.round_id FROM answered)
    UNION ALL
    SELECT
        month,
        round_id,
        department_code,
        sex,
        0 AS invited,
        completed
    FROM answered
)

SELECT
    month,
    round_id,
    department_code AS department,
    COALESCE(sex, 'U') AS sex,
    SUM(invited) AS invited,
    SUM(completed) AS completed
FROM counted
GROUP BY month, round_id, department_code, COALESCE(sex, 'U')
