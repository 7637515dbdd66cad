"""The law of order, to the end: whatever the order and the repetition of deliveries, the core tables are the same.

Months are told again and corrected, submissions get new versions and verdicts, rounds grow, published figures are revised.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.core import TABLES, build_core
from pipelines.intake import Pulls, take
from pipelines.validation.accounting import account
from tests.fixtures.servers.home import Home
from warehouse.contracts import CONTRACTS

YEAR_BEFORE, SEPTEMBER, OCTOBER = date(2025, 10, 1), date(2026, 9, 1), date(2026, 10, 1)
Rows = list[dict[str, Any]]


def posts(month: date, pay: float, count: int = 6) -> Rows:
    """Employments of a month; one is a manager, one is on leave, one has two posts."""
    rows = [
        {
            "month": month, "person_id": f"P{n}", "employment_id": f"E{n}", "birth_date": date(1960 + 5 * n, 3, 1),
            "sex": "KM"[n % 2], "department_code": f"F{n % 2}", "unit_code": f"U{n % 3}", "pay_form": "manadsavlonad",
            "employment_form": "tillsvidare", "fte_agreed": 75.0, "monthly_pay_fte": pay + n, "hire_date": date(2020, 1, 1),
            "responsibility_code": "C" if n == 1 else None, "has_full_leave": n == 2,
        }
        for n in range(1, count + 1)
    ]  # fmt: skip
    return [*rows, {**rows[-1], "employment_id": "E99", "fte_agreed": 25.0}]


def spell(month: date, person: int, hours: float) -> dict[str, Any]:
    """Sickness from one month into the next."""
    return {
        "month": month, "person_id": f"P{person}", "employment_id": f"E{person}", "absence_type": "sjuk",
        "spell_start": date(2026, 9, 20), "extent": 100.0, "absence_hours": hours, "absence_days": hours / 8,
    }  # fmt: skip


def plan(version: int, status: str, needs: int) -> dict[str, Rows]:
    """A version of somebody's plan."""
    stated = {"month": SEPTEMBER, "submission_id": "s1", "version": version}
    return {
        "individual_plan": [
            {
                **stated, "person_id": "P1", "submitted_at": datetime(2026, 9, 2 + version), "status": status,
                "period_start": SEPTEMBER, "period_end": date(2028, 8, 31), "goals": "M1", "says_no_need": False,
            }
        ],
        "plan_need": [
            {**stated, "need_number": n, "competence_area": "digital", "current_level": 1, "target_level": 3}
            for n in range(1, needs + 1)
        ],
    }  # fmt: skip


def leaders(status: str, done: date | None) -> dict[str, Rows]:
    """A leader's plan."""
    stated = {"month": SEPTEMBER, "submission_id": "l1", "version": 1}
    return {
        "leader_plan": [
            {
                **stated,
                "unit_code": "U1",
                "person_id": "P1",
                "submitted_at": datetime(2026, 9, 4),
                "status": status,
            }
        ],
        "leader_measure": [
            {
                **stated,
                "measure_number": 1,
                "step": "act",
                "area": "pay_and_terms",
                "ground": "sex",
                "is_concrete": True,
                "due_date": date(2026, 10, 15),
                "done_date": done,
            }
        ],
    }


def idea(status: str, members: Sequence[int]) -> dict[str, Rows]:
    """An idea as it stands."""
    decided = date(2026, 10, 1) if status == "decided" else None
    return {
        "idea": [
            {
                "month": SEPTEMBER,
                "idea_id": "i1",
                "created": date(2026, 9, 5),
                "status": status,
                "decided_at": decided,
            }
        ],
        "idea_member": [{"month": SEPTEMBER, "idea_id": "i1", "person_id": f"P{n}"} for n in members],
    }


def survey(values: Sequence[int]) -> dict[str, Rows]:
    """A round, with its answers so far."""
    stated = {"month": OCTOBER, "round_id": "r1"}
    return {
        "survey_item": [{**stated, "item_code": "Q1", "hme_number": 1, "scale": "1-5", "is_reversed": False}],
        "survey_answer": [
            {**stated, "respondent_id": str(n), "item_code": "Q1", "value": value, "department_code": "F1"}
            for n, value in enumerate(values)
        ],
    }


def figure(month: date, value: float) -> dict[str, Rows]:
    """What Kolada publishes."""
    return {
        "external_figure": [
            {
                "month": month,
                "kpi": "N00090",
                "municipality": "1285",
                "period": 2025,
                "gender": "T",
                "value": value,
            }
        ]
    }


