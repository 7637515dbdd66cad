"""The log of who saw or took what: one line each, every line sealed to the one before.

Belongs here: writing a line, and telling whether the log is as it was written. Does not belong here: values, and what was
asked for beyond the page, the figure or the file.

A line that is changed, taken out or put in breaks the chain from there on; cutting lines off the end does not, so the last
hash is worth keeping elsewhere. After a line that was torn off (a full disk, a power cut) the log begins a new chain and says so;
the torn line stays as the first broken one.
"""

from __future__ import annotations

import errno
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
TORN = "the line before cannot be read"


class AccessLog:
    """The log in one file, readable by the system only."""

    def __init__(self, file: Path) -> None:
        self.file = file
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def write(self, person: Person | None, action: str, what: str, release: str | None = None) -> None:
        """Add a line. A line that cannot be written stops the request: what is not logged is not shown.

        Args:
            person: who; None for somebody who is not let in.
            action: page, download, api, sign_in, sign_out or refused; `begun_anew` is the log's own.
            what: the page, figure or file; never a value.
            release: which release was read.
        """
        handle = os.open(self.file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            previous = _last_hash(handle)
            if previous is None:
                # The torn line has no end of its own.
                previous = _add(handle, _line(None, "begun_anew", TORN, None), START, before="\n")
            _add(handle, _line(person, action, what, release), previous)
        finally:
            os.close(handle)


def _line(person: Person | None, action: str, what: str, release: str | None) -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "who": person.id if person else None,
        "role": person.scope.role if person else None,
        "department": person.scope.department if person else None,
        "action": action,
        "what": what[:200],
        "release": release,
    }


def _add(handle: int, line: Mapping[str, object], previous: str, before: str = "") -> str:
    """Seal a line to the one before and add it, whole or not at all; its hash."""
    sealed = {**line, "previous": previous}
    seal, end = _seal(sealed), os.fstat(handle).st_size
    written = f"{before}{json.dumps({**sealed, 'hash': seal}, ensure_ascii=False)}\n".encode()
    if os.write(handle, written) < len(written):
        os.ftruncate(handle, end)
        raise OSError(errno.ENOSPC, "the access log takes no more")
    return seal


def _last_hash(handle: int) -> str | None:
    """The hash that the next line is sealed to; None where the last line is torn or not one of ours."""
    size = os.fstat(handle).st_size
    if not size:
        return START
    tail = os.pread(handle, LONGEST_LINE, max(size - LONGEST_LINE, 0))
    try:
        return str(json.loads(tail.splitlines()[-1])["hash"]) if tail.endswith(b"\n") else None
    except (ValueError, KeyError, TypeError):
        # A power cut can leave anything: the log goes on in a chain of its own.
        return None


def _seal(line: Mapping[str, object]) -> str:
    return hashlib.sha256(json.dumps(line, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def first_broken_line(file: Path) -> int | None:
    """The number of the first line that is not as it was written, counted from 1; None for a whole log."""
    previous = START
    with file.open(encoding="utf-8", errors="replace") as lines:
        for number, text in enumerate(lines, start=1):
            try:
                line = json.loads(text)
                stated = line.pop("hash")
            except (ValueError, KeyError, TypeError, AttributeError):
                # Not a line of ours: that is what is looked for.
                return number
            if line.get("previous") != previous or _seal(line) != stated:
                return number
            previous = stated
    return None
