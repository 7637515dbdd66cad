"""What is new since the release before, and what is done about a figure: from what two releases and their cells say."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from dashboards import address, changes
from dashboards.app import RENDER
from dashboards.view import make
from tests.unit.dashboards.conftest import parts_of, text_of
from warehouse.release import Release, open_current


@pytest.fixture(scope="module")
def release(full_home: Path) -> Release:
    found = open_current(full_home / "releases")
    assert found is not None
    return found


def earlier(release: Release) -> Release:
    """A release whose latest month is September, with another value for August, and one objective that stood otherwise."""
    cells = {figure: own.filter(pl.col("period") != "2026-10") for figure, own in release.by_figure.items()}
    is_august = (pl.col("period") == "2026-08") & (pl.col("breakdown") == "total")
    cells["women_share"] = cells["women_share"].with_columns(
        pl.when(is_august).then(pl.col("value") - 7).otherwise(pl.col("value")).alias("value")
    )
    told = json.loads(json.dumps(release.insights))
    told["objectives"][5]["status"] = "reached"
    return replace(release, by_figure=cells, insights=told)


def all_hidden(release: Release) -> Release:
    """The release with every number hidden."""
    numbers = ("value", "numerator", "denominator", "n")
    hidden = {
        figure: own.with_columns(
            pl.lit("hidden").alias("status"),
            *(pl.lit(None, own.schema[name]).alias(name) for name in numbers),
        )
        for figure, own in release.by_figure.items()
    }
    return replace(release, by_figure=hidden)


def test_news_corrections_and_objectives_are_told(release: Release) -> None:
    before = earlier(release)
    found = changes.since(before, release)
    assert "women_share" in found.newer
    assert "pay_median" not in found.newer
    assert [(each.figure, each.period) for each in found.corrected] == [("women_share", "2026-08")]
    assert set(found.objectives) == {"O6"}
    page = RENDER["overview"](make(release, {}, address.Address("sv", "overview"), before=before))
    since = next(part for part in parts_of(page) if getattr(part, "className", None) == "since")
    said = text_of(since)
    assert "har fått nya uppgifter, till och med oktober 2026." in said
    assert "Rättat: Andel kvinnor, augusti 2026:" in said
    assert "har gått från ”nått” till ”" in said


def test_the_same_release_has_nothing_new(release: Release) -> None:
    found = changes.since(release, release)
    assert (found.newer, found.corrected, found.objectives) == ([], [], {})
    page = RENDER["overview"](make(release, {}, address.Address("en", "overview"), before=release))
    assert "Nothing about the municipality as a whole has changed" in text_of(page)


def test_a_value_that_is_hidden_in_either_release_is_never_compared(release: Release) -> None:
    assert changes.since(all_hidden(release), release).corrected == []


def test_a_figure_shows_the_measures_that_point_at_it_and_who_answers(release: Release) -> None:
    for lang in ("sv", "en"):
        at = address.Address(lang, address.FIGURE, {}, "plan_coverage")
        page = RENDER[address.FIGURE](make(release, {}, at))
        table = next(
            part
            for part in parts_of(page)
            if type(part).__name__ == "Table" and text_of(part).startswith(("Åtgärder som", "Measures meant"))
        )
        rows = [text_of(part).split() for part in parts_of(table) if type(part).__name__ == "Tr"][1:]
        assert len(rows) == 2
        done = release.records("diversity_measures_done", ["area"])["2026-10"]
        own = next(cell for cell in done if cell["area"] == "training_and_development")
        expected = (
            [f"{own['denominator']:.0f}", f"{own['numerator']:.0f}"]
            if own["status"] == "shown"
            else ["..", ".."]
        )
        assert rows[0][-3:-1] == expected


def test_hidden_measures_are_dots_and_make_no_sum(release: Release) -> None:
    at = address.Address("sv", address.FIGURE, {}, "plan_coverage")
    page = RENDER[address.FIGURE](make(all_hidden(release), {}, at))
    heading = next(part for part in parts_of(page) if getattr(part, "id", None) == "measures")
    assert text_of(heading) == "Vad som görs"


def measured(release: Release, **told: float | None) -> str:
    """The block of what is done, where every count of measures is as told; none is reported for None."""
    by_figure = dict(release.by_figure)
    for name, value in told.items():
        cells = release.by_figure[name]
        column = "denominator" if name == "diversity_measures_done" else "numerator"
        status = "missing" if value is None else "shown"
        by_figure[name] = cells.with_columns(
            pl.lit(value, cells.schema[column]).alias(column), pl.lit(status).alias("status")
        )
    at = address.Address("sv", address.FIGURE, {}, "plan_coverage")
    page = RENDER[address.FIGURE](make(replace(release, by_figure=by_figure), {}, at))
    return next(
        text_of(part)
        for part in parts_of(page)
        if type(part).__name__ == "Section" and text_of(part).startswith("Vad som görs")
    )


def test_what_is_done_is_told_of_what_was_due(release: Release) -> None:
    plan = {"organisation_milestones_due": 0.0, "organisation_milestones_late": 0.0}
    for due, late, heading in ((3.0, 1.0, "2 av de 3 åtgärder"), (0.0, 0.0, "Vad som görs Ansvarig")):
        done = {"diversity_measures_done": due, "diversity_measures_late": late}
        values = {
            name: release.by_figure[name].with_columns(value=pl.lit(count), status=pl.lit("shown"))
            for name, count in plan.items()
        }
        assert heading in measured(replace(release, by_figure={**release.by_figure, **values}), **done)


def test_a_count_that_nobody_reported_is_not_called_hidden(release: Release) -> None:
    said = measured(release, diversity_measures_done=None, diversity_measures_late=None)
    leaders = said[said.index("Ledarnas åtgärder") :].split("Kommunens plan")[0]
    assert leaders.split()[-3:] == ["-", "-", "-"]
