"""The clock on the wall of a Swedish municipality.

Belongs here: the time zone, and which day it is there, whatever the machine's own zone.
Does not belong here: schedules (assets/) and how dates are written (dashboards/).
"""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

ZONE = "Europe/Stockholm"


def today() -> date:
    """The day it is in Sweden."""
    return datetime.now(ZoneInfo(ZONE)).date()
