"""The ten objectives: how far each has come, from protected cells and not from opinion.

Belongs here: value, target, path and status.
Does not belong here: what an objective is called (warehouse/texts), and the sentences (insights.py).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from warehouse.key_figures.entries import Catalogue, Figure, Objective, Target
from warehouse.release import HIDDEN, SHOWN

EQUALITY = "gender_equality"
PLACES = 9
"""Decimals that count when a value is compared with its target: more would be rounding."""


@dataclass(frozen=True)
class Standing:
    """How an objective stands.

    `status`: reached, on_track, behind, or cannot_be_judged; `because` tells which words explain it.
    `path` is where the straight line from baseline to target is at the value's date; None without a baseline.
    """

    id: str
    figure: str | None
    status: str
    because: str
    value: float | None = None
    period: str | None = None
    target: float | None = None
    target_date: date | None = None
    baseline: float | None = None
    path: float | None = None
    counts: Mapping[str, int] | None = None


def path_at(target: Target, day: date) -> float | None:
    """Where the straight line from baseline to target is on a day; flat before and after it."""
    if target.baseline is None or target.baseline_date is None:
        return None
    days = (target.date - target.baseline_date).days
    gone = min(max((day - target.baseline_date).days / days, 0.0), 1.0) if days > 0 else 1.0
    return target.baseline + gone * (target.value - target.baseline)


def is_as_good(value: float, aim: float, figure: Figure, target: Target) -> bool:
    """Whether a value has come at least as far as an aim: upwards, downwards, or towards the target from the baseline's side."""
    upwards = figure.direction == "higher" or (
        figure.direction != "lower" and (target.baseline is None or target.baseline < target.value)
    )
    difference = round(value - aim, PLACES)
    return difference >= 0 if upwards else difference <= 0


def standings(cells: pl.DataFrame, found: Catalogue, stale: Collection[str]) -> list[Standing]:
    """Every objective's standing.

    Args:
        cells: protected cells, the index among them.
        found: the catalogue with its objectives.
        stale: figures whose source has not delivered for too long: they cannot be judged.
    """
    return [
        _equality_figures(cells, found, objective)
        if objective.figure is None
        else _standing(cells, found.figures[objective.figure], objective, stale)
        for objective in found.objectives
    ]


def _standing(cells: pl.DataFrame, figure: Figure, objective: Objective, stale: Collection[str]) -> Standing:
    wanted = ",".join(objective.group) or "total"
    own = cells.filter((pl.col("figure") == figure.id) & (pl.col("breakdown") == wanted))
    for name, code in objective.group.items():
        own = own.filter(pl.col(name) == code)
    target = figure.target
    stated: dict[str, Any] = {
        "id": objective.id,
        "figure": figure.id,
        "target": target.value if target else None,
        "target_date": target.date if target else None,
        "baseline": target.baseline if target else None,
    }
    if own.is_empty():
        return Standing(**stated, status="cannot_be_judged", because="missing")
    row = own.sort("period_end", "period").row(-1, named=True)
    stated["period"] = row["period"]
    if row["status"] != SHOWN:
        because = "hidden" if row["status"] == HIDDEN else "missing"
        return Standing(**stated, status="cannot_be_judged", because=because)
    stated["value"] = row["value"]
    if figure.id in stale:
        return Standing(**stated, status="cannot_be_judged", because="stale")
    if target is None:
        return Standing(**stated, status="cannot_be_judged", because="no_target")
    stated["path"] = path_at(target, row["period_end"])
    if is_as_good(row["value"], target.value, figure, target):
        return Standing(**stated, status="reached", because="reached")
    if stated["path"] is None:
        return Standing(**stated, status="behind", because="no_baseline")
    is_ahead = is_as_good(row["value"], stated["path"], figure, target)
    status = "on_track" if is_ahead else "behind"
    return Standing(**stated, status=status, because=status)


def _equality_figures(cells: pl.DataFrame, found: Catalogue, objective: Objective) -> Standing:
    """O8: the figures of gender equality that have a value, a target and an owner, of all of them."""
    figures = [figure for figure in found.figures.values() if figure.theme == EQUALITY]
    shown = cells.filter(
        (pl.col("status") == SHOWN) & pl.col("figure").is_in([figure.id for figure in figures])
    )
    valued = set(shown["figure"].to_list())
    counts = {
        "figures": len(figures),
        "values": len(valued),
        "targets": sum(figure.target is not None for figure in figures),
        "owners": sum(bool(figure.owner) for figure in figures),
        "complete": sum(figure.id in valued and figure.target is not None for figure in figures),
    }
    if not valued:
        return Standing(objective.id, None, "cannot_be_judged", "missing", counts=counts)
    status = "reached" if counts["complete"] == counts["figures"] else "behind"
    value = 100 * counts["complete"] / counts["figures"]
    period = str(shown["period_end"].max())[: len("2026-10")]
    return Standing(
        objective.id, None, status, "figures", value=value, period=period, target=100.0, counts=counts
    )
