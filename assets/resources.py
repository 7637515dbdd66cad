"""What every asset of a run shares: the settings, the warehouse, and the record of how the night goes.

Belongs here: the one resource `night`, held from the first step of a run to the last.
Does not belong here: Dagster's own storage (instance.py) and what any step does.

The resource holds the warehouse's lock for the whole run: two runs, whichever process they are in, never interleave.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import dagster as dg

from assets.instance import PROCESS_TAG, expire_runs, process_tag, quick_storage
from pipelines.alerts.incidents import Problem
from pipelines.alerts.tell import tell
from pipelines.intake import Pulls, Taken
from pipelines.intake.reasons import Reason
from pipelines.nights import gauges
from pipelines.nights.gauges import cells_by_status
from pipelines.nights.journal import note
from pipelines.nights.keeping import expire
from pipelines.nights.rebuilding import recover
from pipelines.nights.watching import look, standing
from pipelines.validation.expectations import Judged, remembered
from warehouse import clock, release
from warehouse.manifest import ReleaseDamagedError, current_id
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.texts import Words

progress = logging.getLogger("fordel.progress")


class NotPublishableError(RuntimeError):
    """Something forbids publishing; the last release stays. `told` says what, in Swedish and English."""

    def __init__(self, told: tuple[str, str], key: str) -> None:
        """Keep the words, and the key under which the problem is known."""
        self.told, self.key = told, key
        super().__init__(told[1])

    @classmethod
    def of_checks(cls, checks: Sequence[Judged]) -> NotPublishableError:
        """Name the blocking checks that stand failed."""
        names = ", ".join(f"{check.table}: {check.name}" for check in checks)
        told = (
            f"Inget publiceras så länge dessa prov inte håller: {names}.",
            f"Nothing is published while these checks fail: {names}.",
        )
        return cls(told, key="checks")


Records = list[dict[str, Any]]


@dataclass
class Night:
    """One run: its tools, and what has come of it so far."""

    settings: Settings
    store: Store
    run_id: str
    # Every server is asked once a night, and one child process reads all files.
    pulls: Pulls = field(default_factory=Pulls)
    started_at: datetime = field(default_factory=lambda: clock.now())  # noqa: PLW0108 - asked for when it is made
    checks: Records = field(default_factory=list)
    problems: list[dict[str, str]] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    # Contract → why its server gave nothing tonight.
    unreached: dict[str, Reason] = field(default_factory=dict)
    published: release.Published | None = None
    gate: dict[str, Any] | None = None
    loaded: int = 0
    quarantined: int = 0
    refused: int = 0
    has_begun: bool = False

    @contextmanager
    def step(self, name: str) -> Iterator[Callable[[str], dict[str, Any]]]:
        """Time a step and tell how it goes, to whoever listens to `fordel.progress`.

        Yields:
            A function that takes a line on what came of the step, and gives back the metadata every step reports (seconds).
        """
        started = time.monotonic()

        def done(line: str) -> dict[str, Any]:
            seconds = time.monotonic() - started
            self.tell(name, f"{line} ({seconds:.1f} s)")
            note(self.settings, "step", run=self.run_id, step=name, told=line, seconds=round(seconds, 2))
            return {"seconds": dg.MetadataValue.float(round(seconds, 2))}

        try:
            yield done
        except NotPublishableError as error:
            self.failed.append(name)
            self.problem(*error.told, key=error.key)
            raise
        except Exception as error:
            self.failed.append(name)
            # Only our own errors are known to carry no value out of a row.
            is_ours = type(error).__module__.partition(".")[0] in ("warehouse", "pipelines", "assets")
            why = str(error) if is_ours else type(error).__name__
            self.problem(
                f"Steget {name} misslyckades: {why}", f"The step {name} failed: {why}", key=f"step:{name}"
            )
            note(self.settings, "step failed", run=self.run_id, step=name, kind=type(error).__name__)
            raise

    def tell(self, step: str, line: str) -> None:
        """Tell how a step goes, to whoever listens to `fordel.progress`; no values, no persons."""
        progress.info("%-22s %s", step, line)

    def problem(self, sv: str, en: str, key: str | None = None) -> None:
        """Note something that people must know; no cell values, no persons.

        Args:
            sv: the words in Swedish.
            en: the words in English.
            key: the same as long as it is the same problem, so that it is told once; default the words.
        """
        self.problems.append({"sv": sv, "en": en, "key": key or en})

    def finding(self, key: str, text: str, **filling: str) -> None:
        """Note a problem whose words are among the alerts' (`alerts.findings`)."""
        sv, en = (Words(lang)(f"alerts.findings.{text}", **filling) for lang in ("sv", "en"))
        self.problem(sv, en, key)

    def count(self, taken: Sequence[Taken]) -> None:
        """Add what came of deliveries to the night's sums."""
        for delivery in taken:
            self.loaded += delivery.rows_loaded
            self.quarantined += delivery.rows_quarantined
            self.refused += delivery.status == "refused"

    def judged(self, results: list[Judged]) -> None:
        """Note what a table was judged to be."""
        for result in results:
            self.checks.append(result.record())
            if not result.passed and result.severity == "error":
                self.problem(
                    f"{result.table}: {result.text['sv']} ({result.observed})",
                    f"{result.table}: {result.text['en']} ({result.observed})",
                    key=f"check:{result.table}.{result.name}",
                )

    def blocked(self) -> Records:
        """The failed checks that forbid publishing."""
        return [check for check in self.checks if check["blocking"] and not check["passed"]]

    def outcome(self) -> str:
        """How the run ended: failed, published or unchanged."""
        if self.failed or self.blocked():
            return "failed"
        # A run of some assets only never comes to the release: what people see is unchanged.
        return "published" if self.published is not None and self.published.is_new else "unchanged"

    def close(self) -> None:
        """Leave word of how the run went: beside the pointer, in the warehouse, in the journal."""
        ended = clock.now()
        now = ended.isoformat(timespec="seconds")
        before = release.read_status(self.settings.releases)
        shown = current_id(self.settings.releases)
        cells: dict[str, int] = {}
        # One that cannot be read is told by the watchdog; here the night's own word must be left.
        with suppress(ReleaseDamagedError):
            current = release.open_current(self.settings.releases)
            cells = cells_by_status(current) if current else {}
        if self.published is not None and self.published.is_withheld:
            self.finding("release:withheld", "withheld")
        night = {
            "seconds": round((ended - self.started_at).total_seconds(), 1),
            "rows_loaded": self.loaded,
            "rows_quarantined": self.quarantined,
            "deliveries_refused": self.refused,
            "cells_shown": cells.get(release.SHOWN, 0),
            "cells_hidden": cells.get(release.HIDDEN, 0),
        }
        run = {
            "id": self.run_id,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "ended_at": now,
            "outcome": self.outcome(),
        }
        with self.store.write() as con:
            stands = standing(con, self.settings, unreached=self.unreached)
            line = {
                "run_id": self.run_id,
                "started_at": self.started_at.replace(tzinfo=None),
                "ended_at": ended.replace(tzinfo=None),
                "outcome": run["outcome"],
                **night,
                "release_id": shown,
            }
            con.execute(
                f"INSERT INTO log.run ({', '.join(line)}) VALUES ({', '.join('?' * len(line))})",
                list(line.values()),
            )
        release.write_status(
            self.settings.releases,
            {
                **before,
                "current": shown,
                "checked_at": now,
                "run": run,
                "night": night,
                "checks": [check.record() for check in remembered(self.store)],
                "problems": self.problems,
                "broken_off": None,
                # A night that did not come to the gate leaves what the last one said of it.
                **({"gate": self.gate} if self.gate else {}),
                **stands,
            },
        )
        note(self.settings, "night ended", run=self.run_id, outcome=run["outcome"], **night)


