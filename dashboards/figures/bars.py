"""Bars to 100 percent: how a whole is shared out, one bar per group.

Belongs here: stacked shares. Does not belong here: the pyramid (pyramid.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dashboards import numbers
from dashboards.figures import look
from dashboards.figures.drawing import Row

PITCH = 68
ROOM_FOR_TEXT = 18.0
GOAL = 0.18
TICKS = 5
THICK = 13
"""Pixels of a bar, however far apart they stand."""
NEARLY = 0.9
"""A tick as far out as this has no room to its right."""
PATTERNS = (
    {"shape": ""},
    {"shape": ""},
    {"shape": ".", "fillmode": "overlay", "fgcolor": look.ACCENT, "size": 6, "solidity": 0.25},
)
INKS = (look.PAPER, look.INK, look.INK)


def shares(rows: Sequence[Row], parts: Sequence[str], lang: str) -> dict[str, Any]:
    """One bar per group from 0 to 100 percent.

    Args:
        rows: one value per part each.
        parts: the parts' names, at most three.
        lang: for the axis.

    Returns:
        plotly JSON; a group with any part hidden has no bar at all (its length would tell), only its reason.
    """
    whole = [(place, row) for place, row in enumerate(rows) if all(value is not None for value in row.values)]
    traces = [_part(whole, part, name) for part, name in enumerate(parts)]
    texts = [
        look.note(row.label, xref="paper", x=0, xanchor="left", y=place, yanchor="bottom", yshift=15)
        for place, row in enumerate(rows)
    ]
    texts += [
        look.note(
            f"<b>{numbers.bare(row.written)}</b>",
            xref="paper",
            x=1,
            xanchor="right",
            y=place,
            yanchor="bottom",
            yshift=15,
        )
        for place, row in enumerate(rows)
    ]
    layout = look.layout(
        lang,
        PITCH * len(rows) + 34,
        margin={"l": 1, "r": 1, "t": 4, "b": 30},
        barmode="stack",
        xaxis=look.percent_axis(),
        yaxis=look.axis(range=[len(rows) - 0.5, -0.75], showticklabels=False),
        annotations=[*texts, *look.percent_ticks(lang, 1)],
    )
    return {"data": traces, "layout": layout}


def _part(whole: Sequence[tuple[int, Row]], part: int, name: str) -> dict[str, Any]:
    """One part of every bar; its number stands in it where there is room at any width."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": [row.values[part] for _, row in whole],
        "y": [place for place, _ in whole],
        "text": [row.written[part] if (row.values[part] or 0) >= ROOM_FOR_TEXT else "" for _, row in whole],
        "hovertext": [f"{row.label}, {name.lower()}: {row.written[part]}" for _, row in whole],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "constraintext": "none",
        "textfont": {"size": look.SMALL, "color": INKS[part]},
        "marker": {
            "color": look.STEPS[part],
            "pattern": PATTERNS[part],
            "line": {"color": look.PAPER, "width": 1.5},
        },
        "width": 0.42,
    }


def sexes(rows: Sequence[Row], lang: str) -> dict[str, Any]:
    """One bar per group from 0 to 100 percent, women then men.

    Args:
        rows: two values each, women and men, together 100.
        lang: for the axis.
    """
    drawn = shares(rows, ("", ""), lang)
    for side, (colour, pattern) in enumerate(
        ((look.WOMEN, look.WOMEN_PATTERN), (look.MEN, look.MEN_PATTERN))
    ):
        drawn["data"][side]["marker"] |= {"color": colour, "pattern": pattern}
        drawn["data"][side]["text"] = ["" for _ in drawn["data"][side]["x"]]
        drawn["data"][side]["hovertext"] = [
            f"{row.label}: {row.written[side]}"
            for row in rows
            if all(value is not None for value in row.values)
        ]
    return drawn


def lengths(
    rows: Sequence[Row],
    lang: str,
    unit: str = "percent",
    target: float | None = None,
    reach: float | None = None,
    own: str = "",
) -> dict[str, Any]:
    """One bar per group from zero, for values that are not read on 0–100.

    Args:
        rows: one value each, drawn from the top in the order given.
        lang: for the axis.
        unit: of the values.
        target: a line across all bars.
        reach: where the scale ends, if that is given by what the values are.
        own: the group that the others are compared with: it alone keeps the full colour.

    Returns:
        plotly JSON; the scale begins at zero and ends above the largest shown value.
    """
    shown = [(place, row) for place, row in enumerate(rows) if row.values[0] is not None]
    reach = (
        reach or max([row.values[0] or 0.0 for _, row in shown] + [target or 0.0], default=1.0) * 1.02 or 1.0
    )
    trace = {
        "type": "bar",
        "orientation": "h",
        "x": [row.values[0] for _, row in shown],
        "y": [place for place, _ in shown],
        "text": [f"{row.label}: {row.written[0]}" for _, row in shown],
        "textposition": "none",
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "color": [look.ACCENT if own in ("", row.label) else look.STEPS[1] for _, row in shown],
            "line": {"width": 0},
        },
        "width": THICK / look.pitch(rows),
    }
    layout = look.layout(
        lang,
        look.pitch(rows) * len(rows) + 34,
        margin={"l": 1, "r": 1, "t": 4, "b": 30},
        xaxis=look.axis(range=[0, reach], showticklabels=False),
        shapes=[] if target is None else _goals(target, len(rows)),
        yaxis=look.axis(range=[len(rows) - 0.6, -0.75], showticklabels=False),
        annotations=[
            *look.headings(rows, [row.written[0] for row in rows], **look.OVER),
            *_ticks(reach, lang, unit),
        ],
    )
    return {"data": [trace], "layout": layout}


def _ticks(reach: float, lang: str, unit: str) -> list[dict[str, Any]]:
    """From zero up to where the scale ends, at round numbers."""
    step = look.step(reach / TICKS)
    decimals = look.decimals(step)
    marks = [place * step for place in range(int(reach / step) + 1)]
    written = [(at, numbers.numbers(lang).unit(at, unit, decimals)) for at in marks]
    return look.tick_notes(written, 0, fills=marks[-1] > NEARLY * reach)


def _goals(target: float, rows: int) -> list[dict[str, Any]]:
    """The target as a mark across each bar, edged in white: a line over the whole chart would strike through the numbers."""
    return [
        {
            "type": "line",
            "x0": target,
            "x1": target,
            "y0": place - GOAL,
            "y1": place + GOAL,
            "line": {"color": colour, "width": width},
        }
        for place in range(rows)
        for colour, width in ((look.PAPER, 7), (look.INK, 3))
    ]
