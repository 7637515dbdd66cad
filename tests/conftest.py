"""What every test may ask for, and the rules that every test run keeps.

Belongs here: the real PostgreSQL, the folder of real data, Hypothesis' profiles, and the guards (slow unit tests are
named, a skip under CI fails).
Does not belong here: data made for one test (beside that test) and fixtures of one room (tests/fixtures).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import hypothesis
import pytest

from tests.fixtures.postgres import Cluster, PostgresMissingError, start_cluster

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT / "../shared/data"
DATA_MISSING = "../shared/data is not beside this checkout"
IS_CI = os.environ.get("CI") == "true"
FOLDERS = ("unit", "browser", "integration")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
UNIT_SECONDS = 2.0
NIGHT = "first_night"
"""The fixture that takes longest to make; every worker waits for it."""

# A slow machine is not a fault of the law that is tested, so no deadline.
hypothesis.settings.register_profile("default", max_examples=20, deadline=None)
hypothesis.settings.register_profile("ci", max_examples=50, deadline=None, print_blob=True)
hypothesis.settings.register_profile("nightly", max_examples=1_000, deadline=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if IS_CI else "default"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; a test that needs it is skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(DATA_MISSING)
    return SHARED_DATA.resolve()


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A real PostgreSQL server of this run's own, on loopback; started when the first test asks for it."""
    try:
        with start_cluster() as cluster:
            yield cluster
    except PostgresMissingError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium; Playwright's own download is not to be had everywhere."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Path(found)
    pytest.skip("Chromium is not installed: apt-get install chromium")


@pytest.fixture(autouse=True)
def no_installation_of_the_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test never meets the settings, the home or the key of the person who runs it."""
    for name in [name for name in os.environ if name.startswith("FORDEL_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DAGSTER_HOME", raising=False)
    monkeypatch.setenv("GX_ANALYTICS_ENABLED", "false")
    monkeypatch.setenv("DAGSTER_DISABLE_TELEMETRY", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first: a fault is told by the cheapest test that can see it.

    A file is one worker's, so the browser's long one goes before the many of integration, which share out well. Of those that
    need the first night one goes before them, and the rest last: while one worker makes the night, no other waits for it.
    """
    nightly = {item.path for item in items if NIGHT in getattr(item, "fixturenames", ())}
    maker = min(nightly, default=None)

    def order(item: pytest.Item) -> tuple[int, int]:
        folder = FOLDERS.index(folder_of(item)) if folder_of(item) in FOLDERS else -1
        return folder, 0 if item.path == maker else 2 if item.path in nightly else 1

    items.sort(key=order)


def folder_of(item: pytest.Item) -> str:
    """The folder under tests/ that a test lies in."""
    return item.path.relative_to(ROOT / "tests").parts[0]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests in tests/unit that are not fast; never a failure, for what else the machine did is not their fault."""
    slow = [
        report
        for report in terminalreporter.getreports("passed")
        if report.nodeid.startswith("tests/unit/") and report.duration > UNIT_SECONDS
    ]
    if slow and os.environ.get("HYPOTHESIS_PROFILE") != "nightly":
        terminalreporter.section("slow for tests/unit: make them fast, or move them to tests/integration")
        for report in sorted(slow, key=lambda report: -report.duration):
            terminalreporter.line(f"{report.duration:5.1f} s  {report.nodeid}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Under CI a skipped test is a failed one, unless what it misses is the folder of real data."""
    report = yield
    return fail_if_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself."""
    report = yield
    return fail_if_skipped(report)


def fail_if_skipped(report: Report) -> Report:
    """Turn a skip into a failure where nothing may be skipped."""
    is_expected_failure = hasattr(report, "wasxfail")
    if (
        IS_CI
        and report.outcome == "skipped"
        and not is_expected_failure
        and "shared/data" not in str(report.longrepr)
    ):
        report.outcome = "failed"
        report.longrepr = f"skipped, which is a failure under CI: {report.longrepr}"
    return report
