"""Spells of absence: which there are, and what a spell amounts to in a month.

Belongs here: the table of spells that go on, and the arithmetic of days and working hours.
Does not belong here: how many there are and who has one (situations.py).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

# Kinds of spell. The first three take the whole post; LIGHTER ones a part of it.
PARENTAL, OTHER, SICK, PART_SICK, LIGHTER_PARENTAL, LIGHTER_OTHER, SHORT_SICK, CHILD_CARE = range(8)
FULL_KINDS = (PARENTAL, OTHER, SICK)
LIGHTER_KINDS = (LIGHTER_PARENTAL, LIGHTER_OTHER)
SICK_KINDS = (SICK, PART_SICK, SHORT_SICK)
ABSENCE_TYPE = ("foraldraledig", "ovrig", "sjuk", "sjuk", "foraldraledig", "ovrig", "sjuk", "vab")
HOURS_A_DAY = 8
_COLUMNS: dict[str, Any] = {
    "person": np.int32,
    "kind": np.int8,
    "extent": np.float64,
    "since": np.int32,  # month of the run, may be negative
    "since_day": np.int8,
    "until": np.int32,  # month of the run
    "until_day": np.int8,
}


def first_day(month: int) -> np.datetime64:
    """The first day of a month numbered year × 12 + month − 1."""
    return np.datetime64(f"{month // 12:04d}-{month % 12 + 1:02d}", "D")


def as_date(month: int) -> date:
    """The same as a Python date."""
    return date(month // 12, month % 12 + 1, 1)


def length(month: int) -> int:
    """Days in a month."""
    return int((first_day(month + 1) - first_day(month)).astype(np.int64))


def working_days(month: int) -> int:
    """Mondays to Fridays in a month; holidays are not counted off."""
    return int(np.busday_count(first_day(month), first_day(month + 1)))


def dates(months: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Dates from months numbered year × 12 + month − 1 and days of the month."""
    return (months.astype(np.int64) - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]") + (
        days.astype(np.int64) - 1
    )


@dataclass
class Spells:
    """Spells that go on or have just ended; one array per column of `_COLUMNS`."""

    first: int
    columns: dict[str, np.ndarray] = field(
        default_factory=lambda: {name: np.zeros(0, kind) for name, kind in _COLUMNS.items()}
    )

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name]

    def add(self, person: np.ndarray, **values: np.ndarray | int | float) -> None:
        """Begin spells."""
        new = {
            name: np.broadcast_to(np.asarray(values.get(name, person), kind), len(person))
            for name, kind in _COLUMNS.items()
        }
        self.columns = {name: np.concatenate([old, new[name]]) for name, old in self.columns.items()}

    def forget(self, month: int, gone: np.ndarray) -> None:
        """Drop the spells that ended before a month of the run or whose person (a mask by number) has left."""
        stays = (self["until"] >= month) & ~gone[self["person"]]
        self.columns = {name: old[stays] for name, old in self.columns.items()}

    def full(self, month: int) -> np.ndarray:
        """Mask: spells that take the whole month of the run and the whole post."""
        return (self["kind"] <= SICK) & (self["since"] < month) & (self["until"] > month)

    def in_month(self, month: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """For each spell its first and last day, and the calendar and working days that lie in a month of the run."""
        start = dates(self.first + self["since"], self["since_day"])
        end = dates(self.first + self["until"], self["until_day"])
        low = np.maximum(start, first_day(self.first + month))
        high = np.minimum(end + 1, first_day(self.first + month + 1))
        days = np.maximum((high - low).astype(np.int64), 0)
        working = np.where(days > 0, np.busday_count(low, np.maximum(high, low)), 0)
        return start, end, days, working
