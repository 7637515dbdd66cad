"""A mapping: how one system's export becomes the contract, as written in the settings.

Belongs here: the whole mapping, its checks against the contract, what it says of a file's name, and the fingerprint by
which a change is noticed.
Does not belong here: single keys (mapping_keys.py), carrying it out on a table (translate.py), the contract itself.

A mapping is checked when it is read, before any file is opened: every column of the contract is either mapped or
declared not delivered with the reason, so that nothing is missing without somebody having said so.
"""

from __future__ import annotations

import fnmatch
import hashlib
import json
from datetime import UTC, date, datetime
from typing import Literal

from pydantic import Field, ValidationError, field_validator

from pipelines.intake.mapping_keys import (
    DERIVABLE,
    ISO_DATES,
    Column,
    DeliveredAt,
    FileForm,
    Month,
    Part,
    ReasonWords,
    Version,
    as_list,
    compiled,
)
from pipelines.intake.reasons import RefusalError
from warehouse.contracts import CONTRACTS, Contract
from warehouse.settings import SettingsError, Source


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
    versions: dict[str, Version] = Field(
        default_factory=dict, description="What differs, by pattern of the file name; the first match counts."
    )

    _lists = field_validator("dates", "empty", mode="before")(as_list)

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
        columns = {
            name: column for name, column in self.columns.items() if name not in version.not_delivered
        } | version.columns
        missing = {
            name: why for name, why in self.not_delivered.items() if name not in version.columns
        } | version.not_delivered
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
        found = compiled(month.file_name or "").search(name)
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
        found = compiled(self.delivered_at.file_name).search(name)
        if found is None:
            raise RefusalError("file_name_without_time")
        parts = {part: int(digits) for part, digits in found.groupdict().items() if digits is not None}
        try:
            return datetime(**parts, tzinfo=UTC).replace(tzinfo=None)
        except (ValueError, TypeError):
            raise RefusalError("file_name_without_time") from None

    def fingerprint(self, contract: Contract) -> str:
        """Changes when a file would be read differently; not when only the words of a reason change."""
        stated = self.model_dump(mode="json", exclude={"not_delivered", "versions", "delivered_at"})
        stated["not_delivered"] = sorted(self.not_delivered)
        text = json.dumps([contract.name, contract.version, stated], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_mapping(name: str, source: Source, section: str = "sources") -> Mapping:
    """Check and read the mapping of a source.

    Args:
        name: the source's name in the settings.
        source: the source.
        section: of the settings, for the message.

    Raises:
        SettingsError: an unknown contract or key, a wrong value, a column of the contract that is neither mapped nor declared.
    """
    where = f"{section}.{name}"
    contract = CONTRACTS.get(source.contract)
    if contract is None:
        raise SettingsError(
            f"{where}.contract: {source.contract} is not a contract; there are {', '.join(sorted(CONTRACTS))}"
        )
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
    """Why columns are not delivered ({sv, en}), for those that some version of the export lacks; by delivered name.

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
    parts += [
        (f"{at}.versions.{pattern}", each.columns, each.not_delivered)
        for pattern, each in mapping.versions.items()
    ]
    for where, columns, missing in parts:
        for section, names in (("columns", columns), ("not_delivered", missing)):
            for name in names:
                if name == "month":
                    raise SettingsError(
                        f"{where}.{section}.month: the month is said under the key month, beside columns"
                    )
                if name not in known:
                    raise SettingsError(
                        f"{where}.{section}.{name}: {contract.name} has no such column; it has {', '.join(sorted(known))}"
                    )
        both = sorted(set(columns) & set(missing))
        if both:
            raise SettingsError(
                f"{where}.not_delivered.{both[0]}: is also mapped under columns; take one of them away"
            )


def _check_version(at: str, mapping: Mapping, contract: Contract) -> None:
    if mapping.month is None:
        raise SettingsError(f"{at}.month: say which month a delivery stands for (file_name, column or value)")
    fields = contract.delivered
    silent = sorted(set(fields) - {"month"} - set(mapping.columns) - set(mapping.not_delivered))
    if silent:
        raise SettingsError(
            f"{at}.columns: map {', '.join(silent)}, or give the reason why it is not delivered under not_delivered"
        )
    for name in sorted(mapping.not_delivered):
        may_lack = not fields[name].is_required or (
            contract.may_be_unlinked and name in ("person_id", "employment_id")
        )
        if not may_lack:
            raise SettingsError(
                f"{at}.not_delivered.{name}: {contract.name} cannot do without it; map it, or give it a value"
            )
    if mapping.is_linked and "employment_id" in mapping.not_delivered:
        raise SettingsError(
            f"{at}.not_delivered.employment_id: with a person_id, write employment_id: {{number_within: person_id}}"
        )
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
            raise SettingsError(
                f"{at}.largest_first: belongs with number_within, and names a column of numbers in {contract.name}"
            )
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
