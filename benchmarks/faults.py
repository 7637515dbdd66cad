"""The fault matrix: every fault once, what people see meanwhile, what is told, and whether everything comes back.

Belongs here: the faults, and the table that `make faults` prints.
Does not belong here: random kills (kills.py), a year of nights (soak.py).

Each fault meets a copy of an installation that has published every month but the newest. A night is run with the fault, and
one after it is mended. Torn: a release that is not what it was when made. Lost: a row that is not accounted for. Silently
stale: people see old figures and nothing is told. Small file systems are mounted where this machine lets us; else that is said.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
warnings.filterwarnings("ignore")

from benchmarks import drills, harms  # noqa: E402
from pipelines.alerts.incidents import standing  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402


@dataclass(frozen=True)
class Fault:
    """One kind of fault.

    Attributes:
        name: as the table calls it.
        make: does the harm to an installation whose newest month is delivered; gives back what mends it.
        goes_through: the night must succeed in spite of it, with the newest month (a repeat, another order).
        mount: the home is on a small file system of its own.
    """

    name: str
    make: Callable[[Settings], harms.Mend]
    goes_through: bool = False
    mount: bool = False


FAULTS = (
    Fault("killed while loading", lambda s: harms.killed(s, "pipelines.intake.raw_store._sync_folder"), True),
    Fault("killed after the raw store", lambda s: harms.killed(s, "pipelines.intake.taking._told"), True),
    Fault("killed while publishing", lambda s: harms.killed(s, "warehouse.release.point_to"), True),
    Fault("killed while leaving word", lambda s: harms.killed(s, "warehouse.release.write_status"), True),
    Fault("disk full", harms.full_disk, mount=True),
    Fault("disk read-only", harms.read_only, mount=True),
    Fault("flipped bit in the warehouse", harms.flipped, True),
    Fault("warehouse is rubbish", harms.no_warehouse, True),
    Fault("truncated log of writes", harms.truncated_wal, True),
    Fault("flipped bit in the release", harms.damaged_release, True),
    Fault("half-copied file", harms.half_copied),
    Fault("empty file", harms.empty),
    Fault("duplicate", harms.duplicate, True),
    Fault("late correction", harms.late, True),
    Fault("out of order", harms.out_of_order, True),
    Fault("missing column", lambda s: harms.heading(s, None)),
    Fault("renamed column", lambda s: harms.heading(s, "Persnr2")),
    Fault("retyped column", harms.retyped),
    Fault("wrong encoding", lambda s: harms.text(s, lambda content: content, "utf-16")),
    Fault("source down: folder", harms.source_down),
    Fault("source down: server", lambda s: harms.kolada(s, None), True),
    Fault("source slow: server", lambda s: harms.kolada(s, lambda _: time.sleep(30)), True),
    Fault("mail server down", harms.no_mail),
    Fault("two runs at once", harms.two_at_once, True),
)


@dataclass
class Outcome:
    """What came of one fault."""

    meanwhile: str
    told: str
    recovered: str
    is_torn: bool
    is_lost: bool
    is_silent: bool


def suffer(base: Settings, fault: Fault, folder: Path) -> Outcome:
    """Run the night with the fault, mend it, run the next night."""
    with ExitStack() as stack:
        settings = drills.copy(base, folder)
        if fault.mount:
            stack.enter_context(small_disk(settings))
        before = drills.seen(settings)
        drills.deliver(settings)
        mend = fault.make(settings)
        # Who is killed has been shown already what comes of it; every other fault waits for the night.
        is_kill = fault.name.startswith("killed")
        # What the fault itself has damaged is not what the system tore; what a kill leaves is.
        harmed = set() if is_kill else set(drills.torn(settings))
        during = is_kill or whatever(settings)
        meanwhile = drills.seen(settings)
        found = drills.wrong(read_settings(settings.file))
        told = {finding.key for finding in found} | standing(
            settings.home / "alerts" / "incidents.json"
        ).keys()
        torn = set(drills.torn(settings)) - harmed
        mend()
        settings = read_settings(settings.file)
        after = drills.night(settings)
        last, complete = drills.seen(settings), drills.has_everything(settings)
        left = set(drills.torn(settings)) - harmed
        still = [finding.key for finding in drills.wrong(settings) if finding.key not in {"disk", "rebuilt"}]
    is_old = meanwhile.as_of == before.as_of
    shown = "the earlier release, dated" if is_old else "the new release"
    return Outcome(
        meanwhile=f"{shown}{'' if meanwhile.is_whole else ', TORN'}",
        told=", ".join(sorted(told))
        or ("the next run mends it" if is_kill else "nothing to tell" if during else "NOTHING"),
        recovered="all in, nothing stands"
        if after.is_success and complete and not still
        else f"NO: {still} {after}",
        is_torn=bool(torn) or not meanwhile.is_whole or not last.is_whole or bool(left),
        is_lost=not complete or not last.as_of.startswith(drills.NEWEST),
        is_silent=is_old and not told and not is_kill,
    )


def whatever(settings: Settings) -> bool:
    """One night, whatever becomes of it; whether it succeeded."""
    try:
        return drills.night(read_settings(settings.file)).is_success
    except Exception:  # noqa: BLE001 - whatever a fault does, the next night is what counts
        return False


@contextmanager
def small_disk(settings: Settings) -> Iterator[None]:
    """The home folder on a file system of its own, with little room to spare."""
    size = sum(path.stat().st_size for path in settings.home.rglob("*") if path.is_file()) // 500_000 + 60
    kept = settings.home.with_name("kept")
    settings.home.rename(kept)
    settings.home.mkdir()
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}m,mode=0700", "tmpfs", settings.home], check=True
    )
    try:
        shutil.copytree(kept, settings.home, symlinks=True, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "-l", settings.home], check=True)


def may_mount() -> bool:
    """Whether this machine lets us mount."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True, check=False
        )
        if done.returncode == 0:
            subprocess.run(["umount", folder], check=True)
        return done.returncode == 0


def main() -> int:
    """Print the table; 0 when nothing was torn, lost or silently stale."""
    chosen = [
        fault for fault in FAULTS if not sys.argv[1:] or any(word in fault.name for word in sys.argv[1:])
    ]
    with tempfile.TemporaryDirectory(prefix="fordel-faults-") as place:
        base = drills.prepare(Path(place) / "base")
        mounts = may_mount()
        print(f"{'fault':<30} {'shown meanwhile':<28} {'told':<58} recovery")
        counts = dict.fromkeys(("torn", "lost", "silently stale", "not recovered", "not tried"), 0)
        for number, fault in enumerate(chosen):
            if fault.mount and not mounts:
                print(f"{fault.name:<30} not tried: this machine does not let us mount a small file system")
                counts["not tried"] += 1
                continue
            out = suffer(base, fault, Path(place) / str(number))
            counts["torn"] += out.is_torn
            counts["lost"] += out.is_lost
            counts["silently stale"] += out.is_silent
            counts["not recovered"] += out.recovered.startswith("NO")
            print(f"{fault.name:<30} {out.meanwhile:<28} {out.told:<58} {out.recovered}", flush=True)
    print(f"{len(chosen)} faults: " + ", ".join(f"{count} {name}" for name, count in counts.items()))
    return int(any(count for name, count in counts.items() if name != "not tried"))


if __name__ == "__main__":
    raise SystemExit(main())
