"""A hidden value is nowhere: not in a chart, a tooltip, a table, a sentence, a scale or an order.

The releases here are careless on purpose: their hidden cells still carry numbers, which `publish` would refuse. What the
pages make of them must hold none of those numbers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from dash._utils import to_json

from dashboards import address, view
from dashboards.app import RENDER
from warehouse.release import Release, open_current, read_status

CANARY = 73.10421
CHOICES = [
    {},
    {"by": "department"},
    {"by": "occupation_group"},
    {"by": "management_level"},
    {"figure": "full_time_working_share"},
    {"department": "RT"},
    {"period": "2026-01"},
]


def careless(release: Release, seed: float) -> Release:
    """The release with a number, made from `seed`, in every hidden cell."""
    numbers = ("value", "numerator", "denominator", "n", "low", "high")
    spoiled = {
        figure: cells.with_columns(
            pl.when(pl.col("status") == "shown")
            .then(pl.col(name))
            .otherwise(pl.lit(seed))
            .cast(cells.schema[name])
            .alias(name)
            for name in numbers
        )
        for figure, cells in release.by_figure.items()
    }
    return replace(release, by_figure=spoiled)


@pytest.mark.parametrize("page", sorted(RENDER))
@pytest.mark.parametrize("choices", CHOICES, ids=str)
def test_what_is_hidden_changes_nothing_on_any_page(home: Path, page: str, choices: dict[str, str]) -> None:
    release, status = open_current(home / "releases"), read_status(home / "releases")
    assert release is not None
    for lang in ("sv", "en"):
        at = address.Address(lang, page, choices)
        made = [
            to_json(RENDER[page](view.make(each, status, at)))
            for each in (
                release,
                careless(release, CANARY),
                careless(release, 3.0),
                careless(release, 99_731.0),
            )
        ]
        assert made[0] == made[1] == made[2] == made[3]
        assert not re.search(r"73[.,]1|99[\s\u00a0.,]?731", made[1])


def test_the_made_up_release_hides_something_where_the_pages_look(home: Path) -> None:
    release = open_current(home / "releases")
    assert release is not None
    for figure in ("women_share", "full_time_share", "women_among_managers", "sick_leave_share"):
        assert release.cells(figure).filter(pl.col("status") == "hidden").height


def test_what_is_hidden_changes_nothing_where_every_figure_is_connected(full_home: Path) -> None:
    release = open_current(full_home / "releases")
    assert release is not None
    places = [
        address.Address("sv", page) for page in address.PAGES if page not in ("catalogue", "quality", "about")
    ]
    places += [
        address.Address("en", address.FIGURE, {}, figure)
        for figure in ("department_links", "pay_median", "hme_item_1", "plan_coverage", "age_distribution")
    ]
    spoiled = careless(release, CANARY)
    for at in places:
        made = [to_json(RENDER[str(at.page)](view.make(each, {}, at))) for each in (release, spoiled)]
        assert made[0] == made[1], at


def test_what_is_hidden_in_the_release_before_changes_nothing_either(full_home: Path) -> None:
    release = open_current(full_home / "releases")
    assert release is not None
    at = address.Address("sv", "overview")
    made = [
        to_json(RENDER["overview"](view.make(release, {}, at, before=each)))
        for each in (release, careless(release, CANARY))
    ]
    assert made[0] == made[1]
