"""A refresh as people see it in the terminal.

Belongs here: progress lines while it works, and the last line on what came of it.
Does not belong here: the run itself (jobs.py).
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable
from datetime import date

from assets.resources import progress
from warehouse.manifest import current_id, read_manifest
from warehouse.release import read_status
from warehouse.settings import Settings


class _Teller(logging.Handler):
    """Passes progress lines on."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._tell = tell

    def emit(self, record: logging.LogRecord) -> None:
        self._tell(f"  {record.getMessage()}")


def refresh_in_terminal(
    settings: Settings, tell: Callable[[str], None], months: tuple[date, date] | None = None
) -> bool:
    """Run the job `nightly` in this process and tell how it goes.

    Args:
        settings: whose home is refreshed.
        tell: what takes each line.
        months: first and last month; default whatever is new.

    Returns:
        Whether all went well; when not, the last good release still stands.
    """
    begun = time.monotonic()
    listener = _Teller(tell)
    progress.addHandler(listener)
    progress.setLevel(logging.INFO)
    progress.propagate = False
    tell(f"Refreshing {settings.home}")
    try:
        from assets.running import run_nightly

        warnings.filterwarnings("ignore", module="dagster")
        run = run_nightly(settings, months)
    finally:
        progress.removeHandler(listener)
    status = read_status(settings.releases)
    is_ours = status.get("run", {}).get("id") == run.id
    problems = [problem["en"] for problem in status.get("problems", [])] if is_ours else []
    for line in problems or run.failures:
        tell(f"  ! {line}")
    outcome = status["run"]["outcome"] if is_ours and run.is_success else "failed"
    tell(f"{_conclusion(settings, outcome)} [{time.monotonic() - begun:.1f} s]")
    return outcome != "failed" and not problems


def _conclusion(settings: Settings, outcome: str) -> str:
    standing = "no release yet"
    if shown := current_id(settings.releases):
        standing = f"release {shown} (data as of {read_manifest(settings.releases / shown)['as_of']})"
    if outcome == "failed":
        return f"Failed; what people see is unchanged: {standing}. Details: {settings.home / 'logs' / 'dagster.log'}"
    return f"Published {standing}" if outcome == "published" else f"Nothing new: {standing} is current"
