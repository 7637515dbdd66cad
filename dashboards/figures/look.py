"""The look that every chart shares.

Belongs here: colours, type sizes, the common layout and the configuration of plotly.
Does not belong here: the charts (one module each) and the page's own style sheet (static/).
"""

from __future__ import annotations

import textwrap
from typing import Any

from dashboards.numbers import SEPARATORS

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


def name(label: str) -> str:
    """A group's name on at most two lines, so that it fits beside its numbers at 320 px."""
    return "<br>".join(textwrap.wrap(label, NAME_LENGTH, max_lines=2, placeholder=" …"))


def percent_ticks(lang: str, edge: int) -> list[dict[str, Any]]:
    """0–100 percent below a chart whose plot stands `edge` pixels in from its sides.

    plotly leaves out a tick label that would reach past the margin; as notes, the first and the last keep inside it.
    """
    sides = {0: "left", 100: "right"}
    return [
        note(
            f"{tick}{sign('percent', lang)}",
            x=tick,
            xref="x",
            xanchor=sides.get(tick, "center"),
            xshift={0: -edge, 100: edge}.get(tick, 0),
            y=0,
            yref="paper",
            yanchor="top",
            yshift=-4,
            font={"size": SMALL, "color": QUIET},
        )
        for tick in (0, 20, 40, 60, 80, 100)
    ]


def percent_axis() -> dict[str, Any]:
    """0–100 percent, without labels of its own."""
    return axis(range=[0, 100], showticklabels=False)
