"""What `catalogue.json` tells of when a figure moves."""

from datetime import date

import polars as pl

from pipelines.disclosure.calendar import Calendar
from pipelines.release_documents import calendar_of, latest_periods
from warehouse.key_figures.catalogue import catalogue

MOVES = Calendar(anchor=date(2026, 10, 31))
CELLS = pl.DataFrame(
    {
        "figure": ["permanent_share", "permanent_share", "permanent_share", "segregation_index", "hme_total"],
        "breakdown": ["total", "total", "department", "total", "total"],
        "period": ["2026-10", "2026-11", "2026-10", "2025", "HME 2026"],
        "period_end": [
            date(2026, 10, 31),
            date(2026, 11, 30),
            date(2026, 10, 31),
            date(2025, 11, 30),
            date(2026, 4, 30),
        ],
    }
)


def test_every_breakdown_tells_its_latest_period_and_its_next() -> None:
    found = catalogue()
    latest = latest_periods(CELLS)
    told = calendar_of(found, found.figures["permanent_share"], latest, MOVES)
    assert set(told) == {",".join(by) or "total" for by in found.breakdowns(found.figures["permanent_share"])}
    assert told["total"] == {"every": 1, "latest": "2026-11", "next": "2026-12"}
    assert told["department"] == {"every": 6, "latest": "2026-10", "next": "2027-04"}
    # Never published: there is nothing to count from.
    assert told["department,sex"] == {"every": 12, "latest": None, "next": None}


def test_a_year_comes_a_year_later_and_a_round_when_it_comes() -> None:
    found = catalogue()
    latest = latest_periods(CELLS)
    year = calendar_of(found, found.figures["segregation_index"], latest, MOVES)["total"]
    assert year == {"every": 12, "latest": "2025", "next": "2026-11"}
    a_round = calendar_of(found, found.figures["hme_total"], latest, MOVES)["total"]
    assert a_round == {"every": None, "latest": "HME 2026", "next": None}
