"""Laws of deliveries that hold parts of a month: any order and any repetition of the same deliveries ends in the same tables."""

from __future__ import annotations

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.intake.servers import Pulls
from pipelines.validation.accounting import account
from tests.fixtures.servers.home import Home
from warehouse.contracts import CONTRACTS

# Each delivery: (day of delivery, submission, version, status): the same version comes again, changed, and late ones come early.
PLANS = [
    (1, [("a", 1, "submitted"), ("b", 1, "accepted")]),
    (2, [("a", 1, "accepted")]),
    (3, [("a", 2, "submitted"), ("c", 1, "draft")]),
    (4, [("b", 1, "draft"), ("a", 2, "accepted")]),
    (5, [("d", 1, "accepted")]),
]
EXPECTED = {
    ("a", 1): ("accepted", 2),
    ("a", 2): ("accepted", 4),
    ("b", 1): ("draft", 4),
    ("c", 1): ("draft", 3),
    ("d", 1): ("accepted", 5),
}
ARRIVALS = st.lists(st.integers(0, len(PLANS) - 1), min_size=0, max_size=3).flatmap(
    lambda extra: st.permutations([*range(len(PLANS)), *extra])
)


def plan(day: int, submission: str, version: int, status: str) -> dict[str, Any]:
    return {
        "month": date(2026, 9, 1), "submission_id": submission, "version": version, "person_id": f"P-{submission}",
        "submitted_at": datetime(2026, 9, 2, 12), "status": status, "period_start": date(2026, 9, 1),
        "period_end": date(2028, 8, 31), "goals": f"M{day}", "says_no_need": False,
    }  # fmt: skip


def need(submission: str, version: int, number: int) -> dict[str, Any]:
    return {
        "month": date(2026, 9, 1), "submission_id": submission, "version": version, "need_number": number,
        "competence_area": "digital", "current_level": 1, "target_level": 3, "priority": None,
    }  # fmt: skip


def deliver(home: Home, pulls: Pulls, number: int, name: str) -> None:
    """Put one delivery into the folders, under any name, and take it."""
    day, plans = PLANS[number]
    tables = {
        "individual_plan": [plan(day, *each) for each in plans],
        # The number of needs tells the delivery: the rows of one version must come from one.
        "plan_need": [
            need(submission, version, place)
            for submission, version, _ in plans
            for place in range(1, day + 1)
        ],
    }
    from pipelines.intake import take

    for contract, rows in tables.items():
        folder = home.folder / "in" / contract
        folder.mkdir(parents=True, exist_ok=True)
        kinds = {"priority": pl.Int32} if contract == "plan_need" else {}
        pl.DataFrame(rows, schema_overrides=kinds).select(list(CONTRACTS[contract].delivered)).write_parquet(
            folder / f"{name}_2026-10-{day:02}.parquet"
        )
        take(home.settings, home.store, contract, pulls=pulls)


@given(arrivals=ARRIVALS)
def test_any_order_and_repetition_ends_in_the_same_tables(arrivals: list[int]) -> None:
    with tempfile.TemporaryDirectory() as folder, Pulls() as pulls:
        ready = {
            "kind": "ready_files",
            "path": f"{folder}/in",
            "only": ["individual_plan", "plan_need"],
            "person_numbers": "own",
        }
        home = Home(Path(folder), {"forms": ready})
        with home.store.write() as con:
            for place, number in enumerate(arrivals):
                deliver(home, pulls, number, f"plans{place}")
            found = con.execute(
                "SELECT submission_id, version, status, goals[1] FROM raw.individual_plan"
            ).fetchall()
            needs = con.execute(
                "SELECT submission_id, version, COUNT(*) FROM raw.plan_need GROUP BY ALL"
            ).fetchall()
            closes = account(con)["closes"].to_list()
    assert {(row[0], row[1]): (row[2], int(row[3][1:])) for row in found} == EXPECTED
    assert {(row[0], row[1]): row[2] for row in needs} == {key: day for key, (_, day) in EXPECTED.items()}
    assert closes == [True, True]
