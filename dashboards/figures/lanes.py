"""Lanes: one line per group across 0–100 percent, its name above and its numbers to the right.

Belongs here: dot plots (one mark per group) and dumbbells (women and men per group).
Does not belong here: charts over time, bars.

The names stand above their lines, not beside them: the chart then reads the same at 320 px as on a wide screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards import numbers
from dashboards.figures import look
from dashboards.figures.drawing import Row

FOOT = 30
EDGE = 7
EVEN = (40.0, 60.0)


def dots(rows: Sequence[Row], lang: str, *, has_band: bool = True) -> dict[str, Any]:
    """A dot per group on an absolute 0–100 scale.

    Args:
        rows: one value each; drawn from the top in the order given.
        lang: for the axis.
        has_band: shade 40–60 percent, the range called even.

    Returns:
        plotly JSON; a group without a shown value has its name and reason, and no mark.
    """
    shown = [(place, row) for place, row in enumerate(rows) if row.values[0] is not None]
    trace = {
        "type": "scatter",
        "mode": "markers",
        "x": [row.values[0] for _, row in shown],
        "y": [place for place, _ in shown],
        "text": [f"{row.label}: {row.written[0]}" for _, row in shown],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 14, "color": look.WOMEN, "line": {"color": look.PAPER, "width": 2}},
        "cliponaxis": False,
    }
    return _lanes(rows, [trace], [row.written[0] for row in rows], lang, has_band=has_band)


def pairs(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    """Women and men per group, joined by a line as long as the gap; where they meet, the smaller mark lies on the larger.

    Args:
        rows: two values each, women then men; drawn from the top in the order given.
        lang: for the axis.

    Returns:
        plotly JSON.
    """
    joined: dict[str, list[float | None]] = {"x": [], "y": []}
    for place, row in enumerate(rows):
        if row.values[0] is not None and row.values[1] is not None:
            joined["x"] += [row.values[0], row.values[1], None]
            joined["y"] += [place, place, None]
    line = {
        "type": "scatter",
        "mode": "lines",
        **joined,
        "hoverinfo": "skip",
        "cliponaxis": False,
        "line": {"color": "#8B8794", "width": 3},
    }
    marks = [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [row.values[side] for row in rows if row.values[side] is not None],
            "y": [place for place, row in enumerate(rows) if row.values[side] is not None],
            "text": [f"{row.label}: {row.written[side]}" for row in rows if row.values[side] is not None],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "size": size,
                "color": colour,
                "symbol": symbol,
                "line": {"color": look.PAPER, "width": 1.5},
            },
            "cliponaxis": False,
        }
        for side, (colour, symbol, size) in enumerate(((look.WOMEN, "circle", 17), (look.MEN, "diamond", 12)))
    ]
    written = [numbers.bare(row.written[:2]) for row in rows]
    return _lanes(rows, [line, *marks], written, lang, has_band=False)


def _lanes(
    rows: Sequence[Row], traces: list[dict[str, Any]], written: Sequence[str], lang: str, *, has_band: bool
) -> dict[str, Any]:
    height = look.pitch(rows) * len(rows) + FOOT + 4
    shapes: list[dict[str, Any]] = []
    if has_band:
        shapes.append(
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": EVEN[0],
                "x1": EVEN[1],
                "y0": 0,
                "y1": 1,
                "fillcolor": look.BAND,
                "line": {"width": 0},
                "layer": "below",
            }
        )
    for place, row in enumerate(rows):
        is_empty = all(value is None for value in row.values)
        shapes.append(
            {
                "type": "line",
                "xref": "x",
                "yref": "y",
                "x0": 0,
                "x1": 100,
                "y0": place,
                "y1": place,
                "layer": "below",
                "line": {"color": look.LINE, "width": 1, "dash": "dot" if is_empty else "solid"},
            }
        )
    layout = look.layout(
        lang,
        height,
        margin={"l": EDGE, "r": EDGE, "t": 4, "b": FOOT},
        xaxis=look.percent_axis(),
        yaxis=look.axis(range=[len(rows) - 0.65, -0.72], showticklabels=False),
        shapes=shapes,
        annotations=[*look.headings(rows, written, EDGE), *look.percent_ticks(lang, EDGE)],
    )
    return {"data": traces, "layout": layout}
