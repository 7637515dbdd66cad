"""Pages as HTML: the components that a page is composed of, written out.

Belongs here: from components to text, and the one component that the browser is given (`Page`, drawn by static/fordel.js).
Does not belong here: what a page says (pages/), the page around it (shell.py).

Dash's renderer wakes every component on the page for each one that is put in: a page of 3 000 took 20 s to appear. So it
is given one, whose content is HTML; a chart goes with it as plotly's JSON and is drawn in its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from html import escape
from typing import Any, ClassVar

from dash import dcc
from dash.development.base_component import Component

NAMESPACE = "fordel"
EMPTY = {"br", "hr", "img", "input"}
NAMES = {"className": "class", "htmlFor": "for"}
LEFT_OUT = {"children", "style", "n_clicks", "n_clicks_timestamp"}


class Page(Component):
    """The content of a page in the browser: `pathname` and `search` are what it asks for, `html` what it is given."""

    _namespace = NAMESPACE
    _type = "Page"
    _prop_names: ClassVar[list[str]] = ["id", "pathname", "search", "html"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []

    def __init__(self, id: str) -> None:
        super().__init__(id=id)


def written(content: Any) -> str:
    """Components, texts and lists of them as HTML."""
    pieces: list[str] = []
    _write(content, pieces)
    return "".join(pieces)


def _write(content: Any, pieces: list[str]) -> None:
    if content is None:
        return
    if isinstance(content, list | tuple):
        for each in content:
            _write(each, pieces)
    elif isinstance(content, dcc.Graph):
        pieces.append(_chart(content))
    elif isinstance(content, Component):
        name = content._type.lower()
        pieces.append(f"<{name}{_attributes(content)}>")
        if name not in EMPTY:
            _write(getattr(content, "children", None), pieces)
            pieces.append(f"</{name}>")
    else:
        pieces.append(escape(str(content), quote=False))


def _attributes(component: Component) -> str:
    stated = vars(component)
    found = ""
    for name, value in stated.items():
        if value is None or value is False or name in LEFT_OUT:
            continue
        if name not in component._prop_names and not name.startswith(("aria-", "data-")):
            continue
        attribute = NAMES.get(name, name.lower())
        found += f" {attribute}" if value is True else f' {attribute}="{escape(str(value))}"'
    return f'{found} style="{escape(_style(stated["style"]))}"' if stated.get("style") else found


def _style(style: Mapping[str, Any]) -> str:
    return ";".join(f"{name}:{value}" for name, value in style.items())


def _chart(graph: dcc.Graph) -> str:
    """A place for a chart, as high as the chart, with what is drawn in it as data."""
    drawn = {
        "data": graph.figure["data"],
        "layout": graph.figure["layout"],
        "config": graph.config,
    }
    text = json.dumps(drawn, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    # A label with `</script>` or `<!--` in it would end the element or hide its end; in JSON this is the same text.
    text = text.replace("<", "\\u003c")
    return (
        f'<div class="plot" id="{escape(graph.id)}" style="{escape(_style(graph.style))}">'
        f'<script type="application/json">{text}</script></div>'
    )
