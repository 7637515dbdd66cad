"""Releases: whole or not at all, and the pointer never points to anything else."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from warehouse.release import (
    NoReleaseError,
    list_releases,
    open_current,
    open_release,
    point_to,
    publish,
    read_status,
    write_status,
)

DOCUMENTS: dict[str, dict[str, Any]] = {
    "audit.json": {"passed": True},
    "catalogue.json": {
        "figures": [{"id": "employees", "across": None}, {"id": "spread", "across": "sex"}],
        "themes": [],
        "dimensions": [
            {"id": "department", "levels": [{"code": "D1", "sv": "Vård", "en": "Care"}]},
            {"id": "sex", "levels": []},
        ],
        "units": {},
    },
    "quality.json": {},
}


def cells(value: float, status: str = "shown") -> pl.DataFrame:
    """Two cells of one figure: the total, and one department's women."""
    return pl.DataFrame(
        {
            "figure": ["employees", "employees"],
            "period": ["2022-11", "2022-11"],
            "breakdown": ["total", "department,sex"],
            "department": [None, "D1"],
            "sex": [None, "K"],
            "value": [float(value), 7.0],
            "numerator": [float(value), 7.0],
            "denominator": [None, None],
            "n": [int(value), 7],
            "low": [None, None],
            "high": [None, None],
            "status": [status, "shown"],
        },
        schema_overrides=dict.fromkeys(("denominator", "low", "high"), pl.Float64),
    )


def test_a_release_is_read_as_it_was_published(tmp_path: Path) -> None:
    published = publish(tmp_path, cells(2924), DOCUMENTS, {"as_of": "2026-10-31"})
    release = open_current(tmp_path)
    assert release is not None
    assert published.is_new
    assert release.id == published.id
    assert release.periods("employees") == ["2022-11"]
    assert release.cells("employees", by=())["value"].to_list() == [2924]
    (cell,) = release.cells("employees", "2022-11", by=("sex", "department")).iter_rows(named=True)
    assert release.group(cell) == {"department": "D1", "sex": "K"}
    assert release.label("department", "D1", "sv") == "Vård"
    assert release.breakdown("spread", ("department",)) == "department,sex"


def test_a_figure_without_cells_has_no_periods_and_an_unknown_one_is_an_error(tmp_path: Path) -> None:
    publish(tmp_path, cells(2924), DOCUMENTS, {})
    release = open_current(tmp_path)
    assert release is not None
    assert release.periods("spread") == []
    with pytest.raises(KeyError):
        release.periods("shoe_size")


def test_the_same_content_makes_no_new_release(tmp_path: Path) -> None:
    first = publish(tmp_path, cells(2924), DOCUMENTS, {})
    again = publish(tmp_path, cells(2924), DOCUMENTS, {})
    assert (again.id, again.is_new) == (first.id, False)
    assert list_releases(tmp_path) == [first.id]


def test_a_hidden_cell_with_a_number_is_never_published(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nothing was published"):
        publish(tmp_path, cells(3, status="hidden"), DOCUMENTS, {})
    assert open_current(tmp_path) is None
    assert list_releases(tmp_path) == []


def test_what_no_audit_has_passed_is_not_published(tmp_path: Path) -> None:
    for audit in ({}, {"passed": False}):
        with pytest.raises(ValueError, match="audit"):
            publish(tmp_path, cells(2924), {**DOCUMENTS, "audit.json": audit}, {})
    assert list_releases(tmp_path) == []


def test_old_releases_go_and_the_current_one_stays(tmp_path: Path) -> None:
    ids = [publish(tmp_path, cells(2900 + number), DOCUMENTS, {}, keep=3).id for number in range(5)]
    assert set(list_releases(tmp_path)) <= set(ids)
    assert len(list_releases(tmp_path)) == 3
    point_to(tmp_path, list_releases(tmp_path)[0])
    current = open_current(tmp_path)
    assert current is not None
    assert current.id == list_releases(tmp_path)[0]


def test_leftovers_of_a_killed_build_are_swept(tmp_path: Path) -> None:
    (tmp_path / ".building-999").mkdir()
    (tmp_path / ".building-999" / "cells.parquet").write_bytes(b"half")
    publish(tmp_path, cells(2924), DOCUMENTS, {})
    assert not list(tmp_path.glob(".building-*"))


def test_pointing_to_what_is_not_there_says_what_is(tmp_path: Path) -> None:
    published = publish(tmp_path, cells(2924), DOCUMENTS, {})
    with pytest.raises(NoReleaseError, match=published.id):
        point_to(tmp_path, "20200101T000000Z-00000000")
    with pytest.raises(NoReleaseError):
        open_release(tmp_path, "../releases")


def test_status_is_replaced_whole(tmp_path: Path) -> None:
    assert read_status(tmp_path) == {}
    write_status(tmp_path, {"current": "a"})
    write_status(tmp_path, {"problems": []})
    assert read_status(tmp_path) == {"problems": []}


def test_a_damaged_release_is_made_anew(tmp_path: Path) -> None:
    first = publish(tmp_path, cells(2924), DOCUMENTS, {})
    file = tmp_path / first.id / "cells.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    (tmp_path / first.id).rename(tmp_path / "20200101T000000Z-00000000")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to("20200101T000000Z-00000000")
    again = publish(tmp_path, cells(2924), DOCUMENTS, {})
    assert again.is_new
    release = open_current(tmp_path)
    assert release is not None
    assert release.cells("employees", by=())["value"].to_list() == [2924]
