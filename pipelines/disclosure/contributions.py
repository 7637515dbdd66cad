"""Contributions: which persons stand behind every number of every cell, and what each of them adds to it.

Belongs here: reading them from the core tables, in the terms of the catalogue's formulas. Restricted: it holds persons.
Does not belong here: what may be told (primary.py, elimination.py), and keeping contributions for later dates (ledger.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb
import polars as pl

from pipelines.measures.asked import UNKNOWN, rows_of
from warehouse.key_figures.entries import Catalogue, Figure, Subject
from warehouse.key_figures.formulas import Formula, Part

ROUNDING = 1e-9
"""Hours are sums of decimals: a difference that is only rounding is no person."""

BETWEEN = "\x1f"
"""Stands between the codes of a group's levels."""


def level_of(dimension: str) -> str:
    """The column that holds a dimension's code."""
    return f"d_{dimension}"


def name_of(part: Part) -> str:
    """The column that holds a part, the same as long as the part is the same."""
    return "p_" + hashlib.sha256(part.row.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Test:
    """A number of persons that a figure tells of: those with something in `whole` that is not in `less`."""

    whole: Formula
    less: Formula | None = None

    @property
    def formulas(self) -> tuple[Formula, ...]:
        """Both formulas."""
        return (self.whole, self.less) if self.less is not None else (self.whole,)

    @property
    def parts(self) -> list[Part]:
        """The parts that it looks at."""
        return [part for formula in self.formulas for part in formula.parts]

    def sql(self) -> str:
        """SQL over the columns of parts: whether a person counts. What a quantile is taken of counts where there is any."""
        sides = " - ".join(f"({formula.sql(name_of)})" for formula in self.formulas)
        return f"COALESCE(ABS({sides}) > {ROUNDING}, FALSE)"


@dataclass(frozen=True)
class Told:
    """What a figure tells of a group: tests of persons, the first of them everybody in it, and the parts of its numbers."""

    figure: Figure
    tests: tuple[Test, ...]
    parts: tuple[Part, ...]
    mark: str = ""
    is_by_person: bool = True

    @property
    def sums(self) -> tuple[Part, ...]:
        """The parts that are sums of something else than persons: hours, or rows of which a person may have several."""
        return tuple(
            part for part in self.parts if part.quantile is None and not (part.is_count and self.is_by_person)
        )

    @property
    def counts(self) -> tuple[Part, ...]:
        """The parts that are numbers of persons."""
        return tuple(part for part in self.parts if part.is_count and self.is_by_person)

    @property
    def n(self) -> range:
        """The tests of which the smallest number is told as n: everybody, or those who answered an index's items."""
        return range(1, len(self.tests)) if self.figure.value == "index" and self.figure.tested else range(1)

    def test(self, place: int) -> str:
        """The column that holds a test."""
        return f"t_{self.figure.id}{self.mark}_{place}"


def told(found: Catalogue, figure: Figure, mark: str = "") -> Told:
    """What a figure tells, from its entry in the catalogue.

    Args:
        found: the catalogue.
        figure: the figure.
        mark: sets the columns apart from those of the same figure in another catalogue.
    """
    numerator = found.formula(figure, figure.numerator)
    denominator = found.formula(figure, figure.denominator) if figure.denominator else None
    if figure.tested:
        everybody = Test(found.formula(figure, "count(*)"))
        tests = [everybody, *(Test(found.formula(figure, text)) for text in figure.tested)]
    elif figure.value == "share" and denominator is not None and not figure.across:
        tests = [Test(denominator), Test(numerator), Test(denominator, numerator)]
    else:
        tests = [Test(numerator)]
    formulas = [numerator, *([denominator] if denominator is not None else [])]
    parts = dict.fromkeys(part for formula in formulas for part in formula.parts)
    return Told(figure, tuple(tests), tuple(parts), mark, found.subjects[figure.subject].row_is_person)


@dataclass(frozen=True)
class Source:
    """Figures of one subject over periods of one kind: where contributions come from."""

    name: str
    subject: Subject
    plain: tuple[Told, ...]
    known: tuple[Told, ...]
    dimensions: tuple[str, ...]

    @property
    def figures(self) -> tuple[Told, ...]:
        """The figures as stated, and as they are where the few of unknown sex are left out."""
        return (*self.plain, *self.known)

    @property
    def parts(self) -> dict[str, Part]:
        """Every part that a figure or a test looks at, by its column."""
        found = [part for one in self.figures for part in one.parts]
        found += [part for one in self.figures for test in one.tests for part in test.parts]
        return {name_of(part): part for part in found}

    def variants(self, figure: str) -> list[Told]:
        """What one of the figures tells, with everybody and with those of known sex only."""
        return [one for one in self.figures if one.figure.id == figure]

    @property
    def levels(self) -> list[str]:
        """The columns of the dimensions."""
        return [level_of(name) for name in self.dimensions]


def read(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    source: Source,
    months: Mapping[str, tuple[date, Sequence[date]]],
    salt: str,
) -> pl.DataFrame:
    """Read the pieces of some periods of one source.

    Args:
        con: the warehouse.
        found: the catalogue.
        source: subject and figures.
        months: for each period its last day, and the months it is made of.
        salt: makes the persons' tokens the ledger's own.

    Returns:
        Pieces: `period`, `who` (a token), one column `d_…` per dimension and one `p_…` per part. Where a row of the subject is a
        person there is one piece per person, else one per person and finest group.
    """
    wanted = pl.DataFrame(
        [(period, end, month) for period, (end, own) in months.items() for month in own],
        schema={"period": pl.String, "period_end": pl.Date, "month": pl.Date},
        orient="row",
    )
    subject = source.subject
    levels = [
        f"COALESCE({found.dimensions[name].sql}, '{UNKNOWN}') AS {level_of(name)}"
        for name in source.dimensions
    ]
    is_person = subject.row == "person"
    parts = [
        f"CAST({part.row if is_person else f'SUM({part.row})'} AS DOUBLE) AS {name}"
        for name, part in source.parts.items()
    ]
    who = f"LEFT(SHA256('{salt}' || {subject.person}), 16) AS who"
    con.register("gate_months", wanted)
    con.execute("CREATE OR REPLACE TEMP TABLE wanted_month AS SELECT * FROM gate_months")
    con.unregister("gate_months")
    pieces = con.sql(
        f"SELECT {', '.join(['period', who, *levels, *parts])} FROM {rows_of(subject)} {'' if is_person else 'GROUP BY ALL'}"
    ).pl()
    con.execute("DROP TABLE wanted_month")
    return pieces


def roll_up(
    con: duckdb.DuckDBPyConnection, source: Source, pieces: pl.DataFrame, by: Iterable[str]
) -> pl.DataFrame:
    """What each person adds to each group of a breakdown.

    Returns:
        One row per period, person and group: `period`, `who`, `group` (the levels' codes), the parts summed, and
        `t_…` for every test.
    """
    tests = [
        f"{test.sql()} AS {one.test(place)}" for one in source.figures for place, test in enumerate(one.tests)
    ]
    parts = list(source.parts)
    rows = pieces.select("period", "who", group_of(by), *parts)
    con.register("gate_rows", rows)
    summed = (
        "gate_rows"
        if source.subject.row == "person"
        else f'(SELECT period, who, "group", {", ".join(f"SUM({name}) AS {name}" for name in parts)} FROM gate_rows GROUP BY ALL)'
    )
    rolled = con.sql(f'SELECT period, who, "group", {", ".join([*parts, *tests])} FROM {summed}').pl()
    con.unregister("gate_rows")
    return rolled


def group_of(by: Iterable[str], column: Callable[[str], str] = level_of) -> pl.Expr:
    """A group as one text: the codes of its levels; `column` tells where a dimension's code stands."""
    names = [pl.col(column(name)) for name in by]
    return (pl.concat_str(names, separator=BETWEEN) if names else pl.lit("")).alias("group")
