"""Everything Dagster knows of, put together. `workspace.yaml` points here.

Belongs here: the list of modules.
Does not belong here: anything else.
"""

from __future__ import annotations

import dagster as dg

from assets import (
    checks,
    core,
    hr,
    jobs,
    key_figures,
    logs,
    partitions,
    release,
    reports,
    resources,
    schedules,
    sensors,
    subjects,
)
from warehouse.settings import Settings, read_settings


def assemble(settings: Settings) -> dg.Definitions:
    """The definitions for one installation."""
    written = [hr.EXAMPLE] if settings.example else []
    deliveries = [*hr.assets(settings, partitions.monthly(settings)), *subjects.assets(settings, written)]
    tables = core.tables(settings)
    made = [
        *deliveries,
        core.assets(tables, [key for asset in deliveries for key in asset.keys]),
        key_figures.assets(tables),
        release.release,
        reports.asset(settings),
    ]
    return dg.Definitions(
        assets=made,
        asset_checks=checks.checks([key for asset in made for key in asset.keys]),
        jobs=[jobs.nightly, reports.job],
        schedules=[schedules.every_night(settings)],
        sensors=[*sensors.sensors(settings), sensors.dead_runs(settings), reports.sensor(settings)],
        resources={"night": resources.night_of(settings)},
        loggers={"file": logs.file_logger(settings)},
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions for the settings that FORDEL_SETTINGS and FORDEL_HOME name."""
    return assemble(read_settings())
