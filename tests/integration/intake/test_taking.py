"""What bad input gets: an error or a quarantine row that names file, line, column and rule, and the last good data stay."""

from __future__ import annotations

import io
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from pipelines.intake.identities import KeyMissingError
from tests.integration.intake.conftest import HEADINGS as NAMES
from tests.integration.intake.conftest import Town, csv, people
from warehouse.settings import SettingsError

GOOD = "hr_2026-09_lev2026-10-03.csv"
NEXT = "hr_2026-10_lev2026-11-03.csv"


def refused(town: Town, name: str, content: bytes) -> Any:
    """Take a good month, then the bad file; the good month must stand as it was."""
    town.deliver(GOOD, people())
    town.take()
    before = town.rows()
    town.deliver(name, content)
    (result,) = town.take()
    assert (result.status, result.file_name) == ("refused", name)
    assert result.reason is not None
    assert town.rows() == before
    assert town.take() == []
    assert town.account()["closes"]
    logged = town.query(
        f"SELECT status, reason_id, reason, reason_sv FROM log.delivery WHERE file_name = '{name}'"
    )
    assert logged == [("refused", result.reason.id, result.reason.en, result.reason.sv)]
    return result


def test_a_good_delivery_is_loaded_with_its_identities_replaced(town: Town) -> None:
    town.deliver(GOOD, people())
    (result,) = town.take()

    assert (result.status, result.rows_delivered, result.rows_loaded, result.months) == (
        "loaded",
        10,
        10,
        (date(2026, 9, 1),),
    )
    row = town.query(
        "SELECT month, birth_month, sex, department_code, fte_agreed, monthly_pay, pay_form, is_linked, row_number"
        " FROM raw.hr_employment ORDER BY row_number"
    )[0]
    assert row == (date(2026, 9, 1), date(1958, 1, 1), "K", "Skola", 75.5, 30000.5, "manadsavlonad", True, 2)
    assert town.take() == []


def test_no_number_in_clear_is_left_anywhere(town: Town) -> None:
    bad = people()
    bad[3]["Lön"] = "-5"
    bad[4]["Personnummer"] = "195801082744"
    town.deliver(GOOD, bad)
    town.take()

    home = town.settings.home
    stored = [path for path in home.rglob("*") if path.is_file()]
    assert len(stored) >= 4
    for path in stored:
        content = path.read_bytes()
        assert not any(
            number.encode() in content or number[2:].encode() in content
            for number in [row["Personnummer"] for row in bad]
        ), path
        assert path.stat().st_mode & 0o077 == 0, path


