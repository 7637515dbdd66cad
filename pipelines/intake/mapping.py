"""A mapping: how one system's export becomes the contract, as written in the settings.

Belongs here: the mapping's keys, their checks, what a file's name says, and the fingerprint by which a change is noticed.
Does not belong here: carrying it out on a table (translate.py) and what the contract asks for (warehouse/contracts).

A mapping is checked when it is read, before any file is opened: every column of the contract is either mapped or declared not
delivered with the reason, so that nothing is missing without somebody having said so.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
import re
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator
from typing_extensions import TypedDict

from pipelines.intake.reading import Form
from pipelines.intake.reasons import RefusalError
from warehouse.contracts import CONTRACTS, Contract
from warehouse.settings import SettingsError, Source

ISO_DATES = ("%Y-%m-%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
DERIVABLE = ("sex", "birth_date")
Scalar = str | int | float | bool | None


class Part(BaseModel):
    """A section of a mapping: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class FileForm(Part):
    """How the file is written."""

    encoding: Literal["auto", "utf-8", "cp1252", "latin-1"] = Field("auto", description="auto = UTF-8 where valid, else Windows-1252.")
    separator: Literal["auto", ";", ",", "\t", "|"] = Field("auto", description="Between the fields of a CSV file.")
    sheet: str | None = Field(None, description="The sheet's name in Excel; the first where not said.")
    rows_before_header: int = Field(0, ge=0, description="Rows above the headings.")

    def form(self) -> Form:
        """The same for the reader."""
        return Form(**self.model_dump())


class Column(Part):
    """Where one of the contract's columns comes from."""

    column: tuple[str, ...] = Field((), description="The heading in the file, or several spellings of it; the first that is there counts.")
    combine: tuple[tuple[str, ...], ...] = Field((), description="Several columns put together; each a heading or a list of spellings.")
    between: str = Field(" ", description="What stands between combined columns.")
    value: Scalar = Field(None, description="The same value in every row.")
    derived_from: Literal["person_id"] | None = Field(None, alias="from", description="Follows from the personnummer (sex, birth_date).")
    number_within: Literal["person_id"] | None = Field(None, description="A running number within the person (employment_id only).")
    largest_first: str | None = Field(None, description="Contract column that decides which employment is number 1; else the file's order.")
    codes: dict[str, Scalar] | None = Field(None, description="The file's code → the contract's.")
    otherwise: Scalar = Field(None, description="What every other code becomes; without it, an unknown code goes to quarantine.")
    empty: tuple[str, ...] = Field((), description="Texts that mean: no value.")
    dates: tuple[str, ...] = Field((), description="How dates are written, e.g. %d/%m/%Y; in order of trial.")
    decimal: Literal[",", "."] | None = Field(None, description="Decimal sign, where it is not the mapping's.")
    divide_by: float | None = Field(None, gt=0, description="E.g. 12 for yearly pay.")
    times: float | None = Field(None, gt=0, description="E.g. 100 for shares written 0.75.")

    @model_validator(mode="before")
    @classmethod
    def _short(cls, stated: Any) -> Any:
        """A heading, or a list of spellings, stands for `column:`."""
        if isinstance(stated, str | list):
            return {"column": _as_list(stated)}
        if isinstance(stated, dict):
            tidy = dict(stated)
            if "column" in tidy:
                tidy["column"] = _as_list(tidy["column"])
            if "combine" in tidy and isinstance(tidy["combine"], list):
                tidy["combine"] = [_as_list(each) for each in tidy["combine"]]
            for name in ("empty", "dates"):
                if name in tidy:
                    tidy[name] = _as_list(tidy[name])
            return tidy
        return stated

    @field_validator("codes", mode="before")
    @classmethod
    def _text_codes(cls, stated: Any) -> Any:
        """Codes are text; YAML makes numbers of 1 and truth values of unquoted yes and no."""
        if not isinstance(stated, dict):
            return stated
        if any(isinstance(code, bool) for code in stated):
            raise ValueError('YAML reads yes, no, on, off, true and false as truth values: write the code in quotes, e.g. "no"')
        return {"" if code is None else str(code): value for code, value in stated.items()}

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        origins = [bool(self.column), bool(self.combine), "value" in self.model_fields_set, bool(self.derived_from), bool(self.number_within)]
        if sum(origins) != 1:
            raise ValueError("say exactly one of column, combine, value, from, number_within")
        return self

    @property
    def has_otherwise(self) -> bool:
        """Whether unknown codes have been given a meaning (which may be: no value)."""
        return "otherwise" in self.model_fields_set


class Month(Part):
    """Which month a delivery stands for."""

    file_name: str | None = Field(None, description="Regular expression with the named groups year and, unless said below, month.")
    month: int | None = Field(None, ge=1, le=12, description="The month, where the file name has only the year.")
    column: tuple[str, ...] = Field((), description="The heading of the column with the period.")
    dates: tuple[str, ...] = Field((), description="How the period is written, e.g. %Y%m.")
    value: date | None = Field(None, description="The same month for every file (any day in it).")

    _lists = field_validator("column", "dates", mode="before")(_as_list)

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum((self.file_name is not None, bool(self.column), self.value is not None)) != 1:
            raise ValueError("say exactly one of file_name, column, value")
        if self.file_name is not None:
            groups = _compiled(self.file_name).groupindex
            if "year" not in groups or ("month" in groups) == (self.month is not None):
                raise ValueError("file_name needs the named group (?P<year>…), and either (?P<month>…) or the key month")
        return self


