"""The log of who saw or took what: one line each, every line sealed to the one before.

Belongs here: writing a line, and telling whether the log is as it was written. Does not belong here: values, and what was
asked for beyond the page, the figure or the file.

A line that is changed, taken out or put in breaks the chain from there on; cutting lines off the end does not, so the last
hash is worth keeping elsewhere.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from dashboards.access.people import Person

START = "0" * 64
LONGEST_LINE = 4096


class AccessLog:
    """The log in one file, readable by the system only."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write(self, person: Person | None, action: str, what: str, release: str | None = None) -> None:
        """Add a line. A line that cannot be written stops the request: what is not logged is not shown.

        Args:
            person: who; None for somebody who is not let in.
            action: page, download, api, sign_in, sign_out or refused.
            what: the page, figure or file; never a value.
            release: which release was read.
        """
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            line = {
                "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "who": person.id if person else None,
                "role": person.scope.role if person else None,
                "department": person.scope.department if person else None,
                "action": action,
                "what": what[:200],
                "release": release,
                "previous": _last_hash(handle),
            }
            os.write(handle, (json.dumps({**line, "hash": _seal(line)}, ensure_ascii=False) + "\n").encode())
        finally:
            os.close(handle)


def _last_hash(handle: int) -> str:
    size = os.fstat(handle).st_size
    if not size:
        return START
    tail = os.pread(handle, LONGEST_LINE, max(size - LONGEST_LINE, 0))
    return str(json.loads(tail.splitlines()[-1])["hash"])


def _seal(line: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(line, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_broken_line(file: Path) -> int | None:
    """The number of the first line that is not as it was written, counted from 1; None for a whole log."""
    previous = START
    with file.open(encoding="utf-8") as lines:
        for number, text in enumerate(lines, start=1):
            try:
                line = json.loads(text)
                stated = line.pop("hash")
            except (ValueError, KeyError):
                # Not a line of ours: that is what is looked for.
                return number
            if line.get("previous") != previous or _seal(line) != stated:
                return number
            previous = stated
    return None
