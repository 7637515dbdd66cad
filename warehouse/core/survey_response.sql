-- core.survey_response: what one respondent answered in a round, item by item.
-- Grain: one row per round and respondent. Key: round_id, respondent_key. Sources: raw.survey_answer, raw.survey_item.
-- A reversed 1–5 item is turned, so that a high value is always good; yes stays yes; no answer stays empty.
-- No respondent can be joined to a person.
WITH turned AS (
    SELECT
        answer.month,
        answer.round_id,
        answer.respondent_key,
        answer.department_code,
        answer.sex,
        item.hme_number,
        item.sub_index,
        item.scale,
        CASE
            WHEN item.is_reversed AND item.scale = '1-5' THEN 6 - answer.value
            ELSE answer.value
        END AS value
    FROM raw.survey_answer AS answer
    INNER JOIN raw.survey_item AS item ON answer.round_id = item.round_id AND answer.item_code = item.item_code
)

SELECT
    round_id,
    respondent_key,
    MIN(month) AS month,
    MIN(department_code) AS department,
    COALESCE(MIN(sex), 'U') AS sex,
    MAX(value) FILTER (WHERE hme_number = 1) AS hme_1,
    MAX(value) FILTER (WHERE hme_number = 2) AS hme_2,
    MAX(value) FILTER (WHERE hme_number = 3) AS hme_3,
    MAX(value) FILTER (WHERE hme_number = 4) AS hme_4,
    MAX(value) FILTER (WHERE hme_number = 5) AS hme_5,
    MAX(value) FILTER (WHERE hme_number = 6) AS hme_6,
    MAX(value) FILTER (WHERE hme_number = 7) AS hme_7,
    MAX(value) FILTER (WHERE hme_number = 8) AS hme_8,
    MAX(value) FILTER (WHERE hme_number = 9) AS hme_9,
    SUM(value) FILTER (WHERE sub_index = 'inclusion' AND scale = '1-5') AS inclusion_sum,
    COUNT(value) FILTER (WHERE sub_index = 'inclusion' AND scale = '1-5') AS inclusion_answers,
    MAX(value) FILTER (WHERE sub_index = 'accessibility' AND scale = 'yes_no') AS meets_barriers
FROM turned
GROUP BY round_id, respondent_key
