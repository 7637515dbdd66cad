"""Gauges: how the installation is, as numbers that Prometheus reads.

Belongs here: the text of `home/metrics/fordel.prom`, for node-exporter's textfile collector, and of `fordel metrics`.
Does not belong here: judging the numbers (watching.py). No persons, no values of key figures.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

from pipelines.nights.watching import look
from warehouse import clock
from warehouse.manifest import ReleaseDamagedError
from warehouse.release import HIDDEN, MISSING, SHOWN, Release, list_releases, open_current, read_status
from warehouse.settings import Settings


def text(settings: Settings, now: datetime | None = None) -> str:
    """The gauges in Prometheus' text format, from what lies beside the releases; no warehouse is opened."""
    now = now or clock.now()
    lines: list[str] = []
    for name, explained, values in _gauges(settings, now):
        lines += [f"# HELP fordel_{name} {explained}", f"# TYPE fordel_{name} gauge"]
        lines += [f"fordel_{name}{labels} {value:.15g}" for labels, value in values]
    return "\n".join(lines) + "\n"


def write(settings: Settings, now: datetime | None = None) -> Path:
    """Write the gauges to `home/metrics/fordel.prom`, in one rename; readable by others, for nothing in it is secret."""
    file = settings.home / "metrics" / "fordel.prom"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    # A collector must not take the half-written file for one of its own: another ending.
    fresh = file.with_name(f"{file.name}.{os.getpid()}")
    fresh.write_text(text(settings, now), encoding="utf-8")
    fresh.chmod(0o644)
    fresh.replace(file)
    return file


def cells_by_status(release: Release) -> dict[str, int]:
    """How many cells of a release are shown, hidden and missing."""
    counts = {SHOWN: 0, HIDDEN: 0, MISSING: 0}
    for cells in release.by_figure.values():
        for status, count in cells.group_by("status").len().iter_rows():
            counts[status] = counts.get(status, 0) + count
    return counts


Gauge = tuple[str, str, list[tuple[str, float]]]


def _gauges(settings: Settings, now: datetime) -> Iterator[Gauge]:
    status = read_status(settings.releases)
    run, figures = status.get("run", {}), status.get("night", {})
    if run:
        ended = datetime.fromisoformat(run["ended_at"])
        yield "last_run_timestamp_seconds", "When the last run ended.", [("", ended.timestamp())]
        yield "last_run_success", "1 when the last run went well.", [("", float(run["outcome"] != "failed"))]
    for name, explained in (
        ("seconds", "How long the last run took."),
        ("rows_loaded", "Rows that the last run loaded."),
        ("rows_quarantined", "Rows that the last run put in quarantine."),
        ("deliveries_refused", "Deliveries that the last run refused."),
    ):
        if name in figures:
            yield f"last_run_{name}", explained, [("", float(figures[name]))]
    # One that cannot be read is told by `look`.
    with contextlib.suppress(ReleaseDamagedError):
        yield from _of_release(settings, now)
    yield "releases", "Releases that are kept.", [("", float(len(list_releases(settings.releases))))]
    if "quarantine" in status:
        yield (
            "quarantine_share_percent",
            "Rows of the current deliveries that are in quarantine.",
            [("", float(status["quarantine"]["share"]))],
        )
    found = look(settings, now)
    counted = [
        (f'{{level="{level}"}}', float(sum(finding.level == level for finding in found)))
        for level in ("warning", "critical")
    ]
    yield "findings", "What is wrong now.", counted
    if settings.home.exists():
        yield (
            "disk_free_bytes",
            "Free where the home folder is.",
            [("", float(shutil.disk_usage(settings.home).free))],
        )


def _of_release(settings: Settings, now: datetime) -> Iterator[Gauge]:
    release = open_current(settings.releases)
    if release is not None:
        age = (clock.day(now) - date.fromisoformat(str(release.manifest["as_of"]))).days
        yield "release_age_days", "Days since the last day that the release tells of.", [("", float(age))]
        counted = [(f'{{status="{name}"}}', float(count)) for name, count in cells_by_status(release).items()]
        yield "cells", "Cells of the release by what people see of them.", counted
