"""Computing key figures: what has to be computed again, and where the cells are kept.

Belongs here: choosing periods whose inputs changed, calling the engine, replacing their cells in one transaction.
Does not belong here: the SQL of a figure (cube.py), or hiding anything.
"""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

import warehouse.key_figures
from pipelines.core import TABLES, CoreTable, fingerprints
from pipelines.measures.asked import Wanted
from pipelines.measures.cube import make_cells
from pipelines.measures.known_sex import TooFew, leave_out_the_few
from pipelines.measures.periods import Window, delivered_columns, lacking, named_windows, windows
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue, Figure, Subject
from warehouse.settings import Settings
from warehouse.store import Store

Needs = tuple[tuple[str, ...], ...]
"""Columns that deliveries must hold, each with its alternatives."""


@dataclass(frozen=True)
class Computed:
    """What computing came to: cells written, figures and periods touched, seconds."""

    cells: int
    figures: tuple[str, ...]
    periods: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class _Group:
    """Figures that are computed together: one subject, one kind of period."""

    subject: str
    kind: str
    figures: tuple[Figure, ...]

    @property
    def name(self) -> str:
        return f"figures:{self.subject}:{self.kind}"


def compute(
    store: Store, settings: Settings, themes: Sequence[str] | None = None, too_few: TooFew | None = None
) -> Computed:
    """Bring `figures.cell` up to date with the core tables and the catalogue.

    Grain of `figures.cell`: one row per figure, period, breakdown and group, unprotected: it must not leave the warehouse.

    Args:
        store: the warehouse.
        settings: the settings that the core was built with.
        themes: limit to these themes; default all.
        too_few: whether the numbers of persons behind a cell are too few to be shown; a figure and period whose persons of
            unknown sex are, is computed without them. Default: they always count.
    """
    begun = time.monotonic()
    found = catalogue()
    chosen = [figure for figure in found.figures.values() if themes is None or figure.theme in themes]
    cells, touched, periods = 0, set[str](), set[str]()
    with store.write() as con, store.transaction(con):
        _prepare(con, found)
        delivered = delivered_columns(con)
        known: dict[str, dict[date, str]] = {}
        for group in _groups(chosen):
            table = _table(found.subjects[group.subject])
            if table.name not in known:
                made = fingerprints(con, settings, table)
                known[table.name] = {date.fromisoformat(month): value for month, value in made.items()}
            stale = _stale(con, found, group, known[table.name])
            if not stale:
                continue
            cells += _make(con, found, group, dict(stale), delivered, too_few)
            touched |= {figure.id for figure in group.figures}
            periods |= {window.period for window, _ in stale}
    return Computed(cells, tuple(sorted(touched)), tuple(sorted(periods)), time.monotonic() - begun)


def missing_reasons(con: duckdb.DuckDBPyConnection, found: Catalogue) -> dict[str, list[str]]:
    """For every figure without any cell, the delivered columns whose lack is the reason; empty = too few months."""
    delivered = delivered_columns(con)
    having = {figure for (figure,) in con.execute("SELECT DISTINCT figure FROM figures.cell").fetchall()}
    reasons = {}
    for figure in found.figures.values():
        if figure.id in having:
            continue
        latest = [Window("", max(delivered), (max(delivered),))] if delivered else []
        reasons[figure.id] = lacking(found.needs(figure), latest[0], delivered) if latest else []
    return reasons


def missing_periods(con: duckdb.DuckDBPyConnection, found: Catalogue) -> dict[str, dict[str, list[str]]]:
    """For every figure that has cells, the delivered periods without any, with the delivered columns whose lack is the reason."""
    delivered = delivered_columns(con)
    having = con.execute("SELECT figure, LIST(DISTINCT period) FROM figures.cell GROUP BY figure").fetchall()
    gaps: dict[str, dict[str, list[str]]] = {}
    for name, periods in having:
        figure = found.figures.get(name)
        for kind in figure.period if figure and figure.period != ("round",) else ():
            for window in windows(kind, delivered):
                lack = lacking(found.needs(figure), window, delivered) if figure else []
                if window.period not in periods and lack:
                    gaps.setdefault(name, {})[window.period] = lack
    return gaps


def _prepare(con: duckdb.DuckDBPyConnection, found: Catalogue) -> None:
    levels = ", ".join(f"{name} VARCHAR" for name in found.dimensions)
    columns = con.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = 'figures' AND table_name = 'cell'"
    ).fetchall()
    gained = [name for name in found.dimensions if columns and (name,) not in columns]
    for name in gained:
        con.execute(f"ALTER TABLE figures.cell ADD COLUMN {name} VARCHAR")
    if gained:
        # Everything is computed again, but for what an older version said of its time.
        con.execute("DELETE FROM log.built WHERE what LIKE 'figures:%'")
    con.execute(
        f"""
        CREATE TABLE IF NOT EXISTS figures.cell (
            figure VARCHAR NOT NULL, version INTEGER NOT NULL, period VARCHAR NOT NULL, period_end DATE NOT NULL,
            breakdown VARCHAR NOT NULL, {levels},
            numerator DOUBLE, denominator DOUBLE, value DOUBLE, low DOUBLE, high DOUBLE, n BIGINT, tested BIGINT[]
        )
        """
    )


