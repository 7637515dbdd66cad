"""The sensor over a watched folder, as Dagster evaluates it."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from assets.sensors import sensors
from tests.fixtures.hostile import GOOD
from tests.fixtures.servers.home import Home
from tests.integration.sources.test_hostile import MAPPING


def test_a_file_that_has_arrived_whole_begins_a_run_once(tmp_path: Path) -> None:
    drop, into = tmp_path / "drop", tmp_path / "in"
    drop.mkdir()
    source = {"hr": {"contract": "hr_employment", "path": str(into), "watch": str(drop), "mapping": MAPPING}}
    home = Home(tmp_path / "home", {}, sources=source)
    (sensor,) = sensors(home.settings)
    (drop / "personal.csv").write_text(GOOD)
    cursor, requested = None, []
    for _ in range(3):
        with dg.DagsterInstance.ephemeral() as instance:
            result = sensor(dg.build_sensor_context(instance=instance, cursor=cursor))
        assert isinstance(result, dg.SensorResult)
        requested.append(len(result.run_requests or []))
        cursor = result.cursor
    assert requested == [0, 1, 0]
    (taken,) = home.take("hr_employment")
    assert (taken.file_name, taken.rows_loaded) == ("personal.csv", 200)


def test_without_a_folder_to_watch_there_is_no_sensor(tmp_path: Path) -> None:
    assert sensors(Home(tmp_path, {}).settings) == []
