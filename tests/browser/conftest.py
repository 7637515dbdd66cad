"""A real browser before a real server over the made-up release.

Belongs here: the server, the browser, and a page that writes down what went wrong while it was open.
Does not belong here: what is tested (test_*.py).
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.fixtures.full_release import write_full_release

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / "tests" / "artefacts"
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--disable-sync",
]
START_SECONDS = 30


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of gunicorn serving the made-up release."""
    home = tmp_path_factory.mktemp("site")
    write_full_release(home / "releases")
    (home / "fordel.yaml").write_text(f"home: {home}\n", encoding="utf-8")
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    serve = [
        sys.executable,
        "-m",
        "gunicorn",
        "--bind",
        f"127.0.0.1:{port}",
        "--threads",
        "4",
        "dashboards.app:server()",
    ]
    environment = {**os.environ, "FORDEL_SETTINGS": str(home / "fordel.yaml"), "FORDEL_PUBLIC": "1"}
    log = (home / "server.log").open("w", encoding="utf-8")
    server = subprocess.Popen(serve, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(f"http://127.0.0.1:{port}/health", home / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=15)
        log.close()


def _wait(address: str, log: Path) -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < START_SECONDS:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    pytest.fail(f"the server did not start:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    """The browser, gone after its module: while Playwright is there, nothing else in this process can run a loop of events."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(chromium), args=QUIET)
        yield started
        started.close()


@dataclass
class Visit:
    """An open page, and everything that went wrong while it was open."""

    page: Page
    site: str
    wrongs: list[str] = field(default_factory=list)

    def open(self, path: str) -> Page:
        """Go to a path and wait until its content is there and its charts are drawn."""
        self.page.goto(self.site + path)
        self.page.wait_for_selector("[data-page]")
        charts = self.page.locator(".chart").count()
        self.page.wait_for_function(
            "n => document.querySelectorAll('.chart .main-svg').length >= n", arg=charts
        )
        return self.page


def visit(browser: Browser, site: str, width: int, contrast: str = "light") -> Iterator[Visit]:
    """A fresh page of some width; contrast is light or forced."""
    forced = {"forced_colors": "active", "color_scheme": "dark"} if contrast == "forced" else {}
    context = browser.new_context(viewport={"width": width, "height": 900}, reduced_motion="reduce", **forced)  # type: ignore[arg-type]
    page = context.new_page()
    made = Visit(page, site)
    page.on(
        "console",
        lambda said: (
            made.wrongs.append(f"{said.type}: {said.text}") if said.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: made.wrongs.append(f"uncaught: {error}"))
    page.on("requestfailed", lambda request: made.wrongs.append(f"failed: {request.url}"))
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((site, "data:", "blob:"))
            else made.wrongs.append(f"foreign: {request.url}")
        ),
    )
    try:
        yield made
    finally:
        context.close()
