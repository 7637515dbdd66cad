"""Changes: which groups would tell, by the difference from a date before, of too few persons."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from pipelines.disclosure.changes import UNCHANGED, Contributed, Groups, unsafe_groups
from pipelines.disclosure.contributions import name_of, told
from pipelines.measures.known_sex import with_known_sex
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
SHARE = told(FOUND, FOUND.figures["full_time_share"])
EMPLOYEES = told(FOUND, FOUND.figures["employees"])
FULL, ALL = (name_of(part) for part in SHARE.parts)
KNOWN = told(with_known_sex(FOUND), FOUND.figures["full_time_share"], mark="_known")
KNOWN_FULL, KNOWN_ALL = (name_of(part) for part in KNOWN.parts)
LEAVE = told(FOUND, FOUND.figures["sick_leave_share"])
SICK, ORDINARY = (name_of(part) for part in LEAVE.parts)
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


def nothing_hidden(_figure: str, _group: str) -> bool:
    return False


def compared(
    now: Mapping[str, Mapping[int, float]],
    then: Mapping[str, Mapping[int, float]],
    hidden: Sequence[str] = (),
) -> dict[tuple[str, str], frozenset[str]]:
    groups = Groups()
    before = Contributed.of(rolled(then), groups)
    return unsafe_groups(
        [(SHARE, SHARE)],
        Contributed.of(rolled(now), groups),
        before,
        groups,
        SMALLEST,
        lambda figure, group: figure == "full_time_share" and group in hidden,
    )


FIVE = dict.fromkeys(range(5), 100.0)


def test_nothing_changed_nothing_to_tell() -> None:
    assert compared({"U1": FIVE, "U2": {9: 50.0}}, {"U2": {9: 50.0}, "U1": FIVE}) == {}


def test_what_was_hidden_and_has_not_changed_stays_hidden() -> None:
    now = {"same": FIVE, "grown": {**FIVE, 5: 50.0, 6: 50.0, 7: 50.0}, "shown": {9: 50.0}}
    found = compared(
        now, {"same": FIVE, "grown": FIVE, "shown": {9: 50.0}, "gone": {}}, ["same", "grown", "gone"]
    )
    assert found == {("full_time_share", "same"): frozenset({UNCHANGED})}


def test_one_or_two_who_came_left_or_changed_are_too_few_and_three_are_not() -> None:
    found = compared(
        {
            "came": {**FIVE, 5: 50.0},
            "changed": {**FIVE, 0: 50.0, 1: 50.0},
            "three": {**FIVE, 0: 50.0, 1: 50.0, 2: 50.0},
            "new": {1: 100.0},
        },
        {"came": FIVE, "changed": FIVE, "three": FIVE, "left": {7: 100.0}},
    )
    part_time = SHARE.test(2)
    everybody = frozenset({ALL, FULL, SHARE.test(0), SHARE.test(1)})
    assert found == {
        ("full_time_share", "came"): frozenset({ALL, SHARE.test(0), part_time}),
        ("full_time_share", "changed"): frozenset({FULL, SHARE.test(1), part_time}),
        ("full_time_share", "new"): everybody,
        ("full_time_share", "left"): everybody,
    }


def test_a_sum_that_one_has_added_to_is_too_few_however_many_others_have_changed() -> None:
    """Ordinary hours differ for all three; hours of sickness for one, and the later sum less the earlier is that one's."""
    groups = Groups()
    schema = ["group", "who", SICK, ORDINARY, LEAVE.test(0)]
    then, now = (
        Contributed.of(
            pl.DataFrame(
                [("U1", who, *hours, True) for who, hours in month.items()], schema=schema, orient="row"
            ),
            groups,
        )
        for month in (
            {1: (0.0, 160.0), 2: (8.0, 160.0), 3: (8.0, 80.0)},
            {1: (0.0, 168.0), 2: (24.0, 168.0), 3: (8.0, 84.0)},
        )
    )
    smallest = {"sick_leave_share": 3}
    assert unsafe_groups([(LEAVE, LEAVE)], now, then, groups, smallest, nothing_hidden) == {
        ("sick_leave_share", "U1"): frozenset({SICK})
    }


