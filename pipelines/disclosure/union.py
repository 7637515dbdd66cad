"""The union of everything published for one last day, as a population of lines and masks.

Belongs here: turning cells and contributions into lines, secrets and masks.
Does not belong here: reading contributions (contributions.py), finding unsafe changes (changes.py), choosing (elimination.py).

All figures whose periods end on the same day stand in one union, whatever their subject: they are about the same persons, so a
number of one may give away a number of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.contributions import Source, Told, group_of, name_of
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.material import Material, Table
from pipelines.disclosure.primary import P_PERCENT, RULES
from pipelines.disclosure.tables import Builder, Mask, Need, Population
from warehouse.key_figures.entries import Catalogue, Figure

MODELLED = frozenset({"person", "piece"})
"""Kinds of rows whose persons can be told apart."""

FREE = frozenset({"office", "municipality", "none"})
"""Classes that hide no number of persons by itself; what is broken down in them is hidden by the primary rules."""

WITHOUT_PERSONS = FREE - {"office"}
"""Those of them that tell no number of persons that could help with others: women among the highest managers are one."""


PUBLIC = "membership"

PUBLIC_DIMENSIONS = frozenset({"department", "unit", "occupation_group", "sex"})
"""Who works where is public record, every month: the class membership by these dimensions is not compared with other dates."""

TOTAL, WORTH = 200, (20, 3, 1)
"""What a cell is worth: of the whole municipality, and of a table by the number of its dimensions, sex not counted."""

MORE_IF_PUBLIC, MORE_IF_FAVOURED = 5, 2
"""How many times as much one is worth that says who works where, or that the date before showed."""


@dataclass(frozen=True, order=True)
class Key:
    """A mask: one figure's one group of both sexes at one moment (two periods of the same months are one moment)."""

    figure: str
    moment: str
    breakdown: str
    group: str


@dataclass(frozen=True)
class Union:
    """What can be told for one last day: the population, and for every mask the place of its cells."""

    population: Population
    keys: list[Key]
    persons: np.ndarray
    not_understood: set[str]
    lines: Mapping[tuple[str, str, str], _Lines]
    untold: tuple[HiddenSum, ...] = ()

    def keeping(self, sums: Iterable[HiddenSum]) -> Union:
        """The same tables with more secrets."""
        more = [
            (one, lines, need)
            for one in sums
            for lines, need in self.lines[(one.figure, one.moment, one.breakdown)].changed_together(one)
        ]
        return replace(
            self,
            population=self.population.keeping([(lines, need) for _, lines, need in more]),
            untold=(*self.untold, *(one for one, _, _ in more)),
        )


@dataclass
class _Drawing:
    """A union while it is being made."""

    material: Material
    found: Catalogue
    builder: Builder = field(default_factory=Builder)
    masks: list[Mask] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    changed: list[dict[int, Need]] = field(default_factory=list)
    public: set[int] = field(default_factory=set)
    who_works_where: set[int] = field(default_factory=set)
    blocks: dict[tuple[str, str, str], tuple[int, np.ndarray]] = field(default_factory=dict)
    lines: dict[tuple[str, str, str], _Lines] = field(default_factory=dict)
    content: list[np.ndarray] = field(default_factory=list)
    near: list[np.ndarray] = field(default_factory=list)
    width: int = 0
    not_understood: set[str] = field(default_factory=set)


