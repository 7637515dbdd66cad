"""The timeline: what was published before, as the gate needs it when a new date comes.

Belongs here: every earlier date of a table with its contributions, whose numbers are known of it, and what the last one showed.
Does not belong here: keeping it on disk (ledger.py), comparing two dates (changes.py).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.changes import UNCHANGED, Contributed, Groups, unsafe_groups
from pipelines.disclosure.contributions import BETWEEN, Source, Told, level_of, roll_up
from pipelines.disclosure.hidden_sums import HiddenSum, PartedTable, unsafe_sums, with_parents
from pipelines.disclosure.ledger import Entry
from pipelines.disclosure.material import Material
from pipelines.disclosure.primary import RULES
from pipelines.disclosure.reading import Reading
from pipelines.disclosure.union import FREE, Key, is_public
from warehouse.key_figures.entries import Catalogue, Figure


@dataclass(frozen=True)
class _Mask:
    """What was decided of a group: whether it was shown, and whether an outsider may know its numbers."""

    is_shown: bool = True
    is_known: bool = True


NEVER_TOLD = _Mask()
"""A group that was not there: that it had nobody is known."""

UNTOLD = _Mask(is_shown=False)
"""A group that was not listed: it is in what the hidden ones come to."""


class Timeline:
    """Earlier dates, oldest first."""

    def __init__(self, found: Catalogue, reading: Reading, entries: Sequence[Entry]) -> None:
        """Reads the entries' decisions; contributions are read when they are first asked for."""
        self._found, self._reading = found, reading
        self._entries: list[Entry] = []
        self._masks: dict[Entry, dict[tuple[str, str], dict[str, _Mask]]] = {}
        self._variants: dict[Entry, dict[tuple[str, str], str]] = {}
        self._pieces: dict[Entry, dict[str, pl.DataFrame]] = {}
        self._rolled: dict[tuple[Entry, str, tuple[str, ...]], list[tuple[str, Contributed]]] = {}
        self._groups = Groups()
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """One more date."""
        self._entries.append(entry)
        masks: dict[tuple[str, str], dict[str, _Mask]] = {}
        decided = entry.decided
        for figure, breakdown, group, is_shown, is_known in decided.select(
            "figure", "breakdown", "group", "is_shown", "is_known"
        ).iter_rows():
            masks.setdefault((figure, breakdown), {})[group] = _Mask(is_shown, is_known)
        self._masks[entry] = masks
        told = decided.select("figure", "period", "variant").unique().iter_rows()
        self._variants[entry] = {(figure, period): variant for figure, period, variant in told}

    def favoured(self, end: date) -> frozenset[tuple[str, str, str]]:
        """Figure, breakdown and group of what the latest date before showed."""
        found: dict[tuple[str, str], pl.DataFrame] = {}
        for entry in sorted(self._entries, key=lambda one: one.period_end):
            if entry.period_end < end:
                found |= {
                    (str(figure), str(breakdown)): part
                    for (figure, breakdown), part in entry.decided.partition_by(
                        ["figure", "breakdown"], as_dict=True
                    ).items()
                }
        return frozenset(
            row
            for part in found.values()
            for row in part.filter(pl.col("is_shown")).select("figure", "breakdown", "group").iter_rows()
        )

    def unsafe(self, material: Material, here: pl.DataFrame) -> dict[Key, list[str]]:
        """The masks that earlier dates forbid, with the columns in which too few persons have changed.

        Where nobody has changed since a date at which the mask was hidden, UNCHANGED stands among them: it must stay so.

        Args:
            material: the contributions of the new date.
            here: the cells of the new date.
        """
        found: dict[Key, set[str]] = {}
        for source, period, by, figures in self._tables(material, here):
            now = material.rolled(source, by).get(period)
            if now is None:
                continue
            mine = Contributed.of(now, self._groups)
            for figure, group, columns in self._compare(source, by, figures, mine):
                key = Key(figure, period, breakdown_of(by), group)
                found.setdefault(key, set()).update(columns)
        return {key: sorted(columns) for key, columns in found.items()}

    def unsafe_sums(
        self, material: Material, here: pl.DataFrame, shown: Collection[Key]
    ) -> frozenset[HiddenSum]:
        """What several hidden groups come to that earlier dates forbid to tell.

        A whole less its shown groups is what the hidden ones come to. Where too few of them have changed since a date at which
        that was known, the new sum is secret, although each group is hidden at both dates.

        Args:
            material: the contributions of the new date.
            here: the cells of the new date.
            shown: the masks that are to be shown.
        """
        found: set[HiddenSum] = set()
        for source, period, by, figures in self._tables(material, here):
            wide = with_parents(self._found, by)
            now = material.rolled(source, wide).get(period)
            if now is None or not by:
                continue
            mine = Contributed.of(now, self._groups)
            for entry, then, pairs in self._earlier(source, wide, figures, by):
                for told in pairs:
                    figure = told[0].figure
                    parted = PartedTable(by, wide, figure.across)
                    there = tuple(self._listed(parted, one) for one in (mine, then))
                    table = Key(figure.id, period, breakdown_of(by), "")
                    found.update(
                        HiddenSum(figure.id, period, table.breakdown, groups, columns)
                        for groups, columns in unsafe_sums(
                            told,
                            parted,
                            mine,
                            then,
                            self._groups,
                            RULES[figure.protection].smallest,
                            self._hidden(entry, by, table, shown, there),
                            self._knew(entry, figure),
                        )
                    )
        return frozenset(found)

    def _listed(self, table: PartedTable, one: Contributed) -> frozenset[str]:
        """The groups of both sexes that have anybody at a date."""
        names = (table.group(self._groups.names[number]) for number in one.groups)
        return frozenset(self._siblings(table.by, name) for name in names)

    def _hidden(
        self,
        entry: Entry,
        by: tuple[str, ...],
        table: Key,
        shown: Collection[Key],
        there: Sequence[frozenset[str]],
    ) -> Callable[[str], bool]:
        """Whether a group of a table was hidden at a date, or is to be hidden now. That nobody was in it is no secret."""
        masks, (now, then) = self._masks[entry][(table.figure, table.breakdown)], there

        def is_hidden(group: str) -> bool:
            both = self._siblings(by, group)
            was_shown = masks.get(both, UNTOLD if both in then else NEVER_TOLD).is_shown
            return not was_shown or (both in now and replace(table, group=both) not in shown)

        return is_hidden

    def _knew(self, entry: Entry, figure: Figure) -> Callable[[tuple[str, ...], str], bool]:
        """Whether the numbers of a group of another table of a figure were known at a date."""

        def is_known(by: tuple[str, ...], group: str) -> bool:
            masks = self._masks[entry].get((figure.id, breakdown_of(by)))
            return masks is not None and masks.get(self._siblings(by, group), NEVER_TOLD).is_known

        return is_known

    def _tables(
        self, material: Material, here: pl.DataFrame
    ) -> Iterator[tuple[Source, str, tuple[str, ...], list[Told]]]:
        """Source, period and dimensions of every table that is compared, with the figures that it is of."""
        asked: dict[tuple[str, str, tuple[str, ...]], list[Told]] = {}
        tables = here.select("figure", "period", "breakdown").unique(maintain_order=True).iter_rows()
        for name, period, breakdown in tables:
            source, by = material.source(name, period), dimensions_of(breakdown)
            told = material.told(name, period)
            is_standing = material.moment(name, period) == period
            if source is not None and told is not None and is_standing and is_compared(told.figure, by):
                asked.setdefault((source.name, period, by), []).append(told)
        for (name, period, by), figures in asked.items():
            yield material.sources[name], period, by, figures

    def _earlier(
        self, source: Source, rolled_by: tuple[str, ...], figures: Sequence[Told], by: tuple[str, ...]
    ) -> Iterator[tuple[Entry, Contributed, list[tuple[Told, Told]]]]:
        """Every earlier date of a table: its contributions, and what the figures tell now and told then."""
        earlier = {
            entry: there
            for entry in self._entries
            if (there := [one for one in figures if (one.figure.id, breakdown_of(by)) in self._masks[entry]])
        }
        self._roll(earlier, source, rolled_by)
        for entry, there in earlier.items():
            for since, then in self._rolled[(entry, source.name, rolled_by)]:
                yield entry, then, [(one, self._told_then(source, one, entry, since)) for one in there]

    def _compare(
        self, source: Source, by: tuple[str, ...], figures: Sequence[Told], now: Contributed
    ) -> list[tuple[str, str, frozenset[str]]]:
        """Figure, group of both sexes and changed columns of everything unsafe in one table."""
        smallest = {one.figure.id: RULES[one.figure.protection].smallest for one in figures}
        found = []
        for entry, then, told in self._earlier(source, by, figures, by):

            def mask_of(figure: str, group: str, entry: Entry = entry) -> _Mask:
                masks = self._masks[entry][(figure, breakdown_of(by))]
                return masks.get(self._siblings(by, group), NEVER_TOLD)

            unsafe = unsafe_groups(
                told, now, then, self._groups, smallest, lambda *one, of=mask_of: not of(*one).is_shown
            )
            found += [
                (figure, self._siblings(by, group), columns)
                for (figure, group), columns in unsafe.items()
                if UNCHANGED in columns or mask_of(figure, group).is_known
            ]
        return found

    def _told_then(self, source: Source, now: Told, entry: Entry, since: str) -> Told:
        """What a figure told then: with those of unknown sex, or without."""
        mark = self._variants[entry].get((now.figure.id, since))
        return next((one for one in source.variants(now.figure.id) if one.mark == mark), now)

    def _siblings(self, by: tuple[str, ...], group: str) -> str:
        codes = dict(zip(by, group.split(BETWEEN), strict=True)) if by else {}
        return BETWEEN.join(codes.get(name, "") for name in self._found.dimensions if name != "sex")

    def _roll(self, entries: Iterable[Entry], source: Source, by: tuple[str, ...]) -> None:
        """Roll up a breakdown of earlier dates, by period, of every source of the same subject; all that are new at once."""
        new = [entry for entry in entries if (entry, source.name, by) not in self._rolled]
        levels = [level_of(name) for name in by]
        asked: list[tuple[Entry, list[str]]] = []
        together: list[pl.DataFrame] = []
        for entry in new:
            self._rolled[(entry, source.name, by)] = []
            for name, pieces in self._pieces_of(entry).items():
                if _subject(name) == _subject(source.name) and set(levels) <= set(pieces.columns):
                    lacking = [part for part in source.parts if part not in pieces.columns]
                    mark = pl.concat_str(pl.lit(str(len(asked))), "period", separator=BETWEEN)
                    together.append(
                        pieces.with_columns(pl.lit(None, pl.Float64).alias(part) for part in lacking).select(
                            mark.alias("period"), "who", *levels, *source.parts
                        )
                    )
                    asked.append((entry, lacking))
        if not together:
            return
        rolled = roll_up(self._reading.con, source, pl.concat(together), by)
        for (mark,), part in rolled.partition_by("period", as_dict=True).items():
            place, period = str(mark).split(BETWEEN)
            entry, lacking = asked[int(place)]
            own = Contributed.of(part.drop(lacking), self._groups)
            # A month and the year that ends with it are called the same: both count.
            self._rolled[(entry, source.name, by)].append((period, own))

    def _pieces_of(self, entry: Entry) -> dict[str, pl.DataFrame]:
        if entry not in self._pieces:
            read = entry.pieces().items()
            self._pieces[entry] = {name: self._reading.numbered(frame) for name, frame in read}
        return self._pieces[entry]


def _subject(source: str) -> str:
    return source.partition(":")[0]


def is_compared(figure: Figure, by: Sequence[str]) -> bool:
    """Whether the change of a table between two dates is a table of its own."""
    return figure.protection not in FREE and not is_public(figure, by)


def breakdown_of(by: Sequence[str]) -> str:
    """The name of a breakdown by its dimensions."""
    return ",".join(by) or "total"


def siblings_of(found: Catalogue) -> pl.Expr:
    """The group of a cell with both sexes, as one text."""
    names = [pl.col(name).fill_null("") for name in found.dimensions if name != "sex"]
    return pl.concat_str(names, separator=BETWEEN)