def test_a_cut_off_workbook(town: Town) -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, NAMES)
    data = buffer.getvalue()
    result = refused(town, "hr_2026-10_lev2026-11-03.xlsx", data[: len(data) * 2 // 3])

    assert result.reason.id == "unreadable"


def test_a_missing_column_is_named(town: Town) -> None:
    result = refused(town, NEXT, csv(people(), headings=[name for name in NAMES if name != "Grad"]))

    assert result.reason.en.startswith("Columns are missing in the file: Grad (fte_agreed).")


def test_a_wrong_encoding_is_refused_and_never_loaded_as_other_letters(town: Town) -> None:
    result = refused(town, NEXT, ";".join(NAMES).encode("utf-16"))

    assert "UTF-16" in result.reason.sv


def test_an_empty_file_and_one_without_rows(town: Town) -> None:
    assert refused(town, NEXT, b"").reason.id == "empty_file"


def test_headings_without_rows(town: Town) -> None:
    assert refused(town, NEXT, csv([])).reason.id == "no_rows"


def test_half_of_a_months_rows(town: Town) -> None:
    result = refused(town, NEXT, csv(people(5)))

    assert result.reason.en.startswith(
        "2026-10 has 5 rows against 10 in 2026-09: the difference is over 25 %."
    )


def test_too_many_bad_rows_refuse_the_whole_delivery_and_name_a_line(town: Town) -> None:
    bad = people()
    for row in bad[2:8]:
        row["Lön"] = "-1"
    result = refused(town, NEXT, csv(bad))

    assert "rule too_low, column monthly_pay, 6 rows, for example row 4" in result.reason.en


def test_bad_rows_name_file_line_column_and_rule_and_the_good_ones_go_on(town: Town) -> None:
    bad = people(12)
    bad[1]["Lön"] = "-30 000,00"
    bad[3]["Grad"] = "heltid"
    bad[5]["Personnummer"] = "195810302869"
    bad[8]["Anst.nr"] = bad[6]["Anst.nr"]
    town.deliver(GOOD, bad)
    (result,) = town.take()

    assert (result.status, result.rows_loaded, result.rows_quarantined) == ("loaded", 7, 5)
    assert town.quarantine() == [
        (GOOD, 3, "monthly_pay", "too_low"),
        (GOOD, 5, "fte_agreed", "not_a_number"),
        (GOOD, 7, "person_id", "not_a_personnummer"),
        (GOOD, 8, "employment_id", "duplicate_key"),
        (GOOD, 10, "employment_id", "duplicate_key"),
    ]
    assert town.account() == {
        "contract": "hr_employment", "delivered": 12, "loaded": 7, "superseded": 0, "quarantined": 5, "refused": 0, "repeats": 0,
        "closes": True,
    }  # fmt: skip


def test_a_line_that_is_cut_off_goes_to_quarantine(town: Town) -> None:
    town.deliver(GOOD, csv(people())[:-22])
    town.take()

    assert (GOOD, 11, "*", "number_of_fields") in town.quarantine()


def test_a_corrected_month_replaces_the_month_and_an_older_one_never_does(town: Town) -> None:
    corrected = people()
    corrected[0]["Lön"] = "31 000,00"
    town.deliver("hr_2026-09_lev2026-10-20.csv", corrected)
    town.take()
    rows = town.rows()
    town.deliver(GOOD, people())
    (late,) = town.take()

    assert late.status == "loaded"
    assert town.rows() == rows
    assert town.account() | {"superseded": 10, "loaded": 10, "closes": True} == town.account()


def test_the_same_content_under_another_name_is_a_repeat(town: Town) -> None:
    town.deliver(GOOD, people())
    town.deliver("hr_2026-09_lev2026-10-03 kopia.csv", people())
    results = town.take()

    assert [result.status for result in results] == ["loaded", "repeat"]
    assert town.account() | {"delivered": 20, "loaded": 10, "repeats": 10, "closes": True} == town.account()


def test_two_months_with_the_same_bytes_are_two_deliveries(town: Town) -> None:
    town.deliver(GOOD, people())
    town.deliver(NEXT, people())

    assert [result.status for result in town.take()] == ["loaded", "loaded"]
    assert town.query("SELECT month, COUNT(*) FROM raw.hr_employment GROUP BY month ORDER BY month") == [
        (date(2026, 9, 1), 10),
        (date(2026, 10, 1), 10),
    ]


def test_taking_a_correction_back_by_delivering_the_first_file_again(town: Town) -> None:
    town.deliver(GOOD, people())
    town.take()
    first = town.rows()
    corrected = people()
    corrected[0]["Lön"] = "31 000,00"
    town.deliver("hr_2026-09_lev2026-10-20.csv", corrected)
    town.take()
    town.deliver("hr_2026-09_lev2026-10-25.csv", people())
    town.take()

    assert town.rows() == first


def test_a_changed_mapping_reads_the_files_again_and_changed_back_gives_the_first_reading(town: Town) -> None:
    town.deliver(GOOD, people())
    town.take()
    first = town.rows()
    other = town.with_mapping(
        columns=town.settings.sources["hr"].mapping["columns"] | {"pay_form": {"value": "timavlonad"}}
    )
    (again,) = other.take()

    assert again.status == "loaded"
    assert {row[0] for row in town.query("SELECT DISTINCT pay_form FROM raw.hr_employment")} == {"timavlonad"}
    assert town.take() == []
    assert town.rows() == first


def test_a_month_that_a_wrong_mapping_named_goes_when_the_mapping_is_corrected(town: Town) -> None:
    town.deliver(GOOD, people())
    by_delivery = town.with_mapping(month={"file_name": r"lev(?P<year>\d{4})-(?P<month>\d\d)"})
    by_delivery.take()
    months = "SELECT DISTINCT month FROM raw.hr_employment ORDER BY 1"
    assert town.query(months) == [(date(2026, 10, 1),)]
    town.take()
    assert town.query(months) == [(date(2026, 9, 1),)]
    assert town.account()["closes"]
    by_delivery.take()
    assert town.query(months) == [(date(2026, 10, 1),)]


def test_a_refusal_for_size_is_judged_again_when_the_month_before_it_or_the_limit_changes(town: Town) -> None:
    town.deliver(GOOD, people(5))
    town.take()
    town.deliver(NEXT, people())
    assert [result.status for result in town.take()] == ["refused"]
    town.deliver("hr_2026-09_lev2026-10-20.csv", people())
    results = {result.file_name: result.status for result in town.take()}

    # The corrected September comes first; October, refused against five rows, is judged against ten.
    assert results == {"hr_2026-09_lev2026-10-20.csv": "loaded", NEXT: "loaded"}
    assert town.account()["refused"] == 0


def test_only_deliveries_of_the_wanted_months_are_taken(town: Town) -> None:
    town.deliver(GOOD, people())
    town.deliver(NEXT, people())

    assert [result.file_name for result in town.take(months={date(2026, 10, 1)})] == [NEXT]
    assert [result.file_name for result in town.take()] == [GOOD]


def test_links_devices_and_folders_are_refused_and_told_once(town: Town) -> None:
    town.deliver("real.csv.part", people())
    (town.folder / NEXT).symlink_to(town.folder / "real.csv.part")
    os.mkfifo(town.folder / "hr_2026-08_lev2026-09-03.csv")
    results = town.take()

    assert [(result.status, result.reason.id) for result in results if result.reason] == [
        ("refused", "not_a_regular_file")
    ] * 2
    assert town.take() == []


def test_the_delivered_file_is_never_altered(town: Town) -> None:
    path = town.deliver(GOOD, people())
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    town.take()

    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_an_export_without_a_person_key_keeps_identical_rows_and_links_nobody(town: Town) -> None:
    columns = {
        name: column
        for name, column in town.settings.sources["hr"].mapping["columns"].items()
        if name not in ("person_id", "employment_id")
    }
    missing = dict.fromkeys(("person_id", "employment_id", "sex", "birth_date"), "Finns inte.")
    town = town.with_mapping(
        columns={name: column for name, column in columns.items() if name not in missing},
        not_delivered=town.settings.sources["hr"].mapping["not_delivered"] | missing,
    )
    town.deliver(GOOD, [people()[0]] * 10)
    (result,) = town.take()

    assert result.rows_loaded == 10
    assert town.query(
        "SELECT COUNT(DISTINCT person_key), COUNT(DISTINCT employment_key), BOOL_OR(is_linked) FROM raw.hr_employment"
    ) == [(10, 10, False)]


def test_a_source_without_folder_or_files_is_told_without_stopping(town: Town) -> None:
    (result,) = town.take()
    assert (result.status, result.reason and result.reason.id) == ("refused", "no_files")
    town.folder.rmdir()
    (result,) = town.take()
    assert (result.status, result.reason and result.reason.id) == ("refused", "no_folder")


def test_without_a_key_nothing_is_read(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORDEL_KEY")
    town.deliver(GOOD, people())
    with pytest.raises(KeyMissingError):
        town.take()
    assert town.rows() == []


def test_a_wrong_mapping_is_an_error_of_the_settings(town: Town) -> None:
    with pytest.raises(SettingsError, match=r"sources\.hr\.mapping\.month"):
        town.with_mapping(month=None).take()


def test_columns_that_nobody_asked_for_are_listed_and_not_loaded(town: Town) -> None:
    rows = [row | {"Namn": "Blindprov, Elsa"} for row in people()]
    town.deliver(GOOD, csv(rows, headings=[*NAMES, "Namn"]))
    town.take()

    assert town.query("SELECT ignored_columns FROM log.delivery") == [(["Namn"],)]
    assert not any(
        b"Blindprov" in path.read_bytes() for path in town.settings.home.rglob("*") if path.is_file()
    )


def test_what_is_not_delivered_is_in_the_log(town: Town) -> None:
    town.deliver(GOOD, people())
    town.take()

    ((missing,),) = town.query("SELECT missing_columns FROM log.delivery")
    assert "management_level" in missing
    assert not {"sex", "fte_agreed", "month"} & set(missing)


def test_a_month_that_has_not_begun_is_refused(town: Town) -> None:
    town.deliver("hr_2999-01_lev2026-10-03.csv", people())
    (result,) = town.take()

    assert result.reason is not None
    assert result.reason.id == "future_month"


def test_a_time_of_delivery_that_has_not_come_is_now(town: Town) -> None:
    corrected = people()
    corrected[0]["Lön"] = "31 000,00"
    for name, rows in (
        ("hr_2026-09_lev2999-12-31.csv", people()),
        ("hr_2026-09_lev2999-01-01.csv", corrected),
    ):
        town.deliver(name, rows)
        town.take()
    assert town.query("SELECT monthly_pay FROM raw.hr_employment WHERE row_number = 2") == [(31000.0,)]
    # Nor does it let a month in that has not begun.
    town.deliver("hr_2998-01_lev2999-12-31.csv", people())
    (result,) = town.take()
    assert result.reason is not None
    assert result.reason.id == "future_month"


def test_progress_is_told_file_by_file(town: Town, tmp_path: Path) -> None:
    town.deliver(GOOD, people())
    town.deliver(NEXT, people())
    told: list[str] = []
    town.take(progress=lambda result: told.append(result.file_name))

    assert told == [GOOD, NEXT]
