"""Writing the example's exports once, and only what is missing.

Belongs here: the stamp that remembers what has been written, and going on with a run when a new month has
become full.
Does not belong here: what is written.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipelines.example.faults import deliveries
from pipelines.example.files import path_of, write
from pipelines.example.parameters import Parameters, parameters
from warehouse import clock
from warehouse.settings import Example, Settings, SettingsError

STAMP = "stamp.json"
# Raise when the generator gives other people or files, so that an old run is not continued with different ones.
GENERATOR = 2
Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Written:
    """What `write_example` did. `files` and `rows` count what was written now; 0 when all of it was there."""

    folder: Path
    files: int
    rows: int
    run: Parameters

    def __len__(self) -> int:
        """How many files were written now."""
        return self.files

    @property
    def is_new(self) -> bool:
        """Whether anything was written."""
        return self.files > 0


def _stamp(run: Parameters, files: list[str]) -> dict[str, Any]:
    return {"generator": GENERATOR, "run": asdict(run), "files": sorted(files)}


def _earlier(folder: Path) -> tuple[Parameters, list[str]] | None:
    """The run and files that the stamp tells of; None where there is none."""
    try:
        told = json.loads((folder / STAMP).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    if told["generator"] != GENERATOR:
        raise SettingsError(
            f"example: {folder} was written by another version of Fördel: "
            f"remove the home folder {folder.parent}, or name another one (FORDEL_HOME)"
        )
    return Parameters(**told["run"]), list(told["files"])


def _continued(folder: Path, wanted: Parameters, settings: Settings, earlier: Parameters) -> Parameters:
    """The earlier run, made longer to the wanted last month.

    Raises:
        SettingsError: other people are asked for: one home would then hold two municipalities, mixed month by month.
    """
    same = (wanted.size, wanted.seed) == (earlier.size, earlier.seed)
    example = settings.example
    fixed_end = example is not None and example.ends is not None
    if same and wanted.first == earlier.first and wanted.last == earlier.last:
        return earlier
    # A new month has become full: the run goes on with the same people.
    if (
        same
        and not fixed_end
        and wanted.last >= earlier.last
        and wanted.last - wanted.first <= earlier.last - earlier.first
    ):
        return replace(earlier, months=wanted.last - earlier.first + 1)
    raise SettingsError(
        f"example: {folder} already holds a municipality with size {earlier.size}, seed {earlier.seed}, {earlier.months} months; "
        f"a home holds one municipality: name another home (FORDEL_HOME), or remove {folder.parent}"
    )


def write_example(settings: Settings, progress: Progress | None = None, today: date | None = None) -> Written:
    """Write the example municipality's exports to home/example, unless they are there.

    Args:
        settings: `settings.example` must be present.
        progress: called with a few words and the share done, 0–1.
        today: decides the last full month; default the clock.

    Returns:
        What was written now.

    Raises:
        SettingsError: the home holds another municipality, or the example is not switched on.
    """
    if settings.example is None:
        raise SettingsError("example: is not switched on in the settings")
    with _alone(settings):
        return _written(settings, settings.example, progress, today)


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Wait until no other process writes this home's exports; a killed one lets go by itself."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (settings.home / ".example.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _written(settings: Settings, example: Example, progress: Progress | None, today: date | None) -> Written:
    folder = settings.example_files
    run = parameters(example, today or clock.today())
    earlier = _earlier(folder)
    there: list[str] = []
    if earlier is None:
        shutil.rmtree(folder, ignore_errors=True)  # what a killed run left
    else:
        there = [name for name in earlier[1] if (folder / name).is_file()]
        run = _continued(folder, run, settings, earlier[0])
        if run == earlier[0] and len(there) == len(earlier[1]):
            return Written(folder, 0, 0, run)
    return _write(folder, run, set(there), progress)


def _write(folder: Path, run: Parameters, there: set[str], progress: Progress | None) -> Written:
    # Imported late: a second run, which writes nothing, does not pay for it.
    from pipelines.example.municipality import Municipality
    from pipelines.example.roster import roster, slim
    from pipelines.example.subjects import write_subjects

    files = rows = 0
    names = set(there)
    people = []
    for done, month in enumerate(Municipality(run).months(), start=1):
        for contract, frame in (("hr_employment", month.employment), ("hr_absence", month.absence)):
            for delivery in deliveries(contract, frame, month.number, run):
                path = path_of(contract, delivery, run)
                if path in there:
                    continue
                write(folder / path, contract, delivery)
                names.add(path)
                files, rows = files + 1, rows + len(delivery.rows)
        people.append(slim(month, run))
        if progress is not None:
            progress(f"{month.first_day:%Y-%m}", done / run.months)
    for path, count in write_subjects(folder, roster(people, run), there):
        names.add(path)
        files, rows = files + 1, rows + count
    part = folder / f".{STAMP}.part"
    part.write_text(json.dumps(_stamp(run, list(names)), indent=1), encoding="utf-8")
    part.rename(folder / STAMP)
    return Written(folder, files, rows, run)
