"""The fault matrix: every fault once, what people see meanwhile, what is told, and whether everything comes back.

Belongs here: the faults, and the table that `make faults` prints.
Does not belong here: random kills (kills.py), a year of nights (soak.py).

Each fault meets a copy of an installation that has published every month but the newest. A night is run with the fault, and
one after it is mended. Torn: a release that is not what it was when made. Lost: a row that is not accounted for. Silently
stale: people see old figures and nothing is told. Small file systems are mounted where this machine lets us; else that is said.
"""

from __future__ import annotations

import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
warnings.filterwarnings("ignore")

import drills  # noqa: E402
import duckdb  # noqa: E402

from pipelines.alerts.incidents import read  # noqa: E402
from warehouse.settings import Settings, read_settings  # noqa: E402

Mend = Callable[[], None]


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
    make: Callable[[Settings], Mend]
    goes_through: bool = False
    mount: bool = False


def newest(settings: Settings, source: str = "example_employment") -> Path:
    """The newest month's export, delivered."""
    return max((settings.file.parent / "exports" / source).glob(f"*_{drills.NEWEST}_*"))


def again(settings: Settings) -> Mend:
    """Deliver the newest month once more, as it should be."""
    return lambda: drills.deliver(settings)


def text(settings: Settings, change: Callable[[str], str], encoding: str = "cp1252") -> Mend:
    """Change the newest export's text."""
    path = newest(settings)
    for known in ("utf-8-sig", "cp1252"):
        try:
            content = path.read_bytes().decode(known)
        except UnicodeDecodeError:
            continue
        path.write_bytes(change(content).encode(encoding, errors="replace"))
        return again(settings)
    raise ValueError("the export's encoding is not known")


def heading(settings: Settings, new: str | None) -> Mend:
    """Rename the column of the person's number, or take it away."""

    def change(content: str) -> str:
        lines = content.splitlines()
        heads = lines[0].split(";")
        place = next(n for n, head in enumerate(heads) if head in {"Personnummer", "Pers.nr"})
        if new is not None:
            heads[place] = new
            return "\r\n".join([";".join(heads), *lines[1:]]) + "\r\n"
        cut = [";".join(cell for n, cell in enumerate(line.split(";")) if n != place) for line in lines]
        return "\r\n".join(cut) + "\r\n"

    return text(settings, change)


def retyped(settings: Settings) -> Mend:
    """Words where there were amounts of pay."""

    def change(content: str) -> str:
        lines = [line.split(";") for line in content.splitlines()]
        place = lines[0].index("Månadslön")
        for line in lines[1:]:
            line[place] = "fjorton"
        return "\r\n".join(";".join(line) for line in lines) + "\r\n"

    return text(settings, change)


def half_copied(settings: Settings) -> Mend:
    """Only a part of the file has come."""
    path = newest(settings)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 5])
    return again(settings)


def empty(settings: Settings) -> Mend:
    """A file of no bytes."""
    newest(settings).write_bytes(b"")
    return again(settings)


def duplicate(settings: Settings) -> Mend:
    """The same content once more under another name."""
    path = newest(settings)
    shutil.copy(path, path.with_name(path.name.replace("_levererad_2026", "_levererad_2027")))
    return lambda: None


def late(settings: Settings) -> Mend:
    """An earlier month comes again, corrected, after a newer one."""
    path = newest(settings)
    old = max(path.parent.glob("*_2026-07_*"))
    lines = old.read_bytes().splitlines(keepends=True)
    old.with_name("personal_2026-07_levererad_2026-11-20.csv").write_bytes(b"".join(lines[:-1]))
    return lambda: None


def out_of_order(settings: Settings) -> Mend:
    """The correction was taken first; the version it corrects comes afterwards."""
    path = newest(settings)
    lines = path.read_bytes().splitlines(keepends=True)
    path.with_name(f"personal_{drills.NEWEST}_levererad_2026-09-01.csv").write_bytes(b"".join(lines[:-2]))
    return lambda: None


def source_down(settings: Settings) -> Mend:
    """The share with the exports is not mounted."""
    folder = newest(settings).parent
    folder.rename(folder.with_name("elsewhere"))
    return lambda: drills.shutil.move(folder.with_name("elsewhere"), folder) and None


def kolada(settings: Settings, answer: Callable[[http.server.BaseHTTPRequestHandler], None] | None) -> Mend:
    """Kolada is among the sources, and is down (no `answer`) or slow."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if answer is not None:
                answer(self)

        def log_message(self, *_: object) -> None:
            """Silence: the table is what is read."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    port = server.server_address[1]
    if answer is None:
        server.server_close()
    else:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    import yaml

    file = settings.file
    stated = yaml.safe_load(file.read_text(encoding="utf-8"))
    before = file.read_text(encoding="utf-8")
    stated["servers"] = {
        "kolada": {
            "kind": "kolada",
            "url": f"http://127.0.0.1:{port}/v3",
            "kpis": ["N00090"],
            "municipalities": ["1285"],
            "timeout_seconds": 2,
            "attempts": 2,
        }
    }
    file.write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")

    def mend() -> None:
        file.write_text(before, encoding="utf-8")
        if answer is not None:
            server.shutdown()

    return mend


