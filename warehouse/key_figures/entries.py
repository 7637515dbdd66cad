"""Entries of the catalogue: the shape of everything that its YAML files state.

Belongs here: the fields of a figure, a subject, a dimension and the rest, with what each means.
Does not belong here: reading the files and checking that entries hang together (catalogue.py), definitions themselves (YAML).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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
