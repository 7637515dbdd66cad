"""The command line as people and scripts meet it: a process, its output, its exit code."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.homes import command, environment, fordel, write_settings
from warehouse.release import open_current
from warehouse.settings import read_settings
from warehouse.store import Store


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory, seed_ledger: Callable[[Path], None]) -> Path:
    """An installation that was refreshed once."""
    file = write_settings(tmp_path_factory.mktemp("cli"))
    seed_ledger(file.parent / "home")
    done = fordel(file, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Published release "), done.stdout
    assert "hr_employment" in done.stdout
    assert not done.stderr, done.stderr
    return file


def test_second_refresh_says_nothing_new(settings: Path):
    done = fordel(settings, "refresh")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("Nothing new: release ")
    assert not done.stderr


def test_two_homes_do_not_touch(settings: Path, tmp_path: Path, seed_ledger: Callable[[Path], None]):
    before = {
        path: path.stat().st_mtime_ns for path in (settings.parent / "home").rglob("*") if path.is_file()
    }
    other = tmp_path / "other"
    seed_ledger(other)
    done = fordel(settings, "refresh", "--from", "2026-08", "--to", "2026-09", FORDEL_HOME=str(other))
    assert done.returncode == 0, done.stdout + done.stderr
    assert open_current(other / "releases") is not None
    after = {
        path: path.stat().st_mtime_ns for path in (settings.parent / "home").rglob("*") if path.is_file()
    }
    assert before == after


def test_what_cannot_be_done_is_told_in_one_sentence(tmp_path: Path):
    file = write_settings(tmp_path, dagster={"storage": "postgres"})
    store = Store(read_settings(file))
    with store.alone():
        busy = fordel(file, "sources")
    for done, code, word in (
        (busy, 1, "another run holds the warehouse"),
        (fordel(file, "refresh"), 2, "FORDEL_DAGSTER_DATABASE"),
        (fordel(file, "report"), 1, "no release"),
    ):
        assert done.returncode == code, done.stderr
        (line,) = done.stderr.splitlines()
        assert line.startswith("fordel: ")
        assert word in line


def test_show_as_json(settings: Path):
    done = fordel(settings, "show", "women_share", "--format", "json")
    (total,) = json.loads(done.stdout)
    assert total["group"] == {}
    assert total["period"] == "2026-10"
    assert 60 < total["value"] < 90
    assert total["value"] == pytest.approx(100 * total["numerator"] / total["denominator"])
    by = json.loads(
        fordel(
            settings, "show", "employees", "--by", "sex,department", "--format", "json", "--period", "2026"
        ).stdout
    )
    assert {cell["breakdown"] for cell in by} == {"sex,department"} or {cell["breakdown"] for cell in by} == {
        "department,sex"
    }
    assert all(set(cell["group"]) == {"sex", "department"} for cell in by)
    hidden = [cell for cell in by if cell["status"] == "hidden"]
    assert hidden, "a municipality of 300 has departments too small to show"
    assert all(cell[name] is None for cell in hidden for name in ("value", "numerator", "denominator", "n"))


def test_show_as_csv_and_table(settings: Path):
    done = fordel(settings, "show", "employees", "--by", "sex", "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert [row["sex"] for row in rows][:2] == ["K", "M"]
    assert float(rows[0]["value"]) > 0
    table = fordel(settings, "show", "women_share").stdout
    assert "Andel kvinnor" in table
    assert re.search(r"\b\d\d,\d\b", table)
    assert "Share of women" in fordel(settings, "show", "women_share", "--lang", "en").stdout


def test_show_answers_at_once(settings: Path):
    """Without Dagster and without Great Expectations."""
    done = subprocess.run(
        [*command(settings, "show", "women_share")[:1], "-X", "importtime", *command(settings, "show", "women_share")[1:]],
        env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {
        line.rpartition("|")[2].strip()
        for line in done.stderr.splitlines()
        if line.startswith("import time:")
    }
    assert not imported & {"dagster", "great_expectations", "pandas", "duckdb", "dash"}
    best = 9.0
    for _ in range(3):
        begun = time.monotonic()
        fordel(settings, "show", "women_share")
        best = min(best, time.monotonic() - begun)
    assert best < 1.5, "half a second on a quiet machine"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "womenshare"], "women_share"),
        (["show", "women_share", "--by", "shoe_size"], "department"),
        (["show", "women_share", "--period", "1999"], "2026-10"),
        (["refresh", "--month", "2026-13"], "2026-09"),
        (["refresh", "--month", "2026-09", "--from", "2026-01"], "--from"),
        (["refresh", "--from", "2026-09", "--to", "2026-01"], "after"),
        (["refresh", "--month", "2999-01"], "has not begun"),
        (["refresh", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["explain", "womenshare"], "women_share"),
    ],
)
def test_a_wrong_call_is_2_and_says_what_is_right(settings: Path, arguments: list[str], told: str):
    done = fordel(settings, *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_wrong_settings_are_2(settings: Path, tmp_path: Path):
    wrong = {
        "unknown key": write_settings(tmp_path / "a", colour="green"),
        "wrong type": write_settings(tmp_path / "b", releases_kept="many"),
        "unknown contract": write_settings(
            tmp_path / "c", sources={"x": {"contract": "hr_shoes", "path": "."}}
        ),
        "no file": tmp_path / "none.yaml",
    }
    for what, file in wrong.items():
        done = (
            fordel(file, "refresh") if file.exists() else fordel(settings, "--settings", str(file), "refresh")
        )
        assert done.returncode == 2, (what, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr


def test_before_the_first_release_everything_says_what_to_do(tmp_path: Path):
    file = write_settings(tmp_path)
    for arguments in (["show", "women_share"], ["check"]):
        done = fordel(file, *arguments)
        assert done.returncode == 1, arguments
        assert "fordel refresh" in done.stdout + done.stderr
    assert fordel(file, "releases").returncode == 0


def test_releases_check_and_explain_tell_of_the_current_release(settings: Path):
    release = open_current(settings.parent / "home" / "releases")
    assert release is not None
    assert f"* {release.id}" in fordel(settings, "releases").stdout
    done = fordel(settings, "check")
    assert release.id in done.stdout
    assert len(done.stdout.splitlines()) == 1
    assert "Sick leave" in fordel(settings, "explain", "sick_leave_share").stdout


def test_a_refused_delivery_is_1_and_the_release_stands(settings: Path, tmp_path: Path):
    shutil.copytree(settings.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    copy = tmp_path / "fordel.yaml"
    before = open_current(tmp_path / "home" / "releases")
    assert before is not None
    source = sorted((tmp_path / "home" / "example" / "hr_employment").glob("personal_2026-10*"))[-1]
    (source.parent / "personal_2026-11_levererad_2026-12-02.csv").write_bytes(b"")
    done = fordel(copy, "refresh")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "personal_2026-11" in done.stdout
    after = open_current(tmp_path / "home" / "releases")
    assert after is not None
    assert after.manifest["as_of"] == before.manifest["as_of"]
