"""Releases: folders that are never changed again, and the pointer to the one people see.

Belongs here: writing a release whole or not at all, switching the pointer, listing, reading, `status.json`.
Does not belong here: which values may be shown (pipelines/disclosure) and what a figure means (key_figures/).

A reader resolves the pointer once and then keeps to that folder: it sees the old release or the new one, never a mixture.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.disk import replace_json, sha256, sync, write_json
from warehouse.manifest import CURRENT, MANIFEST, legible, made_at, read_manifest, withdrawn

STATUS = "status.json"
CELLS = "cells.parquet"
INSIGHTS = "insights.json"
AUDIT = "audit.json"
DOCUMENTS = ("catalogue.json", INSIGHTS, "quality.json", AUDIT)
BUILDING = ".building-"

SHOWN = "shown"
HIDDEN = "hidden"
MISSING = "missing"

NUMBERS = ("value", "numerator", "denominator", "n", "low", "high")


class NoReleaseError(LookupError):
    """Nothing has been published yet, or not that release."""


@dataclass(frozen=True)
class Published:
    """What publishing came to: the id of the release people see, whether it is a new one, and whether one was withheld.

    Withheld: the figures are those of a release that somebody has rolled back; they are not shown again until they change.
    """

    id: str
    is_new: bool
    is_withheld: bool = False


@dataclass(frozen=True)
class Release:
    """One published release, read only.

    `cells` has one row per figure, period, breakdown and group; numbers are empty unless the status is `shown`.
    `insights` holds what is told of them: signals, changes, objectives, targets' paths, the parts of the equality index.
    """

    folder: Path
    manifest: Mapping[str, Any]
    figures: Mapping[str, Mapping[str, Any]]
    dimensions: Mapping[str, Mapping[str, Any]]
    themes: Sequence[Mapping[str, Any]]
    quality: Mapping[str, Any]
    by_figure: Mapping[str, pl.DataFrame]
    insights: Mapping[str, Any] = field(default_factory=dict)
    has_totals_only: bool = False  # Cut down for a role that sees no breakdown.

    @property
    def id(self) -> str:
        """The release's id: when it was made, and the beginning of its content's hash."""
        return str(self.manifest["id"])

    def periods(self, figure: str) -> list[str]:
        """The periods that have cells for the figure, oldest first."""
        cells = self._cells_of(figure)
        return cells.select("period").unique().sort("period")["period"].to_list()

    def cells(self, figure: str, period: str | None = None, by: Sequence[str] | None = None) -> pl.DataFrame:
        """The cells of one figure.

        Args:
            figure: its id.
            period: one period, or every one.
            by: the dimensions of one breakdown in any order, `()` for the total; None = every breakdown.

        Returns:
            The columns of `cells.parquet`, ordered by period and group.

        Raises:
            KeyError: no such figure.
        """
        cells = self._cells_of(figure)
        if period is not None:
            cells = cells.filter(pl.col("period") == period)
        if by is not None:
            cells = cells.filter(pl.col("breakdown") == self.breakdown(figure, by))
        return cells

    def breakdown(self, figure: str, by: Sequence[str]) -> str:
        """The name of the breakdown over these dimensions, as `cells` has it; a distribution's own dimension may be left out."""
        across = self.figures[figure].get("across")
        wanted = {*by, *([across] if across else [])}
        return ",".join(dimension for dimension in self.dimensions if dimension in wanted) or "total"

    def records(self, figure: str, by: Sequence[str] = ()) -> Mapping[str, list[dict[str, Any]]]:
        """The cells of one breakdown as records, by period, oldest first; made once and kept: nobody may change them.

        Raises:
            KeyError: no such figure.
        """
        breakdown = self.breakdown(figure, by)
        if (figure, breakdown) not in self._kept:
            own = [name for name in breakdown.split(",") if name in self.dimensions]
            columns = ["figure", "version", "period", "period_end", "breakdown", *own, *NUMBERS, "status"]
            cells = self._cells_of(figure).filter(pl.col("breakdown") == breakdown)
            made: dict[str, list[dict[str, Any]]] = {}
            for record in cells.select(columns).sort("period").to_dicts():
                made.setdefault(record["period"], []).append(record)
            self._kept[figure, breakdown] = made
        return self._kept[figure, breakdown]

    def ends(self, figure: str) -> Mapping[str, str]:
        """The figure's periods, oldest first, and the month each ends in; kept."""
        if figure not in self._ends:
            found = self._cells_of(figure).group_by("period").agg(pl.col("period_end").max()).sort("period")
            self._ends[figure] = {period: str(end)[: len("2026-10")] for period, end in found.iter_rows()}
        return self._ends[figure]

    @functools.cached_property
    def audit(self) -> Mapping[str, Any]:
        """The record of the disclosure audit that the release passed; empty for a part of a release."""
        file = self.folder / AUDIT
        return json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}

    @functools.cached_property
    def _kept(self) -> dict[tuple[str, str], dict[str, list[dict[str, Any]]]]:
        return {}

    @functools.cached_property
    def _ends(self) -> dict[str, dict[str, str]]:
        return {}

    def group(self, cell: Mapping[str, Any]) -> dict[str, str]:
        """The group of a cell as dimension → code; empty for the total."""
        return {name: cell[name] for name in self.dimensions if cell.get(name) is not None}

    def label(self, dimension: str, code: str, lang: str) -> str:
        """What people call a level, in their language; the code itself where it has no name."""
        return str(self._labels.get((dimension, code), {}).get(lang, code))

    @functools.cached_property
    def _labels(self) -> dict[tuple[str, str], Mapping[str, Any]]:
        return {
            (name, level["code"]): level
            for name, dimension in self.dimensions.items()
            for level in dimension["levels"]
        }

    def _cells_of(self, figure: str) -> pl.DataFrame:
        if figure not in self.figures:
            raise KeyError(figure)
        return self.by_figure.get(
            figure, next(iter(self.by_figure.values())).clear() if self.by_figure else pl.DataFrame()
        )


