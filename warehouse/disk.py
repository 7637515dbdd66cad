"""Putting files on disk for good: JSON that is the same for the same content, hashes, and forcing to disk.

Belongs here: what every writer of the home folder needs of the disk.
Does not belong here: what is written (release.py and others).
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any


def write_json(path: Path, content: Any) -> None:
    """Write an object or a list, keys in order, so that the same content gives the same bytes."""
    path.write_text(
        json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n",
        encoding="utf-8",
    )


def replace_json(path: Path, content: Any) -> None:
    """Replace a document in one rename, forced to disk: whoever reads sees the old one or the new one."""
    fresh = path.with_name(f".building-{path.name}")
    write_json(fresh, content)
    if path.exists():
        fresh.chmod(stat.S_IMODE(path.stat().st_mode))
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)


def replace_private(path: Path, text: str) -> None:
    """Replace a file that only the system may read, in one rename, forced to disk."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(f"{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as written:
        written.write(text)
    sync(part)
    part.replace(path)
    sync(path.parent)


def whole(folder: Path, pattern: str) -> list[Path]:
    """What lies below a folder by a pattern, in order, without what a killed writer left.

    What is being written has a name that begins with a dot; unlike a shell's, pathlib's `*` matches it.
    """
    return [
        path
        for path in sorted(folder.glob(pattern))
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]


def sha256(path: Path) -> str:
    """The hash of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sync(*paths: Path) -> None:
    """Force files and folders to disk."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
