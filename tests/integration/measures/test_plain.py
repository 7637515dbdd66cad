"""The engine against the plain implementation: every figure, every period, the whole and by sex and department."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.measures.compute import compute
from tests.fixtures.people import insert, settings_in
from tests.integration.measures.made_up import BANDS, municipality
from tests.integration.measures.plain import Plain, band, quarters
from tests.integration.measures.rules import RULES
from warehouse.key_figures.catalogue import catalogue
from warehouse.store import Store

# Compared by themselves below, made of published values, or of a regression that test_pay compares with statsmodels.
ELSEWHERE = {"age_distribution", "pay_quartiles", "equality_index", "pay_gap_adjusted"}
# Nobody has chosen a figure of Kolada for them.
NOT_CHOSEN = {"citizen_influence", "citizen_treatment"}


@pytest.fixture(scope="module", params=[1, 2])
def both(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[pl.DataFrame, Plain]:
    """The engine's cells and the plain rows of one made-up municipality."""
    tables = municipality(seed=request.param)
    settings = settings_in(tmp_path_factory.mktemp("home"))
    store = Store(settings)
    insert(store, tables)
    build_core(store, settings)
    compute(store, settings)
    with store.read() as con:
        cells = con.sql("SELECT * FROM figures.cell").pl()
    return cells, Plain(tables)


def test_every_figure_has_a_plain_rule() -> None:
    assert set(RULES) | ELSEWHERE | NOT_CHOSEN == set(catalogue().figures)


@pytest.mark.parametrize("figure", sorted(RULES))
def test_the_engine_agrees(both: tuple[pl.DataFrame, Plain], figure: str) -> None:
    cells, plain = both
    own = cells.filter(
        (pl.col("figure") == figure)
        & pl.col("breakdown").is_in(["total", "sex", "department", "department,sex"])
    )
    compared = 0
    for cell in own.iter_rows(named=True):
        group = {name: cell[name] for name in ("sex", "department") if cell[name] is not None}
        if "?" in group.values():
            continue
        expected = RULES[figure](plain, when(figure, cell), group)
        likely = None if expected is None else pytest.approx(expected, rel=1e-9, abs=1e-9)
        assert cell["value"] == likely, (cell["period"], group)
        compared += expected is not None
    assert compared > 0


def when(figure: str, cell: dict[str, Any]) -> date | str:
    """What the plain rule calls the period."""
    kinds = catalogue().figures[figure].period
    if kinds == ("round",) or catalogue().figures[figure].subject == "external_figure":
        return str(cell["period"])
    return cell["period_end"].replace(day=1)


def test_ages_and_quartiles_agree(both: tuple[pl.DataFrame, Plain]) -> None:
    cells, plain = both
    for month in plain.months:
        persons = plain.people(month)
        own = cells.filter(
            (pl.col("figure") == "age_distribution")
            & (pl.col("period") == f"{month:%Y-%m}")
            & (pl.col("breakdown") == "age_group")
        )
        told = dict(own.select("age_group", "value").iter_rows())
        for name in (*BANDS, "?"):
            number = sum(band(one["age"]) == name for one in persons)
            assert told.get(name, 0.0) == pytest.approx(100 * number / len(persons))
    novembers = [month for month in plain.months if month.month == 11]
    assert novembers
    for month in novembers:
        own = cells.filter(
            (pl.col("figure") == "pay_quartiles")
            & (pl.col("period") == f"{month:%Y}")
            & (pl.col("breakdown") == "pay_quartile")
        ).sort("pay_quartile")
        assert own["value"].to_list() == pytest.approx(quarters(plain.paid(month, {})))


def test_every_figure_tells_how_many_persons_stand_behind_it(both: tuple[pl.DataFrame, Plain]) -> None:
    cells, _ = both
    open_figures = {figure.id for figure in catalogue().figures.values() if figure.protection == "none"}
    silent = cells.filter(~pl.col("figure").is_in(open_figures) & (pl.col("tested").list.len() == 0))
    assert silent.is_empty()
