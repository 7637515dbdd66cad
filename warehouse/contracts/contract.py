"""What a contract is: one subject's delivery, stated once.

Belongs here: the `Contract` class, how a column states its delivered name, unit and words, and everything that is
derived from that
statement: types to cast to, the DuckDB table, the documentation, a sample for tests.
Does not belong here: the subjects themselves (hr.py …), reading files and mapping them (pipelines/intake), judging
(pipelines/validation).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import dataframely as dy
import polars as pl

# Words that may not occur in a column's name, delivered or stored: what is never asked for is never leaked.
FORBIDDEN_WORDS = frozenset(
    "personnummer ssn surname forename firstname lastname initials email mail phone telephone address street postcode zip"
    " ethnicity ethnic race religion faith belief sexuality sexual orientation union political politics nationality citizenship"
    " disability diagnosis illness medical comment comments note notes text remark namn fornamn efternamn epost telefon adress"
    " etnicitet trosuppfattning facktillhorighet medborgarskap diagnos fritext kommentar".split()
)
FORBIDDEN_NAMES = frozenset(
    "name first_name last_name full_name given_name family_name person_name employee_name".split()
)
# A name with a unit, a department or an occupation in front of it names no person.
IDENTITIES_IN_CLEAR = frozenset({"person_id", "employment_id", "previous_person_id", "birth_date"})

DUCKDB_TYPES: dict[type[dy.Column], str] = {
    dy.Date: "DATE",
    dy.String: "VARCHAR",
    dy.Enum: "VARCHAR",
    dy.Bool: "BOOLEAN",
    dy.Float64: "DOUBLE",
    dy.Int32: "INTEGER",
    dy.Int64: "BIGINT",
    dy.Datetime: "TIMESTAMP",
}


class ContractError(ValueError):
    """A contract states something that it may not state; the message names the column."""


def told(
    sv: str,
    en: str,
    *,
    delivered: str | None = None,
    unit: str | None = None,
    made: bool = False,
    identity: bool = False,
) -> dict[str, Any]:
    """A column's metadata: its words, its unit, and what it is called in a delivery.

    Args:
        sv: description in Swedish.
        en: description in English.
        delivered: the name in a delivery, where it is not the stored one.
        unit: percent, kr, hours, days, level; None for codes, names and dates.
        made: True for a column that intake makes; no mapping mentions it.
        identity: True for a column that holds an identity and is replaced by a keyed hash at the door.
    """
    return {"sv": sv, "en": en, "delivered": delivered, "unit": unit, "made": made, "identity": identity}


@dataclass(frozen=True)
class Field:
    """One column of a contract, as a mapping sees it."""

    stored: str
    delivered: str
    column: dy.Column
    sv: str
    en: str
    unit: str | None
    is_made: bool
    is_identity: bool

    @property
    def is_required(self) -> bool:
        """Whether a row without a value goes to quarantine."""
        return not self.column.nullable

    @property
    def allowed(self) -> tuple[str, ...] | None:
        """The only values a delivery may hold, or None."""
        return tuple(self.column.categories) if isinstance(self.column, dy.Enum) else None

    @property
    def duckdb_type(self) -> str:
        """The column's type in the warehouse."""
        if isinstance(self.column, dy.List):
            return f"{DUCKDB_TYPES[type(self.column.inner)]}[]"
        return DUCKDB_TYPES[type(self.column)]


