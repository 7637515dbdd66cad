"""The audit's record: groups counted by why they are hidden, and the narrowest intervals, without a value."""

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.disclosure.audit import Interval, Verdict
from pipelines.disclosure.calendar import rules
from pipelines.disclosure.changes import UNCHANGED
from pipelines.disclosure.primary import RULES
from pipelines.disclosure.protection import Protected
from pipelines.disclosure.record import document, of, totals, visible_share
from pipelines.disclosure.tables import Builder, Mask, Need
from pipelines.disclosure.union import Key, Union
from warehouse.key_figures.catalogue import catalogue

END = date(2026, 10, 31)


def union() -> Union:
    """Four masks of two figures: persons 6 and 4 (which also make a line together), and hours 50."""
    builder = Builder()
    a, b, both = builder.line([0]), builder.line([1]), builder.line([0, 1])
    hours = builder.line([2])
    need = Need(width=4)
    keys = [
        Key("employees", "2026-10", "unit", "A"),
        Key("employees", "2026-10", "unit", "B"),
        Key("employees", "2026-10", "total", ""),
        Key("full_time_equivalents", "2026-10", "total", ""),
    ]
    lines = ((a, b), (b,), (both,), (hours,))
    masks = [Mask(key, own, ((own[0], need),)) for key, own in zip(keys, lines, strict=True)]
    population = builder.population(
        np.array([6.0, 4.0, 50.0]), np.array([True, True, False]), masks, np.zeros(3, dtype=np.int64)
    )
    return Union(population, keys, np.array([6, 4, 10, 10]), {"hme_total", "age_distribution"}, {})


def protected(shown: list[bool], intervals: dict[int, Interval]) -> Protected:
    return Protected(np.array(shown), Verdict((), (), intervals), repaired=3)


CELLS = pl.DataFrame(
    {
        "figure": ["employees", "employees"],
        "breakdown": ["unit", "unit"],
        "_siblings": ["B", "A"],
        "_hide": [True, False],
    }
)
# Persons between 0.5 and 7.9 are 1 to 7; hours between 45 and 57 are 24 percent of 50.
INTERVALS = {0: Interval(0.5, 7.9), 1: Interval(2.0, 9.0000000001), 3: Interval(45.0, 57.0)}


def made(shown: list[bool], unsafe: dict[Key, list[str]] | None = None, **own: Any) -> dict[str, Any]:
    drawn = union()
    stated = protected(shown, own.get("intervals", INTERVALS))
    return of(END, "f1", drawn, stated, CELLS, catalogue(), unsafe or {}, 1.23456)


def test_groups_are_counted_by_why_they_are_hidden() -> None:
    changed = union().keys[2]
    record = made([False, False, False, True], {changed: ["p"]})
    assert record["tables"] == [
        {
            "protection": "membership",
            "figure": "employees",
            "breakdown": "total",
            "shown": 0,
            "small": 0,
            "changed": 1,
            "beside": 0,
        },
        {
            "protection": "membership",
            "figure": "employees",
            "breakdown": "unit",
            "shown": 0,
            "small": 1,
            "changed": 0,
            "beside": 1,
        },
        {
            "protection": "workforce",
            "figure": "full_time_equivalents",
            "breakdown": "total",
            "shown": 1,
            "small": 0,
            "changed": 0,
            "beside": 0,
        },
    ]
    # One that is small by itself is counted as small, even where it has changed too.
    small = made([False] * 4, {union().keys[1]: ["p"]})["tables"][1]
    assert (small["small"], small["changed"], small["beside"]) == (1, 0, 1)
    # One that has not changed is hidden for what it was hidden beside.
    kept = made([False] * 4, {union().keys[2]: [UNCHANGED]})["tables"][0]
    assert (kept["changed"], kept["beside"]) == (0, 1)
    both = CELLS.with_columns(_hide=pl.lit(value=True))
    every = of(END, "f1", union(), protected([False] * 4, {}), both, catalogue(), {}, 1.0)["tables"][1]
    assert (every["small"], every["changed"], every["beside"]) == (2, 0, 0)
    assert {name: value for name, value in record.items() if name != "tables"} == {
        "period_end": "2026-10-31",
        "fingerprint": "f1",
        "passed": True,
        "secrets": 3,
        "derivable": 0,
        "narrowest_persons": 6.0,
        "narrowest_sums_percent": 24.0,
        "repaired": 3,
        "not_understood": ["age_distribution", "hme_total"],
        "seconds": 1.23,
    }


