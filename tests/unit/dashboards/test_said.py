"""What pages say where little is shown, or little may be seen: no extreme of one, no count of none, no wrong sign."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dashboards import address
from dashboards.access.scope import Scope, restrict
from dashboards.app import RENDER, Pages
from dashboards.pages import parts
from dashboards.view import make
from tests.unit.dashboards.conftest import parts_of, text_of
from warehouse.release import Release, open_current


@pytest.fixture(scope="module")
def release(full_home: Path) -> Release:
    found = open_current(full_home / "releases")
    assert found is not None
    return found


def said(release: Release, page: str, lang: str = "sv", **choices: str) -> str:
    """Every word of a page of a release."""
    return text_of(RENDER[page](make(release, {}, address.Address(lang, page, choices))))


def with_status(release: Release, status: str, *figures: str) -> Release:
    """The release with every cell of these figures hidden or missing."""
    numbers = ("value", "numerator", "denominator", "n", "low", "high")
    changed = {
        figure: release.by_figure[figure].with_columns(
            pl.lit(status).alias("status"),
            *(pl.lit(None, release.by_figure[figure].schema[name]).alias(name) for name in numbers),
        )
        for figure in figures
    }
    return replace(release, by_figure={**release.by_figure, **changed})


def test_no_heading_counts_groups_where_none_is_shown(release: Release) -> None:
    pay = said(with_status(release, "hidden", "pay_gap_median", "pay_median"), "pay")
    assert "enda" not in pay
    assert pay.count("Ingen grupp kan visas") == 2
    assert "Ingen av 0" not in said(with_status(release, "hidden", "women_share"), "equality")


@pytest.mark.parametrize(
    ("lang", "expected"),
    [
        ("sv", "Tillsvidareanställda: 80,0 procent i de grupper som visas"),
        ("en", "80.0 percent in the groups shown"),
    ],
)
def test_groups_of_one_value_have_no_extremes(release: Release, lang: str, expected: str) -> None:
    cells = release.by_figure["permanent_share"]
    is_group = (pl.col("breakdown") == "department") & (pl.col("status") == "shown")
    alike = cells.with_columns(value=pl.when(is_group).then(80.0).otherwise(pl.col("value")))
    of_one = replace(release, by_figure={**release.by_figure, "permanent_share": alike})
    at = address.Address(lang, address.FIGURE, {"by": "department"}, "permanent_share")
    page = text_of(RENDER[address.FIGURE](make(of_one, {}, at))).replace("\xa0", " ").replace("\xad", "")
    assert expected in page
    assert "80,0 till 80,0" not in page
    assert "80.0 to 80.0" not in page


def test_one_department_is_no_extreme_of_all(release: Release) -> None:
    head = restrict(release, Scope("head", "BU"))
    conditions = said(head, "conditions", by="department")
    assert "Sjukfrånvaro per förvaltning" in conditions
    assert "Högst sjukfrånvaro" not in conditions
    assert "är störst i" not in conditions
    assert "av 1 förvaltningar" not in said(head, "equality")


def test_what_was_not_reported_is_a_dash_and_what_is_hidden_two_dots(release: Release) -> None:
    assert parts.unshown(None, {"status": "missing", "value": None}) == "-"
    assert parts.unshown({"status": "shown", "value": 1.0}, {"status": "hidden", "value": None}) == ".."
    missing = with_status(release, "missing", "permanent_share", "full_time_share", "full_time_working_share")
    for page in ("conditions", "equality"):
        assert "- personer" not in said(missing, page)
    hidden = with_status(release, "hidden", "permanent_share", "full_time_share", "full_time_working_share")
    assert ".. personer" not in said(hidden, "conditions")


@pytest.mark.parametrize("page", ["equality", "pay", "conditions", "engagement"])
def test_whoever_sees_totals_only_is_told_so(full_home: Path, page: str) -> None:
    shown = text_of(Pages(full_home / "releases").page(address.path(page, "sv"), "", Scope("reader")))
    assert "Din roll visar bara hela kommunen." in shown
    assert "Det finns ingen uppgift" not in shown


def test_units_of_one_name_are_told_apart(release: Release) -> None:
    dimensions = {name: dict(stated) for name, stated in release.dimensions.items()}
    for level in (levels := [dict(level) for level in dimensions["unit"]["levels"]]):
        level["sv"] = level["en"] = "Norra"
    dimensions["unit"]["levels"] = levels
    view = make(replace(release, dimensions=dimensions), {}, address.Address("sv", "equality"))
    assert view.labels("unit", ["BU-1", "VO-1"]) == ["Norra (Barn och utbildning)", "Norra (Vård och omsorg)"]
    assert view.labels("unit", ["BU-1", "BU-2"]) == [
        "Norra (Barn och utbildning) (BU-1)",
        "Norra (Barn och utbildning) (BU-2)",
    ]
    assert view.labels("department", ["BU"]) == ["Barn och utbildning"]


def test_hidden_groups_are_counted_once_whatever_is_asked_of_them(full_home: Path) -> None:
    page = Pages(full_home / "releases").page(address.path("engagement", "sv"), "")
    block = next(part for part in parts_of(page) if getattr(part, "id", None) == "statements")
    assert "En grupp visas som .." in text_of(block)


def test_where_nothing_was_checked_nothing_is_called_passed(release: Release) -> None:
    quality = said(replace(release, quality={**release.quality, "checks": []}), "quality")
    assert "Alla 0 kontroller" not in quality
    assert quality.count("Utgåvan redovisar inga kontroller.") == 2
