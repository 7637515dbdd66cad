"""A year of nights with a simulated clock: deliveries on their days, some late, some broken, faults drawn at random.

Belongs here: the calendar, the faults, what counts as fresh by six in the morning, the line that `make soak` prints.
Does not belong here: one fault at a time (faults.py), kills at random moments (kills.py).

Each simulated day: at 02:00 the job `nightly` runs, whole, in this process; where it failed it runs again at 03:00 and
04:00, as Dagster does (the job's tag max_retries); at 06:00 we look, and then the watchdog does. Fresh: every good file that
had come before 02:00 is in the release that people see. Every exception alerted: a run that failed has left an incident
that was told, whatever is wrong at six is told, and nothing is stale with nothing wrong. Clock: warehouse/clock.py is turned.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import random
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

import dagster as dg  # noqa: E402

from assets.definitions import assemble  # noqa: E402
from assets.jobs import LOG_TO_FILE, NIGHTLY  # noqa: E402
from benchmarks import drills  # noqa: E402
from pipelines.alerts.incidents import Incident, standing  # noqa: E402
from pipelines.alerts.tell import tell  # noqa: E402
from warehouse import clock  # noqa: E402
from warehouse.release import open_current  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402

MONTHS = 25
FAULT_SHARE = 0.15
MENDED_AFTER_DAYS = 2
SOURCE = "example_employment"


class Year:
    """One installation through a year."""

    def __init__(self, folder: Path, size: int, seed: int) -> None:
        self.draw = random.Random(seed)
        self.settings, self.coming = prepare(folder, size)
        self.good: set[str] = set()
        self.mending: list[tuple[date, Callable[[], None]]] = []
        self.told: list[str] = []
        self.counts: collections.Counter[str] = collections.Counter()
        self.silent: list[str] = []
        self.stale: list[str] = []

    def day(self, on: date) -> None:
        """What comes during the day before, the night, and the look at six."""
        for due, mend in list(self.mending):
            if due <= on:
                mend()
                self.mending.remove((due, mend))
        for path in self.coming.pop(on, []):
            shutil.copy(path, self.settings.sources[path.parent.name].path / path.name)
            self.good.add(path.name)
            self.counts["deliveries"] += 1
        fault = self.draw.choice(FAULTS) if self.draw.random() < FAULT_SHARE else None
        if fault is not None:
            self.counts[f"fault: {fault.__name__}"] += 1
        crash = fault(self, on) if fault else None
        for hour in () if fault is machine_off else (2, 3, 4):
            with at(datetime(on.year, on.month, on.day, hour, tzinfo=UTC)):
                is_success = self.night(crash)
            crash = None
            self.counts["runs"] += 1
            if is_success:
                break
            self.counts["runs that failed"] += 1
            if not told(self.settings):
                self.silent.append(f"{on}: a run failed and nobody was told")
        with at(datetime(on.year, on.month, on.day, 6, tzinfo=UTC)):
            self.look(on)

    def night(self, crash: str | None) -> bool:
        """One run of the whole job; a crash raises where the name says."""
        job = assemble(self.settings).resolve_job_def(NIGHTLY)

        def fall(*_: object, **__: object) -> None:
            raise OSError("simulated")

        with (
            dg.DagsterInstance.ephemeral() as instance,
            mock.patch("pipelines.alerts.tell.send", self.send),
            mock.patch(crash, fall) if crash else contextlib.nullcontext(),
        ):
            try:
                done = job.execute_in_process(run_config=LOG_TO_FILE, instance=instance, raise_on_error=False)
                return done.success
            except Exception:  # noqa: BLE001 - a night that could not begin is one of the exceptions that must be told
                return False

    def send(self, _alerts: object, _channel: object, _name: object, messages: list[object]) -> None:
        """Stands for the mail server: what was told."""
        self.told += [message.incident.key for message in messages]  # type: ignore[attr-defined]

    def look(self, on: date) -> None:
        """Six in the morning: is it fresh, and has somebody been told of what is not?"""
        self.counts["mornings"] += 1
        release = open_current(self.settings.releases)
        assert release is not None
        shown = {line["file_name"] for line in release.quality["deliveries"] if line["status"] != "refused"}
        is_fresh = self.good <= shown
        self.counts["fresh"] += is_fresh
        found = drills.wrong(self.settings)
        by_night = {incident.key for incident in told(self.settings)}
        with mock.patch("pipelines.alerts.tell.send", self.send):
            tell(self.settings, [finding.problem() for finding in found])
        known = {incident.key for incident in told(self.settings)}
        wrong = {finding.key for finding in found}
        self.counts["mornings with something wrong"] += bool(wrong) or not is_fresh
        self.counts["mornings with something that only the watchdog told"] += bool(wrong - by_night)
        if wrong - known or (not is_fresh and not wrong):
            self.silent.append(f"{on}: fresh {is_fresh}, wrong {sorted(wrong)}, told {sorted(known)}")
        if not is_fresh:
            self.stale.append(f"{on}: {sorted(self.good - shown)}, {sorted(wrong)}")


def told(settings: Settings) -> list[Incident]:
    """The incidents that stand, as people have been told."""
    return list(standing(settings.home / "alerts" / "incidents.json").values())


def prepare(folder: Path, size: int) -> tuple[Settings, dict[date, list[Path]]]:
    """An installation up to October of the year before, and the files that come on each day from November."""
    settings = drills.prepare(folder, size=size, months=MONTHS, held_back=12)
    coming: dict[date, list[Path]] = collections.defaultdict(list)
    draw = random.Random(7)
    for path in sorted((folder / "waiting").glob("*/*")):
        stamp = path.stem.rpartition("_levererad_")[2]
        due = date.fromisoformat(stamp)
        late = draw.choice((0, 0, 0, 0, 1, 3, 9))
        coming[max(due, date(2025, 11, 1)) + timedelta(days=1 + late)].append(path)
    return settings, coming


def at(moment: datetime) -> mock._patch:
    """Turn the clock."""
    return mock.patch.object(clock, "now", return_value=moment)


def empty_file(year: Year, on: date) -> None:
    """A file of no bytes comes, and is taken away when somebody has read the alert."""
    path = year.settings.sources[SOURCE].path / f"personal_{on:%Y-%m}_levererad_{on}.csv"
    if path.exists():
        return
    path.write_bytes(b"")
    year.mending.append((on + timedelta(days=MENDED_AFTER_DAYS), lambda: path.unlink(missing_ok=True)))


def share_away(year: Year, on: date) -> None:
    """The share with the exports is not mounted for two nights."""
    folder = year.settings.sources[SOURCE].path
    away = folder.with_name("away")
    if not folder.exists() or any(folder.with_name("away").parent.glob("away")):
        return
    folder.rename(away)

    def mend() -> None:
        if folder.exists():
            shutil.copytree(folder, away, dirs_exist_ok=True)
            shutil.rmtree(folder)
        away.rename(folder)

    year.mending.append((on + timedelta(days=1), mend))


def flipped_bit(year: Year, _on: date) -> None:
    """A bit of the warehouse."""
    content = bytearray(year.settings.warehouse.read_bytes())
    content[year.draw.randrange(len(content))] ^= 1
    year.settings.warehouse.write_bytes(content)


def repeat(year: Year, on: date) -> None:
    """A file comes once more."""
    path = year.draw.choice(sorted(year.settings.sources[SOURCE].path.glob("personal_*")) or [Path()])
    if path.name and path.stat().st_size:
        shutil.copy(path, path.with_name(f"{path.stem.partition('_levererad')[0]}_levererad_{on}.csv"))


def crash_loading(_year: Year, _on: date) -> str:
    """The disk is full for a moment while loading."""
    return "pipelines.intake.loading.Log.write"


def crash_publishing(_year: Year, _on: date) -> str:
    """The disk is full for a moment while publishing."""
    return "warehouse.release.sync"


def machine_off(_year: Year, _on: date) -> None:
    """No night is run: the machine is off until the morning."""


FAULTS = (empty_file, share_away, flipped_bit, repeat, crash_loading, crash_publishing, machine_off)


def main() -> int:
    """Live through the year; 0 when at least 99 % of mornings were fresh and nothing was wrong in silence."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--nights", type=int, default=365)
    asked.add_argument("--size", type=int, default=200)
    asked.add_argument("--seed", type=int, default=20261123)
    stated = asked.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fordel-soak-") as place:
        year = Year(Path(place) / "base", stated.size, stated.seed)
        year.settings = read_settings(year.settings.file)
        for number in range(stated.nights):
            year.day(date(2025, 11, 1) + timedelta(days=number))
            if number % 30 == 29:
                share = 100 * year.counts["fresh"] / year.counts["mornings"]
                print(
                    f"  {number + 1} nights, {share:.1f} % fresh, {time.monotonic() - begun:.0f} s",
                    flush=True,
                )
        is_torn = bool(drills.torn(year.settings))
    share = 100 * year.counts["fresh"] / year.counts["mornings"]
    for name, count in sorted(year.counts.items()):
        print(f"  {count:>5} {name}")
    for line in year.stale[:10]:
        print(f"  stale: {line}")
    for line in year.silent[:5]:
        print(f"  silent: {line}")
    print(
        f"{stated.nights} nights in {time.monotonic() - begun:.0f} s: {share:.1f} % fresh by 06:00, {len(year.told)} alerts, "
        f"{len(year.silent)} times wrong in silence, {int(is_torn)} torn"
    )
    return int(share < 99 or bool(year.silent) or is_torn)


if __name__ == "__main__":
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    raise SystemExit(main())
