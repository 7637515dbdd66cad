"""Telling: from what is wrong now to people who know it.

Belongs here: the one step that the nightly run and the watchdog both take.
Does not belong here: what it is made of (incidents.py, channels.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pipelines.alerts.channels import send
from pipelines.alerts.incidents import Message, Problem, decide, read, write
from warehouse import clock
from warehouse.settings import Settings


def tell(
    settings: Settings, problems: Iterable[Problem], now: datetime | None = None
) -> tuple[tuple[Message, ...], list[str]]:
    """Tell people what has begun, what still stands, and what is over.

    An incident counts as told only when every channel took the message: a channel that is down is tried again next time.

    Args:
        settings: who is told and how; without `alerts` the incidents are remembered all the same.
        problems: what is wrong now.
        now: the time, with zone; default the clock.

    Returns:
        The messages, and the channels that did not answer.
    """
    file = settings.home / "alerts" / "incidents.json"
    known = read(file)
    hours = timedelta(hours=settings.alerts.remind_after_hours)
    decision = decide(known, problems, now or clock.now(), hours)
    silent = send(settings.alerts, settings.municipality.name, decision.messages)
    if not silent:
        write(file, decision.standing)
    return decision.messages, silent
