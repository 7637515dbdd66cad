"""What a server, or a folder with a system's own exports, was found to hold: tables in the contracts' terms.

Belongs here: the shape of one pulled delivery, and turning rows into the table that a mapping reads.
Does not belong here: getting it (database.py, limesurvey.py, odk.py, kobo.py, kolada.py, template.py) and taking it (taking.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from pipelines.intake.mapping import Mapping as ColumnMapping
from pipelines.intake.reading import ROW, Table
from pipelines.intake.reasons import Reason
from warehouse.contracts import CONTRACTS, Contract

Row = Mapping[str, Any]
Group = tuple[str | None, ...]
DAY_IN_A_NAME = r"_(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\.\w+$"


@dataclass(frozen=True)
class Held:
    """What is held now, as far as it is told: whatever was delivered before and is not among it has been withdrawn.

    Attributes:
        ids: every id (first column of the contract's `replaced_by`); None = the ids of others are not told.
        within: what the ids that are told of begin with: those of the files that were read.
        empty: groups (values of `replaced_by`, as text) that are held and have no row in this table: a plan without needs.
    """

    ids: frozenset[str] | None = None
    within: tuple[str, ...] = ("",)
    empty: frozenset[Group] = frozenset()

    def lacks(self, group: Group) -> bool:
        """Whether a group that was delivered before has been withdrawn."""
        is_gone = self.ids is not None and str(group[0]).startswith(self.within) and group[0] not in self.ids
        return is_gone or group in self.empty


@dataclass(frozen=True)
class Pulled:
    """One delivery of one contract.

    Attributes:
        contract: which contract.
        name: what it is, as a file's name would say: the round, the month, the form.
        table: columns named as the contract names them in a delivery, `month` among them; text, or typed where the server types.
        held: what the server holds now, the same in every delivery of the contract. None = the server does not tell.
        delivered_at: UTC; None = now.
        refusal: why a file of the folder was not taken; the others go on.
    """

    contract: str
    name: str
    table: Table
    held: Held | None = None
    delivered_at: datetime | None = None
    refusal: Reason | None = None


def table_of(contract: str, rows: Iterable[Row], columns: Sequence[str] | None = None) -> Table:
    """Rows as a table of text; every column of the contract that a row can have is there.

    Args:
        contract: which contract.
        rows: delivered name → value; dates and numbers as such or as text, lists as lists of codes.
        columns: delivered names; default all that the contract has.
    """
    names = list(columns or CONTRACTS[contract].delivered)
    listed = list(rows)
    frame = pl.DataFrame(
        {name: pl.Series([as_text(row.get(name)) for row in listed], dtype=pl.String) for name in names}
    )
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int32, eager=True).alias(ROW)
    return Table(frame.select(numbers, *names))


def ready_mapping(contract: Contract, person_numbers: str) -> ColumnMapping:
    """The mapping of files in the contract's own terms, which have every column and the day of delivery in their names.

    Args:
        contract: the contract.
        person_numbers: `personnummer`, or `own` where nothing is checked as one.
    """
    return ColumnMapping.model_validate(
        {
            "month": {"column": "month", "dates": "%Y-%m-%d"},
            "delivered_at": {"file_name": DAY_IN_A_NAME},
            "person_numbers": person_numbers,
            "decimal": ".",
            "columns": {name: name for name in contract.delivered if name != "month"},
        }
    )


def own_mapping(contract: Contract, table: Table, person_numbers: str) -> ColumnMapping:
    """The mapping of a table whose columns are called as the contract calls them.

    Args:
        contract: the contract.
        table: the table.
        person_numbers: `personnummer`, or `own` where nothing is checked as one.
    """
    there = [name for name in contract.delivered if name in table.frame.columns and name != "month"]
    absent = {"sv": "Finns inte i källan.", "en": "The source does not have it."}
    return ColumnMapping.model_validate(
        {
            "month": {"column": "month", "dates": "%Y-%m-%d"},
            "person_numbers": person_numbers,
            "decimal": ".",
            "columns": {name: name for name in there},
            "not_delivered": {
                name: absent for name in contract.delivered if name not in there and name != "month"
            },
        }
    )


def as_text(value: Any) -> str | None:
    """A value as a mapping reads it: lists of codes parted by spaces, dates and times in ISO form."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return " ".join(str(each) for each in value) or None
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def groups_of(contract: Contract, rows: Iterable[Row]) -> Iterator[Group]:
    """The group of each row: the values of the contract's `replaced_by`, as text."""
    names = [contract.field(stored).delivered for stored in contract.replaced_by]
    return (tuple(as_text(row.get(name)) for name in names) for row in rows)


def month_text(day: date | datetime | str) -> str:
    """The month of a day, as its first day."""
    return f"{str(day)[:7]}-01"
