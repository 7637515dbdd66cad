"""Reading for the gate: which sources the due cells need, over which months.

Belongs here: finding the months of every period, and one token per person for one run.
Does not belong here: the SQL (contributions.py), and what is made of it (union.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from pipelines.core import fingerprints
from pipelines.disclosure.contributions import Source, read, told
from pipelines.disclosure.material import Material
from pipelines.measures.known_sex import with_known_sex
from pipelines.measures.periods import Window, named_windows, windows
from warehouse.key_figures.entries import Catalogue, Figure, Subject
from warehouse.settings import Settings


@dataclass
class Reading:
    """Reads contributions; persons get whole numbers that mean something in this run only."""

    con: duckdb.DuckDBPyConnection
    found: Catalogue
    settings: Settings
    salt: str
    numbers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the delivered months and the sources."""
        self.months = [date.fromisoformat(month) for month in fingerprints(self.con, self.settings)]
        groups: dict[tuple[str, str], list[Figure]] = {}
        for figure in self.found.figures.values():
            for own in figure.period:
                groups.setdefault((figure.subject, str(own)), []).append(figure)
        self.sources: dict[str, tuple[Source, str]] = {}
        for (name, kind), figures in groups.items():
            subject = self.found.subjects[name]
            if subject.row == "count":
                continue
            used = {
                dimension
                for figure in figures
                for by in self.found.breakdowns(figure)
                for dimension in by
                if self.found.dimensions[dimension].sql
            }
            plain = tuple(told(self.found, figure) for figure in figures if figure.method is None)
            knows = "sex" in subject.columns
            limited = with_known_sex(self.found)
            known = tuple(told(limited, one.figure, mark="_known") for one in plain if knows)
            dimensions = tuple(dimension for dimension in self.found.dimensions if dimension in used)
            source = Source(f"{name}:{kind}", subject, plain, known, dimensions)
            self.sources[source.name] = (source, kind)

    def material(self, cells: pl.DataFrame) -> Material:
        """The contributions behind some cells.

        Args:
            cells: `figure`, `period`, `breakdown` and more.
        """
        wanted = set(cells.select("figure", "period").unique().iter_rows())
        pieces: dict[str, pl.DataFrame] = {}
        moments: dict[tuple[str, str], tuple[str, str]] = {}
        alike: dict[tuple[str, object], str] = {}
        for name, (source, kind) in self.sources.items():
            asked: dict[str, tuple[date, Sequence[date]]] = {}
            for window in self._windows(source.subject, kind):
                mine = [one.figure.id for one in source.plain if (one.figure.id, window.period) in wanted]
                is_last = source.subject.at_end or source.subject.looks_back
                months = window.months[-1:] if is_last else window.months
                for figure in mine:
                    asked[window.period] = (window.period_end, months)
                    made_of: object = window.period if source.subject.period else tuple(months)
                    standing = alike.setdefault((figure, made_of), window.period)
                    moments[(figure, window.period)] = (name, standing)
            if asked:
                pieces[name] = self.numbered(read(self.con, self.found, source, asked, self.salt))
        material = Material(
            self.con,
            {name: source for name, (source, _) in self.sources.items()},
            pieces,
            _settled(moments),
            len(self.numbers),
        )
        material.choose_variants(cells)
        return material

    def _windows(self, subject: Subject, kind: str) -> list[Window]:
        if subject.period:
            return named_windows(self.con, subject.period)
        return windows(kind, self.months, subject.looks_back)

    def numbered(self, pieces: pl.DataFrame) -> pl.DataFrame:
        """The same pieces with `token` beside `who`, which becomes a whole number."""
        for token in pieces["who"].unique(maintain_order=True).to_list():
            self.numbers.setdefault(token, len(self.numbers))
        numbers = pieces["who"].replace_strict(self.numbers, return_dtype=pl.Int64)
        return pieces.with_columns(token=pl.col("who"), who=numbers)


def _settled(moments: dict[tuple[str, str], tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    """Periods of the same months point to the source of the one that stands for them."""
    return {
        (figure, period): (moments[(figure, standing)][0], standing)
        for (figure, period), (_, standing) in moments.items()
    }
