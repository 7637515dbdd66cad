"""Building the warehouse again from the raw store, on request or because its file is damaged.

Belongs here: setting the old file aside, entering every raw delivery, carrying over what only the old file knew.
Does not belong here: what damage is (warehouse/opening.py), rewriting the raw store (rewriting.py).

The raw store is the truth and the warehouse is made from it, so the file can be lost. What only the log knew (refusals,
repeats, how nights went) is carried over where the old file can still be read; else refused files are judged again.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.core import build_core
from pipelines.disclosure.few import too_few
from pipelines.intake.loading import Log
from pipelines.intake.mapping import read_mapping
from pipelines.intake.raw_store import read_deliveries
from pipelines.measures.compute import compute
from pipelines.nights.erasing import erase_again
from warehouse.contracts import CONTRACTS, Contract
from warehouse.contracts.log import DELIVERY_COLUMNS, RUN_COLUMNS
from warehouse.opening import look_into, set_aside
from warehouse.settings import Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Rebuilt:
    """What building again came to.

    Attributes:
        why: why it was done, in words without values.
        aside: folder with the old file; None when there was none.
        deliveries: how many were entered from the raw store.
        seconds: time it took.
    """

    why: str
    aside: Path | None
    deliveries: int
    seconds: float


def recover(settings: Settings, store: Store) -> Rebuilt | None:
    """Read the warehouse through, and build it again where it is damaged. To be called before a night begins.

    Returns:
        What was done; None when the file is whole or is not there yet.

    Raises:
        StoreBusyError: another run holds the warehouse.
        RawStoreError: a raw delivery is damaged as well.
    """
    why = store.damage()
    if why is None and not settings.warehouse.exists():
        # A raw store without a warehouse: it may come from a backup that knows people who have been forgotten since.
        with store.alone():
            erase_again(settings)
    return None if why is None else rebuild(settings, store, why)


def rebuild(settings: Settings, store: Store, why: str, aside: Path | None = None) -> Rebuilt:
    """Set the warehouse file aside and build raw tables, core and figures again from the raw store.

    Killed in the middle it leaves a warehouse that lacks deliveries; the next refresh enters those that are missing.

    Args:
        settings: the installation.
        store: its warehouse; must not be open in this process.
        why: kept beside the file that is set aside.
        aside: folder of the old file, where the caller has set it aside already.
    """
    begun = time.monotonic()
    with store.alone():
        # Whoever was forgotten may have come back with a backup.
        erase_again(settings)
        aside = set_aside(settings, why) or aside
    with store.write():
        if aside is not None:
            # First: which delivery stands for a month depends on what was repeated after it.
            _carry_over(store, aside / settings.warehouse.name)
        entered = enter_raw(settings, store)
        build_core(store, settings)
        compute(store, settings, too_few=too_few)
    return Rebuilt(why, aside, entered, time.monotonic() - begun)


def enter_raw(settings: Settings, store: Store) -> int:
    """Enter every delivery of the raw store that the log does not know; how many there were."""
    entered = 0
    with store.write() as con:
        for contract in CONTRACTS.values():
            log = Log(store, con, settings.raw, contract, _mappings_in_force(settings, contract))
            for delivery, faults in read_deliveries(settings.raw, contract, log.known()):
                log.enter(delivery, faults)
                entered += 1
            log.write()
    return entered


def _mappings_in_force(settings: Settings, contract: Contract) -> set[str]:
    mappings = [
        read_mapping(name, source)
        for name, source in settings.sources.items()
        if source.contract == contract.name
    ]
    return {
        version.fingerprint(contract) for mapping in mappings for version in mapping.every_version().values()
    }


def _carry_over(store: Store, file: Path) -> None:
    """Copy what is in no raw delivery from the old file, as far as it can be read."""
    try:
        with look_into(store.settings, file) as old:
            lines = old.execute(
                f"SELECT {', '.join(DELIVERY_COLUMNS)} FROM log.delivery WHERE status <> 'loaded'"
            ).fetchall()
            nights = old.execute(f"SELECT {', '.join(RUN_COLUMNS)} FROM log.run").fetchall()
    except duckdb.Error:
        # It was set aside because it cannot be read; what it alone knew is judged again.
        return
    with store.write() as con, store.transaction(con):
        for table, rows in (("log.delivery", lines), ("log.run", nights)):
            if rows:
                marks = ", ".join("?" * len(rows[0]))
                columns = ", ".join(DELIVERY_COLUMNS if table == "log.delivery" else RUN_COLUMNS)
                con.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)
