"""Telling: from what is wrong now to people who know it.

Belongs here: the one step that the nightly run and the watchdog both take.
Does not belong here: what it is made of (incidents.py, channels.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from pipelines.alerts.channels import channels, send
from pipelines.alerts.incidents import Incident, Message, Problem, Word, decide, read, write
from warehouse import clock
from warehouse.settings import Settings

# Where no channel is named: what stands is remembered all the same.
NOBODY = ""


def tell(
    settings: Settings, problems: Iterable[Problem], now: datetime | None = None
) -> tuple[tuple[Message, ...], list[str]]:
    """Tell people what has begun, what still stands, and what is over.

    Each channel knows what it was told: one that is down is tried again next time, and the others hear nothing twice.

    Args:
        settings: who is told and how; without `alerts` the incidents are remembered all the same.
        problems: what is wrong now.
        now: the time, with zone; default the clock.

    Returns:
        The messages, and what did not answer: channels, or the disk that was to remember.
    """
    file = settings.home / "alerts" / "incidents.json"
    known, problems = read(file), list(problems)
    hours = timedelta(hours=settings.alerts.remind_after_hours)
    said: dict[tuple[Word, str], Message] = {}
    memory: dict[str, tuple[Incident, ...]] = {}
    silent = []
    for channel in channels(settings.alerts) or [NOBODY]:
        before = known.get(channel, ())
        decision = decide(before, problems, now or clock.now(), hours)
        said |= {(message.word, message.incident.key): message for message in decision.messages}
        fault = send(settings.alerts, channel, settings.municipality.name, decision.messages)
        memory[channel] = before if fault else decision.standing
        if fault:
            silent.append(f"{channel}: {fault}")
    try:
        write(file, memory)
    except OSError as error:
        # Told all the same; it will be told again, which a disk that takes no writes deserves.
        silent.append(f"{file.name}: {error.strerror}")
    return tuple(said.values()), silent
