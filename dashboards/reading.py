"""Questions that pages put to a release.

Belongs here: finding the period, the cell, the groups and the series a page shows; only catalogued breakdowns are ever asked for.
Does not belong here: arithmetic beyond a difference of two shown values, and words.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.release import HIDDEN, SHOWN, Release

Cell = Mapping[str, Any]
MONTH_LENGTH = len("2026-10")


@dataclass(frozen=True)
class Reader:
    """A release, asked in the terms of one period chosen by the reader."""

    release: Release
    period: str

    def figure(self, figure: str) -> Mapping[str, Any] | None:
        """The catalogue's entry, if the release has one."""
        return self.release.figures.get(figure)

    def is_here(self, figure: str) -> bool:
        """Whether the figure has cells to show for the chosen period, in any breakdown."""
        return figure in self.release.figures and any(
            end <= self.period for end in self.release.ends(figure).values()
        )

    def at(self, figure: str, by: Sequence[str] = (), period: str | None = None) -> str | None:
        """The latest published period of a breakdown that has ended by the chosen one; a fine table moves seldom.

        Of a figure that has both months and years the months are taken.
        """
        wanted = period or self.period
        ended = [each for each, end in self._ends(figure, by).items() if end <= wanted]
        return ended[-1] if ended else None

    def before(self, figure: str, by: Sequence[str] = ()) -> str | None:
        """The period to compare with: a year before, or the round before."""
        now, own = self.at(figure, by), list(self._ends(figure, by))
        if now is None:
            return None
        if "round" in self.release.figures[figure]["period"]:
            place = own.index(now)
            return own[place - 1] if place else None
        return year_before(now) if year_before(now) in own else None

    def moves(self, figure: str, by: Sequence[str] = ()) -> Mapping[str, Any]:
        """How often a breakdown moves and when next: {every, latest, next}; empty where the release does not say."""
        entry = self.release.figures.get(figure, {})
        found: Mapping[str, Any] = (entry.get("calendar") or {}).get(self.release.breakdown(figure, by), {})
        return found

    def begins(self, figure: str, by: Sequence[str]) -> str | None:
        """The month that a breakdown's first period ends in, where that is after the chosen one."""
        first = next(iter(self._ends(figure, by).values()), None)
        return first if first is not None and first > self.period else None

    def together(self, figure: str, one: Sequence[str], other: Sequence[str]) -> bool:
        """Whether two breakdowns stand for the same period and move as often: only then may one chart show both."""
        ways = [(self.at(figure, by), self.moves(figure, by).get("every")) for by in (one, other)]
        return ways[0][0] is not None and ways[0] == ways[1]

    def _ends(self, figure: str, by: Sequence[str]) -> dict[str, str]:
        """A breakdown's periods, oldest first, and the month each ends in; found once."""
        if figure not in self.release.figures:
            return {}
        asked = figure, *by
        if asked not in self._found:
            self._found[asked] = self._find_ends(figure, by)
        return self._found[asked]

    @functools.cached_property
    def _found(self) -> dict[tuple[str, ...], dict[str, str]]:
        return {}

    def _find_ends(self, figure: str, by: Sequence[str]) -> dict[str, str]:
        cells = self.release.records(figure, by)
        ends = {period: str(found[0]["period_end"])[:MONTH_LENGTH] for period, found in cells.items()}
        monthly = {period: end for period, end in ends.items() if is_month(period)}
        return dict(sorted((monthly or ends).items(), key=lambda each: (each[1], each[0])))

    def offers(self, figure: str, by: Sequence[str]) -> bool:
        """Whether the release has this breakdown of the figure by the chosen period."""
        return self.at(figure, by) is not None

    def rows(self, figure: str, by: Sequence[str], **group: str) -> list[dict[str, Any]]:
        """The cells of one breakdown at its period, in the catalogue's order of levels; `group` picks among them."""
        period = self.at(figure, [*by, *group])
        if period is None:
            return []
        cells = self.release.records(figure, [*by, *group])[period]
        picked = [cell for cell in cells if all(cell[name] == code for name, code in group.items())]
        return sorted(picked, key=lambda cell: [self._rank(name, cell[name]) for name in by])

    def cell(self, figure: str, period: str | None = None, **group: str) -> dict[str, Any] | None:
        """One cell, None where the release has none."""
        own = self.at(figure, list(group), period)
        if own is None:
            return None
        cells = self.release.records(figure, list(group))[own]
        return next((cell for cell in cells if all(cell[name] == code for name, code in group.items())), None)

    def series(
        self, figure: str, group: Mapping[str, str] | None = None, months: int = 36
    ) -> list[dict[str, Any]]:
        """One group over time, up to the chosen period, oldest first."""
        group = group or {}
        return [
            cell
            for period, end in self._ends(figure, list(group)).items()
            if end <= self.period
            for cell in self.release.records(figure, list(group))[period]
            if all(cell[name] == code for name, code in group.items())
        ][-months:]

    def levels(self, dimension: str) -> list[str]:
        """The codes of a dimension, in the catalogue's order."""
        return [str(level["code"]) for level in self.release.dimensions.get(dimension, {}).get("levels", ())]

    def _rank(self, dimension: str, code: Any) -> int:
        levels = self.levels(dimension)
        return levels.index(code) if code in levels else len(levels)


def months(release: Release) -> list[str]:
    """The months a reader can choose, newest first: those of the figures that have months."""
    found = {period for figure in release.figures for period in release.ends(figure) if is_month(period)}
    return sorted(found, reverse=True)


def is_month(period: str) -> bool:
    """Whether a period is one that ends in any month, not a year or a round."""
    return len(period) == MONTH_LENGTH and period[:4].isdigit() and period[4] == "-"


def year_before(period: str) -> str:
    """The same month, or the same kind of year, one year earlier."""
    return f"{int(period[:4]) - 1:04d}{period[4:]}"


def is_shown(cell: Cell | None) -> bool:
    """Whether a cell may be, and is, shown with its numbers."""
    return cell is not None and cell["status"] == SHOWN and cell["value"] is not None


def is_hidden(cell: Cell | None) -> bool:
    """Whether a cell is there and may not be shown."""
    return cell is not None and cell["status"] == HIDDEN


def difference(first: Cell | None, second: Cell | None, decimals: int = 1) -> float | None:
    """First − second of two shown cells as they are written, None where either is not shown."""
    if first is None or second is None or not (is_shown(first) and is_shown(second)):
        return None
    return round(float(first["value"]), decimals) - round(float(second["value"]), decimals) + 0.0
