"""How fast pages are served: twenty requests a second over all pages, on one core; then the same while releases switch.

Belongs here: the load, and what it must come to. Does not belong here: how pages are made.

    python benchmarks/pages.py [--seconds 60] [--rate 20] [--switches 50]

Needs a made-up release only (tests/fixtures). Prints what a client on the same machine waits, and fails where a request fails or
where, without switches, p95 is over 150 ms. A switch empties the caches: at fifty a minute nearly every page is made anew.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from dashboards import address  # noqa: E402
from tests.fixtures.full_release import write_full_release  # noqa: E402
from warehouse.release import point_to  # noqa: E402

SLOWEST_P95 = 150.0
PERIODS = ("", "?period=2026-09", "?period=2026-03&by=department")


def main() -> int:
    """Serve, load, tell."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=int, default=60)
    asked.add_argument("--rate", type=int, default=20)
    asked.add_argument("--switches", type=int, default=50)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        ids = releases_in(home)
        with socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        server = serve(home, port)
        try:
            wait(port)
            calm = tell("Calm", *load(port, options))
            over = threading.Event()
            switcher = threading.Thread(target=switch, args=(home / "releases", ids, options, over))
            switcher.start()
            _, failed = switching = load(port, options)
            over.set()
            switcher.join()
            tell(f"{options.switches} switches", *switching)
        finally:
            server.terminate()
            server.wait(timeout=15)
    return 0 if calm and not failed else 1


def releases_in(home: Path) -> list[str]:
    """Two releases that differ in their ids, so that a switch empties every cache."""
    first = write_full_release(home / "releases")
    second = f"{first}b"
    shutil.copytree(home / "releases" / first, home / "releases" / second)
    manifest = home / "releases" / second / "release.json"
    stated = {**json.loads(manifest.read_text(encoding="utf-8")), "id": second}
    manifest.write_text(json.dumps(stated), encoding="utf-8")
    (home / "fordel.yaml").write_text(f"home: {home}\n", encoding="utf-8")
    return [first, second]


def serve(home: Path, port: int) -> subprocess.Popen[bytes]:
    """The server as it is run, held to one core where the system allows that."""
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "dashboards.app:server()",
    ]
    if shutil.which("taskset"):
        command = ["taskset", "-c", "0", *command]
    environment = {
        **os.environ,
        "FORDEL_SETTINGS": str(home / "fordel.yaml"),
        "FORDEL_PUBLIC": "1",
        "FORDEL_HOME": str(home),
    }
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def wait(port: int) -> None:
    """Until the server answers."""
    for _ in range(150):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def switch(releases: Path, ids: list[str], options: argparse.Namespace, over: threading.Event) -> None:
    """Point from one release to the other, evenly over the time."""
    for _, release in zip(range(options.switches), itertools.cycle(reversed(ids)), strict=False):
        if over.wait(options.seconds / max(options.switches, 1)):
            return
        point_to(releases, release)


def load(port: int, options: argparse.Namespace) -> tuple[list[float], list[str]]:
    """Ask for page after page at an even rate; seconds per answer, and what failed."""
    pages = [
        (address.path(page, lang), search)
        for search in PERIODS
        for page in address.PAGES
        for lang in ("sv", "en")
    ]
    took: list[float] = []
    failed: list[str] = []

    def ask(at: float, path: str, search: str) -> None:
        time.sleep(max(at - time.monotonic(), 0))
        body = json.dumps(
            {
                "output": "page.html",
                "outputs": {"id": "page", "property": "html"},
                "inputs": [
                    {"id": "page", "property": "pathname", "value": path},
                    {"id": "page", "property": "search", "value": search},
                ],
                "changedPropIds": ["page.pathname"],
            }
        ).encode()
        question: Any = urllib.request.Request(
            f"http://127.0.0.1:{port}/_dash-update-component", body, {"Content-Type": "application/json"}
        )
        begun = time.perf_counter()
        try:
            with urllib.request.urlopen(question, timeout=30) as answer:
                answer.read()
        except OSError as error:
            failed.append(f"{path}{search}: {error}")
        took.append(time.perf_counter() - begun)

    begin = time.monotonic() + 0.5
    with ThreadPoolExecutor(max_workers=32) as pool:
        for number, (path, search) in zip(
            range(options.seconds * options.rate), itertools.cycle(pages), strict=False
        ):
            pool.submit(ask, begin + number / options.rate, path, search)
    return took, failed


def tell(name: str, took: list[float], failed: list[str]) -> bool:
    """Print what it came to; whether it is as it must be."""
    ranked = sorted(took)
    p50, p95, p99 = (1000 * ranked[int(len(ranked) * share)] for share in (0.50, 0.95, 0.99))
    said = f"p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms, slowest {1000 * ranked[-1]:.0f} ms"
    print(f"{name}: {len(took)} requests, {len(failed)} failed, {said}", *failed[:5], sep="\n")
    return not failed and p95 <= SLOWEST_P95


if __name__ == "__main__":
    raise SystemExit(main())
