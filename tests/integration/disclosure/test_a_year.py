"""A year of monthly releases with joiners and leavers: what a colleague who knows who came and went can subtract."""

from collections.abc import Mapping
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.disclosure.gate import release_gate
from pipelines.disclosure.primary import protect
from pipelines.measures.compute import compute
from tests.fixtures.people import load, settings_in
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import SHOWN
from warehouse.settings import Settings
from warehouse.store import Store

MONTHS = [date(2025, 11, 1), date(2025, 12, 1), *(date(2026, month, 1) for month in range(1, 11))]
FIGURES = ("employees", "full_time_equivalents", "full_time_share")
SMALLEST = 5


def people(month: int) -> list[dict[str, Any]]:
    """A hundred who stay, of whom one works less each month, and two each month who come as the two of last year leave."""
    rows = []
    for number in [*range(100), *range(100 + 2 * month, 140 + 2 * month)]:
        has_changed = number < month
        rows.append(
            {
                "month": MONTHS[month],
                "person": f"p{number}",
                "sex": "M" if number % 3 == 0 else "K",
                "department_code": f"D{number % 4}",
                "unit_code": f"U{number % 8}",
                "fte_agreed": 80.0 if has_changed or number % 7 == 0 else 100.0,
            }
        )
    return rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def learned(cells: pl.DataFrame) -> int:
    """How often two shown dates of a group differ by one to four persons, so that their extents follow by subtraction."""
    extent: list[dict[tuple[str, ...], dict[str, float]]] = []
    for month in range(len(MONTHS)):
        groups: dict[tuple[str, ...], dict[str, float]] = {}
        for row in people(month):
            for group in _groups(row):
                groups.setdefault(group, {})[row["person"]] = row["fte_agreed"]
        extent.append(groups)
    found = 0
    shown = cells.filter(
        (pl.col("status") == SHOWN) & pl.col("figure").is_in(["full_time_equivalents", "full_time_share"])
    )
    by_group: dict[tuple[str, ...], set[int]] = {}
    for cell in shown.filter(pl.col("breakdown").is_in(["total", "sex", "department", "unit"])).iter_rows(
        named=True
    ):
        key = (
            cell["figure"],
            cell["breakdown"],
            str(cell["sex"] or cell["department"] or cell["unit"] or ""),
        )
        by_group.setdefault(key, set()).add(MONTHS.index(cell["period_end"].replace(day=1)))
    for (_, breakdown, code), dates in by_group.items():
        for first, second in combinations(sorted(dates), 2):
            then, now = (extent[month].get((breakdown, code), {}) for month in (first, second))
            differing = [one for one in {*then, *now} if then.get(one) != now.get(one)]
            found += 0 < len(differing) < SMALLEST
    return found


def _groups(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    return [
        ("total", ""),
        ("sex", row["sex"]),
        ("department", row["department_code"]),
        ("unit", row["unit_code"]),
    ]


def test_nobodys_extent_of_work_follows_from_two_months(settings: Settings) -> None:
    store = Store(settings)
    load(store, [row for month in range(len(MONTHS)) for row in people(month)])
    build_core(store, settings)
    compute(store, settings, themes=["workforce"])
    with store.read() as con:
        cells = con.sql("SELECT * FROM figures.cell").pl().filter(pl.col("figure").is_in(FIGURES))
        unprotected = learned(protect(cells, catalogue()))
        gated = release_gate(con, cells, catalogue(), settings)
    assert unprotected > 100
    assert learned(gated.cells) == 0
    # Something is left to see: who is employed where, every month.
    totals = gated.cells.filter((pl.col("figure") == "employees") & (pl.col("breakdown") == "department"))
    assert totals.filter(pl.col("status") == SHOWN).height == totals.height
