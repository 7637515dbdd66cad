"""Edits of submissions, for a server that tells the current version only and does not count.

Belongs here: which versions of each submission have been seen, in order, and since when; the file that remembers it.
Does not belong here: asking the server (kobo.py).

KoboToolbox gives every edit a new instance id and names the one before it (`deprecatedID`) and the first (`rootUuid`), never
those between, nor when it was made. So the versions are counted here, as they are seen night by night. The file cannot be made
again from the server: it belongs in the backup.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from warehouse import clock
from warehouse.disk import replace_private

FOLDER = "edits"
LENGTH = 12


@dataclass(frozen=True)
class Version:
    """One version of a submission.

    Attributes:
        number: 1 for the first, and one more for every edit that is known of.
        seen_at: when an edit was first seen, UTC without zone; None for what was there when the submission was first met.
    """

    number: int
    seen_at: datetime | None


class Edits:
    """What is remembered of one server's submissions."""

    def __init__(self, file: Path | None) -> None:
        """Read what is remembered.

        Args:
            file: where it is kept; None = nothing is, as when a connection is only tried.
        """
        self._file = file
        self._seen: dict[str, list[list[str | None]]] = {}
        if file is not None and file.exists():
            self._seen = json.loads(file.read_text(encoding="utf-8"))

    def version(self, submission: str, instance: str, earlier: Sequence[str | None]) -> Version:
        """Which version of a submission this is.

        Args:
            submission: its id, the same for every version.
            instance: this version's id.
            earlier: ids of versions before it that the server names, the oldest first; None = none named.
        """
        known = self._seen.setdefault(submission, [])
        is_new = not known
        marks = [mark for mark, _ in known]
        now = clock.now().replace(tzinfo=None, microsecond=0)
        for each in dict.fromkeys([*earlier, instance]):
            if each is not None and (mark := _mark(each)) not in marks:
                marks.append(mark)
                known.append([mark, None if is_new else now.isoformat()])
        place = marks.index(_mark(instance))
        seen_at = known[place][1]
        return Version(place + 1, datetime.fromisoformat(seen_at) if seen_at else None)

    def keep(self) -> None:
        """Write down what was seen, in one rename."""
        if self._file is None:
            return
        replace_private(self._file, json.dumps(self._seen, sort_keys=True))


def _mark(instance: str) -> str:
    """An id that is short and says nothing; the server writes it with and without `uuid:`."""
    return hashlib.sha256(instance.removeprefix("uuid:").encode()).hexdigest()[:LENGTH]