def _groups(figures: Sequence[Figure]) -> list[_Group]:
    together: dict[tuple[str, str], list[Figure]] = {}
    for figure in figures:
        for kind in figure.period:
            together.setdefault((figure.subject, kind), []).append(figure)
    return [_Group(subject, kind, tuple(members)) for (subject, kind), members in together.items()]


def _stale(
    con: duckdb.DuckDBPyConnection, found: Catalogue, group: _Group, months: Mapping[date, str]
) -> list[tuple[Window, str]]:
    """The periods of a group whose inputs are others than when they were last computed, with the new fingerprint."""
    subject = found.subjects[group.subject]
    stated = _stated(group, subject)
    known = dict(
        con.execute("SELECT period, fingerprint FROM log.built WHERE what = ?", [group.name]).fetchall()
    )
    stale = []
    possible = (
        named_windows(con, subject.period)
        if subject.period
        else windows(group.kind, months, subject.looks_back)
    )
    for window in possible:
        # A spell may have begun long before the period: where pieces count, every earlier month is an input.
        inputs = (
            window.months
            if subject.row_is_person
            else [month for month in months if month <= window.months[-1]]
        )
        inputs = [month for month in inputs if month in months]
        text = "".join(f"{month}{months[month]}" for month in sorted(inputs))
        fingerprint = hashlib.sha256(f"{stated}{text}".encode()).hexdigest()[:16]
        if known.get(window.period) != fingerprint:
            stale.append((window, fingerprint))
    return stale


def _table(subject: Subject) -> CoreTable:
    """The subject's core table."""
    return next(table for table in TABLES if table.name == subject.table)


def _stated(group: _Group, subject: Subject) -> str:
    """All that is said of the group's figures: the entries, the subject, shared definitions, and the engine itself."""
    shared = (Path(warehouse.key_figures.__file__).parent / "subjects.yaml").read_text(encoding="utf-8")
    engine = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py")))
    entries = "".join(figure.model_dump_json() for figure in group.figures)
    return hashlib.sha256(f"{entries}{subject.model_dump_json()}{shared}{engine}".encode()).hexdigest()


def _make(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    group: _Group,
    stale: Mapping[Window, str],
    delivered: Mapping[date, frozenset[str]],
    too_few: TooFew | None,
) -> int:
    subject = found.subjects[group.subject]

    @functools.cache
    def has_all(needs: Needs, window: Window) -> bool:
        return not lacking(needs, window, delivered)

    wanted = [
        Wanted(figure, by, periods)
        for figure in group.figures
        for by in found.breakdowns(figure)
        if (periods := _possible(found, figure, subject, by, list(stale), has_all))
    ]
    con.register("wanted_months", _months_of(list(stale), subject))
    con.execute("CREATE OR REPLACE TEMP TABLE wanted_month AS SELECT * FROM wanted_months")
    con.unregister("wanted_months")
    touched = [window.period for window in stale]
    for figure in group.figures:
        con.execute(
            """
            DELETE FROM figures.cell
            WHERE figure = ? AND period IN (SELECT UNNEST(?)) AND NOT (version < ? AND period_end < ?)
            """,
            [figure.id, touched, figure.version, figure.valid_from],
        )
    made = make_cells(con, found, subject, wanted) if wanted else 0
    if wanted and too_few is not None:
        made += leave_out_the_few(con, found, subject, wanted, too_few)
    con.execute(
        "DELETE FROM log.built WHERE what = ? AND period IN (SELECT UNNEST(?))", [group.name, touched]
    )
    con.executemany(
        "INSERT INTO log.built VALUES (?, ?, ?)",
        [[group.name, window.period, fingerprint] for window, fingerprint in stale.items()],
    )
    return made


def _possible(
    found: Catalogue,
    figure: Figure,
    subject: Subject,
    by: Sequence[str],
    stale: Sequence[Window],
    has_all: Callable[[Needs, Window], bool],
) -> tuple[str, ...]:
    """The periods whose deliveries hold all that the figure and this breakdown need."""
    needs = {
        *found.needs(figure),
        *(
            tuple(subject.columns[column].split("|"))
            for name in by
            for column in found.columns_of(figure, name)
        ),
    }
    return tuple(
        window.period
        for window in stale
        if has_all(tuple(sorted(needs)), window)
        # What an older version said of its time stands as it was published.
        and not (figure.version > 1 and window.period_end < figure.valid_from)
    )


def _months_of(stale: Sequence[Window], subject: Subject) -> pl.DataFrame:
    """The months whose rows make each period."""
    rows = [
        (window.period, window.period_end, month)
        for window in stale
        for month in (window.months[-1:] if subject.at_end or subject.looks_back else window.months)
    ]
    return pl.DataFrame(
        rows, schema={"period": pl.String, "period_end": pl.Date, "month": pl.Date}, orient="row"
    )
