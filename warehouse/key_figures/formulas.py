"""Formulas of key figures: the SQL aggregates of a catalogue entry, parsed and taken apart.

Belongs here: what a formula may say, and turning `sum(x) filter (where y)` into the value one row contributes.
Does not belong here: the catalogue's other fields (catalogue.py) and running the SQL (pipelines/measures).

A formula is arithmetic over parts; a part is one aggregate, perhaps filtered. `count(*)` and `sum(column)` add up: a breakdown's
cells are sums of finer cells, never computed twice. `median(column)` and `quantile_cont(column, fraction)` do not: they are
computed on the rows, once for every breakdown.
"""

from __future__ import annotations

import difflib
import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import sqlglot
from sqlglot import expressions as exp

DIALECT = "duckdb"
OTHER_ENGINES = ("postgres", "snowflake")
"""A formula must be sayable in these as well: the catalogue outlives the engine."""

PROVIDED = frozenset({"age", "period_end"})
"""Names that the engine provides beside the subject's columns: full years of age at, and the date of, the period's end."""

MEDIAN = 0.5
HOLE = "part_of_formula"


class FormulaError(ValueError):
    """A formula that the engine cannot use; the message says what is wrong with it."""


@dataclass(frozen=True)
class Part:
    """One aggregate.

    One row contributes `value` where all `conditions` hold. `is_count` tells that the value is 1; `quantile` is the fraction of a
    quantile, None for what adds up.
    """

    value: str
    conditions: tuple[str, ...]
    is_count: bool
    quantile: float | None = None

    @property
    def row(self) -> str:
        """The SQL of what one row contributes."""
        if not self.conditions:
            return self.value
        # A condition that is unknown for a row does not hold for it. What a median leaves out is empty, not 0.
        default = "ELSE 0 " if self.quantile is None else ""
        stated = [_said(one) for one in self.conditions]
        whole = " AND ".join(f"({sql})" if several and len(stated) > 1 else sql for sql, several in stated)
        return f"CASE WHEN {whole} THEN {self.value} {default}END"

    def within(self, population: str) -> Part:
        """The same of a population only."""
        return replace(self, conditions=(population, *self.conditions))


@dataclass(frozen=True)
class Formula:
    """A parsed formula: its parts in order of appearance, the SQL around them, and the subject columns it needs."""

    text: str
    parts: tuple[Part, ...]
    columns: frozenset[str]
    _around: tuple[str, ...]

    def sql(self, name_of: Callable[[Part], str]) -> str:
        """The formula as SQL over columns that already hold the parts' aggregates.

        Args:
            name_of: gives the column of a part, or any SQL in its place.
        """
        named = [name_of(part) for part in self.parts]
        return self._around[0] + "".join(
            name + after for name, after in zip(named, self._around[1:], strict=True)
        )


def parse(text: str, columns: Collection[str], population: str | None = None) -> Formula:
    """Read one formula; the same text is read once.

    Args:
        text: SQL, for example `count(*) filter (where is_full_time)`.
        columns: the columns of the subject.
        population: a condition that every counted row must meet as well.

    Raises:
        FormulaError: not SQL, an unknown column, an aggregate that is not known, a column outside an aggregate,
            a division that does not say what happens at zero, or words that only one engine speaks.
    """
    formula = _read(text, frozenset(columns))
    if population is None:
        return formula
    return replace(
        formula,
        parts=tuple(part.within(population) for part in formula.parts),
        columns=formula.columns | (_columns(population, frozenset(columns)) - PROVIDED),
    )


@functools.cache
def _read(text: str, columns: frozenset[str]) -> Formula:
    tree = _parse(text)
    named = _columns(text, columns)
    for division in tree.find_all(exp.Div):
        if not isinstance(division.expression, exp.Nullif | exp.Literal):
            raise FormulaError(f"a division must say what happens at zero: write / nullif(…, 0) in: {text}")
    _check_other_engines(tree, text)
    # A population may leave an unknown age open; what a figure itself says of age needs it.
    aged = {"birth_month"} if "age" in named else set[str]()
    parts: list[Part] = []

    def take(node: exp.Expression) -> exp.Expression:
        if _is_part(node):
            parts.append(_part(node, text))
            return exp.column(HOLE)
        return node

    outside = tree.transform(take, copy=False)
    loose = [column.name for column in outside.find_all(exp.Column) if column.name != HOLE]
    if loose or outside.find(exp.AggFunc):
        raise FormulaError(
            "only count(*) and sum(…) add up, median(…) and quantile_cont(…, fraction) are computed on rows, and every column "
            f"must stand inside one of them: {text}"
        )
    return Formula(
        text=text,
        parts=tuple(parts),
        columns=(named | aged) - PROVIDED,
        _around=tuple(outside.sql(dialect=DIALECT).split(HOLE)),
    )


@functools.cache
def _columns(text: str, columns: frozenset[str]) -> frozenset[str]:
    """The columns that a formula or condition names."""
    named = frozenset(column.name for column in _parse(text).find_all(exp.Column))
    unknown = sorted(named - columns - PROVIDED)
    if unknown:
        near = difflib.get_close_matches(unknown[0], columns, 1)
        meant = f" (is {near[0]} meant?)" if near else ""
        raise FormulaError(f"unknown column {', '.join(unknown)}{meant} in: {text}")
    return named


def _parse(text: str) -> exp.Expression:
    try:
        return exp.maybe_parse(text, dialect=DIALECT)
    except sqlglot.errors.ParseError as error:
        raise FormulaError(f"is not SQL: {text}") from error


@functools.cache
def _said(condition: str) -> tuple[str, bool]:
    """A condition in the engine's words, and whether it is several."""
    tree = _parse(condition)
    return tree.sql(dialect=DIALECT), isinstance(tree, exp.And | exp.Or)


def _check_other_engines(tree: exp.Expression, text: str) -> None:
    unknown = next(tree.find_all(exp.Anonymous), None)
    if unknown is not None:
        raise FormulaError(f"the function {unknown.name} is not one that other engines speak: {text}")
    for dialect in OTHER_ENGINES:
        try:
            tree.sql(dialect=dialect, unsupported_level=sqlglot.ErrorLevel.RAISE)
        except sqlglot.errors.UnsupportedError as error:
            raise FormulaError(f"cannot be said in {dialect}: {text}") from error


def _is_part(node: exp.Expression) -> bool:
    if isinstance(node, exp.Filter):
        return True
    return isinstance(node, exp.Sum | exp.Count | exp.Median | exp.PercentileCont) and not isinstance(
        node.parent, exp.Filter
    )


def _part(node: exp.Expression, text: str) -> Part:
    aggregate, conditions = node, list[str]()
    if isinstance(node, exp.Filter):
        aggregate, conditions = node.this, [node.expression.this.sql(dialect=DIALECT)]
    quantile = None
    if isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
        value: exp.Expression = exp.Literal.number(1)
    elif isinstance(aggregate, exp.Sum) and not isinstance(aggregate.this, exp.Distinct):
        value = aggregate.this
    elif isinstance(aggregate, exp.Median | exp.PercentileCont):
        value = aggregate.this
        quantile = float(aggregate.expression.name) if isinstance(aggregate, exp.PercentileCont) else MEDIAN
    else:
        raise FormulaError(f"only count(*) and sum(…) add up: {text}")
    return Part(value.sql(dialect=DIALECT), tuple(conditions), isinstance(aggregate, exp.Count), quantile)
