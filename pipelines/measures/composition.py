"""Figures about how persons and the sexes are spread over groups: balanced groups, Duncan's index, Theil's H, Shannon's entropy.

Belongs here: methods that an entry of the catalogue names (`method:`), as SQL over women, men and persons by group.
Does not belong here: counting the women and men (cube.py).

Each method reads `grouped` (period, period_end, women, men, persons, counted; one row per group) and gives
numerator, denominator, value and n, one row per period. `counted` are all women and men, also those of groups that a method
leaves out: less the number of women and men that other figures tell, n would give the size of those groups away.
"""

from __future__ import annotations

SMALLEST_GROUP = 5
"""Groups with fewer persons are left out of the share of balanced groups (key_figures: "occupation groups with >= 5 persons")."""

BALANCED_GROUPS = f"""
    COUNT(*) FILTER (WHERE 10 * women BETWEEN 4 * (women + men) AND 6 * (women + men) AND women + men > 0) AS numerator,
    COUNT(*) AS denominator,
    100.0 * COUNT(*) FILTER (WHERE 10 * women BETWEEN 4 * (women + men) AND 6 * (women + men) AND women + men > 0)
    / NULLIF(COUNT(*), 0) AS value,
    ANY_VALUE(counted) AS n
FROM grouped
WHERE persons >= {SMALLEST_GROUP}
"""

TOTALLED = """
    SELECT
        *,
        SUM(women) OVER (PARTITION BY period) AS all_women,
        SUM(men) OVER (PARTITION BY period) AS all_men,
        SUM(persons) OVER (PARTITION BY period) AS everybody
    FROM grouped
"""

DUNCAN = f"""
    CAST(NULL AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    50.0 * SUM(ABS(women / NULLIF(all_women, 0) - men / NULLIF(all_men, 0))) AS value,
    ANY_VALUE(counted) AS n
FROM ({TOTALLED}) AS totalled
WHERE TRUE
"""


def _entropy(*shares: str) -> str:
    """Entropy of shares in nats; a share of nothing carries none."""
    return " - ".join(
        ["0", *(f"CASE WHEN {share} > 0 THEN ({share}) * LN({share}) ELSE 0 END" for share in shares)]
    )


_WHOLE = _entropy("all_women / (all_women + all_men)", "all_men / (all_women + all_men)")
_OWN = _entropy("women / (women + men)", "men / (women + men)")

THEIL = f"""
    CAST(NULL AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    100.0 * SUM((women + men) / (all_women + all_men) * ({_WHOLE} - ({_OWN})) / NULLIF({_WHOLE}, 0)) AS value,
    ANY_VALUE(counted) AS n
FROM ({TOTALLED}) AS totalled
WHERE women + men > 0
"""
"""Theil's H of the sexes over groups: how much of the sexes' entropy the group tells, percent."""

SHANNON = f"""
    CAST(NULL AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    100.0 * SUM({_entropy("CAST(persons AS DOUBLE) / everybody")}) / LN({{levels}}) AS value,
    ANY_VALUE(counted) AS n
FROM ({TOTALLED}) AS totalled
WHERE TRUE
"""
"""Shannon's entropy over groups, percent of the most it can be with so many levels."""

METHODS = {
    "balanced_groups": BALANCED_GROUPS,
    "duncan": DUNCAN,
    "theil": THEIL,
    "shannon": SHANNON,
}
