"""The cube: one scan of a subject's table into additive cells, from which every breakdown of every figure rolls up.

Belongs here: the scan, the roll-ups, and the statements that make cells of them.
Does not belong here: which periods to compute (compute.py), a figure as SQL (compiled.py), hiding (pipelines/disclosure).

The cube is not one grid of all dimensions: that would have nearly as many groups as there are persons. It is a few bases, each
over dimensions that breakdowns combine, made in the same scan. Parts that several figures share are summed once. Where a row
is a person, counts of persons are sums like any other. Where it is a piece of one (hours over a year), one person has many rows,
so the cube keeps a row per person and each breakdown counts the persons anew: distinct persons do not add up. Quantiles do not
add up either: they are computed on the rows, once a breakdown.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import duckdb

from pipelines.measures.asked import UNKNOWN, Wanted, dimensions_of, levels_of, periods_of, rows_of, stated
from pipelines.measures.compiled import Columns, Compiled, compile_figure
from pipelines.measures.composition import METHODS
from pipelines.measures.on_rows import QUARTER, add_quantiles, adjusted_gaps, keep_rows, quartiles
from warehouse.key_figures.catalogue import Catalogue, Subject

MOST_GROUPS = 1000
SOME_LEVELS = 30
"""How many groups a base may be expected to have, and how many levels a dimension whose levels the data tell is taken to have."""


@dataclass
class _Rolled:
    """What has been summed, so that a coarser roll-up is made of the smallest finer one: relation → dimensions, rows."""

    tables: dict[str, tuple[frozenset[str], int]] = field(default_factory=dict)

    def source(self, by: Iterable[str]) -> str:
        fitting = [
            (rows, name) for name, (dimensions, rows) in self.tables.items() if dimensions.issuperset(by)
        ]
        return min(fitting)[1]


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
    figures = {item.figure.id: item.figure for item in wanted}
    compiled = {
        name: compile_figure(found, figure, subject, columns)
        for name, figure in figures.items()
        if figure.method not in {"quartiles", "adjusted_gap"}
    }
    dimensions = dimensions_of(found, wanted)
    rolled = _Rolled(_scan(con, found, subject, columns, dimensions, _bases(found, subject, wanted)))
    keep_rows(con, found, subject, columns, [item for item in wanted if _on_rows(item, compiled)])
    made = 0
    breakdowns = sorted(dict.fromkeys(item.by for item in wanted), key=len, reverse=True)
    for place, by in enumerate(breakdowns):
        here = [item for item in wanted if item.by == by]
        table = _roll_up(con, subject, columns, by, rolled, f"rolled_{place}")
        selects = [
            _method(found, compiled[item.figure.id], item, rolled)
            if item.figure.method
            else _cells(compiled[item.figure.id], item, subject, table)
            for item in here
            if item.figure.id in compiled
        ]
        if any(item.figure.id in compiled and compiled[item.figure.id].has_quantiles for item in here):
            add_quantiles(con, columns, by, table)
        selects += [quartiles(item) for item in here if item.figure.method == "quartiles"]
        if selects:
            (count,) = con.execute(
                "INSERT INTO figures.cell BY NAME " + "\nUNION ALL BY NAME\n".join(selects)
            ).fetchone() or (0,)
            made += int(count)
        made += sum(adjusted_gaps(con, item) for item in here if item.figure.method == "adjusted_gap")
    for table in ("kept_row", "cube", *(f"rolled_{place}" for place in range(len(breakdowns)))):
        con.execute(f"DROP TABLE IF EXISTS {table}")
    return made


def _on_rows(item: Wanted, compiled: dict[str, Compiled]) -> bool:
    own = compiled.get(item.figure.id)
    return own.has_quantiles if own else True


def _bases(found: Catalogue, subject: Subject, wanted: Sequence[Wanted]) -> list[frozenset[str]]:
    """The sets of dimensions that the scan sums by: each breakdown lies within one of a few hundred groups."""
    needed = {frozenset(item.by) - {QUARTER} for item in wanted}
    needed |= {
        frozenset((item.figure.over, "sex")) for item in wanted if item.figure.method and item.figure.over
    }
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


def _groups(found: Catalogue, dimensions: Iterable[str]) -> int:
    return math.prod((len(found.dimensions[name].levels) or SOME_LEVELS) + 1 for name in dimensions)


def _scan(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    columns: Columns,
    dimensions: Sequence[str],
    bases: Sequence[frozenset[str]],
) -> dict[str, tuple[frozenset[str], int]]:
    """Sum every part by every base in one scan.

    Returns:
        The relations: SQL → the base's dimensions, rows.
    """
    sums = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    values = [f"{part.row} AS {name}" for part, name in columns.parts.items()]
    if subject.row_is_person:
        sums += [f"COUNT(*) FILTER (WHERE {name}) AS {name}" for name in columns.tests.values()]
        values += [f"{test} AS {name}" for test, name in columns.tests.items()]
    who = ["who"] if subject.row == "piece" else []
    values += [f"{subject.person} AS who"] if who else []
    keys = ["period", "period_end", *who]
    levels = [f"d_{name}" for name in dimensions]
    sets = [[*keys, *(f"d_{name}" for name in dimensions if name in base)] for base in bases]
    number = f"GROUPING({', '.join(levels)})" if levels else "0"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE cube AS
        SELECT {", ".join([*keys, *levels, *sums])}, {number} AS base
        FROM (SELECT {", ".join(["period", "period_end", *values, *levels_of(found, dimensions)])} FROM {rows_of(subject)})
        GROUP BY GROUPING SETS ({", ".join(f"({', '.join(one)})" for one in sets)})
        """
    )
    sizes = dict(con.execute("SELECT base, COUNT(*) FROM cube GROUP BY base").fetchall())
    numbers = {
        base: sum(
            2 ** (len(dimensions) - 1 - place) for place, name in enumerate(dimensions) if name not in base
        )
        for base in bases
    }
    return {
        f"(SELECT * FROM cube WHERE base = {numbers[base]})": (base, sizes.get(numbers[base], 0))
        for base in bases
    }


