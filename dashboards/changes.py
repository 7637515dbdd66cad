"""What a release says that the one before it did not: of the municipality as a whole, from the two releases' own cells.

Belongs here: comparing two releases. Does not belong here: changes over time within one (the release's insights), and words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboards.reading import Cell, is_shown
from warehouse.release import Release


@dataclass(frozen=True)
class Corrected:
    """A value that has become another one: its figure, its period, the cell as it was and as it is."""

    figure: str
    period: str
    before: Cell
    now: Cell


@dataclass(frozen=True)
class Changes:
    """`newer`: figures with a later period than before; `corrected`: values that changed; `objectives`: id → (was, is)."""

    newer: list[str]
    corrected: list[Corrected]
    objectives: Mapping[str, tuple[str, str]]


def since(before: Release, now: Release) -> Changes:
    """What is new in `now`, as far as readers can see it: values are compared as they are written."""
    both = [figure for figure in now.figures if figure in before.figures]
    stood = {each["id"]: str(each["status"]) for each in before.insights.get("objectives", ())}
    return Changes(
        newer=[figure for figure in now.figures if _latest(now, figure) > _latest(before, figure)],
        corrected=[each for figure in both for each in _corrected(before, now, figure)],
        objectives={
            each["id"]: (stood[each["id"]], str(each["status"]))
            for each in now.insights.get("objectives", ())
            if each["id"] in stood and stood[each["id"]] != each["status"]
        },
    )


def _latest(release: Release, figure: str) -> str:
    return max(release.ends(figure).values(), default="") if figure in release.figures else ""


def _corrected(before: Release, now: Release, figure: str) -> Iterator[Corrected]:
    """The newest period of the whole whose value has changed."""
    entry = now.figures[figure]
    if entry.get("across") or entry["version"] != before.figures[figure]["version"]:
        return
    was, is_now = before.records(figure), now.records(figure)
    for period in reversed(list(is_now)):
        if period in was:
            first, second = was[period][0], is_now[period][0]
            if (
                is_shown(first)
                and is_shown(second)
                and _as_written(entry, first) != _as_written(entry, second)
            ):
                yield Corrected(figure, period, first, second)
                return


def _as_written(entry: Mapping[str, Any], cell: Cell) -> float:
    return round(float(cell["value"]), int(entry["decimals"]))
