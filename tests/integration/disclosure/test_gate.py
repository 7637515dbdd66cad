"""The gate on a made-up municipality, month by month: nothing small gets out, and a known verdict costs nothing."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.disclosure import gate
from pipelines.disclosure.audit import Finding, Interval, Verdict
from pipelines.disclosure.contributions import BETWEEN
from pipelines.disclosure.gate import GateClosedError, Gated, release_gate
from pipelines.disclosure.ledger import Ledger
from pipelines.disclosure.program import ProgramError
from pipelines.disclosure.timeline import Timeline
from pipelines.measures.compute import compute
from tests.fixtures.people import load, settings_in
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import HIDDEN, NUMBERS, SHOWN
from warehouse.settings import Settings
from warehouse.store import Store

MONTHS = [date(2026, month, 1) for month in (8, 9, 10)]
FIGURES = ("employees", "women_share", "full_time_share", "full_time_equivalents", "age_distribution")


def people(month: int) -> list[dict[str, Any]]:
    """Ninety women and thirty-six men in three departments; each month one man who works part time joins."""
    rows: list[dict[str, Any]] = []
    for number in range(126 + month):
        is_man = number >= 90
        rows.append(
            {
                "month": MONTHS[month],
                "person": f"p{number}",
                "sex": "M" if is_man else "K",
                "department_code": f"D{number % 3 + 1}",
                "unit_code": f"U{number % 9 + 1}",
                "birth_month": date(1960 + number % 40, 1, 1),
                "occupation_group": "Vård" if number % 4 else "Skola",
                "fte_agreed": 75.0 if number % 5 == 0 or number >= 126 else 100.0,
            }
        )
    # Two women of one department stand alone in a unit of their own.
    for row in (rows[0], rows[3]):
        row["unit_code"] = "U0"
    return rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@pytest.fixture
def store(settings: Settings) -> Store:
    made = Store(settings)
    load(made, [row for month in range(len(MONTHS)) for row in people(month)])
    build_core(made, settings)
    compute(made, settings, themes=["workforce", "gender_equality"])
    return made


def through(
    store: Store,
    settings: Settings,
    months: int,
    told: list[tuple[date, int]] | None = None,
    nudge: float = 0.0,
    changed: pl.Expr | None = None,
) -> Gated:
    """The gate when so many months have been delivered; `told` collects its progress, `nudge` moves every value a little, and
    `changed` is another column of the cells.
    """
    with store.read() as con:
        cells = con.sql("SELECT * FROM figures.cell").pl()
        cells = cells.filter(
            pl.col("figure").is_in(FIGURES) & (pl.col("period_end") < date(2026, 8 + months, 1))
        )
        cells = cells.with_columns(low=pl.col("value") - 1, high=pl.col("value") + 1)
        cells = cells.with_columns(pl.col("value", "low", "high") + nudge)
        cells = cells if changed is None else cells.with_columns(changed)
        seconds: list[float] = []

        def progress(end: date, own: float, left: int) -> None:
            seconds.append(own)
            if told is not None:
                told.append((end, left))

        gated = release_gate(con, cells, catalogue(), settings, progress)
        assert 0 <= sum(seconds) <= gated.seconds < 300
        return gated


def picked(gated: Gated, **wanted: str) -> list[dict[str, Any]]:
    """Cells by their columns."""
    return gated.cells.filter(pl.col(name) == value for name, value in wanted.items()).to_dicts()


def test_months_are_protected_one_by_one(store: Store, settings: Settings) -> None:
    first = through(store, settings, 1)
    assert first.audited == (date(2026, 8, 31),)
    assert all(one["passed"] and not one["not_understood"] for one in first.records)
    hidden = first.cells.filter(pl.col("status") == HIDDEN)
    assert hidden.select(NUMBERS).null_count().row(0) == (hidden.height,) * len(NUMBERS)

    # The unit of two is hidden, and not alone: its department's other units would give it away.
    units = {row["unit"]: row["status"] for row in picked(first, figure="employees", breakdown="unit")}
    assert units["U0"] == HIDDEN
    assert sum(status == HIDDEN for status in units.values()) == 2
    assert picked(first, figure="employees", breakdown="total")[0]["status"] == SHOWN

    # What is hidden by itself is proved uncertain. What is hidden beside it has no secret: an outsider may know it.
    (entry,) = Ledger(settings.home / gate.LEDGER).entries().values()
    decided = entry.decided.filter((pl.col("figure") == "employees") & (pl.col("breakdown") == "unit"))
    known = {
        group.strip(BETWEEN): (shown, known)
        for group, shown, known in decided.select("group", "is_shown", "is_known").iter_rows()
    }
    (other,) = (unit for unit, status in units.items() if status == HIDDEN and unit != "U0")
    assert (known["U0"], known[other]) == ((False, False), (False, True))
    assert {own for unit, own in known.items() if unit not in {"U0", other}} == {(True, True)}

    second = through(store, settings, 2)
    assert second.audited == (date(2026, 9, 30),)
    # Membership moves every month; what men work moves when at least five of them differ.
    assert {
        row["status"] for row in picked(second, figure="employees", breakdown="sex", period="2026-09")
    } == {SHOWN}
    assert {
        row["status"]
        for row in picked(second, figure="full_time_equivalents", breakdown="sex", period="2026-09")
    } == {HIDDEN}
    assert (
        picked(second, figure="full_time_equivalents", breakdown="total", period="2026-09")[0]["status"]
        == HIDDEN
    )
    # A finer table is not due yet: it is not there at all.
    assert picked(second, figure="full_time_share", breakdown="unit", period="2026-09") == []
    assert second.cells.filter(pl.col("period") == "2026-08").equals(first.cells)

    # The same persons are the same content, whatever the last digit of a sum.
    again = through(store, settings, 2, nudge=1e-12)
    assert again.audited == ()
    assert again.cells["status"].equals(second.cells["status"])
    assert again.calendar.anchor == first.calendar.anchor == date(2026, 8, 31)
    assert [one["period_end"] for one in again.records] == ["2026-08-31", "2026-09-30"]
    # Another number of the same persons is another content: the catalogue has been changed.
    whole = (
        pl.when(pl.col("breakdown") == "total").then(pl.col("numerator") - 1).otherwise(pl.col("numerator"))
    )
    assert through(store, settings, 2, changed=whole).audited == (date(2026, 8, 31), date(2026, 9, 30))
    # Two months at once are audited in their order, once there is a history.
    told: list[tuple[date, int]] = []
    assert through(store, settings, 3, told).audited == (date(2026, 10, 31),)
    assert told == [(date(2026, 10, 31), 0)]


def half_a_year_apart(settings: Settings) -> Store:
    """Two small departments and four larger ones in April and October; a man who works part time has come to one of the small."""
    sizes = {"D1": 4, "D2": 4, "D3": 40, "D4": 41, "D5": 42, "D6": 60}
    rows: list[dict[str, Any]] = []
    for month in (date(2026, 4, 1), date(2026, 10, 1)):
        for department, size in sizes.items():
            # A quarter of every larger department change their hours, so that these may be told anew.
            is_later = month.month == 10
            for number in range(size + (is_later and department == "D1")):
                is_part_time = number in {0, 1, 4} if size < 9 else number % 4 < (2 if is_later else 1)
                rows.append(
                    {
                        "month": month,
                        "person": f"{department}-{number}",
                        "sex": "M" if number % 8 > 3 else "K",
                        "department_code": department,
                        "unit_code": f"{department}U",
                        "birth_month": date(1970, 1, 1),
                        "occupation_group": "Vård",
                        "fte_agreed": 75.0 if is_part_time else 100.0,
                    }
                )
    made = Store(settings)
    load(made, rows)
    build_core(made, settings)
    compute(made, settings, themes=["workforce", "gender_equality"])
    return made


def hidden_departments(gated: Gated) -> tuple[set[str], str]:
    """The departments that are hidden in October, and the status of the whole."""
    own = {"figure": "full_time_share", "period": "2026-10"}
    departments = picked(gated, **own, breakdown="department")
    (whole,) = picked(gated, **own, breakdown="total")
    return {row["department"] for row in departments if row["status"] == HIDDEN}, whole["status"]


def test_what_two_hidden_departments_come_to_tells_nothing_of_one_who_came(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In April 4 of 8 in the small departments worked full time, in October 4 of 9: the new one works part time."""
    store = half_a_year_apart(settings)
    through(store, settings, -3)
    hidden, whole = hidden_departments(through(store, settings, 3))
    assert {"D1", "D2"} < hidden or whole == HIDDEN
    # Without the comparison only the two are hidden, and the whole less the others tells what they come to.
    monkeypatch.setattr(Timeline, "unsafe_sums", lambda *_: frozenset())
    monkeypatch.setattr(gate, "LEDGER", "ledger of another")
    through(store, settings, -3)
    assert hidden_departments(through(store, settings, 3)) == ({"D1", "D2"}, SHOWN)


