"""Asking a release: which cells a figure, a period and a breakdown mean.

Belongs here: understanding how people name periods and breakdowns, and saying what there is when there is no such thing.
Does not belong here: printing (fordel.py), pages (dashboards), reading files (release.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from warehouse.release import MISSING, Release
from warehouse.texts import LANGUAGES, Words

COUNTED = ("value", "numerator", "denominator", "n")

NOT_BROKEN_DOWN = {
    "sv": "Underlaget levererar inte det som indelningen behöver i den här perioden.",
    "en": "The source does not deliver what this breakdown needs in this period.",
}
TOTALS_ONLY = {lang: Words(lang)("common.reasons.totals_only") for lang in LANGUAGES}


class UnknownError(LookupError):
    """The release has no such figure, period or breakdown; the message lists what it has."""


def ask(
    release: Release, figure: str, period: str | None = None, by: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """The cells that answer a question.

    Args:
        release: the release.
        figure: id of the figure.
        period: `2022-11` or `2016`; default the latest. On a monthly figure a year means its November, or else its last month;
            on a November figure a November means its year.
        by: dimensions, in any order; none = the total.

    Returns:
        One record per cell: figure, period, breakdown, group (dimension → code), value, numerator, denominator, n, status.
        What the deliveries, or the asker's role, do not allow gives one record of status `missing`, with `reason`.

    Raises:
        UnknownError: no such figure, period or breakdown.
    """
    if figure not in release.figures:
        raise UnknownError(f"there is no figure '{figure}'; there are: {', '.join(sorted(release.figures))}")
    breakdown = find_breakdown(release, figure, by)
    absent = why_missing(release, figure, period)
    if absent is None and release.has_totals_only and breakdown != release.breakdown(figure, ()):
        absent = TOTALS_ONLY
    if absent is not None:
        return [_missing(figure, period, breakdown, absent)]
    asked = find_period(release, figure, period, by)
    cells = release.cells(figure, asked, by)
    if cells.is_empty():
        return [_missing(figure, asked, breakdown, NOT_BROKEN_DOWN)]
    return [
        {
            "figure": figure,
            "period": cell["period"],
            "breakdown": cell["breakdown"],
            "group": release.group(cell),
            **{name: cell[name] for name in COUNTED},
            "status": cell["status"],
        }
        for cell in cells.iter_rows(named=True)
    ]


def why_missing(release: Release, figure: str, period: str | None) -> Mapping[str, str] | None:
    """Why a figure has no value at all, or in the period that is asked for; None = it has one, or nobody knows."""
    stated = release.figures[figure]
    if stated.get("missing"):
        return {"sv": stated["missing"]["sv"], "en": stated["missing"]["en"]}
    if period is None or period in release.periods(figure):
        return None
    names = {period, f"{period}-11", period.removesuffix("-11")}
    for gap in stated.get("missing_periods", []):
        if names & set(gap["periods"]) and not names & set(release.periods(figure)):
            return {"sv": gap["sv"], "en": gap["en"]}
    return None


def _missing(figure: str, period: str | None, breakdown: str, reason: Mapping[str, str]) -> dict[str, Any]:
    """The one record of a question that has no answer, with the reason."""
    nothing = dict.fromkeys(COUNTED)
    return {
        "figure": figure,
        "period": period,
        "breakdown": breakdown,
        "group": {},
        **nothing,
        "status": MISSING,
        "reason": reason,
    }


def find_breakdown(release: Release, figure: str, by: Sequence[str]) -> str:
    """The name of a breakdown that the figure has.

    Raises:
        UnknownError: it has no such breakdown.
    """
    across = release.figures[figure].get("across")
    wanted = {*by, *([across] if across else [])}
    stated = [list(one) for one in release.figures[figure]["breakdowns"]]
    if not wanted <= set(release.dimensions) or wanted not in [set(one) for one in stated]:
        valid = ", ".join(",".join(one) for one in stated if one) or "none"
        raise UnknownError(f"{figure} is not broken down by {','.join(by)}; it is by: {valid}")
    return release.breakdown(figure, by)


def find_period(release: Release, figure: str, period: str | None, by: Sequence[str] | None = None) -> str:
    """The release's name of a period that people may name otherwise; without one, the latest of the breakdown.

    Raises:
        UnknownError: no such period, or none at all.
    """
    cells = release.cells(figure)
    if cells.is_empty():
        why = (release.figures[figure].get("missing") or {}).get("en", "")
        raise UnknownError(f"{figure} has no values in this release. {why}".strip())
    periods = release.periods(figure)
    if period is None:
        # Of a month and a year that end on the same day, the month: it is the finer one.
        own = release.cells(figure, by=by)
        known = cells if own.is_empty() else own
        latest = known.filter(pl.col("period_end") == pl.col("period_end").max())["period"].unique().to_list()
        return str(max(latest, key=len))
    if period in periods:
        return period
    of_year = [one for one in periods if one.startswith(f"{period}-")]
    if of_year:
        return f"{period}-11" if f"{period}-11" in of_year else of_year[-1]
    year, _, month = period.partition("-")
    if month == "11" and year in periods:
        return year
    raise UnknownError(f"{figure} has no period {period}; there are: {', '.join(periods)}")
