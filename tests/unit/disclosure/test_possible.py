"""Possible persons: who is added, that they count as nobody, and what an outsider may think because of them."""

from datetime import date

import numpy as np
import polars as pl

from pipelines.disclosure.audit import audit
from pipelines.disclosure.material import Material
from pipelines.disclosure.possible import OF_EACH_SEX, with_possible
from pipelines.disclosure.union import draw
from tests.fixtures.contributed import SOURCE, cells, group, material
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
FIGURES = ("employees", "women_share", "pay_gap_mean")
# Two units of one department. The only man of U1 is 76, and pay is told of those up to 66.
PEOPLE = [
    *group("abcdefg", "U1"),
    *group("h", "U1", sex="M", birth_month=date(1950, 1, 1)),
    *group("ijklmn", "U2"),
    *group("opqrsyzåäö", "U2", sex="M"),
    *group("tuvwx", "V1", sex="M"),
]
UNITS = cells("women_share", "unit", {"U1": (8, 7), "U2": (16, 6)})


def town() -> Material:
    return material(PEOPLE, FIGURES)


def test_persons_from_the_same_department_are_moved_into_hidden_groups_and_keep_the_rest() -> None:
    real = town()
    made = with_possible(real, UNITS)
    added = made.pieces[SOURCE].filter(pl.col("who") >= real.people)
    assert (made.people, made.possible) == (real.people, 2 * OF_EACH_SEX)
    assert set(added["d_unit"]) == {"U1"}
    assert set(added["d_department"]) == {"U"}
    assert sorted(added["d_sex"]) == ["K"] * OF_EACH_SEX + ["M"] * OF_EACH_SEX
    # A hidden department takes a unit of its own with it, and a hidden age only somebody of that age.
    by_department = with_possible(real, cells("women_share", "department", {"V": (4, 0)}))
    places = by_department.pieces[SOURCE].tail(by_department.possible).select("d_department", "d_unit")
    assert by_department.possible
    assert set(places.iter_rows()) == {("V", "V1")}
    assert with_possible(real, cells("women_share", "age_group", {"65-": (1, 0)})).possible == 0
    # Nothing is added to the real ones, nor where nothing is hidden, nor to totals.
    assert made.pieces[SOURCE].head(len(PEOPLE)).equals(real.pieces[SOURCE])
    for open_one in (
        cells("women_share", "unit", {"U2": (16, 6)}),
        cells("women_share", "total", {"": (29, 13)}),
    ):
        assert with_possible(real, open_one).possible == 0


def test_a_hidden_group_of_those_of_unknown_sex_gets_some_of_unknown_sex() -> None:
    people = [*PEOPLE, *group("1", "U1", sex=None), *group("23", "U2", sex=None)]
    real = material(people, FIGURES)
    made = with_possible(real, cells("women_share", "unit,sex", {"U1,?": (1, 0)}))
    added = made.pieces[SOURCE].filter(pl.col("who") >= real.people)
    assert added.select("d_unit", "d_sex").rows() == [("U1", "?")] * OF_EACH_SEX


def test_they_count_as_nobody() -> None:
    here = pl.concat([UNITS, cells("women_share", "total", {"": (29, 13)})])
    plain, possible = (
        draw(town(), here, FOUND, {}, frozenset()),
        draw(with_possible(town(), here), here, FOUND, {}, frozenset()),
    )
    for union in (plain, possible):
        assert union.not_understood == set()
        assert [int(mask.is_withheld) for mask in union.population.masks] == [1, 0, 0]
    lines = [[plain.population.values[line] for line in mask.lines] for mask in plain.population.masks]
    assert lines == [
        [possible.population.values[line] for line in mask.lines] for mask in possible.population.masks
    ]


def test_that_the_only_man_of_a_unit_is_too_old_for_a_figure_is_not_known_outside() -> None:
    """A department tells its men, and those whose pay is told: eleven and ten. So the man of U1 is the eleventh: for somebody who
    knew that no man up to 66 can be in U1, nobody could be added to him. An outsider knows no such thing.
    """
    here = pl.concat(
        [
            UNITS,
            cells("pay_gap_mean", "department", {"U": (23, 13)}),
            cells("employees", "department,sex", {"U,K": (13, 13), "U,M": (11, 11), "V,M": (5, 5)}),
        ]
    )
    widths = {}
    for name, own in (("known", town()), ("possible", with_possible(town(), here))):
        union = draw(own, here, FOUND, {}, frozenset())
        is_told = np.array([key.figure != "women_share" for key in union.keys])
        verdict = audit(union.population, is_told)
        assert all(
            mask.may_be_shown for mask, one in zip(union.population.masks, is_told, strict=True) if one
        )
        ((line, _),) = [
            secret
            for key, mask in zip(union.keys, union.population.masks, strict=True)
            if key.figure == "women_share"
            for secret in mask.secrets
        ]
        widths[name] = verdict.intervals[line].width
    assert widths["known"] < widths["possible"]
    assert (widths["known"], widths["possible"] >= 4) == (0, True)
