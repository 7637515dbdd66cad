"""Municipalities that the engine and the plain implementation both look at.

Belongs here: a made-up one over two years, and the example municipality. Does not belong here: what is compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.example.writing import write_example
from pipelines.intake import take
from pipelines.measures.compute import compute
from pipelines.measures.equality import add_index
from tests.fixtures.people import insert, settings_in
from tests.integration.measures.made_up import municipality
from tests.integration.measures.plain import Plain
from tests.integration.measures.rules import INFLUENCE, TREATMENT
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import catalogue
from warehouse.settings import Definitions, Example, Settings, delivered_contracts, read_settings
from warehouse.store import Store

ROOT = Path(__file__).parents[3]
DEFINITIONS = Definitions(citizen_influence=INFLUENCE, citizen_treatment=TREATMENT)
# The open index is made of shown cells, so it is told by each cell whether it is.
SHOWN = "shown"


@dataclass(frozen=True)
class Both:
    """The engine's cells, and the same rows for the plain implementation."""

    cells: pl.DataFrame
    plain: Plain
    store: Store


def computed(store: Store, settings: Settings) -> pl.DataFrame:
    """Every cell, the open index among them."""
    build_core(store, settings)
    compute(store, settings)
    with store.read() as con:
        cells = con.sql("SELECT * FROM figures.cell").pl()
    return add_index(cells.with_columns(status=pl.lit(SHOWN)), catalogue())[0]


@pytest.fixture(scope="session", params=[1, 2])
def made_up(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Both:
    """A small municipality in which every figure has something to count."""
    tables = municipality(seed=request.param)
    home = tmp_path_factory.mktemp("made-up")
    settings = settings_in(home).model_copy(update={"definitions": DEFINITIONS})
    store = Store(settings)
    insert(store, tables)
    return Both(computed(store, settings), Plain(tables), store)


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Both:
    """The example municipality with as many people as it has, over fourteen months: files written, taken and computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORDEL_HOME", str(tmp_path_factory.mktemp("example")))
        settings = read_settings(ROOT / "fordel.yaml").model_copy(
            update={"example": Example(months=14, ends=date(2022, 12, 31)), "definitions": DEFINITIONS}
        )
        write_example(settings)
        store = Store(settings)
        for contract in ("hr_employment", "hr_absence", *sorted(delivered_contracts(settings))):
            take(settings, store, contract)
        cells = computed(store, settings)
        with store.read() as con:
            tables: dict[str, list[dict[str, Any]]] = {
                name: con.sql(f"SELECT * FROM {contract.table}").pl().to_dicts()
                for name, contract in CONTRACTS.items()
            }
        return Both(cells, Plain(tables), store)
