"""What is run together.

Belongs here: the job `nightly`.
Does not belong here: when it is run (schedules.py), running it (running.py), what a step does.
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from assets.instance import MAX_RUNTIME_SECONDS

NIGHTLY = "nightly"
# Without this Dagster tells the terminal everything it does.
LOG_TO_FILE: dict[str, Any] = {"loggers": {"file": {"config": {}}}}

nightly = dg.define_asset_job(
    NIGHTLY,
    # The reports are made afterwards, in a job of their own (reports.py).
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets("reports"),
    description="Everything, from deliveries to release; only what has changed is made again. Without a partition it takes "
    "whatever is new, with a month or a range of months only the deliveries that touch them.",
    # Several processes on one DuckDB file fail on its lock; one process is also ten times faster here.
    executor_def=dg.in_process_executor,
    tags={"dagster/max_runtime": MAX_RUNTIME_SECONDS, "dagster/max_retries": 2},
    config=LOG_TO_FILE,
)
