"""Compiling: a figure of the catalogue as SQL over the columns of a roll-up.

Belongs here: which sums, quantiles and tests of persons a figure needs, each once whoever asks for it, and its value.
Does not belong here: making those columns (cube.py), methods that are not a formula (composition.py, ranking.py, regression.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from warehouse.key_figures.entries import Catalogue, Figure, Subject
from warehouse.key_figures.formulas import Formula, Part

Z95 = 1.959964
"""Half the width of a 95 percent interval, in standard errors."""


@dataclass
class Columns:
    """The cube's columns: what a row contributes, quantiles of rows, and the tests of persons."""

    parts: dict[Part, str] = field(default_factory=dict)
    quantiles: dict[Part, str] = field(default_factory=dict)
    tests: dict[str, str] = field(default_factory=dict)

    def part(self, part: Part) -> str:
        """The column that holds a part's sum, or its quantile."""
        if part.quantile is None:
            return self.parts.setdefault(part, f"part_{len(self.parts)}")
        return self.quantiles.setdefault(part, f"quantile_{len(self.quantiles)}")

    def test(self, predicate: str) -> str:
        """The column that holds the number of persons for whom a predicate holds."""
        return self.tests.setdefault(predicate, f"test_{len(self.tests)}")


@dataclass(frozen=True)
class Compiled:
    """A figure as SQL over the columns of a roll-up."""

    figure: Figure
    numerator: str
    denominator: str | None
    errors: tuple[str, ...]
    everybody: str
    n: str
    tested: tuple[str, ...]
    has_quantiles: bool

    def value(self, denominator: str | None) -> str:
        """The figure's value."""
        own = f"({self.numerator})"
        whole = f"({denominator})"
        return {
            "count": own,
            "index": own,
            "share": f"100.0 * {own} / NULLIF({whole}, 0)",
            "ratio": f"{own} / NULLIF({whole}, 0)",
            "difference": f"{own} - {whole}",
            "gap": f"100.0 * ({whole} - {own}) / NULLIF({whole}, 0)",
        }[self.figure.value]

    def interval(self) -> tuple[str, str]:
        """The ends of the 95 percent interval where the entry states standard errors; else empty.

        The errors of a quotient are relative ones, added on the logarithm, where a quotient of estimates is nearly normal.
        """
        if not self.errors:
            return "NULL", "NULL"
        own, whole = f"({self.numerator})", f"({self.denominator})"
        first, second = (f"({error})" for error in self.errors)
        if self.figure.value == "difference":
            half = f"{Z95} * SQRT({first} * {first} + {second} * {second})"
            return f"{own} - {whole} - {half}", f"{own} - {whole} + {half}"
        quotient = f"{own} / NULLIF({whole}, 0)"
        relative = f"SQRT(POW({first} / NULLIF({own}, 0), 2) + POW({second} / NULLIF({whole}, 0), 2))"
        low, high = (
            f"{quotient} * EXP(-{Z95} * {relative})",
            f"{quotient} * EXP({Z95} * {relative})",
        )
        if self.figure.value == "share":
            return f"100.0 * {low}", f"100.0 * {high}"
        if self.figure.value == "gap":
            return f"100.0 * (1 - {high})", f"100.0 * (1 - {low})"
        return low, high


def compile_figure(found: Catalogue, figure: Figure, subject: Subject, columns: Columns) -> Compiled:
    """A figure as SQL; asks `columns` for what it needs."""
    numerator = found.formula(figure, figure.numerator)
    denominator = found.formula(figure, figure.denominator) if figure.denominator else None
    errors = [found.formula(figure, text) for text in figure.errors]
    tested, everybody = _tested(found, figure, numerator, denominator, subject, columns)
    formulas = [numerator, *([denominator] if denominator else []), *errors]
    return Compiled(
        figure=figure,
        numerator=numerator.sql(columns.part),
        denominator=denominator.sql(columns.part) if denominator is not None else None,
        errors=tuple(error.sql(columns.part) for error in errors),
        everybody=everybody,
        # An index is a mean of those who answered, each item by itself.
        n=f"LEAST({', '.join(tested)})" if figure.value == "index" and tested else everybody,
        tested=tuple(tested),
        has_quantiles=any(part.quantile is not None for formula in formulas for part in formula.parts),
    )


def _tested(
    found: Catalogue,
    figure: Figure,
    numerator: Formula,
    denominator: Formula | None,
    subject: Subject,
    columns: Columns,
) -> tuple[list[str], str]:
    """The numbers of persons that protection looks at, and that of everybody whom the figure is about."""

    def persons(whole: Formula, less: Formula | None = None) -> str:
        return _persons(whole, less, subject, columns)

    if figure.tested:
        tested = [persons(found.formula(figure, text)) for text in figure.tested]
        n = tested[0] if subject.row == "count" else persons(found.formula(figure, "count(*)"))
        return tested, n
    if subject.row == "count":
        # Nothing said of persons: milestones of the organisation's own plans.
        return [], "NULL"
    if figure.value == "share" and denominator is not None:
        if figure.across:
            tested = [persons(numerator)]
        else:
            tested = [persons(denominator), persons(numerator), persons(denominator, numerator)]
        return tested, tested[0]
    tested = [persons(numerator)]
    return tested, tested[0]


def _persons(whole: Formula, less: Formula | None, subject: Subject, columns: Columns) -> str:
    """SQL for the number of persons who contribute to `whole`, or to what is left of it without `less`."""
    formulas = [formula for formula in (whole, less) if formula is not None]
    adds_up = subject.row == "count" or (
        subject.row_is_person
        and all(len(formula.parts) == 1 and formula.parts[0].is_count for formula in formulas)
    )
    if adds_up:
        return " - ".join(formula.sql(columns.part) for formula in formulas)
    # Where a row is not a person, the test looks at the person's own sums, which the cube holds under the parts' names.
    name_of = (lambda part: f"({part.row})") if subject.row_is_person else columns.part
    for formula in formulas:
        for part in formula.parts:
            columns.part(part)
    sides = [f"({formula.sql(name_of)})" for formula in formulas]
    # Hours are sums of decimals: a difference that is only rounding is no person.
    return columns.test(f"ABS({' - '.join(sides)}) > 1e-9")
