"""The delivery log, and which delivery stands for each month.

Belongs here: what the log knows, entering deliveries into it, and making the contract's table hold the newest delivery of each month.
Does not belong here: reading and judging files (take.py), writing the raw store (raw_store.py).

The table is never appended to. For each month the newest delivery is worked out from the whole log, and where the table holds
another one, the month is deleted and inserted in the same transaction as the log's line. So the order in which deliveries arrive, and
how often, cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.raw_store import Delivery, month_file
from pipelines.validation.quarantine import FAULT_SCHEMA
from warehouse.contracts import Contract
from warehouse.contracts.log import DELIVERY_COLUMNS, QUARANTINE_COLUMNS
from warehouse.store import Store

LINE_COLUMNS = ", ".join(DELIVERY_COLUMNS)


class Log:
    """The delivery log of one contract, and the table it stands for."""

    def __init__(self, store: Store, con: duckdb.DuckDBPyConnection, raw: Path, contract: Contract) -> None:
        """Read the log; the warehouse must be held."""
        self._store, self._con, self._raw, self._contract = store, con, raw, contract
        found = con.execute(f"SELECT {LINE_COLUMNS} FROM log.delivery WHERE contract = ?", [contract.name]).fetchall()
        names = [each.name for each in fields(Delivery)]
        position = {name: list(DELIVERY_COLUMNS).index(name) for name in names}
        self.lines: list[Delivery] = [
            Delivery(**{name: _frozen(row[position[name]]) for name in names})  # type: ignore[arg-type]
            for row in found
        ]
        self._current: dict[date, str] = dict(con.execute(f"SELECT DISTINCT month, delivery_id FROM {contract.table}").fetchall())

    def line(self, source: str, file_name: str, content_hash: str, mapping_hash: str) -> Delivery | None:
        """The line of this file with this content and mapping, if it was taken before."""
        found = [
            each
            for each in self.of_content(content_hash, mapping_hash)
            if (each.source, each.file_name) == (source, file_name)
        ]
        return found[-1] if found else None

    def of_content(self, content_hash: str, mapping_hash: str) -> list[Delivery]:
        """Every line of this content read by this mapping, whatever the file was called."""
        return [each for each in self.lines if (each.content_hash, each.mapping_hash) == (content_hash, mapping_hash)]

    def known(self) -> set[str]:
        """Ids of the deliveries that were loaded."""
        return {each.delivery_id for each in self.lines if each.status == "loaded"}

    def rows_by_month(self) -> dict[date, int]:
        """Rows per month that stand in the table."""
        loaded = {each.delivery_id: each for each in self.lines if each.status == "loaded"}
        return {month: _rows(loaded[delivery_id], month) for month, delivery_id in self._current.items()}

    def enter(self, delivery: Delivery, faults: pl.DataFrame | None, mappings: set[str], supersedes: Delivery | None = None) -> None:
        """Enter a line and let the table follow, in one transaction.

        Args:
            delivery: the line.
            faults: of a loaded delivery.
            mappings: fingerprints of the mappings in force: a tie between two readings of a file goes to one of them.
            supersedes: a refusal that this line takes the place of.
        """
        lines = [each for each in self.lines if each is not supersedes] + [delivery]
        with self._store.transaction(self._con):
            if supersedes is not None:
                self._con.execute(
                    "DELETE FROM log.delivery WHERE delivery_id = ? AND source = ? AND file_name = ? AND status = 'refused'",
                    [supersedes.delivery_id, supersedes.source, supersedes.file_name],
                )
            self._insert(delivery, faults)
            current = self._settle(lines, mappings)
        self.lines, self._current = lines, current

    def settle(self, mappings: set[str]) -> None:
        """Let the table follow the log, where the mappings in force have changed."""
        if self._differences(self.lines, mappings):
            with self._store.transaction(self._con):
                self._current = self._settle(self.lines, mappings)

    def _insert(self, delivery: Delivery, faults: pl.DataFrame | None) -> None:
        row = [_thawed(getattr(delivery, name)) for name in DELIVERY_COLUMNS]
        self._con.execute(f"INSERT INTO log.delivery ({LINE_COLUMNS}) VALUES ({', '.join('?' * len(row))})", row)
        if faults is not None and not faults.is_empty():
            told = faults.select(FAULT_SCHEMA).with_columns(
                pl.lit(delivery.delivery_id).alias("delivery_id"), pl.lit(delivery.contract).alias("contract")
            )
            self._con.register("told", told.select(list(QUARANTINE_COLUMNS)).to_arrow())
            self._con.execute("INSERT INTO log.quarantine BY NAME SELECT * FROM told")
            self._con.unregister("told")

    def _differences(self, lines: Iterable[Delivery], mappings: set[str]) -> dict[date, str]:
        wanted = newest(lines, mappings)
        return {month: delivery_id for month, delivery_id in wanted.items() if self._current.get(month) != delivery_id}

    def _settle(self, lines: Iterable[Delivery], mappings: set[str]) -> dict[date, str]:
        current = dict(self._current)
        columns = ", ".join(self._contract.columns)
        for month, delivery_id in sorted(self._differences(lines, mappings).items()):
            file = month_file(self._raw, self._contract.name, delivery_id, month)
            self._con.execute(f"DELETE FROM {self._contract.table} WHERE month = ?", [month])
            self._con.execute(f"INSERT INTO {self._contract.table} ({columns}) SELECT {columns} FROM read_parquet(?)", [str(file)])
            current[month] = delivery_id
        return current


def newest(lines: Iterable[Delivery], mappings: set[str]) -> dict[date, str]:
    """Month → the delivery that stands for it.

    The greatest time of delivery wins; a delivery that was made again (same content) has the time of the last one. Between
    equal times the content hash decides, so that every order of arrival ends the same; between two readings of one content, the
    mapping in force.
    """
    lines = list(lines)
    last: dict[str, Delivery] = {}
    for line in lines:
        if line.status != "refused" and (line.content_hash not in last or line.delivered_at > last[line.content_hash].delivered_at):
            last[line.content_hash] = line
    best: dict[date, tuple[tuple[object, ...], str]] = {}
    for line in lines:
        if line.status != "loaded":
            continue
        rank = (
            last[line.content_hash].delivered_at,
            line.content_hash,
            line.mapping_hash in mappings,
            line.taken_at,
            line.delivery_id,
        )
        for month, rows in zip(line.months, line.month_rows, strict=True):
            if rows and (month not in best or rank > best[month][0]):
                best[month] = (rank, line.delivery_id)
    return {month: delivery_id for month, (_, delivery_id) in best.items()}


def repeat_of(delivery: Delivery, source: str, file_name: str, delivered_at: object, taken_at: object) -> Delivery:
    """The line of a file whose content was delivered before."""
    return replace(
        delivery,
        source=source,
        file_name=file_name,
        delivered_at=delivered_at,  # type: ignore[arg-type]
        taken_at=taken_at,  # type: ignore[arg-type]
        status="repeat",
        rows_loaded=0,
        rows_quarantined=0,
        month_rows=tuple(0 for _ in delivery.month_rows),
    )


def _rows(delivery: Delivery, month: date) -> int:
    return delivery.month_rows[delivery.months.index(month)]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _thawed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
