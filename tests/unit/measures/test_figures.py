"""Key figures on small municipalities where every answer can be counted by hand."""

from collections.abc import Sequence
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.measures.compute import missing_reasons
from tests.fixtures.people import settings_in
from tests.unit.measures.municipality import NOVEMBER, cell, figures_of, people
from warehouse.key_figures.catalogue import catalogue
from warehouse.store import Store


def groups(women: Sequence[int], men: Sequence[int]) -> list[dict[str, Any]]:
    """Occupation groups with these numbers of women and men."""
    return [
        row
        for (sex, numbers) in (("K", women), ("M", men))
        for group, number in enumerate(numbers)
        for row in people(number, sex=sex, occupation_group=f"G{group}")
    ]


@pytest.mark.parametrize(
    ("women", "men", "index"),
    [
        ((100, 60, 40, 0), (0, 40, 60, 100), 60.0),
        ((80, 80, 20, 20), (20, 20, 80, 80), 60.0),
        ((100, 100, 0, 0), (0, 0, 100, 100), 100.0),
        ((50, 50, 50, 50), (50, 50, 50, 50), 0.0),
    ],
)
def test_segregation_is_duncans_index_with_the_known_answers_of_the_method(
    tmp_path: Path, women: tuple[int, ...], men: tuple[int, ...], index: float
) -> None:
    cells = figures_of(tmp_path, groups(women, men))
    assert cell(cells, "segregation_index", "2022")["value"] == pytest.approx(index)


def test_balanced_groups_count_their_ends_and_leave_out_small_groups(tmp_path: Path) -> None:
    # 40 % and 60 % are balanced, 39 % is not, and a balanced group of four persons is too small to count.
    cells = figures_of(tmp_path, groups(women=(4, 6, 39, 2), men=(6, 4, 61, 2)))
    found = cell(cells, "balanced_occupations_share", "2022")
    assert (found["numerator"], found["denominator"], found["n"]) == (
        2,
        3,
        124,
    )  # n tells nothing of the group left out
    assert found["value"] == pytest.approx(200 / 3)


def test_a_person_with_two_posts_counts_once_in_the_larger_and_the_extents_add_up(tmp_path: Path) -> None:
    two_posts = [
        {
            "month": NOVEMBER,
            "person": "p",
            "employment_key": "small",
            "fte_agreed": 40.0,
            "fte_actual": 40.0,
            "department_code": "D2",
        },
        {"month": NOVEMBER, "person": "p", "employment_key": "large", "fte_agreed": 60.0, "fte_actual": 60.0},
    ]
    cells = figures_of(tmp_path, two_posts)
    assert cell(cells, "employees", "2022-11")["value"] == 1
    assert cell(cells, "employees", "2022-11", department="D1")["value"] == 1
    assert cells.filter((pl.col("figure") == "employees") & (pl.col("department") == "D2")).is_empty()
    assert cell(cells, "full_time_equivalents", "2022-11")["value"] == pytest.approx(1.0)
    assert cell(cells, "full_time_share", "2022-11")["value"] == 100.0


def test_working_full_time_leaves_out_those_wholly_on_leave_and_full_time_employment_does_not(
    tmp_path: Path,
) -> None:
    cells = figures_of(
        tmp_path,
        [
            *people(6),
            *people(2, fte_actual=75.0),
            *people(2, fte_actual=0.0, has_full_leave=True),
            *people(
                5, pay_form="timavlonad", employment_form="ovrig_visstid", fte_agreed=None, fte_actual=None
            ),
        ],
    )
    working = cell(cells, "full_time_working_share", "2022-11")
    assert (working["numerator"], working["denominator"]) == (6, 8)
    employed = cell(cells, "full_time_share", "2022-11")
    assert (employed["numerator"], employed["denominator"]) == (10, 10)
    permanent = cell(cells, "permanent_share", "2022-11")
    assert (permanent["numerator"], permanent["denominator"]) == (10, 15)
    assert cell(cells, "temporary_share", "2022-11")["numerator"] == 0
    assert cell(cells, "hourly_share", "2022-11")["numerator"] == 5


def test_leave_over_the_whole_month_makes_full_leave_even_in_two_rows(tmp_path: Path) -> None:
    away = [
        {
            "person": "p",
            "month": NOVEMBER,
            "absence_type": "foraldraledig",
            "spell_start": date(2022, 10, 3),
            "spell_end": date(2022, 11, 14),
        },
        {
            "person": "p",
            "month": NOVEMBER,
            "absence_type": "foraldraledig",
            "spell_start": date(2022, 11, 15),
            "spell_end": None,
        },
    ]
    cells = figures_of(
        tmp_path, [{"month": NOVEMBER, "person": "p"}, {"month": NOVEMBER, "person": "q"}], away
    )
    assert cell(cells, "full_time_working_share", "2022-11")["denominator"] == 1


def test_unknown_sex_counts_in_totals_and_is_no_side_of_the_split(tmp_path: Path) -> None:
    cells = figures_of(tmp_path, [*people(6, sex="K"), *people(4, sex="M"), *people(5, sex=None)])
    assert cell(cells, "employees", "2022-11")["value"] == 15
    assert cell(cells, "employees", "2022-11", sex="U")["value"] == 5
    assert cell(cells, "women_share", "2022-11")["value"] == 60.0


