"""The outsider's sums, number by number: what follows from hand-made tables, and what the rules forbid."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.attack import Attack, Guess, attack
from warehouse.release import Release

SCHEMA: dict[str, Any] = {
    "period": pl.String,
    "unit": pl.String,
    "sex": pl.String,
    "n": pl.Float64,
    "numerator": pl.Float64,
    "denominator": pl.Float64,
    "status": pl.String,
}
DIMENSIONS: dict[str, dict[str, Any]] = {
    name: {"name": {"sv": name, "en": name}, "levels": [], "parent": None} for name in ("unit", "sex")
}
Told = tuple[float, float | None, float | None] | None


def release(cells: dict[tuple[str | None, str | None], Told], **entry: str) -> Release:
    """A release of one figure: for unit and sex (None for the whole), n, numerator and denominator; None where hidden."""
    rows = [
        ("2026-10", unit, sex, *(told or (None, None, None)), "shown" if told else "hidden")
        for (unit, sex), told in cells.items()
    ]
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return Release(Path("r"), {"id": "r"}, {"f": {"id": "f", **entry}}, DIMENSIONS, [], {}, {"f": table}, {})


def numbers(found: list[Guess]) -> dict[tuple[str, str], tuple[float, float]]:
    """By number and codes of the group, the interval."""
    return {
        (guess.place[2], "".join(code for _, code in guess.place[3])): (
            round(guess.low, 6),
            round(guess.high, 6),
        )
        for guess in found
    }


def share(a: float, b: float) -> Attack:
    """A share of 20 + 12 persons in two units, of whom `a` and `b` count; the second unit is hidden."""
    whole, first = (32.0, a + b, 32.0), (20.0, a, 20.0)
    return attack(
        [
            release(
                {(None, None): whole, ("A", None): first, ("B", None): None},
                protection="workforce",
                value="share",
            )
        ]
    )


def test_what_is_left_of_a_total_is_the_hidden_number() -> None:
    found = share(10, 7)
    assert numbers(found.derived) == {
        ("n", "B"): (12, 12),
        ("numerator", "B"): (7, 7),
        ("denominator", "B"): (12, 12),
    }
    assert found.hidden == 3
    # Seven of twelve, and five of twelve: none of the three numbers is of few.
    assert found.breaches == []


@pytest.mark.parametrize(
    ("b", "expected"),
    [
        (3, {("numerator", "B")}),  # three who count
        (9, {("numerator", "B")}),  # three who do not
        (8, {("numerator", "B")}),
        (7, set()),
        (0, set()),  # nobody
        (12, set()),  # everybody
    ],
)
def test_few_who_count_or_do_not_count_are_a_breach(b: float, expected: set[tuple[str, str]]) -> None:
    assert set(numbers(share(10, b).breaches)) == expected


def test_what_is_left_matters_in_shares_only() -> None:
    cells: dict[tuple[str | None, str | None], Told] = {
        (None, None): (32.0, 19.0, 32.0),
        ("A", None): (20.0, 10.0, 20.0),
        ("B", None): None,
    }
    assert attack([release(cells, protection="workforce", value="ratio")]).breaches == []
    assert len(attack([release(cells, protection="workforce", value="share")]).breaches) == 1
    # Of health up to ten are few; of a class that is not stated, up to four.
    assert numbers(attack([release(cells, protection="health", value="ratio")]).breaches) == {
        ("numerator", "B"): (9, 9)
    }
    assert attack([release(cells, value="ratio")]).breaches == []


def test_hours_are_no_persons() -> None:
    cells: dict[tuple[str | None, str | None], Told] = {
        (None, None): (32.0, 21.5, None),
        ("A", None): (20.0, 18.5, None),
        ("B", None): None,
    }
    found = attack([release(cells, protection="workforce", value="count")])
    # Three hours of twelve persons follow; a number of hours is not a number of persons.
    assert numbers(found.derived)["numerator", "B"] == (3, 3)
    assert found.breaches == []
    # The number of persons is one whatever the sums are.
    few = dict(cells) | {("A", None): (29.0, 18.5, None)}
    assert set(numbers(attack([release(few, protection="workforce", value="count")]).breaches)) == {
        ("n", "B")
    }


def test_what_is_only_rounding_is_no_overlap() -> None:
    # The men of both units make all men but for a quarter of two million hours, so the women of B follow.
    cells: dict[tuple[str | None, str | None], Told] = {
        (None, "M"): (30.0, 2_000_000.25, None),
        ("A", "M"): (10.0, 1_000_000.0, None),
        ("B", "M"): (20.0, 1_000_000.0, None),
        (None, "K"): (30.0, 900_000.0, None),
        ("A", "K"): (10.0, 400_000.0, None),
        ("B", "K"): None,
    }
    found = attack([release(cells, protection="workforce", value="count")])
    assert numbers(found.derived)["numerator", "KB"] == (500_000, 500_000)
    # A difference that is more than rounding: nobody adds up what overlaps, save the numbers of persons.
    cells["B", "M"] = (20.0, 1_000_100.0, None)
    overlapping = attack([release(cells, protection="workforce", value="count")])
    assert set(numbers(overlapping.derived)) == {("n", "KB")}


def test_a_listed_group_has_somebody_and_a_sum_is_not_below_zero() -> None:
    found = attack(
        [
            release(
                {
                    (None, None): (32.0, 15.0, None),
                    ("A", None): (20.0, 10.0, None),
                    ("B", None): None,
                    ("C", None): None,
                },
                protection="workforce",
                value="count",
            )
        ]
    )
    assert numbers(found.guesses) == {
        ("n", "B"): (1, 11),
        ("n", "C"): (1, 11),
        ("numerator", "B"): (0, 5),
        ("numerator", "C"): (0, 5),
    }
    # The narrowest come first.
    assert [guess.place[2] for guess in found.guesses] == ["numerator", "numerator", "n", "n"]
    assert found.derived == found.breaches == []


def test_sums_go_along_every_dimension() -> None:
    # Women of B follow from the unit's persons less its men, men of B from all men less those of A.
    cells: dict[tuple[str | None, str | None], Told] = {
        (None, None): (40.0, None, None),
        (None, "K"): (30.0, None, None),
        (None, "M"): (10.0, None, None),
        ("A", None): (25.0, None, None),
        ("B", None): (15.0, None, None),
        ("A", "K"): (18.0, None, None),
        ("A", "M"): None,
        ("B", "K"): None,
        ("B", "M"): None,
    }
    found = attack([release(cells, protection="membership", value="count")])
    # Dimensions stand in their own order: sex, then unit.
    assert numbers(found.derived) == {("n", "MA"): (7, 7), ("n", "KB"): (12, 12), ("n", "MB"): (3, 3)}
    assert numbers(found.breaches) == {("n", "MB"): (3, 3)}


def test_a_number_that_two_releases_tell_in_two_ways_has_changed_and_one_that_is_the_same_has_not() -> None:
    first = release({(None, None): (32.0, None, None), ("A", None): (20.0, None, None), ("B", None): None})
    second = release(
        {(None, None): (33.0, None, None), ("A", None): (20.0, None, None), ("B", None): (13.0, None, None)}
    )
    found = attack([first, second])
    assert [(place[3], difference) for place, difference in found.changed] == [((), 1.0)]
    # B was hidden once: that is what the other gave away. Thirteen are not few.
    assert [place[3] for place in found.given_away] == [(("unit", "B"),)]
    assert (found.breaches, found.hidden, found.guesses) == ([], 0, [])
    few = release(
        {(None, None): (23.0, None, None), ("A", None): (20.0, None, None), ("B", None): (3.0, None, None)}
    )
    assert [guess.low for guess in attack([first, few]).breaches] == [3.0]


def test_a_guess_is_exact_where_one_value_is_left() -> None:
    place = ("f", "2026-10", "n", ())
    assert Guess(place, 3.0, 3.0).is_exact
    assert Guess(place, 1e7, 1e7 + 5.0).is_exact
    assert not Guess(place, 3.0, 3.1).is_exact


def test_persons_who_may_be_in_several_groups_are_not_added_up() -> None:
    """Seventeen leaders have sixty measures, thirteen of them some in A. The others, and they too, may have some in B and C."""
    cells: dict[tuple[str | None, str | None], Told] = {
        (None, None): (17.0, 41.0, 60.0),
        ("A", None): (13.0, 13.0, 18.0),
        ("B", None): None,
        ("C", None): None,
    }
    # That there are more measures than leaders is seen from those done, or from all, whichever there are more of.
    for done in (41.0, 16.0):
        made = cells | {(None, None): (17.0, done, 60.0)}
        seen = attack([release(made, protection="plan", value="share")])
        assert (numbers(seen.breaches), seen.hidden) == ({}, 6)
        assert not [guess for guess in seen.guesses if guess.place[2] == "n"]
    # Each has one: whoever is not in A is in B or C.
    persons = cells | {(None, None): (17.0, 17.0, 17.0), ("A", None): (13.0, 13.0, 13.0)}
    found = numbers(attack([release(persons, protection="plan", value="share")]).breaches)
    assert found["n", "B"] == found["n", "C"] == (1, 3)
