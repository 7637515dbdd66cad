"""The outsider's attack on made-up releases: it finds what can be found, and nothing in what is protected."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from assets.running import Run
from pipelines.disclosure.attack import attack
from pipelines.disclosure.attack_words import report
from pipelines.disclosure.calendar import Calendar, due, first_month
from pipelines.disclosure.gate import LEDGER
from pipelines.disclosure.ledger import Ledger
from pipelines.disclosure.primary import protect
from pipelines.publication import settled
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import NUMBERS, Release, open_current, open_release, publish
from warehouse.settings import Settings
from warehouse.store import Store

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
    documents: dict[str, dict[str, Any]] = {
        "catalogue.json": {"figures": [{"id": "employees"}], "dimensions": DIMENSIONS, "themes": []},
        "quality.json": {},
        "audit.json": {"passed": True},
    }
    return open_release(folder, publish(folder, cells, documents, {}).id)


def test_one_hidden_unit_alone_is_derived(tmp_path: Path) -> None:
    found = attack([release(tmp_path, {"A2"})])
    assert {(guess.place[2], guess.low) for guess in found.derived} == {("n", 3.0), ("numerator", 3.0)}
    assert found.breaches == found.derived


def test_units_are_added_up_to_their_department(tmp_path: Path) -> None:
    found = attack([release(tmp_path, {"A2", "total", "B"})])
    derived = {guess.place[3]: guess.low for guess in found.derived if guess.place[2] == "n"}
    assert derived == {(("unit", "A2"),): 3.0, (("department", "B"),): 42.0, (): 65.0}


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
    assert attack([release(tmp_path, set())]).guesses == []


def test_only_the_figures_asked_for_are_attacked(tmp_path: Path) -> None:
    made = release(tmp_path, {"A2"})
    cells = made.by_figure["employees"]
    both = replace(
        made, by_figure={"others": cells.with_columns(figure=pl.lit("others")), "employees": cells}
    )
    assert {guess.place[0] for guess in attack([both]).derived} == {"employees", "others"}
    for name in ("employees", "others"):
        assert {guess.place[0] for guess in attack([both], figures=[name]).derived} == {name}
    assert attack([both], figures=[]).hidden == 0


def test_the_gate_leaves_the_outsider_nothing_and_without_it_there_is_plenty(
    first_night: tuple[Settings, Run], tmp_path: Path
) -> None:
    settings, _ = first_night
    gated = open_current(settings.releases)
    assert gated is not None
    found = attack([gated])
    assert found.hidden > 10_000
    assert found.breaches == []
    assert all(guess.low < 1 or guess.low >= 5 for guess in found.derived)
    # The same tables with the primary rules only: dozens of groups of few persons can be worked out.
    known = catalogue()
    with Store(settings).read() as con:
        cells = settled(con.sql("SELECT * FROM figures.cell").pl(), known)
    anchor, _ = Ledger(settings.home / LEDGER).begin(first_month(cells, catalogue()))
    protected = protect(due(cells, known, Calendar(anchor)), known)
    documents = {
        name: json.loads((gated.folder / name).read_text(encoding="utf-8"))
        for name in ("catalogue.json", "audit.json")
    }
    alone = open_release(tmp_path, publish(tmp_path, protected, documents, {}).id)
    unprotected = attack([alone])
    assert len(unprotected.breaches) > 100
    for lang, said in (("sv", "SKYDDET HÅLLER INTE"), ("en", "DOES NOT HOLD")):
        assert any(said in line for line in report(unprotected, [alone], lang))
    assert "Inget skyddat har kunnat räknas ut" in next(
        line for line in report(found, [gated], "sv") if "dolda tal" in line
    )
