"""Material: the persons and the pieces of sums behind one group of one table."""

import duckdb
import numpy as np
import polars as pl
import pytest

from pipelines.disclosure.contributions import BETWEEN, name_of, told
from pipelines.disclosure.material import Material, Table
from tests.fixtures.contributed import SOURCE, cells, group, material
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
OCTOBER = "2026-10"
PEOPLE = [
    *group("abc", "U1"),
    *group("d", "U1", fte_agreed=50.0),
    *group("ef", "V1", sex="M", fte_agreed=75.0),
    *group("g", "V2", sex="M"),
]


@pytest.fixture
def town() -> Material:
    return material(PEOPLE, ["full_time_share", "full_time_equivalents"])


def test_a_table_is_cut_into_its_groups() -> None:
    rolled = pl.DataFrame(
        {
            "period": [OCTOBER] * 5,
            "group": ["B", "A", "B", "A", "A"],
            "who": [1, 2, 3, 4, 5],
            "p": [1.5, None, float("nan"), 2.0, 0.0],
            "t": [True, False, True, True, False],
        }
    )
    table = Table(rolled, people=5)
    assert list(table.groups) == ["A", "B"]
    assert table.members("A", "t").tolist() == [4]
    assert table.members("B", "t").tolist() == [1, 3]
    # What is not known adds nothing.
    assert table.holding("A", "p").tolist() == [4]
    assert table.holding("B", "p").tolist() == [1]
    assert (table.total("A", "p"), table.total("B", "p")) == (2.0, 1.5)
    assert table.members("C", "t").tolist() == []
    assert table.total("C", "p") == 0.0
    assert set(table.columns) == {"who", "p", "t"}


def test_groups_that_differ_in_one_dimension_only_belong_together() -> None:
    names = [BETWEEN.join(codes) for codes in (("U1", "K"), ("U1", "M"), ("U2", "K"))]
    table = Table(pl.DataFrame({"group": names, "who": [1, 2, 3], "period": [OCTOBER] * 3}), people=4)
    assert table.without(1) == {
        names[0]: [names[0], names[1]],
        names[1]: [names[0], names[1]],
        names[2]: [names[2]],
    }
    assert table.without(0) == {
        names[0]: [names[0], names[2]],
        names[1]: [names[1]],
        names[2]: [names[0], names[2]],
    }


def test_a_breakdown_of_a_period_is_rolled_up_once(town: Material) -> None:
    own = town.sources[SOURCE]
    table = town.table(own, ("department",), OCTOBER)
    assert table is not None
    assert {name: len(table.members(name, "t_full_time_share_0")) for name in table.groups} == {
        "U": 4,
        "V": 3,
    }
    assert town.table(own, ("department",), OCTOBER) is table
    assert town.rolled(own, ("department",)) is town.rolled(own, ["department"])
    # A month that nobody delivered has no table.
    assert town.table(own, ("department",), "2026-09") is None


def test_a_figure_is_found_by_its_period(town: Material) -> None:
    assert town.source("full_time_share", OCTOBER) is town.sources[SOURCE]
    assert town.source("full_time_share", "2026-09") is None
    assert town.told("full_time_share", "2026-09") is None
    assert town.told("gone", OCTOBER) is None
    plain = town.told("full_time_share", OCTOBER)
    assert plain is not None
    assert plain.mark == ""
    assert town.moment("full_time_share", OCTOBER) == OCTOBER
    # What is not known stands for itself.
    assert town.moment("full_time_share", "2026-09") == "2026-09"


@pytest.mark.parametrize(
    ("n", "mark"),
    [
        (9, ""),
        (7, "_known"),
        # Neither: the figure is not understood, which the union finds.
        (8, ""),
    ],
)
def test_whether_those_of_unknown_sex_were_left_out_shows_in_the_number(n: int, mark: str) -> None:
    town = material([*PEOPLE, *group("xy", "V2", sex="U")], ["full_time_share"])
    town.choose_variants(
        pl.concat(
            [
                cells("full_time_share", "department", {"U": (2, 1)}),
                cells("full_time_share", "total", {"": (n, 3)}),
                cells("full_time_share", "total", {"": (9, 3)}),
            ]
        )
    )
    found = town.told("full_time_share", OCTOBER)
    assert found is not None
    assert found.mark == mark


def test_a_figure_that_is_no_more_is_not_chosen_for(town: Material) -> None:
    town.choose_variants(cells("full_time_gap", "total", {"": (7, 3)}))
    assert town.told("full_time_gap", OCTOBER) is None


def test_a_distribution_is_chosen_for_by_its_own_breakdown() -> None:
    town = material([*PEOPLE, *group("xy", "V2", sex="U")], ["age_distribution"])
    # All are of one age, so the part is the whole.
    town.choose_variants(cells("age_distribution", "age_group", {"35-54": (7, 7)}))
    found = town.told("age_distribution", OCTOBER)
    assert found is not None
    assert found.mark == "_known"


def test_pieces_of_sums_have_their_places_and_values(town: Material) -> None:
    own = town.sources[SOURCE]
    extent = name_of(told(FOUND, FOUND.figures["full_time_equivalents"]).parts[0])
    assert town.values(own, OCTOBER, extent).tolist() == [100.0, 100.0, 100.0, 50.0, 75.0, 75.0, 100.0]
    assert town.places(own, ("department",), OCTOBER, "U").tolist() == [0, 1, 2, 3]
    assert town.places(own, ("unit", "sex"), OCTOBER, f"V2{BETWEEN}M").tolist() == [6]
    assert town.places(own, (), OCTOBER, "").tolist() == list(range(7))
    assert town.places(own, ("department",), OCTOBER, "W").tolist() == []
    assert town.places(own, ("department",), "2026-09", "U").tolist() == []
    assert town.values(own, "2026-09", extent).tolist() == []


def test_those_of_a_department_are_near(town: Material) -> None:
    assert town.near().tolist() == [0, 0, 0, 0, 1, 1, 1]
    own = town.sources[SOURCE]
    assert town.near_of(own, OCTOBER).tolist() == [0, 0, 0, 0, 1, 1, 1]
    # Somebody of whom no department is known is near nobody.
    without = town.pieces[SOURCE].drop("d_department")
    bare = Material(duckdb.connect(), {SOURCE: own}, {SOURCE: without}, {}, 8)
    assert bare.near().tolist() == [-1] * 8
    assert bare.near_of(own, OCTOBER).tolist() == [-1] * 7
    assert bare.near().dtype == np.int64
