"""Pay figures of Montgomery County's public records of 2016, which were checked independently."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from pipelines.core import build_core
from pipelines.intake import take
from pipelines.measures.compute import compute
from warehouse.settings import read_settings
from warehouse.store import Store

SETTINGS = Path(__file__).parents[3] / "examples" / "montgomery.yaml"


@pytest.fixture(scope="module")
def cells(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[pl.DataFrame]:
    """Every cell of the nine years."""
    assert shared_data.is_dir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORDEL_HOME", str(tmp_path_factory.mktemp("montgomery")))
        patch.setenv("FORDEL_KEY", "5a" * 32)
        settings = read_settings(SETTINGS)
        store = Store(settings)
        take(settings, store, "hr_employment")
        build_core(store, settings)
        compute(store, settings)
        with store.read() as con:
            yield con.sql("SELECT * FROM figures.cell").pl()


@pytest.mark.parametrize(
    ("figure", "everybody", "full_time"), [("pay_gap_median", 2.7, -2.3), ("pay_gap_mean", 5.4, -2.8)]
)
def test_pay_gaps(cells: pl.DataFrame, figure: str, everybody: float, full_time: float) -> None:
    own = cells.filter((pl.col("figure") == figure) & (pl.col("period") == "2016"))
    assert round(own.filter(pl.col("breakdown") == "total")["value"].item(), 1) == everybody
    assert round(own.filter(pl.col("working_time") == "full")["value"].item(), 1) == full_time


def test_women_and_turnover_of_years_with_a_person_key(cells: pl.DataFrame) -> None:
    women = cells.filter((pl.col("figure") == "women_share") & (pl.col("period") == "2016-11"))
    assert round(women.filter(pl.col("breakdown") == "total")["value"].item(), 1) == 40.5
    # Years without a person key link nobody over time.
    changed = cells.filter(pl.col("figure") == "leaver_rate")
    assert changed.is_empty() or set(changed["period"]) <= {"2015", "2016", "2017"}


def test_what_the_county_does_not_deliver_is_missing(cells: pl.DataFrame) -> None:
    having = set(cells["figure"])
    assert not having & {"women_among_managers", "age_distribution", "pay_gap_adjusted", "sick_leave_share"}
