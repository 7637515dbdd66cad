"""Publication: from computed cells to a release that people see.

Belongs here: putting the release together: protected cells, what is told of them, and the documents beside.
Does not belong here: hiding (pipelines/disclosure), what the documents say (release_documents.py), writing to disk
(warehouse/release.py).
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from pipelines.core import HR
from pipelines.disclosure.calendar import Calendar, due, first_month
from pipelines.disclosure.gate import LEDGER
from pipelines.disclosure.ledger import Ledger
from pipelines.disclosure.primary import protect
from pipelines.measures.insights import tell
from pipelines.release_documents import catalogue_document, quality_document
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import Catalogue, catalogue
from warehouse.release import Published, publish
from warehouse.settings import Settings
from warehouse.store import Store

# More than any page shows, fewer than adding in another order can disturb.
DIGITS = 10
# A value that lies half-way between two roundings would go either way by its last digit: all are moved the same way first.
NUDGE = 1 + 2**-40


class NothingToPublishError(RuntimeError):
    """There is not a single cell: nothing has been delivered, or nothing has been computed."""


def publish_release(store: Store, settings: Settings, checks: Sequence[Mapping[str, Any]] = ()) -> Published:
    """Protect the computed cells and publish them.

    Args:
        store: the warehouse, with `figures.cell` up to date.
        settings: the settings.
        checks: results of the expectations, aggregates only, as Datakvalitet shows them.

    Returns:
        The current release, and whether it is a new one.

    Raises:
        NothingToPublishError: there are no cells.
    """
    found = catalogue()
    with store.read() as con:
        cells = _settled(con.sql("SELECT * FROM figures.cell").pl(), found)
        if cells.is_empty():
            raise NothingToPublishError(
                "there are no figures to publish; has anything been delivered? See: fordel sources"
            )
        anchor, _ = Ledger(settings.home / LEDGER).begin(first_month(cells))
        moves = Calendar(anchor)
        told = tell(protect(due(cells, found, moves), found), found, _stale(con, found, settings))
        documents = {
            "catalogue.json": catalogue_document(con, found, told, moves),
            "insights.json": told.document,
            "quality.json": {**quality_document(con), "checks": list(checks)},
        }
    as_of = cells["period_end"].max()
    manifest = {
        "as_of": str(as_of),
        "trial": True,
        "municipality": settings.municipality.model_dump(),
        "fordel_version": importlib.metadata.version("fordel"),
    }
    return publish(settings.releases, told.cells, documents, manifest, keep=settings.releases_kept)


def _settled(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
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
    oldest = datetime.now(UTC).date() - timedelta(days=settings.fresh_within_days)
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
