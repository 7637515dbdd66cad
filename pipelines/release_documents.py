"""The documents of a release: the catalogue as readers need it, and what is known of the quality.

Belongs here: turning the catalogue, the calendar and the delivery log into `catalogue.json` and `quality.json`.
Does not belong here: cells (publication.py), and what is told of them (measures/insights.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb
import polars as pl

from pipelines.disclosure.calendar import Calendar
from pipelines.labels import levels
from pipelines.measures.compute import missing_periods, missing_reasons
from pipelines.measures.insights import Told
from pipelines.validation.accounting import account
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.key_figures.history import read_history
from warehouse.private import without_numbers


def catalogue_document(
    con: duckdb.DuckDBPyConnection, found: Catalogue, told: Told, moves: Calendar
) -> dict[str, Any]:
    """`catalogue.json`: every figure with its definition, calendar and reasons; themes, dimensions, units."""
    as_of = dict(told.cells.group_by("figure").agg(pl.col("period_end").max()).iter_rows())
    reasons = missing_reasons(con, found)
    gaps = missing_periods(con, found)
    history = read_history()
    latest = latest_periods(told.cells)
    return {
        "figures": [
            {
                **entry_of(found, figure, as_of.get(figure.id), reasons.get(figure.id)),
                "calendar": calendar_of(found, figure, latest, moves),
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


def latest_periods(cells: pl.DataFrame) -> dict[tuple[str, str], tuple[str, date]]:
    """The latest published period of every figure and breakdown, and its last day; of two that end alike, the month."""
    ordered = (
        cells.select("figure", "breakdown", "period", "period_end").unique().sort("period_end", "period")
    )
    return {(figure, breakdown): (period, end) for figure, breakdown, period, end in ordered.iter_rows()}


def calendar_of(
    found: Catalogue,
    figure: Figure,
    latest: Mapping[tuple[str, str], tuple[str, date]],
    moves: Calendar,
) -> dict[str, dict[str, Any]]:
    """By breakdown: months between two published periods, the latest one, and the month whose figures come next."""
    stated = {}
    for by in found.breakdowns(figure):
        breakdown = ",".join(by) or "total"
        period, end = latest.get((figure.id, breakdown), (None, None))
        ahead = moves.next_move(figure, by, end) if end else None
        stated[breakdown] = {
            "every": None if figure.period == ("round",) else moves.every(figure, by),
            "latest": period,
            "next": f"{ahead:%Y-%m}" if ahead else None,
        }
    return stated


def entry_of(found: Catalogue, figure: Figure, as_of: object, reason: list[str] | None) -> dict[str, Any]:
    """What `catalogue.json` states of a figure, but for calendar, gaps and history."""
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
        "aimed_at_by": found.aimed_at(figure.id),
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
            "sv": "Kolada har inget värde, eller så är inget nyckeltal valt i inställningarna.",
            "en": "Kolada has no value, or no figure is chosen in the settings.",
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


def quality_document(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """`quality.json` but for the checks: deliveries, accounting, quarantine by rule."""
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
    told = {name: value for name, value in row.items() if name != "reason_sv"}
    return {**told, "file_name": without_numbers(row["file_name"]), "reason": reason}
