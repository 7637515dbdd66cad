"""What only the system may read: whether a file is open to others, refusing a secret that is; and numbers in what is told.

Belongs here: the one rule on modes of files, and what looks like a personnummer.
Does not belong here: what is secret (settings.py, servers.py, opening.py, the keys of intake).
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO


class UnsafeModeError(RuntimeError):
    """A secret can be read by others than the system; the message says which file."""


# A personnummer or coordination number as people write it; a time down to the minute looks the same, and goes with it.
NUMBER = re.compile(r"(?<!\d)\d{6}(?:\d{2})?[-+]?\d{4}(?!\d)")


def without_numbers(text: str) -> str:
    """What may be told to people: words with everything masked that looks like a personnummer, as in a file's name."""
    return NUMBER.sub("…", text)


def is_exposed(place: Path) -> bool:
    """Whether others than the owner can do anything with a file or folder."""
    return bool(place.stat().st_mode & OTHERS_MAY_READ)


def demand_private(file: Path) -> None:
    """Refuse a secret's file that others may read.

    Raises:
        UnsafeModeError: they may.
    """
    if is_exposed(file):
        raise UnsafeModeError(
            f"{file} can be read by others ({stat.filemode(file.stat().st_mode)}): chmod 600 {file}"
        )
