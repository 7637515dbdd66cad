"""What the drills share: an installation with everything but the newest month, nights, and what people see meanwhile.

Belongs here: making and copying the installation, running a night, judging torn, lost and silently stale.
Does not belong here: the faults (faults.py), the kills (kills.py), the year (soak.py).
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from assets.running import Run, run_nightly  # noqa: E402
from pipelines.example.writing import write_example  # noqa: E402
from pipelines.nights.watching import Finding, look  # noqa: E402
from pipelines.validation.accounting import account  # noqa: E402
from warehouse.comparison import damaged_files  # noqa: E402
from warehouse.manifest import current_id, read_manifest  # noqa: E402
from warehouse.release import list_releases  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402
from warehouse.store import Store  # noqa: E402

NEWEST = "2026-10"
SUBJECTS = {"hr_employment": "example_employment", "hr_absence": "example_absence"}


@dataclass(frozen=True)
class Seen:
    """What people see at one moment: the release, the last day it tells of, and whether it is whole."""

    release: str | None
    as_of: str
    is_whole: bool


def settings_file(folder: Path, **changes: object) -> Path:
    """Settings with the two HR sources of the example, whose exports nobody writes by themselves."""
    stated = yaml.safe_load((ROOT / "fordel.yaml").read_text(encoding="utf-8"))
    sources = {name: stated["sources"][name] for name in SUBJECTS.values()}
    for name, source in sources.items():
        source["path"] = f"exports/{name}"
    kept = {"home": "home", "sources": sources, "example": None, "servers": {}, "fresh_within_days": 3650}
    # A small file system is full when it is full.
    kept["watch"] = {"disk_free_gb": 0.005}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "fordel.yaml"
    file.write_text(yaml.safe_dump({**stated, **kept, **changes}, sort_keys=False), encoding="utf-8")
    return file


def prepare(folder: Path, size: int = 200, months: int = 13, held_back: int = 1) -> Settings:
    """An installation that has published every month but the newest ones, which wait in `waiting/`."""
    last = 2026 * 12 + 9
    newest = {f"{place // 12}-{place % 12 + 1:02d}" for place in range(last - held_back + 1, last + 1)}
    settings = read_settings(settings_file(folder))
    made = settings.model_copy(
        update={
            "home": folder / "made",
            "example": read_settings(
                settings_file(
                    folder / "made", example={"size": size, "months": months, "ends": "2026-10-31", "seed": 1}
                )
            ).example,
        }
    )
    write_example(made)
    for contract, source in SUBJECTS.items():
        shutil.copytree(made.example_files / contract, folder / "exports" / source)
        for path in sorted((folder / "exports" / source).iterdir()):
            if path.name.split("_levererad")[0].rpartition("_")[2] in newest:
                waiting = folder / "waiting" / source
                waiting.mkdir(parents=True, exist_ok=True)
                path.rename(waiting / path.name)
    shutil.rmtree(folder / "made")
    settings.keys.mkdir(mode=0o700, parents=True)
    (settings.keys / "pseudonym.key").write_text("5a" * 32 + "\n", encoding="ascii")
    (settings.keys / "pseudonym.key").chmod(0o600)
    done = night(settings)
    if not done.is_success:
        raise RuntimeError(f"the first night failed: {done.failures}")
    return settings


def copy(settings: Settings, folder: Path) -> Settings:
    """The installation once more, to be ruined."""
    shutil.copytree(settings.file.parent, folder, symlinks=True)
    return read_settings(folder / "fordel.yaml")


def waiting(settings: Settings) -> Iterator[tuple[Path, Path]]:
    """The newest month's files, and where they are to be delivered."""
    folder = settings.file.parent
    for path in sorted((folder / "waiting").glob("*/*")):
        yield path, folder / "exports" / path.parent.name / path.name


def deliver(settings: Settings) -> None:
    """Deliver the newest month as it should be."""
    for path, place in waiting(settings):
        shutil.copy(path, place)


def night(settings: Settings) -> Run:
    """One night, as the schedule would run it, in this process."""
    return run_nightly(settings)


def seen(settings: Settings) -> Seen:
    """What people see now."""
    shown = current_id(settings.releases)
    if shown is None:
        return Seen(None, "", is_whole=True)
    folder = settings.releases / shown
    # Not opened: what this process has read whole it would not read again when a drill has damaged it.
    return Seen(shown, str(read_manifest(folder)["as_of"]), not damaged_files(folder))


def torn(settings: Settings) -> list[str]:
    """Releases that are not what they were when they were made."""
    return [each for each in list_releases(settings.releases) if damaged_files(settings.releases / each)]


def has_everything(settings: Settings) -> bool:
    """Whether the newest month is loaded and every row that was ever delivered is accounted for."""
    with Store(settings).read() as con:
        months = con.execute("SELECT STRFTIME(MAX(month), '%Y-%m') FROM raw.hr_employment").fetchall()[0][0]
        return months == NEWEST and all(account(con)["closes"])


def wrong(settings: Settings) -> list[Finding]:
    """What `fordel check` finds."""
    return look(settings)
