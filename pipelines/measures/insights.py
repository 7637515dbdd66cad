"""What is told of protected cells beside their numbers: intervals, signals, changes in words, the index and the objectives.

Belongs here: putting these together for a release. Does not belong here: any number that has not passed pipelines/disclosure.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
from babel.dates import format_date
from babel.numbers import format_decimal

from pipelines.measures.equality import INDEX, add_index
from pipelines.measures.intervals import add_intervals
from pipelines.measures.objectives import Standing, path_at, standings
from pipelines.measures.signals import Change, changes, signals
from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.release import MISSING
from warehouse.texts import LANGUAGES, Words

LOCALES = {"sv": "sv_SE", "en": "en_GB"}


@dataclass(frozen=True)
class Told:
    """The cells with intervals and index, what `insights.json` holds, and why a figure made of others is missing."""

    cells: pl.DataFrame
    document: dict[str, Any]
    reasons: Mapping[str, Mapping[str, str]]


def tell(protected: pl.DataFrame, found: Catalogue, stale: Collection[str] = ()) -> Told:
    """Everything that is made of protected cells.

    Args:
        protected: the cells as pipelines/disclosure lets them out.
        found: the catalogue.
        stale: figures whose source is too old to judge by.

    Returns:
        The cells to publish, and `insights.json`: signals, changes, objectives, targets, equality_index (parts by year).
    """
    cells, parts = add_index(add_intervals(protected, found), found)
    cells = cells.select(protected.columns).sort(
        ["figure", "period", "period_end", "version", "breakdown", *found.dimensions], nulls_last=False
    )
    known = signals(cells, found)
    document = {
        "signals": known,
        "changes": [
            _change(found.figures[change.figure], found, change) for change in changes(cells, found, known)
        ],
        "objectives": [_objective(found, standing) for standing in standings(cells, found, stale)],
        "targets": _targets(cells, found),
        "equality_index": parts,
    }
    return Told(cells, document, _reasons(cells, found, parts))


def _change(figure: Figure, found: Catalogue, change: Change) -> dict[str, Any]:
    latest, before = change.latest, change.before
    return {
        "figure": change.figure,
        "period": latest["period"],
        "earlier": before["period"],
        "value": latest["value"],
        "before": before["value"],
        "difference": change.difference,
        "low": change.low,
        "high": change.high,
        "verdict": change.verdict,
        "sentence": _sentence(
            f"insights.change.{change.verdict}",
            lambda lang: {
                "value": _number(latest["value"], figure, found, lang),
                "before": _number(before["value"], figure, found, lang),
                "when": _when(latest["period"], figure, lang),
                "earlier": _when(before["period"], figure, lang),
            },
        ),
    }


def _objective(found: Catalogue, standing: Standing) -> dict[str, Any]:
    figure = found.figures[standing.figure] if standing.figure else None

    def filling(lang: str) -> dict[str, str]:
        numbers = {name: getattr(standing, name) for name in ("value", "target", "path")}
        return {
            **{
                name: _number(number, figure, found, lang, is_chosen=name == "target")
                for name, number in numbers.items()
                if number is not None
            },
            **{name: str(number) for name, number in (standing.counts or {}).items()},
            "figure": getattr(figure.name, lang) if figure else "",
            "when": _when(standing.period, figure, lang) if standing.period and figure else "",
            "date": _day(standing.target_date, lang) if standing.target_date else "",
        }

    return {
        "id": standing.id,
        "figure": standing.figure,
        "status": standing.status,
        "because": standing.because,
        "value": standing.value,
        "period": standing.period,
        "target": standing.target,
        "target_date": str(standing.target_date) if standing.target_date else None,
        "baseline": standing.baseline,
        "path": standing.path,
        "counts": standing.counts,
        "sentence": _sentence(f"insights.objective.{standing.because}", filling),
    }


def _targets(cells: pl.DataFrame, found: Catalogue) -> dict[str, list[dict[str, Any]]]:
    """For every figure with a target and a baseline, the path at each of its periods, for a chart to draw."""
    ends = cells.select("figure", "period", "period_end").unique().sort("period_end", "period")
    told: dict[str, list[dict[str, Any]]] = {}
    for figure, period, period_end in ends.iter_rows():
        target = found.figures[figure].target
        path = path_at(target, period_end) if target else None
        if path is not None:
            told.setdefault(figure, []).append({"period": period, "path": path})
    return told


def _reasons(
    cells: pl.DataFrame, found: Catalogue, parts: Mapping[str, list[dict[str, Any]]]
) -> dict[str, dict[str, str]]:
    if not parts:
        return {}
    latest = parts[max(parts)]
    lacking = [part["figure"] for part in latest if part["value"] is None]
    shown = cells.filter((pl.col("figure") == INDEX) & (pl.col("status") != MISSING))
    if not lacking or not shown.is_empty():
        return {}
    names = {
        lang: ", ".join(getattr(found.figures[name].name, lang) for name in lacking) for lang in LANGUAGES
    }
    return {INDEX: _sentence("insights.index.missing", lambda lang: {"parts": names[lang]})}


def _sentence(key: str, filling: Any) -> dict[str, str]:
    return {lang: Words(lang)(key, **filling(lang)) for lang in LANGUAGES}


def _number(
    value: float, figure: Figure | None, found: Catalogue, lang: str, *, is_chosen: bool = False
) -> str:
    unit = found.units[figure.unit if figure else "percent"]
    # A target was chosen, not measured: it has no more decimals than it was given.
    most = range(unit.decimals + 1) if is_chosen else (unit.decimals,)
    decimals = next((places for places in most if value == round(value, places)), unit.decimals)
    # A value that rounds to nothing has no sign.
    rounded = round(value, decimals) + 0.0
    places = f".{'0' * decimals}" if decimals else ""
    written = format_decimal(rounded, format=f"#,##0{places}", locale=lang).replace("-", "\N{MINUS SIGN}")
    return f"{written}\N{NO-BREAK SPACE}{getattr(unit, lang)}" if unit.is_said else written


def _when(period: str, figure: Figure, lang: str) -> str:
    """When, as within a sentence: `i oktober 2026`, `i november 2025`, `år 2025`, `i HME-2026`, `de tolv månaderna till …`."""
    if "round" in figure.period:
        # A survey server may name a round by digits only.
        kind = "round"
    elif period.isdigit():
        kind = "november" if "november" in figure.period else "year"
    else:
        kind = "rolling" if "rolling" in figure.period else "month"
        period = format_date(date(int(period[:4]), int(period[5:]), 1), "LLLL y", locale=lang)
    return Words(lang)(f"insights.when.{kind}", period=period)


def _day(day: date, lang: str) -> str:
    return format_date(day, "long", locale=LOCALES[lang])
