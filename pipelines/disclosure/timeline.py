"""The timeline: what was published before, as the gate needs it when a new date comes.

Belongs here: every earlier date of a table with its contributions, whose numbers are known of it, and what the last one showed.
Does not belong here: keeping it on disk (ledger.py), comparing two dates (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.changes import Contributed, Groups, unsafe_groups
from pipelines.disclosure.contributions import BETWEEN, Source, Told, level_of, roll_up
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


class Timeline:
    """Earlier dates, oldest first."""

    def __init__(self, found: Catalogue, reading: Reading, entries: Sequence[Entry]) -> None:
        """Reads the entries' decisions; contributions are read when they are first asked for."""
        self._found, self._reading = found, reading
        self._entries: list[Entry] = []
        self._masks: dict[Entry, dict[tuple[str, str], dict[str, _Mask]]] = {}
        self._variants: dict[Entry, dict[tuple[str, str], str]] = {}
        self._pieces: dict[Entry, dict[str, pl.DataFrame]] = {}
        self._rolled: dict[tuple[Entry, str, tuple[str, ...]], dict[str, Contributed]] = {}
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

        Where nobody has changed there is no such column: the mask was hidden, and must stay so.

        Args:
            material: the contributions of the new date.
            here: the cells of the new date.
        """
        found: dict[Key, set[str]] = {}
        tables = here.select("figure", "period", "breakdown").unique(maintain_order=True).iter_rows()
        asked: dict[tuple[str, str, tuple[str, ...]], list[Told]] = {}
        for name, period, breakdown in tables:
            source, by = material.source(name, period), dimensions_of(breakdown)
            told = material.told(name, period)
            is_standing = material.moment(name, period) == period
            if source is not None and told is not None and is_standing and is_compared(told.figure, by):
                asked.setdefault((source.name, period, by), []).append(told)
        for (name, period, by), figures in asked.items():
            now = material.rolled(material.sources[name], by).get(period)
            if now is None:
                continue
            mine = Contributed.of(now, self._groups)
            for figure, group, columns in self._compare(material.sources[name], by, figures, mine):
                key = Key(figure, period, ",".join(by) or "total", group)
                found.setdefault(key, set()).update(columns)
        return {key: sorted(columns) for key, columns in found.items()}

    def _compare(
        self, source: Source, by: tuple[str, ...], figures: Sequence[Told], now: Contributed
    ) -> list[tuple[str, str, frozenset[str]]]:
        """Figure, group of both sexes and changed columns of everything unsafe in one table."""
        smallest = {one.figure.id: RULES[one.figure.protection].smallest for one in figures}
        breakdown = ",".join(by) or "total"
        earlier = {
            entry: there
            for entry in self._entries
            if (there := [one for one in figures if (one.figure.id, breakdown) in self._masks[entry]])
        }
        self._roll(earlier, source, by)
        found = []
        for entry, there in earlier.items():

            def mask_of(figure: str, group: str, entry: Entry = entry) -> _Mask:
                return self._masks[entry][(figure, breakdown)].get(self._siblings(by, group), NEVER_TOLD)

            for since, then in self._rolled[(entry, source.name, by)].items():
                told = [(one, self._told_then(source, one, entry, since)) for one in there]
                unsafe = unsafe_groups(
                    told, now, then, self._groups, smallest, lambda *one, of=mask_of: not of(*one).is_shown
                )
                found += [
                    (figure, self._siblings(by, group), columns)
                    for (figure, group), columns in unsafe.items()
                    if not columns or mask_of(figure, group).is_known
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
            self._rolled[(entry, source.name, by)] = {}
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
            self._rolled[(entry, source.name, by)][period] = own

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


def siblings_of(found: Catalogue) -> pl.Expr:
    """The group of a cell with both sexes, as one text."""
    names = [pl.col(name).fill_null("") for name in found.dimensions if name != "sex"]
    return pl.concat_str(names, separator=BETWEEN)