@functools.lru_cache(maxsize=4)
def _read(folder: Path) -> Release:
    with legible(folder):
        return _parse(folder)


def _parse(folder: Path) -> Release:
    manifest = read_manifest(folder)
    catalogue = json.loads((folder / "catalogue.json").read_text(encoding="utf-8"))
    quality = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    # A release from before there were insights is still one.
    told = folder / INSIGHTS
    insights = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {}
    cells = pl.read_parquet(folder / CELLS)
    by_figure = {
        str(key[0]): part
        for key, part in cells.partition_by("figure", as_dict=True, maintain_order=True).items()
    }
    return Release(
        folder=folder,
        manifest=manifest,
        figures={figure["id"]: figure for figure in catalogue["figures"]},
        dimensions={dimension["id"]: dimension for dimension in catalogue["dimensions"]},
        themes=catalogue["themes"],
        quality=quality,
        by_figure=by_figure,
        insights=insights,
    )


def open_current(releases: Path) -> Release | None:
    """The release people see now, or None before the first. Cached by the real folder, which never changes.

    Raises:
        ReleaseDamagedError: its files cannot be read.
    """
    pointer = releases / CURRENT
    if not pointer.exists():
        return None
    return _read(pointer.resolve())


def open_release(releases: Path, release_id: str) -> Release:
    """One release by its id.

    Raises:
        NoReleaseError: no such release.
        ReleaseDamagedError: its files cannot be read.
    """
    return _read(folder_of(releases, release_id).resolve())


def folder_of(releases: Path, release_id: str) -> Path:
    """Where a release lies.

    Raises:
        NoReleaseError: no such release.
    """
    folder = releases / release_id
    if not (folder / MANIFEST).is_file() or folder.parent != releases:
        raise NoReleaseError(
            f"no release {release_id}; there are: {', '.join(list_releases(releases)) or 'none'}"
        )
    return folder


def list_releases(releases: Path) -> list[str]:
    """Ids of the releases that are kept, oldest first."""
    if not releases.is_dir():
        return []
    made = [path for path in releases.iterdir() if not path.is_symlink() and (path / MANIFEST).is_file()]
    return [path.name for path in sorted(made, key=made_at)]


