"""Rewriting the raw store: a whole new store beside the old one, put in its place in one step.

Belongs here: copying what stays, writing what changes, keeping the counts of each delivery true, the exchange.
Does not belong here: what is to be changed (forgetting.py, rekeying.py, keeping.py) and building the warehouse again
(rebuilding.py).

A delivery's folder is never changed; it is written anew under the same id. Whoever is killed on the way leaves the old
store as it was and a leftover that the next rewriting removes. Afterwards nothing of the old store is left.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.intake.identities import KEY_VERSION, read_key_version
from pipelines.intake.raw_store import FAULTS, MANIFEST, QUARANTINE, WITHDRAWN, RawStoreError
from warehouse.contracts import CONTRACTS, Contract
from warehouse.disk import sync, whole
from warehouse.settings import Settings

AT_FDCWD = -100
RENAME_EXCHANGE = 2

Change = Callable[[Contract, Mapping[str, Any], str, pl.DataFrame], pl.DataFrame | None]
"""From contract, delivery's manifest, file's name and rows to the rows that stay; None = the file goes, its counts stay."""


class CannotExchangeError(RuntimeError):
    """The file system cannot exchange two folders in one step."""


def rewrite(settings: Settings, change: Change, key_version: int | None = None) -> int:
    """Write the raw store anew. The warehouse must be held, and built again afterwards.

    Args:
        settings: whose raw store.
        change: what stays of each file.
        key_version: how many keys the pseudonyms have been through afterwards; default as before.

    Returns:
        How many deliveries were changed.

    Raises:
        CannotExchangeError: nothing was changed.
    """
    fresh = settings.raw.with_name("raw.next")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    changed = 0
    for contract in CONTRACTS.values():
        folder = settings.raw / contract.name
        for place in sorted(folder.iterdir()) if folder.is_dir() else []:
            if not place.name.startswith("."):
                changed += _delivery(contract, place, fresh / contract.name / place.name, change)
    version = key_version if key_version is not None else read_key_version(settings)
    _write(fresh / KEY_VERSION, f"{version}\n".encode())
    if changed or key_version is not None:
        settings.raw.mkdir(mode=0o700, exist_ok=True)
        sync(*(path for path in fresh.rglob("*") if path.is_dir()), fresh)
        _exchange(fresh, settings.raw)
    # What is beside the store now is the old one.
    shutil.rmtree(fresh)
    return changed


def frames(settings: Settings) -> Iterator[tuple[Contract, pl.DataFrame]]:
    """The rows of every raw delivery, quarantine included.

    Raises:
        RawStoreError: a file is damaged.
    """
    for contract in CONTRACTS.values():
        for path in whole(settings.raw / contract.name, "*/*.parquet"):
            if path.name != FAULTS:
                yield contract, _read(path)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise RawStoreError(f"{path}: is damaged; restore it from a backup") from error


def _delivery(contract: Contract, place: Path, fresh: Path, change: Change) -> bool:
    """Write one delivery anew, or link its files where nothing changes; whether something did."""
    fresh.mkdir(mode=0o700, parents=True)
    fresh.parent.chmod(0o700)
    stated: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
    rows: dict[str, int] = {}
    gone: set[int] = set()
    gone_bad: set[int] = set()
    is_changed = False
    for name in list(stated["files"]):
        before = pl.read_parquet(place / name)
        after = change(contract, stated, name, before)
        if after is before:
            os.link(place / name, fresh / name)
            continue
        is_changed = True
        if after is None:
            del stated["files"][name]
            continue
        if "row_number" in before.columns and name != FAULTS:
            left = set(before["row_number"]) - set(after["row_number"])
            (gone_bad if name == QUARANTINE else gone).update(left)
        if name not in (QUARANTINE, FAULTS, WITHDRAWN):
            rows |= _by_month(before, after)
        after.write_parquet(fresh / name)
        _settle(fresh / name)
        stated["files"][name] = hashlib.sha256((fresh / name).read_bytes()).hexdigest()
    if not is_changed:
        os.link(place / MANIFEST, fresh / MANIFEST)
        return False
    _recount(stated, rows, gone, gone_bad)
    _write(fresh / MANIFEST, json.dumps(stated, indent=1, ensure_ascii=False).encode())
    return True


def _by_month(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, int]:
    """How many rows are left of each month that a file holds."""
    left = dict(after.group_by("month").len().iter_rows())
    return {str(month): left.get(month, 0) for month in before["month"].unique()}


def _recount(stated: dict[str, Any], rows: Mapping[str, int], gone: set[int], gone_bad: set[int]) -> None:
    """The delivery's counts without the rows that are gone: delivered = loaded + quarantined goes on holding."""
    stated["month_rows"] = [
        rows.get(month, count) for month, count in zip(stated["months"], stated["month_rows"], strict=True)
    ]
    stated["rows_loaded"] -= len(gone)
    stated["rows_quarantined"] -= len(gone_bad)
    stated["rows_delivered"] -= len(gone) + len(gone_bad)


def _exchange(one: Path, other: Path) -> None:
    """Exchange two folders in one step, as Linux can."""
    rename = ctypes.CDLL(None, use_errno=True).renameat2
    if rename(AT_FDCWD, bytes(one), AT_FDCWD, bytes(other), RENAME_EXCHANGE):
        shutil.rmtree(one)
        why = os.strerror(ctypes.get_errno())
        raise CannotExchangeError(
            f"the file system of {other} cannot exchange two folders in one step ({why}); "
            "move the home folder to ext4, XFS or Btrfs. Nothing was changed"
        )
    sync(other.parent)


def _write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    _settle(path)


def _settle(path: Path) -> None:
    path.chmod(0o600)
    sync(path)
