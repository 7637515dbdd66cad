"""Core tables: which report counts, whom a new number belongs to, and when a month is built again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.core import build_core
from tests.fixtures.people import Row, insert, load, settings_in
from warehouse.store import Store


def month(year: int, number: int) -> date:
    return date(year, number, 1)


def built(home: Path, employments: Sequence[Row], tables: Mapping[str, Sequence[Row]] | None = None) -> Store:
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
    plans: list[dict[str, Any]] = [
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
    assert rows(store, told) == [("P", True, True)]


def test_who_has_posts_under_both_numbers_is_one_person(tmp_path: Path) -> None:
    then, now = month(2025, 4), month(2026, 4)
    new = {"month": now, "person": "Q", "previous_person_key": "P"}
    store = built(tmp_path, [{"month": then, "person": "P"}, {"month": now, "person": "P"}, new])
    assert rows(store, "SELECT person_key, was_monthly, is_monthly FROM core.person_change") == [
        ("Q", True, True)
    ]


def again(store: Store, home: Path) -> tuple[date, ...]:
    return build_core(store, settings_in(home)).months


def change(store: Store, sql: str) -> None:
    with store.write() as con:
        con.execute(sql)


def test_a_corrected_month_builds_the_year_of_ideas_after_it_and_a_new_month_itself_only(
    tmp_path: Path,
) -> None:
    months = [month(2024 + number // 12, number % 12 + 1) for number in range(26)]
    staff = [
        {"month": each, "person": person, "department_code": person}
        for each in months
        for person in ("A", "B")
    ]
    idea = {"month": months[1], "idea_id": "i", "created_date": months[1], "status": "new"}
    members = [{"month": months[1], "idea_id": "i", "person_key": person} for person in ("A", "B")]
    store = built(tmp_path, staff, {"idea": [idea], "idea_member": members})
    ideas = "SELECT SUM(cross_department_ideas) FROM core.collaboration_month"
    assert rows(store, ideas) == [(12,)]
    # The month is delivered again: the two belong to one department.
    change(
        store,
        f"UPDATE raw.hr_employment SET department_code = 'A', delivery_id = 'again' WHERE month = '{months[1]}';"
        f"UPDATE log.delivery SET delivery_id = 'again' WHERE contract = 'hr_employment' AND months[1] = '{months[1]}'",
    )
    assert again(store, tmp_path) == tuple(months[1:14])
    assert rows(store, ideas) == [(0,)]
    load(store, [{"month": month(2026, 3), "person": "A"}])
    assert again(store, tmp_path) == (month(2026, 3),)


def test_a_withdrawal_out_of_a_delivery_that_stays_builds_again(tmp_path: Path) -> None:
    there = month(2026, 5)
    ideas = [
        {"month": there, "idea_id": name, "created_date": there, "status": "new"} for name in ("i", "j", "k")
    ]
    store = built(tmp_path, [{"month": there, "person": "A"}], {"idea": ideas})
    change(store, "DELETE FROM raw.idea WHERE idea_id = 'j'")
    assert again(store, tmp_path) == (there,)
    assert rows(store, "SELECT ideas FROM core.collaboration_month") == [(2,)]


def test_a_changed_number_that_is_told_later_builds_the_months_that_have_it(tmp_path: Path) -> None:
    old = [{"month": month(2025, each), "person": "P"} for each in (3, 4)]
    store = built(tmp_path, [*old, *({"month": month(2026, each), "person": "Q"} for each in (4,))])
    told = "SELECT person_key, was_monthly, is_monthly FROM core.person_change ORDER BY 1"
    assert rows(store, told) == [("P", True, False), ("Q", False, True)]
    load(store, [{"month": month(2026, 5), "person": "Q", "previous_person_key": "P"}])
    assert again(store, tmp_path) == (month(2026, 4), month(2026, 5))
    assert rows(store, told) == [("Q", True, True)]


@pytest.mark.parametrize(
    ("completed", "answers", "told"),
    [
        ((None, None), 3, (20, 3)),
        ((4, None), 3, (10, 4)),
        ((None, None), 0, (None, None)),
    ],
)
def test_who_answered_is_counted_from_the_answers_where_nobody_is_marked(
    tmp_path: Path, completed: tuple[int | None, ...], answers: int, told: tuple[int | None, ...]
) -> None:
    whose = {"month": month(2026, 5), "round_id": "r"}
    invited = [
        {**whose, "department_code": name, "sex": "K", "invited": 10, "completed": number}
        for name, number in zip("AB", completed, strict=True)
    ]
    given = [
        {**whose, "respondent_key": f"r{number}", "item_code": item, "department_code": "A"}
        for number in range(answers)
        for item in ("Q1", "Q2")
    ]
    store = built(tmp_path, [], {"survey_invited": invited, "survey_answer": given})
    assert rows(store, "SELECT SUM(invited), SUM(completed) FROM core.survey_invited") == [told]


def test_a_value_that_is_gone_in_a_newer_retrieval_does_not_live_on(tmp_path: Path) -> None:
    def value(retrieved: int, kpi: str, number: float | None) -> Row:
        whose = {"municipality": "1285", "period": 2024, "gender": "T"}
        return {"month": month(2026, retrieved), "kpi": kpi, **whose, "value": number}

    figures = [value(4, "N00001", 1.0), value(4, "N00002", 2.0), value(5, "N00001", None)]
    store = built(tmp_path, [], {"external_figure": figures})
    assert rows(store, "SELECT kpi, value FROM core.external_figure") == [("N00002", 2.0)]
