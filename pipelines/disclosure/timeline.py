"""The timeline: what was published before, as the gate needs it when a new date comes.

Belongs here: every earlier date of a table with its contributions, whose numbers are known of it, and what the last one showed.
Does not belong here: keeping it on disk (ledger.py), comparing two dates (changes.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.changes import Contributed, Groups, unsafe_groups
from pipelines.disclosure.contributions import BETWEEN, Source, Told, roll_up
from pipelines.disclosure.ledger import Entry
from pipelines.disclosure.material import Material
from pipelines.disclosure.primary import RULES
from pipelines.disclosure.reading import Reading
from pipelines.disclosure.union import FREE, Key, is_public
from warehouse.key_figures.entries import Catalogue, Figure


class Timeline:
    """Earlier dates, oldest first."""

    def __init__(self, found: Catalogue, reading: Reading, entries: Sequence[Entry]) -> None:
        """Reads the entries' decisions; contributions are read when they are first asked for."""
        self._found, self._reading = found, reading
        self._entries: list[Entry] = []
        self._known: dict[Entry, dict[tuple[str, str], dict[str, bool]]] = {}
        self._pieces: dict[Entry, dict[str, pl.DataFrame]] = {}
        self._rolled: dict[tuple[Entry, str, tuple[str, ...]], dict[str, Contributed]] = {}
        self._groups = Groups()
        for entry in entries:
            self.add(entry)

    def add(self, entry: Entry) -> None:
        """One more date."""
        self._entries.append(entry)
        known: dict[tuple[str, str], dict[str, bool]] = {}
        for figure, breakdown, group, is_known in entry.decided.select(
            "figure", "breakdown", "group", "is_known"
        ).iter_rows():
            known.setdefault((figure, breakdown), {})[group] = is_known
        self._known[entry] = known

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
        """The masks whose change since an earlier date tells of too few persons, with the columns that changed.

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
            if (there := [one for one in figures if (one.figure.id, breakdown) in self._known[entry]])
        }
        self._roll(earlier, source, by)
        found = []
        for entry, there in earlier.items():
            known, before = self._known[entry], self._rolled[(entry, source.name, by)]
            found += [
                (figure, group, why.columns)
                for (figure, own, _), why in unsafe_groups(there, now, before, self._groups, smallest).items()
                for group in [self._siblings(by, own)]
                if known[(figure, breakdown)].get(group, True)
            ]
        return found

    def _siblings(self, by: tuple[str, ...], group: str) -> str:
        codes = dict(zip(by, group.split(BETWEEN), strict=True)) if by else {}
        return BETWEEN.join(codes.get(name, "") for name in self._found.dimensions if name != "sex")

    def _roll(self, entries: Iterable[Entry], source: Source, by: tuple[str, ...]) -> None:
        """Roll up a breakdown of earlier dates, by period, of every source of the same subject; all that are new at once."""
        new = [entry for entry in entries if (entry, source.name, by) not in self._rolled]
        asked: list[tuple[Entry, list[str]]] = []
        together: list[pl.DataFrame] = []
        for entry in new:
            self._rolled[(entry, source.name, by)] = {}
            for name, pieces in self._pieces_of(entry).items():
                if _subject(name) == _subject(source.name) and set(source.levels) <= set(pieces.columns):
                    lacking = [part for part in source.parts if part not in pieces.columns]
                    mark = pl.concat_str(pl.lit(str(len(asked))), "period", separator=BETWEEN)
                    together.append(
                        pieces.with_columns(pl.lit(None, pl.Float64).alias(part) for part in lacking).select(
                            mark.alias("period"), "who", *source.levels, *source.parts
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
