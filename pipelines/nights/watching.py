"""Noticing that something is wrong: what stands after a night, and what anybody can see from outside.

Belongs here: which findings there are, their keys, how grave each is.
Does not belong here: telling people (pipelines/alerts) and printing (the command line).

Two halves. `standing` asks the warehouse, at the end of a night, what is still wrong though it happened on an earlier
one; it goes into `status.json`. `look` needs no warehouse, no lock and no Dagster: it reads `status.json`, the release
and the disk, so that it works while a night runs, and when nothing else does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import duckdb

from pipelines.alerts.incidents import Problem
from pipelines.intake.listing import refusals
from pipelines.intake.reasons import Reason
from warehouse import clock
from warehouse.comparison import damaged_files
from warehouse.contracts import CONTRACTS
from warehouse.manifest import ReleaseDamagedError, current_id
from warehouse.opening import exposed
from warehouse.private import without_numbers
from warehouse.release import open_current, read_status
from warehouse.rollback import is_rolled_back
from warehouse.settings import Settings, delivered_contracts
from warehouse.texts import Words

GB = 1_000_000_000
Level = Literal["warning", "critical"]


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now; the key is the same as long as it is the same thing. No persons, no values of cells."""

    key: str
    level: Level
    sv: str
    en: str

    def problem(self) -> Problem:
        """As alerts know it."""
        return Problem(self.key, self.sv, self.en)


def standing(
    con: duckdb.DuckDBPyConnection,
    settings: Settings,
    on: date | None = None,
    unreached: Mapping[str, Reason] | None = None,
) -> dict[str, Any]:
    """What stands in the warehouse after a night, for `status.json`.

    Args:
        con: the warehouse.
        settings: sources and limits.
        on: the day; default today.
        unreached: contracts whose server gave nothing tonight, and why.

    Returns:
        refused: deliveries that were refused and have neither been replaced nor taken away, as {source, file_name, sv, en};
        stale: contracts whose newest month is too old, as {contract, since, reason {sv, en}}, and those whose server gave nothing
            tonight, as the same with `is_unreached`;
        quarantine: {rows, share}, of the current deliveries.
    """
    return {
        "refused": [
            {
                "source": each.source,
                "file_name": without_numbers(each.file_name),
                "sv": each.sv,
                "en": each.en,
            }
            for each in refusals(con, settings)
        ],
        "stale": [
            *_unreached(con, unreached or {}),
            *_stale(con, settings, on or clock.today(), unreached or {}),
        ],
        "quarantine": _quarantine(con),
    }


def look(settings: Settings, now: datetime | None = None) -> list[Finding]:
    """Everything that is wrong now, the gravest first."""
    now = now or clock.now()
    status = read_status(settings.releases)
    found = [
        *_of_release(settings, now),
        *_of_run(settings, status, now),
        *_of_deliveries(settings, status),
        *_of_reports(settings, status),
        *_of_machine(settings),
    ]
    first: dict[str, Finding] = {}
    for finding in found:
        first.setdefault(finding.key, finding)
    return sorted(first.values(), key=lambda finding: finding.level != "critical")


def _say(key: str, level: Level, text: str, **filling: str) -> Finding:
    sv, en = (Words(lang)(f"alerts.findings.{text}", **filling) for lang in ("sv", "en"))
    return Finding(key, level, sv, en)


def _of_release(settings: Settings, now: datetime) -> Iterator[Finding]:
    try:
        release = open_current(settings.releases)
    except ReleaseDamagedError:
        yield _say("release:damaged", "critical", "release_damaged")
        return
    if release is None:
        yield _say("release:none", "critical", "no_release")
        return
    if damaged_files(release.folder):
        yield _say("release:damaged", "critical", "release_damaged")
    days = (clock.day(now) - date.fromisoformat(str(release.manifest["as_of"]))).days
    if days > settings.fresh_within_days:
        yield _say(
            "release:stale",
            "critical",
            "release_stale",
            days=str(days),
            limit=str(settings.fresh_within_days),
        )
    if is_rolled_back(settings.releases):
        yield _say("release:rolled_back", "warning", "rolled_back", release=release.id)


def _of_run(settings: Settings, status: Mapping[str, Any], now: datetime) -> Iterator[Finding]:
    run = status.get("run", {})
    has_failed = run.get("outcome") == "failed"
    for problem in status.get("problems", []):
        # A delivery that was refused stands by itself, see below; everything else that a failed night tells is why it
        # failed.
        level: Level = (
            "critical" if has_failed and not str(problem.get("key", "")).startswith("refused:") else "warning"
        )
        yield Finding(str(problem.get("key") or problem["en"]), level, problem["sv"], problem["en"])
    if broken_off := status.get("broken_off"):
        yield Finding(broken_off["key"], "critical", broken_off["sv"], broken_off["en"])
    if has_failed and not status.get("problems"):
        yield _say("run:failed", "critical", "run_failed", ended=str(run["ended_at"])[:16].replace("T", " "))
    if run:
        ended = datetime.fromisoformat(run["ended_at"])
        if now - ended > timedelta(hours=settings.watch.missed_after_hours):
            yield _say(
                "run:missed", "critical", "run_missed", ended=str(run["ended_at"])[:16].replace("T", " ")
            )
    if (status.get("gate") or {}).get("passed") is False:
        yield _say("gate", "critical", "gate")
    for check in status.get("checks", []):
        if check["blocking"] and not check["passed"]:
            yield Finding(
                f"check:{check['table']}.{check['name']}",
                "critical",
                check["text"]["sv"],
                check["text"]["en"],
            )


