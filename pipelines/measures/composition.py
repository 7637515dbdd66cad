"""Figures about how the sexes are spread over groups: the share of balanced groups, and Duncan's index.

Belongs here: methods that an entry of the catalogue names (`method:`), as SQL over women, men and persons by group.
Does not belong here: counting the women and men (cube.py).

Each method reads `grouped` (period, period_end, women, men, persons; one row per group) and gives
numerator, denominator and value, one row per period.
"""

from __future__ import annotations

SMALLEST_GROUP = 5
"""Groups with fewer persons are left out of the share of balanced groups (key_figures: "occupation groups with >= 5 persons")."""

BALANCED_GROUPS = f"""
    COUNT(*) FILTER (WHERE 10 * women BETWEEN 4 * (women + men) AND 6 * (women + men) AND women + men > 0) AS numerator,
    COUNT(*) AS denominator,
    100.0 * COUNT(*) FILTER (WHERE 10 * women BETWEEN 4 * (women + men) AND 6 * (women + men) AND women + men > 0)
    / NULLIF(COUNT(*), 0) AS value,
    SUM(persons) AS n
FROM grouped
WHERE persons >= {SMALLEST_GROUP}
"""

DUNCAN = """
    CAST(NULL AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    50.0 * SUM(ABS(women / NULLIF(all_women, 0) - men / NULLIF(all_men, 0))) AS value,
    SUM(persons) AS n
FROM (
    SELECT
        *,
        SUM(women) OVER (PARTITION BY period) AS all_women,
        SUM(men) OVER (PARTITION BY period) AS all_men
    FROM grouped
) AS totalled
WHERE TRUE
"""

METHODS = {"balanced_groups": BALANCED_GROUPS, "duncan": DUNCAN}
