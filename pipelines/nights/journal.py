"""The journal: what happened, one JSON object a line, in `home/logs/nights-<month>.jsonl`.

Belongs here: writing a line.
Does not belong here: persons, values of figures, words out of a row. Only numbers, names of steps, files and rules are noted.
"""

from __future__ import annotations

import json
import os

from warehouse import clock
from warehouse.settings import Settings


def note(settings: Settings, event: str, **told: str | float | bool | None) -> None:
    """Add a line: time (UTC), event, and what is told of it."""
    now = clock.now()
    folder = settings.home / "logs"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    line = json.dumps(
        {"at": now.isoformat(timespec="milliseconds"), "event": event, **told}, ensure_ascii=False
    )
    handle = os.open(folder / f"nights-{now:%Y-%m}.jsonl", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf-8") as file:
        file.write(line + "\n")
