"""Tables that move at different times: each block shows its latest published period, and says which and when the next comes."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dashboards import address
from dashboards.app import RENDER, Pages
from dashboards.numbers import numbers
from dashboards.reading import Reader
from dashboards.view import make
from tests.fixtures.full_release import REDEFINED_FIGURE
from tests.unit.dashboards.conftest import parts_of, text_of
from warehouse.questions import ask
from warehouse.release import Release, open_current

# The calendar counts from October 2026: departments move in April and October, finer tables in October.
CHOSEN = "2026-09"
FIGURE = "permanent_share"


@pytest.fixture(scope="module")
def release(full_home: Path) -> Release:
    found = open_current(full_home / "releases")
    assert found is not None
    return found


def block(full_home: Path, path: str, search: str, id: str) -> str:
    page = Pages(full_home / "releases").page(path, search)
    return text_of(next(part for part in parts_of(page) if getattr(part, "id", None) == id))


def test_each_breakdown_stands_at_its_latest_period_by_the_chosen_month(release: Release) -> None:
    reader = Reader(release, CHOSEN)
    assert reader.at(FIGURE) == "2026-09"
    assert reader.at(FIGURE, ["sex"]) == "2026-09"
    assert reader.at(FIGURE, ["department"]) == "2026-04"
    # A yearly table begins with the first publication: it has no older dates.
    assert reader.at(FIGURE, ["department", "sex"]) is None
    assert reader.begins(FIGURE, ["department", "sex"]) == "2026-10"
    assert reader.at("sick_leave_share") == "2026-07"
    assert reader.at("pay_median", ["occupation_group"]) == "2025"
    assert reader.at("hme_total") == "HME 2026"
    assert {cell["period"] for cell in reader.rows(FIGURE, ["department"])} == {"2026-04"}
    assert Reader(release, "2026-10").before(FIGURE, ["department"]) == "2025-10"
    assert reader.before("hme_total") == "HME 2025"
    departments = [cell["period"] for cell in reader.series(FIGURE, {"department": "BU"})]
    assert departments[-2:] == ["2025-10", "2026-04"]


def test_before_the_first_published_period_there_is_nothing(release: Release) -> None:
    reader = Reader(release, "2023-11")
    assert reader.at(FIGURE, ["department"]) is None
    assert reader.rows(FIGURE, ["department"]) == []
    assert not reader.offers(FIGURE, ["department"])


def test_one_chart_shows_two_breakdowns_only_where_they_move_together(release: Release) -> None:
    reader = Reader(release, CHOSEN)
    assert reader.together(FIGURE, [], ["sex"])
    assert not reader.together(FIGURE, ["department"], ["department", "sex"])
    assert not Reader(release, "2026-10").together(FIGURE, ["department"], ["department", "sex"])


def test_a_block_says_which_period_it_shows_and_when_the_next_comes(full_home: Path) -> None:
    path = address.figure_href(FIGURE, "sv")
    now = block(full_home, path, "?by=department", "groups")
    assert "Avser oktober 2026" in now
    assert "Publiceras två gånger om året, nästa avser april 2027" in now
    assert "finns inga siffror" not in now
    then = block(full_home, path, f"?by=department&period={CHOSEN}", "groups")
    assert "Visar april 2026. För september 2026 finns inga siffror." in then
    assert "nästa avser" not in then
    whole = block(full_home, path, f"?period={CHOSEN}", "over-time")
    assert "Avser september 2026" in whole
    assert "Publiceras" not in whole


@pytest.mark.parametrize(("lang", "period"), [("sv", "2026-09"), ("en", "2026-03"), ("sv", "2025-09")])
def test_no_page_is_empty_in_any_month(full_home: Path, lang: str, period: str) -> None:
    pages = Pages(full_home / "releases")
    for page in address.PAGES:
        content = pages.page(address.path(page, lang), f"?period={period}")
        assert len(text_of(content)) > 200, page


def test_a_block_whose_table_begins_later_says_when(full_home: Path) -> None:
    said = block(full_home, "/sv/villkor-och-halsa", f"?period={CHOSEN}", "full-time")
    assert "Den här fördelningen publiceras från och med oktober 2026." in said
    said = block(full_home, "/en/learning", f"?period={CHOSEN}", "needs-matrix")
    assert "This breakdown is published from October 2026 on." in said


def test_a_question_without_a_period_is_answered_with_the_breakdowns_latest(
    full_home: Path, release: Release
) -> None:
    later = release.by_figure[FIGURE].filter(pl.col("breakdown") == "total", pl.col("period") == "2026-10")
    moved = later.with_columns(
        pl.lit("2026-11").alias("period"), pl.lit(date(2026, 11, 30)).alias("period_end")
    )
    cells = pl.concat([release.by_figure[FIGURE], moved])
    newer = Release(**{**_fields(release), "by_figure": {**release.by_figure, FIGURE: cells}})
    assert {cell["period"] for cell in ask(newer, FIGURE, None, [])} == {"2026-11"}
    assert {cell["period"] for cell in ask(newer, FIGURE, None, ["department"])} == {"2026-10"}


def test_managers_and_everybody_are_read_at_the_same_month_and_it_is_named(
    full_home: Path, release: Release
) -> None:
    page = text_of(Pages(full_home / "releases").page("/sv/laget-i-korthet", f"?period={CHOSEN}"))
    share = Reader(release, "2026-04").cell("women_share")
    assert share is not None
    written = numbers("sv").plain(share["value"], 1)
    assert f"Kvinnor var {written}\u00a0procent av de anställda och" in page
    assert "av cheferna i april 2026." in page
    assert f"och {written}\u00a0procent av de anställda" in block(
        full_home, "/sv/jamstalldhet", f"?period={CHOSEN}", "managers"
    )


def test_managers_are_compared_with_a_year_before_their_own_month(release: Release) -> None:
    cells = release.by_figure["women_share"]
    later = cells.filter(pl.col("breakdown") == "total", pl.col("period") == "2026-10").with_columns(
        pl.lit("2026-11").alias("period"), pl.lit(date(2026, 11, 30)).alias("period_end")
    )
    by_figure = {**release.by_figure, "women_share": pl.concat([cells, later])}
    newer = Release(**{**_fields(release), "by_figure": by_figure})
    at = address.Address("sv", "equality", {"period": "2026-11"})
    assert "bland cheferna har ökat" in text_of(RENDER["equality"](make(newer, {}, at)))


def test_a_change_of_twelve_months_is_since_twelve_months(full_home: Path) -> None:
    told = text_of(Pages(full_home / "releases").page("/en/conditions-and-health", ""))
    assert "since the twelve months to" in told


def test_a_round_that_is_named_by_digits_is_compared_with_the_round_before(release: Release) -> None:
    renamed = {
        "HME 2024": "202410", "HME 2025": "202504", "HME 2026": "202610",
    }  # fmt: skip
    cells = release.by_figure["hme_total"].with_columns(pl.col("period").replace(renamed))
    named = Release(**{**_fields(release), "by_figure": {**release.by_figure, "hme_total": cells}})
    assert Reader(named, "2026-10").before("hme_total") == "202504"


def _fields(release: Release) -> dict[str, Any]:
    return {name: getattr(release, name) for name in release.__dataclass_fields__}


def test_a_figure_whose_source_is_late_says_so(full_home: Path) -> None:
    said = block(full_home, "/sv/villkor-och-halsa", "", "sick-leave")
    assert "Visar siffror från september 2026 eftersom inget nyare har levererats (frånvaro" in said


@pytest.mark.parametrize("figure", ["age_distribution", "pay_quartiles"])
def test_a_distribution_is_shown_by_its_parts_and_never_as_one_value(full_home: Path, figure: str) -> None:
    page = Pages(full_home / "releases").page(address.figure_href(figure, "sv"), "")
    ids = {part.id for part in parts_of(page) if getattr(part, "id", None)}
    assert "parts" in ids
    assert "over-time" not in ids
    rows = next(part for part in parts_of(page) if type(part).__name__ == "Tbody").children
    assert len(rows) >= 4


def test_a_new_definition_breaks_the_curve_and_is_told(full_home: Path) -> None:
    path = address.figure_href(REDEFINED_FIGURE, "sv")
    told = block(full_home, path, "", "over-time")
    assert "räknas på ett nytt sätt från och med 1 januari 2026" in told
    assert "Även de som är lediga räknas." in told
    assert "sedan oktober 2025" not in told
    # Before it there is nothing to tell, and what was is compared with what was before that.
    then = block(full_home, path, "?period=2025-11", "over-time")
    assert "nytt sätt" not in then
    assert "nov" in then


def test_a_table_that_is_not_due_yet_is_not_called_old(full_home: Path, tmp_path: Path) -> None:
    """Pay of last November is what there is in March, however late a delivery of the spring is."""
    shutil.copytree(full_home / "releases", tmp_path / "releases", symlinks=True)
    status = {
        "checked_at": "2026-11-03T02:00:00+01:00",
        "stale": [{"contract": "hr_employment", "since": "2026-07-31"}],
    }
    (tmp_path / "releases" / "status.json").write_text(json.dumps(status), encoding="utf-8")
    assert "inget nyare" not in block(tmp_path, "/sv/lon", "", "ratio")
    assert "inget nyare" in block(tmp_path, "/sv/villkor-och-halsa", "", "full-time-over-time")
