"""When things are run by themselves.

Belongs here: the clock.
Does not belong here: what is run (jobs.py).
"""

from __future__ import annotations

import dagster as dg

from assets.jobs import nightly
from warehouse.clock import ZONE
from warehouse.settings import Settings


def every_night(settings: Settings) -> dg.ScheduleDefinition:
    """The night's schedule.

    Written by hand: the helper for partitioned jobs would fire once a month, for one month. It fires exactly once on the
    nights of 23 and 25 hours as well: in March 02:00 does not exist and Dagster takes 03:00, in October it comes twice and
    Dagster takes one.
    """
    hour, minute = settings.night_begins.split(":")
    return dg.ScheduleDefinition(
        name="every_night",
        job=nightly,
        cron_schedule=f"{int(minute)} {int(hour)} * * *",
        execution_timezone=ZONE,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description="Every night: whatever is new is taken in, and a release is published when something changed.",
    )
