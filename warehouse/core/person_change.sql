-- core.person_change: what became of a person from one month to the same month a year later.
-- Grain: one row per person and month, for those with a post in the month, twelve months before, or both. Key: month, person_key.
-- Sources: core.person_month, raw.hr_employment (who had another number before).
-- Whose number was changed has the new one in both months where the later month has it, whenever the change was told.
-- The group is that of the earlier month, so that those who stay and those who leave add up; newcomers have that of the later.
WITH changed_month AS (
    SELECT wanted.month
    FROM wanted_month AS wanted
    WHERE
        wanted.month IN (SELECT there.month FROM core.person_month AS there)
        AND CAST(wanted.month - INTERVAL 12 MONTH AS DATE) IN (SELECT there.month FROM core.person_month AS there)
),

renamed AS (
    SELECT
        changed_month.month,
        post.previous_person_key AS old_key,
        MAX(post.person_key) AS new_key
    FROM changed_month
    INNER JOIN core.person_month AS later ON changed_month.month = later.month
    INNER JOIN raw.hr_employment AS post ON later.person_key = post.person_key
    WHERE post.previous_person_key IS NOT NULL
    GROUP BY changed_month.month, post.previous_person_key
),

pair AS (
    SELECT
        person.* REPLACE (changed_month.month AS month),
        person.month = changed_month.month AS is_later
    FROM changed_month
    INNER JOIN core.person_month AS person
        ON person.month IN (changed_month.month, CAST(changed_month.month - INTERVAL 12 MONTH AS DATE))
),

person AS (
    -- In the month of the change somebody may have posts under both numbers: the new one counts.
    SELECT pair.* REPLACE (COALESCE(renamed.new_key, pair.person_key) AS person_key)
    FROM pair
    LEFT JOIN renamed ON pair.month = renamed.month AND pair.person_key = renamed.old_key
    QUALIFY
        ROW_NUMBER() OVER (
            PARTITION BY pair.month, pair.is_later, COALESCE(renamed.new_key, pair.person_key)
            ORDER BY renamed.new_key IS NULL DESC
        ) = 1
),

earlier AS (
    SELECT person.*
    FROM person
    WHERE NOT person.is_later
),

later AS (
    SELECT person.*
    FROM person
    WHERE person.is_later
)

SELECT
    COALESCE(earlier.month, later.month) AS month,
    COALESCE(earlier.person_key, later.person_key) AS person_key,
    COALESCE(earlier.sex, later.sex) AS sex,
    COALESCE(earlier.birth_month, later.birth_month) AS birth_month,
    COALESCE(earlier.department, later.department) AS department,
    COALESCE(earlier.unit, later.unit) AS unit,
    COALESCE(earlier.occupation_group, later.occupation_group) AS occupation_group,
    COALESCE(earlier.is_monthly, FALSE) AS was_monthly,
    COALESCE(later.is_monthly, FALSE) AS is_monthly,
    COALESCE(earlier.is_permanent, FALSE) AS was_permanent,
    COALESCE(later.is_permanent, FALSE) AS is_permanent,
    COALESCE(earlier.is_manager, FALSE) AS was_manager,
    COALESCE(later.is_manager, FALSE) AS is_manager
FROM earlier
FULL JOIN later ON earlier.month = later.month AND earlier.person_key = later.person_key
