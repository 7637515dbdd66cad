"""The people of the example: possible lives, and the structure of a municipality."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pipelines.example.municipality import Month, Municipality
from pipelines.example.parameters import Parameters, parameters
from warehouse.contracts import CONTRACTS
from warehouse.settings import Example

RUN = parameters(Example(ends=date(2023, 8, 31), months=20), date(2024, 1, 1))


@pytest.fixture(scope="module")
def months() -> list[Month]:
    return list(Municipality(RUN).months())


@pytest.fixture(scope="module")
def employment(months: list[Month]) -> pl.DataFrame:
    return pl.concat([month.employment for month in months])


@pytest.fixture(scope="module")
def absence(months: list[Month]) -> pl.DataFrame:
    return pl.concat([month.absence for month in months])


@pytest.mark.parametrize("name", ["hr_employment", "hr_absence"])
def test_the_rows_have_the_columns_the_contract_asks_for(months: list[Month], name: str) -> None:
    frame = months[0].employment if name == "hr_employment" else months[0].absence
    # Full time is not delivered beside the percentage; names are what intake must drop.
    assert set(frame.columns) - {"name"} == set(CONTRACTS[name].delivered) - {"is_full_time"}


def test_keys_are_unique(employment: pl.DataFrame, absence: pl.DataFrame) -> None:
    assert not employment.select("month", "employment_id").is_duplicated().any()
    assert (
        not absence.select("month", "employment_id", "absence_type", "spell_start", "extent")
        .is_duplicated()
        .any()
    )


def test_there_are_ten_departments_about_150_units_and_sixty_occupations(employment: pl.DataFrame) -> None:
    last = employment.filter(pl.col("month") == employment["month"].max())
    assert last["department_code"].n_unique() == 10
    assert 140 <= last["unit_code"].n_unique() <= 160
    assert last["occupation_code"].n_unique() >= 60
    assert last["occupation_group"].n_unique() >= 25
    assert last.filter(pl.col("management_level") == 1).height == 12


def test_work_is_divided_between_the_sexes_as_it_is_in_municipalities(employment: pl.DataFrame) -> None:
    last = employment.filter(
        (pl.col("month") == employment["month"].max()) & (pl.col("pay_form") == "manadsavlonad")
    )
    women = dict(last.group_by("occupation_group").agg((pl.col("sex") == "K").mean()).iter_rows())
    assert women["Förskollärare"] > 0.9
    assert women["Räddningstjänst"] < 0.25
    assert 0.3 < women["Gymnasielärare"] < 0.65


def test_absence_belongs_to_somebody_employed_in_the_month(
    employment: pl.DataFrame, absence: pl.DataFrame
) -> None:
    stray = absence.join(employment, on=["month", "employment_id", "person_id"], how="anti")
    assert stray.is_empty()


def test_full_leave_and_absence_tell_the_same(employment: pl.DataFrame, absence: pl.DataFrame) -> None:
    whole = (
        absence.filter(
            (pl.col("extent") == 100)
            & (pl.col("spell_start") < pl.col("month"))
            & (pl.col("spell_end").is_null() | (pl.col("spell_end") > pl.col("month").dt.month_end()))
        )
        .select("month", "employment_id")
        .sort("month", "employment_id")
    )
    flagged = (
        employment.filter("has_full_leave").select("month", "employment_id").sort("month", "employment_id")
    )
    assert_frame_equal(whole, flagged)


def test_a_spell_is_told_the_same_in_every_month(absence: pl.DataFrame) -> None:
    spells = absence.group_by("employment_id", "absence_type", "spell_start", "extent").agg(
        pl.col("month").min().alias("first"),
        pl.col("month").max().alias("last"),
        pl.len(),
        pl.col("spell_end").drop_nulls().n_unique().alias("ends"),
        pl.col("spell_end").max().alias("end"),
    )
    within = (pl.col("last").dt.year() - pl.col("first").dt.year()) * 12 + (
        pl.col("last").dt.month().cast(pl.Int32) - pl.col("first").dt.month().cast(pl.Int32)
    )
    assert spells.filter(within + 1 != pl.col("len")).is_empty()
    assert spells.filter(pl.col("ends") > 1).is_empty()
    assert spells.filter(pl.col("end") > pl.col("last").dt.month_end()).is_empty()


def test_hours_are_possible(employment: pl.DataFrame, absence: pl.DataFrame) -> None:
    away = absence.group_by("month", "employment_id").agg(pl.col("absence_hours").sum())
    both = employment.join(away, on=["month", "employment_id"])
    full = pl.col("ordinary_hours").max().over("month")
    assert both.filter(pl.col("absence_hours") > full + 0.01).is_empty()
    assert absence.filter(pl.col("spell_end") < pl.col("spell_start")).is_empty()
    assert employment.filter(pl.col("hire_date") > pl.col("month").dt.month_end()).is_empty()


def test_nobody_is_hired_as_a_child(employment: pl.DataFrame) -> None:
    age = (pl.col("hire_date") - pl.col("birth_date")).dt.total_days() / 365.25
    assert employment.filter(age < 17.5).is_empty()


def test_persons_with_two_posts_keep_them_within_full_time(employment: pl.DataFrame) -> None:
    posts = (
        employment.filter(pl.col("pay_form") == "manadsavlonad")
        .group_by("month", "person_id")
        .agg(pl.len(), pl.col("fte_agreed").sum())
    )
    double = posts.filter(pl.col("len") == 2)
    assert double.group_by("month").len()["len"].min() > 10  # type: ignore[operator]
    assert posts["len"].max() == 2
    assert double["fte_agreed"].max() <= 100  # type: ignore[operator]


def test_the_rare_cases_are_there(employment: pl.DataFrame) -> None:
    last = employment.filter(pl.col("month") == employment["month"].max())
    unknown = employment.filter(pl.col("sex").is_null())
    assert unknown["month"].to_list() == sorted(employment["month"].unique())[:2]
    assert set(unknown["person_id"]) == {"E00000001"}
    assert last.filter(pl.col("person_id").str.starts_with("SKYDD")).height == 1
    changed = last.filter(pl.col("previous_person_id").is_not_null())
    before = employment.filter(pl.col("person_id").is_in(changed["previous_person_id"].implode()))
    assert changed["sex"].to_list() == ["M"]
    assert set(before["sex"]) == {"K"}
    assert set(before["employment_id"]) == set(changed["employment_id"])


def test_some_are_promoted_and_some_become_permanent(employment: pl.DataFrame) -> None:
    by_post = employment.group_by("employment_id").agg(
        pl.col("management_level").is_not_null().n_unique().alias("levels"),
        pl.col("employment_form").n_unique().alias("forms"),
    )
    assert by_post.filter(pl.col("levels") > 1).height > 5
    assert by_post.filter(pl.col("forms") > 1).height > 50


def test_pay_is_revised_in_april_only(employment: pl.DataFrame) -> None:
    stayed = employment.sort("month").with_columns(
        pl.col("monthly_pay_fte").diff().over("employment_id").alias("rise"),
        (pl.col("occupation_code") != pl.col("occupation_code").shift().over("employment_id")).alias("moved"),
        (pl.col("employment_form") != pl.col("employment_form").shift().over("employment_id")).alias(
            "formed"
        ),
    )
    rises = stayed.filter((pl.col("rise") != 0) & ~pl.col("moved") & ~pl.col("formed"))
    assert set(rises["month"].dt.month()) == {4}


def test_a_longer_run_begins_with_the_same_people() -> None:
    short = Parameters(size=400, first=2024 * 12, months=13, calibrated=2024 * 12 + 10, seed=3)
    longer = Parameters(size=400, first=2024 * 12, months=17, calibrated=2024 * 12 + 10, seed=3)
    for one, other in zip(Municipality(short).months(), Municipality(longer).months(), strict=False):
        assert_frame_equal(one.employment, other.employment)
        assert_frame_equal(one.absence, other.absence)


def test_another_seed_gives_other_people() -> None:
    one, other = (
        next(Municipality(Parameters(400, 2024 * 12, 13, 2024 * 12 + 10, seed)).months()) for seed in (1, 2)
    )
    assert set(one.employment["person_id"]) != set(other.employment["person_id"])
