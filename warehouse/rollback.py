"""Rolling back: people see an earlier release again, and the night does not silently undo it.

Belongs here: withdrawing a release, lifting the withdrawal.
Does not belong here: publishing (release.py) and finding out that something is wrong.

The next night computes the same figures as the release that was rolled back. So their hash is remembered: as long as
the figures are
the same they are withheld, and `fordel check` says so. Other figures (a corrected delivery, a mended definition) are
published again.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from warehouse.release import (
    CELLS,
    WITHDRAWN,
    list_releases,
    open_current,
    open_release,
    point_to,
    withdrawn,
    write_document,
)


def roll_back(releases: Path, release_id: str) -> list[str]:
    """Let people see an earlier release, and withdraw those made after it.

    Args:
        releases: the folder of releases.
        release_id: which one people shall see.

    Returns:
        The ids of the releases that were withdrawn.

    Raises:
        NoReleaseError: no such release.
    """
    wanted = open_release(releases, release_id)
    made = list_releases(releases)
    later = made[made.index(release_id) + 1 :]
    known = withdrawn(releases)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for each in later:
        cells = open_release(releases, each).manifest["files"][CELLS]
        if cells != wanted.manifest["files"][CELLS]:
            known.setdefault(cells, {"release": each, "at": now})
    # What people shall see is not withdrawn any more, whatever was said before.
    known.pop(wanted.manifest["files"][CELLS], None)
    # Withdrawn first: killed in between, the worst is that the operator must ask again.
    write_document(releases, WITHDRAWN, known)
    point_to(releases, release_id)
    return later


def lift(releases: Path) -> list[str]:
    """Forget what was withdrawn: the next night may publish it.

    Returns:
        The ids of the releases that had been withdrawn.
    """
    known = withdrawn(releases)
    if known:
        write_document(releases, WITHDRAWN, {})
    return sorted(each["release"] for each in known.values())


def is_rolled_back(releases: Path) -> bool:
    """Whether people see an older release because a newer one that is kept was withdrawn."""
    current = open_current(releases)
    made = list_releases(releases)
    if current is None or not made or current.id == made[-1]:
        return False
    # A killed night leaves a newer release that nothing points to; nobody has withdrawn it.
    return open_release(releases, made[-1]).manifest["files"][CELLS] in withdrawn(releases)
