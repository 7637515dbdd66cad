"""Figures on rows: what does not add up and is computed on persons, once for every breakdown.

Belongs here: quantiles for the roll-ups, pay quartiles, the unexplained gap, and the rows that they look at.
Does not belong here: sums (cube.py); the ranking (ranking.py) and least squares (regression.py) themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from pipelines.measures.asked import Wanted, dimensions_of, label, levels_of, one_of, stated
from pipelines.measures.compiled import Columns
from pipelines.measures.ranking import quartiles_sql
from pipelines.measures.regression import AdjustedGap, adjusted_gap
from warehouse.key_figures.entries import Catalogue

QUARTER = "pay_quartile"


def keep_rows(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    rows: str,
    columns: Columns,
    wanted: Sequence[Wanted],
) -> None:
    """The table `kept_row`: the rows that quantiles, quartiles and regressions look at, with only the columns that they need."""
    if not wanted:
        return
    named = {"sex", "fte_pay"} if any(item.figure.method == "quartiles" for item in wanted) else set[str]()
    if any(item.figure.method == "adjusted_gap" for item in wanted):
        named |= {"sex", "fte_pay", "age", "work_value_level", "occupation_group", "responsibility_code"}
        named.add("DATE_DIFF('day', hire_date, period_end) / 365.25 AS tenure")
    populations = {item.figure.population for item in wanted}
    kept = [
        "place",
        *levels_of(found, dimensions_of(found, wanted)),
        *(f"{row} AS {name}" for row, name in _kept(columns).items()),
        *sorted(named),
        *(f"{found.populations[name].where} AS in_{name}" for name in sorted(populations)),
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE kept_row AS
        SELECT {", ".join(kept)}
        FROM {rows}
        WHERE {" OR ".join(f"({found.populations[name].where})" for name in sorted(populations))}
        """
    )


def _kept(columns: Columns) -> dict[str, str]:
    """The values whose quantiles are wanted: SQL → column of `kept_row`."""
    return {
        row: f"kept_{place}"
        for place, row in enumerate(dict.fromkeys(part.row for part in columns.quantiles))
    }


def quantiles_sql(columns: Columns, by: Sequence[str]) -> str:
    """The quantiles of one breakdown: one pass over the kept rows, every fraction of a value in one sort."""
    levels = [f"d_{name}" for name in by]
    lists, single = [], []
    for row, kept in _kept(columns).items():
        own = {part.quantile: name for part, name in columns.quantiles.items() if part.row == row}
        lists.append(f"QUANTILE_CONT({kept}, [{', '.join(map(str, own))}]) AS all_{kept}")
        single += [f"all_{kept}[{place}] AS {name}" for place, name in enumerate(own.values(), start=1)]
    return f"""
        SELECT '{label(by)}' AS breakdown, {", ".join(["place", *levels, *single])}
        FROM (SELECT {", ".join(["place", *levels, *lists])} FROM kept_row GROUP BY ALL)
    """


def quartiles(item: Wanted) -> str:
    """The women in each quarter of the persons ranked by pay, in one breakdown."""
    figure = item.figure
    by = [name for name in item.by if name != QUARTER]
    persons = f"in_{figure.population} AND sex IN ('K', 'M')"
    return f"""
        SELECT {stated(figure)}, '{label(item.by)}' AS breakdown,
            {", ".join(["period", "period_end", *(f"d_{name} AS {name}" for name in by)])},
            CAST(quarter AS VARCHAR) AS {QUARTER},
            CAST(women AS DOUBLE) AS numerator,
            CAST(members AS DOUBLE) AS denominator,
            100.0 * women / NULLIF(members, 0) AS value,
            CAST(n AS BIGINT) AS n,
            CAST([n, all_women, all_men, CEIL(fewest_women), CEIL(fewest_men)] AS BIGINT[]) AS tested
        FROM ({quartiles_sql("kept_row", ["place", *(f"d_{name}" for name in by)], persons)})
        INNER JOIN period_of USING (place)
        WHERE {one_of("period", item.periods)}
    """


def adjusted_gaps(con: duckdb.DuckDBPyConnection, item: Wanted) -> int:
    """The unexplained gap of each period, one regression each."""
    figure = item.figure
    made = 0
    for period in item.periods:
        rows = con.sql(
            f"""
            SELECT period_end, sex, fte_pay, age, tenure, work_value_level, occupation_group, responsibility_code
            FROM kept_row
            INNER JOIN period_of USING (place)
            WHERE period = ? AND sex IN ('K', 'M') AND in_{figure.population}
            -- In one order: the last digits of a regression follow the order of its rows.
            ORDER BY ALL
            """,
            params=[period],
        ).pl()
        if rows.is_empty():
            continue
        gap: AdjustedGap = adjusted_gap(rows)
        con.execute(
            """
            INSERT INTO figures.cell BY NAME
            SELECT ? AS figure, ? AS version, 'total' AS breakdown, ? AS period, ? AS period_end,
                ? AS value, ? AS low, ? AS high, ? AS n, CAST(? AS BIGINT[]) AS tested
            """,
            [
                *(figure.id, figure.version, period, rows["period_end"][0], gap.value, gap.low, gap.high),
                gap.women + gap.men,
                [gap.women, gap.men],
            ],
        )
        made += 1
    return made
