"""Finding and opening the files of a source.

Belongs here: which files of a folder are deliveries, opening them safely, their content hash.
Does not belong here: what is in them (reading.py).

A link could point at any file of the machine and a device never ends: only regular files that lie in the source's
folder are opened.
"""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipelines.intake.reasons import RefusalError
from warehouse.servers import LimeSurveyExport, Template
from warehouse.settings import Source

LARGEST = 8 * 1024**3
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart")

Folder = Source | LimeSurveyExport | Template


@dataclass(frozen=True)
class Opened:
    """A file's bytes.

    Attributes:
        data: all of it.
        content_hash: sha256, hexadecimal.
        changed_at: the file's time of change, UTC without zone.
    """

    data: bytes
    content_hash: str
    changed_at: datetime


def find(name: str, source: Folder) -> list[Path]:
    """The files of a source, in order of name; hidden and unfinished ones are not deliveries yet.

    Args:
        name: the source's name.
        source: its folder and pattern.

    Raises:
        RefusalError: no such folder.
    """
    if not source.path.is_dir():
        raise RefusalError("no_folder", source=name)
    found = [
        path
        for path in source.path.glob(source.pattern)
        if not path.name.startswith((".", "~$"))
        and path.suffix.lower() not in UNFINISHED
        and (path.is_symlink() or not path.is_dir())
    ]
    return sorted(found, key=lambda path: path.relative_to(source.path).as_posix())


def open_file(path: Path, folder: Path) -> Opened:
    """Read a regular file without following links.

    Args:
        path: the file.
        folder: the folder it must really lie in.

    Raises:
        RefusalError: a link, a device, not permitted, too large, or changed while it was read.
    """
    if not path.parent.resolve().is_relative_to(folder.resolve()):
        raise RefusalError("not_a_regular_file")
    try:
        # O_NONBLOCK: opening a named pipe would otherwise wait for somebody to write.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise RefusalError("not_permitted") from None
    except OSError:
        raise RefusalError("not_a_regular_file") from None
    with os.fdopen(handle, "rb") as file:
        before = os.fstat(handle)
        if not stat.S_ISREG(before.st_mode):
            raise RefusalError("not_a_regular_file")
        if before.st_size > LARGEST:
            raise RefusalError("too_large", limit=LARGEST // 1024**2)
        data = file.read()
        after = os.fstat(handle)
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(
        data
    ) != after.st_size:
        raise RefusalError("still_changing")
    changed_at = datetime.fromtimestamp(before.st_mtime, UTC).replace(tzinfo=None, microsecond=0)
    return Opened(data, hashlib.sha256(data).hexdigest(), changed_at)
