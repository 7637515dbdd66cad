"""The laws of intake: order and repetition do not matter, a killed run is made good, the warehouse file can be thrown away."""

from __future__ import annotations

import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.intake import servers
from pipelines.intake.loading import Log
from pipelines.intake.raw_store import RawStoreError
from pipelines.intake.sandbox import Reader
from tests.integration.intake.conftest import Town, csv, make_town, people

if TYPE_CHECKING:
    from collections.abc import Iterator

GOOD = "hr_2026-09_lev2026-10-03.csv"


def _with_pay(pay: str, count: int = 10) -> bytes:
    rows = people(count)
    rows[0]["Lön"] = pay
    return csv(rows)


# Three months; September corrected twice, the first correction taken back by sending the first file again; a copy; a bad row.
DELIVERIES: dict[str, bytes] = {
    "hr_2026-08_lev2026-09-03.csv": _with_pay("30 000,00"),
    "hr_2026-09_lev2026-10-03.csv": _with_pay("31 000,00"),
    "hr_2026-09_lev2026-10-09.csv": _with_pay("32 000,00", count=9),
    "hr_2026-09_lev2026-10-12.csv": _with_pay("31 000,00"),
    "hr_2026-10_lev2026-11-03.csv": _with_pay("-1"),
    "hr_2026-10_lev2026-11-03 kopia.csv": _with_pay("-1"),
    "hr_2026-10_lev2026-11-03b.csv": _with_pay("33 000,00"),
}


class SharedReader(Reader):
    """The real reader, one child for all takes of a test: starting one takes longer than reading the files."""

    def __exit__(self, *_: object) -> None:
        """The child goes on."""

    def end(self) -> None:
        """The child ends."""
        super().__exit__(None, None, None)


@pytest.fixture
def one_reader(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every take of the test uses the same child."""
    shared = SharedReader()
    monkeypatch.setattr(servers, "Reader", lambda: shared)
    yield
    shared.end()


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Any]]:
    """The tables when everything is taken at once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORDEL_KEY", "5a" * 32)
        town = make_town(tmp_path_factory.mktemp("at_once"))
        for name, content in DELIVERIES.items():
            town.deliver(name, content)
        town.take()
        yield town.rows()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    order=st.permutations(list(DELIVERIES)),
    again=st.lists(st.sampled_from(list(DELIVERIES)), max_size=2),
    cuts=st.sets(st.integers(1, 6), max_size=3),
)
def test_any_order_and_repetition_ends_in_the_same_table(
    expected: list[Any],
    one_reader: None,
    monkeypatch: pytest.MonkeyPatch,
    order: list[str],
    again: list[str],
    cuts: set[int],
) -> None:
    monkeypatch.setenv("FORDEL_KEY", "5a" * 32)
    with tempfile.TemporaryDirectory() as home:
        town = make_town(Path(home))
        for number, name in enumerate(order + again):
            town.deliver(name, DELIVERIES[name])
            if number in cuts:
                town.take()
        town.take()

        assert town.rows() == expected
        assert town.account()["closes"]


def test_a_run_killed_between_the_raw_folder_and_the_log_is_made_good(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.deliver(GOOD, people())
    with monkeypatch.context() as patch:

        def killed(log: Log) -> None:
            if log._entered:
                raise KeyboardInterrupt

        patch.setattr(Log, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            town.take()
    assert town.rows() == []
    assert len(list((town.settings.raw / "hr_employment").iterdir())) == 1

    assert town.take() == []
    assert len(town.rows()) == 10
    assert town.account()["closes"]


def test_a_run_killed_while_the_raw_folder_is_written_leaves_nothing_behind(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.deliver(GOOD, people())
    with monkeypatch.context() as patch:

        def killed(self: Path, target: Path) -> Path:
            raise KeyboardInterrupt

        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            town.take()
    (result,) = town.take()

    assert result.status == "loaded"
    assert [path.name for path in (town.settings.raw / "hr_employment").iterdir()] == [result.delivery_id]


def test_the_warehouse_file_can_be_thrown_away(town: Town) -> None:
    for name, content in DELIVERIES.items():
        town.deliver(name, content)
    town.take()
    rows, quarantine = town.rows(), town.quarantine()
    loaded = "SELECT * FROM log.delivery WHERE status = 'loaded' ORDER BY ALL"
    lines = town.query(loaded)
    town.settings.warehouse.unlink()
    for path in town.folder.iterdir():
        path.unlink()
    town.take()

    # The copies that were only repeats are gone with their files; what they delivered is not, except that September's first file
    # was sent again: that is known from the log alone, so the file is needed.
    town.deliver("hr_2026-09_lev2026-10-12.csv", DELIVERIES["hr_2026-09_lev2026-10-12.csv"])
    town.take()
    assert (town.rows(), town.quarantine(), town.query(loaded)) == (rows, quarantine, lines)


def test_a_damaged_raw_folder_is_named(town: Town) -> None:
    town.deliver(GOOD, people())
    (result,) = town.take()
    town.settings.warehouse.unlink()
    file = town.settings.raw / "hr_employment" / result.delivery_id / "2026-09.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")

    with pytest.raises(RawStoreError, match=r"2026-09\.parquet: is damaged"):
        town.take()


def test_the_time_of_change_decides_where_the_name_says_nothing(town: Town) -> None:
    import os

    town = town.with_mapping(delivered_at=None)
    for name, content, day in (
        ("b hr_2026-09.csv", _with_pay("31 000,00"), 3),
        ("a hr_2026-09.csv", _with_pay("32 000,00"), 9),
    ):
        path = town.deliver(name, content)
        time = datetime(2026, 10, day).timestamp()
        os.utime(path, (time, time))
    town.take()

    assert town.query("SELECT MAX(monthly_pay) FROM raw.hr_employment WHERE row_number = 2") == [(32000.0,)]


def test_two_homes_never_touch_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORDEL_KEY", "5a" * 32)
    one, other = make_town(tmp_path / "one"), make_town(tmp_path / "other")
    one.deliver(GOOD, people())
    one.take()
    other.deliver(GOOD, people(5))
    other.take()
    shutil.rmtree(other.settings.home)

    assert len(one.rows()) == 10


def test_a_delivery_that_cannot_be_stored_is_not_entered_and_those_before_it_are(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"hr_2026-0{month}_lev2026-0{month + 1}-03.csv" for month in (6, 7, 8)]
    for name in names:
        town.deliver(name, people())
    with monkeypatch.context() as patch:
        real = Path.rename

        def full(self: Path, target: Path) -> Path:
            if len(list((town.settings.raw / "hr_employment").glob("[!.]*"))) == 1:
                raise OSError("no space left on device")
            return real(self, target)

        patch.setattr(Path, "rename", full)
        with pytest.raises(OSError, match="no space"):
            town.take()
    assert town.query("SELECT file_name, status FROM log.delivery") == [(names[0], "loaded")]
    assert town.account()["closes"]

    assert [each.status for each in town.take()] == ["loaded", "loaded"]
    assert len(town.rows()) == 30
