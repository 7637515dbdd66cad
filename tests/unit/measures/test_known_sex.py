"""The few of unknown sex leave a figure that would tell of them, and no other."""

from pathlib import Path

import polars as pl

from pipelines.disclosure.few import too_few
from tests.unit.measures.municipality import cell, figures_of, people


def test_few_of_unknown_sex_leave_every_figure_of_their_subject(tmp_path: Path) -> None:
    # Women's share is not broken down by sex: its 72 persons beside 70 employees would tell of the two.
    rows = [*people(40), *people(30, sex="M"), *people(2, sex=None)]
    cells = figures_of(tmp_path, rows, too_few=too_few).filter(pl.col("period") == "2022-11")
    monthly = cells.filter(pl.col("breakdown") == "total").select("figure", "n")
    told = dict(monthly.iter_rows())
    assert told["employees"] == told["women_share"] == 70
    assert cells.filter(pl.col("sex") == "U").is_empty()
    assert max(n for n in told.values() if n is not None) == 70


def test_the_few_of_unknown_sex_are_left_out_of_a_figure_that_would_tell_of_them(tmp_path: Path) -> None:
    # 17 of unknown sex may be shown as employees; that one of them works part time may not be told: all leave that figure.
    rows = [*people(40), *people(30, sex="M"), *people(16, sex=None), *people(1, sex=None, fte_agreed=50.0)]
    cells = figures_of(tmp_path, rows, too_few=too_few)
    assert cell(cells, "employees", "2022-11")["value"] == 87
    assert cell(cells, "employees", "2022-11", sex="U")["value"] == 17
    assert cell(cells, "full_time_share", "2022-11")["denominator"] == 70
    assert cell(cells, "full_time_share", "2022-11", department="D1")["denominator"] == 70
    assert cells.filter((pl.col("figure") == "full_time_share") & (pl.col("sex") == "U")).is_empty()
