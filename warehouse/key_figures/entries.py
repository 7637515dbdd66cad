"""Entries of the catalogue: the shape of everything that its YAML files state.

Belongs here: the fields of a figure, a subject, a dimension and the rest, with what each means; and all of them together.
Does not belong here: reading the files and checking that entries hang together (catalogue.py), definitions themselves (YAML).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.key_figures.formulas import Formula, parse

Period = Literal["month", "november", "rolling", "year", "round"]
Protection = Literal[
    "membership", "workforce", "pay", "health", "survey", "plan", "office", "municipality", "none"
]
Value = Literal["count", "share", "ratio", "difference", "gap", "index"]
Method = Literal[
    "balanced_groups", "duncan", "theil", "shannon", "quartiles", "adjusted_gap", "equality_index"
]

METHOD_NEEDS: Mapping[str, tuple[str, ...]] = {
    "balanced_groups": ("sex",),
    "duncan": ("sex",),
    "theil": ("sex",),
    "shannon": (),
    "quartiles": ("sex", "fte_pay"),
    "adjusted_gap": (
        "sex",
        "fte_pay",
        "work_value_level",
        "occupation_group",
        "birth_month",
        "hire_date",
        "responsibility_code",
    ),
    "equality_index": (),
}
"""The methods that a figure may name, and the subject's columns that each looks at beside those of the formulas."""


class Entry(BaseModel):
    """Anything stated in the catalogue: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Entry):
    """One text in both languages."""

    sv: str = Field(min_length=1)
    en: str = Field(min_length=1)


class Level(Entry):
    """One value of a dimension."""

    code: str
    sv: str
    en: str


class Dimension(Entry):
    """What cells can be broken down by. `sql` gives a row's code; without it a method makes the dimension.

    Without `levels` the labels come from the data.
    """

    id: str
    name: Text
    sql: str | None = None
    parent: str | None = None
    levels: tuple[Level, ...] = ()


class Subject(Entry):
    """A core table. `columns` tells, for each of its columns, which column of a delivery it needs.

    A row is a `person` (rows count persons), a `piece` of one (persons are counted anew in every breakdown, by the column
    `person`), or a `count` of many (the sums tell persons). `needs` are delivered columns without which no row means anything.
    With `at_end`, the rows of a period's last month tell all of it; `looks_back` are months before it that must be delivered.
    `period` is the column that names a row's period, where that is not its month.
    """

    table: str
    contracts: tuple[str, ...]
    row: Literal["person", "piece", "count"]
    person: str = "person_key"
    needs: tuple[str, ...] = ()
    at_end: bool = False
    period: str | None = None
    looks_back: int = 0
    columns: Mapping[str, str]

    @property
    def row_is_person(self) -> bool:
        """Whether a count of rows is a count of persons."""
        return self.row == "person"


class Population(Entry):
    """Whom a figure is about."""

    where: str
    name: Text


class Unit(Entry):
    """What a value is counted in, how many decimals are shown, and whether a sentence says it after the number."""

    decimals: int
    is_said: bool = True
    sv: str
    en: str


class Theme(Entry):
    """A group of figures."""

    id: str
    name: Text


class Target(Entry):
    """Where the municipality wants to be, and from where it set out."""

    value: float
    date: dt.date
    baseline: float | None = None
    baseline_date: dt.date | None = None


class Meaning(Entry):
    """What a value on either side of a figure's even point says, as a sentence."""

    even: float
    above: Text
    below: Text


class Reference(Entry):
    """A published definition that the figure follows.

    `numerator` is the figure of Kolada that publishes its numerator; `levels` tells which cells of a breakdown Kolada publishes
    (level → id).
    """

    kolada: str | None = None
    numerator: str | None = None
    levels: Mapping[str, str] = Field(default_factory=dict)
    text: str | None = None


