"""Hostile and broken files: whatever comes, the caller lives, and says why it was refused."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from pipelines.intake import Taken, sandbox
from tests.fixtures.hostile import (
    GOOD,
    hostile_tables,
    hostile_texts,
    hostile_workbooks,
    odd_but_honest,
    traps,
)
from tests.fixtures.servers.home import Home

MAPPING = {
    "month": {"value": "2026-10-01"},
    "person_numbers": "own",
    "columns": {
        "person_id": "pnr",
        "employment_id": "anst",
        "department_code": "forv",
        "pay_form": {"column": "form", "codes": {"M": "manadsavlonad"}},
        "hire_date": "fran",
    },
    "not_delivered": dict.fromkeys(
        "birth_date sex department_name unit_code unit_name occupation_code occupation_name occupation_group"
        " responsibility_code management_level is_full_time"
        " fte_agreed fte_actual monthly_pay monthly_pay_fte variable_pay_fte ordinary_hours"
        " end_date end_reason has_full_leave previous_person_id work_value_level employment_form".split(),
        "nej",
    ),
}
SECONDS, BYTES = 60, 1024**3
# What is said of each. Which limit stops a swelling file, memory or the parser's own patience, is the machine's business.
REASONS = {
    "zip_bomb.xlsx": "swells",
    "huge_shared_string.xlsx": "swells",
    "last_corner.xlsx": "reader_died unreadable",
    "entities.xlsx": "unreadable",
    "external_entity.xlsx": "unreadable",
    "truncated.xlsx": "unreadable",
    "not_a_zip.xlsx": "unreadable",
    "empty_zip.xlsx": "unreadable",
    "no_sheets.xlsx": "unreadable",
    "wide.xlsx": "too_wide",
    "formulas.xlsx": "bad_rows",
    "garbage.xls": "unreadable",
    "truncated.parquet": "unreadable",
    "bomb.parquet": "reader_died unreadable",
    "csv.parquet": "unreadable",
    "deep.jsonl": "unreadable reader_died",
    "nested.jsonl": "nested",
    "broken.jsonl": "unreadable",
    "workbook.csv": "disguised",
    "pdf.csv": "disguised",
    "gzip.csv": "disguised",
    "binary.csv": "not_text",
    "endless_line.csv": "line_too_long",
    "nul_bytes.csv": "not_text",
    "mixed_encodings.csv": "damaged_letters",
    "utf16.csv": "wrong_encoding",
    "formulas.csv": "bad_rows",
    "wide.csv": "too_wide",
    "doubled_headings.csv": "missing_column",
    "open_quote.csv": "open_quote",
    "empty.csv": "empty_file",
    "only_headings.csv": "no_rows",
    "other_table.csv": "missing_column",
    "program.exe": "unknown_kind",
    "link.csv": "not_a_regular_file",
    "pipe.csv": "not_a_regular_file",
    "device.csv": "not_a_regular_file",
}

READER = b"pipelines.intake.sandbox"


@contextmanager
def watched() -> Iterator[list[int]]:
    """The most memory that any reader has held, looked at every few milliseconds.

    A child that has not become a reader yet still tells the memory of this process.
    """
    peak, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.01):
            # Tasks and children end while they are looked at.
            with suppress(OSError):
                for task in Path("/proc/self/task").iterdir():
                    for child in (task / "children").read_text().split():
                        if READER not in Path(f"/proc/{child}/cmdline").read_bytes():
                            continue
                        status = Path(f"/proc/{child}/status").read_text()
                        found = re.search(r"VmHWM:\s+(\d+) kB", status)
                        peak.append(int(found[1]) * 1024 if found else 0)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def taken_from(folder: Path, home: Path) -> list[Taken]:
    source = {"hr": {"contract": "hr_employment", "path": str(folder), "mapping": MAPPING}}
    return Home(home, {}, sources=source).take("hr_employment")


@pytest.mark.parametrize(
    "make", [hostile_workbooks, hostile_tables, hostile_texts], ids=["workbooks", "tables", "texts"]
)
def test_every_hostile_file_is_refused_with_a_reason_and_the_good_one_is_taken(
    tmp_path: Path, make: Callable[[], dict[str, bytes]]
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    made = make()
    for name, data in made.items():
        (folder / name).write_bytes(data)
    (folder / "good.csv").write_bytes(odd_but_honest()["good.csv"])
    trapped = traps(folder) if make is hostile_texts else []
    # 34 files and 3 traps in all.
    assert len(made) == {"hostile_workbooks": 12, "hostile_tables": 6, "hostile_texts": 16}[make.__name__]
    with watched() as peak:
        taken = {each.file_name: each for each in taken_from(folder, tmp_path / "home")}
    assert set(taken) == {*made, "good.csv", *trapped}
    assert taken.pop("good.csv").rows_loaded == 200
    for name, each in taken.items():
        assert each.status == "refused", name
        assert each.reason is not None
        assert each.reason.id in REASONS[name].split(), (name, each.reason)
        assert each.reason.sv != each.reason.en
        assert "root:" not in each.reason.en, "the content of another file"
        assert each.seconds < SECONDS, name
    assert 0 < max(peak) <= BYTES


@pytest.mark.parametrize("name", odd_but_honest())
def test_an_odd_but_honest_file_is_taken_as_it_is_meant(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(odd_but_honest()[name])
    source = {"hr": {"contract": "hr_employment", "path": str(folder), "mapping": MAPPING}}
    home = Home(tmp_path / "home", {}, sources=source)
    (each,) = home.take("hr_employment")
    assert (each.status, each.rows_loaded, each.rows_quarantined) == ("loaded", 200, 0)
    assert home.rows(
        "SELECT CAST(MIN(hire_date) AS VARCHAR), CAST(MAX(hire_date) AS VARCHAR) FROM raw.hr_employment"
    ) == [("2020-01-01", "2020-01-27")]


def test_a_file_whose_reading_was_stopped_is_tried_again_the_next_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may have been the machine's fault: short of time or memory that night."""
    source = {"hr": {"contract": "hr_employment", "path": str(tmp_path / "in"), "mapping": MAPPING}}
    home = Home(tmp_path / "home", {}, sources=source)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "personal.csv").write_text(GOOD)
    with monkeypatch.context() as short:
        short.setattr(sandbox, "SECONDS_BASE", 0.0)
        (first,) = home.take("hr_employment")
        assert first.reason is not None
        assert (first.status, first.reason.id) == ("refused", "reader_died")
        (still,) = home.take("hr_employment")
        assert still.status == "refused"
    (second,) = home.take("hr_employment")
    assert (second.status, second.rows_loaded) == ("loaded", 200)
    assert home.take("hr_employment") == []
