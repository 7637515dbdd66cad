"""Publication: from computed cells to a release that people see.

Belongs here: putting the release together: protected cells, what is told of them, and the documents beside.
Does not belong here: hiding (pipelines/disclosure), what the documents say (release_documents.py), writing to disk
(warehouse/release.py).
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import duckdb
import polars as pl

from pipelines.core import HR
from pipelines.disclosure import record
from pipelines.disclosure.gate import GateClosedError, Progress, release_gate
from pipelines.disclosure.record_page import render, table_name
from pipelines.measures.insights import tell
from pipelines.release_documents import catalogue_document, quality_document
from warehouse import clock
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue
from warehouse.release import AUDIT, Published, publish
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.texts import LANGUAGES, Words

# More than any page shows, fewer than adding in another order can disturb.
DIGITS = 10
# A value that lies half-way between two roundings would go either way by its last digit: all are moved the same way first.
NUDGE = 1 + 2**-40
# Tables that a message names before it only counts them.
NAMED = 6


class NothingToPublishError(RuntimeError):
    """There is not a single cell: nothing has been delivered, or nothing has been computed."""


def publish_release(
    store: Store,
    settings: Settings,
    checks: Sequence[Mapping[str, Any]] = (),
    progress: Progress | None = None,
) -> Published:
    """Take the computed cells through the gate and publish what it lets out, and what is told of that.

    Args:
        store: the warehouse, with `figures.cell` up to date.
        settings: the settings.
        checks: results of the expectations, aggregates only, as Datakvalitet shows them.
        progress: told after each last day that the gate has audited.

    Returns:
        The current release, and whether it is a new one.

    Raises:
        NothingToPublishError: there are no cells.
        GateClosedError: an audit failed; the current release stays.
    """
    found = catalogue()
    with store.read() as con:
        cells = settled(con.sql("SELECT * FROM figures.cell").pl(), found)
        if cells.is_empty():
            raise NothingToPublishError(
                "there are no figures to publish; has anything been delivered? See: fordel sources"
            )
        gated = release_gate(con, cells, found, settings, progress)
        told = tell(gated.cells, found, _stale(con, found, settings))
        audit = record.document(gated.records, gated.calendar.anchor, told.cells)
        documents = {
            "catalogue.json": catalogue_document(con, found, told, gated.calendar),
            "insights.json": told.document,
            "quality.json": {**quality_document(con), "checks": list(checks)},
            AUDIT: audit,
        }
    manifest = {
        "as_of": str(cells["period_end"].max()),
        "municipality": settings.municipality.model_dump(),
        "fordel_version": importlib.metadata.version("fordel"),
    }
    pages = {
        f"audit.{lang}.html": render(audit, lang, settings.municipality.name, found) for lang in LANGUAGES
    }
    return publish(settings.releases, told.cells, documents, manifest, settings.releases_kept, pages)


def gate_closed(error: GateClosedError, lang: str) -> str:
    """What people are told when the gate lets nothing out: which tables, never a value."""
    words, found = Words(lang), catalogue()
    tables = [table_name(found, figure, breakdown, lang) for figure, breakdown in error.tables]
    if len(tables) > NAMED:
        tables = [*tables[:NAMED], words("audit.more", n=str(len(tables) - NAMED))]
    named = "; ".join(tables) or words("audit.no_table")
    return words("alerts.findings.gate_closed", date=str(error.period_end), tables=named)


def settled(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """The cells in one order, without the last digits of sums.

    DuckDB adds in the order in which its threads come by, so that the last digits of a sum of fractions differ from
    night to night; the same deliveries must give the same bytes. Whole numbers are exact and stay as they are.
    """
    numbers = [name for name in ("value", "numerator", "denominator", "low", "high") if name in cells.columns]
    settled = [
        pl.when(pl.col(name) == pl.col(name).round(0))
        .then(pl.col(name))
        .otherwise((pl.col(name) * NUDGE).round_sig_figs(DIGITS))
        .alias(name)
        for name in numbers
    ]
    levels = [name for name in found.dimensions if name in cells.columns]
    return cells.with_columns(settled).sort("figure", "period", "breakdown", *levels, nulls_last=False)


def _stale(con: duckdb.DuckDBPyConnection, found: Catalogue, settings: Settings) -> set[str]:
    """The figures whose newest delivery is of a month that ended too long ago to judge by."""
    oldest = clock.today() - timedelta(days=settings.fresh_within_days)
    # What is told anew every month is as old as its month; what comes when it happens, as old as its last delivery.
    newest = dict(
        con.execute(
            "SELECT contract, CAST(MAX(delivered_at) AS DATE) FROM log.delivery WHERE status = 'loaded' GROUP BY contract"
        ).fetchall()
    )
    for name in HR:
        (newest[name],) = con.execute(
            f"SELECT LAST_DAY(MAX(month)) FROM {CONTRACTS[name].table}"
        ).fetchone() or (None,)
    return {
        figure.id
        for figure in found.figures.values()
        if any((newest.get(name) or oldest) < oldest for name in found.subjects[figure.subject].contracts)
    }