def flipped(settings: Settings) -> Mend:
    """A bit of the warehouse file is another."""
    content = bytearray(settings.warehouse.read_bytes())
    content[len(content) // 3] ^= 1
    settings.warehouse.write_bytes(content)
    return lambda: None


def no_warehouse(settings: Settings) -> Mend:
    """The warehouse file is rubbish."""
    settings.warehouse.write_bytes(os.urandom(50_000))
    return lambda: None


def truncated_wal(settings: Settings) -> Mend:
    """DuckDB's log of writes ends too early."""
    with duckdb.connect(str(settings.warehouse)) as con:
        con.execute("PRAGMA disable_checkpoint_on_shutdown")
        con.execute("PRAGMA wal_autocheckpoint = '1TB'")
        con.execute("CREATE TABLE log.scribble (line VARCHAR)")
        for _ in range(20):
            con.execute("INSERT INTO log.scribble SELECT 'line ' || range FROM range(1000)")
    wal = settings.warehouse.with_name("fordel.duckdb.wal")
    wal.write_bytes(wal.read_bytes()[: wal.stat().st_size * 3 // 5])
    return lambda: None


def damaged_release(settings: Settings) -> Mend:
    """A bit of what people see is another."""
    file = settings.releases / "current" / "cells.parquet"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    return lambda: None


def killed(settings: Settings, where: str) -> Mend:
    """Kill −9 at one place of a night, in a process of its own."""
    program = (
        "import os, signal, sys, importlib\n"
        f"room, name = {where!r}.rsplit('.', 1)\n"
        "module = importlib.import_module(room)\n"
        "setattr(module, name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))\n"
        "from assets.running import run_nightly\n"
        "from warehouse.settings import read_settings\n"
        "run_nightly(read_settings(sys.argv[1]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, str(settings.file)],
        cwd=drills.ROOT,
        env={**os.environ, "PYTHONPATH": str(drills.ROOT)},
        capture_output=True,
        check=False,
    )
    if done.returncode != -signal.SIGKILL:
        raise RuntimeError(f"was not killed at {where}: {done.stderr.decode()[-300:]}")
    return lambda: None


def full_disk(settings: Settings) -> Mend:
    """Nothing can be written any more."""
    ballast = settings.home / "ballast"
    ballast.touch()
    try:
        with ballast.open("wb", buffering=0) as file:
            while file.write(bytes(65536)):
                pass
    except OSError:
        pass  # full: that is what was wanted
    return ballast.unlink


def read_only(settings: Settings) -> Mend:
    """The disk takes no writes."""
    subprocess.run(["mount", "-o", "remount,ro", settings.home], check=True)

    def mend() -> None:
        subprocess.run(["mount", "-o", "remount,rw", settings.home], check=True)

    return mend


def no_mail(settings: Settings) -> Mend:
    """A delivery is refused while the mail server is down: the alert must come when it is up again."""
    import yaml

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    stated = yaml.safe_load(settings.file.read_text(encoding="utf-8"))
    stated["alerts"] = {
        "email": {"host": "127.0.0.1", "port": port, "starttls": False, "sender": "a@b.se", "to": ["c@d.se"]}
    }
    settings.file.write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")
    mend = empty(settings)

    def up() -> None:
        mend()
        stated["alerts"] = {}
        settings.file.write_text(yaml.safe_dump(stated, sort_keys=False), encoding="utf-8")

    return up


def two_at_once(settings: Settings) -> Mend:
    """Another process holds the warehouse for a while."""
    program = (
        "import sys, time\n"
        "from warehouse.settings import read_settings\n"
        "from warehouse.store import Store\n"
        "with Store(read_settings(sys.argv[1])).alone():\n"
        "    print('held', flush=True); time.sleep(3)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", program, str(settings.file)],
        cwd=drills.ROOT,
        env={**os.environ, "PYTHONPATH": str(drills.ROOT)},
        stdout=subprocess.PIPE,
    )
    assert other.stdout is not None
    other.stdout.readline()
    return lambda: other.wait() and None


FAULTS = (
    Fault("killed while loading", lambda s: killed(s, "pipelines.intake.raw_store._sync_folder"), True),
    Fault("killed after the raw store", lambda s: killed(s, "pipelines.intake.taking._told"), True),
    Fault("killed while publishing", lambda s: killed(s, "warehouse.release.point_to"), True),
    Fault("killed while leaving word", lambda s: killed(s, "warehouse.release.write_status"), True),
    Fault("disk full", full_disk, mount=True),
    Fault("disk read-only", read_only, mount=True),
    Fault("flipped bit in the warehouse", flipped, True),
    Fault("warehouse is rubbish", no_warehouse, True),
    Fault("truncated log of writes", truncated_wal, True),
    Fault("flipped bit in the release", damaged_release, True),
    Fault("half-copied file", half_copied),
    Fault("empty file", empty),
    Fault("duplicate", duplicate, True),
    Fault("late correction", late, True),
    Fault("out of order", out_of_order, True),
    Fault("missing column", lambda s: heading(s, None)),
    Fault("renamed column", lambda s: heading(s, "Persnr2")),
    Fault("retyped column", retyped),
    Fault("wrong encoding", lambda s: text(s, lambda content: content, "utf-16")),
    Fault("source down: folder", source_down),
    Fault("source down: server", lambda s: kolada(s, None), True),
    Fault("source slow: server", lambda s: kolada(s, lambda _: time.sleep(30)), True),
    Fault("mail server down", no_mail),
    Fault("two runs at once", two_at_once, True),
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
        during = is_kill or whatever(settings)
        meanwhile = drills.seen(settings)
        found = drills.wrong(read_settings(settings.file))
        told = {incident.key for incident in read(settings.home / "alerts" / "incidents.json")} | {
            finding.key for finding in found
        }
        torn = drills.torn(settings)
        mend()
        settings = read_settings(settings.file)
        after = drills.night(settings)
        last, complete = drills.seen(settings), drills.has_everything(settings)
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
        is_torn=bool(torn)
        or not meanwhile.is_whole
        or not last.is_whole
        or bool(drills.torn(settings) if not fault.mount else []),
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
