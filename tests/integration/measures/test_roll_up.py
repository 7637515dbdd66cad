"""The law of the engine: a cell rolled up from finer cells equals the figure computed directly on its persons."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pipelines.core import build_core
from pipelines.measures.compute import compute
from tests.fixtures.people import load, settings_in
from warehouse.store import Store

MONTH = date(2022, 11, 1)

posts = st.fixed_dictionaries(
    {
        "person": st.sampled_from([f"p{number}" for number in range(25)]),
        "sex": st.sampled_from(["K", "M", None]),
        "birth_month": st.sampled_from(
            [date(1990, 5, 1), date(1975, 11, 1), date(1962, 12, 1), date(1957, 1, 1)]
        ),
        "department_code": st.sampled_from(["D1", "D2", "D3"]),
        "unit_code": st.sampled_from(["U1", "U2", "U3"]),
        "pay_form": st.sampled_from(["manadsavlonad", "timavlonad"]),
        "employment_form": st.sampled_from(["tillsvidare", "vikariat"]),
        "fte_agreed": st.sampled_from([25.0, 50.0, 75.0, 100.0]),
    }
)


@given(st.lists(posts, min_size=1, max_size=40))
def test_every_breakdown_equals_direct_computation(rows: list[dict[str, Any]]) -> None:
    numbered = [
        {**row, "month": MONTH, "employment_key": f"e{number:02d}"} for number, row in enumerate(rows)
    ]
    with tempfile.TemporaryDirectory() as home:
        settings = settings_in(Path(home))
        store = Store(settings)
        load(store, numbered)
        build_core(store, settings)
        compute(store, settings)
        with store.read() as con:
            cells = con.sql("SELECT * FROM figures.cell").pl()
    persons = persons_of(numbered)
    for by in ([], ["sex"], ["department_code"], ["department_code", "sex"], ["age_group"]):
        assert computed(cells, by) == direct(persons, by)
    # By unit there are numbers of employees only: shares of so few would be hidden.
    by_unit = [
        {group: own[0] for group, own in found.items() if own[0]}
        for found in (computed(cells, ["unit_code"]), direct(persons, ["unit_code"]))
    ]
    assert by_unit[0] == by_unit[1]


def persons_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each person in the larger post, by plain Python: highest agreed fte, then monthly-paid, then id."""
    chosen = []
    for person in sorted({row["person"] for row in rows}):
        own = [row for row in rows if row["person"] == person]
        main = min(
            own,
            key=lambda row: (
                -row["fte_agreed"],
                row["fte_agreed"] < 100,
                row["pay_form"] != "manadsavlonad",
                row["employment_key"],
            ),
        )
        age = 2022 - main["birth_month"].year - (main["birth_month"].month > MONTH.month)
        band = "-34" if age <= 34 else "35-54" if age <= 54 else "55-64" if age <= 64 else "65-"
        chosen.append(
            {
                **main,
                "fte": min(sum(row["fte_agreed"] for row in own), 100.0),
                "age_group": band,
                "sex": main["sex"] or "U",
            }
        )
    return chosen


def direct(persons: list[dict[str, Any]], by: list[str]) -> dict[tuple[str, ...], tuple[float, ...]]:
    """Employees, full-time employees and permanent employees (of all) per group, counted one by one."""
    found: dict[tuple[str, ...], tuple[float, ...]] = {}
    for group in {tuple(person[name] for name in by) for person in persons}:
        own = [person for person in persons if tuple(person[name] for name in by) == group]
        monthly = [person for person in own if person["pay_form"] == "manadsavlonad"]
        permanent = [person for person in monthly if person["employment_form"] == "tillsvidare"]
        full_time = [person for person in monthly if person["fte"] >= 100]
        found[group] = (len(monthly), len(full_time), len(permanent), len(own))
    return found


def computed(cells: pl.DataFrame, by: list[str]) -> dict[tuple[str, ...], tuple[float, ...]]:
    """The same from the engine's cells; a group without a cell has nobody."""
    columns = [{"department_code": "department", "unit_code": "unit"}.get(name, name) for name in by]
    breakdown = ",".join(columns) or "total"
    of = cells.filter(pl.col("breakdown") == breakdown)
    found: dict[tuple[str, ...], list[float]] = {}
    places = {
        "employees": [("numerator", 0)],
        "full_time_share": [("numerator", 1)],
        "permanent_share": [("numerator", 2), ("denominator", 3)],
    }
    for row in of.iter_rows(named=True):
        for column, place in places.get(row["figure"], []):
            found.setdefault(tuple(row[name] for name in columns), [0, 0, 0, 0])[place] = row[column]
    return {group: tuple(values) for group, values in found.items()}
