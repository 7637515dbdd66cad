"""The primary rules, class by class, and the one mask over everything said of a group."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.few import too_few
from pipelines.disclosure.primary import RULES, protect
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import NUMBERS


def cell(figure: str, tested: list[int], breakdown: str = "total", **group: str) -> dict[str, Any]:
    """One computed cell."""
    return {
        "figure": figure,
        "version": 1,
        "period": "2022-11",
        "period_end": date(2022, 11, 30),
        "breakdown": breakdown,
        "numerator": 1.0,
        "denominator": 2.0,
        "value": 50.04,
        "n": tested[0],
        "tested": tested,
        **{name: group.get(name) for name in catalogue().dimensions},
    }


def statuses(*cells: dict[str, Any]) -> list[str]:
    """The statuses after protection, in the order of the groups."""
    text = {**dict.fromkeys(catalogue().dimensions, pl.String), "value": pl.Float64}
    return protect(pl.DataFrame(list(cells), schema_overrides=text), catalogue())["status"].to_list()


@pytest.mark.parametrize(
    ("figure", "tested", "status"),
    [
        ("employees", [5], "shown"),
        ("employees", [4], "hidden"),
        ("employees", [1], "hidden"),
        # Membership and office as in disclosure.md; the denominator, the numerator and the remainder are looked at.
        ("full_time_share", [40, 5, 35], "shown"),
        ("full_time_share", [40, 4, 36], "hidden"),
        ("full_time_share", [40, 36, 4], "hidden"),
        ("full_time_share", [40, 40, 0], "shown"),
        ("full_time_share", [40, 0, 40], "shown"),
        # Health hides groups of at most ten, as the statute does.
        ("sick_leave_share", [200, 10, 190], "hidden"),
        ("sick_leave_share", [200, 11, 189], "shown"),
        ("segregation_index", [3], "shown"),
    ],
)
def test_the_smallest_number_of_persons_told_decides(figure: str, tested: list[int], status: str) -> None:
    assert statuses(cell(figure, tested)) == [status]


@pytest.mark.parametrize(
    ("figure", "value", "persons", "status"),
    [
        ("sick_leave_share", 0.0, 19, "hidden"),
        ("sick_leave_share", 0.0, 20, "shown"),
        ("sick_leave_share", 0.1, 19, "shown"),
        ("hme_total", 100.0, 19, "hidden"),
        ("hme_total", 100.0, 20, "shown"),
        # That everybody works full time is nobody's secret.
        ("full_time_share", 100.0, 19, "shown"),
    ],
)
def test_a_sensitive_figure_says_nothing_of_everybody_in_a_small_group(
    figure: str, value: float, persons: int, status: str
) -> None:
    assert statuses(cell(figure, [persons]) | {"value": value}) == [status]


def test_the_classes_keep_to_the_statute_and_the_design() -> None:
    assert {name: rule.smallest for name, rule in RULES.items()} == {
        "membership": 5,
        "office": 1,
        "municipality": 1,
        "workforce": 5,
        "plan": 5,
        "health": 11,
        "pay": 10,
        "survey": 10,
        "none": 1,
    }


def test_a_hidden_cell_carries_no_number_at_all() -> None:
    hidden = protect(
        pl.DataFrame(
            [cell("employees", [3])], schema_overrides=dict.fromkeys(catalogue().dimensions, pl.String)
        ),
        catalogue(),
    )
    assert hidden.select(NUMBERS).null_count().row(0) == (1,) * len(NUMBERS)
    assert "tested" not in hidden.columns


def test_the_sexes_of_a_group_stand_and_fall_together() -> None:
    women = cell("employees", [40], "department,sex", department="D1", sex="K")
    few_men = cell("employees", [3], "department,sex", department="D1", sex="M")
    others = [cell("employees", [9], "department,sex", department="D2", sex=sex) for sex in "KM"]
    assert statuses(women, few_men, *others) == ["hidden", "hidden", "shown", "shown"]


def test_that_nobody_of_a_small_group_counts_is_told_by_no_missing_row() -> None:
    """Three men of a department: had none of them been ill, the length of their sickness would have no row, and say so."""

    def ill(department: str, women: int, men: int) -> list[dict[str, Any]]:
        numbers = {"K": women, "M": men}
        return [
            cell("sick_leave_share", [numbers[sex]], "department,sex", department=department, sex=sex)
            for sex in "KM"
        ]

    women = [
        cell("sick_leave_long_share", [15], "department,sex", department=name, sex="K")
        for name in ("D1", "D2")
    ]
    text = {**dict.fromkeys(catalogue().dimensions, pl.String), "value": pl.Float64}
    # Twenty men none of whom was ill are no secret, and those of unknown sex may be left out of a whole figure.
    unknown = cell("sick_leave_share", [12], "department,sex", department="D2", sex="U")
    table = pl.DataFrame([*ill("D1", 40, 3), *ill("D2", 40, 20), unknown, *women], schema_overrides=text)
    long = protect(table, catalogue()).filter(pl.col("figure") == "sick_leave_long_share")
    assert long.select("department", "sex", "status", "n").rows() == [
        ("D1", "K", "hidden", None),
        ("D1", "M", "hidden", None),
        ("D2", "K", "shown", 15),
    ]


def test_a_figure_of_the_whole_municipality_is_never_broken_down_and_has_one_decimal() -> None:
    assert statuses(cell("segregation_index", [900], "department", department="D1")) == ["hidden"]
    text = {**dict.fromkeys(catalogue().dimensions, pl.String), "value": pl.Float64}
    shown = protect(pl.DataFrame([cell("segregation_index", [900])], schema_overrides=text), catalogue())
    assert shown["value"].to_list() == [50.0]


def test_a_figure_without_value_is_missing_not_hidden() -> None:
    assert statuses({**cell("manager_parity", [0, 0, 90, 10]), "value": None}) == ["missing"]


def test_no_pay_is_told_to_the_krona() -> None:
    """A median is somebody's pay: levels in hundreds, and gaps no finer than they are written."""
    exact = {"value": 34_984.0, "numerator": 34_984.0, "denominator": None}
    gap = {"value": 1.79647, "numerator": 34_984.0, "denominator": 35_624.0}
    difference = {
        "value": 1_502.0,
        "numerator": 34_951.0,
        "denominator": 33_449.0,
        "low": 1_010.0,
        "high": 1_994.0,
    }
    women = {"value": 63.4567, "numerator": 631.0, "denominator": 994.0}
    told = protect(
        pl.DataFrame(
            [
                cell("pay_median", [40]) | exact,
                cell("pay_gap_median", [40, 40]) | gap,
                cell("pay_difference_median", [40, 40]) | difference,
                cell("pay_quartiles", [994, 631, 363]) | women,
            ],
            schema_overrides={**dict.fromkeys(catalogue().dimensions, pl.String), "denominator": pl.Float64},
        ),
        catalogue(),
    ).sort("figure")
    assert told.filter(pl.col("figure") == "pay_difference_median").select("low", "high").rows() == [
        (1_000.0, 2_000.0)
    ]
    assert told.select("figure", "value", "numerator", "denominator").rows() == [
        ("pay_difference_median", 1_500.0, 35_000.0, 33_400.0),
        ("pay_gap_median", 1.8, 35_000.0, 35_600.0),
        ("pay_median", 35_000.0, 35_000.0, None),
        ("pay_quartiles", 63.4567, 631.0, 994.0),
    ]


@pytest.mark.parametrize(
    ("figure", "tested", "expected"),
    [
        ("employees", [4], True),
        ("employees", [5, 0], False),
        ("employees", [20, 1], True),
        # Nobody, or everybody, of a small group, where that is sensitive.
        ("accessibility_gap", [13, 0, 13], True),
        ("accessibility_gap", [20, 0, 20], False),
        ("full_time_share", [13, 0, 13], False),
        ("sick_leave_share", [10, 200], True),
        ("sick_leave_share", [11, 200], False),
        ("employees", [], False),
    ],
)
def test_whether_a_cell_tells_of_too_few(figure: str, tested: list[int], expected: bool) -> None:
    assert too_few(catalogue().figures[figure], tested) == expected
