"""The cube: one scan of a subject's table into additive cells, from which every breakdown of every figure rolls up.

Belongs here: compiling figures to SQL, and the roll-up.
Does not belong here: which periods to compute (compute.py), thresholds for hiding (pipelines/disclosure).

Parts that several figures share are summed once. Where a row is a person, counts of persons are sums like any other. Where it
is not (hours over a year), one person has many rows, so the cube keeps a row per person and each breakdown counts the
persons anew: distinct persons do not add up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import duckdb

from pipelines.measures.composition import METHODS
from warehouse.key_figures.catalogue import Catalogue, Figure, Subject
from warehouse.key_figures.formulas import Formula, Part

UNKNOWN = "?"
"""The level of rows whose dimension is not known."""


@dataclass
class _Columns:
    """The cube's columns: what a row contributes, and the tests of persons, each once whoever asks for it."""

    parts: dict[Part, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)

    def part(self, part: Part) -> str:
        return self.parts.setdefault(part, f"part_{len(self.parts)}")

    def test(self, predicate: str) -> str:
        return self.tests.setdefault(predicate, f"test_{len(self.tests)}")


@dataclass(frozen=True)
class _Compiled:
    """A figure as SQL over the columns of a roll-up."""

    figure: Figure
    numerator: str
    denominator: str | None
    n: str
    tested: tuple[str, ...]


@dataclass(frozen=True)
class Wanted:
    """A figure, the periods and breakdowns to make of it."""

    figure: Figure
    by: tuple[str, ...]
    periods: tuple[str, ...]


def make_cells(
    con: duckdb.DuckDBPyConnection, found: Catalogue, subject: Subject, wanted: Sequence[Wanted]
) -> int:
    """Compute cells of figures of one subject and insert them into `figures.cell`.

    Expects the temporary table `wanted_period` (period, period_end, first_month, last_month).

    Returns:
        The number of cells made.
    """
    columns = _Columns()
    figures = {item.figure.id: item.figure for item in wanted}
    compiled = {name: _compile(found, figure, subject, columns) for name, figure in figures.items()}
    dimensions = _dimensions(found, wanted)
    _scan(con, found, subject, columns, dimensions)
    made = 0
    for by in dict.fromkeys(item.by for item in wanted):
        _roll_up(con, subject, columns, by)
        selects = [
            _method(compiled[item.figure.id], item)
            if item.figure.method
            else _cells(found, compiled[item.figure.id], item)
            for item in wanted
            if item.by == by
        ]
        (count,) = con.execute(
            "INSERT INTO figures.cell BY NAME " + "\nUNION ALL BY NAME\n".join(selects)
        ).fetchone() or (0,)
        made += int(count)
    con.execute("DROP TABLE cube")
    con.execute("DROP TABLE rolled")
    return made


def _dimensions(found: Catalogue, wanted: Iterable[Wanted]) -> tuple[str, ...]:
    used = {name for item in wanted for name in item.by}
    for item in wanted:
        if item.figure.method and item.figure.over:
            used |= {item.figure.over, "sex"}
    return tuple(name for name in found.dimensions if name in used)


def _compile(found: Catalogue, figure: Figure, subject: Subject, columns: _Columns) -> _Compiled:
    numerator = found.formula(figure, figure.numerator)
    denominator = found.formula(figure, figure.denominator) if figure.denominator else None
    everybody = found.formula(figure, "count(*)")
    if figure.value == "share" and denominator is not None and not figure.tested:
        tested = [_persons(denominator, None, subject, columns)]
        if not figure.across:
            tested += [
                _persons(numerator, None, subject, columns),
                _persons(denominator, numerator, subject, columns),
            ]
        else:
            tested = [_persons(numerator, None, subject, columns)]
        n = tested[0]
    elif figure.tested:
        tested = [_persons(found.formula(figure, text), None, subject, columns) for text in figure.tested]
        n = _persons(everybody, None, subject, columns)
    else:
        tested = [_persons(numerator, None, subject, columns)]
        n = tested[0]
    return _Compiled(
        figure=figure,
        numerator=numerator.sql(columns.part),
        denominator=denominator.sql(columns.part) if denominator is not None else None,
        n=n,
        tested=tuple(tested),
    )


def _persons(whole: Formula, less: Formula | None, subject: Subject, columns: _Columns) -> str:
    """SQL for the number of persons who contribute to `whole`, or to what is left of it without `less`."""
    formulas = [formula for formula in (whole, less) if formula is not None]
    adds_up = subject.row_is_person and all(
        len(formula.parts) == 1 and formula.parts[0].is_count for formula in formulas
    )
    if adds_up:
        return " - ".join(formula.sql(columns.part) for formula in formulas)
    # Where a row is not a person, the test looks at the person's own sums, which the cube holds under the parts' names.
    name_of = (lambda part: f"({part.row})") if subject.row_is_person else columns.part
    for formula in formulas:
        for part in formula.parts:
            columns.part(part)
    sides = [_raw(formula, name_of) for formula in formulas]
    # Hours are sums of decimals: a difference that is only rounding is no person.
    return columns.test(f"ABS({' - '.join(sides)}) > 1e-9")


