"""Looking at releases as they lie on disk: are they whole, and what changed from one to the next?

Belongs here: verifying hashes, comparing two releases.
Does not belong here: writing and pointing (release.py).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from warehouse.release import CELLS, MANIFEST, NUMBERS, Release

KEY = ("figure", "period", "breakdown")


@dataclass(frozen=True)
class Change:
    """What happened to one figure between two releases: how many of its cells are new, gone, or say something else."""

    figure: str
    added: int
    removed: int
    changed: int
    periods: tuple[str, ...]


def damaged_files(folder: Path) -> list[str]:
    """The files of a release that are not what they were when it was published; empty = whole.

    A file that is missing, has another hash, or was put there later counts as damaged.
    """
    stated = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["files"]
    found = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.iterdir()
        if path.name != MANIFEST
    }
    return sorted(name for name in {*stated, *found} if stated.get(name) != found.get(name))


def compare(earlier: Release, later: Release) -> list[Change]:
    """What changed, by figure, from published cells only; figures that say the same are left out.

    Args:
        earlier: the older release.
        later: the newer one.
    """
    groups = sorted({*earlier.dimensions, *later.dimensions})
    said = [*NUMBERS, "status"]
    old, new = (
        _cells(release, groups).rename({name: f"{side}_{name}" for name in said})
        for release, side in ((earlier, "a"), (later, "b"))
    )
    both = old.join(new, on=[*KEY, *groups], how="full", coalesce=True, nulls_equal=True)
    differs = pl.any_horizontal(pl.col(f"a_{name}").ne_missing(pl.col(f"b_{name}")) for name in said)
    counted = (
        both.with_columns(
            added=pl.col("a_status").is_null(),
            removed=pl.col("b_status").is_null(),
            changed=pl.col("a_status").is_not_null() & pl.col("b_status").is_not_null() & differs,
        )
        .filter(pl.any_horizontal("added", "removed", "changed"))
        .group_by("figure")
        .agg(pl.col("added", "removed", "changed").sum(), periods=pl.col("period").unique().sort())
        .sort("figure")
    )
    return [
        Change(row["figure"], row["added"], row["removed"], row["changed"], tuple(row["periods"]))
        for row in counted.iter_rows(named=True)
    ]


def _cells(release: Release, groups: list[str]) -> pl.DataFrame:
    cells = pl.read_parquet(release.folder / CELLS)
    lacking = [pl.lit(None, pl.String).alias(name) for name in groups if name not in cells.columns]
    return cells.with_columns(lacking).select(*KEY, *groups, *NUMBERS, "status")