class DeliveredAt(Part):
    """When a delivery was made: decides which of two deliveries of a month is the newer."""

    file_name: str = Field(description="Regular expression with the named groups year, month, day and, where there, hour, minute, second.")

    @field_validator("file_name")
    @classmethod
    def _has_groups(cls, stated: str) -> str:
        if not {"year", "month", "day"} <= set(_compiled(stated).groupindex):
            raise ValueError("needs the named groups (?P<year>…), (?P<month>…) and (?P<day>…)")
        return stated


class Words(TypedDict):
    """The same in both languages."""

    sv: str
    en: str


def _as_words(stated: Any) -> Any:
    return {"sv": stated, "en": stated} if isinstance(stated, str) else stated


ReasonWords = Annotated[Words, BeforeValidator(_as_words)]


class Version(Part):
    """What differs in the files whose name matches a pattern."""

    file: FileForm | None = None
    month: Month | None = None
    columns: dict[str, Column] = Field(default_factory=dict)
    not_delivered: dict[str, ReasonWords] = Field(default_factory=dict)


class Mapping(Part):
    """How one system's export becomes the contract."""

    file: FileForm = FileForm()
    month: Month | None = None
    delivered_at: DeliveredAt | None = Field(None, description="Where not said: the file's time of change.")
    person_numbers: Literal["personnummer", "own"] = Field(
        "personnummer", description="own = person_id is never a personnummer and is not checked as one."
    )
    decimal: Literal[",", "."] = Field(",", description="Decimal sign of amounts and percentages.")
    dates: tuple[str, ...] = Field(ISO_DATES, description="How dates are written; in order of trial.")
    empty: tuple[str, ...] = Field((), description="Texts that mean: no value, in any column.")
    columns: dict[str, Column] = Field(default_factory=dict)
    not_delivered: dict[str, ReasonWords] = Field(default_factory=dict)
    versions: dict[str, Version] = Field(default_factory=dict, description="What differs, by pattern of the file name; the first match counts.")

    _lists = field_validator("dates", "empty", mode="before")(_as_list)

    def for_file(self, name: str) -> Mapping:
        """The mapping for one file: the common part with the differences of the file's version.

        Raises:
            RefusalError: there are versions, and none matches the name.
        """
        if not self.versions:
            return self
        for pattern, version in self.versions.items():
            if fnmatch.fnmatchcase(name, pattern):
                return self._with(version)
        raise RefusalError("no_version")

    def _with(self, version: Version) -> Mapping:
        columns = {name: column for name, column in self.columns.items() if name not in version.not_delivered} | version.columns
        missing = {name: why for name, why in self.not_delivered.items() if name not in version.columns} | version.not_delivered
        return self.model_copy(
            update={
                "file": version.file or self.file,
                "month": version.month or self.month,
                "columns": columns,
                "not_delivered": missing,
                "versions": {},
            }
        )

    def every_version(self) -> dict[str, Mapping]:
        """Pattern → mapping of that version; `*` where there are no versions."""
        return {pattern: self._with(version) for pattern, version in self.versions.items()} or {"*": self}

    @property
    def is_linked(self) -> bool:
        """Whether the export has a person key."""
        return "person_id" in self.columns

    def month_of(self, name: str) -> date | None:
        """The month that a file's name or the mapping states; None where a column does.

        Raises:
            RefusalError: the name does not say it.
        """
        month = self.month
        if month is None or month.column:
            return None
        if month.value is not None:
            return month.value.replace(day=1)
        found = _compiled(month.file_name or "").search(name)
        if found is None:
            raise RefusalError("file_name_without_month")
        try:
            return date(int(found["year"]), month.month or int(found["month"]), 1)
        except ValueError:
            raise RefusalError("file_name_without_month") from None

    def delivered_at_of(self, name: str) -> datetime | None:
        """The time of delivery in a file's name; None where the mapping does not look for one.

        Raises:
            RefusalError: the name does not say it.
        """
        if self.delivered_at is None:
            return None
        found = _compiled(self.delivered_at.file_name).search(name)
        if found is None:
            raise RefusalError("file_name_without_time")
        parts = {part: int(digits) for part, digits in found.groupdict().items() if digits is not None}
        try:
            return datetime(**parts)  # type: ignore[arg-type]
        except (ValueError, TypeError):
            raise RefusalError("file_name_without_time") from None

    def fingerprint(self, contract: Contract) -> str:
        """Changes when a file would be read differently; not when only the words of a reason change."""
        stated = self.model_dump(mode="json", exclude={"not_delivered", "versions", "delivered_at"})
        stated["not_delivered"] = sorted(self.not_delivered)
        text = json.dumps([contract.name, contract.version, stated], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_mapping(name: str, source: Source) -> Mapping:
    """Check and read the mapping of a source.

    Args:
        name: the source's name in the settings.
        source: the source.

    Raises:
        SettingsError: an unknown contract or key, a wrong value, a column of the contract that is neither mapped nor declared.
    """
    where = f"sources.{name}"
    contract = CONTRACTS.get(source.contract)
    if contract is None:
        raise SettingsError(f"{where}.contract: {source.contract} is not a contract; there are {', '.join(sorted(CONTRACTS))}")
    try:
        mapping = Mapping.model_validate(source.mapping)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(step) for step in first["loc"])
        raise SettingsError(f"{where}.mapping.{key}: {first['msg'].removeprefix('Value error, ')}") from error
    _check_names(f"{where}.mapping", mapping, contract)
    for pattern, version in mapping.every_version().items():
        at = f"{where}.mapping" + (f".versions.{pattern}" if mapping.versions else "")
        _check_version(at, version, contract)
    return mapping


