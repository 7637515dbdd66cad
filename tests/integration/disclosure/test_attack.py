"""The outsider's attack on made-up releases: it finds what can be found, and nothing in what is protected."""

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.disclosure.attack import attack
from warehouse.release import NUMBERS, Release, open_release, publish

DIMENSIONS: list[dict[str, Any]] = [
    {"id": "department", "name": {"sv": "F", "en": "D"}, "parent": None, "levels": []},
    {
        "id": "unit",
        "name": {"sv": "E", "en": "U"},
        "parent": "department",
        "levels": [
            {"code": code, "sv": code, "en": code, "parent": code[0]} for code in ("A1", "A2", "B1", "B2")
        ],
    },
]
PERSONS = {"A1": 20, "A2": 3, "B1": 12, "B2": 30}


def release(folder: Path, hidden: set[str], persons: dict[str, int] = PERSONS) -> Release:
    """A release with one figure: persons by unit and department."""
    groups: dict[str, tuple[str | None, str | None, int]] = {
        unit: (None, unit, n) for unit, n in persons.items()
    }
    for department in ("A", "B"):
        groups[department] = (
            department,
            None,
            sum(n for unit, n in persons.items() if unit[0] == department),
        )
    groups["total"] = (None, None, sum(persons.values()))
    rows = []
    for name, (above, unit, n) in groups.items():
        is_shown = name not in hidden
        numbers = dict.fromkeys(NUMBERS, None) | (
            {"n": n, "value": float(n), "numerator": float(n)} if is_shown else {}
        )
        rows.append(
            {
                "figure": "employees",
                "period": "2026-10",
                "period_end": date(2026, 10, 31),
                "breakdown": "unit" if unit else "department" if above else "total",
                "department": above,
                "unit": unit,
                **numbers,
                "status": "shown" if is_shown else "hidden",
            }
        )
    schema = {name: pl.Int64 if name == "n" else pl.Float64 for name in NUMBERS}
    cells = pl.DataFrame(rows, schema_overrides={**schema, "department": pl.String, "unit": pl.String})
    documents = {
        "catalogue.json": {"figures": [{"id": "employees"}], "dimensions": DIMENSIONS, "themes": []},
        "quality.json": {},
    }
    return open_release(folder, publish(folder, cells, documents, {}).id)


def test_one_hidden_unit_alone_is_derived(tmp_path: Path) -> None:
    found = attack([release(tmp_path, {"A2"})])
    assert {(guess.place[2], guess.low) for guess in found.derived} == {("n", 3.0), ("numerator", 3.0)}
    assert found.lines()[0] == "2 hidden numbers; 2 can be derived exactly"


def test_with_a_second_hidden_beside_it_only_an_interval_is_left(tmp_path: Path) -> None:
    found = attack([release(tmp_path, {"A2", "A1"})])
    assert found.derived == []
    persons = {
        guess.place[3][0][1]: (guess.low, guess.high) for guess in found.guesses if guess.place[2] == "n"
    }
    assert persons == {"A1": pytest.approx((1, 22)), "A2": pytest.approx((1, 22))}


def test_an_earlier_release_gives_away_what_a_later_one_hides(tmp_path: Path) -> None:
    first = release(tmp_path / "1", {"A2", "A1"})
    second = release(tmp_path / "2", {"A2", "B1"})
    found = attack([first, second])
    assert ("employees", "2026-10", "n", (("unit", "A1"),)) in found.given_away
    assert {guess.place[3] for guess in found.derived} == {(("unit", "A2"),)}


def test_a_corrected_number_is_seen(tmp_path: Path) -> None:
    first = release(tmp_path / "1", set())
    second = release(tmp_path / "2", set(), PERSONS | {"A1": 21})
    changed = {(place[2], place[3], difference) for place, difference in attack([first, second]).changed}
    assert ("n", (("unit", "A1"),), 1.0) in changed


def test_sums_that_do_not_hold_are_not_used(tmp_path: Path) -> None:
    # Units of department B overlap: whoever sees that does not add up units.
    made = release(tmp_path, {"A2"})
    cells = made.by_figure["employees"].with_columns(
        pl.when(pl.col("department") == "B").then(40).otherwise(pl.col("n")).alias("n")
    )
    overlapping = Release(
        made.folder,
        made.manifest,
        made.figures,
        made.dimensions,
        made.themes,
        made.quality,
        {"employees": cells},
    )
    assert [guess for guess in attack([overlapping]).derived if guess.place[2] == "n"] == []


def test_nothing_hidden_nothing_found(tmp_path: Path) -> None:
    assert attack([release(tmp_path, set())], figures=["employees"]).guesses == []
    assert attack([release(tmp_path, set())], figures=[]).hidden == 0
