"""What is hidden leaves on no way: every number of every hidden cell is replaced by a canary, and looked for everywhere.

The release must be the same to the last byte whatever stands in hidden cells: so nothing that is made of it (chart, tooltip,
order, file, answer, report) can depend on them. The rest of the ways are read as text. The leaky variants show that each way is
really looked at.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

import assets.release
from assets.running import run_nightly
from dashboards import address
from dashboards.app import create_app
from pipelines.disclosure import gate
from pipelines.disclosure.gate import GateClosedError
from pipelines.disclosure.ledger import Ledger
from pipelines.publication import NothingToPublishError
from tests.fixtures.ways_out import asked, findings, of_the_night, ways_out
from warehouse.release import CELLS, HIDDEN, NUMBERS, list_releases, open_current, read_status
from warehouse.settings import Settings

LEAKY = {"membership", "workforce", "health", "pay"}
FIRST = 73_180_419_520_000
CANARY = re.compile(r"7318041952\d{4}")
# What may stand between the digits of a number, and an exponent's form of it.
BETWEEN = re.compile(r"[\s\u00a0\u202f.,']|&nbsp;|\\u00a0|\\u202f")
WRITTEN = re.compile(r"7\.318041952\d*e\+?13", re.IGNORECASE)


def has_canary(text: str) -> bool:
    """Whether a canary stands in a text, however a number is written."""
    return bool(WRITTEN.search(text) or ("7" in text and CANARY.search(BETWEEN.sub("", text))))


def plant(settings: Settings, is_falling: bool = False) -> int:
    """Put canaries into every number of every hidden cell of `figures.cell`; how many cells that were."""
    release = open_current(settings.releases)
    assert release is not None
    cells = pl.read_parquet(release.folder / CELLS)
    groups = [name for name in cells.columns if name in release.dimensions]
    keys = ["figure", "period", "breakdown", *groups]
    hidden = cells.filter(pl.col("status") == HIDDEN).select(keys).unique().sort(keys)
    order = pl.int_range(hidden.height, 0, -1) if is_falling else pl.int_range(hidden.height)
    hidden = hidden.with_columns(canary=FIRST + order % 10_000)
    same = " AND ".join(f"cell.{name} IS NOT DISTINCT FROM hidden.{name}" for name in keys)
    with duckdb.connect(str(settings.warehouse)) as con:
        con.register("hidden", hidden)
        changed = ", ".join(f"{name} = hidden.canary" for name in NUMBERS)
        (planted,) = con.execute(f"UPDATE figures.cell AS cell SET {changed} FROM hidden WHERE {same}").fetchall()[0]  # fmt: skip
    assert planted == hidden.height
    return hidden.height


@pytest.fixture
def planted(installation: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation after its first night, with canaries in what it hid; its verdicts stand."""
    entries = Ledger(installation.home / gate.LEDGER).entries()
    verdicts = dict(entries.keys())
    assert len(verdicts) == len(entries), "one content for each day"
    monkeypatch.setattr(gate, "_fingerprints", lambda *_: dict(sorted(verdicts.items())))
    assert plant(installation) > 1_000
    return installation


def test_no_canary_leaves_and_the_release_is_the_same_to_the_byte(planted: Settings):
    before = open_current(planted.releases)
    assert before is not None
    for is_falling in (False, True):
        plant(planted, is_falling)
        run = run_nightly(planted)
        assert run.is_success, (run.failures, read_status(planted.releases))
        # Not a new release: every byte is what it was, the order of rows, the limits and the sentences among them.
        assert list_releases(planted.releases)[-1] == before.id
        assert read_status(planted.releases)["run"]["outcome"] == "unchanged"
    assert findings(ways_out(planted), has_canary) == set()


