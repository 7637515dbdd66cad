-- absence.time_month: how the time of an employment was spent in a month: ordinary time, and each piece of an absence spell.
-- Grain: one row of kind 'ordinary' per employment and month, and one per delivered absence row.
-- Key: month, employment_key, kind, spell_start, piece. Sources: core.employment_month, absence.hr_absence.
-- Adjoining sick rows of one post make one spell whatever their extent; a row without an end is known to last to its month's end.
-- Sick hours of ordinary rows are 0, not empty, in a month whose absence was delivered: zero and unknown are different things.
WITH delivered_month AS (
    SELECT DISTINCT month
    FROM absence.hr_absence
),

piece AS (
    SELECT
        month,
        employment_key,
        absence_type,
        extent,
        absence_hours,
        absence_days,
        row_number AS piece,
        spell_start,
        COALESCE(spell_end, LAST_DAY(month)) AS known_end
    FROM absence.hr_absence
),

furthest AS (
    SELECT
        *,
        MAX(known_end) OVER (
            PARTITION BY employment_key, absence_type
            ORDER BY spell_start, known_end, month, piece
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS earlier_end
    FROM piece
),

numbered AS (
    SELECT
        *,
        SUM(CASE WHEN earlier_end IS NULL OR spell_start > earlier_end + 1 THEN 1 ELSE 0 END) OVER (
            PARTITION BY employment_key, absence_type
            ORDER BY spell_start, known_end, month, piece
            ROWS UNBOUNDED PRECEDING
        ) AS spell
    FROM furthest
),

merged AS (
    SELECT
        *,
        MIN(spell_start) OVER spell_of_post AS whole_start,
        MAX(known_end) OVER spell_of_post AS whole_end
    FROM numbered
    WINDOW spell_of_post AS (PARTITION BY employment_key, absence_type, spell)
)

SELECT
    post.month,
    post.employment_key,
    post.person_key,
    post.sex,
    post.birth_month,
    post.department,
    post.unit,
    post.occupation_group,
    post.management_level,
    post.employment_form,
    post.is_monthly,
    post.is_hourly,
    'ordinary' AS kind,
    NULL AS piece,
    post.ordinary_hours,
    CASE WHEN delivered_month.month IS NOT NULL THEN 0.0 END AS sick_hours,
    0.0 AS absence_days,
    CAST(NULL AS DATE) AS spell_start,
    CAST(NULL AS DATE) AS spell_end
FROM core.employment_month AS post
LEFT JOIN delivered_month ON post.month = delivered_month.month

UNION ALL

SELECT
    post.month,
    post.employment_key,
    post.person_key,
    post.sex,
    post.birth_month,
    post.department,
    post.unit,
    post.occupation_group,
    post.management_level,
    post.employment_form,
    post.is_monthly,
    post.is_hourly,
    merged.absence_type AS kind,
    merged.piece,
    0.0 AS ordinary_hours,
    CASE WHEN merged.absence_type = 'sjuk' THEN merged.absence_hours ELSE 0.0 END AS sick_hours,
    COALESCE(merged.absence_days, 0.0) AS absence_days,
    merged.whole_start AS spell_start,
    merged.whole_end AS spell_end
FROM merged
INNER JOIN core.employment_month AS post
    ON merged.month = post.month AND merged.employment_key = post.employment_key
