-- core.survey_invited: how many were invited to a round and how many answered.
-- Grain: one row per round, department and sex as delivered. Key: round_id, department, sex. Source: raw.survey_invited.
SELECT
    month,
    round_id,
    department_code AS department,
    COALESCE(sex, 'U') AS sex,
    SUM(invited) AS invited,
    SUM(completed) AS completed
FROM raw.survey_invited
WHERE completed IS NOT NULL
GROUP BY month, round_id, department_code, sex
