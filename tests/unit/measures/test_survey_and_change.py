"""Survey indices with their published check, and what changes from one year to the next."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.measures.compute import compute
from tests.fixtures.people import insert, settings_in
from tests.unit.measures.municipality import NOVEMBER, cell, figures_of, people
from warehouse.store import Store

ROUND = {"month": NOVEMBER, "round_id": "2022"}


def survey(
    home: Path, answers: Mapping[int, Sequence[int | None]], departments: Sequence[str | None] = ()
) -> pl.DataFrame:
    """Cells of a round with these answers to HME items; the first of every list is one respondent's, and so on."""
    store = Store(settings_in(home))
    insert(
        store,
        {
            "survey_round": [{**ROUND, "closes_date": date(2022, 11, 30), "survey_kind": "hme"}],
            "survey_item": [
                {
                    **ROUND,
                    "item_code": f"Q{number}",
                    "hme_number": number,
                    "scale": "1-5",
                    "is_reversed": False,
                }
                for number in answers
            ],
            "survey_answer": [
                {
                    **ROUND,
                    "respondent_key": f"r{place}",
                    "item_code": f"Q{number}",
                    "value": value,
                    "department_code": departments[place] if departments else None,
                }
                for number, values in answers.items()
                for place, value in enumerate(values)
            ],
        },
    )
    build_core(store, settings_in(home))
    compute(store, settings_in(home))
    with store.read() as con:
        return con.sql("SELECT * FROM figures.cell").pl()


def test_an_items_index_is_skrs_example(tmp_path: Path) -> None:
    cells = survey(tmp_path, {1: [1] * 3 + [2] * 4 + [4] * 5 + [5] * 7})
    found = cell(cells, "hme_item_1", "2022")
    assert found["value"] == pytest.approx(61.8421, abs=5e-5)
    assert (found["n"], found["tested"]) == (19, [19])


def test_with_missing_answers_the_total_is_not_the_mean_of_respondents(tmp_path: Path) -> None:
    # One respondent answers every item with 5; another only the first, with 1.
    cells = survey(tmp_path, {number: [5, 1 if number == 1 else None] for number in range(1, 10)})
    total = cell(cells, "hme_total", "2022")["value"]
    assert total == pytest.approx((50 + 8 * 100) / 9)
    assert total != pytest.approx((100 + 0) / 2)
    assert cell(cells, "hme_motivation", "2022")["value"] == pytest.approx((50 + 100 + 100) / 3)
    assert cell(cells, "hme_item_1", "2022")["value"] == 50.0


def test_a_round_that_does_not_ask_the_items_has_no_cell_of_them(tmp_path: Path) -> None:
    cells = survey(tmp_path, {1: [3, 4, 5]})
    assert "hme_item_2" not in set(cells["figure"])
    assert "hme_total" not in set(cells["figure"])


def test_a_group_that_lacks_an_item_is_a_cell_without_a_value(tmp_path: Path) -> None:
    # Three less two would tell of the one in D2, who is as few as if the value were known.
    answers = {number: [5, 4, 1 if number == 1 else None] for number in range(1, 10)}
    cells = survey(tmp_path, answers, ["D1", "D1", "D2"])
    total = cells.filter((pl.col("figure") == "hme_total") & (pl.col("breakdown") == "department"))
    assert total.sort("department").select("department", "n", "value").rows() == [
        ("D1", 2, 87.5),
        ("D2", 0, None),
    ]


def next_year(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "month": date(2023, 11, 1)} for row in rows]


def test_new_and_departed_are_told_by_person_and_year(tmp_path: Path) -> None:
    stay, go, come = people(8), people(2, unit_code="U2"), people(3, unit_code="U3")
    hourly = people(4, pay_form="timavlonad", employment_form="ovrig_visstid")
    # Somebody's number has changed, and somebody else only changes departments: neither comes nor goes.
    renamed = [{**stay[0], "person": "new-number", "previous_person_key": stay[0]["person"]}]
    moved = [{**stay[1], "department_code": "D2"}]
    later = next_year([*renamed, *moved, *stay[2:], *come, *hourly])
    cells = figures_of(tmp_path, [*stay, *go, *hourly, *later])
    new = cell(cells, "new_permanent_rate", "2023")
    assert (new["numerator"], new["denominator"], new["value"]) == (3, 10, 30.0)
    assert new["tested"] == [10, 3, 8]
    assert cell(cells, "leaver_rate", "2023")["value"] == 20.0
    # min(3, 2) of the mean of 10 and 11.
    assert cell(cells, "replacement_turnover", "2023")["value"] == pytest.approx(100 * 2 / 10.5)
    assert "2022" not in set(cells.filter(pl.col("figure") == "leaver_rate")["period"])


def test_promotion_is_of_those_who_were_no_managers_and_are_still_here(tmp_path: Path) -> None:
    staff, leaders = people(10), people(2, responsibility_code="B")
    later = next_year([{**staff[0], "responsibility_code": "C"}, *staff[1:8], *leaders])
    cells = figures_of(tmp_path, [*staff, *leaders, *later])
    rate = cell(cells, "promotion_rate", "2023-11")
    assert (rate["numerator"], rate["denominator"]) == (1, 8)


def test_gaps_are_men_minus_women_in_percentage_points(tmp_path: Path) -> None:
    rows = [*people(8), *people(2, fte_agreed=75.0), *people(5, sex="M"), *people(7, sex=None)]
    gap = cell(figures_of(tmp_path, rows), "full_time_gap", "2022-11")
    assert gap["value"] == pytest.approx(100 - 80)
    assert gap["tested"] == [10, 5, 8, 5, 2, 0]


@pytest.mark.parametrize(
    ("women", "men", "h"),
    [
        ((100, 60, 40, 0), (0, 40, 60, 100), 0.514525),
        ((80, 80, 20, 20), (20, 20, 80, 80), 0.278072),
        ((100, 100, 0, 0), (0, 0, 100, 100), 1.0),
    ],
)
def test_theils_h_has_its_known_answers(
    tmp_path: Path, women: tuple[int, ...], men: tuple[int, ...], h: float
) -> None:
    rows = [
        row
        for sex, numbers in (("K", women), ("M", men))
        for place, number in enumerate(numbers)
        for row in people(number, sex=sex, department_code=f"D{place}")
    ]
    cells = figures_of(tmp_path, rows)
    assert cell(cells, "department_information_index", "2022")["value"] == pytest.approx(100 * h, abs=1e-4)


def test_age_evenness_is_shannons_entropy_of_the_largest_possible(tmp_path: Path) -> None:
    births = (date(1995, 1, 1), date(1980, 1, 1), date(1965, 1, 1), date(1955, 1, 1))
    rows = [row for place, born in enumerate(births, start=1) for row in people(place, birth_month=born)]
    value = cell(figures_of(tmp_path, rows), "age_evenness", "2022")["value"]
    # The known entropy of (1, 2, 3, 4) is 1.279854; four groups have at most ln 4 = 1.386294.
    assert value == pytest.approx(100 * 1.279854 / 1.386294, abs=1e-4)
