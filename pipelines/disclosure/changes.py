"""Changes: which groups of a table would tell, by the difference from a date before, of too few persons.

Belongs here: comparing the contributions of two dates.
Does not belong here: which tables move when (calendar.py), and hiding (elimination.py): an unsafe group's numbers
become secrets there.

Two dates of one table are tied by nothing else than the persons in them. So when a group's numbers of an earlier
date are known, and 1 to t - 1 persons differ, the new numbers are secret; and the secret is as safe as the
elimination and the audit of the new date make it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from pipelines.disclosure.contributions import Told, name_of

DIGITS = 6


@dataclass(frozen=True)
class Unsafe:
    """A group that must not be told: since which period, how many persons differ, and in which columns of parts and tests."""

    since: str
    persons: int
    columns: frozenset[str]


def unsafe_groups(
    told: Iterable[Told], now: pl.DataFrame, before: Mapping[str, pl.DataFrame], smallest: Mapping[str, int]
) -> dict[tuple[str, str, str], Unsafe]:
    """Compare a breakdown of one source with its earlier dates.

    Args:
        told: the figures that are compared.
        now: contributions.roll_up of the new period: `who`, `group`, parts and tests.
        before: the same for every earlier period.
        smallest: for each figure, the smallest number of persons that may differ, if any do.

    Returns:
        For (figure, group, earlier period), why the new numbers would tell too much.
    """
    found: dict[tuple[str, str, str], Unsafe] = {}
    figures = list(told)
    for since, then in before.items():
        compared = _compare(now, then)
        if compared is None:
            continue
        groups, names, differs = compared
        for one in figures:
            parts = [name_of(part) for part in one.parts]
            if any(name not in differs for name in parts):
                # The figure was defined in another way then: a break in the series, nothing to subtract.
                continue
            either = np.logical_or.reduce([differs[name] for name in parts])
            persons = np.bincount(groups[either], minlength=len(names))
            for place in np.flatnonzero((persons > 0) & (persons < smallest[one.figure.id])):
                here = groups == place
                columns = [*parts, *(one.test(number) for number in range(len(one.tests)))]
                changed = frozenset(name for name in columns if name in differs and differs[name][here].any())
                found[(one.figure.id, names[int(place)], since)] = Unsafe(since, int(persons[place]), changed)
    return found


def _compare(
    now: pl.DataFrame, then: pl.DataFrame
) -> tuple[np.ndarray, Sequence[str], dict[str, np.ndarray]] | None:
    """For every person and group of either date: the group's number, and for each column whether it differs."""
    columns = [name for name in now.columns if name in then.columns and name[:2] in {"p_", "t_"}]
    both = now.select("who", "group", *columns).join(
        then.select("who", "group", *columns), on=["who", "group"], how="full", coalesce=True, suffix="_then"
    )
    if both.is_empty():
        return None
    differs = both.select(
        (
            pl.col(name).cast(pl.Float64).fill_nan(None).round(DIGITS).fill_null(0.0)
            != pl.col(f"{name}_then").cast(pl.Float64).fill_nan(None).round(DIGITS).fill_null(0.0)
        ).alias(name)
        for name in columns
    )
    names = both["group"].unique(maintain_order=True)
    numbers = both["group"].replace_strict(names, np.arange(len(names)), return_dtype=pl.Int64).to_numpy()
    return numbers, names.to_list(), {name: differs[name].to_numpy() for name in columns}
