"""What only the system may read: whether a file is open to others, and refusing a secret that is.

Belongs here: the one rule on modes of files.
Does not belong here: what is secret (settings.py, servers.py, opening.py, the keys of intake).
"""

from __future__ import annotations

import stat
from pathlib import Path

OTHERS_MAY_READ = stat.S_IRWXG | stat.S_IRWXO


class UnsafeModeError(RuntimeError):
    """A secret can be read by others than the system; the message says which file."""


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
