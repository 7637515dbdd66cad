"""What is known of releases without opening them: what each says of itself, the pointer, what was withdrawn.

Belongs here: `release.json`, `current`, `withdrawn.json`, and what it is called when a release's files cannot be read.
Does not belong here: cells and documents (release.py), withdrawing (rollback.py).

A release whose cells are damaged can so be listed, named and rolled back from.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl

CURRENT = "current"
MANIFEST = "release.json"
WITHDRAWN = "withdrawn.json"


class ReleaseDamagedError(RuntimeError):
    """A release's files cannot be read: the disk or somebody has changed them. The next night makes it anew."""


@contextmanager
def legible(folder: Path) -> Iterator[None]:
    """Read in a release's folder.

    Raises:
        ReleaseDamagedError: what was read is not what a release holds.
    """
    try:
        yield
    except (OSError, ValueError, KeyError, pl.exceptions.PolarsError) as error:
        raise ReleaseDamagedError(
            f"release {folder.name} is damaged and cannot be read; fordel refresh makes it anew"
        ) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """What a release's `release.json` says.

    Raises:
        ReleaseDamagedError: it cannot be read.
    """
    with legible(folder):
        stated: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        return stated


def made_at(folder: Path) -> str:
    """When a release was made; empty where nobody can say: it is the first to go."""
    try:
        return str(read_manifest(folder)["created_at"])
    except ReleaseDamagedError:
        return ""


def current_id(releases: Path) -> str | None:
    """The id of the release people see, readable or not; None before the first."""
    pointer = releases / CURRENT
    return pointer.resolve().name if pointer.exists() else None


def withdrawn(releases: Path) -> dict[str, dict[str, str]]:
    """The figures that somebody has rolled back, by the hash of their cells: {release, at}; see rollback.py."""
    try:
        found: dict[str, dict[str, str]] = json.loads((releases / WITHDRAWN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found
