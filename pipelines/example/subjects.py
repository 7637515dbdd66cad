"""The example's other subjects: one file for each contract, in the contracts' own terms.

Belongs here: which subjects there are, the files' names and their writing.
Does not belong here: what is in them (surveys.py, plans.py, taking_part.py), employments and absence (files.py).

The day of delivery stands in the name. A run that has gone on for a month writes each file again; the newer one takes the
place of the older one's rows.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl

from pipelines.example.plans import individual_plans, leader_plans, organisation_plans
from pipelines.example.roster import Roster
from pipelines.example.surveys import surveys
from pipelines.example.taking_part import ideas, participation, published, training, units
from warehouse.contracts import CONTRACTS

DAYS_AFTER_THE_MONTH = 4
_MADE_BY = (
    training,
    surveys,
    individual_plans,
    leader_plans,
    organisation_plans,
    ideas,
    participation,
    units,
    published,
)


def tables(roster: Roster) -> Iterator[tuple[str, pl.DataFrame]]:
    """Contract and rows, in the contract's delivered columns; a column that the example has not is empty."""
    for make in _MADE_BY:
        for contract, rows in make(roster).items():
            lacking = [name for name in CONTRACTS[contract].delivered if name not in rows.columns]
            yield contract, rows.with_columns(pl.lit(None, dtype=pl.String).alias(name) for name in lacking)


def write_subjects(folder: Path, roster: Roster, there: set[str]) -> Iterator[tuple[str, int]]:
    """Write the files that are not there yet.

    Args:
        folder: the example's folder.
        roster: who worked where.
        there: the files that are there, from the folder.

    Yields:
        Path from the folder, and rows.
    """
    last = roster.first_day(roster.run.months)
    delivered = last + timedelta(days=DAYS_AFTER_THE_MONTH)
    for contract, rows in tables(roster):
        name = f"{contract}/{contract}_{delivered.isoformat()}.parquet"
        if name in there:
            continue
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        buffer = io.BytesIO()
        rows.write_parquet(buffer)
        unfinished = place.with_name(f".{place.name}.part")
        unfinished.write_bytes(buffer.getvalue())
        unfinished.rename(place)
        yield name, rows.height
