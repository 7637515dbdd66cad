"""Who may see which cells: roles, and a release cut down to what a role may see.

Belongs here: the roles, and the one function through which every page, file and answer gets its release.
Does not belong here: how somebody proves who they are (people.py), and hiding cells from everybody (pipelines/disclosure).

A page, a file or an answer never sees more than the release it is given, so that no choice in an address can ask for more.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import polars as pl

from warehouse.release import NoReleaseError, Release, open_current, open_release

Role = Literal["data_team", "management", "head", "reader"]
ROLES: tuple[Role, ...] = get_args(Role)
EVERYTHING: tuple[Role, ...] = ("data_team", "management")
KEPT = 16


@dataclass(frozen=True)
class Scope:
    """A role, and for a head of department which one.

    data_team and management see every published cell; a head what is about no department or the own one; a reader the totals.
    A head without a department is a reader.
    """

    role: Role
    department: str | None = None

    @property
    def is_everything(self) -> bool:
        """Whether every published cell is inside."""
        return self.role in EVERYTHING


WHOLE = Scope("management")
"""Everything that is published."""


@dataclass(frozen=True)
class _Same:
    """A release as a key of the cache: equal where the folder is."""

    folder: Path
    release: Release

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.folder == self.folder

    def __hash__(self) -> int:
        return hash(self.folder)


def open_for(releases: Path, scope: Scope) -> Release | None:
    """The release people see now, cut down to a scope; None before the first release."""
    release = open_current(releases)
    return _cut(_Same(release.folder, release), scope) if release is not None else None


def open_before(releases: Path, release: Release, scope: Scope) -> Release | None:
    """The release before one, cut down to a scope; None where there was none or it is no longer kept."""
    try:
        before = open_release(releases, str(release.manifest.get("previous") or ""))
    except NoReleaseError:
        return None
    return _cut(_Same(before.folder, before), scope)


@functools.lru_cache(maxsize=KEPT)
def _cut(same: _Same, scope: Scope) -> Release:
    return restrict(same.release, scope)


def restrict(release: Release, scope: Scope) -> Release:
    """A release with the cells inside a scope, and what is told of them."""
    if scope.is_everything:
        return release
    department = scope.department if scope.role == "head" else None
    units = _units(release, department)
    by_figure = {
        figure: cells.filter(_inside(release, figure, cells, department, units))
        for figure, cells in release.by_figure.items()
    }
    told = _told(release, department, units)
    return replace(release, by_figure=by_figure, insights=told, has_totals_only=department is None)


def _units(release: Release, department: str | None) -> list[str]:
    levels = release.dimensions.get("unit", {}).get("levels", ())
    return [level["code"] for level in levels if department is not None and level.get("parent") == department]


def _inside(
    release: Release, figure: str, cells: pl.DataFrame, department: str | None, units: list[str]
) -> pl.Expr:
    """Which rows of a figure's cells are inside."""
    if department is None:
        # A distribution's own dimension is part of its total; so is nothing else.
        return pl.col("breakdown") == release.breakdown(figure, ())
    inside = pl.lit(True)
    own = pl.col("department") == department
    if "other_department" in cells.columns:
        own = own | (pl.col("other_department") == department)
        inside = inside & (pl.col("other_department").is_null() | own)
    if "department" in cells.columns:
        inside = inside & (pl.col("department").is_null() | own)
    if "unit" in cells.columns:
        inside = inside & (pl.col("unit").is_null() | pl.col("unit").is_in(units))
    return inside.fill_null(value=False)


def _told(release: Release, department: str | None, units: list[str]) -> Mapping[str, Any]:
    """The insights about groups that are inside."""

    def is_inside(group: Mapping[str, str]) -> bool:
        if department is None:
            return not group
        places = [group[name] for name in ("department", "other_department") if name in group]
        return (not places or department in places) and ("unit" not in group or group["unit"] in units)

    kept = dict(release.insights)
    kept["signals"] = [each for each in kept.get("signals", ()) if is_inside(each["group"])]
    if department is None:
        # The parts of the index tell both sexes' values.
        kept.pop("equality_index", None)
    return kept
