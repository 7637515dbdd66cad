"""Every chart on every page: readable type, seen patterns, the reader's separators, bars from zero, its table whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest
from dash.development.base_component import Component

from dashboards import address
from dashboards.app import RENDER
from dashboards.numbers import SEPARATORS
from dashboards.view import make
from tests.unit.dashboards.conftest import parts_of, text_of
from warehouse.release import open_current, read_status

SMALLEST = 12
LANGS = ("sv", "en")
FIGURES = (
    "women_share",
    "pay_median",
    "hme_total",
    "joint_projects",
    "development_need",
    "pay_quartiles",
    "permanent_gap",
)
INK_ON_PAPER = 4.5
MARK_ON_PAPER = 3.0


def pages_of(home: Path, lang: str) -> Iterator[tuple[str, Component]]:
    release = open_current(home / "releases")
    assert release is not None
    for page in address.PAGES:
        yield page, RENDER[page](make(release, read_status(home / "releases"), address.Address(lang, page)))
    for figure in FIGURES:
        at = address.Address(lang, address.FIGURE, {}, figure)
        yield figure, RENDER[address.FIGURE](make(release, {}, at))


def charts_of(home: Path, lang: str) -> Iterator[tuple[str, dict[str, Any], Component]]:
    """Each chart: where it is, its plotly JSON, and its figure element."""
    for place, page in pages_of(home, lang):
        for block in parts_of(page):
            if type(block).__name__ == "Figure":
                for part in parts_of(block):
                    if type(part).__name__ == "Graph":
                        yield f"{place}: {part.id}", part.figure, block


def found_in(node: Any, key: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, value in node.items():
            if name == key:
                yield value
            yield from found_in(value, key)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from found_in(value, key)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(colour: str, paper: str = "#FFFFFF") -> float:
    light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("lang", LANGS)
def test_every_chart_keeps_the_rules(full_home: Path, lang: str) -> None:
    count = 0
    for place, chart, block in charts_of(full_home, lang):
        count += 1
        layout = chart["layout"]
        go.Figure(chart)
        assert all(size >= SMALLEST for font in found_in(chart, "font") for size in found_in(font, "size")), (
            place
        )
        assert all(
            contrast(ink) >= INK_ON_PAPER
            for font in found_in(layout["annotations"], "font")
            for ink in found_in(font, "color")
        ), place
        assert layout["separators"] == SEPARATORS[lang], place
        assert layout["showlegend"] is False, place
        for trace in chart["data"]:
            keep_trace(place, trace, layout)
        written = {text_of(part) for part in parts_of(block) if type(part).__name__ in ("Td", "Th")}
        drawn_values_are_in_the_table(place, chart, written)
    assert count > 30


def keep_trace(place: str, trace: dict[str, Any], layout: dict[str, Any]) -> None:
    marker = trace.get("marker", {})
    if trace["type"] == "bar":
        low, high = layout["xaxis"]["range"]
        assert low <= 0 <= high, f"{place}: a bar must begin at zero"
        assert (
            marker["pattern"].get("fillmode", "overlay") == "overlay"
            if marker.get("pattern", {}).get("shape")
            else True
        ), place
    elif isinstance(marker.get("color"), str):
        assert contrast(marker["color"]) >= MARK_ON_PAPER, place
    if trace.get("fill") is None and trace.get("mode") == "lines" and "color" in trace.get("line", {}):
        assert contrast(trace["line"]["color"]) >= MARK_ON_PAPER, place


def drawn_values_are_in_the_table(place: str, chart: dict[str, Any], written: set[str]) -> None:
    """Each drawn mark says its value as written; the same text stands in the table."""
    for trace in chart["data"]:
        for text in trace.get("hovertext") or trace.get("text") or []:
            value = str(text).rpartition(": ")[2] if text else ""
            is_known = any(
                value == cell or value.replace("\u00a0kr", "") == cell.replace("\u00a0kr", "")
                for cell in written
            )
            assert not value or is_known or value.startswith("("), f"{place}: {value!r} is drawn, not written"


@pytest.mark.parametrize("lang", LANGS)
def test_every_chart_has_its_words(full_home: Path, lang: str) -> None:
    for place, _, block in charts_of(full_home, lang):
        named = [part for part in parts_of(block) if getattr(part, "role", None) == "application"]
        assert len(named) == 1, place
        assert named[0].tabIndex == 0, place
        assert named[0].to_plotly_json()["props"]["aria-label"].strip(), place
        assert any(type(part).__name__ == "Caption" and text_of(part).strip() for part in parts_of(block)), (
            place
        )


def test_both_languages_show_the_same_charts(full_home: Path) -> None:
    assert [place for place, _, _ in charts_of(full_home, "sv")] == [
        place for place, _, _ in charts_of(full_home, "en")
    ]
