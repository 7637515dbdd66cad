-- core.external_figure: figures that others publish, as last retrieved.
-- Grain: one row per figure, municipality, year and gender. Key: kpi, municipality, year, gender. Source: raw.external_figure.
-- The newest retrieval of a value counts, also where it says that there is none any more; one may hold only some of the figures.
WITH newest AS (
    SELECT
        month,
        kpi,
        municipality,
        period,
        gender,
        value
    FROM raw.external_figure
    QUALIFY ROW_NUMBER() OVER (PARTITION BY kpi, municipality, period, gender ORDER BY month DESC) = 1
)

SELECT
    month,
    kpi,
    municipality,
    gender,
    value,
    CASE kpi
        WHEN GETVARIABLE('citizen_influence') THEN 'citizen_influence'
        WHEN GETVARIABLE('citizen_treatment') THEN 'citizen_treatment'
    END AS chosen_as,
    CAST(period AS VARCHAR) AS year,
    municipality = GETVARIABLE('own_municipality') AS is_own
FROM newest
WHERE value IS NOT NULL
