"""The small example municipality, taken in and computed; without Dagster."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pipelines.core import build_core
from pipelines.disclosure.few import too_few
from pipelines.disclosure.gate import release_gate
from pipelines.example.writing import write_example
from pipelines.intake import take
from pipelines.measures.compute import compute
from pipelines.publication import settled
from tests.fixtures.homes import write_settings
from warehouse.key_figures.catalogue import catalogue
from warehouse.settings import Settings, read_settings
from warehouse.store import Store


@pytest.fixture(scope="session")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Made once; not to be changed."""
    settings = read_settings(write_settings(tmp_path_factory.mktemp("computed")))
    write_example(settings)
    store = Store(settings)
    for contract in ("hr_employment", "hr_absence"):
        take(settings, store, contract)
    build_core(store, settings)
    compute(store, settings, too_few=too_few)
    # What each test publishes is audited here, once.
    with store.read() as con:
        cells = settled(con.sql("SELECT * FROM figures.cell").pl(), catalogue())
        release_gate(con, cells, catalogue(), settings)
    return settings


@pytest.fixture
def municipality(computed: Settings, tmp_path: Path) -> Settings:
    """A copy of one's own."""
    shutil.copytree(computed.home, tmp_path / "home", symlinks=True)
    return read_settings(write_settings(tmp_path))
