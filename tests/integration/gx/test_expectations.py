"""The declared expectations, run by Great Expectations on made-up months."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipelines.core import build_core
from pipelines.validation import expectations
from pipelines.validation.expectations import Suite, judge, month_frame, remembered, run, suites
from pipelines.validation.judging import JudgementError, the_judge
from tests.fixtures.people import load
from warehouse.contracts import CONTRACTS
from warehouse.settings import Settings
from warehouse.store import Store

MONTHS = ["2026-08", "2026-09", "2026-10"]
GOOD: dict[str, dict[str, Any]] = {
    "hr_employment": {
        "people_change": [None, 1, -1],
        "departments_change": [None, 0, 0],
        "known_sex_share": 99,
        "women_share": 75,
        "women_share_change": [None, 0.1, 0.2],
        "mean_age": 45,
        "mean_fte_share": 92,
        "mean_pay_change": [None, 0.2, 3],
        "days_since_month_end": [None, None, 20],
    },
    "hr_absence": {
        "rows_change": [None, 5, 20],
        "people_share": 25,
        "sick_hours_per_row": 30,
        "sick_rows_share": 60,
        "days_since_month_end": [None, None, 20],
    },
    "employment_month": {
        "employments": 300,
        "delivered_employments": 300,
        "people": 290,
        "delivered_people": 290,
        "full_time_share": 80,
        "permanent_share": 90,
    },
    "person_month": {
        "rows": 290,
        "people": 290,
        "people_with_posts": 290,
        "highest_fte": 100,
        "managers_share": 5,
    },
    "time_month": {
        "posts": 300,
        "employments": 300,
        "ordinary_hours": 4000.5,
        "delivered_ordinary_hours": 4000.5,
        "sick_hours_share": 6,
    },
}
# For every rule: a column and a value in the last month that breaks it, and nothing else that blocks.
BAD = [
    ("hr_employment", "people_like_last_month", "people_change", -40),
    ("hr_employment", "departments_like_last_month", "departments_change", -5),
    ("hr_employment", "sex_known", "known_sex_share", 60),
    ("hr_employment", "both_sexes_present", "women_share", 100),
    ("hr_employment", "women_share_like_last_month", "women_share_change", 12),
    ("hr_employment", "mean_age_plausible", "mean_age", 2),
    ("hr_employment", "mean_fte_plausible", "mean_fte_share", 0.92),
    ("hr_employment", "mean_pay_like_last_month", "mean_pay_change", 1100),
    ("hr_employment", "month_is_recent", "days_since_month_end", 300),
    ("hr_absence", "rows_like_last_month", "rows_change", -80),
    ("hr_absence", "absent_people_plausible", "people_share", 0),
    ("hr_absence", "sick_hours_plausible", "sick_hours_per_row", 0.5),
    ("hr_absence", "sick_leave_present", "sick_rows_share", 0),
    ("hr_absence", "month_is_recent", "days_since_month_end", 300),
    ("employment_month", "employments_reconcile", "employments", 299),
    ("employment_month", "employments_reconcile", "employments", None),
    ("employment_month", "people_reconcile", "people", 289),
    ("employment_month", "full_time_share_plausible", "full_time_share", 2),
    ("employment_month", "permanent_share_plausible", "permanent_share", 10),
    ("person_month", "each_person_once", "rows", 291),
    ("person_month", "people_reconcile", "people_with_posts", 291),
    ("person_month", "extent_at_most_full_time", "highest_fte", 150),
    ("person_month", "managers_plausible", "managers_share", 90),
    ("time_month", "posts_reconcile", "posts", 301),
    ("time_month", "ordinary_hours_reconcile", "ordinary_hours", 4100),
    ("time_month", "sick_share_plausible", "sick_hours_share", 70),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def frame(asset: str) -> pd.DataFrame:
    return pd.DataFrame({"month": MONTHS, **GOOD[asset]}).astype(dict.fromkeys(GOOD[asset], "float64"))


@pytest.mark.parametrize("asset", sorted(GOOD))
def test_good_months_meet_everything(asset: str, settings: Settings):
    results = run(suites()[asset], frame(asset), settings)
    assert [result.name for result in results] == [rule.name for rule in suites()[asset].expectations]
    assert all(result.passed for result in results), results


@pytest.mark.parametrize(("asset", "name", "column", "value"), BAD)
def test_each_rule_can_fail_and_tells_the_month(
    asset: str, name: str, column: str, value: float | None, settings: Settings
):
    broken = frame(asset)
    broken.loc[2, column] = value
    failed = {result.name: result for result in run(suites()[asset], broken, settings) if not result.passed}
    assert name in failed
    assert "2026-10" in failed[name].observed
    assert "2026-08" not in failed[name].observed
    assert failed[name].text["sv"]
    assert failed[name].text["en"]


def test_every_rule_has_a_case_that_breaks_it():
    assert {(asset, name) for asset, name, *_ in BAD} == {
        (suite.asset, rule.name) for suite in suites().values() for rule in suite.expectations
    }


def test_a_crash_is_not_a_failed_expectation(settings: Settings):
    suite = suites()["person_month"]
    with pytest.raises(JudgementError, match="managers_plausible"):
        run(suite, frame("person_month").drop(columns="managers_share"), settings)


def test_nothing_delivered_is_nothing_implausible(settings: Settings):
    store = Store(settings)
    for asset in suites():
        assert all(result.passed for result in judge(store, settings, asset))


def test_what_is_not_delivered_is_not_judged(settings: Settings):
    """A source without pay or birth dates: empty columns pass."""
    empty = frame("hr_employment").assign(
        mean_age=float("nan"), mean_pay_change=float("nan"), mean_fte_share=float("nan")
    )
    assert all(result.passed for result in run(suites()["hr_employment"], empty, settings))


def test_only_what_changed_is_judged_again(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    store = Store(settings)
    contract = CONTRACTS["hr_employment"]
    rows = contract.sample(50, date(2026, 10, 1)).select(contract.columns).to_arrow()
    with store.write() as con:
        con.register("rows", rows)
        con.execute(f"INSERT INTO {contract.table} SELECT * FROM rows")
        con.unregister("rows")
    calls = []
    real = expectations.run

    def counting(suite: Suite, months: pd.DataFrame, stated: Settings) -> list[expectations.Judged]:
        calls.append(suite.asset)
        return real(suite, months, stated)

    monkeypatch.setattr(expectations, "run", counting)
    today = date(2026, 11, 20)
    first = judge(store, settings, "hr_employment", today)
    assert judge(store, settings, "hr_employment", today) == first
    assert calls == ["hr_employment"]
    assert [result for result in remembered(store) if result.table == contract.table] == first
    with store.write() as con:
        con.execute(f"DELETE FROM {contract.table} WHERE row_number > 25")
    judge(store, settings, "hr_employment", today)
    assert len(calls) == 2


def test_what_is_observed_stays_the_same_from_night_to_night(settings: Settings):
    """Else the same data would make a new release every night."""
    store = Store(settings)
    contract = CONTRACTS["hr_employment"]
    with store.write() as con:
        con.register("rows", contract.sample(50, date(2026, 10, 1)).select(contract.columns).to_arrow())
        con.execute(f"INSERT INTO {contract.table} SELECT * FROM rows")
        con.unregister("rows")
    nights = [judge(store, settings, "hr_employment", date(2026, 11, day)) for day in (10, 11)]
    assert nights[0] == nights[1]


def test_a_table_whose_age_nobody_asks_for_looks_the_same_every_night(settings: Settings):
    store = Store(settings)
    load(store, [{"month": date(2026, 10, 1), "person": "p"}])
    build_core(store, settings)
    with store.read() as con:
        for asset, suite in suites().items():
            if "month_is_recent" not in {rule.name for rule in suite.expectations}:
                one, other = (month_frame(con, suite, date(2026, 11, day)) for day in (10, 11))
                assert one.equals(other), asset


def test_a_judge_that_dies_is_told_of_and_a_new_one_takes_over(settings: Settings):
    suite = suites()["person_month"]
    run(suite, frame("person_month"), settings)
    the_judge()._process.kill()
    with pytest.raises(JudgementError, match="ended by itself"):
        run(suite, frame("person_month"), settings)
    assert all(result.passed for result in run(suite, frame("person_month"), settings))
