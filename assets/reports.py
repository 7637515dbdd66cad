"""The reports: PDF files of the release that people see, made after every night that published one.

Belongs here: the asset `reports`, the job of its own that it is made in, and the sensor that begins it.
Does not belong here: what a report says and how it is drawn (the front door's `fordel report`).

Not part of the night: a report that cannot be made must neither fail the night nor make it longer. The front door makes them in a
process of its own, as the dashboards' storey and this one do not know each other.
"""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import dagster as dg

from assets.jobs import LOG_TO_FILE, nightly
from pipelines.alerts.tell import tell
from pipelines.nights.journal import note
from pipelines.nights.watching import look
from warehouse.manifest import current_id
from warehouse.release import read_status, write_status
from warehouse.settings import Settings
from warehouse.store import Store

JOB = "make_reports"
TIMEOUT_SECONDS = 900
MAX_RUNTIME_SECONDS = 2 * TIMEOUT_SECONDS
"""Of the job: Dagster must not end it before it has told that the reports took too long."""
COLUMNS = dg.TableSchema(
    [dg.TableColumn("file", "string", description="A report's file, beside the releases.")]
)


class ReportsError(RuntimeError):
    """The reports could not be made; the release stands."""


def make(settings: Settings, run: str) -> Mapping[str, Any]:
    """Make the reports of the current release, leave word of it, and tell people when it cannot be done."""
    files = _made(settings)
    word = {"release": current_id(settings.releases), "is_made": files is not None}
    with Store(settings).alone():
        write_status(settings.releases, {**read_status(settings.releases), "reports": word})
        tell(settings, [finding.problem() for finding in look(settings)])
    note(settings, "reports", run=run, **word)
    if files is None:
        raise ReportsError("fordel report could not make the reports; run it by hand to see why")
    return {"dagster/row_count": len(files), "release": word["release"]}


def _made(settings: Settings) -> list[str] | None:
    """The files that `fordel report` made; None where it could not, or not in time."""
    command = [str(Path(sys.executable).with_name("fordel")), "--settings", str(settings.file), "report"]
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        # It has been ended; its caller tells people.
        return None
    return None if ended.returncode else ended.stdout.split()


def asset(settings: Settings) -> dg.AssetsDefinition:
    """The asset `reports` of one installation."""

    @dg.asset(
        name="reports",
        deps=["release"],
        group_name="release",
        kinds={"pdf"},
        owners=["team:data"],
        description="PDF reports of the release that people see; made after the night, in a job of their own.",
        metadata={"dagster/column_schema": COLUMNS},
    )
    def reports(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        return dg.MaterializeResult(metadata=dict(make(settings, context.run.run_id)))

    return reports


job = dg.define_asset_job(
    JOB,
    selection=["reports"],
    description="The PDF reports of the release that people see.",
    executor_def=dg.in_process_executor,
    tags={"dagster/max_runtime": MAX_RUNTIME_SECONDS, "dagster/max_retries": 1},
    config=LOG_TO_FILE,
)


def sensor(settings: Settings) -> dg.SensorDefinition:
    """Begins the job when a night has ended well, once for each release."""

    @dg.run_status_sensor(
        name="a_night_has_published",
        run_status=dg.DagsterRunStatus.SUCCESS,
        monitored_jobs=[nightly],
        request_job=job,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Makes the reports once for each release that a night has published.",
    )
    def a_night_has_published() -> dg.RunRequest | dg.SkipReason:
        shown = current_id(settings.releases)
        if shown is None:
            return dg.SkipReason("nothing has been published")
        return dg.RunRequest(run_key=shown)

    return a_night_has_published
