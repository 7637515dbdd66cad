"""Small multiples: the same figure's curve in several panels on one scale, with the target as a line.

Belongs here: panels below each other, so that they read the same on a narrow screen. Does not belong here: one curve (trend.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import look

PITCH = 108
GAP = 0.38
STEP = 10.0


@dataclass(frozen=True)
class Panel:
    """One panel: its name, one value per period (None = not shown), and each as written."""

    name: str
    values: tuple[float | None, ...]
    written: tuple[str, ...]


def scale(shown: Sequence[Panel], target: float | None = None) -> tuple[float, float]:
    """The scale of all panels: whole tens around every value and the target, so that a small move can be seen."""
    values = [value for panel in shown for value in panel.values if value is not None]
    values += [] if target is None else [target]
    if not values:
        return 0.0, 100.0
    low, high = STEP * (min(values) // STEP), STEP * -(-max(values) // STEP)
    return low, high if high > low else low + STEP


def panels(
    shown: Sequence[Panel],
    periods: Sequence[str],
    lang: str,
    ends: tuple[float, float],
    target: float | None = None,
) -> dict[str, Any]:
    """One panel per series, all on one scale.

    Args:
        shown: the panels, drawn from the top.
        periods: as written, oldest first.
        lang: for the numbers' form.
        ends: of the scale.
        target: a line in every panel.

    Returns:
        plotly JSON; each panel's last value stands beside its name.
    """
    low, high = ends
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {}
    shapes: list[dict[str, Any]] = []
    texts: list[dict[str, Any]] = []
    share = 1 / max(len(shown), 1)
    for place, panel in enumerate(shown):
        axis = "" if place == 0 else str(place + 1)
        top = 1 - place * share
        bottom = max(top - share * (1 - GAP) - share * GAP / 2, 0.0)
        domain = [bottom, top - share * GAP / 2]
        layout[f"yaxis{axis}"] = look.axis(
            range=[low, high], domain=domain, showticklabels=False, anchor=f"x{axis}"
        )
        layout[f"xaxis{axis}"] = look.axis(
            range=[-0.3, max(len(periods) - 0.7, 0.3)], showticklabels=False, anchor=f"y{axis}"
        )
        traces.append(_line(panel, periods, axis))
        shapes.append(_across(low, axis, look.LINE, "solid"))
        if target is not None:
            shapes.append(_across(target, axis, look.INK, "dash"))
        above = {"xref": "paper", "yref": "paper", "y": domain[1], "yanchor": "bottom", "yshift": 2}
        texts.append(look.note(panel.name, x=0, xanchor="left", **above))
        texts.append(
            look.note(f"<b>{panel.written[-1] if panel.written else ''}</b>", x=1, xanchor="right", **above)
        )
    texts += _dates(periods)
    height = PITCH * max(len(shown), 1) + 40
    whole = look.layout(
        lang, height, margin={"l": 6, "r": 10, "t": 8, "b": 28}, shapes=shapes, annotations=texts
    )
    return {"data": traces, "layout": {**whole, **layout}}


def _dates(periods: Sequence[str]) -> list[dict[str, Any]]:
    """The first and the last period below the panels."""
    below = {"xref": "paper", "yref": "paper", "y": 0, "yanchor": "top", "yshift": -2}
    font = {"size": look.SMALL, "color": look.QUIET}
    ends = {0: "left", len(periods) - 1: "right"} if periods else {}
    return [
        look.note(periods[place], x=0 if anchor == "left" else 1, xanchor=anchor, font=font, **below)
        for place, anchor in ends.items()
    ]


def _line(panel: Panel, periods: Sequence[str], axis: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": list(range(len(periods))),
        "y": list(panel.values),
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "text": [
            f"{panel.name}, {period}: {written}" if value is not None else ""
            for period, written, value in zip(periods, panel.written, panel.values, strict=True)
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "connectgaps": False,
        "line": {"color": look.ACCENT, "width": 2.5},
        "marker": {"color": look.ACCENT, "size": 8},
        "cliponaxis": False,
    }


def _across(value: float, axis: str, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": f"x{axis} domain",
        "yref": f"y{axis}",
        "x0": 0,
        "x1": 1,
        "y0": value,
        "y1": value,
        "layer": "below",
        "line": {"color": colour, "width": 1.5, "dash": dash},
    }