def night_of(settings: Settings) -> dg.ResourceDefinition:
    """The resource `night` for one home folder."""

    @dg.resource(
        description="The settings, the warehouse (locked for the whole run) and the record of the run."
    )
    def night(context: dg.InitResourceContext) -> Iterator[Night]:
        store = Store(settings)
        tonight = Night(settings, store, context.run.run_id if context.run else "")
        if context.run and context.instance:
            context.instance.add_run_tags(tonight.run_id, {PROCESS_TAG: process_tag(tonight.run_id)})
        with watched(tonight):
            rebuilt = recover(settings, store)
            tonight.has_begun = True
            if rebuilt is not None:
                tonight.finding("rebuilt", "rebuilt")
                note(settings, "warehouse rebuilt", deliveries=rebuilt.deliveries, seconds=rebuilt.seconds)
            with store.write(), quick_storage(settings), tonight.pulls:
                try:
                    yield tonight
                finally:
                    tonight.close()
            expire(settings, store)
            if context.instance:
                expire_runs(context.instance, settings)

    return night


@contextmanager
def watched(tonight: Night) -> Iterator[None]:
    """Whatever becomes of the night, tell those who are to be told; also when it could not begin, or not come to its end."""
    settings, broken_off = tonight.settings, None
    try:
        yield
    except Exception as error:
        is_ours = type(error).__module__.partition(".")[0] in ("warehouse", "pipelines", "assets")
        broken_off = breaking_off(str(error) if is_ours else type(error).__name__, tonight.has_begun)
        # It stands until a night has left word; where the disk takes no writes, the watchdog finds that itself.
        with suppress(OSError, ValueError):
            before = release.read_status(settings.releases)
            release.write_status(settings.releases, {**before, "broken_off": broken_off})
        raise
    finally:
        problems = [finding.problem() for finding in look(settings)]
        _, unreached = tell(settings, [*([Problem(**broken_off)] if broken_off else []), *problems])
        if not broken_off:
            gauges.write(settings)
            note(settings, "told", problems=len(problems), unreached=", ".join(unreached) or None)


def breaking_off(why: str, has_begun: bool) -> dict[str, str]:
    """The problem of a night that was broken off outside its steps, as `status.json` keeps it."""
    text = "run_not_ended" if has_begun else "run_not_begun"
    sv, en = (Words(lang)(f"alerts.findings.{text}", why=why) for lang in ("sv", "en"))
    return {"key": f"run:{text.removeprefix('run_')}", "sv": sv, "en": en}
