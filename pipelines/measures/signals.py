"""Signal or noise: whether a series has moved more than it does by itself, made from protected cells.

Belongs here: XmR limits and rules, and whether the latest value differs from that a year before.
Does not belong here: the intervals of single values (intervals.py) and the words (insights.py).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import polars as pl

from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.release import SHOWN

FEWEST_POINTS = 12
WIDTH = 2.66
"""Limits stand so many mean moving ranges from the mean (Shewhart's three standard deviations for single values)."""

LONG_RUN = 8
LONG_TREND = 6
BREAKDOWNS = ("total", "sex", "department", "age_group")


@dataclass(frozen=True)
class Limits:
    """The natural process limits of a series and the points that break a rule."""

    mean: float
    lower: float
    upper: float
    broken: tuple[tuple[int, str], ...]


def limits(values: Sequence[float]) -> Limits | None:
    """XmR limits of a series, oldest value first; None for fewer than twelve.

    Rules: `outside` a limit; `run` of eight on one side of the mean; `trend` of six rising or falling in a row.
    """
    if len(values) < FEWEST_POINTS:
        return None
    mean = math.fsum(values) / len(values)
    moved = math.fsum(abs(later - earlier) for earlier, later in pairwise(values)) / (len(values) - 1)
    lower, upper = mean - WIDTH * moved, mean + WIDTH * moved
    broken: list[tuple[int, str]] = []
    side = run = way = trend = 0
    for place, value in enumerate(values):
        if value < lower or value > upper:
            broken.append((place, "outside"))
        here = (value > mean) - (value < mean)
        run = run + 1 if here == side and here else int(here != 0)
        side = here
        if run >= LONG_RUN:
            broken.append((place, "run"))
        step = (value > values[place - 1]) - (value < values[place - 1]) if place else 0
        trend = trend + 1 if step == way and step else int(step != 0)
        way = step
        # Six steps the same way need seven points; six points rising are five steps.
        if trend >= LONG_TREND - 1:
            broken.append((place, "trend"))
    return Limits(mean, lower, upper, tuple(broken))


def signals(cells: pl.DataFrame, found: Catalogue) -> list[dict[str, Any]]:
    """Limits and broken rules of every monthly series with enough points in its present definition.

    Returns:
        One per series: figure, breakdown, group, points, first and last period, mean, lower, upper, and `broken`
        [{period, rule}]; `is_signal` tells that the latest point breaks a rule.
    """
    monthly = [figure.id for figure in found.figures.values() if "month" in figure.period]
    keys = ["figure", "breakdown", *found.dimensions]
    shown = cells.filter(
        pl.col("figure").is_in(monthly),
        pl.col("breakdown").is_in(BREAKDOWNS),
        pl.col("status") == SHOWN,
        pl.col("version") == pl.col("version").max().over("figure"),
    ).sort("period_end", "period", *keys, nulls_last=False)
    told = []
    for key, series in shown.group_by(keys, maintain_order=True):
        made = limits(series["value"].to_list())
        if made is None:
            continue
        group = dict(zip(keys, key, strict=True))
        periods = series["period"].to_list()
        told.append(
            {
                "figure": group.pop("figure"),
                "breakdown": group.pop("breakdown"),
                "group": {name: code for name, code in group.items() if code is not None},
                "points": len(periods),
                "first": periods[0],
                "last": periods[-1],
                "mean": made.mean,
                "lower": made.lower,
                "upper": made.upper,
                "broken": [{"period": periods[place], "rule": rule} for place, rule in made.broken],
                "is_signal": any(place == len(periods) - 1 for place, _ in made.broken),
            }
        )
    return sorted(told, key=lambda series: (series["figure"], series["breakdown"], str(series["group"])))


@dataclass(frozen=True)
class Change:
    """The latest value of the whole beside that of a year (or a round) before.

    `verdict`: higher, lower, no_real_change (inside the noise), or cannot_be_judged (neither interval nor limits).
    """

    figure: str
    latest: Mapping[str, Any]
    before: Mapping[str, Any]
    low: float | None
    high: float | None
    verdict: str

    @property
    def difference(self) -> float:
        """Latest − before, in the figure's unit."""
        return float(self.latest["value"]) - float(self.before["value"])


def changes(cells: pl.DataFrame, found: Catalogue, known: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    """For every figure with two comparable shown values of the whole, the change between them.

    Args:
        cells: protected cells with intervals.
        found: the catalogue.
        known: what `signals` told.
    """
    of_whole = {series["figure"]: series for series in known if series["breakdown"] == "total"}
    totals = cells.filter((pl.col("breakdown") == "total") & (pl.col("status") == SHOWN)).sort(
        "period_end", "period"
    )
    by_figure = totals.partition_by("figure", as_dict=True, maintain_order=True)
    for figure in found.figures.values():
        own = by_figure.get((figure.id,))
        pair = _comparable(figure, own.to_dicts()) if own is not None else None
        if pair is None or pair[0]["version"] != pair[1]["version"]:
            # A definition that changed between them draws a break: nothing is compared over it.
            continue
        yield _judged(figure, *pair, of_whole.get(figure.id))


def _comparable(
    figure: Figure, rows: Sequence[Mapping[str, Any]]
) -> tuple[Mapping[str, Any], Mapping[str, Any]] | None:
    latest = rows[-1]
    if figure.period == ("round",):
        return (latest, rows[-2]) if len(rows) > 1 else None
    wanted = f"{int(latest['period'][:4]) - 1}{latest['period'][4:]}"
    return next(((latest, row) for row in rows if row["period"] == wanted), None)


def _judged(
    figure: Figure,
    latest: Mapping[str, Any],
    before: Mapping[str, Any],
    series: Mapping[str, Any] | None,
) -> Change:
    difference = latest["value"] - before["value"]
    ends = [row[name] for row in (latest, before) for name in ("low", "high")]
    if all(end is not None for end in ends):
        low = difference - math.hypot(latest["value"] - latest["low"], before["high"] - before["value"])
        high = difference + math.hypot(latest["high"] - latest["value"], before["value"] - before["low"])
        verdict = "higher" if low > 0 else "lower" if high < 0 else "no_real_change"
        return Change(figure.id, latest, before, low, high, verdict)
    if series is None or series["last"] != latest["period"]:
        return Change(figure.id, latest, before, None, None, "cannot_be_judged")
    # A long run on one side is a signal about the series; this difference is real only where it is larger than the noise.
    is_moved = series["is_signal"] and abs(difference) > series["upper"] - series["mean"]
    verdict = ("higher" if difference > 0 else "lower") if is_moved else "no_real_change"
    return Change(figure.id, latest, before, None, None, verdict)
