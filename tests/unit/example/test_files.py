"""The exports: as payrolls write them, the same bytes every time, with the faults that are promised."""

from __future__ import annotations

import hashlib
import io
import zipfile
from datetime import date
from pathlib import Path

import fastexcel
import polars as pl
import pytest
from personnummer.personnummer import valid

from pipelines.example import faults
from pipelines.example.calibration import persons
from pipelines.example.faults import deliveries
from pipelines.example.files import content, path_of
from pipelines.example.municipality import Municipality
from pipelines.example.parameters import Parameters, parameters
from pipelines.example.writing import write_example
from warehouse.servers import READY_CONTRACTS
from warehouse.settings import Example, Settings, SettingsError, read_settings

ROOT = Path(__file__).resolve().parents[3]
Delivered = dict[tuple[str, int], list[faults.Delivery]]
SMALL = {"size": 300, "months": 14}


def settings(home: Path, **stated: object) -> Settings:
    return Settings(
        home=home, example=Example.model_validate({**SMALL, "ends": date(2024, 12, 31), **stated})
    )


def bytes_in(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "stamp.json"
    }


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    write_example(settings(home))
    return home / "example"


def test_every_kind_of_file_is_there(written: Path) -> None:
    kinds = {path.suffix for path in (written / "hr_employment").iterdir()}
    assert kinds == {".csv", ".parquet", ".ndjson", ".xlsx"}


def test_csv_is_written_as_payrolls_write_it(written: Path) -> None:
    raw = (written / "hr_employment/personal_2024-12_levererad_2025-01-03.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")
    lines = raw.decode("cp1252").split("\r\n")
    assert lines[0].startswith("Personnummer;Namn;Anställningsnummer;Födelsedatum;Kön;")
    fields = dict(zip(lines[0].split(";"), lines[1].split(";"), strict=True))
    assert "\u00a0" in fields["Heltidslön"]
    assert fields["Heltidslön"].endswith(",00")
    assert date.fromisoformat(fields["Födelsedatum"]).year > 1950


def test_headings_change_between_years(written: Path) -> None:
    first, last = ((written / "hr_employment" / name).read_bytes().decode("cp1252").split("\r\n")[0] for name in (
        "personal_2023-11_levererad_2023-12-03.csv", "personal_2024-12_levererad_2025-01-03.csv"))  # fmt: skip
    assert "Pers.nr" in first
    assert "Pers.nr" not in last


def test_excel_holds_the_same_rows(written: Path) -> None:
    file = next((written / "hr_employment").glob("*.xlsx"))
    sheet = fastexcel.read_excel(file.read_bytes()).load_sheet(0).to_polars()
    assert sheet.height > 300
    assert sheet["Heltidslön"].dtype == pl.Float64
    assert sheet.columns[0] == "Personnummer"
    # The time of making is a part of the file: the day of delivery, not the day on which the test runs.
    made = zipfile.ZipFile(file).read("docProps/core.xml").decode()
    assert made.count(file.stem[-10:]) == 2


def test_the_same_parameters_give_the_same_bytes(written: Path, tmp_path: Path) -> None:
    write_example(settings(tmp_path))
    assert bytes_in(tmp_path / "example") == bytes_in(written)


def test_a_second_time_writes_nothing(written: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in written.rglob("*")}
    again = write_example(settings(written.parent))
    assert (again.files, again.is_new) == (0, False)
    assert {path: path.stat().st_mtime_ns for path in written.rglob("*")} == before


def test_what_was_removed_is_written_again(tmp_path: Path) -> None:
    write_example(settings(tmp_path))
    before = bytes_in(tmp_path / "example")
    (tmp_path / "example/hr_employment/personal_2024-02_levererad_2024-03-03.csv").unlink()
    assert write_example(settings(tmp_path)).files == 1
    assert bytes_in(tmp_path / "example") == before


def test_a_killed_run_leaves_nothing_that_counts(tmp_path: Path) -> None:
    write_example(settings(tmp_path))
    before = bytes_in(tmp_path / "example")
    (tmp_path / "example/stamp.json").unlink()
    (tmp_path / "example/hr_employment/.personal_2024-02.part").write_bytes(b"half")
    write_example(settings(tmp_path))
    assert bytes_in(tmp_path / "example") == before


def test_when_a_month_has_become_full_only_it_is_written(tmp_path: Path) -> None:
    open_ended = settings(tmp_path, ends=None)
    write_example(open_ended, today=date(2025, 1, 10))
    before = bytes_in(tmp_path / "example")
    later = write_example(open_ended, today=date(2025, 2, 1))
    after = bytes_in(tmp_path / "example")
    # One file of employments and one of absence; the other subjects come whole each time, as of the new month.
    assert later.files == 2 + len(READY_CONTRACTS)
    assert {name: after[name] for name in before} == before
    assert {name for name in after if name not in before} == {
        "hr_absence/franvaro_2025-01_levererad_2025-02-03.csv",
        "hr_employment/personal_2025-01_levererad_2025-02-03.csv",
        *(f"{contract}/{contract}_2025-02-05.parquet" for contract in READY_CONTRACTS),
    }


@pytest.mark.parametrize("change", [{"seed": 5}, {"size": 500}, {"months": 20}, {"ends": date(2024, 11, 1)}])
def test_a_home_holds_one_municipality(written: Path, change: dict[str, object]) -> None:
    with pytest.raises(SettingsError, match="FORDEL_HOME"):
        write_example(settings(written.parent, **change))


