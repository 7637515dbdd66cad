"""Changes: which groups would tell, by the difference from a date before, of too few persons."""

from collections.abc import Mapping

import polars as pl

from pipelines.disclosure.changes import Contributed, Groups, Unsafe, unsafe_groups
from pipelines.disclosure.contributions import name_of, told
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
SHARE = told(FOUND, FOUND.figures["full_time_share"])
EMPLOYEES = told(FOUND, FOUND.figures["employees"])
FULL, ALL = (name_of(part) for part in SHARE.parts)
SMALLEST = {"full_time_share": 3}


def rolled(groups: Mapping[str, Mapping[int, float]]) -> pl.DataFrame:
    """For each group, who is in it and how much of full time each works."""
    rows = [
        (group, who, 1.0, float(extent >= 100), True, extent >= 100, extent < 100)
        for group, people in groups.items()
        for who, extent in people.items()
    ]
    schema = ["group", "who", ALL, FULL, *(SHARE.test(place) for place in range(3))]
    return pl.DataFrame(rows, schema=schema, orient="row")


def compared(
    now: Mapping[str, Mapping[int, float]], **before: Mapping[str, Mapping[int, float]]
) -> dict[tuple[str, str, str], Unsafe]:
    groups = Groups()
    then = {since: Contributed.of(rolled(people), groups) for since, people in before.items()}
    return unsafe_groups([SHARE], Contributed.of(rolled(now), groups), then, groups, SMALLEST)


FIVE = dict.fromkeys(range(5), 100.0)


def test_nothing_changed_nothing_to_tell() -> None:
    assert compared({"U1": FIVE, "U2": {9: 50.0}}, may={"U2": {9: 50.0}, "U1": FIVE}) == {}


def test_one_or_two_who_came_left_or_changed_are_too_few_and_three_are_not() -> None:
    found = compared(
        {
            "came": {**FIVE, 5: 50.0},
            "changed": {**FIVE, 0: 50.0, 1: 50.0},
            "three": {**FIVE, 0: 50.0, 1: 50.0, 2: 50.0},
            "new": {1: 100.0},
        },
        may={"came": FIVE, "changed": FIVE, "three": FIVE, "left": {7: 100.0}},
    )
    part_time = SHARE.test(2)
    changed = frozenset({FULL, SHARE.test(1), part_time})
    assert found == {
        ("full_time_share", "came", "may"): Unsafe("may", 1, frozenset({ALL, SHARE.test(0), part_time})),
        ("full_time_share", "changed", "may"): Unsafe("may", 2, changed),
        ("full_time_share", "new", "may"): Unsafe(
            "may", 1, frozenset({ALL, FULL, SHARE.test(0), SHARE.test(1)})
        ),
        ("full_time_share", "left", "may"): Unsafe(
            "may", 1, frozenset({ALL, FULL, SHARE.test(0), SHARE.test(1)})
        ),
    }


def test_every_earlier_date_is_compared() -> None:
    found = compared(
        {"U1": FIVE},
        may={"U1": FIVE},
        june={"U1": {**FIVE, 5: 100.0}},
        july={"U2": dict(list(FIVE.items())[:3])},
    )
    # In July there was nobody in the one and three in the other: five came and three left, which is enough.
    assert {since for _, _, since in found} == {"june"}


def test_one_who_leaves_as_another_comes_makes_two() -> None:
    found = compared({"U1": {**FIVE, 6: 100.0}}, may={"U1": {**FIVE, 7: 100.0}})
    assert [why.persons for why in found.values()] == [2]


def test_a_figure_that_was_defined_in_another_way_has_nothing_to_subtract() -> None:
    groups = Groups()
    then = {"may": Contributed.of(rolled({"U1": FIVE}).drop(FULL), groups)}
    now = Contributed.of(rolled({"U1": {**FIVE, 5: 100.0}}), groups)
    assert unsafe_groups([SHARE], now, then, groups, SMALLEST) == {}
    # The figures after it are compared all the same.
    both = unsafe_groups([SHARE, EMPLOYEES], now, then, groups, {**SMALLEST, "employees": 3})
    assert both == {("employees", "U1", "may"): Unsafe("may", 1, frozenset({ALL}))}


def test_what_is_only_rounding_is_no_change() -> None:
    groups = Groups()
    now = rolled({"U1": FIVE}).with_columns(pl.col(FULL) + 1e-9)
    empty = rolled({"U1": FIVE}).with_columns(pl.lit(None, pl.Float64).alias(FULL))
    zero = rolled({"U1": FIVE}).with_columns(pl.lit(0.0).alias(FULL))
    nan = rolled({"U1": FIVE}).with_columns(pl.lit(float("nan")).alias(FULL))
    before = {"may": Contributed.of(rolled({"U1": FIVE}), groups)}
    assert unsafe_groups([SHARE], Contributed.of(now, groups), before, groups, SMALLEST) == {}
    # Nothing counts as none.
    for one in (empty, nan):
        made = Contributed.of(one, groups)
        assert made.amounts.tolist() == Contributed.of(zero, groups).amounts.tolist()


def test_the_same_person_in_two_groups_is_two_places() -> None:
    groups = Groups()
    made = Contributed.of(rolled({"B": {2: 100.0, 1: 50.0}, "A": {1: 100.0}}), groups)
    assert groups.names == ["B", "A"]
    assert made.places.tolist() == [1, 2, (1 << 32) + 1]
    assert made.columns == [ALL, FULL, *(SHARE.test(place) for place in range(3))]
    assert made.amounts[:, 1].tolist() == [0.0, 1.0, 1.0]
    assert groups.numbered(pl.Series(["A", "C", "B"])).tolist() == [1, 2, 0]