def test_a_mask_that_leaks_is_seen_on_every_way(planted: Settings, monkeypatch: pytest.MonkeyPatch):
    honest = gate.mask

    def leaking(judged: pl.DataFrame, found: Any) -> pl.DataFrame:
        # An index beyond 100 has no interval, and what is not a number is in no workbook.
        leaky = [figure.id for figure in found.figures.values() if figure.protection in LEAKY]
        return honest(judged.with_columns(_hide=pl.col("_hide") & ~pl.col("figure").is_in(leaky)), found)

    monkeypatch.setattr(gate, "mask", leaking)
    run = run_nightly(planted)
    assert run.is_success, (run.failures, read_status(planted.releases))
    seen = findings(ways_out(planted), has_canary)
    assert seen == {
        "pages", "csv", "excel", "parquet", "duckdb", "api", "pdf", "release folder", "command line",
    }  # fmt: skip


def test_a_word_too_many_is_seen_in_what_a_night_leaves(planted: Settings, monkeypatch: pytest.MonkeyPatch):
    """Logs, Dagster, status and alerts never show cells; an error that tells one shows that they are looked at."""

    def telling(*_: Any) -> Any:
        raise NothingToPublishError(f"the group has {FIRST} persons")

    monkeypatch.setattr(assets.release, "publish_release", telling)
    assert not run_nightly(planted).is_success
    assert findings(of_the_night(planted), has_canary) >= {"status", "alerts", "dagster"}


def test_hidden_cells_that_keep_their_numbers_are_not_published(
    planted: Settings, monkeypatch: pytest.MonkeyPatch
):
    """The second lock: whatever the mask does, a release refuses a number in a cell that is not shown."""
    honest = gate.mask

    def leaking(judged: pl.DataFrame, found: Any) -> pl.DataFrame:
        masked = honest(judged, found)
        return masked.with_columns(value=pl.lit(float(FIRST)))

    monkeypatch.setattr(gate, "mask", leaking)
    before = list_releases(planted.releases)
    assert not run_nightly(planted).is_success
    assert list_releases(planted.releases) == before
    assert findings(of_the_night(planted), has_canary) == set()


def test_a_closed_gate_keeps_the_last_release_and_names_tables_never_values(
    planted: Settings, monkeypatch: pytest.MonkeyPatch
):
    last = open_current(planted.releases)
    assert last is not None

    def closed(*_: Any) -> Any:
        raise GateClosedError(max(gate_days(planted)), [("full_time_share", "unit")], "an audit failed")

    monkeypatch.setattr("pipelines.publication.release_gate", closed)
    run = run_nightly(planted)
    assert not run.is_success
    assert open_current(planted.releases) is last
    status = read_status(planted.releases)
    assert status["gate"] == {
        "passed": False,
        "period_end": "2026-10-31",
        "tables": [["full_time_share", "unit"]],
    }
    (problem,) = [problem for problem in status["problems"] if problem["key"] == "gate"]
    assert "Röjandekontrollen" in problem["sv"]
    assert "(enhet)" in problem["sv"]
    ways = of_the_night(planted)
    assert findings(ways, lambda text: "Röjandekontrollen släppte inte" in text) >= {"status", "alerts"}
    assert findings(ways, has_canary) == set()
    client = create_app(planted, is_public=True).server.test_client()
    told = asked(client, address.path("quality", "sv"))
    assert "släppte granskningen inte igenom" in told
    assert not has_canary(told)


def gate_days(settings: Settings) -> list[Any]:
    """The last days that the gate has judged."""
    return [end for end, _ in Ledger(settings.home / gate.LEDGER).entries()]


def test_a_canary_is_found_however_it_is_written(tmp_path: Path):
    for written in (
        str(FIRST), f"{FIRST}.0", "73 180 419 520 007", "73\u00a0180\u00a0419\u00a0520\u00a0007,0 %", "73,180,419,520,007",
        "7.3180419520007e13", '"73\\u00a0180\\u00a0419\\u00a0520\\u00a0007"',
    ):  # fmt: skip
        assert has_canary(f"a {written} b"), written
    assert not has_canary("2026-10 5 7 318 041 95")