class Figure(Entry):
    """One key figure, as declared.

    `value` says how the value follows from numerator and denominator: `count` and `index` are the numerator itself, `share`
    percent, `ratio` their quotient, `difference` numerator - denominator, `gap` how many percent the numerator falls short.
    A `method` makes the value another way: of counts by group (`over`), of ranked persons, of a regression, or of other
    figures' protected cells (`made_of`). With `across`, the denominator is the sum over that dimension.
    `tested` are the counts of persons that protection looks at, where they do not follow from numerator and denominator.
    `amounts`: numerator and denominator are money, rounded at release to a multiple of this, and the value to its decimals: a
    median is somebody's pay. `sensitive`: that nobody, or everybody, of a small group counts is told of no group.
    `errors` are the standard errors of numerator and denominator, where an interval must be made of rows; `sides` names the share
    whose two sexes a difference compares: its interval is made of their counts.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    theme: str
    version: int = Field(ge=1)
    valid_from: dt.date
    name: Text
    question: Text
    definition: Text
    subject: str
    population: str
    numerator: str
    denominator: str | None = None
    tested: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    value: Value
    method: Method | None = None
    over: str | None = None
    across: str | None = None
    made_of: tuple[str, ...] = ()
    sides: str | None = None
    unit: str
    period: tuple[Period, ...]
    protection: Protection
    amounts: int | None = None
    sensitive: bool = False
    direction: Literal["higher", "lower", "balance", "none"]
    owner: str
    meaning: Meaning | None = None
    target: Target | None = None
    breakdowns: str
    reference: Reference | None = None


class Objective(Entry):
    """One of the municipality's objectives and the figure that shows it, for one group of it where `group` says so.

    Without a figure: the figures of gender equality themselves, as they have a value, a target and an owner.
    """

    id: str
    figure: str | None = None
    group: Mapping[str, str] = Field(default_factory=dict)


class Catalogue(Entry):
    """Everything declared, checked to hang together.

    `aims` tell which figures a measure is meant to move: dimension of the plans → its level → figures.
    """

    subjects: Mapping[str, Subject]
    populations: Mapping[str, Population]
    dimensions: Mapping[str, Dimension]
    breakdown_sets: Mapping[str, tuple[str, ...]]
    owners: Mapping[str, Text]
    units: Mapping[str, Unit]
    themes: tuple[Theme, ...]
    objectives: tuple[Objective, ...]
    aims: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    figures: Mapping[str, Figure]

    def breakdowns(self, figure: Figure) -> list[tuple[str, ...]]:
        """The figure's breakdowns as dimension ids in the catalogue's order, the total first.

        A distribution always carries the dimension it runs across.
        """
        stated = [(), *(tuple(part.split(",")) for part in self.breakdown_sets[figure.breakdowns])]
        also = (figure.across,) if figure.across else ()
        place = {name: number for number, name in enumerate(self.dimensions)}
        return [tuple(sorted({*by, *also}, key=lambda name: place.get(name, -1))) for by in stated]

    def aimed_at(self, figure: str) -> dict[str, list[str]]:
        """What is meant to move a figure: dimension of the plans → levels."""
        found = {
            dimension: [level for level, figures in levels.items() if figure in figures]
            for dimension, levels in self.aims.items()
        }
        return {dimension: levels for dimension, levels in found.items() if levels}

    def formula(self, figure: Figure, text: str) -> Formula:
        """One of the figure's formulas, limited to its population."""
        return parse(text, self.subjects[figure.subject].columns, self.populations[figure.population].where)

    def formulas(self, figure: Figure) -> tuple[str, ...]:
        """Every formula that the figure states."""
        stated = (figure.numerator, figure.denominator, *figure.tested, *figure.errors)
        return tuple(text for text in stated if text)

    def needs(self, figure: Figure) -> list[tuple[str, ...]]:
        """What a delivery must hold for the figure to be computed: columns of the contracts, each with its alternatives."""
        subject = self.subjects[figure.subject]
        used: set[str] = set(METHOD_NEEDS[figure.method]) if figure.method else set()
        for text in self.formulas(figure):
            used |= self.formula(figure, text).columns
        for name in (figure.over, figure.across):
            if name:
                used |= self.columns_of(figure, name)
        stated = {(column,) for column in subject.needs}
        return sorted({tuple(subject.columns[column].split("|")) for column in used} | stated)

    def columns_of(self, figure: Figure, dimension: str) -> frozenset[str]:
        """The subject's columns that a dimension looks at."""
        sql = self.dimensions[dimension].sql
        if sql is None:
            return frozenset()
        found = parse(f"count(*) filter (where ({sql}) is not null)", self.subjects[figure.subject].columns)
        return found.columns or frozenset({"birth_month"})
