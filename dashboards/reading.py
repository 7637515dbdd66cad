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
        """The figure's own period that goes with the chosen one: the same month, else the latest year ended by then."""
        if figure not in self.release.figures:
            return None
        wanted = period or self.period
        own = self.release.periods(figure)
        months = [each for each in own if len(each) == MONTH_LENGTH]
        if months:
            return wanted if wanted in months else None
        years = [each for each in own if self._ends(figure, each) <= wanted]
        return years[-1] if years else None

    def _ends(self, figure: str, period: str) -> str:
        cells = self.release.cells(figure, period)
        return str(cells["period_end"].max())[:MONTH_LENGTH]

    def offers(self, figure: str, by: Sequence[str]) -> bool:
        """Whether the release has this breakdown of the figure at the chosen period."""
        period = self.at(figure)
        return period is not None and self.release.cells(figure, period, by).height > 0

    def rows(self, figure: str, by: Sequence[str], **group: str) -> list[dict[str, Any]]:
        """The cells of one breakdown at the chosen period, in the catalogue's order of levels; `group` picks among them."""
        period = self.at(figure)
        if period is None:
            return []
        cells = self.release.cells(figure, period, [*by, *group]).to_dicts()
        picked = [cell for cell in cells if all(cell[name] == code for name, code in group.items())]
        return sorted(picked, key=lambda cell: [self._rank(name, cell[name]) for name in by])

    def cell(self, figure: str, period: str | None = None, **group: str) -> dict[str, Any] | None:
        """One cell, None where the release has none."""
        own = self.at(figure, period)
        if own is None:
            return None
        cells = self.release.cells(figure, own, list(group)).to_dicts()
        return next((cell for cell in cells if all(cell[name] == code for name, code in group.items())), None)

    def series(
        self, figure: str, group: Mapping[str, str] | None = None, months: int = 36
    ) -> list[dict[str, Any]]:
        """One group over time, up to the chosen period, oldest first."""
        if figure not in self.release.figures:
            return []
        group = group or {}
        cells = self.release.cells(figure, None, list(group)).to_dicts()
        picked = [cell for cell in cells if all(cell[name] == code for name, code in group.items())]
        monthly = [
            cell for cell in picked if len(cell["period"]) == MONTH_LENGTH and cell["period"] <= self.period
        ]
        return sorted(monthly or picked, key=lambda cell: str(cell["period"]))[-months:]

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
        for period in release.periods(figure)
        if len(period) == MONTH_LENGTH
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
