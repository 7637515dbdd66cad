"""What every test may ask for, and the rules that every test run keeps.

Belongs here: the real PostgreSQL, the folder of real data, Hypothesis' profiles, and the guards (a slow unit test, a skip
under CI).
Does not belong here: data made for one test (beside that test) and fixtures of one room (tests/fixtures).
"""

from __future__ import annotations

import os
import shutil
import time
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
FOLDERS = ("unit", "integration", "browser")
Report = TypeVar("Report", pytest.TestReport, pytest.CollectReport)
UNIT_CPU_SECONDS = 2.0
UNIT_WALL_SECONDS = 20.0

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
    """Fast tests first: a fault is told by the cheapest test that can see it."""
    items.sort(key=lambda item: FOLDERS.index(folder_of(item)) if folder_of(item) in FOLDERS else -1)


def folder_of(item: pytest.Item) -> str:
    """The folder under tests/ that a test lies in."""
    return item.path.relative_to(ROOT / "tests").parts[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test in tests/unit that is not fast.

    Measured in the process' own seconds, because other work on the machine is not the test's fault; a test that only
    waits is caught by the clock on the wall.
    """
    cpu, wall = time.process_time(), time.monotonic()
    yield
    cpu, wall = time.process_time() - cpu, time.monotonic() - wall
    if (
        folder_of(item) == "unit"
        and not is_by_design_slow()
        and (cpu > UNIT_CPU_SECONDS or wall > UNIT_WALL_SECONDS)
    ):
        pytest.fail(
            f"took {cpu:.1f} s of processor time, {wall:.1f} s in all: move it to tests/integration or make it fast"
        )


def is_by_design_slow() -> bool:
    """The nightly profile repeats each law a thousand times; the guard is for every other run."""
    return os.environ.get("HYPOTHESIS_PROFILE") == "nightly"


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
