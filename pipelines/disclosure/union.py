"""The union of everything published for one last day, as a population of lines and masks.

Belongs here: which tables there are, what a mask says, what it is worth, and what is public.
Does not belong here: the lines of one table (lines.py), finding unsafe changes (changes.py), choosing (elimination.py).

All figures whose periods end on the same day stand in one union, whatever their subject: they are about the same persons, so a
number of one may give away a number of another.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.changes import UNCHANGED
from pipelines.disclosure.contributions import Source, group_of
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.lines import Lines, Sheet
from pipelines.disclosure.material import Material
from pipelines.disclosure.tables import Mask, Need, Population
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
    lines: Mapping[tuple[str, str, str], Lines]
    who_works_where: frozenset[int] = frozenset()
    untold: tuple[HiddenSum, ...] = ()

    def keeping(self, sums: Iterable[HiddenSum]) -> Union:
        """The same tables with more secrets."""
        # Who works where is no secret, of several groups as little as of one.
        more = [
            (one, lines, need)
            for one in sums
            for lines, need in self.lines[(one.figure, one.moment, one.breakdown)].changed_together(one)
            if not self.who_works_where.issuperset(lines)
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
    sheet: Sheet
    masks: list[Mask] = field(default_factory=list)
    keys: list[Key] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    changed: list[dict[int, Need]] = field(default_factory=list)
    public: set[int] = field(default_factory=set)
    who_works_where: set[int] = field(default_factory=set)
    lines: dict[tuple[str, str, str], Lines] = field(default_factory=dict)
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
        unsafe: for masks whose change since an earlier date is unsafe, the columns of tests and parts that changed, and UNCHANGED
            where the mask was hidden at a date since which nothing has.
        favoured: figure, breakdown and group of masks that the date before showed: they are kept rather than others.

    Returns:
        The population, with one mask per figure, period and group.
    """
    drawing = _Drawing(material, found, Sheet(material))
    keyed = cells.with_columns(
        _moment=pl.struct("figure", "period").map_elements(
            lambda one: material.moment(one["figure"], one["period"]), return_dtype=pl.String
        )
    )
    for (figure_id, moment, breakdown), table in keyed.partition_by(
        ["figure", "_moment", "breakdown"], as_dict=True, maintain_order=True
    ).items():
        _table(drawing, found.figures[figure_id], moment, breakdown, table, unsafe, favoured)
    masks = [
        # What who works where tells every month is no secret, however few came and went.
        replace(own, secrets=tuple(sorted({**_but(changed, drawing.public), **dict(own.secrets)}.items())))
        for own, changed in zip(drawing.masks, drawing.changed, strict=True)
    ]
    return Union(
        drawing.sheet.population(masks),
        drawing.keys,
        np.array(drawing.persons),
        drawing.not_understood,
        drawing.lines,
        frozenset(drawing.who_works_where),
    )


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
        numbers = _said(drawing, figure, lines, by, rows, unsafe.get(key, ()))
        persons = int(rows["n"].sum() or 0)
        is_favoured = (figure.id, breakdown, group) in favoured
        drawing.keys.append(key)
        drawing.persons.append(persons)
        drawing.changed.append(numbers.changed)
        if is_public(figure, by):
            drawing.who_works_where |= numbers.everybody
            if not numbers.secrets and not numbers.is_withheld:
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


def _said(
    drawing: _Drawing,
    figure: Figure,
    lines: Lines | None,
    by: Sequence[str],
    rows: pl.DataFrame,
    changed: Sequence[str],
) -> _Numbers:
    """What a mask says; `changed` are the columns of `unsafe` in `draw`."""
    numbers = _Numbers(is_withheld=bool(rows["_hide"].any()))
    if lines is not None and all(lines.agrees(name, n) for name, n in rows.select("group", "n").iter_rows()):
        for name, value in rows.select("group", "value").iter_rows():
            numbers.add(lines, name, value is not None, changed)
        return numbers
    numbers.is_withheld |= bool(changed)
    if figure.protection not in FREE and (lines is not None or set(by) - {figure.across}):
        # Nothing certain is known of the persons behind it, so nothing can be proved: at most the whole municipality is told.
        numbers.is_withheld = True
        drawing.not_understood.add(figure.id)
    return numbers


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

    def add(self, lines: Lines, group: str, has_value: bool, changed: Sequence[str]) -> None:
        """One group: of one sex, or the whole."""
        told = lines.told(group)
        if has_value:
            self.lines |= told
        self.everybody.add(lines.everybody(group))
        self.secrets |= lines.small(group)
        if UNCHANGED in changed:
            self.is_withheld = True
            self.changed |= lines.kept(group)
        for column in changed:
            if column != UNCHANGED:
                secrets = lines.changed(group, column)
                self.changed |= secrets
                # A line that nobody is in has no inner cell, so nothing can be asked of it; the mask is hidden all the same.
                self.is_withheld |= not secrets


def _lines(drawing: _Drawing, figure: Figure, period: str, by: Sequence[str]) -> Lines | None:
    """Where a table's lines come from; None where the persons behind it are not known one by one."""
    source = drawing.material.source(figure.id, period)
    told = drawing.material.told(figure.id, period)
    if source is None or told is None or not is_modelled(figure, source):
        return None
    rolled = drawing.material.table(source, by, period)
    return (
        Lines(drawing.sheet, source, told, rolled, by, figure.across, period) if rolled is not None else None
    )


def is_public(figure: Figure, by: Sequence[str]) -> bool:
    """Whether a table says no more than who works where."""
    return figure.protection == PUBLIC and PUBLIC_DIMENSIONS.issuperset(by)


def is_modelled(figure: Figure, source: Source) -> bool:
    """Whether the persons behind a figure's numbers are known one by one."""
    return (
        source.subject.row in MODELLED and figure.protection not in WITHOUT_PERSONS and figure.method is None
    )