def draw(
    material: Material,
    cells: pl.DataFrame,
    found: Catalogue,
    unsafe: Mapping[Key, Sequence[str]],
    favoured: frozenset[tuple[str, str, str]],
) -> Union:
    """The union of tables.

    Args:
        material: the contributions behind the cells.
        cells: judged cells (primary.judge) of tables that are due, all ending on one day, with `_siblings`.
        found: the catalogue.
        unsafe: for masks whose change since an earlier date is unsafe, the columns of tests and parts that changed; none where
            nothing has, and the mask was hidden.
        favoured: figure, breakdown and group of masks that the date before showed: they are kept rather than others.

    Returns:
        The population, with one mask per figure, period and group.
    """
    everybody = material.people + material.possible
    drawing = _Drawing(material, found)
    drawing.content.append(np.repeat([1.0, 0.0], [material.people, material.possible]))
    drawing.near.append(material.near())
    drawing.width = everybody
    keyed = cells.with_columns(
        _moment=pl.struct("figure", "period").map_elements(
            lambda one: material.moment(one["figure"], one["period"]), return_dtype=pl.String
        )
    )
    for (figure_id, moment, breakdown), table in keyed.partition_by(
        ["figure", "_moment", "breakdown"], as_dict=True, maintain_order=True
    ).items():
        _table(drawing, found.figures[figure_id], moment, breakdown, table, unsafe, favoured)
    is_count = np.zeros(drawing.width, dtype=bool)
    is_count[:everybody] = True
    masks = [
        # What who works where tells every month is no secret, however few came and went.
        replace(own, secrets=tuple(sorted({**_but(changed, drawing.public), **dict(own.secrets)}.items())))
        for own, changed in zip(drawing.masks, drawing.changed, strict=True)
    ]
    population = drawing.builder.population(
        np.concatenate(drawing.content), is_count, masks, np.concatenate(drawing.near)
    )
    return Union(population, drawing.keys, np.array(drawing.persons), drawing.not_understood, drawing.lines)


def _but(needs: Mapping[int, Need], lines: set[int]) -> dict[int, Need]:
    return {line: need for line, need in needs.items() if line not in lines}


def _table(
    drawing: _Drawing,
    figure: Figure,
    period: str,
    breakdown: str,
    table: pl.DataFrame,
    unsafe: Mapping[Key, Sequence[str]],
    favoured: frozenset[tuple[str, str, str]],
) -> None:
    by = dimensions_of(breakdown)
    lines = _lines(drawing, figure, period, by)
    if lines is not None:
        drawing.lines[(figure.id, period, breakdown)] = lines
    cells = table.with_columns(group_of(by, column=str))
    dimensions = len([name for name in by if name not in (figure.across, "sex")])
    # Totals first. Then membership: it moves every month and is what everything else is read against. Then the catalogue's order.
    order = list(drawing.found.figures).index(figure.id)
    for (group,), rows in cells.partition_by(["_siblings"], as_dict=True, maintain_order=True).items():
        key = Key(figure.id, period, breakdown, str(group))
        numbers = _Numbers(is_withheld=bool(rows["_hide"].any()))
        is_understood = lines is not None and all(
            lines.agrees(name, n) for name, n in rows.select("group", "n").iter_rows()
        )
        changed = unsafe.get(key, ())
        is_kept = key in unsafe and not changed
        if is_kept or (changed and not is_understood):
            numbers.is_withheld = True
        if lines is not None and is_understood:
            for name, value in rows.select("group", "value").iter_rows():
                numbers.add(lines, name, value is not None, changed, is_kept)
        elif figure.protection not in FREE and (lines is not None or set(by) - {figure.across}):
            # Nothing certain is known of the persons behind it, so nothing can be proved: at most the whole municipality is told.
            numbers.is_withheld = True
            drawing.not_understood.add(figure.id)
        persons = int(rows["n"].sum() or 0)
        is_favoured = (figure.id, breakdown, group) in favoured
        drawing.keys.append(key)
        drawing.persons.append(persons)
        drawing.changed.append(numbers.changed)
        if is_public(figure, by):
            drawing.who_works_where |= numbers.everybody
        if is_public(figure, by) and not numbers.secrets and not numbers.is_withheld:
            drawing.public |= numbers.lines
        drawing.masks.append(
            Mask(
                key=key,
                lines=tuple(sorted(numbers.lines)),
                secrets=tuple(sorted(numbers.secrets.items())),
                at_least_one=tuple(sorted(numbers.everybody)),
                rank=(
                    bool(by),
                    figure.protection != PUBLIC,
                    dimensions,
                    len(by),
                    not is_favoured,
                    order,
                    -persons,
                ),
                price=_price(figure, by, dimensions, rows.height, is_favoured),
                is_withheld=numbers.is_withheld,
            )
        )


def _price(figure: Figure, by: Sequence[str], dimensions: int, cells: int, is_favoured: bool) -> float:
    """What it costs to hide a mask: its cells, of which totals, who works where, and what was shown before are worth more."""
    worth = WORTH[min(dimensions, len(WORTH) - 1)] if by else TOTAL
    more = MORE_IF_PUBLIC if figure.protection == PUBLIC else 1
    return float(cells * worth * more * (MORE_IF_FAVOURED if is_favoured else 1))


