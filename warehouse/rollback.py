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

from warehouse.disk import replace_json
from warehouse.manifest import WITHDRAWN, current_id, read_manifest, withdrawn
from warehouse.release import CELLS, folder_of, list_releases, point_to


def roll_back(releases: Path, release_id: str) -> list[str]:
    """Let people see an earlier release, and withdraw those made after it.

    Args:
        releases: the folder of releases.
        release_id: which one people shall see.

    Returns:
        The ids of the releases that were withdrawn.

    Raises:
        NoReleaseError: no such release.
        ReleaseDamagedError: it cannot be read; a later one that cannot be read does not stand in the way.
    """
    wanted = _cells_hash(folder_of(releases, release_id))
    made = list_releases(releases)
    later = made[made.index(release_id) + 1 :]
    known = withdrawn(releases)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for each in later:
        cells = _cells_hash(releases / each)
        if cells != wanted:
            known.setdefault(cells, {"release": each, "at": now})
    # What people shall see is not withdrawn any more, whatever was said before.
    known.pop(wanted, None)
    # Withdrawn first: killed in between, the worst is that the operator must ask again.
    replace_json(releases / WITHDRAWN, known)
    point_to(releases, release_id)
    return later


def lift(releases: Path) -> list[str]:
    """Forget what was withdrawn: the next night may publish it.

    Returns:
        The ids of the releases that had been withdrawn.
    """
    known = withdrawn(releases)
    if known:
        replace_json(releases / WITHDRAWN, {})
    return sorted(each["release"] for each in known.values())


def is_rolled_back(releases: Path) -> bool:
    """Whether people see an older release because a newer one that is kept was withdrawn."""
    made = list_releases(releases)
    if not made or current_id(releases) in (None, made[-1]):
        return False
    # A killed night leaves a newer release that nothing points to; nobody has withdrawn it.
    return _cells_hash(releases / made[-1]) in withdrawn(releases)


def _cells_hash(folder: Path) -> str:
    """The hash that a release's cells had when it was made, whatever has become of them since."""
    return str(read_manifest(folder)["files"][CELLS])
