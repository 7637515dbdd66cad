"""Publication: from computed cells to a release that people see.

Belongs here: putting the release together: protected cells, the catalogue as readers need it, and what is known of its
quality. Does not belong here: hiding (pipelines/disclosure), writing to disk (warehouse/release.py).
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import polars as pl

from pipelines.core import HR
from pipelines.disclosure.primary import protect
from pipelines.labels import levels
from pipelines.measures.compute import missing_periods, missing_reasons
from pipelines.measures.insights import Told, tell
from pipelines.validation.accounting import account
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import Catalogue, Figure, catalogue
from warehouse.key_figures.history import read_history
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
        told = tell(protect(cells, found), found, _stale(con, found, settings))
        documents = {
            "catalogue.json": _catalogue(con, found, told),
            "insights.json": told.document,
            "quality.json": {**_quality(con), "checks": list(checks)},
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


def _catalogue(con: duckdb.DuckDBPyConnection, found: Catalogue, told: Told) -> dict[str, Any]:
    as_of = dict(told.cells.group_by("figure").agg(pl.col("period_end").max()).iter_rows())
    reasons = missing_reasons(con, found)
    gaps = missing_periods(con, found)
    history = read_history()
    return {
        "figures": [
            {
                **_figure(found, figure, as_of.get(figure.id), reasons.get(figure.id)),
                "missing_periods": _gaps(gaps.get(figure.id, {})),
                **({"missing": told.reasons[figure.id], "as_of": None} if figure.id in told.reasons else {}),
                "history": [
                    {
                        "version": line["version"],
                        "valid_from": str(line["valid_from"]),
                        "change": line.get("change"),
                    }
                    for line in history[figure.id]
                ],
            }
            for figure in found.figures.values()
        ],
        "themes": [theme.model_dump() for theme in found.themes],
        "dimensions": levels(con, found),
        "units": {name: unit.model_dump() for name, unit in found.units.items()},
    }


def _figure(found: Catalogue, figure: Figure, as_of: object, reason: list[str] | None) -> dict[str, Any]:
    stated = figure.model_dump(
        mode="json", exclude={"breakdowns", "tested", "errors", "numerator", "denominator"}
    )
    return {
        **stated,
        "formula": _formula(figure),
        "decimals": found.units[figure.unit].decimals,
        "population": found.populations[figure.population].name.model_dump(),
        "owner": found.owners[figure.owner].model_dump(),
        "breakdowns": [list(by) for by in found.breakdowns(figure)],
        "sources": list(found.subjects[figure.subject].contracts),
        "as_of": str(as_of) if as_of else None,
        "missing": None if as_of else _reason(reason or [], found.subjects[figure.subject].period),
    }


def _formula(figure: Figure) -> str:
    if figure.made_of:
        return f"{figure.method}({', '.join(figure.made_of)})"
    if figure.method:
        return f"{figure.method}({figure.numerator})" + (f" over {figure.over}" if figure.over else "")
    own, whole = figure.numerator, figure.denominator
    return {
        "share": f"100 * ({own}) / ({whole})",
        "ratio": f"({own}) / ({whole})",
        "difference": f"({own}) - ({whole})",
        "gap": f"100 * (({whole}) - ({own})) / ({whole})",
    }.get(figure.value, own)


def _gaps(lacking: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """The periods without a value, told together where the reason is the same."""
    together: dict[tuple[str, ...], list[str]] = {}
    for period, columns in sorted(lacking.items()):
        together.setdefault(tuple(columns), []).append(period)
    return [{**_reason(columns), "periods": periods} for columns, periods in together.items()]


def _reason(lacking: Sequence[str], named_by: str | None = None) -> dict[str, str]:
    """Why a figure has no value, in words; `named_by` tells what names its periods, where those are not months."""
    if not lacking and named_by == "year":
        return {
            "sv": "Kolada har inget värde, eller så har inställningarna inte valt något nyckeltal.",
            "en": "Kolada has no value, or the settings have not chosen a figure.",
        }
    if not lacking and named_by:
        return {
            "sv": "Ingen enkätomgång har ställt frågorna.",
            "en": "No survey round has asked the items.",
        }
    if not lacking:
        return {
            "sv": "Det finns ännu inte så många månader i rad som nyckeltalet behöver.",
            "en": "There are not yet as many months in a row as the figure needs.",
        }
    fields = {name: field for contract in CONTRACTS.values() for name, field in contract.delivered.items()}
    names = {
        lang: ", ".join(
            CONTRACTS[name].title[lang].lower()
            if name in CONTRACTS
            else getattr(fields[name], lang)
            if name in fields
            else name
            for name in lacking
        )
        for lang in ("sv", "en")
    }
    return {
        "sv": f"Underlaget levererar inte: {names['sv']}.",
        "en": f"The source does not deliver: {names['en']}.",
    }


def _quality(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    deliveries = con.sql(
        """
        SELECT
            contract, source, delivery_id, file_name, status, reason, reason_sv,
            CAST(delivered_at AS VARCHAR) AS delivered_at,
            CAST(taken_at AS VARCHAR) AS taken_at,
            [CAST(LIST_MIN(months) AS VARCHAR), CAST(LIST_MAX(months) AS VARCHAR)] AS months,
            rows_delivered, rows_loaded, rows_quarantined
        FROM log.delivery
        ORDER BY delivered_at DESC, contract, file_name
        """
    ).pl()
    quarantine = con.sql(
        """
        SELECT contract, delivery_id, CAST(month AS VARCHAR) AS month, column_name AS "column", rule, COUNT(*) AS rows
        FROM log.quarantine
        GROUP BY ALL
        ORDER BY ALL
        """
    ).pl()
    return {
        "deliveries": [_delivery(row) for row in deliveries.iter_rows(named=True)],
        "accounting": account(con).to_dicts(),
        "quarantine": quarantine.to_dicts(),
    }


def _delivery(row: dict[str, Any]) -> dict[str, Any]:
    """One line of the delivery log, with the reason of a refusal in both languages."""
    reason = {"sv": row["reason_sv"], "en": row["reason"]} if row["reason"] else None
    return {**{name: value for name, value in row.items() if name != "reason_sv"}, "reason": reason}
