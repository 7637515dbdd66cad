"""kill -9 at random moments of a refresh: the next run completes, and nobody ever sees anything torn."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import polars as pl
import yaml
from dagster import DagsterRunStatus

from assets.instance import open_instance
from pipelines.disclosure.gate import LEDGER
from tests.fixtures.homes import command, environment, fordel, write_settings
from warehouse.release import read_status
from warehouse.settings import read_settings

KILLS = 10


class Reader(threading.Thread):
    """Reads what is current, over and over, the way a page does but without its cache."""

    def __init__(self, releases: Path) -> None:
        super().__init__(daemon=True)
        self._releases = releases
        self._ended = threading.Event()
        self.seen: set[str] = set()
        self.reads = 0
        self.faults: list[str] = []

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self._read()
            except Exception as error:  # noqa: BLE001 - every fault of a reader is what is looked for
                self.faults.append(repr(error))
            time.sleep(0.01)

    def _read(self) -> None:
        read_status(self._releases)
        pointer = self._releases / "current"
        if not pointer.exists():
            return
        folder = pointer.resolve()
        manifest = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        for name, stated in manifest["files"].items():
            if hashlib.sha256((folder / name).read_bytes()).hexdigest() != stated:
                self.faults.append(f"{folder.name}/{name} is not what the manifest says")
        if folder.name not in self.seen:
            assert pl.read_parquet(folder / "cells.parquet").height > 0
            self.seen.add(folder.name)
        self.reads += 1

    def end(self) -> None:
        self._ended.set()
        self.join(10)


def disturb(folder: Path, round_: int) -> Path:
    """Settings that give a refresh everything to do again but the audits: a mapping that reads the same rows otherwise."""
    file = write_settings(folder, example={"size": 200, "months": 13, "ends": "2026-10-31", "seed": 1})
    stated = yaml.safe_load(file.read_text(encoding="utf-8"))
    for source in stated["sources"].values():
        source["mapping"]["dates"] = [
            *source["mapping"]["dates"],
            *["%d.%m.%Y"] * (round_ % 2),
            *["%d/%m/%Y"] * (round_ // 2),
        ]
    file.write_text(yaml.safe_dump(stated), encoding="utf-8")
    return file


def test_ten_kills(tmp_path: Path):
    """The first kills meet an empty home, the later ones a release that must go on being readable."""
    draw = random.Random(20261123)
    assert fordel(disturb(tmp_path / "measured", 0), "refresh").returncode == 0
    file = disturb(tmp_path / "killed", 0)
    settings = read_settings(file)
    # The measured one has audited the same content: the kills are to meet every other step as well.
    shutil.copytree(tmp_path / "measured" / "home" / LEDGER, settings.home / LEDGER)
    begun = time.monotonic()
    assert fordel(disturb(tmp_path / "measured", 1), "refresh").returncode == 0
    whole = time.monotonic() - begun
    reader = Reader(settings.releases)
    reader.start()
    killed = 0
    for round_ in range(KILLS):
        if round_ == KILLS // 3:
            assert fordel(file, "refresh").returncode == 0
        disturb(file.parent, round_)
        with subprocess.Popen(
            command(file, "refresh"),
            env=environment(),
            cwd=file.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            time.sleep(draw.uniform(0.15, 1.0) * whole)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
            process.wait(30)
    done = fordel(file, "refresh")
    assert done.returncode == 0, done.stdout + done.stderr
    time.sleep(0.2)
    reader.end()
    assert killed >= KILLS // 2
    assert reader.reads > 20
    assert reader.faults == []
    assert fordel(file, "refresh").stdout.splitlines()[-1].startswith("Nothing new")
    with open_instance(settings) as instance:
        statuses = {run.status for run in instance.get_runs()}
    assert statuses <= {DagsterRunStatus.SUCCESS, DagsterRunStatus.FAILURE}
    assert not list(settings.releases.glob(".building-*"))
