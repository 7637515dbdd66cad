"""Charts: valid, legible, absolute, and saying exactly what their tables say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import plotly.graph_objects as go
import pytest
from dash import dcc, html

from dashboards import address
from dashboards.app import Pages
from dashboards.figures import bars, lanes, look, pyramid, trend
from dashboards.figures.drawing import Row, by_value
from tests.unit.dashboards.conftest import parts_of, text_of

SMALLEST = 12
VIEWS = [
    (page, lang, search)
    for lang in ("sv", "en")
    for page, search in (
        ("equality", ""),
        ("equality", "?by=occupation_group"),
        ("equality", "?by=management_level&period=2025-11"),
        ("conditions", ""),
        ("conditions", "?figure=full_time_working_share&department=BU"),
    )
]


def charts(pages: Pages, page: str, lang: str, search: str) -> list[tuple[dict[str, Any], list[list[str]]]]:
    """The figures of a page, each with the rows of its table."""
    content = pages.page(address.path(page, lang), search)
    found = []
    for part in parts_of(content):
        if isinstance(part, html.Figure):
            graph = next(each for each in parts_of(part) if isinstance(each, dcc.Graph))
            body = next(each for each in parts_of(part) if isinstance(each, html.Tbody))
            found.append((graph.figure, [[text_of(cell) for cell in row.children] for row in body.children]))
    assert found, "a page of charts without a chart"
    return found


def numbers_in(node: Any, name: str) -> Iterator[float]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == name and isinstance(value, int | float):
                yield value
            yield from numbers_in(value, name)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from numbers_in(value, name)


@pytest.mark.parametrize(("page", "lang", "search"), VIEWS)
def test_every_chart_is_valid_plotly(pages: Pages, page: str, lang: str, search: str) -> None:
    for figure, _ in charts(pages, page, lang, search):
        go.Figure(figure)
        json.dumps(figure, allow_nan=False)


@pytest.mark.parametrize(("page", "lang", "search"), VIEWS)
def test_type_is_legible_and_numbers_are_of_the_language(
    pages: Pages, page: str, lang: str, search: str
) -> None:
    for figure, _ in charts(pages, page, lang, search):
        layout = figure["layout"]
        sizes = [*numbers_in(layout["font"], "size")]
        for note in layout.get("annotations", ()):
            sizes += numbers_in(note["font"], "size")
        for axis in ("xaxis", "yaxis"):
            sizes += numbers_in(layout[axis]["tickfont"], "size")
        sizes += [size for trace in figure["data"] for size in numbers_in(trace.get("textfont", {}), "size")]
        assert min(sizes) >= SMALLEST
        assert layout["separators"] == (",\u00a0" if lang == "sv" else ".,")
        assert not layout["showlegend"]
        assert layout["xaxis"]["fixedrange"]
        assert layout["yaxis"]["fixedrange"]


@pytest.mark.parametrize(("page", "lang", "search"), VIEWS)
def test_no_bar_is_cut_and_patterns_can_be_seen(pages: Pages, page: str, lang: str, search: str) -> None:
    for figure, _ in charts(pages, page, lang, search):
        for trace in figure["data"]:
            if trace["type"] != "bar":
                continue
            low, high = figure["layout"]["xaxis"]["range"]
            assert low <= 0 < high
            pattern = trace["marker"].get("pattern", {})
            if pattern.get("shape"):
                assert pattern["fillmode"] == "overlay"


@pytest.mark.parametrize(("page", "lang", "search"), VIEWS)
def test_every_point_is_in_the_table_as_it_is_written(
    pages: Pages, page: str, lang: str, search: str
) -> None:
    for figure, rows in charts(pages, page, lang, search):
        written = {cell for row in rows for cell in row[1:]}
        labels = {row[0] for row in rows}
        for trace in figure["data"]:
            texts = trace.get("hovertext") or trace.get("text") or []
            for text in filter(None, texts):
                said, _, value = text.rpartition(": ")
                assert value in written
                assert any(label in said for label in labels)


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_plotly_has_no_way_out(lang: str) -> None:
    config = look.config(lang)
    assert config["showSendToCloud"] is False
    assert config["plotlyServerURL"] == ""
    assert config["displaylogo"] is False
    assert config["displayModeBar"] is False
    form = config["locales"][lang]["format"]
    assert (form["decimal"], form["thousands"]) == ((",", "\u00a0") if lang == "sv" else (".", ","))


ROWS = [
    Row("Alfa", (52.0,), ("52,0 %",), "100"),
    Row("Beta", (None,), ("..",), ".."),
    Row("Gamma", (81.5,), ("81,5 %",), "40"),
]


def test_a_hidden_group_has_a_name_and_a_reason_but_no_mark() -> None:
    figure = lanes.dots(ROWS, "sv")
    assert figure["data"][0]["x"] == [52.0, 81.5]
    notes = [note["text"] for note in figure["layout"]["annotations"]]
    assert "Beta" in notes
    assert "<b>..</b>" in notes


def test_hidden_groups_come_last_by_name_whatever_they_hide() -> None:
    rows = [
        Row("Ö", (None,), ("..",)),
        Row("Å", (None,), ("..",)),
        Row("A", (1.0,), ("1",)),
        Row("B", (2.0,), ("2",)),
    ]
    assert [row.label for row in by_value(rows)] == ["B", "A", "Å", "Ö"]


def test_a_bar_with_a_hidden_part_is_not_drawn_at_all() -> None:
    rows = [Row("Alla", (80.0, 20.0), ("80", "20")), Row("Män", (None, 20.0), ("..", "20"))]
    figure = bars.shares(rows, ["En", "Två"], "sv")
    assert [trace["y"] for trace in figure["data"]] == [[0], [0]]


def test_the_band_is_absolute() -> None:
    band = next(shape for shape in lanes.dots(ROWS, "sv")["layout"]["shapes"] if shape["type"] == "rect")
    assert (band["x0"], band["x1"]) == (40, 60)
    assert lanes.dots(ROWS[:1], "sv")["layout"]["xaxis"]["range"] == [0, 100]


def test_the_pyramid_has_one_zero_and_one_scale_for_both_sexes() -> None:
    figure = pyramid.pyramid(
        [Row("-34", (300.0, 40.0), ("300", "40")), Row("65-", (None, 9.0), ("..", "9"))], "sv"
    )
    women, men = figure["data"]
    low, high = figure["layout"]["xaxis"]["range"]
    assert low == -high
    assert women["x"] == [-300.0]
    assert men["x"] == [40.0, 9.0]


def test_a_line_breaks_where_a_value_is_hidden() -> None:
    rows = [Row("jan.", (5.0,), ("5,0 %",)), Row("feb.", (None,), ("..",)), Row("mars", (6.0,), ("6,0 %",))]
    figure = trend.trend(rows, [("women", "Kvinnor")], "sv")
    assert figure["data"][0]["y"] == [5.0, None, 6.0]
    assert figure["data"][0]["connectgaps"] is False
    assert figure["data"][0]["text"][1] == ""


def test_nothing_is_drawn_across_a_new_definition() -> None:
    rows = [Row(f"{month}", (value,), (str(value),)) for month, value in enumerate((10.0, 11.0, 20.0, 21.0))]
    band = [(value - 1, value + 1) for value in (10.0, 11.0, 20.0, 21.0)]
    drawn = trend.trend(rows, [("one", "Alla")], "sv", beside=trend.Beside(band=band, breaks=[2]))
    *bands, line = drawn["data"]
    assert line["x"] == [0, 1, 1.5, 2, 3]
    assert line["y"] == [10.0, 11.0, None, 20.0, 21.0]
    assert [each["x"] for each in bands] == [[0, 1, 1, 0], [2, 3, 3, 2]]
    assert [shape["x0"] for shape in drawn["layout"]["shapes"]] == [1.5]
