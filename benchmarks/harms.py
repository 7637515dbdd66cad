"""The harms of the fault matrix: what each does to an installation whose newest month is delivered, and what mends it.

Belongs here: files, servers, disks and processes being bad.
Does not belong here: running nights and judging what came of them (faults.py).
"""

from __future__ import annotations

import errno
import http.server
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import duckdb
import yaml

from benchmarks import drills
from warehouse.settings import Settings

Mend = Callable[[], None]


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
            continue  # then it is the other one
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

    def mend() -> None:
        folder.with_name("elsewhere").rename(folder)

    return mend


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
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
    return ballast.unlink


def read_only(settings: Settings) -> Mend:
    """The disk takes no writes."""
    subprocess.run(["mount", "-o", "remount,ro", settings.home], check=True)

    def mend() -> None:
        subprocess.run(["mount", "-o", "remount,rw", settings.home], check=True)

    return mend


def no_mail(settings: Settings) -> Mend:
    """A delivery is refused while the mail server is down: the alert must come when it is up again."""
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

    def mend() -> None:
        other.wait()

    return mend
