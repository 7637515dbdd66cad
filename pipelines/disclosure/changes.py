"""Changes: which groups of a table would tell, by the difference from a date before, of too few persons.

Belongs here: comparing the contributions of two dates.
Does not belong here: which tables move when (calendar.py), and hiding (elimination.py): an unsafe group's numbers
become secrets there.

Two dates of one table are tied by nothing else than the persons in them. So when a group's numbers of an earlier
date are known, and 1 to t - 1 persons differ, the new numbers are secret; and the secret is as safe as the
elimination and the audit of the new date make it.

A number that was hidden and has not changed stays hidden, at every later date and when its own date is decided again: what was
told beside it then would give it away. So a date that is corrected shows less than before, never more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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

    def number(self, name: str) -> int:
        """The number of a group."""
        if name not in self._numbers:
            self._numbers[name] = len(self.names)
            self.names.append(name)
        return self._numbers[name]

    def numbered(self, groups: pl.Series) -> np.ndarray:
        """The number of every row's group."""
        for name in groups.unique(maintain_order=True).to_list():
            self.number(name)
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

    @property
    def groups(self) -> np.ndarray:
        """The numbers of the groups that have anybody, rising."""
        return np.unique(self.places >> PERSONS)

    def gathered(self, into: np.ndarray) -> Contributed:
        """What each person adds to several groups together.

        Args:
            into: for the number of every group, that of what it is gathered into; below zero where it is left out.
        """
        whole = into[self.places >> PERSONS]
        kept = whole >= 0
        who = self.places[kept] & (2**PERSONS - 1)
        places, where = np.unique((whole[kept] << PERSONS) + who, return_inverse=True)
        amounts = np.zeros((len(places), len(self.columns)))
        np.add.at(amounts, where, self.amounts[kept])
        return Contributed(places, self.columns, amounts.round(DIGITS))

    def spread(self, places: np.ndarray, column: str) -> np.ndarray:
        """The amounts of a column at more places; where a person adds nothing, 0."""
        spread = np.zeros(len(places))
        spread[np.searchsorted(places, self.places)] = self.amounts[:, self.columns.index(column)]
        return spread


def unsafe_groups(
    told: Iterable[tuple[Told, Told]],
    now: Contributed,
    then: Contributed,
    groups: Groups,
    smallest: Mapping[str, int],
    was_hidden: Callable[[str, str], bool],
) -> dict[tuple[str, str], frozenset[str]]:
    """Compare a breakdown of one source with an earlier date.

    A group is unsafe where 1 to t - 1 persons differ: in anything that a figure is made of, or in one of its numbers alone,
    because a number less the same number of the date before is what those few have added. It is also unsafe where nobody differs
    and it was hidden: to show the number now would be to show it then.

    Args:
        told: what each figure tells now, and what it told then.
        now: the new date.
        then: the earlier date.
        groups: the names of the groups.
        smallest: for each figure, the smallest number of persons that may differ, if any do.
        was_hidden: whether a figure's group was hidden then.

    Returns:
        For (figure, group), the columns of parts and tests in which too few differ; UNCHANGED where nobody does.
    """
    found: dict[tuple[str, str], frozenset[str]] = {}
    difference = _Difference(now, then, len(groups.names))
    here = now.groups
    for one, other in told:
        parts = list(zip(map(name_of, one.parts), map(name_of, other.parts), strict=True))
        if not all(difference.has(*pair) for pair in parts):
            # The figure was defined in another way then: a break in the series, nothing to subtract.
            continue
        tests = [(one.test(place), other.test(place)) for place in range(len(one.tests))]
        persons = difference.persons(*parts)
        alone = {pair: difference.persons(pair) for pair in (*parts, *tests) if difference.has(*pair)}
        # What few have added to follows however many others have changed in something else. Of sums and medians the numbers of
        # persons are sizes of groups.
        numbers = [
            pair for pair, part in zip(parts, one.parts, strict=True) if part in (one.sums or one.counts)
        ]
        numbers += [pair for pair in tests if one.counts and not one.sums and pair in alone]
        few = {
            pair: (differing > 0) & (differing < smallest[one.figure.id])
            for pair, differing in {**alone, EVERY: persons}.items()
        }
        for place in np.flatnonzero(np.logical_or.reduce([few[pair] for pair in (EVERY, *numbers)])):
            columns = frozenset(mine for mine, theirs in alone if few[(mine, theirs)][place])
            found[(one.figure.id, groups.names[int(place)])] = columns
        for place in here[persons[here] == 0]:
            if was_hidden(one.figure.id, groups.names[int(place)]):
                found[(one.figure.id, groups.names[int(place)])] = frozenset({UNCHANGED})
    return found


EVERY = ("", "")
"""Stands for all parts of a figure together."""

UNCHANGED = "unchanged"
"""Stands among the columns of a group that was hidden and in which nobody differs: all of it must stay unknown."""


class _Difference:
    """Two dates side by side: which persons differ in a column now and a column then, counted by group."""

    def __init__(self, now: Contributed, then: Contributed, groups: int) -> None:
        self._now, self._then, self._groups = now, then, groups
        self._places = np.union1d(now.places, then.places)
        self._found: dict[tuple[str, str], np.ndarray] = {}

    def has(self, mine: str, theirs: str) -> bool:
        """Whether both dates have the columns."""
        return mine in self._now.columns and theirs in self._then.columns

    def persons(self, *pairs: tuple[str, str]) -> np.ndarray:
        """How many persons of each group differ in any of the pairs of columns."""
        differs = np.logical_or.reduce([self._differs(*pair) for pair in pairs])
        return np.bincount(self._places[differs] >> PERSONS, minlength=self._groups)

    def _differs(self, mine: str, theirs: str) -> np.ndarray:
        if (mine, theirs) not in self._found:
            now, then = self._now.spread(self._places, mine), self._then.spread(self._places, theirs)
            self._found[(mine, theirs)] = now != then
        return self._found[(mine, theirs)]
