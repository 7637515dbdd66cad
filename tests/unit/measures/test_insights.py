"""What is told of protected cells: intervals, signals, changes, the index, objectives."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.measures.equality import add_index, likeness, parts_of
from pipelines.measures.insights import tell
from pipelines.measures.intervals import add_intervals, wilson
from pipelines.measures.objectives import is_as_good, path_at, standings
from pipelines.measures.signals import limits
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Target

FOUND = catalogue()
SCHEMA: dict[str, Any] = {
    "figure": pl.String,
    "period": pl.String,
    "period_end": pl.Date,
    "version": pl.Int32,
    "breakdown": pl.String,
    **dict.fromkeys(FOUND.dimensions, pl.String),
    "value": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "n": pl.Int64,
    "low": pl.Float64,
    "high": pl.Float64,
    "status": pl.String,
}


def cell(figure: str, period: str, value: float | None, **more: Any) -> dict[str, Any]:
    """One protected cell; by default of the whole, shown."""
    year, _, month = period.partition("-")
    groups = [name for name in FOUND.dimensions if name in more]
    return {
        **dict.fromkeys(SCHEMA),
        "figure": figure,
        "period": period,
        "period_end": date(int(year), int(month or 11), 28),
        "version": 1,
        "breakdown": ",".join(groups) or "total",
        "value": value,
        "status": "shown",
        **more,
    }


def frame(*cells: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(cells, schema=SCHEMA, orient="row")


def test_wilson_agrees_with_the_published_example_and_with_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    # Newcombe 1998 (Statist. Med. 17, 857–872), table I: 81 of 263 and 0 of 20.
    for count, n, low, high in ((81, 263, 0.2553, 0.3662), (0, 20, 0.0, 0.1611)):
        ends = pl.select(
            *(
                end.alias(name)
                for end, name in zip(
                    wilson(pl.lit(count / n), pl.lit(float(n))), ("low", "high"), strict=True
                )
            )
        ).row(0)
        assert ends == pytest.approx((low, high), abs=1e-4)
        assert ends == pytest.approx(proportion_confint(count, n, method="wilson"), abs=1e-6)


def test_intervals_of_shares_gaps_and_survey_indices_and_none_for_what_is_hidden() -> None:
    cells = frame(
        cell("full_time_share", "2022-11", 87.5, numerator=56.0, denominator=70.0, n=70, sex="M"),
        cell("full_time_share", "2022-11", 60.0, numerator=48.0, denominator=80.0, n=80, sex="K"),
        cell("full_time_gap", "2022-11", 20.0),
        cell("full_time_share", "2022-10", None, status="hidden"),
    )
    cells = cells.with_columns(value=pl.when(pl.col("sex") == "M").then(80.0).otherwise(pl.col("value")))
    told = add_intervals(cells, FOUND)
    gap = told.filter(pl.col("figure") == "full_time_gap").row(0, named=True)
    # Newcombe 1998 (Statist. Med. 17, 873–890), table II (a): 56/70 − 48/80, method 10.
    assert (gap["low"] / 100, gap["high"] / 100) == pytest.approx((0.0524, 0.3339), abs=1e-4)
    hidden = told.filter(pl.col("status") == "hidden").row(0, named=True)
    assert (hidden["low"], hidden["high"]) == (None, None)


def test_limits_are_mean_and_moving_range_and_the_rules_fire() -> None:
    assert limits([1.0] * 11) is None
    quiet = limits([10.0, 12.0] * 6)
    assert quiet is not None
    assert (quiet.mean, quiet.lower, quiet.upper) == pytest.approx((11.0, 11 - 2.66 * 2, 11 + 2.66 * 2))
    assert quiet.broken == ()
    outside = limits([10.0, 11.0] * 6 + [30.0])
    assert outside is not None
    assert (12, "outside") in outside.broken
    run = limits([10.0, 10.2] * 6 + [12.0, 11.8] * 4)
    assert run is not None
    assert "run" in {rule for _, rule in run.broken}
    trend = limits([10.0, 12.0] * 4 + [9.0, 9.5, 10.0, 10.5, 11.0, 11.5])
    assert trend is not None
    assert trend.broken[-1] == (13, "trend")


def test_sentences_say_no_real_change_inside_the_noise() -> None:
    inside = frame(
        cell("full_time_share", "2021-11", 86.0, numerator=860.0, denominator=1000.0, n=1000),
        cell("full_time_share", "2022-11", 86.5, numerator=865.0, denominator=1000.0, n=1000),
        cell("permanent_share", "2021-11", 80.0, numerator=800.0, denominator=1000.0, n=1000),
        cell("permanent_share", "2022-11", 90.0, numerator=900.0, denominator=1000.0, n=1000),
    )
    told = {change["figure"]: change for change in tell(inside, FOUND).document["changes"]}
    assert told["full_time_share"]["verdict"] == "no_real_change"
    assert told["full_time_share"]["sentence"] == {
        "sv": "86,5\u00a0procent i november 2022, mot 86,0\u00a0procent i november 2021: ingen säker förändring.",
        "en": "86.5\u00a0percent in November 2022, against 86.0\u00a0percent in November 2021: no real change.",
    }
    assert told["permanent_share"]["verdict"] == "higher"


def test_twelve_months_are_called_so_and_a_round_is_none_for_its_digits() -> None:
    answers = {"numerator": 60.0, "denominator": 100.0, "n": 100}
    rounds = [
        {**cell("hme_total", year, value, **answers), "period": f"{year}10"}
        for year, value in (("2025", 70.0), ("2026", 71.0))
    ]
    months = [cell("dialogue_coverage", f"{year}-10", 60.0, **answers) for year in (2025, 2026)]
    told = {
        change["figure"]: change["sentence"]
        for change in tell(frame(*rounds, *months), FOUND).document["changes"]
    }
    assert "de tolv månaderna till och med oktober 2026, mot" in told["dialogue_coverage"]["sv"]
    assert "in the twelve months to October 2025" in told["dialogue_coverage"]["en"]
    assert " i 202610, mot " in told["hme_total"]["sv"]


def test_nothing_is_compared_over_a_changed_definition() -> None:
    cells = frame(
        cell("full_time_share", "2021-11", 86.0, numerator=860.0, denominator=1000.0),
        cell("full_time_share", "2022-11", 86.5, numerator=865.0, denominator=1000.0, version=2),
    )
    assert tell(cells, FOUND).document["changes"] == []


PARTS = (
    cell("balanced_occupations_share", "2022", 40.0),
    cell("women_in_top_management", "2022-11", 60.0),
    cell("manager_parity", "2022-11", 0.8),
    cell("pay_ratio_median", "2022", 104.0),
    cell("long_term_sick_leave", "2022-11", 4.0, sex="K"),
    cell("long_term_sick_leave", "2022-11", 2.0, sex="M"),
    cell("full_time_share", "2022-11", 81.0, sex="K"),
    cell("full_time_share", "2022-11", 90.0, sex="M"),
    cell("permanent_share", "2022-11", 80.0, sex="K"),
    cell("permanent_share", "2022-11", 80.0, sex="M"),
    cell("parental_leave_men_share", "2022-11", 25.0),
    cell("active_work", "2022-11", 70.0),
)


def test_the_index_is_the_mean_of_nine_open_parts() -> None:
    expected = [0.4, 40 / 60, 0.8, 100 / 104, 0.5, 0.9, 1.0, 0.5, 0.7]
    parts = parts_of(frame(*PARTS), "2022")
    assert [part["value"] for part in parts] == pytest.approx(expected)
    cells, by_year = add_index(frame(*PARTS, cell("employees", "2022-11", 900.0, n=900)), FOUND)
    index = cells.filter(pl.col("figure") == "equality_index").row(0, named=True)
    assert index["value"] == pytest.approx(round(100 * sum(expected) / 9, 1))
    assert index["n"] == 900
    assert list(by_year) == ["2022"]


def test_a_hidden_part_leaves_the_index_missing_and_says_which() -> None:
    told = tell(frame(*PARTS[:-1]), FOUND)
    index = told.cells.filter(pl.col("figure") == "equality_index").row(0, named=True)
    assert (index["value"], index["status"]) == (None, "missing")
    assert "Aktivt arbete" in told.reasons["equality_index"]["sv"]


def test_likeness() -> None:
    assert [likeness(1, 2), likeness(2, 1), likeness(0, 0), likeness(0, 3)] == [0.5, 0.5, 1.0, 0.0]


TARGET = Target(value=90, date=date(2027, 1, 1), baseline=80, baseline_date=date(2023, 1, 1))


def test_the_path_is_a_straight_line_and_flat_outside_it() -> None:
    days = (date(2022, 1, 1), date(2023, 1, 1), date(2025, 1, 1), date(2030, 1, 1))
    assert [path_at(TARGET, day) for day in days] == pytest.approx([80, 80, 85, 90], abs=0.01)
    assert path_at(Target(value=90, date=date(2027, 1, 1)), days[0]) is None


@pytest.mark.parametrize(
    ("value", "status"), [(95.0, "reached"), (100.0, "reached"), (90.0, "on_track"), (60.0, "behind")]
)
def test_an_objective_is_judged_by_target_and_path(value: float, status: str) -> None:
    objective = next(one for one in FOUND.objectives if one.id == "O6")
    target = FOUND.figures[objective.figure or ""].target
    assert target is not None
    assert target.value <= 95
    cells = frame(cell(objective.figure or "", "2026-10", value))
    standing = next(one for one in standings(cells, FOUND, ()) if one.id == "O6")
    assert standing.status == status


def test_an_objective_without_a_judgeable_value_says_why() -> None:
    figure = next(one.figure for one in FOUND.objectives if one.id == "O6") or ""
    hidden = frame(cell(figure, "2026-10", None, status="hidden"))
    for cells, stale, because in (
        (frame(), (), "missing"),
        (hidden, (), "hidden"),
        (frame(cell(figure, "2026-10", 50.0)), (figure,), "stale"),
    ):
        standing = next(one for one in standings(cells, FOUND, stale) if one.id == "O6")
        assert (standing.status, standing.because) == ("cannot_be_judged", because)


def test_lower_is_better_where_the_figure_says_so() -> None:
    figure = FOUND.figures["sick_leave_share"]
    assert figure.target is not None
    assert is_as_good(7.0, 7.5, figure, figure.target)
    assert not is_as_good(8.0, 7.5, figure, figure.target)
