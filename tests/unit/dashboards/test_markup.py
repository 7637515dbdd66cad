"""Components written out as HTML: what a browser reads back is what was composed."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
from dash import dcc, html

from dashboards import address, markup
from dashboards.app import Pages
from tests.unit.dashboards.conftest import parts_of, text_of

NASTY = "</script><!-- & \" ' <b>å"


class Reading(HTMLParser):
    """Elements, attributes and words of a text; anything left open shows."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("input", "br", "hr", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def read(text: str) -> Reading:
    reading = Reading()
    reading.feed(text)
    reading.close()
    assert reading.open == []
    return reading


def test_texts_and_attributes_come_back_as_they_were() -> None:
    part = html.Label(
        [NASTY, html.A("x", href=f"/sv?q={NASTY}"), None, 7],
        htmlFor="q",
        className="a b",
        **{"aria-label": NASTY, "data-page": ""},
    )
    found = read(markup.written(part))
    assert found.elements == [
        ("label", {"for": "q", "class": "a b", "aria-label": NASTY, "data-page": ""}),
        ("a", {"href": f"/sv?q={NASTY}"}),
    ]
    assert "".join(found.words) == f"{NASTY}x7"


def test_what_is_not_so_is_left_out_and_an_empty_element_has_no_end() -> None:
    part = html.Form(
        [html.Option("a", selected=True), html.Option("b", selected=False), dcc.Input(name="q", value="1")]
    )
    found = read(markup.written(part))
    assert found.elements == [
        ("form", {}),
        ("option", {"selected": None}),
        ("option", {}),
        ("input", {"name": "q", "value": "1"}),
    ]


def test_a_chart_carries_its_data_and_cannot_end_early() -> None:
    figure = {"data": [{"type": "bar", "text": [NASTY], "x": [1.5, None]}], "layout": {"height": 300}}
    chart = dcc.Graph(id="g", figure=figure, config={"locale": "sv"}, style={"height": "300px"})
    found = read(markup.written(chart))
    assert [name for name, _ in found.elements] == ["div", "script"]
    assert found.elements[0][1] == {"class": "plot", "id": "g", "style": "height:300px"}
    assert json.loads("".join(found.words)) == {**figure, "config": {"locale": "sv"}}


@pytest.mark.parametrize("page", address.PAGES)
def test_every_page_says_the_same_written_out(pages: Pages, page: str) -> None:
    path = address.path(page, "sv")
    content, found = pages.page(path, ""), read(pages.html(path, ""))
    charts = sum(isinstance(part, dcc.Graph) for part in parts_of(content))
    assert sum(attributes.get("class") == "plot" for _, attributes in found.elements) == charts
    said = [words for words in found.words if not words.startswith('{"data"')]
    assert " ".join(" ".join(said).split()) == " ".join(text_of(content).split())