# (day of delivery, tables).
DELIVERIES: list[tuple[int, dict[str, Rows]]] = [
    (1, {"hr_employment": posts(YEAR_BEFORE, 30_000)}),
    (2, {"hr_employment": posts(SEPTEMBER, 30_500)}),
    (3, {"hr_employment": posts(OCTOBER, 31_000)}),
    (4, {"hr_employment": posts(SEPTEMBER, 30_600, count=5)}),
    (5, {"hr_employment": [*posts(SEPTEMBER, 30_700), *posts(OCTOBER, 31_100)]}),
    (2, {"hr_absence": [spell(SEPTEMBER, 3, 80.0)]}),
    (3, {"hr_absence": [spell(OCTOBER, 3, 120.0), spell(OCTOBER, 4, 16.0)]}),
    (4, {"hr_absence": [spell(OCTOBER, 3, 96.0)]}),
    (3, plan(1, "accepted", needs=2)),
    (4, plan(2, "submitted", needs=3)),
    (5, plan(2, "accepted", needs=1)),
    (1, {"leader_plan_expected": [{"month": SEPTEMBER, "unit_code": "U1", "person_id": "P1"}]}),
    (3, leaders("submitted", None)),
    (5, leaders("accepted", date(2026, 10, 9))),
    (3, idea("new", [1, 2])),
    (5, idea("decided", [1, 2, 3])),
    (3, survey([1, 4])),
    (5, survey([1, 4, 5])),
    (3, figure(OCTOBER, 40.0)),
    (4, figure(OCTOBER, 41.0)),
]  # fmt: skip
ONLY = sorted({contract for _, tables in DELIVERIES for contract in tables})
SHOWN = [table.name for table in TABLES]
# Nothing is delivered to them here; every other table has rows.
EMPTY = ["core.organisation_plan_month", "core.survey_invited"]


KNOWN: dict[str, list[tuple[Any, ...]]] = {
    "SELECT MONTH(month), COUNT(*), MAX(monthly_pay_fte) FROM raw.hr_employment GROUP BY 1 ORDER BY 1": [
        (9, 7, 30_706.0),
        (10, 14, 31_106.0),
    ],
    "SELECT MONTH(month), SUM(absence_hours) FROM absence.hr_absence GROUP BY 1 ORDER BY 1": [
        (9, 80.0),
        (10, 96.0),
    ],
    "SELECT version, status FROM raw.individual_plan ORDER BY 1": [(1, "accepted"), (2, "accepted")],
    "SELECT version, COUNT(*) FROM raw.plan_need GROUP BY 1 ORDER BY 1": [(1, 2), (2, 1)],
    "SELECT status, (SELECT COUNT(*) FROM raw.idea_member) FROM raw.idea": [("decided", 3)],
    "SELECT LIST(value ORDER BY value) FROM raw.survey_answer": [([1, 4, 5],)],
    "SELECT value FROM raw.external_figure": [(41.0,)],
}


def file_of(contract: str, rows: Rows) -> pl.DataFrame:
    """A file in the contract's own terms, with every column."""
    fields = CONTRACTS[contract].delivered
    kinds = {
        name: pl.String()
        if each.is_identity or each.duckdb_type in ("VARCHAR", "VARCHAR[]")
        else each.column.dtype
        for name, each in fields.items()
    }
    return pl.DataFrame([{name: row.get(name) for name in fields} for row in rows], schema=kinds)


class Town:
    """A home whose deliveries come as files."""

    def __init__(self, folder: Path) -> None:
        ready = {"kind": "ready_files", "path": f"{folder}/in", "only": ONLY, "person_numbers": "own"}
        self.home = Home(
            folder, {"files": ready}, judgement={"size_change_share": 99.0, "bad_rows_share": 50.0}
        )

    def deliver(self, number: int, name: str) -> None:
        day, tables = DELIVERIES[number]
        for contract, rows in tables.items():
            folder = self.home.folder / "in" / contract
            folder.mkdir(parents=True, exist_ok=True)
            file_of(contract, rows).write_parquet(folder / f"{name}_2026-11-{day:02}.parquet")

    def take(self, pulls: Pulls) -> None:
        for contract in ONLY:
            for each in take(self.home.settings, self.home.store, contract, pulls=pulls):
                assert each.status != "refused", each
        build_core(self.home.store, self.home.settings)

    def tables(self, con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[Any, ...]]]:
        return {name: con.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in SHOWN}


@pytest.fixture(scope="module")
def pulls() -> Iterator[Pulls]:
    """One child process for all takes: starting one takes longer than reading the files."""
    with Pulls() as shared:
        yield shared


@pytest.fixture(scope="module")
def expected(pulls: Pulls) -> dict[str, list[tuple[Any, ...]]]:
    """The tables when everything is taken at once, in the order of delivery."""
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        for number in range(len(DELIVERIES)):
            town.deliver(number, f"{number:02}")
        with town.home.store.write() as con:
            town.take(pulls)
            found = town.tables(con)
            # The newest of every month, version, idea, round and figure, by hand.
            for question, answer in KNOWN.items():
                assert con.execute(question).fetchall() == answer, question
    assert [name for name in SHOWN if not found[name]] == EMPTY
    return found


@given(
    order=st.permutations(range(len(DELIVERIES))),
    again=st.lists(st.integers(0, len(DELIVERIES) - 1), max_size=4),
    cuts=st.sets(st.integers(0, len(DELIVERIES) - 1), max_size=2),
)
def test_any_order_and_repetition_ends_in_the_same_core(
    pulls: Pulls,
    expected: dict[str, list[tuple[Any, ...]]],
    order: list[int],
    again: list[int],
    cuts: set[int],
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        town = Town(Path(folder))
        with town.home.store.write() as con:
            for place, number in enumerate([*order, *again]):
                town.deliver(number, f"{place:02}")
                if place in cuts:
                    town.take(pulls)
            town.take(pulls)
            found = town.tables(con)
            assert all(account(con)["closes"])
    for name in SHOWN:
        assert found[name] == expected[name], name
