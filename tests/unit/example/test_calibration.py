"""The example municipality of December 2022 agrees with what Eslöv has published for November 2022.

The values below are Kolada's (municipality 1285, 2022), not the generator's own table.
"""

from __future__ import annotations

import itertools
from datetime import date

import polars as pl
import pytest

from pipelines.example.calibration import month_facts, persons, sick_facts
from pipelines.example.municipality import Month, Municipality
from pipelines.example.parameters import parameters
from warehouse.settings import Example

PUBLISHED = {
    ("N00053", "K"): 2290, ("N00053", "M"): 634, ("N00053", "T"): 2924,
    ("N00200", "K"): 82.568093, ("N00200", "M"): 76.680384, ("N00200", "T"): 81.267051,
    ("N00201", "K"): 6.536965, ("N00201", "M"): 10.288066, ("N00201", "T"): 7.365868,
    ("N00206", "K"): 85.545852, ("N00206", "M"): 89.747634, ("N00206", "T"): 86.456908,
    ("N00207", "K"): 10.69869, ("N00207", "M"): 6.940063,
    ("N00208", "K"): 3.755459, ("N00208", "M"): 3.312303,
    ("N00209", "K"): 72.477499, ("N00209", "M"): 83.112583, ("N00209", "T"): 74.843462,
    ("N00210", "K"): 20.890573, ("N00210", "M"): 9.933775,
    ("N00211", "K"): 6.631928, ("N00211", "M"): 6.953642,
    ("N00214", "K"): 25.758755, ("N00214", "M"): 19.615912, ("N00214", "T"): 24.401334,
    ("N00230", "K"): 280, ("N00230", "M"): 95,
    ("N00232", "T"): 209,
}  # fmt: skip
COUNTS = ("N00053", "N00230", "N00232")


def run_to(ends: date, **stated: int) -> list[Month]:
    return list(Municipality(parameters(Example(ends=ends, **stated), ends)).months())


@pytest.fixture(scope="module")
def until_2022() -> list[Month]:
    return run_to(date(2022, 12, 31))


@pytest.fixture(scope="module")
def november(until_2022: list[Month]) -> dict[tuple[str, str], float]:
    facts = month_facts(until_2022[-2].employment)
    return {(kpi, gender): value for kpi, gender, value in facts.iter_rows()}


@pytest.mark.parametrize(("kpi", "gender"), PUBLISHED)
def test_november_2022_is_as_published(november: dict[tuple[str, str], float], kpi: str, gender: str) -> None:
    promised = 0 if kpi in COUNTS else 0.5
    assert november[kpi, gender] == pytest.approx(PUBLISHED[kpi, gender], abs=promised)


def test_womens_median_pay_is_as_much_higher_as_published(november: dict[tuple[str, str], float]) -> None:
    assert november["N00951", "T"] == pytest.approx(1485, abs=100)


def test_sick_leave_of_the_year_is_as_published(until_2022: list[Month]) -> None:
    facts = sick_facts(until_2022[-12:])
    found = dict(zip(facts["gender"], facts["value"], strict=True))
    assert found == pytest.approx({"K": 9.1, "M": 5.9, "T": 8.3}, abs=0.5)


def test_about_two_fifths_of_sick_hours_are_in_long_spells(until_2022: list[Month]) -> None:
    sick = pl.concat([month.absence for month in until_2022[-12:]]).filter(pl.col("absence_type") == "sjuk")
    last = pl.coalesce("spell_end", pl.col("month").dt.month_end())
    spells = sick.group_by("employment_id", "spell_start").agg(
        last.max().alias("last"), pl.col("absence_hours").sum()
    )
    long = spells.filter((pl.col("last") - pl.col("spell_start")).dt.total_days() >= 59)[
        "absence_hours"
    ].sum()
    assert 0.33 < float(long) / float(spells["absence_hours"].sum()) < 0.47


def test_the_years_new_permanent_employees_are_about_as_many_as_published(until_2022: list[Month]) -> None:
    def permanent(month: Month) -> set[str]:
        counted = pl.col("is_permanent") & pl.col("is_monthly")
        return set(persons(month.employment).filter(counted)["person_id"])

    new = permanent(until_2022[-2]) - permanent(until_2022[-14])
    assert len(new) == pytest.approx(329, rel=0.1)  # N00239


@pytest.mark.parametrize(("months_before", "women", "men"), [(12, 2319, 621), (24, 2292, 579)])
def test_earlier_novembers_are_as_published_too(
    until_2022: list[Month], months_before: int, women: int, men: int
) -> None:
    facts = month_facts(until_2022[-2 - months_before].employment)
    found = {gender: value for kpi, gender, value in facts.iter_rows() if kpi == "N00053"}
    # One person's sex changes in the course of the run.
    assert found["K"] == pytest.approx(women, abs=1)
    assert found["M"] == pytest.approx(men, abs=1)


def test_the_last_month_of_any_run_stays_close() -> None:
    last = run_to(date(2026, 10, 31))[-1]
    found = {(kpi, gender): value for kpi, gender, value in month_facts(last.employment).iter_rows()}
    shares = {key: value for key, value in PUBLISHED.items() if key[0] not in COUNTS}
    assert {key: found[key] for key in shares} == pytest.approx(shares, abs=0.5)


def test_no_month_differs_much_from_the_month_before(until_2022: list[Month]) -> None:
    for frames, limit in (
        ([month.employment for month in until_2022], 0.06),
        ([month.absence for month in until_2022], 0.25),
    ):
        rows = [frame.height for frame in frames]
        assert all(abs(now / before - 1) < limit for before, now in itertools.pairwise(rows))


@pytest.mark.parametrize("size", [300, 20_000])
def test_other_sizes_keep_the_proportions(size: int) -> None:
    months = run_to(date(2022, 12, 31), size=size, months=13)
    found = {(kpi, gender): value for kpi, gender, value in month_facts(months[-2].employment).iter_rows()}
    assert found["N00053", "T"] == size
    assert found["N00200", "T"] == pytest.approx(81.27, abs=0.5)
    assert found["N00206", "T"] == pytest.approx(86.46, abs=0.5)
    departments = months[-1].employment["department_code"].n_unique()
    assert departments == 10 or size < 1000