def not_delivered(name: str, source: Source) -> dict[str, dict[str, str]]:
    """Column (as the contract calls it in a delivery) → why it is not delivered ({sv, en}), for the columns that some version of the export lacks.

    Args:
        name: the source's name in the settings.
        source: the source.
    """
    mapping = read_mapping(name, source)
    reasons: dict[str, dict[str, str]] = {}
    for version in mapping.every_version().values():
        for delivered, why in version.not_delivered.items():
            reasons.setdefault(delivered, {"sv": why["sv"], "en": why["en"]})
    return reasons


def _check_names(at: str, mapping: Mapping, contract: Contract) -> None:
    known = set(contract.delivered) - {"month"}
    parts = [(at, mapping.columns, mapping.not_delivered)]
    parts += [(f"{at}.versions.{pattern}", each.columns, each.not_delivered) for pattern, each in mapping.versions.items()]
    for where, columns, missing in parts:
        for section, names in (("columns", columns), ("not_delivered", missing)):
            for name in names:
                if name == "month":
                    raise SettingsError(f"{where}.{section}.month: the month is said under the key month, beside columns")
                if name not in known:
                    raise SettingsError(f"{where}.{section}.{name}: {contract.name} has no such column; it has {', '.join(sorted(known))}")
        both = sorted(set(columns) & set(missing))
        if both:
            raise SettingsError(f"{where}.not_delivered.{both[0]}: is also mapped under columns; take one of them away")


def _check_version(at: str, mapping: Mapping, contract: Contract) -> None:
    if mapping.month is None:
        raise SettingsError(f"{at}.month: say which month a delivery stands for (file_name, column or value)")
    fields = contract.delivered
    silent = sorted(set(fields) - {"month"} - set(mapping.columns) - set(mapping.not_delivered))
    if silent:
        raise SettingsError(f"{at}.columns: map {', '.join(silent)}, or give the reason why it is not delivered under not_delivered")
    for name in sorted(mapping.not_delivered):
        may_lack = not fields[name].is_required or (contract.may_be_unlinked and name in ("person_id", "employment_id"))
        if not may_lack:
            raise SettingsError(f"{at}.not_delivered.{name}: {contract.name} cannot do without it; map it, or give it a value")
    if mapping.is_linked and "employment_id" in mapping.not_delivered:
        raise SettingsError(f"{at}.not_delivered.employment_id: with a person_id, write employment_id: {{number_within: person_id}}")
    for name, column in mapping.columns.items():
        _check_column(f"{at}.columns.{name}", name, column, mapping, contract)


def _check_column(at: str, name: str, column: Column, mapping: Mapping, contract: Contract) -> None:
    each = contract.delivered[name]
    if column.derived_from and name not in DERIVABLE:
        raise SettingsError(f"{at}.from: only {' and '.join(DERIVABLE)} follow from a personnummer")
    if column.number_within and name != "employment_id":
        raise SettingsError(f"{at}.number_within: only employment_id can be numbered")
    if (column.derived_from or column.number_within) and not mapping.is_linked:
        raise SettingsError(f"{at}: needs person_id, which is not delivered")
    if column.largest_first is not None:
        largest = contract.delivered.get(column.largest_first)
        if not column.number_within or largest is None or largest.duckdb_type not in ("DOUBLE", "INTEGER"):
            raise SettingsError(f"{at}.largest_first: belongs with number_within, and names a column of numbers in {contract.name}")
    if (column.divide_by or column.times or column.decimal) and each.duckdb_type not in ("DOUBLE", "INTEGER"):
        raise SettingsError(f"{at}: divide_by, times and decimal are for numbers, and {name} is none")
    if column.dates and each.duckdb_type != "DATE":
        raise SettingsError(f"{at}.dates: is for dates, and {name} is none")
    allowed = each.allowed
    stated = [*(column.codes or {}).values(), *([column.otherwise] if column.has_otherwise else [])]
    stated += [column.value] if "value" in column.model_fields_set else []
    for value in stated:
        if allowed is not None and value not in (None, "") and str(value) not in allowed:
            raise SettingsError(f"{at}: {value} is not allowed; {name} is one of {', '.join(allowed)}")


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is not a regular expression: {error}") from error
