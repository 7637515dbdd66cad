"""The clock on the wall of a Swedish municipality.

Belongs here: the time zone, what time it is, and which day it is there, whatever the machine's own zone.
Does not belong here: schedules (assets/) and how dates are written (dashboards/).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ZONE = "Europe/Stockholm"


def now() -> datetime:
    """This moment, with its zone. The one place that asks the machine; a year of nights can be tried in minutes."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in Sweden."""
    return day(now())


def day(moment: datetime) -> date:
    """The day it is in Sweden at a moment."""
    return moment.astimezone(ZoneInfo(ZONE)).date()
