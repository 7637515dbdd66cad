"""Hidden sums: what several hidden groups of a table come to, and where an earlier date forbids to tell it.

Belongs here: which groups are hidden at one of two dates, of which whole they are, and whether too few of them have changed.
Does not belong here: comparing persons (changes.py), which dates there are (timeline.py), and making lines of sums (union.py).

A whole less its shown groups is what the hidden ones come to. Each of them may be uncertain at both dates: if one person comes to
either, their sum tells what that one adds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.changes import Contributed, Groups, unsafe_groups
from pipelines.disclosure.contributions import BETWEEN, Told
from warehouse.key_figures.entries import Catalogue


@dataclass(frozen=True, order=True)
class HiddenSum:
    """What several groups of one table come to, which nobody may learn of one moment.

    Attributes:
        figure: whose table it is.
        moment: the period.
        breakdown: the table's.
        groups: the groups, each of one sex where the table has sexes.
        columns: the tests and parts that are secret of them together.
    """

    figure: str
    moment: str
    breakdown: str
    groups: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True)
class PartedTable:
    """A table with the dimensions that its own stand under: a unit is in a department.

    Attributes:
        by: the table's dimensions.
        wide: the same and their parents, by which the contributions are rolled up.
        across: the dimension that a distribution is across.
    """

    by: tuple[str, ...]
    wide: tuple[str, ...]
    across: str | None

    def wholes(self) -> list[tuple[str, ...]]:
        """The dimensions of what the groups are parts of: one dimension less, or none but sex and what is distributed.

        That a person's own part of a distribution is among the hidden ones tells little: it stays.
        """
        kept = tuple(name for name in self.wide if name in ("sex", self.across))
        less = [tuple(name for name in self.wide if name != one) for one in self.wide if one not in kept]
        return [rest for rest in dict.fromkeys([*less, kept]) if not set(self.by) <= set(rest)]

    def group(self, wide: str) -> str:
        """A group of the table, by one of the wide table."""
        return self.cut(wide, self.by)

    def cut(self, wide: str, dimensions: Sequence[str]) -> str:
        """A group of the wide table as it is called by some of its dimensions."""
        codes = dict(zip(self.wide, wide.split(BETWEEN), strict=True))
        return BETWEEN.join(codes[name] for name in dimensions)


def with_parents(found: Catalogue, by: tuple[str, ...]) -> tuple[str, ...]:
    """Dimensions with those that they stand under."""
    parents = [found.dimensions[name].parent for name in by]
    return (*(name for name in parents if name is not None and name not in by), *by)


def unsafe_sums(
    told: tuple[Told, Told],
    table: PartedTable,
    now: Contributed,
    then: Contributed,
    groups: Groups,
    smallest: int,
    is_hidden: Callable[[str], bool],
    is_known: Callable[[tuple[str, ...], str], bool],
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Compare what the hidden groups of each whole come to at two dates.

    Args:
        told: what the figure tells now, and what it told then.
        table: the table.
        now: the new date, by the wide dimensions.
        then: the earlier date, by the same.
        groups: the names of the wide groups.
        smallest: the smallest number of persons that may differ, if any do.
        is_hidden: whether a group of the table is hidden at one of the dates.
        is_known: whether an outsider knew the numbers of a whole at the earlier date.

    Yields:
        Groups of the table that may not be told together, and the columns in which too few of them have changed.
    """
    here, present = now.groups, np.union1d(now.groups, then.groups)
    hidden = {
        int(number): name for number in present if is_hidden(table.group(name := groups.names[int(number)]))
    }
    for rest in table.wholes() if hidden else ():
        wholes, into = Groups(), np.full(len(groups.names), -1)
        for number, name in hidden.items():
            whole = table.cut(name, rest)
            if is_known(rest, whole):
                into[number] = wholes.number(whole)
        unsafe = unsafe_groups(
            [told], now.gathered(into), then.gathered(into), wholes, {told[0].figure.id: smallest}, _shown
        )
        for (_, whole), columns in unsafe.items():
            members = here[into[here] == wholes.number(whole)]
            own = sorted({table.group(hidden[int(number)]) for number in members})
            if own:
                yield tuple(own), tuple(sorted(columns))


def _shown(_figure: str, _group: str) -> bool:
    """No sum was hidden: it is nobody's cell."""
    return False