def _of_deliveries(settings: Settings, status: Mapping[str, Any]) -> Iterator[Finding]:
    for line in status.get("refused", []):
        key = f"refused:{line['source']}/{line['file_name']}"
        sv, en = (f"{line['file_name']}: {line[lang]}" for lang in ("sv", "en"))
        refused = _say(key, "warning", "refused", what=f"{line['file_name']}")
        yield Finding(
            key, "warning", f"{refused.sv} {sv.partition(': ')[2]}", f"{refused.en} {en.partition(': ')[2]}"
        )
    for line in status.get("stale", []):
        # A server that gives nothing is a problem of the night already, once for all of its contracts.
        if "contract" in line and not line.get("is_unreached"):
            yield Finding(f"stale:{line['contract']}", "warning", line["reason"]["sv"], line["reason"]["en"])
    share = (status.get("quarantine") or {}).get("share", 0.0)
    if share > settings.watch.quarantine_share:
        yield _say(
            "quarantine",
            "warning",
            "quarantine",
            share=f"{share:.1f}",
            limit=f"{settings.watch.quarantine_share:g}",
            rows=str(status["quarantine"]["rows"]),
        )


def _of_reports(settings: Settings, status: Mapping[str, Any]) -> Iterator[Finding]:
    word = status.get("reports") or {}
    current = current_id(settings.releases)
    has_failed = word.get("is_made") is False and word.get("release") == current
    # Somebody may have made them by hand since.
    if current and has_failed and not any((settings.reports / current).glob("*.pdf")):
        yield _say("reports", "warning", "reports", release=current)


def _of_machine(settings: Settings) -> Iterator[Finding]:
    if not settings.home.exists():
        return
    free = shutil.disk_usage(settings.home).free / GB
    if free < settings.watch.disk_free_gb:
        yield _say("disk", "critical", "disk", free=f"{free:.1f}", limit=f"{settings.watch.disk_free_gb:g}")
    if os.statvfs(settings.home).f_flag & os.ST_RDONLY:
        yield _say("disk:read_only", "critical", "read_only")
    for place in exposed(settings):
        name = str(place.relative_to(settings.home)) if place.is_relative_to(settings.home) else str(place)
        yield _say(f"exposed:{name}", "critical", "exposed", place=name)


def _unreached(con: duckdb.DuckDBPyConnection, unreached: Mapping[str, Reason]) -> list[dict[str, Any]]:
    found = []
    for name, reason in sorted(unreached.items()):
        # What is told by the month is as old as its month; what comes when it happens, as old as its last delivery.
        newest = (
            f"LAST_DAY(MAX(month)) FROM {CONTRACTS[name].table}"
            if CONTRACTS[name].subject == "hr"
            else f"CAST(MAX(delivered_at) AS DATE) FROM log.delivery WHERE status = 'loaded' AND contract = '{name}'"
        )
        (last,) = con.execute(f"SELECT {newest}").fetchall()[0]
        found.append(
            {
                "contract": name,
                "since": str(last) if last else None,
                "reason": {"sv": reason.sv, "en": reason.en},
                "is_unreached": True,
            }
        )
    return found


def _stale(
    con: duckdb.DuckDBPyConnection, settings: Settings, on: date, unreached: Collection[str]
) -> list[dict[str, Any]]:
    found = []
    for name in sorted(delivered_contracts(settings) - set(unreached)):
        contract = CONTRACTS[name]
        # What comes by the month must come every month; a survey or a plan is as old as it is.
        if not contract.is_by_month or contract.subject != "hr":
            continue
        (last,) = con.execute(f"SELECT LAST_DAY(MAX(month)) FROM {contract.table}").fetchall()[0]
        if last is not None and (on - last).days > settings.fresh_within_days:
            reason = {
                lang: Words(lang)("alerts.findings.stale", what=contract.title[lang], since=str(last))
                for lang in ("sv", "en")
            }
            found.append({"contract": name, "since": str(last), "reason": reason})
    return found


def _quarantine(con: duckdb.DuckDBPyConnection) -> dict[str, float]:
    tables = " UNION ALL ".join(
        f"SELECT DISTINCT delivery_id FROM {each.table}" for each in CONTRACTS.values()
    )
    bad, rows = con.execute(
        f"""
        SELECT COALESCE(SUM(rows_quarantined), 0), COALESCE(SUM(rows_delivered), 0)
        FROM log.delivery
        WHERE status = 'loaded' AND delivery_id IN ({tables})
        """
    ).fetchall()[0]
    return {"rows": int(bad), "share": round(100.0 * int(bad) / int(rows), 3) if rows else 0.0}