@dataclass(frozen=True)
class Contract:
    """What a delivery of one subject must hold, and how it is stored.

    Attributes:
        name: e.g. `hr_employment`; also the name of the table.
        subject: hr, survey, plans, organisation or external.
        version: raised when a rule changes, so that files are judged again.
        title: {sv, en}.
        grain: {sv, en}: what one row is.
        schema: the stored columns; their metadata comes from `told`.
        schema_in_duckdb: `raw`, or `absence` for what is kept apart.
        rule_columns: for each rule over several columns: the column that is named in quarantine.
        may_be_unlinked: whether a delivery without a person key is accepted (each row then counts as a person).
        size_change_share: percent; overrides the settings' limit where the subject itself swings with the seasons.
        replaced_by: the columns whose values a newer delivery replaces: a month as a whole, or, where a delivery holds only part
            of a month, each survey round, each version of a submission. The rows of one group come from one delivery.
    """

    name: str
    subject: Literal["hr", "survey", "plans", "organisation", "external"]
    version: int
    title: Mapping[str, str]
    grain: Mapping[str, str]
    schema: type[dy.Schema]
    schema_in_duckdb: Literal["raw", "absence"]
    rule_columns: Mapping[str, str]
    may_be_unlinked: bool = False
    size_change_share: float | None = None
    replaced_by: tuple[str, ...] = ("month",)
    fields: tuple[Field, ...] = field(init=False)

    def __post_init__(self) -> None:
        """Check that nothing forbidden is declared and everything is told in both languages."""
        fields = tuple(_field(name, column) for name, column in self.schema.columns().items())
        object.__setattr__(self, "fields", fields)
        for each in fields:
            _check(self.name, each)
        stated = {rule for rule in self.schema._validation_rules(with_cast=False) if "|" not in rule} - {
            "primary_key"
        }
        if stated != set(self.rule_columns):
            rules = ", ".join(sorted(stated)) or "no rules"
            raise ContractError(f"{self.name}: rule_columns must name one column for each of {rules}")

    @property
    def table(self) -> str:
        """The table's full name in DuckDB."""
        return f"{self.schema_in_duckdb}.{self.name}"

    @property
    def key(self) -> tuple[str, ...]:
        """The stored columns that make a row unique."""
        return tuple(self.schema.primary_key())

    @property
    def is_by_month(self) -> bool:
        """Whether a delivery holds whole months; else newer groups (`replaced_by`) take the place of older ones."""
        return self.replaced_by == ("month",)

    @property
    def columns(self) -> tuple[str, ...]:
        """All stored columns, in the table's order."""
        return tuple(each.stored for each in self.fields)

    @property
    def delivered(self) -> dict[str, Field]:
        """The columns that a mapping must map or declare not delivered, by delivered name."""
        return {each.delivered: each for each in self.fields if not each.is_made}

    @property
    def identities(self) -> dict[str, str]:
        """Delivered → stored name of the columns that are replaced by a keyed hash."""
        return {each.delivered: each.stored for each in self.fields if each.is_identity}

    def field(self, stored: str) -> Field:
        """One column by its stored name."""
        return next(each for each in self.fields if each.stored == stored)

    def ddl(self) -> str:
        """The statement that creates the table where it is missing.

        No primary key: DuckDB checks keys against rows deleted in the same transaction, so a month could not be replaced. The key
        holds because rows that break it never leave quarantine.
        """
        lines = [
            f"    {each.stored} {each.duckdb_type}{' NOT NULL' if each.is_required else ''}"
            for each in self.fields
        ]
        return f"CREATE TABLE IF NOT EXISTS {self.table} (\n" + ",\n".join(lines) + "\n)"

    def empty(self) -> pl.DataFrame:
        """A frame with the stored columns and no rows."""
        return pl.DataFrame(schema={each.stored: each.column.dtype for each in self.fields})

    def describe(self, language: str = "sv") -> str:
        """The contract as a markdown table, for docs and pages.

        Args:
            language: `sv` or `en`.
        """
        heads = {
            "sv": ("Kolumn i leveransen", "Lagras som", "Typ", "Krävs", "Innehåll"),
            "en": ("Column in the delivery", "Stored as", "Type", "Required", "Holds"),
        }[language]
        yes = {"sv": "ja", "en": "yes"}[language]
        lines = [f"## {self.name}: {self.title[language]}", "", self.grain[language], ""]
        lines += ["| " + " | ".join(heads) + " |", "|---" * 5 + "|"]
        for each in self.fields:
            words = each.sv if language == "sv" else each.en
            allowed = f" (`{'`, `'.join(each.allowed)}`)" if each.allowed else ""
            delivered = "–" if each.is_made else f"`{each.delivered}`"
            kind = f"{each.duckdb_type}{f', {each.unit}' if each.unit else ''}"
            lines.append(
                f"| {delivered} | `{each.stored}` | {kind} | {yes if each.is_required else ''} | {words}{allowed} |"
            )
        return "\n".join(lines) + "\n"

    def sample(self, rows: int, month: date) -> pl.DataFrame:
        """Made-up rows that keep every rule, for tests.

        Args:
            rows: how many; fewer where the key has fewer values.
            month: first day of the month they stand for.
        """
        keys = [self.field(name).allowed for name in self.key if name != "month"]
        if all(keys):
            rows = min(rows, math.prod(len(allowed or ()) for allowed in keys))
        numbers = range(1, rows + 1)
        fixed: dict[str, Any] = {
            "month": [month] * rows,
            "employment_key": [f"employment-{number}" for number in numbers],
            "person_key": [f"person-{number}" for number in numbers],
            "delivery_id": ["0" * 16] * rows,
            "row_number": [number + 1 for number in numbers],
        }
        dates: dict[str, Any] = {}
        for each in self.fields:
            if isinstance(each.column, dy.Date) and not each.is_required:
                dates[each.stored] = [None] * rows
            elif isinstance(each.column, dy.Date) and not each.stored.endswith("_end"):
                dates[each.stored] = [month] * rows
        wanted = {name: values for name, values in (dates | fixed).items() if name in self.columns}
        return self.schema.sample(rows, overrides=wanted)


def _field(name: str, column: dy.Column) -> Field:
    words = column.metadata or {}
    if not words.get("sv") or not words.get("en"):
        raise ContractError(f"column {name}: needs a description in Swedish and in English")
    if type(column.inner if isinstance(column, dy.List) else column) not in DUCKDB_TYPES:
        raise ContractError(f"column {name}: a {type(column).__name__} has no type in the warehouse")
    return Field(
        stored=name,
        delivered=words["delivered"] or name,
        column=column,
        sv=words["sv"],
        en=words["en"],
        unit=words["unit"],
        is_made=words["made"],
        is_identity=words["identity"],
    )


def _check(contract: str, each: Field) -> None:
    for name in (each.stored, each.delivered):
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise ContractError(f"{contract}.{name}: names are English snake_case")
        if name in FORBIDDEN_NAMES or FORBIDDEN_WORDS & set(name.split("_")):
            raise ContractError(
                f"{contract}.{name}: names, contact details, free text and sensitive matters may not be declared"
            )
    if each.stored in IDENTITIES_IN_CLEAR:
        raise ContractError(
            f"{contract}.{each.stored}: an identity may not be stored; store its keyed hash under another name"
        )
