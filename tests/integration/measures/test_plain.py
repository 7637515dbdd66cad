"""The engine against the plain implementation: every figure, every breakdown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import polars as pl
import pytest

from tests.integration.measures.conftest import Both
from tests.integration.measures.rules import RULES
from warehouse.key_figures.catalogue import catalogue

FIGURES = sorted(catalogue().figures)
DIMENSIONS = list(catalogue().dimensions)
# One period of each kind: the last month and November, twelve months, the year, the last round and year of others.
OF_THE_EXAMPLE = ("2022-11", "2022-12", "2022", "HME-2022", "2021")


def test_every_figure_has_a_plain_rule() -> None:
    assert set(RULES) == set(FIGURES)


@pytest.mark.parametrize("figure", FIGURES)
def test_the_engine_agrees_on_a_made_up_municipality(made_up: Both, figure: str) -> None:
    assert compared(made_up, figure, of(made_up, figure).iter_rows(named=True)) > 0


@pytest.mark.parametrize("figure", FIGURES)
def test_the_engine_agrees_on_the_example(example: Both, figure: str) -> None:
    own = of(example, figure).filter(pl.col("period").is_in(OF_THE_EXAMPLE))
    # A rolling figure looks the same in both months.
    if catalogue().figures[figure].period == ("rolling",):
        own = own.filter(pl.col("period") == "2022-12")
    assert compared(example, figure, own.iter_rows(named=True)) > 0
    stated = {",".join(by) or "total" for by in catalogue().breakdowns(catalogue().figures[figure])}
    assert stated - set(own["breakdown"]) == set()


def of(both: Both, figure: str) -> pl.DataFrame:
    return both.cells.filter(pl.col("figure") == figure)


def compared(both: Both, figure: str, cells: Iterable[dict[str, Any]]) -> int:
    """Compare cells with what the rule says; how many had a value."""
    told = 0
    for cell in cells:
        group = {name: cell[name] for name in DIMENSIONS if cell[name] is not None}
        expected = RULES[figure](both.plain, when(figure, cell), group)
        if figure == "equality_index" and expected is None:
            # Where November lacks a part, the engine takes it as it stood at its last date before.
            continue
        # The open index has one decimal.
        within = 0.05001 if figure == "equality_index" else 1e-9
        likely = None if expected is None else pytest.approx(expected, rel=1e-8, abs=within)
        assert cell["value"] == likely, (cell["period"], group)
        told += expected is not None
    return told


def when(figure: str, cell: dict[str, Any]) -> date | str:
    """What the plain rule calls the period."""
    entry = catalogue().figures[figure]
    if entry.period == ("round",) or entry.subject == "external_figure":
        return str(cell["period"])
    end: date = cell["period_end"]
    return end.replace(day=1)


def test_every_figure_tells_how_many_persons_stand_behind_it(made_up: Both) -> None:
    # The open index is made of published values.
    open_figures = {figure.id for figure in catalogue().figures.values() if figure.protection == "none"}
    silent = made_up.cells.filter(
        ~pl.col("figure").is_in(open_figures | {"equality_index"}) & (pl.col("tested").list.len() == 0)
    )
    assert silent.is_empty()
