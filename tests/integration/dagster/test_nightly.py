"""The job `nightly` on a small example municipality: a real run, in this process, on a real instance."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb

from assets.definitions import assemble
from assets.instance import open_instance
from assets.running import Run, run_nightly
from tests.fixtures.homes import MONTHS, write_settings
from warehouse.release import list_releases, open_current, read_status
from warehouse.settings import Settings, read_settings

# A personnummer of any shape, and the beginning of a pseudonym (32 hexadecimal digits).
PERSONNUMMER = re.compile(rb"\b(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}\b")


def test_first_night_publishes(first_night: tuple[Settings, Run]):
    settings, run = first_night
    status = read_status(settings.releases)
    assert run.is_success, (run.failures, status)
    release = open_current(settings.releases)
    assert release is not None
    assert release.manifest["as_of"] == "2026-10-31"
    assert status["run"]["outcome"] == "published"
    assert status["run"]["id"] == run.id
    assert {check["severity"] for check in release.quality["checks"]} == {"error", "warning"}
    assert all(line["closes"] for line in release.quality["accounting"])


def test_second_night_changes_nothing(installation: Settings):
    before = open_current(installation.releases)
    run = run_nightly(installation)
    after = open_current(installation.releases)
    assert run.is_success
    assert before is not None
    assert after is not None
    assert before.id == after.id
    assert list_releases(installation.releases) == [before.id]
    assert read_status(installation.releases)["run"]["outcome"] == "unchanged"


def test_exactly_the_months_that_came_are_marked(first_night: tuple[Settings, Run]):
    settings, _ = first_night
    with open_instance(settings) as instance:
        marked = instance.get_materialized_partitions(dg.AssetKey("hr_employment"))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        stored = {
            str(month) for (month,) in con.execute("SELECT DISTINCT month FROM raw.hr_employment").fetchall()
        }
    assert marked == stored
    assert len(marked) == MONTHS


def test_a_range_of_months_takes_only_what_touches_them(tmp_path: Path, seed_ledger: Callable[[Path], None]):
    settings = read_settings(write_settings(tmp_path))
    seed_ledger(settings.home)
    run = run_nightly(settings, (date(2026, 8, 1), date(2026, 9, 1)))
    assert run.is_success, (run.failures, read_status(settings.releases))
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        stored = [
            f"{month:%Y-%m}"
            for (month,) in con.execute("SELECT DISTINCT month FROM raw.hr_employment ORDER BY 1").fetchall()
        ]
    assert {"2026-08", "2026-09"} <= set(stored)
    assert len(stored) < MONTHS
    with open_instance(settings) as instance:
        assert instance.get_materialized_partitions(dg.AssetKey("hr_employment")) == {
            "2026-08-01",
            "2026-09-01",
        }


def test_no_person_in_what_dagster_keeps(first_night: tuple[Settings, Run]):
    """Event log, run storage, logs: neither a personnummer nor a pseudonym."""
    settings, _ = first_night
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        rows = con.execute(
            "SELECT DISTINCT person_key FROM raw.hr_employment UNION SELECT DISTINCT employment_key FROM raw.hr_employment"
        ).fetchall()
    pseudonyms = {key.encode() for (key,) in rows}
    assert len(pseudonyms) > 300
    files = [
        path
        for folder in (settings.dagster_home, settings.home / "logs")
        for path in folder.rglob("*")
        if path.is_file()
    ]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert not PERSONNUMMER.search(content), path
        found = {word for word in re.findall(rb"[0-9a-f]{32}", content) if word in pseudonyms}
        assert not found, path


def test_storage_is_where_it_belongs_and_in_order(first_night: tuple[Settings, Run]):
    """Everything a run writes is under its home; every run ended."""
    settings, run = first_night
    with sqlite3.connect(settings.dagster_home / "history" / "runs.db") as con:
        runs = con.execute("SELECT run_id, status FROM runs").fetchall()
    assert runs == [(run.id, "SUCCESS")]
    assert {path.name for path in settings.home.parent.iterdir()} == {"fordel.yaml", "home"}


def test_an_implausible_month_stops_the_release_and_keeps_stopping_it(installation: Settings):
    """A blocking check blocks its own run only; the release asks what stands failed, so no later run publishes either."""
    before = open_current(installation.releases)
    assert before is not None
    with duckdb.connect(str(installation.warehouse)) as con:
        con.execute(
            "UPDATE raw.hr_employment SET monthly_pay_fte = monthly_pay_fte * 12 WHERE month = DATE '2026-10-01'"
        )
    for _ in range(2):
        run = run_nightly(installation)
        assert not run.is_success
        after = open_current(installation.releases)
        assert after is not None
        assert after.id == before.id
        status = read_status(installation.releases)
        assert status["run"]["outcome"] == "failed"
        assert any("Medellönen" in problem["sv"] for problem in status["problems"])
    definitions = assemble(installation)
    with open_instance(installation) as instance:
        alone = dg.materialize(
            [*(definitions.assets or [])],  # type: ignore[list-item]
            selection="release",
            instance=instance,
            resources=definitions.resources,
            raise_on_error=False,
        )
    assert not alone.success
