"""A night in which one source misbehaves: its own subject is old and says so, the rest is refreshed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import duckdb
import pytest

from assets.running import run_nightly
from pipelines.intake.reasons import Reason
from tests.fixtures.homes import write_settings
from tests.fixtures.postgres import Cluster
from tests.fixtures.servers.town import SECRETS, Town, run_town
from warehouse.contracts import CONTRACTS
from warehouse.release import read_status
from warehouse.settings import Settings, read_settings

# Every kind of source, and every way to fail; the nightly profile runs all of them.
OFTEN = [
    ("hr", "half", "server_down"),
    ("enkat", "nonsense", "nonsense"),
    ("planer", "other", "nonsense"),
    ("planer", "slow", "server_slow"),
    ("ideer", "half", "server_down"),
    ("kolada", "500", "server_down"),
]
SELDOM = [
    ("hr", "slow", "server_slow"),
    ("hr", "down", "server_down"),
    ("hr", "nonsense", "server_down"),
    ("enkat", "half", "server_down"),
    ("enkat", "slow", "server_slow"),
    ("planer", "down", "server_down"),
    ("ideer", "nonsense", "nonsense"),
    ("ideer", "drip", "server_slow"),
    ("kolada", "nonsense", "nonsense"),
    ("kolada", "half", "server_down"),
    ("kolada", "slow", "server_slow"),
]
IS_NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


@pytest.fixture(scope="module")
def town(postgres: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Town, Settings]]:
    """The servers, and an installation after its first night."""
    with run_town(postgres) as running, pytest.MonkeyPatch.context() as patch:
        for name, secret in SECRETS.items():
            patch.setenv(name, secret)
        patch.setenv(
            "HR_LOSEN", f"postgresql://stadens_lasare:hemligt@127.0.0.1:{running.database.port}/postgres"
        )
        file = write_settings(
            tmp_path_factory.mktemp("town"), example=None, sources={}, servers=running.settings()
        )
        settings = read_settings(file)
        run = run_nightly(settings)
        assert run.is_success, (run.failures, read_status(settings.releases))
        assert read_status(settings.releases)["problems"] == []
        yield running, settings


def loaded(settings: Settings) -> dict[str, int]:
    """Deliveries that were ever loaded, by source."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        return dict(
            con.execute(
                "SELECT source, COUNT(*) FROM log.delivery WHERE status = 'loaded' GROUP BY 1"
            ).fetchall()
        )


def delivered(settings: Settings, contract: str) -> int:
    """Rows of a contract."""
    with duckdb.connect(str(settings.warehouse), read_only=True) as con:
        (rows,) = con.execute(f"SELECT COUNT(*) FROM {CONTRACTS[contract].table}").fetchone() or (0,)
    return int(rows)


@pytest.mark.parametrize(("source", "mood", "reason"), OFTEN + SELDOM * IS_NIGHTLY)
def test_one_source_misbehaves_and_the_rest_is_refreshed(
    town: tuple[Town, Settings], monkeypatch: pytest.MonkeyPatch, source: str, mood: str, reason: str
) -> None:
    running, settings = town
    for name, secret in SECRETS.items():
        monkeypatch.setenv(name, secret)
    monkeypatch.setenv(
        "HR_LOSEN", f"postgresql://stadens_lasare:hemligt@127.0.0.1:{running.database.port}/postgres"
    )
    running.something_new()
    running.misbehave(source, mood)
    before = loaded(settings)
    try:
        run = run_nightly(settings)
    finally:
        running.behave()
    after, status = loaded(settings), read_status(settings.releases)
    assert run.is_success, (run.failures, status)
    assert {name for name in after if after[name] > before[name]} == set(after) - {source}
    # It says so: which contracts, since when, why; and nothing else is called old.
    contracts = set(settings.servers[source].contracts)
    old = {line["contract"]: line for line in status["stale"] if line.get("is_unreached")}
    assert set(old) == contracts
    assert {problem["key"] for problem in status["problems"]} == {f"refused:{source}/"}
    seconds = f"{settings.servers[source].timeout_seconds:g}"
    told = Reason(reason, {"server": source, "seconds": seconds})
    for contract, line in old.items():
        assert line["reason"] == {"sv": told.sv, "en": told.en}
        assert bool(line["since"]) == bool(delivered(settings, contract))
    assert "hemligt" not in str(status)
