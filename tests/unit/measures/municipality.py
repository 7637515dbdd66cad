"""A made-up municipality for tests of key figures: rows in, cells out.

Belongs here: what several tests of figures share. Does not belong here: the tables' defaults (tests/fixtures/people.py).
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.core import build_core
from pipelines.measures.compute import compute
from pipelines.measures.known_sex import TooFew
from tests.fixtures.people import Row, load, settings_in
from warehouse.key_figures.catalogue import catalogue
from warehouse.settings import Settings
from warehouse.store import Store

NOVEMBER = date(2022, 11, 1)


def figures_of(
    home: Path,
    employments: Sequence[Row],
    absences: Sequence[Row] = (),
    too_few: TooFew | None = None,
    **how: Any,
) -> pl.DataFrame:
    """All cells of all figures of a made-up municipality; `too_few` as compute takes it."""
    settings: Settings = settings_in(home)
    store = Store(settings)
    load(store, employments, absences, **how)
    build_core(store, settings)
    compute(store, settings, too_few=too_few)
    with store.read() as con:
        return con.sql("SELECT * FROM figures.cell").pl()


def cell(cells: pl.DataFrame, figure: str, period: str, **group: str) -> dict[str, Any]:
    """The one cell of a figure, period and group."""
    found = cells.filter((pl.col("figure") == figure) & (pl.col("period") == period))
    for name in catalogue().dimensions:
        found = found.filter(pl.col(name) == group[name] if name in group else pl.col(name).is_null())
    (only,) = found.iter_rows(named=True)
    return only


def people(number: int, **what: Any) -> list[dict[str, Any]]:
    """Persons who are alike."""
    tag = "-".join(f"{value}" for value in what.values())
    return [{"month": NOVEMBER, "person": f"{tag}-{index}", **what} for index in range(number)]
