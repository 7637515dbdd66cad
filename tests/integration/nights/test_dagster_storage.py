"""Dagster's history: in PostgreSQL where the settings say so, and only as long as it is to be kept."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from dagster import DagsterRunStatus
from dagster._core.test_utils import create_run_for_test

from assets.instance import StorageMissingError, expire_runs, open_instance, prepare_home
from pipelines.nights.traces import search
from tests.fixtures.homes import fordel, write_settings
from tests.fixtures.postgres import Cluster
from warehouse import clock
from warehouse.release import write_status
from warehouse.settings import DAGSTER_DATABASE, Settings, read_settings
from warehouse.store import Store


def test_dagster_keeps_its_history_in_postgres(
    postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = read_settings(write_settings(tmp_path, dagster={"storage": "postgres"}))
    with pytest.raises(StorageMissingError, match=DAGSTER_DATABASE):
        open_instance(settings)
    monkeypatch.setenv(DAGSTER_DATABASE, postgres.url())
    with open_instance(settings) as instance:
        run = create_run_for_test(instance, job_name="nightly", status=DagsterRunStatus.SUCCESS)
    with open_instance(settings) as instance:
        assert [each.run_id for each in instance.get_runs()] == [run.run_id]
    written = (settings.dagster_home / "dagster.yaml").read_text(encoding="utf-8")
    assert postgres.password not in written, "the password stays in the environment"
    assert yaml.safe_load(written)["storage"]["postgres"]["postgres_url"] == {"env": DAGSTER_DATABASE}
    assert not list(settings.dagster_home.rglob("*.db"))


def lock(settings: Settings) -> None:
    with Store(settings).alone():
        pass


@pytest.mark.parametrize("come", [prepare_home, lock])
def test_whoever_comes_first_makes_a_home_that_is_its_owners_only(
    tmp_path: Path, come: Callable[[Settings], object]
):
    settings = read_settings(write_settings(tmp_path))
    come(settings)
    write_status(settings.releases, {})
    for place in (settings.home, settings.releases):
        assert stat.S_IMODE(place.stat().st_mode) == 0o700, place


def test_old_runs_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    settings = read_settings(write_settings(tmp_path))
    with open_instance(settings) as instance:
        for status in (DagsterRunStatus.SUCCESS, DagsterRunStatus.CANCELED):
            create_run_for_test(instance, job_name="nightly", status=status)
        assert expire_runs(instance, settings) == 0
        monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(days=181))
        assert expire_runs(instance, settings) == 2
        assert instance.get_runs_count() == 0


def test_the_search_for_traces_reads_dagsters_database_too(
    postgres: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    settings = read_settings(write_settings(tmp_path, dagster={"storage": "postgres"}))
    monkeypatch.setenv(DAGSTER_DATABASE, postgres.url())
    with open_instance(settings) as instance:
        create_run_for_test(instance, job_name="nightly", tags={"found": "5ecret-pseud0nym"})
    places = [trace.place for trace in search(settings, ["5ecret-pseud0nym"])]
    assert "Dagster's database, runs.run_body" in places
    assert search(settings, ["an0ther-pseud0nym"]) == []
    monkeypatch.delenv(DAGSTER_DATABASE)
    (unread,) = search(settings, ["an0ther-pseud0nym"])
    assert "was not searched" in unread.place


def test_a_fresh_home_is_made_ready_for_services_and_left_as_it_is_the_second_time(tmp_path: Path):
    file = write_settings(tmp_path)
    settings = read_settings(file)
    assert fordel(file, "prepare").returncode == 0
    rooms = (settings.home, settings.releases, settings.access, settings.dagster_home, settings.home / "logs")
    assert [room.stat().st_mode & 0o777 for room in rooms] == [0o700] * len(rooms)
    assert (settings.dagster_home / "dagster.yaml").is_file()
    (settings.releases / "kept").touch()
    assert fordel(file, "prepare").returncode == 0
    assert (settings.releases / "kept").exists()
    lacking = write_settings(tmp_path / "lacking", dagster={"storage": "postgres"})
    refused = fordel(lacking, "prepare")
    assert (refused.returncode, DAGSTER_DATABASE in refused.stderr) == (2, True)
