"""The gate: the only way from computed cells to cells that may leave.

Belongs here: the order of the steps (calendar, primary rules, changes, elimination, audit, ledger), verdicts kept by
content, and the refusal to let anything out that is not proved safe. No setting turns it off.
Does not belong here: any of those steps, and writing a release (warehouse/release.py).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import polars as pl

from pipelines.core import contents
from pipelines.disclosure import calendar, record
from pipelines.disclosure.calendar import Calendar, due, first_month
from pipelines.disclosure.hidden_sums import HiddenSum
from pipelines.disclosure.ledger import DECIDED_SCHEMA, Entry, Ledger
from pipelines.disclosure.material import Material
from pipelines.disclosure.possible import with_possible
from pipelines.disclosure.primary import CONSTANTS, RULES, judge, mask
from pipelines.disclosure.program import ProgramError
from pipelines.disclosure.protection import Protected, protect_population
from pipelines.disclosure.reading import Reading
from pipelines.disclosure.timeline import Timeline, siblings_of
from pipelines.disclosure.union import Key, Union, draw
from warehouse.key_figures.entries import Catalogue
from warehouse.settings import Settings

METHOD = "2026-11-26.3"
"""Names the method: a change of it makes every verdict be found anew."""

LEDGER = "ledger"
Progress = Callable[[date, float, int], None]
"""Takes a last day that was audited, its seconds, and how many are left."""

Name = tuple[str, str]
"""A table: figure and breakdown."""


class GateClosedError(RuntimeError):
    """Something could not be proved safe: nothing may be published, and the last release stands.

    `tables` are the figures and breakdowns concerned, `period_end` the last day of their period; no value, no group.
    """

    def __init__(self, period_end: date, tables: Sequence[Name], why: str) -> None:
        """Say which tables and why."""
        self.period_end, self.tables, self.why = period_end, tuple(tables), why
        named = ", ".join(f"{figure} by {breakdown}" for figure, breakdown in tables)
        super().__init__(f"the gate is closed for {period_end}: {why}; tables: {named or 'none named'}")


@dataclass(frozen=True)
class Gated:
    """What may leave.

    Attributes:
        cells: one row per cell of the tables that are due, every number of a hidden one empty.
        records: the audit's record of each last day, oldest first, without any value.
        calendar: when each breakdown moves.
        audited: the last days that were audited now; the others' verdicts were known.
        seconds: how long it took.
    """

    cells: pl.DataFrame
    records: list[dict[str, Any]]
    calendar: Calendar
    audited: tuple[date, ...]
    seconds: float


def release_gate(
    con: duckdb.DuckDBPyConnection,
    cells: pl.DataFrame,
    found: Catalogue,
    settings: Settings,
    progress: Progress | None = None,
) -> Gated:
    """Protect computed cells, prove it, and remember what was told.

    Args:
        con: the warehouse, for the persons behind the cells.
        cells: `figures.cell`, all of it.
        found: the catalogue.
        settings: where the ledger is.
        progress: told after each last day.

    Returns:
        What may be published.

    Raises:
        GateClosedError: an audit failed; nothing may be published.
    """
    begun = time.monotonic()
    ledger = Ledger(settings.home / LEDGER)
    anchor, salt = ledger.begin(first_month(cells, found))
    moves = Calendar(anchor)
    judged = judge(due(cells, found, moves), found).with_columns(_siblings=siblings_of(found))
    entries = ledger.entries()
    wanted = _fingerprints(con, judged, found)
    new = [end for end, fingerprint in wanted.items() if (end, fingerprint) not in entries]
    if new:
        reading = Reading(con, found, settings, salt)
        timeline = Timeline(found, reading, list(entries.values()))
        # A first history begins with its newest date, which people look at most: what an older date may tell then depends on it.
        order = new if entries else new[::-1]
        for left, end in zip(range(len(new) - 1, -1, -1), order, strict=True):
            started = time.monotonic()
            here = judged.filter((pl.col("period_end") == end) & ~pl.col("_is_nobody"))
            entry = _decide(ledger, timeline, reading.material(here), here, found, end, wanted[end])
            timeline.add(entry)
            entries[(end, wanted[end])] = entry
            if progress is not None:
                progress(end, time.monotonic() - started, left)
    current = [entries[(end, fingerprint)] for end, fingerprint in wanted.items()]
    shown = (
        pl.concat([entry.decided for entry in current]) if current else pl.DataFrame(schema=DECIDED_SCHEMA)
    )
    return Gated(
        cells=mask(_apply(judged, shown), found),
        records=[entry.record for entry in current],
        calendar=moves,
        audited=tuple(new),
        seconds=time.monotonic() - begun,
    )


def _fingerprints(con: duckdb.DuckDBPyConnection, judged: pl.DataFrame, found: Catalogue) -> dict[date, str]:
    """For every last day, a hash of all that its verdict depends on."""
    classes = sorted((figure.id, str(RULES[figure.protection])) for figure in found.figures.values())
    rules = f"{METHOD}{classes}{CONSTANTS}{calendar.FILE.read_text('utf-8')}"
    # The cells do not tell who is in them: the same numbers of other persons are another content.
    past = contents(con, judged["period_end"].unique().to_list())
    contents_of: dict[date, str] = {}
    columns = [name for name in judged.columns if name not in {"value", "low", "high"}]
    for (end,), part in sorted(judged.partition_by("period_end", as_dict=True).items()):
        rows = np.sort(part.select(columns).hash_rows(seed=1).to_numpy()).tobytes()
        content = hashlib.sha256(f"{rules}{past[end]}".encode() + rows).hexdigest()
        contents_of[end] = content[:16]
    return contents_of


def _decide(
    ledger: Ledger,
    timeline: Timeline,
    material: Material,
    here: pl.DataFrame,
    found: Catalogue,
    end: date,
    fingerprint: str,
) -> Entry:
    """Protect and audit everything of one last day, and enter it into the ledger."""
    begun = time.monotonic()
    unsafe = timeline.unsafe(material, here)
    union = draw(with_possible(material, here), here, found, unsafe, timeline.favoured(end))
    try:
        union, protected = _protect(union, lambda shown: timeline.unsafe_sums(material, here, shown))
    except ProgramError as error:
        raise GateClosedError(end, (), f"an audit could not be made ({error})") from error
    seconds = time.monotonic() - begun
    if not protected.verdict.passed:
        raise GateClosedError(
            end, _tables(union, protected), "an audit failed and nothing more could be hidden"
        )
    decided = _decided(here, material, union, protected)
    stated = record.of(end, fingerprint, union, protected, here, found, unsafe, seconds)
    pieces = {name: frame.with_columns(who="token").drop("token") for name, frame in material.pieces.items()}
    return ledger.add(end, fingerprint, decided, stated, pieces)


def _protect(
    union: Union, unsafe_sums: Callable[[Collection[Key]], frozenset[HiddenSum]]
) -> tuple[Union, Protected]:
    """Protect a union, and what its hidden groups come to: which groups are hidden is known only when it has been decided."""
    shown = np.array([own.may_be_shown for own in union.population.masks])
    asked: frozenset[HiddenSum] = frozenset()
    protected: Protected | None = None
    while True:
        found = unsafe_sums({key for key, is_shown in zip(union.keys, shown, strict=True) if is_shown})
        if protected is not None and found <= asked:
            return union, protected
        union = union.keeping(sorted(found - asked))
        protected = protect_population(union.population, protected)
        shown, asked = protected.shown, asked | found


def _tables(union: Union, protected: Protected) -> list[Name]:
    """The tables of the secrets that are not safe."""
    bad = {finding.line for finding in protected.verdict.findings} | set(protected.verdict.derivable)
    found = {
        (key.figure, key.breakdown)
        for key, own in zip(union.keys, union.population.masks, strict=True)
        if any(line in bad for line, _ in own.secrets)
    }
    found |= {
        (one.figure, one.breakdown)
        for one, (line, _) in zip(union.untold, union.population.untold, strict=True)
        if line in bad
    }
    return sorted(found)


def _decided(here: pl.DataFrame, material: Material, union: Union, protected: Protected) -> pl.DataFrame:
    """The masks of one last day for the ledger, one row for each period that a mask stands for."""
    intervals = protected.verdict.intervals
    told = set(union.population.told(list(protected.shown)))
    status: dict[Key, tuple[bool, bool]] = {}
    for key, own, is_shown in zip(union.keys, union.population.masks, protected.shown, strict=True):
        secret = [line for line, _ in own.secrets]
        # What is hidden counts as unknown only where the audit proved it uncertain; a hidden mask without a secret
        # may be derivable.
        is_unknown = bool(secret) and all(line in intervals and line not in told for line in secret)
        status[key] = (bool(is_shown), bool(is_shown) or not is_unknown)
    rows = here.select("figure", "period", "breakdown", pl.col("_siblings").alias("group")).unique(
        maintain_order=True
    )
    keys = [
        Key(figure, material.moment(figure, period), breakdown, group)
        for figure, period, breakdown, group in rows.iter_rows()
    ]
    return rows.with_columns(
        is_shown=pl.Series([status[key][0] for key in keys], dtype=pl.Boolean),
        is_known=pl.Series([status[key][1] for key in keys], dtype=pl.Boolean),
        variant=pl.Series([_variant(material, key) for key in keys], dtype=pl.String),
    )


def _variant(material: Material, key: Key) -> str:
    told = material.told(key.figure, key.moment)
    return told.mark if told is not None else ""


def _apply(judged: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """Put the decisions into the cells; a cell without a decision is hidden."""
    joined = judged.join(
        decided.select("figure", "period", "breakdown", "group", "is_shown"),
        left_on=["figure", "period", "breakdown", "_siblings"],
        right_on=["figure", "period", "breakdown", "group"],
        how="left",
    )
    return joined.with_columns(_hide=pl.col("_hide") | ~pl.col("is_shown").fill_null(value=False)).drop(
        "is_shown"
    )
