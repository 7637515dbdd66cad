"""Pay quartiles: the women in each of four equal groups of persons ranked by pay.

Belongs here: the ranking with its rule for ties, as SQL over rows. Does not belong here: quantiles (a formula says them).

Where persons with the same pay stand on both sides of a border, each side gets the sexes in the proportion that they have among
those tied (SI 2017/172, regulation 13(2)); so women are counted in fractions there. Where the number is no multiple of four,
the lower quarters are one larger.
"""

from __future__ import annotations

from collections.abc import Sequence

QUARTERS = 4


def quartiles_sql(rows: str, by: Sequence[str], persons: str) -> str:
    """SQL with one row per period, group and quarter: quarter, women, members, n (all ranked of the group), all_women, all_men.

    Args:
        rows: a relation with period, period_end, the columns of `by`, sex, fte_pay.
        by: the breakdown without the quarter.
        persons: condition on a row: who is ranked.
    """
    keys = ", ".join(["period", "period_end", *by])
    same = " AND ".join(f"level.{name} = whole.{name}" for name in ["period", *by])
    return f"""
        WITH level AS (
            SELECT
                {keys}, fte_pay,
                COUNT(*) AS tied,
                COUNT(*) FILTER (WHERE sex = 'K') AS tied_women,
                SUM(COUNT(*)) OVER (PARTITION BY {keys} ORDER BY fte_pay) AS up_to
            FROM {rows}
            WHERE {persons}
            GROUP BY {keys}, fte_pay
        ),
        whole AS (
            SELECT {keys}, SUM(tied) AS n, SUM(tied_women) AS all_women
            FROM level
            GROUP BY {keys}
        ),
        quarter AS (
            SELECT
                whole.*, q.quarter,
                n // {QUARTERS} + CASE WHEN q.quarter <= n % {QUARTERS} THEN 1 ELSE 0 END AS members,
                (n // {QUARTERS}) * (q.quarter - 1) + LEAST(q.quarter - 1, n % {QUARTERS}) AS below
            FROM whole
            CROSS JOIN (SELECT UNNEST(RANGE(1, {QUARTERS} + 1)) AS quarter) AS q
        ),
        shared AS (
            SELECT
                whole.*, level.tied, level.tied_women,
                GREATEST(
                    LEAST(level.up_to, whole.below + whole.members) - GREATEST(level.up_to - level.tied, whole.below), 0
                ) AS places
            FROM level
            INNER JOIN quarter AS whole ON {same}
        )
        SELECT
            {keys}, quarter, members, n, all_women, n - all_women AS all_men,
            SUM(CAST(tied_women AS DOUBLE) * places / tied) AS women
        FROM shared
        GROUP BY {keys}, quarter, members, n, all_women
    """
