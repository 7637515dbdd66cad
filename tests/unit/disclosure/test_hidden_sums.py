"""Hidden sums: what several hidden groups come to may not tell of too few persons either."""

from collections.abc import Collection, Mapping

import polars as pl
import pytest

from pipelines.disclosure.changes import Contributed, Groups
from pipelines.disclosure.contributions import BETWEEN, name_of, told
from pipelines.disclosure.hidden_sums import PartedTable, unsafe_sums, with_parents
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
PLANS = told(FOUND, FOUND.figures["employees"])
(COUNT,) = (name_of(part) for part in PLANS.parts)
EVERYBODY = PLANS.test(0)
DEPARTMENTS = PartedTable(("department",), ("department",), None)
UNITS = PartedTable(("unit",), ("department", "unit"), None)
Found = list[tuple[tuple[str, ...], tuple[str, ...]]]


def rolled(groups: Mapping[str, str]) -> pl.DataFrame:
    """Groups with their persons, each a letter."""
    rows = [(name, ord(who), 1.0, True) for name, people in groups.items() for who in people]
    return pl.DataFrame(rows, schema=["group", "who", COUNT, EVERYBODY], orient="row")


def compared(
    now: Mapping[str, str],
    then: Mapping[str, str],
    hidden: Collection[str],
    table: PartedTable = DEPARTMENTS,
    unknown: Collection[str] = (),
) -> Found:
    groups = Groups()
    mine, theirs = (Contributed.of(rolled(one), groups) for one in (now, then))
    return list(
        unsafe_sums(
            (PLANS, PLANS),
            table,
            mine,
            theirs,
            groups,
            3,
            hidden.__contains__,
            lambda by, whole: ",".join(by) + whole not in unknown,
        )
    )


def test_one_who_comes_to_one_of_two_hidden_groups_is_what_their_sum_tells() -> None:
    then = {"A": "abcd", "B": "efgh", "C": "ijklmnopq"}
    now = {**then, "B": "efghx"}
    assert compared(now, then, "AB") == [(("A", "B"), tuple(sorted([COUNT, EVERYBODY])))]
    assert compared(then, then, "AB") == []
    # Three are enough, wherever they come.
    assert compared({**now, "A": "abcdyz"}, then, "AB") == []
    # Where nothing is hidden the groups are compared by themselves.
    assert compared(now, then, "") == []
    # What the hidden ones come to is not known where the whole is not.
    assert compared(now, then, "AB", unknown=[""]) == []


def test_one_who_moves_from_one_hidden_group_to_another_changes_nothing_of_their_sum() -> None:
    assert compared({"A": "abcd", "B": "efg"}, {"A": "abc", "B": "defg"}, "AB") == []


def test_a_group_of_which_nobody_is_left_has_no_line_and_the_others_do() -> None:
    assert compared({"B": "efgh"}, {"A": "a", "B": "efgh"}, "AB") == [
        (("B",), tuple(sorted([COUNT, EVERYBODY])))
    ]
    assert compared({"C": "c"}, {"A": "a", "C": "c"}, "A") == []


def test_units_are_parts_of_their_department_and_of_the_municipality() -> None:
    def names(*units: str) -> list[str]:
        return [BETWEEN.join((unit[0], unit)) for unit in units]

    then = dict(zip(names("A1", "A2", "B1", "B2"), ["abcd", "efgh", "ijkl", "mnop"], strict=True))
    changed = {**then, names("A1")[0]: "abcdx", names("B1")[0]: "ijklyz"}
    hidden = ["A1", "A2", "B1", "B2"]
    # Of the municipality three have come, of department A one and of department B two.
    assert [groups for groups, _ in compared(changed, then, hidden, UNITS)] == [("A1", "A2"), ("B1", "B2")]
    only_b = compared(changed, then, hidden, UNITS, unknown=["departmentA"])
    assert [groups for groups, _ in only_b] == [("B1", "B2")]
    one = {**then, names("A1")[0]: "abcdx"}
    assert [groups for groups, _ in compared(one, then, hidden, UNITS)] == [
        ("A1", "A2"),
        ("A1", "A2", "B1", "B2"),
    ]


@pytest.mark.parametrize(
    ("by", "across", "expected"),
    [
        (("department",), None, [()]),
        (("unit",), None, [("department",), ()]),
        (("department", "sex"), None, [("sex",)]),
        (("department", "age_group"), None, [("age_group",), ("department",), ()]),
        (("department", "age_group"), "age_group", [("age_group",)]),
        (("department", "age_group", "sex"), "age_group", [("age_group", "sex")]),
        (("age_group",), "age_group", []),
        (("sex",), None, []),
    ],
)
def test_what_a_group_is_a_part_of(
    by: tuple[str, ...], across: str | None, expected: list[tuple[str, ...]]
) -> None:
    assert PartedTable(by, with_parents(FOUND, by), across).wholes() == expected
