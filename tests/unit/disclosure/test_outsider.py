"""The outsider: what cannot be ruled out of two departments, worked out by hand."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from pipelines.disclosure.outsider import Outsider, neighbourhoods
from pipelines.disclosure.tables import Builder, Mask, Need, Part, Population, parts

# Units A (2) and B (10) of the first department, C (3) and D (9) of the second; hours 40 of somebody in A.
CONTENT = np.array([2.0, 10.0, 3.0, 9.0, 40.0, 60.0])
NEAR = np.array([0, 0, 1, 1, 0, -1])
A, B, C, D, FIRST, SECOND, ALL, HOURS, EVERY_HOUR = range(9)


@pytest.fixture
def population() -> Population:
    builder = Builder()
    for members in ([0], [1], [2], [3], [0, 1], [2, 3], [0, 1, 2, 3], [4], [4, 5]):
        builder.line(members)
    masks = [Mask(name, (name,)) for name in range(9)]
    is_count = np.array([True] * 4 + [False] * 2)
    return builder.population(CONTENT, is_count, masks, NEAR)


def outsider(
    population: Population, told: Sequence[int], listed: Sequence[int], needs: Mapping[int, Need]
) -> Outsider:
    (part,) = parts(population, [*told, *listed], needs)
    return Outsider(population, part, told, listed, needs)


def ends(who: Outsider) -> dict[int, tuple[float, float]]:
    return {
        line: (round(float(low), 6), round(float(high), 6))
        for line, low, high in zip(who.secret, who.low, who.high, strict=True)
    }


def test_what_is_told_and_that_somebody_is_there_limits_a_secret(population: Population) -> None:
    who = outsider(population, [FIRST], [A], {A: Need(width=4.0)})
    assert who.open() == [0]
    assert (who.values.tolist(), who.truth.tolist(), who.inner) == ([12.0], [2.0], 2)
    who.settle(seed=0)
    # Up to 2 + 4 is wide enough: nobody asks how far down it goes.
    assert ends(who) == {A: (2.0, 6.0)}
    assert who.open() == []
    assert all(abs(table.sum() - 12) < 1e-6 for table in who.tables)
    wide = outsider(population, [FIRST], [A], {A: Need(width=40.0)})
    wide.settle(seed=0)
    # At least one is in A, and at most all twelve.
    assert ends(wide) == {A: (1.0, 12.0)}
    # Nobody knows that anybody is in A: then none may be.
    unlisted = outsider(population, [FIRST], [], {A: Need(width=40.0)})
    unlisted.settle(seed=0)
    assert ends(unlisted) == {A: (0.0, 12.0)}
    assert unlisted.open() == [0]


def test_both_ends_of_many_secrets_are_found(population: Population) -> None:
    needs = {A: Need(width=4.0), C: Need(below=2.0, above=3.0)}
    who = outsider(population, [FIRST, SECOND, ALL], [A, C], needs)
    who.settle(seed=3)
    found = ends(who)
    assert found[A][1] - found[A][0] >= 4.0
    assert (found[C][0], found[C][1]) == (1.0, 6.0)
    assert who.open() == []


@pytest.mark.parametrize(
    ("low", "high", "need", "expected"),
    [
        # A number of persons is whole: between 1.6 and 6.4 are 2 to 6.
        (1.6, 6.4, Need(width=4.0), True),
        (1.6, 5.9, Need(width=4.0), False),
        (2.0 - 1e-8, 6.0, Need(width=4.0), True),
        (2.0, 6.0 - 1e-7, Need(width=4.0), True),
        (0.0, 4.0, Need(below=2.0), True),
        (0.1, 4.0, Need(below=2.0), False),
        (0.0, 4.0, Need(above=2.0), True),
        (0.0, 3.9, Need(above=2.0), False),
        # What is asked of persons is whole as well: 2.5 wide is 3.
        (0.0, 3.0, Need(width=2.5), True),
        (1.0, 3.0, Need(width=2.5), False),
        (1.0, 3.0, Need(below=0.5, above=0.5), True),
    ],
)
def test_an_interval_of_persons_is_rounded_inwards(
    population: Population, low: float, high: float, need: Need, expected: bool
) -> None:
    who = outsider(population, [FIRST], [], {A: need})
    who.low, who.high = np.array([low]), np.array([high])
    assert who.is_safe(0) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"), [(36.0, 44.0, True), (36.1, 44.0, False), (36.0, 43.9, False)]
)
def test_an_interval_of_hours_is_not_rounded(
    population: Population, low: float, high: float, expected: bool
) -> None:
    who = outsider(population, [EVERY_HOUR], [], {HOURS: Need(below=4.0, above=4.0)})
    assert who.is_whole.tolist() == [False]
    who.low, who.high = np.array([low]), np.array([high])
    assert who.is_safe(0) == expected
    who.low, who.high = who.truth.copy(), who.truth.copy()
    who.settle(seed=0)
    assert ends(who) == {HOURS: (36.0, 44.0)}


def test_a_table_counts_where_it_agrees_with_everything_told(population: Population) -> None:
    who = outsider(population, [FIRST], [A], {A: Need(width=40.0)})
    for table in ([1.0, 11.0], [9.0, 3.0]):
        who.consider(np.array(table))
    assert ends(who) == {A: (1.0, 9.0)}
    assert len(who.tables) == 2
    # Another whole, fewer than none, nobody where somebody is: none of them is believed.
    for lie in ([12.0, 1.0], [12.5, -0.5], [0.0, 12.0]):
        who.consider(np.array(lie))
    assert ends(who) == {A: (1.0, 9.0)}
    # One that moves nothing further is not kept.
    who.consider(np.array([5.0, 7.0]))
    assert len(who.tables) == 2
    assert who.within(np.array([1]), np.array([7.0])).tolist() == [2.0, 7.0]


def test_a_department_is_looked_at_by_itself(population: Population) -> None:
    needs = {A: Need(width=4.0)}
    who = outsider(population, [FIRST, ALL, SECOND], [A, ALL, B], needs)
    (near,) = neighbourhoods(who, population, Part(list(range(7)), np.arange(4)))
    assert near.where.tolist() == [0, 1]
    assert near.part.columns.tolist() == [0, 1]
    # All and the first department tell the same of it; that somebody is in all says nothing of it.
    assert near.told == [FIRST]
    assert near.listed == [A, B]
    assert near.needs == needs
    # Where all is safe there is nothing to look at, and where no department is known neither.
    who.settle(seed=0)
    assert list(neighbourhoods(who, population, Part(list(range(7)), np.arange(4)))) == []
    unknown = Population(population.lines, population.content, population.is_count, population.masks)
    fresh = outsider(unknown, [FIRST, ALL, SECOND], [A], needs)
    assert list(neighbourhoods(fresh, unknown, Part(list(range(7)), np.arange(4)))) == []