def test_same_raw_same_catalogue_same_ledger_same_release(store: Store, settings: Settings) -> None:
    told: list[tuple[date, int]] = []
    at_once = through(store, settings, 3, told)
    assert len(at_once.audited) == 3
    # A first history begins with what people look at most.
    assert told == [(date(2026, 10, 31), 2), (date(2026, 9, 30), 1), (date(2026, 8, 31), 0)]
    assert [one["period_end"] for one in at_once.records] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    assert through(store, settings, 3).cells.equals(at_once.cells)


def test_a_failed_audit_lets_nothing_out(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = gate.protect_population

    def failing(population: Any, before: Any) -> Any:
        made = honest(population, before)
        line = sorted(population.needs())[0]
        verdict = Verdict((line,), (Finding(line, Interval(3.0, 3.0)),), made.verdict.intervals)
        return type(made)(made.shown, verdict, 0)

    monkeypatch.setattr(gate, "protect_population", failing)
    with pytest.raises(GateClosedError, match="failed and nothing more could be hidden; tables") as closed:
        through(store, settings, 1)
    assert closed.value.tables
    assert {figure for figure, _ in closed.value.tables} <= set(FIGURES)
    # It says which tables and why, and never a value or a group.
    assert "3.0" not in str(closed.value)
    assert not any((settings.home / gate.LEDGER).glob("*/*/decided.parquet"))


def test_a_hidden_sum_that_is_not_safe_lets_nothing_out_and_names_its_table(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = half_a_year_apart(settings)
    through(store, settings, -3)
    honest = gate.protect_population

    def failing(population: Any, before: Any) -> Any:
        made = honest(population, before)
        lines = [line for line, _ in population.untold]
        findings = tuple(Finding(line, Interval(3.0, 3.0)) for line in lines)
        return replace(made, verdict=replace(made.verdict, findings=findings))

    monkeypatch.setattr(gate, "protect_population", failing)
    with pytest.raises(GateClosedError) as closed:
        through(store, settings, 3)
    assert closed.value.tables == (("full_time_equivalents", "department"), ("full_time_share", "department"))


def test_an_audit_that_cannot_be_made_lets_nothing_out(
    store: Store, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(population: Any, before: Any) -> Any:
        raise ProgramError("the linear program ended as Infeasible")

    monkeypatch.setattr(gate, "protect_population", broken)
    with pytest.raises(GateClosedError, match="could not be made"):
        through(store, settings, 1)
    assert not any((settings.home / gate.LEDGER).glob("*/*/decided.parquet"))


def test_a_figure_that_is_not_understood_is_withheld(store: Store, settings: Settings) -> None:
    with store.read() as con:
        cells = con.sql(
            "SELECT * FROM figures.cell WHERE figure = 'full_time_share' AND period = '2026-08'"
        ).pl()
        wrong = cells.with_columns(n=pl.col("n") + 1)
        gated = release_gate(con, wrong, catalogue(), settings)
    assert gated.records[0]["not_understood"] == ["full_time_share"]
    assert set(gated.cells["status"]) == {HIDDEN}
