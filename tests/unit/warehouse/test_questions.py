"""How people name periods and breakdowns, and what they are told when there is no such thing."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from warehouse.questions import UnknownError, ask, find_period
from warehouse.release import Release


def a_release(
    periods: list[str], breakdowns: list[list[str]] | None = None, across: str | None = None
) -> Release:
    """One figure with a total for each period, and women and men where broken down."""
    rows = []
    for period in periods:
        year, _, month = period.partition("-")
        rows += [
            {
                "figure": "women_share", "period": period, "period_end": date(int(year), int(month or 11), 28),
                "breakdown": "sex" if sex else "total", "sex": sex, "age_group": None,
                "value": 70.0, "numerator": 7.0, "denominator": 10.0, "n": 10, "low": None, "high": None, "status": "shown",
            }
            for sex in (None, "K", "M")
        ]  # fmt: skip
    cells = pl.DataFrame(rows, schema_overrides={"sex": pl.String, "age_group": pl.String})
    return Release(
        folder=Path(),
        manifest={"id": "20261031T020000Z-00000000"},
        figures={
            "women_share": {
                "id": "women_share",
                "breakdowns": breakdowns or [[], ["sex"]],
                "across": across,
                "missing": None,
            }
        },
        dimensions={"sex": {}, "age_group": {}},
        themes=[],
        quality={},
        by_figure={"women_share": cells},
    )


MONTHS = ["2015-11", "2016-10", "2016-11", "2016-12", "2017-01", "2017-02"]


@pytest.mark.parametrize(
    ("periods", "asked", "answered"),
    [
        (MONTHS, None, "2017-02"),
        (MONTHS, "2016-10", "2016-10"),
        (MONTHS, "2016", "2016-11"),
        (MONTHS, "2017", "2017-02"),
        (["2015", "2016"], "2016-11", "2016"),
        (["2015", "2016"], "2016", "2016"),
        (["2015", "2016"], None, "2016"),
        (["2016-11", "2016"], None, "2016-11"),
    ],
)
def test_periods(periods: list[str], asked: str | None, answered: str):
    assert find_period(a_release(periods), "women_share", asked) == answered


@pytest.mark.parametrize("asked", ["2014", "2016-01", "november", "2016-1"])
def test_unknown_period_lists_the_known(asked: str):
    with pytest.raises(UnknownError, match=r"2016-11, 2016-12"):
        find_period(a_release(MONTHS), "women_share", asked)


def test_a_cell_as_a_record():
    (total,) = ask(a_release(MONTHS), "women_share")
    assert total == {
        "figure": "women_share", "period": "2017-02", "breakdown": "total", "group": {},
        "value": 70.0, "numerator": 7.0, "denominator": 10.0, "n": 10, "status": "shown",
    }  # fmt: skip
    assert [cell["group"] for cell in ask(a_release(MONTHS), "women_share", by=["sex"])] == [
        {"sex": "K"},
        {"sex": "M"},
    ]


def test_unknown_figure_and_breakdown_list_the_known():
    release = a_release(MONTHS)
    with pytest.raises(UnknownError, match="women_share"):
        ask(release, "womenshare")
    for by in (["age_group"], ["nonsense"], ["sex", "age_group"]):
        with pytest.raises(UnknownError, match="it is by: sex"):
            ask(release, "women_share", by=by)


def test_a_distribution_needs_its_own_dimension_unsaid():
    release = a_release(MONTHS, breakdowns=[["age_group"], ["sex", "age_group"]], across="age_group")
    (answer,) = ask(release, "women_share")
    assert (answer["breakdown"], answer["status"]) == ("age_group", "missing")


def test_a_figure_that_was_never_possible_is_missing_with_the_reason():
    release = a_release(MONTHS)
    reason = {"sv": "Underlaget levererar inte: kön.", "en": "The source does not deliver: sex."}
    release.figures["women_share"]["missing"] = reason  # type: ignore[index]
    (answer,) = ask(release, "women_share", "2016")
    assert answer["status"] == "missing"
    assert answer["reason"] == reason
    assert answer["value"] is None


def test_a_period_that_was_not_possible_is_missing_with_the_reason_and_others_are_not():
    release = a_release(MONTHS)
    gap = {
        "sv": "Underlaget levererar inte: kön.",
        "en": "The source does not deliver: sex.",
        "periods": ["2018-11"],
    }
    release.figures["women_share"]["missing_periods"] = [gap]  # type: ignore[index]
    for asked in ("2018-11", "2018"):
        (answer,) = ask(release, "women_share", asked)
        assert (answer["status"], answer["reason"]["en"]) == ("missing", gap["en"])
    assert ask(release, "women_share", "2016")[0]["status"] == "shown"
    with pytest.raises(UnknownError, match="no period 2019"):
        ask(release, "women_share", "2019")


def test_a_breakdown_that_a_role_does_not_see_is_not_called_undelivered() -> None:
    whole = a_release(MONTHS)
    totals = whole.by_figure["women_share"].filter(pl.col("breakdown") == "total")
    cut = replace(whole, by_figure={"women_share": totals}, has_totals_only=True)
    (told,) = ask(cut, "women_share", None, ["sex"])
    assert (told["status"], told["reason"]["en"]) == ("missing", "Your role shows totals only.")
    assert ask(cut, "women_share")[0]["status"] == "shown"
