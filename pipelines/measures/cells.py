"""Cells: a figure in all its breakdowns, made of the roll-ups.

Belongs here: the statement that turns the roll-ups' columns into values, numbers of persons and what protection tests.
Does not belong here: the sums themselves (cube.py), methods on groups (composition.py), figures on rows (on_rows.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from pipelines.measures.asked import UNKNOWN, Wanted, label, one_of, stated
from pipelines.measures.compiled import Compiled
from pipelines.measures.composition import METHODS
from warehouse.key_figures.entries import Catalogue, Subject


def cells(compiled: Compiled, items: Iterable[Wanted], subject: Subject) -> Iterator[str]:
    """One figure in its breakdowns: a statement for all that have the same periods."""
    alike: dict[tuple[str, ...], list[Wanted]] = {}
    for item in items:
        alike.setdefault(item.periods, []).append(item)
    for periods, own in alike.items():
        yield _cells(compiled, [item.by for item in own], periods, subject)


def _cells(
    compiled: Compiled, breakdowns: Sequence[Sequence[str]], periods: Sequence[str], subject: Subject
) -> str:
    figure = compiled.figure
    dimensions = list(dict.fromkeys(name for by in breakdowns for name in by))
    denominator = compiled.denominator
    n, tested = compiled.n, compiled.tested
    if figure.across and denominator is not None:
        others = ", ".join(
            ["breakdown", "period", *(f"d_{name}" for name in dimensions if name != figure.across)]
        )
        whole = f"SUM({denominator}) OVER (PARTITION BY {others})"
        part_n, all_n = tested[0], f"SUM({tested[0]}) OVER (PARTITION BY {others})"
        denominator, n, tested = whole, all_n, (all_n, part_n, f"{all_n} - {part_n}")
    low, high = compiled.interval()
    # A distribution's groups exist where its denominator does; any other cell where somebody is in it.
    exists = "" if subject.row == "count" else f"AND {compiled.everybody} > 0"
    if figure.across:
        exists = f"QUALIFY {n} > 0"
    if figure.value == "index":
        # A round of another kind does not ask the items at all: that is no cell, not a missing one. A group of which one item is
        # lacking is a cell without a value: those in it are as few as they are.
        exists += f" QUALIFY BOOL_OR(({compiled.numerator}) IS NOT NULL) OVER (PARTITION BY period)"
    if subject.row == "count" and subject.period:
        # Nor is a year in which nothing was published.
        exists += f" AND ({denominator}) > 0"
    levels = [f"d_{name} AS {name}" for name in dimensions]
    return f"""
        SELECT {stated(figure)}, {", ".join(["breakdown", "period", "period_end", *levels])},
            CAST({compiled.numerator} AS DOUBLE) AS numerator,
            CAST({denominator or "NULL"} AS DOUBLE) AS denominator,
            CAST({compiled.value(denominator)} AS DOUBLE) AS value,
            CAST({low} AS DOUBLE) AS low,
            CAST({high} AS DOUBLE) AS high,
            CAST({n} AS BIGINT) AS n,
            CAST([{", ".join(tested)}] AS BIGINT[]) AS tested
        FROM rolled
        WHERE {one_of("breakdown", map(label, breakdowns))} AND {one_of("period", periods)}
        {exists}
    """


def by_method(found: Catalogue, compiled: Compiled, item: Wanted) -> str:
    """One figure that a method makes of women, men and persons by group."""
    figure = compiled.figure
    persons = compiled.numerator
    over = found.dimensions[figure.over or ""]
    return f"""
        (WITH every_group AS (
            SELECT
                period,
                period_end,
                SUM({persons}) FILTER (WHERE d_sex = 'K') AS known_women,
                SUM({persons}) FILTER (WHERE d_sex = 'M') AS known_men,
                CAST(COALESCE(known_women, 0) AS DOUBLE) AS women,
                CAST(COALESCE(known_men, 0) AS DOUBLE) AS men,
                SUM({persons}) AS persons,
                SUM(women + men) OVER (PARTITION BY period) AS counted,
                d_{over.id} AS code
            FROM rolled
            WHERE breakdown = '{label(spread(found, over.id))}' AND {one_of("period", item.periods)}
            GROUP BY period, period_end, d_{over.id}
            HAVING SUM({persons}) > 0
        ),
        grouped AS (SELECT * FROM every_group WHERE code <> '{UNKNOWN}')
        SELECT {stated(figure)}, '{label(item.by)}' AS breakdown, period, period_end,
            made.numerator, made.denominator, made.value,
            CAST(made.n AS BIGINT) AS n, CAST([made.n] AS BIGINT[]) AS tested
        FROM (
            SELECT period, period_end, {METHODS[figure.method or ""].format(levels=len(over.levels))}
            GROUP BY period, period_end
        ) AS made)
    """


def spread(found: Catalogue, over: str) -> tuple[str, ...]:
    """The breakdown that a method on women and men by group looks at, in the catalogue's order."""
    return tuple(name for name in found.dimensions if name in {over, "sex"})
