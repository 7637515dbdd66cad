"""The first night of a small installation, made once for every test that starts from it.

Belongs here: that night and copies of it. Does not belong here: data of one room.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest
from filelock import FileLock

from assets.running import Run, run_nightly
from pipelines.disclosure.gate import LEDGER
from tests.fixtures.homes import write_settings
from warehouse.settings import Settings, read_settings


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> tuple[Settings, Run]:
    """An installation after its first night, one for all workers; nobody may change it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "first-night"
    told = folder.with_suffix(".json")
    with FileLock(f"{folder}.lock"):
        if not told.exists():
            run = run_nightly(read_settings(write_settings(folder)))
            told.write_text(json.dumps(asdict(run)), encoding="utf-8")
    ended = json.loads(told.read_text(encoding="utf-8"))
    run = Run(ended["id"], ended["is_success"], tuple(ended["failures"]))
    return read_settings(folder / "fordel.yaml"), run


@pytest.fixture(scope="session")
def seed_ledger(first_night: tuple[Settings, Run]) -> Callable[[Path], None]:
    """Gives a home folder the ledger of that night and its key, so that persons are the same: nothing is audited once more."""
    settings, _ = first_night

    def seed(home: Path) -> None:
        for room in (settings.home / LEDGER, settings.keys):
            shutil.copytree(room, home / room.relative_to(settings.home))

    return seed


@pytest.fixture
def installation(first_night: tuple[Settings, Run], tmp_path: Path) -> Settings:
    """A copy of that installation, to be changed."""
    shutil.copytree(first_night[0].home, tmp_path / "home", symlinks=True)
    return read_settings(write_settings(tmp_path))
