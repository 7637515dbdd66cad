"""Dagster's own storage in the home folder, and what a crash leaves in it.

Belongs here: `dagster.yaml`, opening the instance, ending runs whose process is gone.
Does not belong here: definitions of what is run.
"""

from __future__ import annotations

import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import dagster as dg
import yaml
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, RunsFilter
from dagster._core.storage.event_log.sqlite import sqlite_event_log
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Engine

from warehouse import clock
from warehouse.settings import DAGSTER_DATABASE, Settings, SettingsError
from warehouse.store import Store, StoreBusyError

MAX_RUNTIME_SECONDS = 3 * 60 * 60
# The account of the run itself, that of all runs, and the list of runs.
FILES_OF_A_RUN = 3
PROCESS_TAG = "fordel/process"
# Which processes can be seen: a container has its own.
PROCESSES = Path("/proc/self/ns/pid")

CONFIGURATION = {
    "telemetry": {"enabled": False},
    # One writer: the warehouse is one file.
    "concurrency": {"runs": {"max_concurrent_runs": 1}},
    "run_monitoring": {
        "enabled": True,
        "start_timeout_seconds": 180,
        "max_runtime_seconds": MAX_RUNTIME_SECONDS,
        "free_slots_after_run_end_seconds": 20,
    },
    # A night that fell (a crash, a disk that was full for a moment) is run again; see the tag of the job.
    "run_retries": {"enabled": True, "max_retries": 0},
    # What a library prints is not kept: nobody has checked that it names no person.
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    },
    "nux": {"enabled": False},
}


class StorageMissingError(SettingsError):
    """The settings ask for PostgreSQL as Dagster's storage, and something for it is missing; the message says what."""


def configuration(settings: Settings) -> dict[str, Any]:
    """What `dagster.yaml` says. The database's address, which holds a password, stays in the environment.

    Raises:
        StorageMissingError: the address or the package is missing.
    """
    if settings.dagster.storage == "files":
        return CONFIGURATION
    if importlib.util.find_spec("dagster_postgres") is None:
        raise StorageMissingError(
            "dagster.storage is postgres, but the package is not installed: "
            ".venv/bin/uv sync --locked --no-dev --inexact --extra deployment"
        )
    if not os.environ.get(DAGSTER_DATABASE):
        raise StorageMissingError(
            f"dagster.storage is postgres: put the database's address in {DAGSTER_DATABASE} (postgresql://…)"
        )
    return {**CONFIGURATION, "storage": {"postgres": {"postgres_url": {"env": DAGSTER_DATABASE}}}}


def expire_runs(instance: DagsterInstance, settings: Settings) -> int:
    """Remove the history of runs that is older than the settings keep; how many went."""
    limit = clock.now() - timedelta(days=settings.keep_for.dagster_days)
    ended = [DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE, DagsterRunStatus.CANCELED]
    old = instance.get_runs(RunsFilter(created_before=limit, statuses=ended))
    for run in old:
        instance.delete_run(run.run_id)
    return len(old)


def prepare_home(settings: Settings) -> Path:
    """Write `dagster.yaml` into the home folder, and return the folder (DAGSTER_HOME)."""
    folder = settings.dagster_home
    # One by one: a mode goes to the last folder only.
    for place in (settings.home, folder):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "dagster.yaml"
    text = "# Written by fordel at every start; changes here are lost.\n" + yaml.safe_dump(
        configuration(settings), sort_keys=False
    )
    if not file.exists() or file.read_text(encoding="utf-8") != text:
        fresh = file.with_name(f".{file.name}-{os.getpid()}")
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(file)
    return folder


def open_instance(settings: Settings) -> DagsterInstance:
    """Dagster's instance of one home folder, with dead runs ended."""
    instance = dg.DagsterInstance.from_config(str(prepare_home(settings)))
    end_dead_runs(instance, settings)
    expire_runs(instance, settings)
    return instance


@contextmanager
def quick_storage(settings: Settings) -> Iterator[None]:
    """Make Dagster's SQLite files quick while a run lasts; without it every event of a run costs several writes to disk.

    Dagster opens and closes a file for each event, and closing the last connection empties SQLite's log: so one is kept open.
    It makes a new engine each time as well, which compiles every statement anew: so engines are kept. Its commits need not
    wait for the disk either: a killed process loses nothing, a power cut the last moments.
    """
    files = [file for file in settings.dagster_home.rglob("*.db") if file.stat().st_size]
    latest = sorted(files, key=lambda file: file.stat().st_mtime, reverse=True)[:FILES_OF_A_RUN]
    is_first = not event.contains(Engine, "connect", _do_not_wait)
    if is_first:
        event.listen(Engine, "connect", _do_not_wait)
        vars(sqlite_event_log)["create_engine"] = _keeping_engines()
    with ExitStack() as kept:
        for file in latest:
            connection = kept.enter_context(closing(sqlite3.connect(file)))
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        try:
            yield
        finally:
            if is_first:
                event.remove(Engine, "connect", _do_not_wait)
                vars(sqlite_event_log)["create_engine"] = create_engine


def _keeping_engines() -> Callable[..., Engine]:
    """What makes an engine for a file the first time, and gives the same one afterwards."""
    made: dict[str, Engine] = {}

    def engine(url: str, **how: Any) -> Engine:
        if url not in made:
            made[url] = create_engine(url, **how)
        return made[url]

    return engine


def _do_not_wait(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=NORMAL")


def process_tag(run_id: str) -> str:
    """Which process executes a run, told so that no later one can be mistaken for it.

    The run's own id is part of it: a run that is started again is given the tags of the one that fell.
    """
    return f"{run_id} {os.getpid()} {_start_time(os.getpid())} {PROCESSES.readlink()}"


def end_dead_runs(instance: DagsterInstance, settings: Settings) -> list[str]:
    """End the runs that a killed process or a power cut left as started; Dagster's daemon then starts them again.

    Dagster itself waits for their longest time, three hours, because its launcher cannot tell whether a process lives.

    Returns:
        The ids of the runs that were ended.
    """
    unfinished = [
        DagsterRunStatus.NOT_STARTED,
        DagsterRunStatus.STARTING,
        DagsterRunStatus.STARTED,
        DagsterRunStatus.CANCELING,
    ]
    ended = []
    for run in instance.get_runs(RunsFilter(statuses=unfinished)):
        if _is_dead(run, settings):
            instance.report_run_failed(
                run, "The process that ran this has ended; it is taken up where it was left."
            )
            ended.append(run.run_id)
    return ended


def _is_dead(run: DagsterRun, settings: Settings) -> bool:
    run_id, _, process = run.tags.get(PROCESS_TAG, "").partition(" ")
    if run_id != run.run_id:
        return False  # not yet executed
    number, started, processes = process.split()
    if started.partition("@")[2] != _boot():
        return True
    if processes == str(PROCESSES.readlink()):
        return _start_time(int(number)) != started
    # In another container: its processes cannot be seen from here, but a night holds the warehouse.
    return _is_free(settings)


def _is_free(settings: Settings) -> bool:
    try:
        with Store(settings, wait_seconds=0).alone():
            return True
    except StoreBusyError:
        return False


def _start_time(process: int) -> str | None:
    """When a process started, in ticks since boot together with the boot's id; None when there is no such process."""
    try:
        fields = (
            Path(f"/proc/{process}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()
        )
    except OSError:
        return None
    # A killed process that nobody has waited for is still listed, as a zombie.
    return None if fields[0] == "Z" else f"{fields[19]}@{_boot()}"


def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
