"""What makes a run begin when something has happened.

Belongs here: the watch over the folders that others put files into, and over runs whose process is gone.
Does not belong here: when a file is whole and how it is moved (pipelines/intake/dropped.py).
"""

from __future__ import annotations

import json
from dataclasses import asdict

import dagster as dg

from assets.instance import end_dead_runs
from assets.jobs import nightly
from pipelines.intake.dropped import Seen, look
from warehouse.settings import Settings

SECONDS_BETWEEN_LOOKS = 30


def dead_runs(settings: Settings) -> dg.SensorDefinition:
    """Ends the runs whose process is gone, so that they are started again and the next night is not kept waiting."""

    @dg.sensor(
        name="dead_runs",
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Ends runs whose process was killed; Dagster's daemon then starts them again.",
    )
    def look_for_dead_runs(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        ended = end_dead_runs(context.instance, settings)
        return dg.SkipReason(f"ended: {', '.join(ended) or 'none'}")

    return look_for_dead_runs


def sensors(settings: Settings) -> list[dg.SensorDefinition]:
    """The sensor, where any source has a folder to be watched."""
    watched = {name: source for name, source in settings.sources.items() if source.watch is not None}
    if not watched:
        return []

    @dg.sensor(
        name="files_have_arrived",
        job=nightly,
        minimum_interval_seconds=SECONDS_BETWEEN_LOOKS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Moves files that have arrived whole to their source's folder, and begins a run when any has.",
    )
    def files_have_arrived(context: dg.SensorEvaluationContext) -> dg.SensorResult:
        before = json.loads(context.cursor or "{}")
        waiting, moved = {}, []
        for name, source in watched.items():
            if source.watch is None or not source.watch.is_dir():
                context.log.warning("the folder that the source %s watches does not exist", name)
                continue
            seen = {file: Seen(**found) for file, found in before.get(name, {}).items()}
            found = look(source.watch, source.path, seen)
            waiting[name] = {file: asdict(each) for file, each in found.waiting.items()}
            moved += [f"{name}/{file}" for file in found.moved]
            for file, (_, why) in found.refused.items():
                context.log.warning("%s of the source %s is not taken: %s", repr(file), name, why)
        requests = [dg.RunRequest(tags={"fordel/arrived": ", ".join(moved)[:200]})] if moved else []
        return dg.SensorResult(run_requests=requests, cursor=json.dumps(waiting, sort_keys=True))

    return [files_have_arrived]