def _roll_up(
    con: duckdb.DuckDBPyConnection,
    subject: Subject,
    columns: Columns,
    by: Sequence[str],
    rolled: _Rolled,
    table: str,
) -> str:
    by = [name for name in by if name != QUARTER]
    levels = [f"d_{name}" for name in by]
    parts = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    if subject.row == "piece":
        tests = [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
        keys = ", ".join(["period", "period_end", "who", *levels])
        source = f"(SELECT {', '.join([keys, *parts])} FROM {rolled.source(by)} GROUP BY ALL)"
    else:
        tests = [f"SUM({name}) AS {name}" for name in columns.tests.values()]
        source = rolled.source(by)
    (rows,) = con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        SELECT {", ".join(["period", "period_end", *levels, *parts, *tests])} FROM {source} GROUP BY ALL
        """
    ).fetchone() or (0,)
    if subject.row != "piece":
        rolled.tables[table] = (frozenset(by), int(rows))
    return table


def _cells(compiled: Compiled, item: Wanted, subject: Subject, table: str) -> str:
    """One figure in one breakdown, from the roll-up."""
    figure = compiled.figure
    denominator = compiled.denominator
    n, tested = compiled.n, compiled.tested
    if figure.across and denominator is not None:
        others = ", ".join(["period", *(f"d_{name}" for name in item.by if name != figure.across)])
        whole = f"SUM({denominator}) OVER (PARTITION BY {others})"
        part_n, all_n = tested[0], f"SUM({tested[0]}) OVER (PARTITION BY {others})"
        denominator, n, tested = whole, all_n, (all_n, part_n, f"{all_n} - {part_n}")
    low, high = compiled.interval()
    # A distribution's groups exist where its denominator does; any other cell where somebody is in it.
    exists = f"QUALIFY {n} > 0" if figure.across else "" if subject.row == "count" else f"AND {n} > 0"
    if figure.value == "index":
        # A round of another kind does not ask the items at all: that is no cell, not a missing one.
        exists += f" AND ({compiled.numerator}) IS NOT NULL"
    if subject.row == "count" and subject.period:
        # Nor is a year in which nothing was published.
        exists += f" AND ({denominator}) > 0"
    levels = [f"d_{name} AS {name}" for name in item.by]
    return f"""
        SELECT {stated(figure, item)}, {", ".join(["period", "period_end", *levels])},
            CAST({compiled.numerator} AS DOUBLE) AS numerator,
            CAST({denominator or "NULL"} AS DOUBLE) AS denominator,
            CAST({compiled.value(denominator)} AS DOUBLE) AS value,
            CAST({low} AS DOUBLE) AS low,
            CAST({high} AS DOUBLE) AS high,
            CAST({n} AS BIGINT) AS n,
            CAST([{", ".join(tested)}] AS BIGINT[]) AS tested
        FROM {table}
        WHERE {periods_of(item)}
        {exists}
    """


def _method(found: Catalogue, compiled: Compiled, item: Wanted, rolled: _Rolled) -> str:
    """One figure that a method makes of women, men and persons by group."""
    figure = compiled.figure
    persons = compiled.numerator
    over = found.dimensions[figure.over or ""]
    return f"""
        (WITH grouped AS (
            SELECT
                period,
                period_end,
                SUM({persons}) FILTER (WHERE d_sex = 'K') AS known_women,
                SUM({persons}) FILTER (WHERE d_sex = 'M') AS known_men,
                CAST(COALESCE(known_women, 0) AS DOUBLE) AS women,
                CAST(COALESCE(known_men, 0) AS DOUBLE) AS men,
                SUM({persons}) AS persons
            FROM {rolled.source((over.id, "sex"))}
            WHERE {periods_of(item)} AND d_{figure.over} <> '{UNKNOWN}'
            GROUP BY period, period_end
                , d_{figure.over}
            HAVING SUM({persons}) > 0
        )
        SELECT {stated(figure, item)}, period, period_end, made.numerator, made.denominator, made.value,
            CAST(made.n AS BIGINT) AS n, CAST([made.n] AS BIGINT[]) AS tested
        FROM (
            SELECT period, period_end, {METHODS[figure.method or ""].format(levels=len(over.levels))}
            GROUP BY period, period_end
        ) AS made)
    """
