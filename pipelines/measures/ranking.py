"""Pay quartiles: the women in each of four equal groups of persons ranked by pay.

Belongs here: the ranking with its rule for ties, as SQL over rows. Does not belong here: quantiles (a formula says them).

Where persons with the same pay stand on both sides of a border, each side gets the sexes in the proportion that they have among
those tied (SI 2017/172, regulation 13(2)); so women are counted in fractions there. Where the number is no multiple of four,
the lower quarters are one larger.
"""

from __future__ import annotations

from collections.abc import Sequence

QUARTERS = 4


def quartiles_sql(rows: str, keys: Sequence[str], persons: str) -> str:
    """SQL with one row per group and quarter.

    Its columns: quarter, women, members; n, all_women and all_men of the group; fewest_women and fewest_men of any quarter.
    Every level of pay takes the places `first` to `up_to` of its group; a quarter takes as many of them as lie within its own.

    Args:
        rows: a relation with the keys, sex, fte_pay.
        keys: the columns that tell groups apart, the period among them.
        persons: condition on a row: who is ranked.
    """
    group = ", ".join(keys)
    quarters = range(1, QUARTERS + 1)
    size = f"n // {QUARTERS} + CASE WHEN {{quarter}} <= n % {QUARTERS} THEN 1 ELSE 0 END"
    below = f"(n // {QUARTERS}) * ({{quarter}} - 1) + LEAST({{quarter}} - 1, n % {QUARTERS})"
    shared = f"GREATEST(LEAST(up_to, {below} + {size}) - GREATEST(up_to - tied, {below}), 0)"
    women = (f"SUM(tied_women * ({shared}) / tied)".format(quarter=quarter) for quarter in quarters)
    sizes = (size.format(quarter=quarter) for quarter in quarters)
    return f"""
        WITH level AS (
            SELECT
                {group},
                COUNT(*) AS tied,
                COUNT(*) FILTER (WHERE sex = 'K') AS tied_women,
                CAST(SUM(COUNT(*)) OVER (PARTITION BY {group} ORDER BY fte_pay) AS BIGINT) AS up_to,
                CAST(SUM(COUNT(*)) OVER (PARTITION BY {group}) AS BIGINT) AS n
            FROM {rows}
            WHERE {persons}
            GROUP BY {group}, fte_pay
        ),
        whole AS (
            SELECT
                {group}, n,
                SUM(tied_women) AS all_women,
                [{", ".join(women)}] AS women,
                [{", ".join(sizes)}] AS members
            FROM level
            GROUP BY {group}, n
        )
        SELECT
            {group}, n, all_women, n - all_women AS all_men, LIST_MIN(women) AS fewest_women,
            LIST_MIN([{", ".join(f"members[{quarter}] - women[{quarter}]" for quarter in quarters)}]) AS fewest_men,
            UNNEST([{", ".join(map(str, quarters))}]) AS quarter,
            UNNEST(women) AS women,
            UNNEST(members) AS members
        FROM whole
    """