@dataclass
class _Numbers:
    """What one mask says, while its groups are gone through."""

    is_withheld: bool
    lines: set[int] = field(default_factory=set)
    secrets: dict[int, Need] = field(default_factory=dict)
    changed: dict[int, Need] = field(default_factory=dict)
    everybody: set[int] = field(default_factory=set)

    def add(self, lines: _Lines, group: str, has_value: bool, changed: Sequence[str], is_kept: bool) -> None:
        """One group: of one sex, or the whole."""
        told = lines.told(group)
        if has_value:
            self.lines |= told
        self.everybody.add(lines.everybody(group))
        self.secrets |= lines.small(group)
        if is_kept:
            self.changed |= lines.kept(group)
        for column in changed:
            secrets = lines.changed(group, column)
            self.changed |= secrets
            # A line that nobody is in has no inner cell, so nothing can be asked of it; the mask is hidden all the same.
            self.is_withheld |= not secrets


def _lines(drawing: _Drawing, figure: Figure, period: str, by: Sequence[str]) -> _Lines | None:
    """Where a table's lines come from; None where the persons behind it are not known one by one."""
    source = drawing.material.source(figure.id, period)
    told = drawing.material.told(figure.id, period)
    if source is None or told is None or not is_modelled(figure, source):
        return None
    rolled = drawing.material.table(source, by, period)
    return _Lines(drawing, source, told, rolled, by, figure.across, period) if rolled is not None else None


def is_public(figure: Figure, by: Sequence[str]) -> bool:
    """Whether a table says no more than who works where."""
    return figure.protection == PUBLIC and PUBLIC_DIMENSIONS.issuperset(by)


def is_modelled(figure: Figure, source: Source) -> bool:
    """Whether the persons behind a figure's numbers are known one by one."""
    return (
        source.subject.row in MODELLED and figure.protection not in WITHOUT_PERSONS and figure.method is None
    )


class _Lines:
    """The lines of one figure's table in one period."""

    def __init__(
        self,
        drawing: _Drawing,
        source: Source,
        told: Told,
        rolled: Table,
        by: Sequence[str],
        across: str | None,
        period: str,
    ) -> None:
        self._drawing, self._source, self._told = drawing, source, told
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
        build = self._drawing.builder.line
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
        return self._tests(group)[0][1]

    def told(self, group: str) -> set[int]:
        """The lines that are told when the group is shown."""
        tests = self._tests(group)
        if self._whole is not None:
            return {tests[0][1], tests[1][1]}
        lines = {tests[0][1]}
        for part in self._told.counts:
            lines.add(self._drawing.builder.line(self._table.holding(group, name_of(part))))
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
                secrets[self._drawing.builder.line(holding)] = need
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
            if own.keys() - self._drawing.who_works_where:
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
        places = self._drawing.material.places(self._source, self._by, self._period, group)
        return bool(np.isin(self._block(name)[1][places], (0.0, 1.0)).all())

    def _sum(self, group: str, terms: Sequence[tuple[str, int]]) -> int | None:
        """The line of a sum of hours and the like; None where nobody adds anything."""
        inner, factors = [], []
        for name, sign in terms:
            begin, values = self._block(name)
            places = self._drawing.material.places(self._source, self._by, self._period, group)
            places = places[values[places] != 0]
            inner.append(begin + places)
            factors.append(np.full(len(places), sign))
        everything = np.concatenate(inner)
        return self._drawing.builder.line(everything, np.concatenate(factors)) if len(everything) else None

    def _block(self, name: str) -> tuple[int, np.ndarray]:
        """Where the inner cells of a sum begin, and what they hold: one per piece."""
        drawing = self._drawing
        key = (self._source.name, self._period, name)
        if key not in drawing.blocks:
            values = drawing.material.values(self._source, self._period, name)
            drawing.blocks[key] = (drawing.width, values)
            drawing.content.append(values * drawing.material.is_real(self._source, self._period))
            drawing.near.append(drawing.material.near_of(self._source, self._period))
            drawing.width += len(values)
        return drawing.blocks[key]