def test_managers_and_their_parity_with_everybody(tmp_path: Path) -> None:
    rows = [
        *people(70),
        *people(10, sex="M"),
        *people(10, responsibility_code="B"),
        *people(10, sex="M", responsibility_code="A"),
    ]
    cells = figures_of(tmp_path, [*rows, *people(1, responsibility_code="F")])
    assert cell(cells, "women_among_managers", "2022-11")["value"] == 50.0
    parity = cell(cells, "manager_parity", "2022-11")
    assert parity["value"] == pytest.approx((10 / 20) / (81 / 101))
    assert parity["tested"] == [10, 10, 81, 20]
    assert parity["n"] == 101


def test_age_is_counted_at_the_end_of_the_month(tmp_path: Path) -> None:
    rows = [
        *people(1, birth_month=date(1987, 11, 1)),
        *people(1, birth_month=date(1987, 12, 1)),
        *people(2, birth_month=None),
    ]
    cells = figures_of(tmp_path, rows)
    assert cell(cells, "age_distribution", "2022-11", age_group="35-54")["numerator"] == 1
    assert cell(cells, "age_distribution", "2022-11", age_group="-34")["value"] == 25.0
    assert cell(cells, "age_distribution", "2022-11", age_group="?")["denominator"] == 4


def year() -> list[date]:
    """The twelve months of 2022."""
    return [date(2022, month, 1) for month in range(1, 13)]


def test_sick_leave_is_hours_of_hours_and_long_spells_join_across_months_and_extents(tmp_path: Path) -> None:
    # p is ill from 15 May to 20 July in four adjoining rows of changing extent (67 days); q is ill 59 days in one row a month.
    p = [
        {
            "person": "p",
            "month": date(2022, 5, 1),
            "spell_start": date(2022, 5, 15),
            "spell_end": None,
            "absence_hours": 88.0,
        },
        {
            "person": "p",
            "month": date(2022, 6, 1),
            "spell_start": date(2022, 6, 1),
            "spell_end": date(2022, 6, 19),
            "absence_hours": 100.0,
        },
        {
            "person": "p",
            "month": date(2022, 6, 1),
            "spell_start": date(2022, 6, 20),
            "spell_end": None,
            "extent": 50.0,
            "absence_hours": 40.0,
        },
        {
            "person": "p",
            "month": date(2022, 7, 1),
            "spell_start": date(2022, 7, 1),
            "spell_end": date(2022, 7, 20),
            "absence_hours": 50.0,
        },
    ]
    q = [
        {
            "person": "q",
            "month": date(2022, 9, 1),
            "spell_start": date(2022, 9, 1),
            "spell_end": date(2022, 10, 29),
            "absence_hours": 160.0,
        },
        {
            "person": "q",
            "month": date(2022, 10, 1),
            "spell_start": date(2022, 9, 1),
            "spell_end": date(2022, 10, 29),
            "absence_hours": 150.0,
        },
    ]
    rows = [{"month": month, "person": person} for month, person in product(year(), ("p", "q", "r"))]
    cells = figures_of(tmp_path, rows, [*p, *q], is_absence_delivered=True)
    share = cell(cells, "sick_leave_share", "2022")
    assert (share["numerator"], share["denominator"], share["n"]) == (588.0, 12 * 3 * 160.0, 3)
    assert share["tested"] == [3, 2, 3]
    long = cell(cells, "sick_leave_long_share", "2022")
    assert (long["numerator"], long["denominator"]) == (278.0, 588.0)
    assert cell(cells, "sick_leave_share", "2022-12")["value"] == share["value"]


def test_a_spell_is_as_long_as_known_at_the_end_of_the_period(tmp_path: Path) -> None:
    months = [date(2021, month, 1) for month in range(1, 13)] + year()[:3]
    spell = [
        {
            "person": "p",
            "month": month,
            "spell_start": date(2021, 12, 1),
            "spell_end": None,
            "absence_hours": 100.0,
        }
        for month in (date(2021, 12, 1), date(2022, 1, 1), date(2022, 2, 1))
    ]
    rows = [{"month": month, "person": person} for month, person in product(months, ("p", "q"))]
    cells = figures_of(tmp_path, rows, spell, is_absence_delivered=True)
    # 31 days at the end of 2021, 62 at the end of January: then all its hours, December's too, are long.
    assert cell(cells, "sick_leave_long_share", "2021-12")["numerator"] == 0.0
    assert cell(cells, "sick_leave_long_share", "2022-01")["numerator"] == 200.0


def test_what_was_not_delivered_leaves_a_figure_without_cells_and_with_the_reason(tmp_path: Path) -> None:
    cells = figures_of(
        tmp_path, people(30), lacking=["responsibility_code", "management_level", "birth_date"]
    )
    having = set(cells["figure"])
    assert not having & {"women_among_managers", "age_distribution", "sick_leave_share"}
    assert "management_level,sex" not in set(cells["breakdown"])
    with Store(settings_in(tmp_path)).read() as con:
        reasons = missing_reasons(con, catalogue())
    assert reasons["women_among_managers"] == ["responsibility_code"]
    assert "absence_hours" in reasons["sick_leave_share"]
