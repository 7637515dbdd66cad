"""Forest: one value with its interval per group, against fixed lines.

Belongs here: values that may be below zero or have an interval, and paired values on a scale of their own (pay in kronor).
Does not belong here: shares from 0 to 100 without intervals (lanes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import look
from dashboards.figures.drawing import Row
from dashboards.numbers import numbers

FOOT = 34
EDGE = 8
TICKS = 5
SIZES = (1.0, 2.0, 2.5, 5.0)
WHOLE = 100.0
BEYOND = 1.1
"""A fixed line stands inside the scale, not on its edge, where the numbers are."""


@dataclass(frozen=True)
class Line:
    """A fixed line across all groups: where, what it is called, and whether it is the main one."""

    at: float
    label: str
    is_main: bool = False


def forest(
    rows: Sequence[Row],
    intervals: Sequence[tuple[float, float] | None],
    lines: Sequence[Line],
    lang: str,
    unit: str = "percent",
) -> dict[str, Any]:
    """A dot and its interval per group.

    Args:
        rows: one value each; drawn from the top in the order given.
        intervals: low and high per row, or None.
        lines: fixed lines; the scale always holds them.
        lang: for the axis.
        unit: of the values.

    Returns:
        plotly JSON; a group without a shown value has its name and reason, and no mark.
    """
    shown = [(place, row) for place, row in enumerate(rows) if row.values[0] is not None]
    ends = [end for place, _ in shown for end in intervals[place] or ()]
    values = [*[row.values[0] or 0.0 for _, row in shown], *ends]
    span = _span([*values, *[line.at * BEYOND for line in lines]])
    if unit == "percent" and all(0 <= value <= WHOLE for value in [*values, *[line.at for line in lines]]):
        span = max(span[0], 0.0), min(span[1], WHOLE)
    whiskers: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, _ in shown:
        interval = intervals[place]
        if interval is not None:
            whiskers["x"] += [*interval, None]
            whiskers["y"] += [place, place, None]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            **whiskers,
            "hoverinfo": "skip",
            "line": {"color": look.ACCENT, "width": 4},
            "cliponaxis": False,
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [row.values[0] for _, row in shown],
            "y": [place for place, _ in shown],
            "text": [f"{row.label}: {' '.join(part for part in row.written if part)}" for _, row in shown],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"size": 13, "color": look.ACCENT, "line": {"color": look.PAPER, "width": 2}},
            "cliponaxis": False,
        },
    ]
    return _drawn(rows, traces, lines, span, lang, unit)


def pairs(rows: Sequence[Row], lang: str, unit: str) -> dict[str, Any]:
    """Women and men per group on a scale of their own; positions, not lengths, so that it need not begin at zero.

    Args:
        rows: two values each, women then men.
        lang: for the axis.
        unit: of the values.
    """
    span = _span([value for row in rows for value in row.values[:2] if value is not None])
    joined: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, row in enumerate(rows):
        if row.values[0] is not None and row.values[1] is not None:
            joined["x"] += [row.values[0], row.values[1], None]
            joined["y"] += [place, place, None]
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            **joined,
            "hoverinfo": "skip",
            "cliponaxis": False,
            "line": {"color": "#8B8794", "width": 3},
        }
    ]
    for side, (colour, symbol, size) in enumerate(((look.WOMEN, "circle", 17), (look.MEN, "diamond", 12))):
        own = [(place, row) for place, row in enumerate(rows) if row.values[side] is not None]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [row.values[side] for _, row in own],
                "y": [place for place, _ in own],
                "text": [f"{row.label}: {row.written[side]}" for _, row in own],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {
                    "size": size,
                    "color": colour,
                    "symbol": symbol,
                    "line": {"color": look.PAPER, "width": 1.5},
                },
                "cliponaxis": False,
            }
        )
    return _drawn(rows, traces, (), span, lang, unit)


def _drawn(
    rows: Sequence[Row],
    traces: list[dict[str, Any]],
    lines: Sequence[Line],
    span: tuple[float, float],
    lang: str,
    unit: str,
) -> dict[str, Any]:
    shapes = [
        {
            "type": "line",
            "x0": span[0],
            "x1": span[1],
            "y0": place,
            "y1": place,
            "layer": "below",
            "line": {"color": look.LINE, "width": 1, "dash": "solid" if row.values[0] is not None else "dot"},
        }
        for place, row in enumerate(rows)
    ]
    shapes += [_fixed(line) for line in lines]
    written = [" / ".join(part for part in row.written if part) for row in rows]
    texts = look.headings(rows, written, EDGE, lift=8, **look.OVER)
    layout = look.layout(
        lang,
        look.pitch(rows) * len(rows) + FOOT + 4,
        margin={"l": EDGE, "r": EDGE, "t": 4, "b": FOOT},
        xaxis=look.axis(range=list(span), showticklabels=False),
        yaxis=look.axis(range=[len(rows) - 0.6, -0.74], showticklabels=False),
        shapes=shapes,
        annotations=[*texts, *_ticks(span, lang, unit)],
    )
    return {"data": traces, "layout": layout}


def _fixed(line: Line) -> dict[str, Any]:
    stroke = {
        "color": look.INK if line.is_main else look.QUIET,
        "width": 1.5,
        "dash": "solid" if line.is_main else "dash",
    }
    ends = {"yref": "paper", "x0": line.at, "x1": line.at, "y0": 0, "y1": 1}
    return {"type": "line", **ends, "layer": "below", "line": stroke}


def _span(values: Sequence[float]) -> tuple[float, float]:
    """A scale that holds every value, with ends that are round numbers."""
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    step = look.step(max(high - low, 1e-9) / (TICKS - 1), SIZES)
    return step * (low // step), step * -(-high // step) if high > low else low + step


def _ticks(span: tuple[float, float], lang: str, unit: str) -> list[dict[str, Any]]:
    step = look.step((span[1] - span[0]) / (TICKS - 1), SIZES)
    count = round((span[1] - span[0]) / step)
    # Long numbers stand at the ends only: between them there is no room on a narrow screen.
    shown = range(count + 1) if unit != "kr" else (0, count)
    decimals = look.decimals(step)
    marks = [span[0] + place * step for place in shown]
    return look.tick_notes([(at, numbers(lang).unit(at, unit, decimals)) for at in marks], EDGE)