def test_where_nothing_is_secret_nothing_is_narrow() -> None:
    record = made([True] * 4, intervals={})
    assert (record["narrowest_persons"], record["narrowest_sums_percent"]) == (None, None)
    assert record["secrets"] == 0


def test_widths_are_told_to_a_tenth_and_a_sum_of_nothing_is_as_narrow_as_can_be() -> None:
    assert made([True] * 4, intervals={3: Interval(45.0, 51.33)})["narrowest_sums_percent"] == 12.7
    drawn = union()
    empty = replace(drawn, population=replace(drawn.population, content=np.array([6.0, 4.0, 0.0])))
    record = of(END, "f1", empty, protected([True] * 4, {3: Interval(0.0, 0.5)}), CELLS, catalogue(), {}, 1.0)
    assert record["narrowest_sums_percent"] == 0.0


@pytest.mark.parametrize(
    ("counts", "share"),
    [
        ({"shown": 3, "small": 9, "changed": 1, "beside": 2}, 50.0),
        ({"shown": 1, "small": 0, "changed": 1, "beside": 1}, 33.3),
        ({"shown": 0, "small": 9, "changed": 0, "beside": 0}, None),
    ],
)
def test_the_share_shown_is_of_those_that_are_not_small(counts: dict[str, int], share: float | None) -> None:
    assert visible_share(counts) == share


def dates() -> list[dict[str, Any]]:
    """Two dates: the first with persons only, the second with sums only."""
    changed = {union().keys[2]: ["p"]}
    first = made([False, False, False, True], changed, intervals={0: Interval(0, 7)}) | {"seconds": 1.25}
    second = made([True, True, True, True], intervals={3: Interval(45, 57)}) | {
        "period_end": "2026-11-30",
        "passed": False,
        "derivable": 2,
    }
    return [first, second]


def test_classes_are_summed_over_dates() -> None:
    assert totals(dates()) == [
        {
            "protection": "membership",
            "breakdown": "total",
            "shown": 1,
            "small": 0,
            "changed": 1,
            "beside": 0,
            "visible_share": 50.0,
        },
        {
            "protection": "membership",
            "breakdown": "unit",
            "shown": 2,
            "small": 1,
            "changed": 0,
            "beside": 1,
            "visible_share": 66.7,
        },
        {
            "protection": "workforce",
            "breakdown": "total",
            "shown": 2,
            "small": 0,
            "changed": 0,
            "beside": 0,
            "visible_share": 100.0,
        },
    ]


def test_the_document_tells_neither_why_a_group_is_hidden_nor_a_value() -> None:
    cells = pl.DataFrame({"status": ["shown"] * 3 + ["missing"]})
    told = document(dates(), END, cells)
    assert told["passed"] is False
    assert told["rules"]["health"] == {"smallest": 11, "is_broken_down": True}
    assert told["rules"]["municipality"] == {"smallest": 1, "is_broken_down": False}
    assert set(told["rules"]) == set(RULES)
    assert told["calendar"] == {"counted_from": "2026-10-31", "lines": rules()}
    assert told["cells"] == {"shown": 3, "hidden": 0, "missing": 1}
    assert (told["secrets"], told["derivable"], told["seconds"]) == (2, 2, 2.5)
    assert (told["narrowest_persons"], told["narrowest_sums_percent"]) == (7.0, 24.0)
    assert told["classes"] == [
        {"protection": "membership", "breakdown": "total", "shown": 1, "hidden": 1},
        {"protection": "membership", "breakdown": "unit", "shown": 2, "hidden": 2},
        {"protection": "workforce", "breakdown": "total", "shown": 2, "hidden": 0},
    ]
    last = told["dates"][1]
    assert {name: value for name, value in last.items() if name != "tables"} == {
        "period_end": "2026-11-30",
        "fingerprint": "f1",
        "passed": False,
        "not_understood": ["age_distribution", "hme_total"],
        "seconds": 1.23,
    }
    assert told["dates"][0]["tables"][1] == {
        "protection": "membership",
        "figure": "employees",
        "breakdown": "unit",
        "shown": 0,
        "hidden": 2,
    }


def test_a_document_without_dates_has_passed_and_says_nothing_of_intervals() -> None:
    told = document([], END, pl.DataFrame(schema={"status": pl.String}))
    assert told["passed"] is True
    assert (told["narrowest_persons"], told["narrowest_sums_percent"], told["dates"]) == (None, None, [])
    assert told["cells"] == {"shown": 0, "hidden": 0, "missing": 0}
