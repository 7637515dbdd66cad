"""The cube: one scan of a subject's table into additive cells, from which every breakdown of every figure rolls up.

Belongs here: the scan, the sums, the roll-ups. Does not belong here: which periods to compute (compute.py), a figure as SQL
(compiled.py, cells.py), hiding (pipelines/disclosure).

The cube is not one grid of all dimensions: that would have nearly as many groups as there are persons. It is a few bases, each
over dimensions that breakdowns combine, made in the same scan. Where a row is a person, counts of persons are sums like any
other, and the scan only counts rows that are alike (kinds.py). Where it is a piece of one (hours over a year), one person has
many rows: the cube keeps a row per person and group, and a person who stands in several groups is counted anew for each
breakdown, since distinct persons do not add up. Quantiles do not add up either: they are computed on the rows, once a breakdown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import duckdb

from pipelines.measures.asked import UNKNOWN, Wanted, label, levels_of, place_rows
from pipelines.measures.cells import by_method, cells, spread
from pipelines.measures.compiled import Columns, Compiled, compile_figure
from pipelines.measures.kinds import ROWS, Kinds
from pipelines.measures.on_rows import QUARTER, adjusted_gaps, keep_rows, quantiles_sql, quartiles
from warehouse.key_figures.entries import Catalogue, Subject

MOST_GROUPS = 1000
SOME_LEVELS = 30
"""How many groups a base may be expected to have, and how many levels a dimension whose levels the data tell is taken to have."""

ON_ROWS = frozenset({"quartiles", "adjusted_gap"})
"""Methods that look at persons, not at sums."""

ALSO = "\nUNION ALL BY NAME\n"
TABLES = ("placed", "period_of", "cube", "summed", "several", "rolled", "kept_row")


def make_cells(
    con: duckdb.DuckDBPyConnection, found: Catalogue, subject: Subject, wanted: Sequence[Wanted]
) -> int:
    """Compute cells of figures of one subject and insert them into `figures.cell`.

    Expects the temporary table `wanted_month` (period, period_end, month): the months that each period is made of.

    Returns:
        The number of cells made.
    """
    columns = Columns()
    wanted = [item for item in wanted if item.figure.method != "equality_index"]
    if not wanted:
        return 0
    compiled = {
        figure.id: compile_figure(found, figure, subject, columns)
        for figure in {item.figure.id: item.figure for item in wanted}.values()
        if figure.method not in ON_ROWS
    }
    rows = place_rows(con, subject)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE period_of AS SELECT DISTINCT place, period, period_end FROM placed"
    )
    on_rows = [item for item in wanted if _is_on_rows(item, compiled)]
    keep_rows(con, found, rows, columns, on_rows)
    if compiled:
        bases = _bases(found, subject, wanted)
        sum_up = _sum_persons if subject.row == "piece" else _sum_rows
        sum_up(con, found, subject, rows, columns, bases)
        _roll_up(
            con,
            found,
            subject,
            columns,
            wanted,
            bases,
            [item for item in on_rows if item.figure.id in compiled],
        )
    made = 0
    selects = [
        sql
        for name, one in compiled.items()
        for sql in _selects(found, subject, one, [item for item in wanted if item.figure.id == name])
    ]
    selects += [quartiles(item) for item in wanted if item.figure.method == "quartiles"]
    if selects:
        (made,) = con.execute(f"INSERT INTO figures.cell BY NAME {ALSO.join(selects)}").fetchone() or (0,)
    made += sum(adjusted_gaps(con, item) for item in wanted if item.figure.method == "adjusted_gap")
    for table in TABLES:
        con.execute(f"DROP TABLE IF EXISTS temp.{table}")
    return int(made)


def _is_on_rows(item: Wanted, compiled: dict[str, Compiled]) -> bool:
    own = compiled.get(item.figure.id)
    return own.has_quantiles if own else True


def _selects(found: Catalogue, subject: Subject, compiled: Compiled, items: Sequence[Wanted]) -> list[str]:
    if compiled.figure.method:
        return [by_method(found, compiled, item) for item in items]
    return list(cells(compiled, items, subject))


def _bases(found: Catalogue, subject: Subject, wanted: Sequence[Wanted]) -> list[frozenset[str]]:
    """The sets of dimensions that the scan sums by: each breakdown lies within one of a few hundred groups."""
    needed = {frozenset(by) for by in _breakdowns(found, wanted)}
    if subject.row == "piece":
        return [frozenset().union(*needed)]
    bases: list[frozenset[str]] = []
    for own in sorted(needed, key=lambda names: (-len(names), sorted(names))):
        fitting = [base for base in bases if base >= own]
        near = [base for base in bases if base & own and _groups(found, base | own) <= MOST_GROUPS]
        if fitting:
            continue
        if near:
            bases.remove(near[0])
        bases.append(near[0] | own if near else own)
    return bases or [frozenset()]


def _breakdowns(found: Catalogue, wanted: Iterable[Wanted]) -> list[tuple[str, ...]]:
    """Every breakdown that is rolled up, those that methods look at among them."""
    stated = (tuple(name for name in item.by if name != QUARTER) for item in wanted)
    looked_at = (
        spread(found, item.figure.over) for item in wanted if item.figure.method and item.figure.over
    )
    return list(dict.fromkeys([*stated, *looked_at]))


def _groups(found: Catalogue, dimensions: Iterable[str]) -> int:
    return math.prod((len(found.dimensions[name].levels) or SOME_LEVELS) + 1 for name in dimensions)


def _sum_rows(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    rows: str,
    columns: Columns,
    bases: Sequence[frozenset[str]],
) -> None:
    """The table `summed`: every part and test by every base (its number in `bases`), from one scan that counts kinds of rows."""
    kinds = Kinds()
    parts = [f"{kinds.part(part)} AS {name}" for part, name in columns.parts.items()]
    tests = [f"{kinds.persons(test)} AS {name}" for test, name in columns.tests.items()]
    dimensions = [name for name in found.dimensions if any(name in base for base in bases)]
    levels = [f"d_{name}" for name in dimensions]
    sets = [
        ["place", *kinds.columns, *(f"d_{name}" for name in dimensions if name in base)] for base in bases
    ]
    read = ["place", *kinds.of_row(), *(f"{value} AS {name}" for value, name in kinds.summed.items())]
    counted = [
        f"CAST(COUNT(*) AS INTEGER) AS {ROWS}",
        *(f"SUM({name}) AS {name}" for name in kinds.summed.values()),
    ]
    # Bare columns: where names are kept as a dictionary, the scan hashes each of them once, not once a row.
    bare = [f"{found.dimensions[name].sql} AS d_{name}" for name in dimensions]
    number = f"GROUPING({', '.join(levels)})" if levels else "0"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE cube AS
        SELECT {", ".join(["place", *kinds.columns, *levels, *counted])}, {number} AS grouping
        FROM (SELECT {", ".join([*read, *bare])} FROM {rows})
        GROUP BY GROUPING SETS ({", ".join(f"({', '.join(one)})" for one in sets)})
        """
    )
    numbers = [
        sum(2 ** (len(dimensions) - 1 - place) for place, name in enumerate(dimensions) if name not in base)
        for base in bases
    ]
    known = [f"COALESCE({name}, '{UNKNOWN}') AS {name}" for name in levels]
    base = f"LIST_POSITION([{', '.join(map(str, numbers))}], grouping) - 1"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE summed AS
        SELECT {base} AS base, {", ".join(["place", *known, *parts, *tests])} FROM cube GROUP BY ALL
        """
    )


def _sum_persons(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    rows: str,
    columns: Columns,
    bases: Sequence[frozenset[str]],
) -> None:
    """The table `summed` where rows are pieces of persons: those who stand in one group only; `several` keeps the others."""
    dimensions = [name for name in found.dimensions if name in bases[0]]
    levels = [f"d_{name}" for name in dimensions]
    values = [f"{part.row} AS {name}" for part, name in columns.parts.items()]
    sums = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    tests = [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE cube AS
        SELECT {", ".join(["place", "who", *levels, *sums])}
        FROM (SELECT {", ".join(["place", f"{subject.person} AS who", *values, *levels_of(found, dimensions)])} FROM {rows})
        GROUP BY ALL
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE several AS
        SELECT * FROM cube SEMI JOIN (SELECT place, who FROM cube GROUP BY ALL HAVING COUNT(*) > 1) USING (place, who)
        """
    )
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE summed AS
        SELECT 0 AS base, {", ".join(["place", *levels, *sums, *tests])}
        FROM cube ANTI JOIN several USING (place, who)
        GROUP BY ALL
        """
    )


def _roll_up(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    columns: Columns,
    wanted: Sequence[Wanted],
    bases: Sequence[frozenset[str]],
    with_quantiles: Sequence[Wanted],
) -> None:
    """The table `rolled`: one row per period, breakdown and group with every part, test and quantile."""
    sizes = dict(con.execute("SELECT base, COUNT(*) FROM summed GROUP BY base").fetchall())
    sums = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    sums += [f"CAST(SUM({name}) AS BIGINT) AS {name}" for name in columns.tests.values()]
    rolls = []
    for by in _breakdowns(found, wanted):
        (_, base) = min(
            (sizes.get(number, 0), number) for number, own in enumerate(bases) if own.issuperset(by)
        )
        levels = [f"d_{name}" for name in by]
        source = f"(SELECT * FROM summed WHERE base = {base})"
        if subject.row == "piece":
            source = f"({source} UNION ALL BY NAME {_counted_anew(columns, levels)})"
        rolls.append(
            f"SELECT '{label(by)}' AS breakdown, {', '.join(['place', *levels, *sums])} FROM {source} GROUP BY ALL"
        )
        levels = [f"d_{name}" for name in found.dimensions if any(name in base for base in bases)]
    joined = ""
    if with_quantiles:
        several = dict.fromkeys(item.by for item in with_quantiles)
        own = [f"d_{name}" for name in found.dimensions if any(name in by for by in several)]
        alike = " AND ".join(
            f"summed_up.{name} IS NOT DISTINCT FROM quantile.{name}" for name in ["breakdown", "place", *own]
        )
        quantiles = ALSO.join(quantiles_sql(columns, by) for by in several)
        joined = f"LEFT JOIN ({quantiles}) AS quantile ON {alike}"
    told = [
        *columns.parts.values(),
        *columns.tests.values(),
        *(columns.quantiles.values() if with_quantiles else ()),
    ]
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE rolled AS
        SELECT summed_up.breakdown, period, period_end, {", ".join([*(f"summed_up.{name}" for name in levels), *told])}
        FROM ({ALSO.join(rolls)}) AS summed_up
        INNER JOIN period_of USING (place)
        {joined}
        """
    )


def _counted_anew(columns: Columns, levels: Sequence[str]) -> str:
    """Persons who stand in several groups, by one breakdown."""
    sums = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    tests = [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
    return f"""
        SELECT {", ".join(["place", *levels, *sums, *tests])}
        FROM (SELECT {", ".join(["place", "who", *levels, *sums])} FROM several GROUP BY ALL)
        GROUP BY ALL
    """
