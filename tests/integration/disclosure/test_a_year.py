"""A year of monthly releases with joiners and leavers: what a colleague who knows who came and went can subtract."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.months import learned, nights, shown_of
from pipelines.core import build_core
from pipelines.disclosure.attack import attack
from pipelines.disclosure.primary import protect
from pipelines.measures.compute import compute
from tests.fixtures.people import load, settings_in
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import SHOWN
from warehouse.settings import Settings
from warehouse.store import Store

# Two years, so that every month of the last has a whole year behind it.
MONTHS = [date(2024 + (10 + place) // 12, (10 + place) % 12 + 1, 1) for place in range(24)]
YEAR = 12
FIGURES = ("employees", "full_time_equivalents", "full_time_share", "sick_leave_share", "pay_median")


def people(month: int) -> list[dict[str, Any]]:
    """A hundred who stay, of whom one works less each month; and forty, of whom one leaves and one comes each half-year."""
    return [
        {
            "month": MONTHS[month],
            "person": f"p{number}",
            "sex": "M" if number % 3 == 0 else "K",
            "department_code": f"D{number % 4}",
            "unit_code": f"U{number % 8}",
            "fte_agreed": 80.0 if number < month or number % 7 == 0 else 100.0,
            "monthly_pay_fte": 30_000.0 + 50 * number,
        }
        for number in [*range(100), *range(100 + month // 6, 140 + month // 6)]
    ]


def absences(month: int) -> list[dict[str, Any]]:
    """Every fifth is ill for a day each month, and one more for longer."""
    first = MONTHS[month]
    return [
        {
            "month": first,
            "person": f"p{number}",
            "spell_start": first,
            "spell_end": first,
            "absence_hours": 40.0 if number == month + 40 else 8.0,
        }
        for number in sorted({*range(0, 100, 5), month + 40})
    ]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


def test_nobodys_work_absence_or_pay_follows_from_a_year_of_releases(settings: Settings) -> None:
    store, found, every = Store(settings), catalogue(), range(len(MONTHS))
    load(
        store,
        [row for month in every for row in people(month)],
        [row for month in every for row in absences(month)],
    )
    build_core(store, settings)
    compute(store, settings, themes=["workforce", "health", "gender_equality"])
    with store.write() as con:
        con.execute("DELETE FROM figures.cell WHERE figure NOT IN (SELECT UNNEST(?))", [list(FIGURES)])
        unprotected = protect(con.sql("SELECT * FROM figures.cell").pl(), found)
    # With the primary rules only, somebody's work, absence or pay follows again and again.
    told = learned(store, settings, shown_of(unprotected))
    assert min(told[figure] for figure in FIGURES) > 10

    releases = list(nights(settings, YEAR))
    assert [release.manifest["as_of"][:7] for release in releases] == [
        f"{month:%Y-%m}" for month in MONTHS[YEAR:]
    ]
    assert learned(store, settings, *(shown_of(release) for release in releases)) == {}
    # The outsider, who knows nobody, finds nothing in all of them together; nothing is hidden in one and shown in another.
    attacked = attack(releases)
    assert attacked.hidden > 0
    assert (attacked.breaches, attacked.given_away, attacked.changed) == ([], [], [])
    # Something is left to see: who is employed where, every month; and of the others something of every figure.
    last = pl.concat(releases[-1].by_figure.values())
    totals = last.filter((pl.col("figure") == "employees") & (pl.col("breakdown") == "department"))
    assert totals.filter(pl.col("status") == SHOWN).height == totals.height == 4 * len(MONTHS)
    assert set(last.filter(pl.col("status") == SHOWN)["figure"]) == set(FIGURES)
