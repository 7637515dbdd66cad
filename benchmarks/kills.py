"""Random kills: kill −9 at random moments of loading and publishing, a thousand times, with readers running.

Belongs here: the children that are killed, the readers, the verdict that `make kills` prints.
Does not belong here: chosen faults (faults.py).

A process imports everything once and then forks for each night, so that a kill costs the night and not the imports.
Before each night a month is delivered once more, corrected. Every tenth night is left to end, and must.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from datetime import date, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

from benchmarks import drills  # noqa: E402
from warehouse.release import read_status  # noqa: E402
from warehouse.settings import Settings  # noqa: E402

# Runs the steps of a night without Dagster, whose run is the same for every kill; `tests/integration/crash` kills whole runs.
NIGHT = """
import os, sys, traceback, warnings
warnings.filterwarnings("ignore")
from pipelines.core import build_core
from pipelines.disclosure.few import too_few
from pipelines.intake import take
from pipelines.measures.compute import compute
from pipelines.nights.rebuilding import recover
from pipelines.publication import publish_release
from warehouse.settings import read_settings
from warehouse.store import Store
import polars, duckdb, pyarrow

def night(file):
    settings = read_settings(file)
    store = Store(settings)
    recover(settings, store)
    with store.write():
        for contract in ("hr_employment", "hr_absence"):
            take(settings, store, contract)
        build_core(store, settings)
        compute(store, settings, too_few=too_few)
        publish_release(store, settings)

# Whatever a library prints must not be taken for an answer.
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    process = os.fork()
    if process == 0:
        try:
            night(line.strip())
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(process, file=answer, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]), file=answer, flush=True)
"""


NEWEST = 2
"""How many of the newest months are corrected: they come after the first night, so that none of them is the month in which the
yearly tables move, which takes longer to audit than all else."""

CONTENTS = 3
"""How many contents a month has in turn: it is corrected, and corrected back."""


class Reader(threading.Thread):
    """Reads what people see, over and over, and checks every byte."""

    def __init__(self, releases: Path) -> None:
        super().__init__(daemon=True)
        self._releases, self._ended = releases, threading.Event()
        self.reads, self.faults = 0, []  # type: ignore[var-annotated]

    def run(self) -> None:
        """Read until told to end."""
        while not self._ended.is_set():
            try:
                read_status(self._releases)
                folder = (self._releases / "current").resolve()
                stated = json.loads((folder / "release.json").read_text(encoding="utf-8"))["files"]
                for name, was in stated.items():
                    if hashlib.sha256((folder / name).read_bytes()).hexdigest() != was:
                        self.faults.append(f"{folder.name}/{name}")
                self.reads += 1
            except Exception as error:  # noqa: BLE001 - every fault of a reader is what is looked for
                self.faults.append(repr(error))
            time.sleep(0.2)

    def end(self) -> None:
        """End, and wait for the last read."""
        self._ended.set()
        self.join(10)


class Corrections:
    """A month that comes again, corrected, before every night: something to load, to compute and to publish."""

    def __init__(self, settings: Settings) -> None:
        """The months as they were last delivered."""
        exports = settings.file.parent / "exports"
        self._last = [
            {path.name.partition("_levererad_")[0]: path.read_bytes() for path in sorted(folder.iterdir())}
            for folder in (exports / source for source in drills.SUBJECTS.values())
        ]
        self._folders = [exports / source for source in drills.SUBJECTS.values()]
        self._delivered: dict[str, Path] = {}

    def deliver(self, number: int) -> None:
        """Deliver one of the newest months anew with one row less, a day later than the last time; another subject each night.

        An older month would change every date after it, and a night would be spent on auditing them all. So would ever new
        contents: each is compared with all that the ledger has of its date.
        """
        subject = number % len(self._last)
        name, content = list(self._last[subject].items())[-1 - number // 2 % NEWEST]
        lines = content.splitlines(keepends=True)
        del lines[1 + number // (len(self._last) * NEWEST) % CONTENTS]
        if name in self._delivered:
            self._delivered[name].unlink()
        day = date(2026, 12, 1) + timedelta(days=number)
        self._delivered[name] = self._folders[subject] / f"{name}_levererad_{day}.csv"
        self._delivered[name].write_bytes(b"".join(lines))


class Nights:
    """A process that has imported everything, and forks for each night."""

    def __init__(self, settings: Settings, log: Path) -> None:
        self._file = settings.file
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", NIGHT],
            cwd=drills.ROOT,
            env={**os.environ, "PYTHONPATH": str(drills.ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log.open("wb"),
            text=True,
        )

    def run(self, kill_after: float | None) -> int:
        """One night, killed after so many seconds; its exit code (-9 = killed)."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{self._file}\n")
        self._process.stdin.flush()
        night = int(self._process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with contextlib.suppress(ProcessLookupError):  # it ended by itself before
                os.kill(night, signal.SIGKILL)
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """No more nights."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(60)


def main() -> int:
    """Kill; 0 when nothing was torn or lost and no reader met a fault."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--kills", type=int, default=1000)
    asked.add_argument("--size", type=int, default=300)
    asked.add_argument("--minutes", type=float, default=240.0, help="end then, whatever has been reached")
    asked.add_argument("--seed", type=int, default=20261123)
    stated = asked.parse_args()
    draw, begun = random.Random(stated.seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fordel-kills-") as place:
        settings = drills.prepare(Path(place) / "base", size=stated.size, held_back=NEWEST)
        drills.deliver(settings)
        corrections = Corrections(settings)
        readers = [Reader(settings.releases) for _ in range(2)]
        for reader in readers:
            reader.start()
        killed = completed = failed = number = 0
        torn: set[str] = set()
        whole, nights = 3.0, Nights(settings, Path(place) / "nights.log")
        while killed < stated.kills and time.monotonic() - begun < 60 * stated.minutes:
            number += 1
            corrections.deliver(number)
            before = time.monotonic()
            is_whole = number % 10 == 0
            code = nights.run(None if is_whole else draw.uniform(0.0, 1.05) * whole)
            killed += code == -signal.SIGKILL
            completed += code == 0
            if code not in (0, -signal.SIGKILL):
                failed += 1
            if is_whole:
                whole = 0.7 * whole + 0.3 * (time.monotonic() - before)
                failed += not drills.has_everything(settings)
                torn |= set(drills.torn(settings))
            if number % 100 == 0:
                said = (
                    f"{killed} kills, {completed} nights ended, {sum(each.reads for each in readers)} reads"
                )
                print(f"  {said}, {time.monotonic() - begun:.0f} s", flush=True)
        nights.end()
        last = drills.night(settings)
        for reader in readers:
            reader.end()
        torn |= set(drills.torn(settings))
        faults = [fault for reader in readers for fault in reader.faults]
        lost = 0 if last.is_success and drills.has_everything(settings) and not failed else 1
        reads = sum(reader.reads for reader in readers)
    print(
        f"{killed} kills in {time.monotonic() - begun:.0f} s, {completed} nights ended, {failed} failed, {reads} reads"
    )
    print(f"{len(torn)} torn, {lost} lost, {len(faults)} reader errors {faults[:3] or ''}")
    return int(bool(torn or lost or faults or failed))


if __name__ == "__main__":
    raise SystemExit(main())
