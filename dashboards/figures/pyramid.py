"""The age–sex pyramid: women to the left, men to the right, one bar per age group.

Belongs here: that one chart. Does not belong here: other bars (bars.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards.figures import look
from dashboards.figures.drawing import Row

PITCH = 70
SIDES = ((look.WOMEN, look.WOMEN_PATTERN, -1), (look.MEN, look.MEN_PATTERN, 1))


def pyramid(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    """Bars of persons from a common zero.

    Args:
        rows: one per age group, youngest first; values are women, men (persons).
        lang: for the numbers' form.

    Returns:
        plotly JSON; the scale is the same on both sides, a group that is not shown has its reason and no bar.
    """
    largest = max((value for row in rows for value in row.values if value is not None), default=1.0)
    reach = largest * 1.02
    traces = [_side(rows, side) for side in range(len(SIDES))]
    above = {"yanchor": "bottom", "yshift": 15}
    texts = [
        look.note(
            f"<b>{row.written[side]}</b>",
            x=0,
            y=place,
            xshift=sign * 6,
            xanchor="left" if sign > 0 else "right",
            **above,
        )
        for side, (_, _, sign) in enumerate(SIDES)
        for place, row in enumerate(rows)
    ]
    texts += [
        look.note(row.label, xref="paper", x=0, xanchor="left", y=place, **above)
        for place, row in enumerate(rows)
    ]
    layout = look.layout(
        lang,
        PITCH * len(rows) + 16,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        barmode="overlay",
        xaxis=look.axis(
            range=[-reach, reach],
            showticklabels=False,
            zeroline=True,
            zerolinecolor=look.QUIET,
            zerolinewidth=1,
        ),
        yaxis=look.axis(range=[-0.5, len(rows) - 0.3], showticklabels=False),
        annotations=texts,
    )
    return {"data": traces, "layout": layout}


def _side(rows: Sequence[Row], side: int) -> dict[str, Any]:
    """The bars of one sex, for the groups that are shown."""
    colour, pattern, sign = SIDES[side]
    shown = [(place, row) for place, row in enumerate(rows) if row.values[side] is not None]
    return {
        "type": "bar",
        "orientation": "h",
        "x": [sign * (row.values[side] or 0.0) for _, row in shown],
        "y": [place for place, _ in shown],
        "text": [f"{row.label}: {row.written[side]}" for _, row in shown],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"color": colour, "pattern": pattern, "line": {"color": colour, "width": 1}},
        "width": 0.4,
    }
