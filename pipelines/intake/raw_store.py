"""The raw store: every delivery that was loaded, pseudonymised, in a folder of its own that is never changed again.

Belongs here: writing a delivery's folder, finding folders, reading back what is needed to enter one into the log.
Does not belong here: the log and the tables themselves (loading.py).

A folder is written beside its place and renamed into it, so that a killed run leaves either all of it or a leftover
that starts with a dot. The warehouse file can be thrown away: everything in `raw`, `absence` and the log's loaded
lines comes back from here.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.validation.quarantine import FAULT_SCHEMA, Sifted
from warehouse.contracts import Contract
from warehouse.disk import sync

MANIFEST = "delivery.json"
QUARANTINE = "quarantine.parquet"
FAULTS = "faults.parquet"
WITHDRAWN = "withdrawn.parquet"
ROWS = "rows.parquet"


class RawStoreError(RuntimeError):
    """A folder of the raw store is damaged; the message names it."""


@dataclass(frozen=True)
class Delivery:
    """One line of the delivery log; see warehouse/contracts/log.py for the columns."""

    delivery_id: str
    contract: str
    source: str
    file_name: str
    content_hash: str
    mapping_hash: str
    delivered_at: datetime
    taken_at: datetime
    months: tuple[date, ...] = ()
    month_rows: tuple[int, ...] = ()
    rows_delivered: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    status: str = "loaded"
    reason_id: str | None = None
    reason: str | None = None
    reason_sv: str | None = None
    judged_by: str | None = None
    missing_columns: tuple[str, ...] = ()
    ignored_columns: tuple[str, ...] = ()


def month_file(raw: Path, contract: str, delivery_id: str, month: date) -> Path:
    """Where a delivery's rows of one month lie."""
    return raw / contract / delivery_id / f"{month:%Y-%m}.parquet"


def rows_file(raw: Path, contract: str, delivery_id: str) -> Path:
    """Where a delivery's rows lie, of a contract that is not delivered by whole months."""
    return raw / contract / delivery_id / ROWS


def withdrawn_file(raw: Path, contract: str, delivery_id: str) -> Path:
    """Where the groups lie that a delivery withdraws; it exists only where there are such."""
    return raw / contract / delivery_id / WITHDRAWN


def write_delivery(
    raw: Path, contract: Contract, delivery: Delivery, sifted: Sifted, withdrawn: pl.DataFrame | None = None
) -> None:
    """Write a delivery's folder; one that is there already is left as it is, for it holds the same.

    Args:
        raw: the raw store.
        contract: the delivery's contract.
        delivery: its line in the log.
        sifted: its rows.
        withdrawn: groups that its server does not hold any more.
    """
    place = raw / contract.name / delivery.delivery_id
    if place.exists():
        return
    part = place.with_name(f".{delivery.delivery_id}.part")
    shutil.rmtree(part, ignore_errors=True)
    for folder in (raw, raw / contract.name, part):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    files: dict[str, str] = {}
    if contract.is_by_month:
        for (month,), rows in sifted.good.partition_by("month", as_dict=True).items():
            files[f"{month:%Y-%m}.parquet"] = _write(part / f"{month:%Y-%m}.parquet", rows)
    elif not sifted.good.is_empty():
        files[ROWS] = _write(part / ROWS, sifted.good)
    if not sifted.bad.is_empty():
        files[QUARANTINE] = _write(part / QUARANTINE, sifted.bad)
        files[FAULTS] = _write(part / FAULTS, sifted.faults)
    if withdrawn is not None:
        known = withdrawn.with_columns(pl.lit(delivery.delivery_id).alias("delivery_id"))
        files[WITHDRAWN] = _write(part / WITHDRAWN, known)
    stated = {**asdict(delivery), "files": files}
    text = json.dumps(stated, indent=1, default=_as_text, ensure_ascii=False)
    _write_bytes(part / MANIFEST, text.encode())
    sync(part)
    part.rename(place)
    sync(place.parent)


def read_deliveries(
    raw: Path, contract: Contract, known: set[str]
) -> Iterator[tuple[Delivery, pl.DataFrame]]:
    """Deliveries in the raw store that are not known yet, with their faults; leftovers of killed runs are swept.

    Only to be called by whoever holds the warehouse: a leftover could otherwise be another run's work.

    Args:
        raw: the raw store.
        contract: whose deliveries.
        known: ids that are in the log.

    Raises:
        RawStoreError: a folder does not hold what its manifest says.
    """
    folder = raw / contract.name
    if not folder.is_dir():
        return
    for place in sorted(folder.iterdir()):
        if place.name.startswith("."):
            shutil.rmtree(place)
        elif place.name not in known:
            yield _read(place)


def _read(place: Path) -> tuple[Delivery, pl.DataFrame]:
    try:
        stated: dict[str, Any] = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        files = stated.pop("files")
        for name, fingerprint in files.items():
            if hashlib.sha256((place / name).read_bytes()).hexdigest() != fingerprint:
                raise RawStoreError(
                    f"{place / name}: is damaged; restore it from a backup, or remove its folder and deliver again"
                )
        for key in ("delivered_at", "taken_at"):
            stated[key] = datetime.fromisoformat(stated[key])
        stated["months"] = tuple(date.fromisoformat(month) for month in stated["months"])
        for key in ("month_rows", "missing_columns", "ignored_columns"):
            stated[key] = tuple(stated[key])
        faults = pl.read_parquet(place / FAULTS) if FAULTS in files else pl.DataFrame(schema=FAULT_SCHEMA)
        return Delivery(**stated), faults.select(list(FAULT_SCHEMA))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RawStoreError(
            f"{place}: is damaged; restore it from a backup, or remove it and deliver again"
        ) from error


def _write(path: Path, rows: pl.DataFrame) -> str:
    with _private(path) as file:
        # The lowest level takes two thirds of the time of Polars' own, and pseudonyms do not shrink at any.
        rows.write_parquet(file, compression_level=1)
        file.flush()
        os.fsync(file.fileno())
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write_bytes(path: Path, data: bytes) -> None:
    with _private(path) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")


def _as_text(value: Any) -> str:
    if isinstance(value, date | datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in {MANIFEST}")
