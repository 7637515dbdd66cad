"""Questions that pages put to a release.

Belongs here: finding the period, the cell, the groups and the series a page shows; only catalogued breakdowns are ever asked for.
Does not belong here: arithmetic beyond a difference of two shown values, and words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from warehouse.release import SHOWN, Release

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
        """Whether the figure has cells to show for the chosen period."""
        return self.at(figure) is not None

    def at(self, figure: str, period: str | None = None) -> str | None:
        """The figure's own period that goes with the chosen one: the same month, else the latest that has ended by then."""
        if figure not in self.release.figures:
            return None
        wanted = period or self.period
        own = self.release.ends(figure)
        if any(len(each) == MONTH_LENGTH and each[4] == "-" for each in own):
            return wanted if wanted in own else None
        ended = sorted((end, each) for each, end in own.items() if end <= wanted)
        return ended[-1][1] if ended else None

    def before(self, figure: str) -> str | None:
        """The period to compare with: a year before, or the round before."""
        now = self.at(figure)
        if now is None:
            return None
        own = self.release.ends(figure)
        if now[:4].isdigit() and year_before(now) in own:
            return year_before(now)
        earlier = sorted((end, each) for each, end in own.items() if end < own[now])
        return earlier[-1][1] if earlier and not now[:4].isdigit() else None

    def offers(self, figure: str, by: Sequence[str]) -> bool:
        """Whether the release has this breakdown of the figure at the chosen period."""
        period = self.at(figure)
        return period is not None and bool(self.release.records(figure, by).get(period))

    def rows(self, figure: str, by: Sequence[str], **group: str) -> list[dict[str, Any]]:
        """The cells of one breakdown at the chosen period, in the catalogue's order of levels; `group` picks among them."""
        period = self.at(figure)
        if period is None:
            return []
        cells = self.release.records(figure, [*by, *group]).get(period, [])
        picked = [cell for cell in cells if all(cell[name] == code for name, code in group.items())]
        return sorted(picked, key=lambda cell: [self._rank(name, cell[name]) for name in by])

    def cell(self, figure: str, period: str | None = None, **group: str) -> dict[str, Any] | None:
        """One cell, None where the release has none."""
        own = self.at(figure, period)
        if own is None:
            return None
        cells = self.release.records(figure, list(group)).get(own, [])
        return next((cell for cell in cells if all(cell[name] == code for name, code in group.items())), None)

    def series(
        self, figure: str, group: Mapping[str, str] | None = None, months: int = 36
    ) -> list[dict[str, Any]]:
        """One group over time, up to the chosen period, oldest first."""
        if figure not in self.release.figures:
            return []
        group = group or {}
        ends = self.release.ends(figure)
        picked = [
            cell
            for period, cells in self.release.records(figure, list(group)).items()
            if ends[period] <= self.period
            for cell in cells
            if all(cell[name] == code for name, code in group.items())
        ]
        monthly = [
            cell for cell in picked if len(cell["period"]) == MONTH_LENGTH and cell["period"][4] == "-"
        ]
        return sorted(monthly or picked, key=lambda cell: (str(cell["period_end"]), str(cell["period"])))[
            -months:
        ]

    def levels(self, dimension: str) -> list[str]:
        """The codes of a dimension, in the catalogue's order."""
        return [str(level["code"]) for level in self.release.dimensions.get(dimension, {}).get("levels", ())]

    def _rank(self, dimension: str, code: Any) -> int:
        levels = self.levels(dimension)
        return levels.index(code) if code in levels else len(levels)


def months(release: Release) -> list[str]:
    """The months a reader can choose, newest first: those of the figures that have months."""
    found = {
        period
        for figure in release.figures
        for period in release.ends(figure)
        if len(period) == MONTH_LENGTH and period[4] == "-"
    }
    return sorted(found, reverse=True)


def year_before(period: str) -> str:
    """The same month, or the same kind of year, one year earlier."""
    return f"{int(period[:4]) - 1:04d}{period[4:]}"


def is_shown(cell: Cell | None) -> bool:
    """Whether a cell may be, and is, shown with its numbers."""
    return cell is not None and cell["status"] == SHOWN and cell["value"] is not None


def difference(first: Cell | None, second: Cell | None, decimals: int = 1) -> float | None:
    """First − second of two shown cells as they are written, None where either is not shown."""
    if first is None or second is None or not (is_shown(first) and is_shown(second)):
        return None
    return round(float(first["value"]), decimals) - round(float(second["value"]), decimals) + 0.0