def test_switched_off_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="not switched on"):
        write_example(Settings(home=tmp_path))


def test_progress_is_told(tmp_path: Path) -> None:
    heard: list[float] = []
    write_example(settings(tmp_path), progress=lambda words, share: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == 1


FAULTY = Parameters(size=600, first=2023 * 12, months=36, calibrated=2025 * 12 + 10, seed=9)


@pytest.fixture(scope="module")
def delivered() -> Delivered:
    return {
        (contract, month.number - FAULTY.first): deliveries(contract, frame, month.number, FAULTY)
        for month in Municipality(FAULTY).months()
        for contract, frame in (("hr_employment", month.employment), ("hr_absence", month.absence))
    }


def test_a_month_comes_late(delivered: Delivered) -> None:
    assert delivered["hr_employment", 7][0].delivered == date(2023, 10, 3)
    assert delivered["hr_employment", 6][0].delivered == date(2023, 8, 3)


def test_a_month_is_corrected(delivered: Delivered) -> None:
    first, second = delivered["hr_employment", 9]
    assert second.delivered > first.delivered
    assert second.rows.height == first.rows.height + 3
    both = first.rows.join(second.rows, on="employment_id")
    assert both.filter(pl.col("monthly_pay") != pl.col("monthly_pay_right")).height >= 2
    assert len(delivered["hr_absence", 15]) == 2


@pytest.mark.parametrize(
    ("contract", "months", "bad", "rows"),
    [
        ("hr_employment", faults.NEGATIVE_PAY, pl.col("monthly_pay") < 0, 1),
        ("hr_employment", faults.UNKNOWN_SEX, pl.col("sex") == "X", 1),
        ("hr_employment", faults.WRONG_NUMBER, pl.col("employment_id") == "90000002", 1),
        ("hr_employment", faults.TWICE, pl.col("employment_id").is_duplicated(), 2),
        ("hr_employment", faults.NEGATIVE_SUPPLEMENT, pl.col("variable_pay_fte") < 0, 1),
        ("hr_absence", faults.WRONG_ORDER, pl.col("spell_end") < pl.col("spell_start"), 1),
        ("hr_absence", faults.TOO_MUCH, pl.col("extent") > 100, 1),
    ],
)
def test_broken_rows_are_in_their_months_and_nowhere_else(
    delivered: Delivered, contract: str, months: tuple[int, ...], bad: pl.Expr, rows: int
) -> None:
    found = {
        at: file[0].rows.filter(bad).height for (name, at), file in delivered.items() if name == contract
    }
    strangers = {*faults.NEGATIVE_PAY, *faults.UNKNOWN_SEX}
    if months == faults.WRONG_NUMBER:
        found = {at: count for at, count in found.items() if at not in strangers}
    assert {at for at, count in found.items() if count} == set(months)
    assert {found[at] for at in months} == {rows}


def test_the_wrong_number_has_a_wrong_check_digit(delivered: Delivered) -> None:
    rows = delivered["hr_employment", faults.WRONG_NUMBER[0]][0].rows
    assert rows.filter(
        ~pl.col("person_id").map_elements(valid, pl.Boolean) & pl.col("person_id").str.len_chars().eq(12)
    )["employment_id"].to_list() == ["90000002"]


def test_the_calibrated_november_has_no_fault(delivered: Delivered) -> None:
    november = delivered["hr_employment", FAULTY.calibrated - FAULTY.first]
    assert len(november) == 1
    assert persons(november[0].rows).filter("is_monthly").height == 600


def test_no_fault_falls_on_the_calibrated_november_wherever_the_run_begins() -> None:
    for calibrated in range(13):
        run = Parameters(size=300, first=2024 * 12, months=13, calibrated=2024 * 12 + calibrated, seed=9)
        months = list(Municipality(Parameters(300, 2024 * 12, 13, 2024 * 12 + 10, 9)).months())[calibrated:][
            :1
        ]
        for month in months:
            found = deliveries("hr_employment", month.employment, month.number, run)
            assert [each.rows.height for each in found] == [month.employment.height]


def test_the_default_settings_read_what_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORDEL_HOME", str(tmp_path))
    stated = read_settings(ROOT / "fordel.yaml")
    assert stated.example == Example()
    assert {source.contract for source in stated.sources.values()} == {"hr_employment", "hr_absence"}
    for source in stated.sources.values():
        assert source.path == tmp_path / "example" / source.contract


def test_parameters_end_with_the_last_full_month() -> None:
    run = parameters(Example(), date(2026, 11, 3))
    assert (run.last // 12, run.last % 12 + 1) == (2026, 10)
    assert (run.calibrated // 12, run.calibrated % 12 + 1) == (2025, 11)
    assert parameters(Example(ends=date(2022, 12, 5)), date(2026, 1, 1)).calibrated == 2022 * 12 + 10


def test_large_files_are_not_excel() -> None:
    run = Parameters(size=400, first=2024 * 12, months=13, calibrated=2024 * 12 + 10, seed=9)
    month = list(Municipality(run).months())[10]
    usual = deliveries("hr_employment", month.employment, month.number, run)[0]
    large = faults.Delivery(usual.month, usual.delivered, pl.concat([usual.rows] * 60))
    assert path_of("hr_employment", usual, run).endswith(".xlsx")
    assert path_of("hr_employment", large, run).endswith(".csv")
    assert pl.read_parquet(io.BytesIO(content("hr_employment", usual, "parquet"))).height == usual.rows.height
