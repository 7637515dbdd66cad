"""Files and answers: the same protected values as the pages, whole, harmless, and readable by what reads such files."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import fastexcel
import jsonschema
import openapi_spec_validator
import polars as pl
import pytest

from dashboards.app import create_app
from dashboards.export.description import describe
from dashboards.export.files import write_csv, write_excel
from dashboards.export.rows import Rows, harmless, rows_of
from warehouse.release import Release, open_current
from warehouse.settings import Settings


@pytest.fixture(scope="module")
def release(full_home: Path) -> Release:
    found = open_current(full_home / "releases")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def files(full_home: Path) -> Any:
    return create_app(Settings(home=full_home), is_public=True).server.test_client()


def test_no_text_is_taken_for_a_formula() -> None:
    for text in ("=1+1", "+46", "-34", "@sum", "\t=1", "\r=1", "\n=1"):
        assert harmless(text) == f"'{text}"
    for text in ("..", "-", ".", "Vård och omsorg"):
        assert harmless(text) == text


def test_csv_is_written_as_the_languages_spreadsheets_read_it(release: Release) -> None:
    rows = rows_of(release, ["women_share"], "sv")
    text = write_csv(rows, "sv").decode("utf-8-sig")
    read = pl.read_csv(io.StringIO(text), separator=";", infer_schema_length=0)
    cells = release.cells("women_share")
    assert read.height == cells.height
    assert read.null_count().sum_horizontal().item() == 0
    assert (
        read.filter(pl.col("Status") == "visas inte").height
        == cells.filter(pl.col("status") == "hidden").height
    )
    assert set(read.filter(pl.col("Status") == "visas inte")["Värde"]) == {".."}
    shown = [float(value.replace(",", ".")) for value in read.filter(pl.col("Status") == "visas")["Värde"]]
    assert shown == cells.filter(pl.col("status") == "shown")["value"].to_list()
    assert "," in write_csv(rows_of(release, ["women_share"], "en"), "en").decode("utf-8-sig").splitlines()[0]


def test_a_workbook_has_named_tables_and_neither_merged_cells_nor_empty_ones(files: Any) -> None:
    content = files.get("/download/sv/pay_gap_median.xlsx").data
    book = fastexcel.read_excel(content)
    assert book.sheet_names == ["Läs mig", "Löneskillnad, median"]
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        names = [name for name in packed.namelist() if name.startswith("xl/tables/")]
        assert len(names) == 2
        assert 'displayName="las_mig"' in "".join(packed.read(name).decode() for name in names)
        sheets = [
            packed.read(name).decode() for name in packed.namelist() if name.startswith("xl/worksheets/sheet")
        ]
    assert not any("mergeCell" in sheet or "<f>" in sheet for sheet in sheets)
    for name in book.sheet_names:
        assert book.load_sheet(name).to_polars().null_count().sum_horizontal().item() == 0


def test_a_workbook_takes_nothing_for_a_formula(release: Release) -> None:
    content = write_excel(release, {"Blad": Rows(("Namn",), [(harmless("=1+1"),), ("=2+2",)])}, [], "sv")
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert "<f>" not in packed.read("xl/worksheets/sheet2.xml").decode()


def test_the_release_as_parquet_is_the_release(files: Any, release: Release) -> None:
    read = pl.read_parquet(io.BytesIO(files.get("/download/en/release.parquet").data))
    assert read.height == sum(cells.height for cells in release.by_figure.values())
    assert read.filter((pl.col("status") != "shown") & pl.col("value").is_not_null()).height == 0


@pytest.mark.parametrize(
    "place",
    ["/download/xx/women_share.csv", "/download/sv/finns_inte.csv", "/download/sv/women_share.exe", "/download/sv/release.zip",
     "/download/sv/report-brief.pdf", "/download/sv/..%2f..%2fetc%2fpasswd.pdf", "/download/sv/report-../../x.pdf"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(files: Any, place: str) -> None:
    assert files.get(place).status_code == 404


def test_answers_are_as_described(files: Any, release: Release) -> None:
    assert files.get("/api/openapi.json").json == describe()
    openapi_spec_validator.validate(describe())
    paths = set(describe()["paths"])
    answers = {
        "/api/v1/release": "/api/v1/release",
        "/api/v1/figures": "/api/v1/figures",
        "/api/v1/figures/{figure}": "/api/v1/figures/women_share",
        "/api/v1/figures/{figure}/cells": "/api/v1/figures/women_share/cells?by=department",
    }
    assert set(answers) == paths
    for path, asked in answers.items():
        answer = files.get(asked)
        assert answer.status_code == 200
        schema = describe()["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        jsonschema.validate(answer.json, schema)
    stated = describe()["paths"]["/api/v1/figures/{figure}/cells"]["get"]["responses"]["200"]
    fields = stated["content"]["application/json"]["schema"]["items"]["properties"]
    cells = files.get(answers["/api/v1/figures/{figure}/cells"]).json
    assert all(set(cell) == set(fields) for cell in cells)
    assert any(cell["status"] == "hidden" and cell["value"] is None for cell in cells)
    assert files.get("/api/v1/figures/women_share/cells?by=hemligt").status_code == 404
