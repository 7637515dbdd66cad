"""Rows counted by kind: what figures ask of kinds is what they would ask of rows, unknown answers and all."""

from __future__ import annotations

import itertools

import duckdb
import pytest

from pipelines.measures.kinds import BITS, ROWS, Kinds
from warehouse.key_figures.formulas import Part

CONDITIONS = (
    "a",
    "NOT a",
    "a AND NOT b",
    "NOT (a AND b)",
    "NOT (a OR NOT (b AND c))",
    "(a OR b) AND (b OR c)",
    "a IS NULL OR NOT b IS NULL",
    "n > 2 AND (a OR n IS NULL)",
    "NOT (n BETWEEN 2 AND 4)",
)


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    """Every combination of true, false and unknown, with some numbers."""
    con = duckdb.connect()
    con.execute("CREATE TABLE row (a BOOLEAN, b BOOLEAN, c BOOLEAN, n INTEGER)")
    answers = itertools.product((True, False, None), repeat=3)
    numbers = itertools.cycle((1, 2, 3, 4, 5, None))
    con.executemany("INSERT INTO row VALUES (?, ?, ?, ?)", [[*row, next(numbers)] for row in answers])
    return con


def over_kinds(con: duckdb.DuckDBPyConnection, kinds: Kinds, asked: list[str]) -> list[object]:
    """What is asked, of the rows counted by kind."""
    sums = [f"SUM({name}) AS {name}" for name in kinds.summed.values()]
    values = [f"{value} AS {name}" for value, name in kinds.summed.items()]
    read = ", ".join([*kinds.of_row(), *values])
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE cube AS
        SELECT {", ".join([*kinds.columns, f"COUNT(*) AS {ROWS}", *sums])} FROM (SELECT {read} FROM row) GROUP BY ALL
        """
    )
    return list(con.execute(f"SELECT {', '.join(asked)} FROM cube").fetchone() or ())


@pytest.mark.parametrize(
    "conditions", [*((one,) for one in CONDITIONS), ("a OR b", "NOT c"), ("n > 2", "a", "NOT b")]
)
def test_a_condition_on_kinds_is_the_condition_on_rows(
    con: duckdb.DuckDBPyConnection, conditions: tuple[str, ...]
) -> None:
    kinds = Kinds()
    parts = [Part("1", conditions, True), Part("n", conditions, False)]
    asked = [kinds.part(part) for part in parts] + [kinds.persons(conditions[0])]
    direct = con.execute(
        f"SELECT {', '.join(f'SUM({part.row})' for part in parts)}, COUNT(*) FILTER (WHERE {conditions[0]}) FROM row"
    ).fetchone()
    assert over_kinds(con, kinds, asked) == list(direct or ())


def test_what_two_figures_ask_alike_is_asked_once_and_more_than_one_number_holds_goes_into_a_second(
    con: duckdb.DuckDBPyConnection,
) -> None:
    kinds = Kinds()
    many = [f"n > {number} OR a" for number in range(BITS + 5)]
    asked = [kinds.part(Part("1", (one,), True)) for one in [*many, *many]]
    assert len(kinds.asked) == BITS + 6
    assert kinds.columns == ["kind_0", "kind_1"]
    direct = con.execute(
        f"SELECT {', '.join(f'COUNT(*) FILTER (WHERE {one})' for one in many)} FROM row"
    ).fetchone()
    assert over_kinds(con, kinds, asked) == [*(direct or ()), *(direct or ())]
