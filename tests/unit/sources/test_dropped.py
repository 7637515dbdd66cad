"""Files that are put into a watched folder."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake import dropped
from pipelines.intake.dropped import look


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "drop").mkdir()
    return tmp_path / "drop", tmp_path / "in"


def test_a_file_is_taken_when_it_has_stopped_growing(folders: tuple[Path, Path]) -> None:
    drop, into = folders
    file = drop / "personal_2026-10.csv"
    file.write_bytes(b"half")
    first = look(drop, into, {})
    assert (first.moved, list(first.waiting)) == ((), [file.name])
    file.write_bytes(b"half and whole")
    second = look(drop, into, first.waiting)
    assert second.moved == ()
    third = look(drop, into, second.waiting)
    assert third.moved == (file.name,)
    assert not file.exists()
    assert (into / file.name).read_bytes() == b"half and whole"
    assert look(drop, into, third.waiting).moved == ()


def test_a_done_mark_takes_it_at_once(folders: tuple[Path, Path]) -> None:
    drop, into = folders
    (drop / "a.csv").write_bytes(b"x")
    (drop / "a.csv.done").touch()
    assert look(drop, into, {}).moved == ("a.csv",)
    assert list(drop.iterdir()) == []


@pytest.mark.parametrize("at", ["stat", "rename"])
def test_a_file_that_is_taken_back_meanwhile_costs_no_other(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    drop, into = folders
    for name in ("a.csv", "b.csv"):
        (drop / name).write_bytes(b"x")
    before = look(drop, into, {}).waiting
    if at == "stat":
        scandir = os.scandir

        def listed_only(path: Path) -> Any:
            with scandir(path) as entries:
                found = list(entries)
            (drop / "a.csv").unlink()
            return contextlib.nullcontext(found)

        monkeypatch.setattr(os, "scandir", listed_only)
    else:
        monkeypatch.setattr(
            dropped, "_refusal", lambda name, _: (drop / name).unlink() if name == "a.csv" else None
        )
    assert look(drop, into, before).moved == ("b.csv",)


def test_nothing_is_overwritten(folders: tuple[Path, Path]) -> None:
    drop, into = folders
    for content in (b"first", b"second"):
        (drop / "a.csv").write_bytes(content)
        (drop / "a.csv.done").touch()
        look(drop, into, {})
    assert {path.name: path.read_bytes() for path in into.iterdir()} == {
        "a.csv": b"first",
        "a (2).csv": b"second",
    }


def test_unfinished_and_hidden_files_wait(folders: tuple[Path, Path]) -> None:
    drop, into = folders
    for name in (".a.csv", "a.csv.part", "~$b.xlsx", "c.tmp", "d.csv.PART"):
        (drop / name).write_bytes(b"x")
    again = look(drop, into, look(drop, into, {}).waiting)
    assert (again.moved, again.waiting, again.refused) == ((), {}, {})


def test_links_devices_folders_and_tricks_with_names_are_refused(folders: tuple[Path, Path]) -> None:
    drop, into = folders
    outside = drop.parent / "outside.csv"
    outside.write_bytes(b"x")
    (drop / "link.csv").symlink_to(outside)
    os.link(outside, drop / "hard.csv")
    os.mkfifo(drop / "pipe.csv")
    (drop / "folder.csv").mkdir()
    for name in ("-rf.csv", "a\nb.csv", "a\\..\\b.csv", "a%00.csv", "$(x).csv"):
        (drop / name).write_bytes(b"x")
    seen = look(drop, into, {})
    again = look(drop, into, seen.waiting)
    assert again.moved == ()
    assert len(again.refused) == 9
    assert all(sv and en for sv, en in again.refused.values())
    assert list(into.iterdir()) == []
    assert outside.read_bytes() == b"x"