def publish(
    releases: Path,
    cells: pl.DataFrame,
    documents: Mapping[str, Mapping[str, Any]],
    manifest: Mapping[str, Any],
    keep: int = 14,
    pages: Mapping[str, str] | None = None,
) -> Published:
    """Write a release and point to it.

    Built in a folder of its own, forced to disk, renamed, then pointed to; the current content again makes no new release.

    Args:
        releases: the folder of releases.
        cells: protected cells; the caller has hidden what must be hidden.
        documents: by name, see DOCUMENTS; an absent one is written empty, but `audit.json` must say that the audit passed.
        manifest: further keys of `release.json`.
        keep: how many releases stay.
        pages: texts by file name that say in words what the documents say.

    Returns:
        The id of the current release and whether it is new.

    Raises:
        ValueError: a cell that is not shown still carries a number, or no audit has passed.
    """
    if documents.get(AUDIT, {}).get("passed") is not True:
        raise ValueError("no audit of these cells has passed; nothing was published")
    leaking = cells.filter((pl.col("status") != SHOWN) & pl.any_horizontal(pl.col(*NUMBERS).is_not_null()))
    if leaking.height:
        raise ValueError(f"{leaking.height} cells that are not shown carry numbers; nothing was published")
    releases.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(releases)
    current = _whole_current(releases)
    building = releases / f"{BUILDING}{os.getpid()}"
    hashes, content = _build(building, cells, documents, pages or {})
    if current is not None and current.manifest["content_hash"] == content:
        shutil.rmtree(building)
        return Published(current.id, is_new=False)
    if current is not None and hashes[CELLS] in withdrawn(releases):
        shutil.rmtree(building)
        return Published(current.id, is_new=False, is_withheld=True)
    now = datetime.now(UTC)
    release_id = f"{now:%Y%m%dT%H%M%SZ}-{content[:8]}"
    stated = {
        "id": release_id,
        "created_at": now.isoformat(),
        "previous": current.id if current else None,
        "content_hash": content,
        "files": hashes,
        **manifest,
    }
    write_json(building / MANIFEST, stated)
    sync(*building.iterdir(), building)
    _place(building, releases / release_id)
    sync(releases)
    point_to(releases, release_id)
    prune(releases, keep)
    return Published(release_id, is_new=True)


def _build(
    building: Path, cells: pl.DataFrame, documents: Mapping[str, Mapping[str, Any]], pages: Mapping[str, str]
) -> tuple[dict[str, str], str]:
    """Write what a release holds, without its manifest; the files' hashes, and that of the whole content."""
    building.mkdir()
    cells.write_parquet(building / CELLS, compression="zstd", statistics=False)
    for name in DOCUMENTS:
        write_json(building / name, documents.get(name, {}))
    for name, text in pages.items():
        (building / name).write_text(text, encoding="utf-8")
    hashes = {path.name: sha256(path) for path in sorted(building.iterdir())}
    content = hashlib.sha256("".join(hashes[name] for name in (CELLS, *DOCUMENTS)).encode()).hexdigest()
    return hashes, content


def _place(building: Path, folder: Path) -> None:
    if folder.exists():
        # The same content, published, rolled back and published again within a second: the folder is there already.
        shutil.rmtree(building)
    else:
        building.rename(folder)


def _whole_current(releases: Path) -> Release | None:
    """The current release if it is what it was when it was made; one that somebody or the disk has damaged is made anew."""
    pointer = releases / CURRENT
    if not (pointer / MANIFEST).is_file():
        return None
    try:
        stated = json.loads((pointer / MANIFEST).read_text(encoding="utf-8"))["files"]
    except (ValueError, KeyError):
        return None
    if any(not (pointer / name).is_file() or sha256(pointer / name) != was for name, was in stated.items()):
        return None
    return open_current(releases)


def point_to(releases: Path, release_id: str) -> None:
    """Make a release the current one, in one rename.

    Raises:
        NoReleaseError: no such release.
        ReleaseDamagedError: people could not be shown it.
    """
    open_release(releases, release_id)
    fresh = releases / f"{BUILDING}{CURRENT}-{os.getpid()}"
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(release_id)
    fresh.replace(releases / CURRENT)
    sync(releases)


def sweep(releases: Path) -> None:
    """Remove what a killed build left behind."""
    for path in releases.glob(f"{BUILDING}*"):
        path.unlink() if path.is_symlink() or path.is_file() else shutil.rmtree(path)


def read_status(releases: Path) -> dict[str, Any]:
    """What `status.json` says; empty before the first run."""
    try:
        status: dict[str, Any] = json.loads((releases / STATUS).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return status


def write_status(releases: Path, status: Mapping[str, Any]) -> None:
    """Replace `status.json` in one rename. It must not carry values of cells."""
    releases.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_json(releases / STATUS, status)


def prune(releases: Path, keep: int) -> list[str]:
    """Remove all but the newest releases; the current one always stays.

    Returns:
        The ids of those removed.
    """
    current = (releases / CURRENT).resolve().name
    gone = [release_id for release_id in list_releases(releases)[:-keep] if release_id != current]
    for release_id in gone:
        # Out of sight in one rename: a reader never lists half a release.
        leaving = (releases / release_id).rename(releases / f"{BUILDING}{release_id}")
        shutil.rmtree(leaving)
    return gone
