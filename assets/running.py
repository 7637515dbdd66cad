"""Running the job `nightly` in this process.

Belongs here: `run_nightly`, which the command line uses.
Does not belong here: what is run (jobs.py) and when (schedules.py).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

import dagster as dg

from assets.definitions import assemble
from assets.instance import PROCESS_TAG, open_instance, process_tag, quick_storage
from assets.jobs import LOG_TO_FILE, NIGHTLY
from assets.partitions import key
from warehouse.settings import Settings


@dataclass(frozen=True)
class Run:
    """How a run ended, as Dagster tells it."""

    id: str
    is_success: bool
    failures: tuple[str, ...]


def run_nightly(settings: Settings, months: tuple[date, date] | None = None) -> Run:
    """Run the job `nightly` in this process, on the home folder's Dagster instance.

    Args:
        settings: whose home is run.
        months: first and last month; default whatever is new.
    """
    definitions = assemble(settings)
    run_id = str(uuid.uuid4())
    tags = {PROCESS_TAG: process_tag(run_id)}
    if months is not None:
        first, last = months
        tags |= {
            "dagster/asset_partition_range_start": key(first),
            "dagster/asset_partition_range_end": key(last),
        }
    # Also before the first step: planning a run costs an event for every asset and check.
    with open_instance(settings) as instance, quick_storage(settings):
        job = definitions.resolve_job_def(NIGHTLY)
        result = job.execute_in_process(
            run_config=LOG_TO_FILE, instance=instance, raise_on_error=False, tags=tags, run_id=run_id
        )
        failures = tuple(
            f"{event.step_key}: {_cause(event)}"
            for event in result.filter_events(lambda event: event.is_step_failure)
        )
        return Run(result.run_id, result.success, failures)


def _cause(event: dg.DagsterEvent) -> str:
    """The first line of what went wrong at the bottom of it."""
    error = event.step_failure_data.error
    while error is not None and error.cause is not None:
        error = error.cause
    return error.message.strip().splitlines()[0] if error else "failed"
