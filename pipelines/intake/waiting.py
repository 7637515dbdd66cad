"""What waits to be taken: new files of a folder, and what a server answers.

Belongs here: which of them are new, and what they are called.
Does not belong here: reading and judging them (taking.py), asking a server (servers.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from pipelines.intake.files import find, open_file
from pipelines.intake.loading import Log
from pipelines.intake.mapping import Mapping
from pipelines.intake.pulled import Group, Pulled, groups_of, own_mapping, ready_mapping, table_of
from pipelines.intake.raw_store import Delivery
from pipelines.intake.reading import Table
from pipelines.intake.reasons import Reason, RefusalError
from pipelines.intake.servers import Pulls, mapping_of
from warehouse import clock
from warehouse.contracts import Contract
from warehouse.servers import ReadyFiles, Server
from warehouse.settings import Source


@dataclass(frozen=True)
class Waiting:
    """A file that has not been taken, or could not be opened; or a table that a server answered.

    Attributes:
        source: the source's, or the server's, name.
        place: the source; None for a server.
        path: where the file is; for a server the delivery's name.
        file_name: what it is called in the log.
        mapping: of this file's version; None where no version fits.
        table: what a server answered; None = to be read from the file.
        withdrawn: groups (the contract's `replaced_by`) that the server does not hold any more.
    """

    source: str
    contract: str
    place: Source | None
    path: Path
    file_name: str
    mapping: Mapping | None
    content_hash: str
    mapping_hash: str
    delivered_at: datetime
    refusal: Reason | None = None
    table: Table | None = None
    withdrawn: pl.DataFrame | None = None

    @property
    def delivery_id(self) -> str:
        """The same for the same bytes, read in the same way, for the same month where the file's name says it."""
        month = self.mapping.month_of(self.path.name) if self.mapping and not self.refusal else None
        stated = json.dumps([self.content_hash, self.contract, self.mapping_hash, str(month)])
        return hashlib.sha256(stated.encode()).hexdigest()[:16]


# Told of what cannot be asked or read: the source, the file in it (empty = all of it), why.
Refused = Callable[[str, str, Reason], None]


def look_in_folder(
    name: str, source: Source, mapping: Mapping, contract: Contract, log: Log, refused: Refused
) -> list[Waiting]:
    """The files of a source that are new, without keeping their bytes: many large ones would not fit in memory."""
    try:
        paths = find(name, source)
        if not paths and not any(line.source == name for line in log.lines):
            raise RefusalError("no_files", source=name, pattern=source.pattern)
    except RefusalError as refusal:
        refused(name, "", refusal.reason)
        return []
    waiting = [_waiting(name, source, path, mapping, contract) for path in paths]
    return [each for each in waiting if _is_new(each, log)]


def _waiting(name: str, source: Source, path: Path, mapping: Mapping, contract: Contract) -> Waiting:
    file_name = path.relative_to(source.path).as_posix()
    unread = Waiting(name, contract.name, source, path, file_name, None, _unread_hash(path), "", now())
    try:
        opened = open_file(path, source.path)
        unread = replace(unread, content_hash=opened.content_hash, delivered_at=_come(opened.changed_at))
        version = mapping.for_file(path.name)
        unread = replace(unread, mapping=version, mapping_hash=version.fingerprint(contract))
        delivered_at = _come(version.delivered_at_of(path.name) or opened.changed_at)
        version.month_of(path.name)
    except RefusalError as refusal:
        return replace(
            unread, refusal=refusal.reason, mapping_hash=unread.mapping_hash or mapping.fingerprint(contract)
        )
    return replace(unread, delivered_at=delivered_at)


def _unread_hash(path: Path) -> str:
    """Stands for the content of what may not be opened, so that it is told once and not every night."""
    status = path.lstat()
    return hashlib.sha256(
        f"unread {path.name} {status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
    ).hexdigest()


def _is_new(file: Waiting, log: Log) -> bool:
    line = log.line(file.source, file.file_name, file.delivery_id)
    return line is None or line.status == "refused"


@dataclass(frozen=True)
class Asking:
    """What is needed to ask servers for one contract."""

    contract: Contract
    log: Log
    pulls: Pulls
    months: set[date] | None
    edits: Path


def look_at_server(name: str, server: Server, asking: Asking, refused: Refused) -> list[Waiting]:
    """What a server answers that is new, and what it does not hold any more."""
    contract, log = asking.contract, asking.log
    if isinstance(server, ReadyFiles):
        if server.path.is_dir() and not (server.path / contract.name).is_dir():
            # One folder a contract: what nobody has delivered has none.
            return []
        # Files need not be read to know whether they are new.
        place = Source(contract=contract.name, path=server.path / contract.name)
        return look_in_folder(
            name, place, ready_mapping(contract, server.person_numbers), contract, log, refused
        )
    known = {
        month
        for line in log.lines
        if line.source == name and line.status == "loaded"
        for month in line.months
    }
    try:
        pulled = asking.pulls.of(name, server, known, asking.months, asking.edits)
    except RefusalError as refusal:
        refused(name, "", refusal.reason)
        return []
    mine = [each for each in pulled if each.contract == contract.name]
    for each in mine:
        if each.refusal is not None:
            refused(name, each.name, each.refusal)
    waiting = [_answered(name, server, each, contract) for each in mine if each.table.frame.height]
    new = [each for each in waiting if not _stands(each, contract, log)]
    held = next((each.held for each in mine if each.held is not None), None)
    gone = log.gone(name, held) if held is not None else None
    if gone is not None and not gone.is_empty():
        new.append(_withdrawal(name, server, gone, contract))
    return new


def _answered(name: str, server: Server, pulled: Pulled, contract: Contract) -> Waiting:
    mapping = mapping_of(name, server) or own_mapping(contract, pulled.table, server.person_numbers)
    delivered_at = _come(pulled.delivered_at) if pulled.delivered_at else now()
    return Waiting(
        source=name,
        contract=contract.name,
        place=None,
        path=Path(pulled.name),
        file_name=_called(pulled.name, delivered_at),
        mapping=mapping,
        content_hash=hashlib.sha256(pulled.table.frame.write_csv().encode()).hexdigest(),
        mapping_hash=mapping.fingerprint(contract),
        delivered_at=delivered_at,
        table=pulled.table,
    )


def _withdrawal(name: str, server: Server, gone: pl.DataFrame, contract: Contract) -> Waiting:
    """A delivery without rows that takes away what the server no longer holds."""
    empty = table_of(contract.name, [])
    moment = now()
    # With the time: withdrawn, restored and withdrawn again are three deliveries.
    stated = f"withdrawn {moment.isoformat()} {gone.write_csv()}"
    answered = _answered(
        name, server, Pulled(contract.name, "withdrawn", empty, delivered_at=moment), contract
    )
    return replace(answered, content_hash=hashlib.sha256(stated.encode()).hexdigest(), withdrawn=gone)


def _stands(answer: Waiting, contract: Contract, log: Log) -> bool:
    """Whether the newest answer of this name was the same: one that comes back after another, or was withdrawn, is new again."""
    stem = answer.path.name
    same = [line for line in log.lines if line.source == answer.source and _stem(line) == stem]
    last = max(same, key=lambda line: (line.delivered_at, line.taken_at), default=None)
    if last is None or last.delivery_id != answer.delivery_id or last.status == "refused":
        return False
    if contract.is_by_month:
        return True
    withdrawn = log.withdrawn_since(answer.source, last.delivered_at)
    return not (withdrawn and answer.table and not withdrawn.isdisjoint(_groups(answer.table, contract)))


def _groups(table: Table, contract: Contract) -> Iterator[Group]:
    return groups_of(contract, table.frame.iter_rows(named=True))


def _called(name: str, delivered_at: datetime) -> str:
    return f"{name} ({delivered_at:%Y-%m-%d %H:%M:%S})"


def _stem(line: Delivery) -> str:
    return line.file_name.rpartition(" (")[0]


def _come(stated: datetime) -> datetime:
    """A time of delivery, or now where it has not come yet: a wrong clock or name must not win over every later correction."""
    return min(stated, clock.now().astimezone(UTC).replace(tzinfo=None))


def now() -> datetime:
    """The time, UTC, without zone."""
    return datetime.now(UTC).replace(tzinfo=None)
