"""The first night of a small installation, made once for every test that starts from it.

Belongs here: that night and copies of it. Does not belong here: data of one room.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from assets.running import Run, run_nightly
from pipelines.disclosure.gate import LEDGER
from tests.fixtures.homes import write_settings
from warehouse.settings import Settings, read_settings


@pytest.fixture(scope="session")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Run]:
    """An installation after its first night; nobody may change it."""
    settings = read_settings(write_settings(tmp_path_factory.mktemp("first")))
    return settings, run_nightly(settings)


@pytest.fixture(scope="session")
def seed_ledger(first_night: tuple[Settings, Run]) -> Callable[[Path], None]:
    """Gives a home folder the ledger of that night: what is the same is not audited once more."""

    def seed(home: Path) -> None:
        shutil.copytree(first_night[0].home / LEDGER, home / LEDGER)

    return seed


@pytest.fixture
def installation(first_night: tuple[Settings, Run], tmp_path: Path) -> Settings:
    """A copy of that installation, to be changed."""
    shutil.copytree(first_night[0].home, tmp_path / "home", symlinks=True)
    return read_settings(write_settings(tmp_path))
