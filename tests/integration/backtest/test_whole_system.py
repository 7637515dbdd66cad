"""The example municipality of December 2022 through the whole system gives what Eslöv has published."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipelines.example.backtest import kolada_ids, main
from pipelines.example.writing import write_example
from pipelines.intake import take
from warehouse.key_figures.catalogue import catalogue
from warehouse.settings import Example, Settings, read_settings
from warehouse.store import Store

ROOT = Path(__file__).resolve().parents[3]


def test_the_back_test_is_within_the_promise(shared_data: Path, tmp_path: Path) -> None:
    report = tmp_path / "backtest.md"
    assert main(shared_data / "kolada/eslov_personnel_1994_2022.csv", report) == 0
    text = report.read_text(encoding="utf-8")
    assert (
        "67 of 68 differences are within the promise; the others are: U00205 men: the example draws" in text
    )
    for line in (
        "| N00053 | 2 290 | 2 290 |",
        "| N00209 | 72.48 | 72.48 |",
        "| N00090 | 5.90 | 5.90 |",
        "| N00239 | 329 | 329 |",
    ):
        assert line in text
    named = {kpi for figure in catalogue().figures.values() for kpi in kolada_ids(figure.model_dump())}
    assert {kpi for kpi in named if f"| {kpi} |" not in text} == set(), "compared, or listed with the reason"


@pytest.mark.parametrize("size", [200, 2924])
def test_intake_takes_every_delivery_and_sets_the_promised_rows_aside(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORDEL_HOME", str(tmp_path))
    stated: Settings = read_settings(ROOT / "fordel.yaml")
    settings = stated.model_copy(update={"example": Example(size=size, ends=date(2022, 12, 31))})
    written = write_example(settings)
    taken = [
        each
        for contract in ("hr_employment", "hr_absence")
        for each in take(settings, Store(settings), contract)
    ]
    of_hr = [
        path for path in written.folder.rglob("*.*") if path.parent.name in ("hr_employment", "hr_absence")
    ]
    assert len(taken) == len(of_hr) == 76
    assert {(each.file_name, each.status) for each in taken if each.status != "loaded"} == set()
    with Store(settings).read() as con:
        quarantined = con.sql(
            "select contract, column_name, count(*) from log.quarantine group by all order by all"
        ).fetchall()
    assert quarantined == [
        ("hr_absence", "extent", 1),
        ("hr_absence", "spell_end", 2),
        ("hr_employment", "employment_id", 4),
        ("hr_employment", "monthly_pay", 2),
        ("hr_employment", "person_id", 2),
        ("hr_employment", "sex", 2),
    ]


def test_names_stay_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORDEL_HOME", str(tmp_path))
    settings = read_settings(ROOT / "fordel.yaml").model_copy(
        update={"example": Example(size=300, months=13, ends=date(2022, 12, 31))}
    )
    write_example(settings)
    for contract in ("hr_employment", "hr_absence"):
        take(settings, Store(settings), contract)
    written = [
        path for path in tmp_path.rglob("*") if path.is_file() and tmp_path / "example" not in path.parents
    ]
    assert written
    for path in written:
        content = path.read_bytes()
        for word in ("Blindprov", "Skenbar", "Låtsas", "SKYDD0000", "Okändström"):
            assert word.encode() not in content, path
