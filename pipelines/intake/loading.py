"""The delivery log, and which delivery stands for each month.

Belongs here: what the log knows, entering deliveries into it, and making the contract's table hold the newest
delivery of each month.
Does not belong here: reading and judging files (taking.py), writing the raw store (raw_store.py).

The table is never appended to. For each month the newest delivery is worked out from the whole log, and where the table holds
another one, the month is deleted and inserted in the same transaction as the log's lines. So the order in which
deliveries arrive, and how often, cannot matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import fields, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.groups import as_groups, gone, replace_groups
from pipelines.intake.pulled import Group, Held
from pipelines.intake.raw_store import Delivery, month_file, withdrawn_file
from pipelines.validation.quarantine import FAULT_SCHEMA
from warehouse.contracts import Contract
from warehouse.contracts.log import DELIVERY_COLUMNS, QUARANTINE_COLUMNS
from warehouse.store import Store

LINE_COLUMNS = ", ".join(DELIVERY_COLUMNS)


class Log:
    """The delivery log of one contract, and the table it stands for.

    Lines are entered one by one and written together: `write` makes the log, the quarantine and the table change at
    once. A run that is killed before loses nothing, for the raw store has the deliveries and the next run adopts
    them.
    """

    def __init__(
        self, store: Store, con: duckdb.DuckDBPyConnection, raw: Path, contract: Contract, mappings: set[str]
    ) -> None:
        """Read the log; the warehouse must be held.

        Args:
            store: for transactions.
            con: the warehouse.
            raw: the raw store.
            contract: whose deliveries.
            mappings: fingerprints of the mappings in force: a tie between two readings of a file goes to one of them.
        """
        self._store, self._con, self._raw, self._contract, self._mappings = (
            store,
            con,
            raw,
            contract,
            mappings,
        )
        found = con.execute(
            f"SELECT {LINE_COLUMNS} FROM log.delivery WHERE contract = ?", [contract.name]
        ).fetchall()
        names = [each.name for each in fields(Delivery)]
        position = {name: list(DELIVERY_COLUMNS).index(name) for name in names}
        self.lines: list[Delivery] = [
            Delivery(**{name: _frozen(row[position[name]]) for name in names})  # type: ignore[arg-type]
            for row in found
        ]
        self._entered: list[tuple[Delivery, pl.DataFrame | None, Future[None] | None]] = []
        self._superseded: list[Delivery] = []

    def line(self, source: str, file_name: str | None, delivery_id: str) -> Delivery | None:
        """The line of this file with this content and mapping, if it was taken before.

        Args:
            source: the source's, or the server's, name.
            file_name: the file's; None = whatever it was called: a server's answer is called after the time of asking.
            delivery_id: the delivery's.
        """
        same = [each for each in self.of_delivery(delivery_id) if each.source == source]
        return next((each for each in same if file_name in (None, each.file_name)), None)

    def of_delivery(self, delivery_id: str) -> list[Delivery]:
        """Every line of this delivery, whatever the file was called."""
        return [each for each in self.lines if each.delivery_id == delivery_id]

    def known(self) -> set[str]:
        """Ids of the deliveries that were loaded."""
        return {each.delivery_id for each in self.lines if each.status == "loaded"}

    def rows_by_month(self) -> dict[date, int]:
        """Rows of the delivery that stands for each month."""
        loaded = {each.delivery_id: each for each in self.lines if each.status == "loaded"}
        return {
            month: _rows(loaded[delivery_id], month)
            for month, delivery_id in newest(self.lines, self._mappings).items()
        }

    def enter(
        self,
        delivery: Delivery,
        faults: pl.DataFrame | None = None,
        supersedes: Delivery | None = None,
        stored: Future[None] | None = None,
    ) -> None:
        """Enter a line; it is written by `write`.

        Args:
            delivery: the line.
            faults: of a loaded delivery.
            supersedes: a refusal that this line takes the place of.
            stored: done when the delivery lies in the raw store; None = it does already.
        """
        if supersedes is not None:
            self.lines.remove(supersedes)
            self._superseded.append(supersedes)
        self.lines.append(delivery)
        self._entered.append((delivery, faults, stored))

    def write(self) -> None:
        """Write what was entered and let the table follow the log, in one transaction.

        Raises:
            OSError: a delivery could not be stored; it and what came after it were not entered.
        """
        failure = self._drop_what_is_not_stored()
        self._write()
        if failure is not None:
            raise failure

    def _drop_what_is_not_stored(self) -> BaseException | None:
        for place, (_, _, stored) in enumerate(self._entered):
            failure = stored.exception() if stored is not None else None
            if failure is not None:
                for line, *_ in self._entered[place:]:
                    self.lines.remove(line)
                self._entered = self._entered[:place]
                return failure
        return None

    def _write(self) -> None:
        changed = self._changed_months() if self._contract.is_by_month else {}
        if not (changed or self._entered):
            return
        with self._store.transaction(self._con):
            for refusal in self._superseded:
                self._con.execute(
                    "DELETE FROM log.delivery WHERE delivery_id = ? AND source = ? AND file_name = ? AND status = 'refused'",
                    [refusal.delivery_id, refusal.source, refusal.file_name],
                )
            self._insert_lines()
            self._insert_faults()
            if self._contract.is_by_month:
                self._replace_months(changed)
            else:
                replace_groups(self._con, self._contract, self._raw, in_order(self.lines, self._mappings))
        self._entered, self._superseded = [], []

    def gone(self, source: str, held: Held) -> pl.DataFrame:
        """The groups that a server delivered before and does not hold any more."""
        return gone(self._con, self._contract, source, held)

    def withdrawn_since(self, source: str, moment: datetime) -> set[Group]:
        """The groups that a server has withdrawn after a time."""
        files = [
            file
            for line in self.lines
            if line.source == source and line.delivered_at > moment
            if (file := withdrawn_file(self._raw, self._contract.name, line.delivery_id)).exists()
        ]
        names = self._contract.replaced_by
        return {group for file in files for group in as_groups(pl.read_parquet(file, columns=list(names)))}

    def _changed_months(self) -> dict[date, str | None]:
        """Months whose delivery in the table is another than the newest; None = none stands for it any more."""
        current = dict(
            self._con.execute(f"SELECT DISTINCT month, delivery_id FROM {self._contract.table}").fetchall()
        )
        wanted = newest(self.lines, self._mappings)
        return {
            month: wanted.get(month)
            for month in sorted(wanted.keys() | current.keys())
            if current.get(month) != wanted.get(month)
        }

    def _insert_lines(self) -> None:
        rows = [[_thawed(getattr(line, name)) for name in DELIVERY_COLUMNS] for line, *_ in self._entered]
        marks = f"({', '.join('?' * len(DELIVERY_COLUMNS))})"
        if rows:
            values = [value for row in rows for value in row]
            self._con.execute(
                f"INSERT INTO log.delivery ({LINE_COLUMNS}) VALUES {', '.join([marks] * len(rows))}", values
            )

    def _insert_faults(self) -> None:
        told = [
            faults.select(
                pl.lit(line.delivery_id).alias("delivery_id"),
                pl.lit(line.contract).alias("contract"),
                *FAULT_SCHEMA,
            ).select(list(QUARANTINE_COLUMNS))
            for line, faults, _ in self._entered
            if faults is not None and not faults.is_empty()
        ]
        if told:
            self._con.register("told", pl.concat(told).to_arrow())
            self._con.execute("INSERT INTO log.quarantine BY NAME SELECT * FROM told")
            self._con.unregister("told")

    def _replace_months(self, changed: dict[date, str | None]) -> None:
        if not changed:
            return
        columns = ", ".join(self._contract.columns)
        files = [
            str(month_file(self._raw, self._contract.name, delivery_id, month))
            for month, delivery_id in changed.items()
            if delivery_id is not None
        ]
        self._con.execute(
            f"DELETE FROM {self._contract.table} WHERE list_contains(?, month)", [list(changed)]
        )
        if files:
            self._con.execute(
                f"INSERT INTO {self._contract.table} ({columns}) SELECT {columns} FROM read_parquet(?)",
                [files],
            )


def newest(lines: Iterable[Delivery], mappings: set[str]) -> dict[date, str]:
    """Month → the delivery that stands for it.

    The greatest time of delivery wins; a delivery that was made again (same content) has the time of the last one. Between
    equal times the content hash decides, so that every order of arrival ends the same; between two readings of one content, the
    mapping in force.
    """
    best: dict[date, str] = {}
    for line in in_order(lines, mappings):
        best |= {
            month: line.delivery_id for month, rows in zip(line.months, line.month_rows, strict=True) if rows
        }
    return best


def in_order(lines: Iterable[Delivery], mappings: set[str]) -> list[Delivery]:
    """The loaded deliveries, the one that gives way to every other first.

    A file that was read again with a mapping in force is not read as before any more: the month may have been wrong.
    """
    lines = list(lines)
    read_again = {_file(line) for line in lines if line.status == "loaded" and line.mapping_hash in mappings}
    last: dict[object, datetime] = {}
    for line in lines:
        if line.status != "refused":
            last[_content(line)] = max(line.delivered_at, last.get(_content(line), line.delivered_at))
    return sorted(
        (
            line
            for line in lines
            if line.status == "loaded" and (line.mapping_hash in mappings or _file(line) not in read_again)
        ),
        key=lambda line: (
            last[_content(line)],
            line.content_hash,
            line.mapping_hash in mappings,
            line.taken_at,
            line.delivery_id,
        ),
    )


def repeat_of(
    delivery: Delivery, source: str, file_name: str, delivered_at: datetime, taken_at: datetime
) -> Delivery:
    """The line of a file whose content was delivered before."""
    return replace(
        delivery,
        source=source,
        file_name=file_name,
        delivered_at=delivered_at,
        taken_at=taken_at,
        status="repeat",
        rows_loaded=0,
        rows_quarantined=0,
        month_rows=tuple(0 for _ in delivery.month_rows),
    )


def _file(line: Delivery) -> object:
    return line.source, line.file_name, line.content_hash


def _content(line: Delivery) -> object:
    # The months too: where the file's name says the month, two months may have the same bytes.
    return line.content_hash, line.months


def _rows(delivery: Delivery, month: date) -> int:
    return delivery.month_rows[delivery.months.index(month)]


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _thawed(value: object) -> object:
    return list(value) if isinstance(value, tuple) else value
