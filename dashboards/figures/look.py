"""The look that every chart shares.

Belongs here: colours, type sizes, the common layout and the configuration of plotly.
Does not belong here: the charts (one module each) and the page's own style sheet (static/).
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from dashboards.figures.drawing import Row
from dashboards.numbers import SEPARATORS, numbers

WOMEN, MEN = "#4B1D6B", "#C77700"
INK, QUIET, LINE, BAND, PAPER = "#1D1B20", "#57545E", "#D9D5CE", "#E6EEEC", "#FFFFFF"
ACCENT = "#0B5563"
STEPS = ("#0B5563", "#5E97A1", "#C9DEE1")
FONT = '"Segoe UI", "Helvetica Neue", Arial, "Liberation Sans", sans-serif'
SMALL, NORMAL = 13, 14
NAME_LENGTH = 34

# A white pattern drawn with plotly's default fill mode replaces the bar's colour by nothing: it must lie over it.
MEN_PATTERN = {
    "shape": "/",
    "fillmode": "overlay",
    "fgcolor": "#FFFFFF",
    "fgopacity": 0.75,
    "size": 7,
    "solidity": 0.22,
}
WOMEN_PATTERN = {"shape": ""}

# plotly's own Swedish locale has no separators, and a locale that is fetched is a request too many: these are given in place.
_MONTHS = {
    "sv": ["jan.", "feb.", "mars", "apr.", "maj", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "dec."],
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
}


def config(lang: str) -> dict[str, Any]:
    """How plotly behaves: no buttons, no way to anybody's server, our own locale."""
    form = {
        "shortMonths": _MONTHS[lang],
        "months": _MONTHS[lang],
        "decimal": SEPARATORS[lang][0],
        "thousands": SEPARATORS[lang][1],
        "grouping": [3],
        "date": "%Y-%m-%d",
    }
    return {
        "displayModeBar": False,
        "displaylogo": False,
        "showSendToCloud": False,
        "plotlyServerURL": "",
        "showTips": False,
        "scrollZoom": False,
        "doubleClick": False,
        "responsive": False,
        "locale": lang,
        "locales": {lang: {"dictionary": {}, "format": form}},
    }


def layout(lang: str, height: int, **more: Any) -> dict[str, Any]:
    """The layout of every chart; `more` wins."""
    return {
        "height": height,
        "autosize": True,
        "margin": {"l": 10, "r": 10, "t": 8, "b": 44},
        "paper_bgcolor": PAPER,
        "plot_bgcolor": PAPER,
        "font": {"family": FONT, "size": SMALL, "color": INK},
        "separators": SEPARATORS[lang],
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": INK,
            "bordercolor": INK,
            "font": {"family": FONT, "size": NORMAL, "color": PAPER},
        },
        **more,
    }


def axis(**more: Any) -> dict[str, Any]:
    """A quiet axis that cannot be dragged: a finger on it scrolls the page."""
    return {
        "fixedrange": True,
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "tickfont": {"size": SMALL, "color": QUIET},
        **more,
    }


def step(rough: float, sizes: Sequence[float] = (1.0, 2.0, 5.0)) -> float:
    """A round distance between ticks, at least as long as a rough one."""
    scale = 1.0
    while rough >= 10 * scale:
        scale *= 10
    while rough < scale:
        scale /= 10
    return next((scale * size for size in sizes if rough <= scale * size), 10 * scale)


def decimals(step: float) -> int:
    """So many decimals tell ticks of this distance apart."""
    return next(places for places in range(4) if places == 3 or round(step, places) == round(step, 6))


def note(text: str, **place: Any) -> dict[str, Any]:
    """A text in the chart."""
    return {
        "text": text,
        "showarrow": False,
        "align": "left",
        "font": {"size": NORMAL, "color": INK},
        **place,
    }


def sign(unit: str, lang: str) -> str:
    """What stands after a tick of this unit."""
    return "" if unit != "percent" else "\u00a0%" if lang == "sv" else "%"


def pitch(rows: Sequence[Row]) -> int:
    """Pixels from one group to the next, its name above its line: more where any name takes two lines."""
    return 54 + 14 * any("<br>" in name(row.label) for row in rows)


def name(label: str) -> str:
    """A group's name on at most two lines, so that it fits beside its numbers at 320 px."""
    return "<br>".join(textwrap.wrap(label, NAME_LENGTH, max_lines=2, placeholder=" …"))


def headings(
    rows: Sequence[Row], written: Sequence[str], edge: int = 0, lift: int = 7, **place: Any
) -> list[dict[str, Any]]:
    """Each group's name and numbers above its line, `lift` pixels, where the plot stands `edge` pixels in from the sides."""
    texts = []
    for at, (row, number) in enumerate(zip(rows, written, strict=True)):
        above = {"xref": "paper", "y": at, "yanchor": "bottom", "yshift": lift, **place}
        texts.append(note(name(row.label), x=0, xanchor="left", xshift=-edge, **above))
        texts.append(note(f"<b>{number}</b>", x=1, xanchor="right", xshift=edge, **above))
    return texts


OVER: dict[str, Any] = {"bgcolor": PAPER, "borderpad": 0}
"""Of a text over lines, so that it is not struck through."""


def tick_notes(marks: Sequence[tuple[float, str]], edge: int, *, fills: bool = True) -> list[dict[str, Any]]:
    """Ticks below a chart whose plot stands `edge` pixels in from its sides.

    plotly leaves out a tick label that would reach past the margin; as notes, the first and (where the ticks fill the axis) the
    last keep inside it.
    """
    places = {0: ("left", -edge), **({len(marks) - 1: ("right", edge)} if fills else {})}
    return [
        note(
            text,
            x=at,
            xref="x",
            xanchor=places.get(place, ("center", 0))[0],
            xshift=places.get(place, ("center", 0))[1],
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-5,
            font={"size": SMALL, "color": QUIET},
        )
        for place, (at, text) in enumerate(marks)
    ]


def percent_ticks(lang: str, edge: int) -> list[dict[str, Any]]:
    """0–100 percent below a chart."""
    return tick_notes([(tick, numbers(lang).unit(tick, "percent", 0)) for tick in range(0, 101, 20)], edge)


def percent_axis() -> dict[str, Any]:
    """0–100 percent, without labels of its own."""
    return axis(range=[0, 100], showticklabels=False)
