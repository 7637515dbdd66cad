"""Keeping things only as long as the settings say.

Belongs here: which raw months, quarantined rows, logs and set-aside files have expired, and removing them.
Does not belong here: forgetting one person (forgetting.py), releases (their number is a setting of its own), Dagster's
history (assets/).

Expired raw months go from the raw store, and the warehouse is built again without them; of quarantined rows the counts stay.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.intake.raw_store import FAULTS, MANIFEST, QUARANTINE, WITHDRAWN
from pipelines.nights.rebuilding import rebuild
from pipelines.nights.rewriting import rewrite
from warehouse import clock
from warehouse.contracts import CONTRACTS, Contract
from warehouse.disk import whole
from warehouse.opening import SET_ASIDE, set_aside
from warehouse.settings import Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Expired:
    """What went: deliveries that were rewritten, log files, set-aside warehouse files."""

    deliveries: int
    logs: int
    set_aside: int


def expire(settings: Settings, store: Store, now: datetime | None = None) -> Expired:
    """Remove what has been kept long enough. To be called when the warehouse is not open in this process.

    Args:
        settings: how long.
        store: the warehouse; built again where raw months went.
        now: the time, with zone; default the clock.
    """
    now = now or clock.now()
    logs = _remove_older(settings.home / "logs", now - timedelta(days=settings.keep_for.logs_days))
    aside = _remove_older(
        settings.warehouse.parent / SET_ASIDE, now - timedelta(days=settings.keep_for.set_aside_days)
    )
    if not _is_due(settings, now):
        return Expired(0, logs, aside)

    def change(
        contract: Contract, stated: Mapping[str, Any], name: str, rows: pl.DataFrame
    ) -> pl.DataFrame | None:
        if name == QUARANTINE:
            return None if _is_quarantine_due(settings, stated, now) else rows
        if name in (FAULTS, WITHDRAWN):
            return rows
        first = _first_month(settings, contract, now)
        if first is None or rows.is_empty() or first <= rows["month"].min():  # type: ignore[operator]
            return rows
        return rows.filter(pl.col("month") >= first)

    with store.alone():
        deliveries = rewrite(settings, change)
        old = set_aside(settings, "what was kept long enough is gone")
    rebuild(settings, store, "what was kept long enough is gone", old)
    # The old file holds what has expired.
    shutil.rmtree(settings.warehouse.parent / SET_ASIDE, ignore_errors=True)
    return Expired(deliveries, logs, aside)


def _first_month(settings: Settings, contract: Contract, now: datetime) -> date | None:
    """The first month of a contract that is kept; None = every month."""
    months = settings.keep_for.raw_months.get(contract.subject)
    if months is None:
        return None
    place = now.year * 12 + now.month - 1 - months
    return date(place // 12, place % 12 + 1, 1)


def _is_quarantine_due(settings: Settings, stated: Mapping[str, Any], now: datetime) -> bool:
    taken = datetime.fromisoformat(stated["taken_at"]).replace(tzinfo=UTC)
    return now - taken > timedelta(days=settings.keep_for.quarantine_days)


def _is_due(settings: Settings, now: datetime) -> bool:
    """Whether anything in the raw store has expired; most nights nothing has, and nothing is rewritten."""
    for contract in CONTRACTS.values():
        first = _first_month(settings, contract, now)
        for manifest in whole(settings.raw / contract.name, f"*/{MANIFEST}"):
            stated = json.loads(manifest.read_text(encoding="utf-8"))
            if QUARANTINE in stated["files"] and _is_quarantine_due(settings, stated, now):
                return True
            old = [
                rows
                for month, rows in zip(stated["months"], stated["month_rows"], strict=True)
                if first and date.fromisoformat(month) < first
            ]
            if any(old):
                return True
    return False


def _remove_older(folder: Path, limit: datetime) -> int:
    """Remove what has not been changed since; how many."""
    gone = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) < limit:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
            gone += 1
    return gone