def test_a_number_of_persons_that_one_has_changed_is_too_few_however_many_others_have_come() -> None:
    """Three came who work full time, and one who does not: of those who do not the later number less the earlier is that one."""
    came = {**FIVE, 5: 50.0, 6: 50.0, 7: 100.0, 8: 100.0, 9: 100.0}
    found = compared({"U1": {**came, 10: 50.0}}, {"U1": {**FIVE, 5: 50.0, 6: 50.0}})
    assert found == {("full_time_share", "U1"): frozenset({SHARE.test(2)})}
    assert compared({"U1": came}, {"U1": {**FIVE, 5: 50.0, 6: 50.0}}) == {}


def test_groups_are_gathered_person_by_person() -> None:
    groups = Groups()
    made = Contributed.of(
        rolled({"U1": {1: 100.0, 2: 50.0}, "U2": {2: 100.0, 3: 100.0}, "U3": {4: 100.0}}), groups
    )
    both = made.gathered(np.array([7, 7, -1]))
    assert both.groups.tolist() == [7]
    assert made.groups.tolist() == [0, 1, 2]
    assert [int(place) & 0xFFFFFFFF for place in both.places] == [1, 2, 3]
    # Who is in both adds what is added in either.
    assert both.amounts[:, list(both.columns).index(ALL)].tolist() == [1.0, 2.0, 1.0]
    assert both.amounts[:, list(both.columns).index(FULL)].tolist() == [1.0, 1.0, 1.0]


def test_those_of_unknown_sex_who_were_counted_then_and_are_left_out_now_are_a_change() -> None:
    """Twenty then, of whom one of unknown sex; without her nineteen now. Nobody has come or gone."""
    groups = Groups()
    schema = ["group", "who", ALL, FULL, KNOWN_ALL, KNOWN_FULL]
    rows = [("U1", who, 1.0, 1.0, float(who > 0), float(who > 0)) for who in range(20)]
    made = Contributed.of(pl.DataFrame(rows, schema=schema, orient="row"), groups)
    assert unsafe_groups([(SHARE, SHARE)], made, made, groups, SMALLEST, nothing_hidden) == {}
    assert set(unsafe_groups([(KNOWN, SHARE)], made, made, groups, SMALLEST, nothing_hidden)) == {
        ("full_time_share", "U1")
    }


def test_one_who_leaves_as_another_comes_makes_two() -> None:
    assert compared({"U1": {**FIVE, 6: 100.0}}, {"U1": {**FIVE, 7: 100.0}})
    three = {**FIVE, 6: 100.0, 8: 100.0}
    assert not compared({"U1": three}, {"U1": {**FIVE, 7: 100.0}})


def test_a_figure_that_was_defined_in_another_way_has_nothing_to_subtract() -> None:
    groups = Groups()
    then = Contributed.of(rolled({"U1": FIVE}).drop(FULL), groups)
    now = Contributed.of(rolled({"U1": {**FIVE, 5: 100.0}}), groups)
    assert unsafe_groups([(SHARE, SHARE)], now, then, groups, SMALLEST, nothing_hidden) == {}
    # The figures after it are compared all the same.
    pairs = [(SHARE, SHARE), (EMPLOYEES, EMPLOYEES)]
    both = unsafe_groups(pairs, now, then, groups, {**SMALLEST, "employees": 3}, nothing_hidden)
    assert both == {("employees", "U1"): frozenset({ALL})}


def test_what_is_only_rounding_is_no_change() -> None:
    groups = Groups()
    now = rolled({"U1": FIVE}).with_columns(pl.col(FULL) + 1e-9)
    empty = rolled({"U1": FIVE}).with_columns(pl.lit(None, pl.Float64).alias(FULL))
    zero = rolled({"U1": FIVE}).with_columns(pl.lit(0.0).alias(FULL))
    nan = rolled({"U1": FIVE}).with_columns(pl.lit(float("nan")).alias(FULL))
    before = Contributed.of(rolled({"U1": FIVE}), groups)
    assert (
        unsafe_groups([(SHARE, SHARE)], Contributed.of(now, groups), before, groups, SMALLEST, nothing_hidden)
        == {}
    )
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
