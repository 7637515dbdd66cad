"""Incidents: which problems are new, which still stand, which are over.

Belongs here: the memory between runs (`home/alerts/incidents.json`) and the decision to speak.
Does not belong here: how a message travels (channels.py), and finding out that something is wrong (the run, `fordel check`).

One incident, one alert: a problem is known by its key, so a hundred runs with the same fault say it once, remind after a
while, and say when it has passed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path

from warehouse.disk import replace_json


class Word(StrEnum):
    """What is said of an incident."""

    begins = "begins"
    stands = "stands"
    over = "over"


@dataclass(frozen=True)
class Problem:
    """Something that is wrong now. The key is the same as long as it is the same problem."""

    key: str
    sv: str
    en: str


@dataclass(frozen=True)
class Incident:
    """A problem with its history: since when, and when it was last told (ISO times with zone)."""

    key: str
    sv: str
    en: str
    since: str
    told: str


@dataclass(frozen=True)
class Message:
    """One thing to tell about one incident."""

    word: Word
    incident: Incident


@dataclass(frozen=True)
class Decision:
    """What to say now, and the incidents that stand afterwards."""

    messages: tuple[Message, ...]
    standing: tuple[Incident, ...]


def decide(
    known: Iterable[Incident], problems: Iterable[Problem], now: datetime, remind_after: timedelta
) -> Decision:
    """Compare what is wrong now with what was wrong before.

    Args:
        known: the incidents that stood.
        problems: what is wrong now; of several with one key the first counts.
        now: the time, with zone.
        remind_after: how long an incident may stand before it is told again.
    """
    before = {incident.key: incident for incident in known}
    now_wrong: dict[str, Problem] = {}
    for problem in problems:
        now_wrong.setdefault(problem.key, problem)
    messages, standing = [], []
    for key, problem in now_wrong.items():
        earlier = before.get(key)
        if earlier is None:
            incident = Incident(key, problem.sv, problem.en, since=now.isoformat(), told=now.isoformat())
            messages.append(Message(Word.begins, incident))
        elif now - datetime.fromisoformat(earlier.told) >= remind_after:
            incident = Incident(key, problem.sv, problem.en, since=earlier.since, told=now.isoformat())
            messages.append(Message(Word.stands, incident))
        else:
            incident = Incident(key, problem.sv, problem.en, since=earlier.since, told=earlier.told)
        standing.append(incident)
    messages += [Message(Word.over, incident) for key, incident in before.items() if key not in now_wrong]
    return Decision(tuple(messages), tuple(standing))


Memory = Mapping[str, tuple[Incident, ...]]
"""By channel, what it was told of and what stands; a channel that was down knows less than the others."""


def read(file: Path) -> Memory:
    """What every channel knew when it was last written; nothing before the first time, or where the file is torn.

    To tell once too often is better than never again.
    """
    try:
        stated = json.loads(file.read_text(encoding="utf-8"))
        return {
            channel: tuple(Incident(**line) for line in incidents) for channel, incidents in stated.items()
        }
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def standing(file: Path) -> dict[str, Incident]:
    """The incidents that stand by any channel's knowledge, by key."""
    return {incident.key: incident for incidents in read(file).values() for incident in incidents}


def write(file: Path, memory: Memory) -> None:
    """Remember what every channel knows, in one rename."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    replace_json(
        file, {channel: [asdict(incident) for incident in known] for channel, known in memory.items()}
    )
