"""A folder into which others put files: a file that has arrived whole is moved to the source's folder.

Belongs here: when a file is whole, what is refused, and moving it without ever writing to it.
Does not belong here: reading it (taking.py), watching with a clock (assets/sensors.py).

A file is whole when its size and time have not changed between two looks, or at once when a file of the same name with `.done`
lies beside it. It is moved by rename, so that it is in one folder or the other and never in both; a file whose content came
before is moved too: intake remembers it by its content.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.intake.files import UNFINISHED

DONE = ".done"
# What a file name may hold; no path tricks, no control characters, nothing that begins with a dot or a dash.
NAME = re.compile(r"[^\W_][\w .,()+=@-]{0,180}", re.UNICODE)


@dataclass(frozen=True)
class Seen:
    """What one look at the folder found of a file: when nothing of it changes, the file is whole."""

    size: int
    changed_ns: int
    inode: int


@dataclass(frozen=True)
class Look:
    """One look at the folder.

    Attributes:
        moved: files that were whole and have been moved, under their new names.
        waiting: files that are still arriving, to be handed to the next look.
        refused: what may not be taken, and why (sv and en).
    """

    moved: tuple[str, ...]
    waiting: dict[str, Seen]
    refused: dict[str, tuple[str, str]]


def look(drop: Path, into: Path, before: Mapping[str, Seen]) -> Look:
    """Look at the folder once, and move what is whole.

    Args:
        drop: the folder that others write to.
        into: the source's folder, on the same file system.
        before: what the look before this one left waiting.
    """
    moved: list[str] = []
    waiting: dict[str, Seen] = {}
    refused: dict[str, tuple[str, str]] = {}
    into.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.scandir(drop) as entries:
        found = sorted(entries, key=lambda entry: entry.name)
    names = {entry.name for entry in found}
    for entry in found:
        if entry.name.startswith((".", "~$")) or entry.name.lower().endswith((DONE, *UNFINISHED)):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            # Whoever put it there has taken it back.
            continue
        why = _refusal(entry.name, status)
        if why is not None:
            refused[entry.name] = why
            continue
        seen = Seen(status.st_size, status.st_mtime_ns, status.st_ino)
        is_done = f"{entry.name}{DONE}" in names
        if not is_done and before.get(entry.name) != seen:
            waiting[entry.name] = seen
            continue
        try:
            moved.append(_move(drop / entry.name, into))
        except FileNotFoundError:
            # Taken back since it was looked at.
            continue
        if is_done:
            (drop / f"{entry.name}{DONE}").unlink(missing_ok=True)
    return Look(tuple(moved), waiting, refused)


def _refusal(name: str, status: os.stat_result) -> tuple[str, str] | None:
    if not stat.S_ISREG(status.st_mode):
        return ("Är en länk, en mapp eller en enhet.", "Is a link, a folder or a device.")
    if status.st_nlink > 1:
        return ("Finns på flera ställen (hård länk).", "Lies in several places (hard link).")
    if not NAME.fullmatch(name):
        return ("Filnamnet har otillåtna tecken.", "The file name has signs that are not allowed.")
    return None


def _move(file: Path, into: Path) -> str:
    """Rename into the folder; a name that is taken gets a number, for a delivery is never overwritten."""
    name, number = file.name, 1
    while (into / name).exists():
        number += 1
        name = f"{file.stem} ({number}){file.suffix}"
    file.rename(into / name)
    return name
