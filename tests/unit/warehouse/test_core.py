"""Core tables: which report counts, whom a new number belongs to, and when a month is built again."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from pipelines.core import build_core
from tests.fixtures.people import Row, insert, load, settings_in
from warehouse.store import Store


def month(year: int, number: int) -> date:
    return date(year, number, 1)


def built(home: Path, employments: list[Row], tables: dict[str, list[Row]] | None = None) -> Store:
    """The core tables of these rows."""
    store = Store(settings_in(home))
    load(store, employments)
    insert(store, tables or {})
    build_core(store, settings_in(home))
    return store


def rows(store: Store, sql: str) -> list[tuple[Any, ...]]:
    with store.read() as con:
        return con.execute(sql).fetchall()


def test_a_report_on_one_kind_of_plan_leaves_the_others_standing(tmp_path: Path) -> None:
    there = month(2026, 5)
    plans = [
        {"month": month(2026, 1), "kind": "goals", "decided_date": date(2026, 1, 9)},
        {"month": month(2026, 1), "kind": "gender_equality", "decided_date": date(2026, 1, 9)},
        {"month": month(2026, 4), "kind": "goals", "decided_date": None},
    ]
    milestones = [
        {**plan, "milestone_code": f"{plan['kind']}-{number}", "name_sv": "Delmål", "due_date": there}
        for plan in plans
        for number in range(2 if plan["month"].month == 1 else 1)
    ]
    store = built(
        tmp_path,
        [{"month": there, "person": "p"}],
        {"organisation_plan": plans, "organisation_milestone": milestones},
    )
    told = "SELECT plan_kind, is_done FROM core.organisation_plan_month WHERE is_plan ORDER BY 1"
    assert rows(store, told) == [("gender_equality", True), ("goals", False)]
    told = "SELECT milestone_code FROM core.organisation_plan_month WHERE NOT is_plan ORDER BY 1"
    assert rows(store, told) == [("gender_equality-0",), ("gender_equality-1",), ("goals-0",)]


def test_a_number_that_changes_later_makes_no_leaver_and_no_newcomer_of_the_months_before(
    tmp_path: Path,
) -> None:
    old = [{"month": each, "person": "P"} for each in (month(2025, 2), month(2026, 2))]
    new = {"month": month(2026, 4), "person": "Q", "previous_person_key": "P"}
    store = built(tmp_path, [*old, new])
    told = "SELECT person_key, was_monthly, is_monthly FROM core.person_change WHERE month = '2026-02-01'"
    assert rows(store, told) == [("Q", True, True)]


def test_who_has_posts_under_both_numbers_is_one_person(tmp_path: Path) -> None:
    then, now = month(2025, 4), month(2026, 4)
    new = {"month": now, "person": "Q", "previous_person_key": "P"}
    store = built(tmp_path, [{"month": then, "person": "P"}, {"month": now, "person": "P"}, new])
    assert rows(store, "SELECT person_key, was_monthly, is_monthly FROM core.person_change") == [
        ("Q", True, True)
    ]
