"""Ours beside the published: what is matched with what, and what counts as outside the promise."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.example.backtest import compare, kolada_ids, main, outside, table
from warehouse.release import Release

AGE = {"id": "age_group", "levels": []}
SEX = {"id": "sex", "levels": []}
CELLS: dict[str, list[tuple[Any, ...]]] = {
    "full_time_share": [
        # period, breakdown, sex, age_group, value, status
        ("2022-11", "total", None, None, 86.0, "shown"),
        ("2022-11", "sex", "K", None, 85.5, "shown"),
        ("2022-11", "sex", "M", None, None, "hidden"),
        ("2022-12", "total", None, None, 1.0, "shown"),
    ],
    "age_distribution": [
        ("2022-11", "age_group", None, "55-64", 22.0, "shown"),
        ("2022-11", "age_group", None, "65-", 2.5, "shown"),
        ("2022-11", "age_group,sex", "K", "55-64", 23.0, "shown"),
    ],
    "sick_leave_share": [
        ("2022", "total", None, None, 8.31, "shown"),
        ("2022-11", "total", None, None, 5.0, "shown"),
    ],
    "mean_fte": [("2022-11", "total", None, None, 95.0, "shown")],
}
FIGURES: dict[str, Mapping[str, Any]] = {
    "full_time_share": {"unit": "percent", "reference": {"kolada": "N00206"}},
    "age_distribution": {
        "unit": "percent",
        "across": "age_group",
        "reference": {"kolada": "N00212, N00213, N00245, N00246, N00214"},
    },
    "sick_leave_share": {"unit": "percent", "reference": {"kolada": "N00090"}},
    "mean_fte": {"unit": "percent", "reference": None},
}
PUBLISHED = """kpi,municipality,gender,period,value,kpi_name
N00206,1285,T,2022,86.456908,"Heltid, andel (%)"
N00206,1285,K,2022,85.545852,"Heltid, andel (%)"
N00206,1285,M,2022,89.747634,"Heltid, andel (%)"
N00206,1285,T,2021,83.979592,"Heltid, andel (%)"
N00206,0192,T,2022,70,"Heltid, andel (%)"
N00214,1285,T,2022,24.401334,"Anställda 55+, andel (%)"
N00214,1285,K,2022,25.758755,"Anställda 55+, andel (%)"
N00090,1285,T,2022,8.3,"Sjukfrånvaro, andel (%)"
"""


def release() -> Release:
    names = ["period", "breakdown", "sex", "age_group", "value", "status"]
    cells = {
        figure: pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None).with_columns(
            pl.lit(figure).alias("figure"),
            pl.col("sex", "age_group").cast(pl.String),
            pl.col("value").alias("numerator"),
            pl.lit(100.0).alias("denominator"),
        )
        for figure, rows in CELLS.items()
    }
    return Release(Path(), {}, FIGURES, {"age_group": AGE, "sex": SEX}, [], {}, cells)


@pytest.fixture
def compared(tmp_path: Path) -> pl.DataFrame:
    file = tmp_path / "published.csv"
    file.write_text(PUBLISHED, encoding="utf-8")
    return compare(release(), file)


def row(compared: pl.DataFrame, kpi: str, gender: str) -> dict[str, Any]:
    return compared.filter((pl.col("kpi") == kpi) & (pl.col("gender") == gender)).row(0, named=True)


def test_november_stands_for_the_year_unless_the_figure_has_years(compared: pl.DataFrame) -> None:
    assert row(compared, "N00206", "T")["value"] == 86.0
    assert row(compared, "N00090", "T")["value"] == 8.31


def test_only_the_own_municipality_and_year_are_compared(compared: pl.DataFrame) -> None:
    assert compared.filter(pl.col("kpi") == "N00206")["published"].to_list() == [
        86.456908,
        85.545852,
        89.747634,
    ]


def test_bands_are_added_up_and_only_when_all_are_shown(compared: pl.DataFrame) -> None:
    assert row(compared, "N00214", "T")["value"] == 24.5
    assert row(compared, "N00214", "K")["value"] is None


def test_a_hidden_value_is_outside_the_promise_and_stays_hidden(compared: pl.DataFrame) -> None:
    assert row(compared, "N00206", "M")["value"] is None
    missed = outside(compared).select("kpi", "gender").rows()
    assert missed == [("N00206", "M"), ("N00214", "K")]
    assert "| full_time_share | men | N00206 | 89.75 | – | – |" in table(compared)


def test_half_a_point_is_the_limit_for_shares_and_half_a_percent_for_counts() -> None:
    rows = pl.DataFrame(
        {
            "unit": ["percent", "percent", "count", "count"],
            "published": [80.0, 80.0, 2000.0, 2000.0],
            "difference": [0.5, 0.51, -10.0, 10.1],
        }
    )
    assert outside(rows)["difference"].to_list() == [0.51, 10.1]


@pytest.mark.parametrize(
    ("stated", "ids"),
    [
        ({"kolada": "N00053"}, {"N00053": "value"}),
        ({"kolada": "N00245, N00246"}, {"N00245": "value", "N00246": "value"}),
        ({"kolada": "N00206", "numerator": "N00223"}, {"N00206": "value", "N00223": "numerator"}),
        ({"kolada": None}, {}),
        (None, {}),
    ],
)
def test_a_figure_names_its_kpis(stated: dict[str, Any] | None, ids: dict[str, str]) -> None:
    assert kolada_ids({"reference": stated}) == ids


def test_without_the_published_values_the_call_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path / "none.csv", tmp_path / "report.md") == 2
    assert "none.csv" in capsys.readouterr().err
    assert not (tmp_path / "report.md").exists()