def _raw(formula: Formula, name_of: Callable[[Part], str]) -> str:
    sql = formula.sql(lambda part: f"placeholder_{formula.parts.index(part)}")
    for place, part in reversed(list(enumerate(formula.parts))):
        sql = sql.replace(f"placeholder_{place}", name_of(part))
    return f"({sql})"


def _scan(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    columns: _Columns,
    dimensions: Sequence[str],
) -> None:
    levels = [f"COALESCE({found.dimensions[name].sql}, '{UNKNOWN}') AS d_{name}" for name in dimensions]
    parts = [f"SUM({part.row}) AS {name}" for part, name in columns.parts.items()]
    tests = (
        [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
        if subject.row_is_person
        else []
    )
    who = [] if subject.row_is_person else ["person_key"]
    # The person's month of birth is enough: at the last day of a month everyone born in it has had the birthday.
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE cube AS
        SELECT {", ".join(["period", "period_end", *who, *levels, *parts, *tests])}
        FROM (
            SELECT
                wanted_period.period,
                wanted_period.period_end,
                DATE_DIFF('month', subject.birth_month, DATE_TRUNC('month', wanted_period.period_end)) // 12 AS age,
                subject.*
            FROM {subject.table} AS subject
            INNER JOIN wanted_period
                ON subject.month BETWEEN wanted_period.first_month AND wanted_period.last_month
        )
        GROUP BY ALL
        """
    )


def _roll_up(con: duckdb.DuckDBPyConnection, subject: Subject, columns: _Columns, by: Sequence[str]) -> None:
    levels = [f"d_{name} AS {name}" for name in by]
    parts = [f"SUM({name}) AS {name}" for name in columns.parts.values()]
    if subject.row_is_person:
        tests = [f"SUM({name}) AS {name}" for name in columns.tests.values()]
        source = "cube"
    else:
        tests = [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
        keys = ", ".join(["period", "period_end", "person_key", *(f"d_{name}" for name in by)])
        source = f"(SELECT {', '.join([keys, *parts])} FROM cube GROUP BY ALL)"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE rolled AS
        SELECT {", ".join(["period", "period_end", *levels, *parts, *tests])} FROM {source} GROUP BY ALL
        """
    )


def _cells(found: Catalogue, compiled: _Compiled, item: Wanted) -> str:
    """One figure in one breakdown, from the roll-up."""
    figure = compiled.figure
    denominator = compiled.denominator
    n, tested = compiled.n, compiled.tested
    if figure.across and denominator is not None:
        others = ", ".join(["period", *(name for name in item.by if name != figure.across)])
        whole = f"SUM({denominator}) OVER (PARTITION BY {others})"
        part_n, all_n = tested[0], f"SUM({tested[0]}) OVER (PARTITION BY {others})"
        denominator, n, tested = whole, all_n, (all_n, part_n, f"{all_n} - {part_n}")
    value = {
        "count": compiled.numerator,
        "share": f"100.0 * {compiled.numerator} / NULLIF({denominator}, 0)",
        "ratio": f"({compiled.numerator}) / NULLIF({denominator}, 0)",
    }[figure.value]
    # A distribution's groups exist where its denominator does; any other cell where somebody is in it.
    exists = f"QUALIFY {n} > 0" if figure.across else f"AND {n} > 0"
    return f"""
        SELECT {_stated(figure, item)}, {", ".join(["period", "period_end", *item.by])},
            CAST({compiled.numerator} AS DOUBLE) AS numerator,
            CAST({denominator or "NULL"} AS DOUBLE) AS denominator,
            CAST({value} AS DOUBLE) AS value,
            CAST({n} AS BIGINT) AS n,
            CAST([{", ".join(tested)}] AS BIGINT[]) AS tested
        FROM rolled
        WHERE {_periods(item)}
        {exists}
    """


def _method(compiled: _Compiled, item: Wanted) -> str:
    """One figure that a method makes of women, men and persons by group."""
    figure = compiled.figure
    persons = compiled.numerator
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
            FROM cube
            WHERE {_periods(item)} AND d_{figure.over} <> '{UNKNOWN}'
            GROUP BY period, period_end
                , d_{figure.over}
            HAVING SUM({persons}) > 0
        )
        SELECT {_stated(figure, item)}, period, period_end, made.numerator, made.denominator, made.value,
            CAST(made.n AS BIGINT) AS n, CAST([made.n] AS BIGINT[]) AS tested
        FROM (SELECT period, period_end, {METHODS[figure.method or ""]} GROUP BY period, period_end) AS made)
    """


def _stated(figure: Figure, item: Wanted) -> str:
    breakdown = ",".join(item.by) or "total"
    return f"'{figure.id}' AS figure, {figure.version} AS version, '{breakdown}' AS breakdown"


def _periods(item: Wanted) -> str:
    return f"period IN ({', '.join(repr(period) for period in item.periods)})"
