"""Releases as they lie on disk: whole or not, and what changed."""

from pathlib import Path

from tests.unit.warehouse.test_release import DOCUMENTS, cells
from warehouse.comparison import Change, compare, damaged_files
from warehouse.release import open_release, publish


def test_a_published_release_is_whole_until_somebody_touches_it(tmp_path: Path) -> None:
    folder = tmp_path / publish(tmp_path, cells(2924), DOCUMENTS, {}).id
    assert damaged_files(folder) == []
    (folder / "quality.json").write_text("{}", encoding="utf-8")
    (folder / "extra.csv").write_text("x", encoding="utf-8")
    assert damaged_files(folder) == ["extra.csv", "quality.json"]
    (folder / "cells.parquet").unlink()
    assert "cells.parquet" in damaged_files(folder)


def test_what_changed_is_told_by_figure_and_period(tmp_path: Path) -> None:
    first, second = (publish(tmp_path, cells(number), DOCUMENTS, {}).id for number in (2924, 2930))
    earlier, later = open_release(tmp_path, first), open_release(tmp_path, second)
    assert compare(earlier, later) == [
        Change("employees", added=0, removed=0, changed=1, periods=("2022-11",))
    ]
    assert compare(earlier, earlier) == []
