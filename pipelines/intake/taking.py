"""Taking deliveries: from the files of a source to the warehouse, one delivery at a time, whole or not at all.

Belongs here: the order of the steps, what is skipped, what a refusal leaves behind.
Does not belong here: each step itself: files, reading, mapping, identities, judging, raw store, log.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date
from time import perf_counter
from typing import Literal

import polars as pl

from pipelines.intake.beside import ReadAhead, StoreBehind
from pipelines.intake.edits import FOLDER as EDITS
from pipelines.intake.forgotten import People, read_marks
from pipelines.intake.identities import read_key, replace_identities
from pipelines.intake.loading import Log, repeat_of
from pipelines.intake.mapping import Mapping, read_mapping
from pipelines.intake.raw_store import Delivery, read_deliveries, write_delivery
from pipelines.intake.reading import Table
from pipelines.intake.reasons import Reason, RefusalError
from pipelines.intake.servers import Pulls
from pipelines.intake.translate import translate
from pipelines.intake.waiting import Asking, Waiting, look_at_server, look_in_folder, now
from pipelines.validation.deliveries import (
    SizeLimit,
    judge_period,
    judge_rows,
    judge_size,
    reference,
    size_limit,
)
from pipelines.validation.quarantine import Sifted, sift
from warehouse import clock
from warehouse.contracts import CONTRACTS, Contract
from warehouse.settings import Settings
from warehouse.store import Store

NOT_LOGGED = ("still_changing", "no_folder", "no_files")
# What may have been the machine's fault that night, and not the file's: tried again the next.
TRIED_AGAIN = ("reader_died",)


@dataclass(frozen=True)
class Taken:
    """What became of one file.

    Attributes:
        delivery_id: 16 hexadecimal digits; empty where no file was opened.
        source: the source's name.
        file_name: path within the source's folder.
        status: loaded, refused, or repeat (the content had been delivered before).
        months: first days of the months it stands for.
        rows_delivered, rows_loaded, rows_quarantined: counts.
        reason: why it was refused.
        seconds: time it took.
    """

    delivery_id: str
    source: str
    file_name: str
    status: Literal["loaded", "refused", "repeat"]
    months: tuple[date, ...] = ()
    rows_delivered: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reason: Reason | None = None
    seconds: float = 0.0


Progress = Callable[[Taken], None]


def take(
    settings: Settings,
    store: Store,
    contract_name: str,
    months: set[date] | None = None,
    progress: Progress | None = None,
    pulls: Pulls | None = None,
) -> list[Taken]:
    """Take every new delivery of one contract.

    Files that were taken before with the same content and mapping are skipped in silence, also those that were
    refused, unless what they were judged against has changed. A refusal does not raise: the other files go on.

    Args:
        settings: sources, limits and home.
        store: the warehouse.
        contract_name: e.g. `hr_employment`.
        months: first days; only deliveries that touch one of them (a delivery is always loaded whole). None = all.
        progress: called with each result as it comes.
        pulls: what servers have answered in this run: one that delivers to several contracts is asked once.

    Returns:
        One result per file that was new, in the order they were taken: by time of delivery, then name. A server that is down,
        slow or answers nonsense is one refusal without a file name; what it delivered before stands.

    Raises:
        SettingsError: a mapping is wrong.
        KeyMissingError: there is no pseudonym key.
        StoreBusyError: another run holds the warehouse.
    """
    contract = CONTRACTS[contract_name]
    mappings = {
        name: read_mapping(name, source)
        for name, source in settings.sources.items()
        if source.contract == contract_name
    }
    taken: list[Taken] = []

    def tell(result: Taken) -> None:
        taken.append(result)
        if progress is not None:
            progress(result)

    with store.write() as con, nullcontext(pulls) if pulls is not None else Pulls() as shared:
        in_force = {
            version.fingerprint(contract)
            for mapping in mappings.values()
            for version in mapping.every_version().values()
        }
        log = Log(store, con, settings.raw, contract, in_force)
        _adopt(settings, log, contract)
        log.write()
        asking = Asking(contract, log, shared, months, settings.home / EDITS)
        waiting = _waiting(settings, mappings, asking, tell)
        if waiting:
            people = People(read_key(settings), read_marks(settings))
            run = _Run(settings, contract, log, ReadAhead(shared.reader), StoreBehind(), people, months)
            _take_each(run, waiting, tell)
    return taken


def _waiting(
    settings: Settings, mappings: dict[str, Mapping], asking: Asking, tell: Progress
) -> list[Waiting]:
    """What lies in the folders and what the servers answer, by time of delivery, then name; what cannot be asked is told."""

    def refused(name: str, file_name: str, reason: Reason) -> None:
        tell(Taken("", name, file_name, "refused", reason=reason))

    contract, waiting = asking.contract, list[Waiting]()
    for name, mapping in mappings.items():
        waiting += look_in_folder(name, settings.sources[name], mapping, contract, asking.log, refused)
    for name, server in settings.servers.items():
        if contract.name in server.contracts:
            waiting += look_at_server(name, server, asking, refused)
    return sorted(waiting, key=lambda each: (each.delivered_at, each.file_name, each.source))


def _take_each(run: _Run, in_order: list[Waiting], tell: Progress) -> None:
    """Take one file after the other, reading ahead; also when a file brings the run down, what was judged before it stands."""
    try:
        for place, file in enumerate(in_order):
            for following in in_order[place + 1 : place + 2]:
                _Taking(run).read_ahead(following)
            result = _Taking(run).take(file)
            if result is not None:
                tell(result)
    finally:
        run.ahead.end()
        run.behind.end()
        run.log.write()


def _adopt(settings: Settings, log: Log, contract: Contract) -> None:
    """Enter raw folders that a killed run, or a warehouse file that was thrown away, left without a line."""
    for delivery, faults in read_deliveries(settings.raw, contract, log.known()):
        refused = next(
            (
                line
                for line in log.lines
                if line.delivery_id == delivery.delivery_id and line.status == "refused"
            ),
            None,
        )
        log.enter(delivery, faults, supersedes=refused)


@dataclass(frozen=True)
class _Run:
    """What all files of one run share."""

    settings: Settings
    contract: Contract
    log: Log
    ahead: ReadAhead
    behind: StoreBehind
    people: People
    months: set[date] | None


class _Taking:
    """Takes one file."""

    def __init__(self, run: _Run) -> None:
        self._run, self._settings, self._contract, self._log, self._months = (
            run,
            run.settings,
            run.contract,
            run.log,
            run.months,
        )
        self._rows = 0
        self._touched: tuple[date, ...] = ()
        self._ignored: tuple[str, ...] = ()

    def take(self, file: Waiting) -> Taken | None:
        """Take it; None = nothing new about it."""
        begun = perf_counter()
        if self._is_outside(file):
            return None
        loaded = [line for line in self._log.of_delivery(file.delivery_id) if line.status == "loaded"]
        if loaded:
            repeat = repeat_of(loaded[0], file.source, file.file_name, file.delivered_at, now())
            if self._months is not None and not self._months & set(repeat.months):
                return None
            self._log.enter(repeat)
            return _told(repeat, None, perf_counter() - begun)
        called = file.file_name if file.table is None else None
        before = self._log.line(file.source, called, file.delivery_id)
        if before is not None and self._stands(before, file):
            return None
        try:
            sifted = self._sift(file)
        except RefusalError as refusal:
            return self._refuse(file, refusal.reason, before, begun)
        if sifted is None:
            return None
        delivery = self._line(file, sifted)
        stored = self._run.behind.begin(
            lambda: write_delivery(self._settings.raw, self._contract, delivery, sifted, file.withdrawn)
        )
        self._log.enter(delivery, sifted.faults, before, stored)
        return _told(delivery, None, perf_counter() - begun)

    def _stands(self, refusal: Delivery, file: Waiting) -> bool:
        """Whether a file that was refused would be refused again for the same reason."""
        is_the_files = refusal.reason_id not in TRIED_AGAIN
        return is_the_files and refusal.judged_by == self._judged_by(file, refusal.months)

    def read_ahead(self, file: Waiting) -> None:
        """Begin to read a file that will be taken next, where it is sure to be read."""
        is_known = bool(self._log.of_delivery(file.delivery_id))
        if (
            not is_known
            and not self._is_outside(file)
            and file.mapping
            and not file.refusal
            and not file.table
        ):
            self._run.ahead.begin(file, file.mapping)

    def _is_outside(self, file: Waiting) -> bool:
        """Whether the file's name says that it touches none of the wanted months."""
        if self._months is None or file.mapping is None or file.refusal is not None:
            return False
        month = file.mapping.month_of(file.path.name)
        return month is not None and month not in self._months

    def _sift(self, file: Waiting) -> Sifted | None:
        """Read, translate, replace identities and judge; None = none of the wanted months is touched."""
        if file.refusal is not None or file.mapping is None:
            raise (
                RefusalError(file.refusal.id, **file.refusal.parameters)
                if file.refusal
                else RefusalError("no_version")
            )
        frame = self._pseudonymised(
            file, file.mapping, file.table or self._run.ahead.read(file, file.mapping)
        )
        self._touched = tuple(frame["month"].drop_nulls().unique().sort())
        if self._months is not None and not self._months & set(self._touched):
            return None
        judge_period(list(self._touched), clock.today())
        sifted = sift(self._contract, frame)
        judge_rows(sifted, self._settings.judgement.bad_rows_share)
        if self._contract.is_by_month:
            judge_size(_month_rows(sifted.good), self._log.rows_by_month(), self._size_limit(file))
        return sifted

    def _pseudonymised(self, file: Waiting, mapping: Mapping, table: Table) -> pl.DataFrame:
        self._rows = table.frame.height
        translated = translate(table, mapping, self._contract, file.path.name)
        self._ignored = translated.ignored
        known = replace_identities(
            translated.frame, mapping, self._contract, self._run.people, file.delivery_id
        )
        kept = self._run.people.leave_out(known, self._contract)
        return kept.with_columns(pl.lit(file.delivery_id).alias("delivery_id"))

    def _size_limit(self, file: Waiting) -> SizeLimit:
        return size_limit(self._contract, file.source, self._settings)

    def _judged_by(self, file: Waiting, months: tuple[date, ...]) -> str:
        """Changes when a refused file could be judged differently: other limits, or other rows in the month before."""
        rows = self._log.rows_by_month() if self._contract.is_by_month else {}
        known = {month: count for month, count in rows.items() if month not in months}
        before = [reference(month, known) for month in months]
        stated = [
            self._settings.judgement.bad_rows_share,
            self._size_limit(file).percent,
            [str(each) for each in before],
        ]
        return hashlib.sha256(json.dumps(stated).encode()).hexdigest()[:16]

    def _line(self, file: Waiting, sifted: Sifted) -> Delivery:
        rows = _month_rows(sifted.good)
        return replace(
            self._blank(file),
            months=tuple(rows),
            month_rows=tuple(rows.values()),
            rows_delivered=sifted.good.height + sifted.bad.height,
            rows_loaded=sifted.good.height,
            rows_quarantined=sifted.bad.height,
        )

    def _blank(self, file: Waiting) -> Delivery:
        missing = sorted(file.mapping.not_delivered) if file.mapping else []
        return Delivery(
            delivery_id=file.delivery_id,
            contract=self._contract.name,
            source=file.source,
            file_name=file.file_name,
            content_hash=file.content_hash,
            mapping_hash=file.mapping_hash,
            delivered_at=file.delivered_at,
            taken_at=now(),
            missing_columns=tuple(missing),
            ignored_columns=self._ignored,
        )

    def _refuse(self, file: Waiting, reason: Reason, before: Delivery | None, begun: float) -> Taken | None:
        delivery = replace(
            self._blank(file),
            months=self._touched,
            month_rows=tuple(0 for _ in self._touched),
            rows_delivered=self._rows,
            status="refused",
            reason_id=reason.id,
            reason=reason.en,
            reason_sv=reason.sv,
            judged_by=self._judged_by(file, self._touched),
        )
        if reason.id not in NOT_LOGGED:
            self._log.enter(delivery, supersedes=before)
        return _told(delivery, reason, perf_counter() - begun)


def _told(delivery: Delivery, reason: Reason | None, seconds: float) -> Taken:
    return Taken(
        delivery.delivery_id,
        delivery.source,
        delivery.file_name,
        delivery.status,  # type: ignore[arg-type]
        delivery.months,
        delivery.rows_delivered,
        delivery.rows_loaded,
        delivery.rows_quarantined,
        reason,
        seconds,
    )


def _month_rows(good: pl.DataFrame) -> dict[date, int]:
    return dict(good.group_by("month").len().sort("month").iter_rows())
