"""The lines of one table: what a group's numbers are sums of, and which of them nobody may learn.

Belongs here: what is told of a group, what is too small, what has changed, what was hidden; as lines over inner cells.
Does not belong here: which tables there are and their masks (union.py), and finding changes (changes.py, hidden_sums.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from pipelines.disclosure.contributions import Source, Told, name_of
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.material import Material, Table
from pipelines.disclosure.primary import P_PERCENT, RULES
from pipelines.disclosure.tables import Builder, Mask, Need, Population


@dataclass
class Sheet:
    """The inner cells of a union while its lines are drawn: persons first, then a block for each sum, a cell for each piece."""

    material: Material
    builder: Builder = field(default_factory=Builder)
    _blocks: dict[tuple[str, str, str], tuple[int, np.ndarray]] = field(default_factory=dict)
    _content: list[np.ndarray] = field(default_factory=list)
    _near: list[np.ndarray] = field(default_factory=list)
    _width: int = 0

    def __post_init__(self) -> None:
        """Begin with the persons, of whom the possible ones count as nobody."""
        people, possible = self.material.people, self.material.possible
        self._content.append(np.repeat([1.0, 0.0], [people, possible]))
        self._near.append(self.material.near())
        self._width = people + possible

    def block(self, source: Source, period: str, name: str) -> tuple[int, np.ndarray]:
        """Where the inner cells of a sum begin, and what they hold: one per piece."""
        key = (source.name, period, name)
        if key not in self._blocks:
            values = self.material.values(source, period, name)
            self._blocks[key] = (self._width, values)
            self._content.append(values * self.material.is_real(source, period))
            self._near.append(self.material.near_of(source, period))
            self._width += len(values)
        return self._blocks[key]

    def population(self, masks: Sequence[Mask]) -> Population:
        """Everything drawn."""
        is_count = np.arange(self._width) < self.material.people + self.material.possible
        return self.builder.population(
            np.concatenate(self._content), is_count, masks, np.concatenate(self._near)
        )


class Lines:
    """The lines of one figure's table in one period."""

    def __init__(
        self,
        sheet: Sheet,
        source: Source,
        told: Told,
        rolled: Table,
        by: Sequence[str],
        across: str | None,
        period: str,
    ) -> None:
        self._sheet, self._source, self._told = sheet, source, told
        self._table, self._by, self._across, self._period = rolled, by, across, period
        self._class = told.figure.protection
        self._is_sum = bool(told.sums)
        self._whole = rolled.without(by.index(across)) if across else None
        self._tested: dict[str, list[tuple[str, int, int]]] = {}

    def _members(self, group: str, test: str) -> np.ndarray:
        return self._table.members(group, test)

    def _tests(self, group: str) -> list[tuple[str, int, int]]:
        """Every test of the group: its column, its line and its number of persons; the first is everybody."""
        if group in self._tested:
            return self._tested[group]
        build = self._sheet.builder.line
        names = [self._told.test(place) for place in range(len(self._told.tests))]
        found = []
        if self._whole is not None:
            part = self._members(group, names[0])
            every = np.unique(np.concatenate([self._members(one, names[0]) for one in self._whole[group]]))
            rest = np.setdiff1d(every, part)
            found = [("whole", every), (names[0], part), ("rest", rest)]
        else:
            found = [(name, self._members(group, name)) for name in names]
        self._tested[group] = [(name, build(members), self._table.count(members)) for name, members in found]
        return self._tested[group]

    def agrees(self, group: str, n: int | None) -> bool:
        """Whether the persons found are as many as the cell says; if not, the model of the figure is wrong."""
        tests = self._tests(group)
        return n is not None and min(tests[place][2] for place in self._told.n) == n

    def everybody(self, group: str) -> int:
        """The line of all who are in a group."""
        return self._tests(group)[0][1]

    def told(self, group: str) -> set[int]:
        """The lines that are told when the group is shown."""
        tests = self._tests(group)
        if self._whole is not None:
            return {tests[0][1], tests[1][1]}
        lines = {tests[0][1]}
        for part in self._told.counts:
            lines.add(self._sheet.builder.line(self._table.holding(group, name_of(part))))
        lines.update(
            line
            for part in self._told.sums
            for line in [self._sum(group, [(name_of(part), 1)])]
            if line is not None
        )
        return lines

    def small(self, group: str) -> dict[int, Need]:
        """The lines that tell of too few persons, with what must stay uncertain about them."""
        rule = RULES[self._class]
        limit = rule.smallest
        secrets: dict[int, Need] = {}
        for place, (_, line, persons) in enumerate(self._tests(group)):
            # How many are in a group may be public, whatever is said of them. Medians of women and men tell no number of persons.
            is_told = place > 0 and bool(self._told.counts)
            own = limit if is_told and not self._is_sum else rule.smallest_size
            if 0 < persons < own and not (self._is_sum and place > 0):
                secrets[line] = Need(width=own - 1)
        return secrets | self._small_sums(group, limit)

    def _small_sums(self, group: str, limit: int) -> dict[int, Need]:
        """Sums that too few add to, and what a sum leaves of another where that is of too few."""
        few: list[list[tuple[str, int]]] = [
            [(name, 1)]
            for name in map(name_of, self._told.sums)
            if 0 < self._table.count(self._table.holding(group, name)) < limit
        ]
        for place, test in enumerate(self._told.tests if self._told.sums else ()):
            if (
                test.less is not None
                and 0 < self._table.count(self._members(group, self._told.test(place))) < limit
            ):
                few.append(
                    [(name_of(part), 1) for part in test.whole.parts]
                    + [(name_of(part), -1) for part in test.less.parts]
                )
        return {line: need for terms in few for line, need in self._uncertain(group, terms)}

    def changed(self, group: str, column: str) -> dict[int, Need]:
        """The lines that tell what a column, in which too few persons have changed, comes to; none where it is nobody's."""
        need = Need(width=RULES[self._class].smallest - 1)
        secrets = {line: need for name, line, persons in self._tests(group) if name == column and persons}
        for part in self._told.counts:
            holding = self._table.holding(group, name_of(part))
            if name_of(part) == column and self._table.count(holding):
                secrets[self._sheet.builder.line(holding)] = need
        for part in self._told.sums:
            if name_of(part) == column:
                secrets |= dict(self._uncertain(group, [(name_of(part), 1)]))
        return secrets

    def kept(self, group: str) -> dict[int, Need]:
        """The lines of a group that was hidden and has not changed: to know them now would be to know them then.

        They need not be as uncertain as those that they were hidden beside, only as uncertain as those needed them to be: by as
        much as too few of the group would come to.
        """
        smallest = RULES[self._class].smallest_size
        tests = self._tests(group)
        own = tests[1:2] if self._whole is not None else tests
        secrets = {line: Need(width=smallest - 1) for _, line, persons in own if persons}
        for part in self._told.sums:
            for line, need in self._uncertain(group, [(name_of(part), 1)]):
                persons = self._table.count(self._table.holding(group, name_of(part)))
                few = min(1.0, (smallest - 1) / max(persons, 1))
                secrets[line] = Need(need.width, few * need.below, few * need.above)
        return secrets

    def changed_together(self, several: HiddenSum) -> list[tuple[list[int], Need]]:
        """For every column, the lines of the groups that add to it, and what must stay uncertain of their sum."""
        found = []
        for column in several.columns:
            own = dict(line for group in several.groups for line in self.changed(group, column).items())
            if own:
                need = Need(
                    width=max(one.width for one in own.values()),
                    below=sum(one.below for one in own.values()),
                    above=sum(one.above for one in own.values()),
                )
                found.append((list(own), need))
        return found

    def _uncertain(self, group: str, terms: Sequence[tuple[str, int]]) -> list[tuple[int, Need]]:
        line = self._sum(group, terms)
        if line is None:
            return []
        if all(self._is_counted(group, name) for name, _ in terms):
            return [(line, Need(width=RULES[self._class].smallest - 1))]
        value = abs(sum(sign * self._table.total(group, name) for name, sign in terms))
        margin = value * P_PERCENT / 100
        return [(line, Need(below=margin, above=margin))]

    def _is_counted(self, group: str, name: str) -> bool:
        """Whether a sum is of nothing but ones: it counts persons, or things of theirs."""
        places = self._sheet.material.places(self._source, self._by, self._period, group)
        return bool(np.isin(self._sheet.block(self._source, self._period, name)[1][places], (0.0, 1.0)).all())

    def _sum(self, group: str, terms: Sequence[tuple[str, int]]) -> int | None:
        """The line of a sum of hours and the like; None where nobody adds anything."""
        inner, factors = [], []
        for name, sign in terms:
            begin, values = self._sheet.block(self._source, self._period, name)
            places = self._sheet.material.places(self._source, self._by, self._period, group)
            places = places[values[places] != 0]
            inner.append(begin + places)
            factors.append(np.full(len(places), sign))
        everything = np.concatenate(inner)
        return self._sheet.builder.line(everything, np.concatenate(factors)) if len(everything) else None
