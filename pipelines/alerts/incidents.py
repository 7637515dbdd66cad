"""Incidents: which problems are new, which still stand, which are over.

Belongs here: the memory between runs (`home/alerts/incidents.json`) and the decision to speak.
Does not belong here: how a message travels (channels.py), and finding out that something is wrong (the run, `fordel check`).

One incident, one alert: a problem is known by its key, so a hundred runs with the same fault say it once, remind after a
while, and say when it has passed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path


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


def read(file: Path) -> tuple[Incident, ...]:
    """The incidents that stood when they were last written; none before the first."""
    try:
        return tuple(Incident(**line) for line in json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return ()


def write(file: Path, incidents: Iterable[Incident]) -> None:
    """Remember the incidents that stand, in one rename."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(f".{os.getpid()}")
    fresh.write_text(
        json.dumps([asdict(incident) for incident in incidents], ensure_ascii=False, indent=1),
        encoding="utf-8",
    )
    fresh.replace(file)
