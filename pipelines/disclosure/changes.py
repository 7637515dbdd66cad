"""Changes: which groups of a table would tell, by the difference from a date before, of too few persons.

Belongs here: comparing the contributions of two dates.
Does not belong here: which tables move when (calendar.py), and hiding (elimination.py): an unsafe group's numbers
become secrets there.

Two dates of one table are tied by nothing else than the persons in them. So when a group's numbers of an earlier
date are known, and 1 to t - 1 persons differ, the new numbers are secret; and the secret is as safe as the
elimination and the audit of the new date make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.disclosure.contributions import Told, name_of

DIGITS = 6
PERSONS = 32
"""Bits of a place that tell the person; the others tell the group."""


class Groups:
    """Numbers for the names of groups: the same name has the same number at every date."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self._numbers: dict[str, int] = {}

    def numbered(self, groups: pl.Series) -> np.ndarray:
        """The number of every row's group."""
        for name in groups.unique(maintain_order=True).to_list():
            if name not in self._numbers:
                self._numbers[name] = len(self.names)
                self.names.append(name)
        return groups.replace_strict(self._numbers, return_dtype=pl.Int64).to_numpy()


@dataclass(frozen=True)
class Contributed:
    """What each person adds to each group of a breakdown at one date, ready to be compared.

    Attributes:
        places: one whole number per person and group, rising.
        columns: the parts and tests.
        amounts: a row per place, a column per part or test; nothing counts as 0.
    """

    places: np.ndarray
    columns: Sequence[str]
    amounts: np.ndarray

    @staticmethod
    def of(rolled: pl.DataFrame, groups: Groups) -> Contributed:
        """One date.

        Args:
            rolled: contributions.roll_up of one period: `who` (a whole number), `group`, parts and tests.
            groups: the numbers that all dates share.
        """
        columns = [name for name in rolled.columns if name[:2] in {"p_", "t_"}]
        places = (groups.numbered(rolled["group"]) << PERSONS) + rolled["who"].to_numpy()
        amounts = rolled.select(pl.col(columns).cast(pl.Float64).fill_nan(None).round(DIGITS).fill_null(0.0))
        order = np.argsort(places)
        return Contributed(places[order], columns, amounts.to_numpy().reshape(len(places), -1)[order])

    def spread(self, places: np.ndarray, columns: Sequence[str]) -> np.ndarray:
        """The amounts of some columns at more places; where a person adds nothing, 0."""
        spread = np.zeros((len(places), len(columns)))
        own = [self.columns.index(name) for name in columns]
        spread[np.searchsorted(places, self.places)] = self.amounts[:, own]
        return spread


@dataclass(frozen=True)
class Unsafe:
    """A group that must not be told: since which period, how many persons differ, and in which columns of parts and tests."""

    since: str
    persons: int
    columns: frozenset[str]


def unsafe_groups(
    told: Iterable[Told],
    now: Contributed,
    before: Mapping[str, Contributed],
    groups: Groups,
    smallest: Mapping[str, int],
) -> dict[tuple[str, str, str], Unsafe]:
    """Compare a breakdown of one source with its earlier dates.

    Args:
        told: the figures that are compared.
        now: the new period.
        before: every earlier period.
        groups: the names of the groups.
        smallest: for each figure, the smallest number of persons that may differ, if any do.

    Returns:
        For (figure, group, earlier period), why the new numbers would tell too much.
    """
    found: dict[tuple[str, str, str], Unsafe] = {}
    figures = list(told)
    for since, then in before.items():
        group_of_row, differs = _compare(now, then)
        for one in figures:
            parts = [name_of(part) for part in one.parts]
            if any(name not in differs for name in parts):
                # The figure was defined in another way then: a break in the series, nothing to subtract.
                continue
            either = np.logical_or.reduce([differs[name] for name in parts])
            persons = np.bincount(group_of_row[either])
            for place in np.flatnonzero((persons > 0) & (persons < smallest[one.figure.id])):
                here = group_of_row == place
                columns = [*parts, *(one.test(number) for number in range(len(one.tests)))]
                changed = frozenset(name for name in columns if name in differs and differs[name][here].any())
                found[(one.figure.id, groups.names[int(place)], since)] = Unsafe(
                    since, int(persons[place]), changed
                )
    return found


def _compare(now: Contributed, then: Contributed) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """For every person and group of either date: the group's number, and for each column whether it differs."""
    columns = [name for name in now.columns if name in then.columns]
    places = np.union1d(now.places, then.places)
    differs = now.spread(places, columns) != then.spread(places, columns)
    return places >> PERSONS, {name: differs[:, number] for number, name in enumerate(columns)}
