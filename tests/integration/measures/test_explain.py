"""What `fordel explain` says a figure is as SQL is what the figure is: run by itself, it gives the engine's values."""

from __future__ import annotations

import polars as pl
import pytest

from pipelines.core import TABLES
from pipelines.measures.explain import explain, sql_of
from tests.integration.measures.conftest import Both
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
SAYABLE = [
    name
    for name, figure in FOUND.figures.items()
    if figure.method in {None, "quartiles"} and figure.across != "age_group"
]


@pytest.mark.parametrize("name", SAYABLE)
def test_the_sql_gives_the_figures_values(made_up: Both, name: str) -> None:
    figure = FOUND.figures[name]
    whole = made_up.cells.filter(
        (pl.col("figure") == name) & pl.col("breakdown").is_in(["total", figure.across or "total"])
    )
    subject = FOUND.subjects[figure.subject]
    periods = whole.select("period", "period_end").unique()
    with made_up.store.write() as con:
        con.register("periods_asked", periods)
        # The months of each period, plainly: the one it ends in, or twelve.
        months = 12 if "rolling" in figure.period and not (subject.at_end or subject.looks_back) else 1
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE wanted_month AS
            SELECT period, period_end, CAST(DATE_TRUNC('month', period_end) - TO_MONTHS(back) AS DATE) AS month
            FROM periods_asked CROSS JOIN (SELECT CAST(UNNEST(RANGE({months})) AS INTEGER) AS back)
            """
        )
        told = con.sql(sql_of(FOUND, name)).pl()
        con.unregister("periods_asked")
    keys = ["period", "quarter"] if figure.method else ["period"]
    own = whole.with_columns(quarter=pl.col("pay_quartile").cast(pl.Int64)).select(*keys, "value")
    both = own.join(told.rename({"value": "said"}).with_columns(pl.col(keys[1:]).cast(pl.Int64)), on=keys)
    assert both.height == own.height > 0
    assert both["said"].cast(pl.Float64).to_list() == pytest.approx(both["value"].to_list(), nan_ok=True)


@pytest.mark.parametrize("name", list(FOUND.figures))
def test_a_figure_is_explained_from_its_question_to_its_sources(name: str) -> None:
    text = explain(name, None).text()
    figure = FOUND.figures[name]
    for said in (figure.name.sv, figure.question.sv, figure.definition.en, FOUND.owners[figure.owner].en):
        assert said in text
    table = next(table for table in TABLES if table.name == FOUND.subjects[figure.subject].table)
    assert table.file in text
    assert "No published value." in text
    assert ("SELECT" in text) != bool(figure.made_of)
