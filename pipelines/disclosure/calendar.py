"""The calendar: when the tables of a figure move.

Belongs here: which period of which breakdown may be published, and when the next one is due.
Does not belong here: what is hidden in a table that moves (elimination.py, changes.py).

Every further date of a table tells of the few who came or went in between, so a fine table moves seldom.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.plain_yaml import read_yaml

FILE = Path(__file__).parent / "calendar.yaml"
MONTHLY = frozenset({"month", "rolling"})
"""Kinds of periods that end in any month; the others are years or rounds and move by themselves."""

YEARLY = frozenset({"november", "year"})

LENGTH_OF_A_MONTH = len("2026-10")
YEAR = 12


@dataclass(frozen=True)
class Calendar:
    """The rules, and the month from which dates are counted."""

    anchor: date

    def every(self, figure: Figure, by: Collection[str]) -> int:
        """Months between two published dates of a breakdown."""
        if YEARLY.issuperset(figure.period):
            return YEAR
        dimensions = {name for name in by if name != figure.across}
        return next(
            int(line["every"])
            for line in rules()[figure.protection]
            if figure.id in line.get("figures", (figure.id,))
            and dimensions <= set(line.get("only", dimensions))
        )

    def is_due(self, figure: Figure, by: Collection[str], period: str, period_end: date) -> bool:
        """Whether a period of a breakdown is one that is published."""
        if not is_month(figure, period):
            return True
        every, since = self.every(figure, by), _months(period_end) - _months(self.anchor)
        # A table that moves once a year begins with the first publication: older dates say little, and would tie its future.
        return since % every == 0 and (every < YEAR or since >= 0)

    def next_move(self, figure: Figure, by: Collection[str], shown: date) -> date | None:
        """The first month, as its first day, after a published date that is due; None where a figure comes by rounds.

        Args:
            figure: the figure.
            by: the breakdown.
            shown: the last day of the latest published period.
        """
        if YEARLY.issuperset(figure.period):
            return _first_day(_months(shown) + YEAR)
        if not MONTHLY.intersection(figure.period):
            return None
        every = self.every(figure, by)
        ahead = every - (_months(shown) - _months(self.anchor)) % every
        return _first_day(_months(shown) + ahead)


@functools.cache
def rules() -> dict[str, Sequence[dict[str, Any]]]:
    """The lines of `calendar.yaml` by protection class."""
    found: dict[str, Sequence[dict[str, Any]]] = read_yaml(FILE)
    return found


def is_month(figure: Figure, period: str) -> bool:
    """Whether a period of a figure is a month: a round or a year may be called anything."""
    return bool(MONTHLY.intersection(figure.period)) and len(period) == LENGTH_OF_A_MONTH


def first_month(cells: pl.DataFrame, found: Catalogue) -> date:
    """The last day that a first publication's dates are counted from: of its latest month, where it has months."""
    by_month = [figure.id for figure in found.figures.values() if MONTHLY.intersection(figure.period)]
    is_by_month = pl.col("figure").is_in(by_month) & (pl.col("period").str.len_chars() == LENGTH_OF_A_MONTH)
    monthly = cells.filter(is_by_month)
    return max((cells if monthly.is_empty() else monthly)["period_end"])


def due(cells: pl.DataFrame, found: Catalogue, calendar: Calendar) -> pl.DataFrame:
    """The cells of tables that are published, of figures that the catalogue has."""
    tables = cells.select("figure", "breakdown", "period", "period_end").unique()
    kept = [
        (figure, breakdown, period)
        for figure, breakdown, period, end in tables.iter_rows()
        if figure in found.figures
        and calendar.is_due(found.figures[figure], dimensions_of(breakdown), period, end)
    ]
    wanted = pl.DataFrame(
        kept, schema={"figure": pl.String, "breakdown": pl.String, "period": pl.String}, orient="row"
    )
    return cells.join(wanted, on=["figure", "breakdown", "period"], how="semi")


def dimensions_of(breakdown: str) -> tuple[str, ...]:
    """The dimensions of a breakdown by its name."""
    return () if breakdown == "total" else tuple(breakdown.split(","))


def _months(day: date) -> int:
    return day.year * YEAR + day.month - 1


def _first_day(months: int) -> date:
    return date(months // YEAR, months % YEAR + 1, 1)
