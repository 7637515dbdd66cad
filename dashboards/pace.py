"""Whether a target is reached in time if things go on as they did: a straight line through two shown values.

Belongs here: that one projection.
Does not belong here: the judgement against the planned path (pipelines/measures/objectives.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from dashboards.reading import Cell

REACHED, WITHIN, IN_TIME, LATE, UNSURE = "reached", "within", "in_time", "late", "unsure"
AHEAD, ABOVE, BELOW = "ahead", "above", "below"


def pace(
    entry: Mapping[str, Any],
    now: Cell,
    before: Cell | None,
    *,
    is_noise: bool | None,
    path: float | None = None,
) -> str | None:
    """How a figure stands to its target, as a word of `texts/common.yaml: pace`; None where that cannot be said.

    Args:
        entry: the figure's entry in the catalogue.
        now: a shown cell.
        before: an earlier shown cell of the same group, if any.
        is_noise: whether the change between them may be chance, None = not judged. Nobody should be promised a target by chance.
        path: where the way to the target is at the period of `now`, if that is known.

    A target that will not be reached at this pace is `ahead` where the value is further than planned all the same; where the aim
    is balance, and more is not better, it is said from which side it is missed.
    """
    target = entry.get("target")
    if not target:
        return None
    aim, value = float(target["value"]), float(now["value"])
    is_balance = entry["direction"] == "balance"
    if is_balance and round(value - aim, int(entry["decimals"])):
        # Past the point of balance is no nearer to it: it is missed from the other side.
        if _holds(now, aim):
            return WITHIN
        wants_more = value < aim
    else:
        wants_more = _wants_more(entry, value)
        if is_balance or _is_there(value, aim, wants_more=wants_more):
            return REACHED
    if before is None:
        return None
    days = (_day(now["period_end"]) - _day(before["period_end"])).days
    left = (_day(target["date"]) - _day(now["period_end"])).days
    late = LATE
    if is_balance:
        late = ABOVE if value > aim else BELOW
    elif path is not None and _is_there(value, path, wants_more=wants_more):
        late = AHEAD
    if days <= 0 or left <= 0:
        return late
    to_come = value + (value - float(before["value"])) / days * left
    if not _is_there(to_come, aim, wants_more=wants_more):
        return late
    return None if is_noise is None else UNSURE if is_noise else IN_TIME


def _wants_more(entry: Mapping[str, Any], value: float) -> bool:
    """Whether the figure should rise; one without a direction should come to its target from where it began."""
    if entry.get("direction") in ("higher", "lower"):
        return bool(entry["direction"] == "higher")
    baseline = entry["target"].get("baseline")
    return float(value if baseline is None else baseline) < float(entry["target"]["value"])


def _holds(now: Cell, aim: float) -> bool:
    """Whether a value's interval holds the target: then it may be there already."""
    return now["low"] is not None and now["high"] is not None and bool(now["low"] <= aim <= now["high"])


def _is_there(value: float, aim: float, *, wants_more: bool) -> bool:
    difference = round(value - aim, 9)
    return difference >= 0 if wants_more else difference <= 0


def _day(day: Any) -> date:
    return date.fromisoformat(str(day)[:10])
