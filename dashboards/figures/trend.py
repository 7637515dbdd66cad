"""A figure over time: one line per series, with its last value beside it.

Belongs here: lines by month or year. Does not belong here: comparisons between groups at one time (lanes.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures import look
from dashboards.figures.drawing import Row

HEIGHT = 300
LEAST_SPAN = 4.0
FEW = 6
INTERVALS = 7
MOST_YEARS = 4
"""So many years have room below the lines on a narrow screen."""
STYLES = {
    "women": {"color": look.WOMEN, "dash": "solid", "symbol": "circle"},
    "men": {"color": look.MEN, "dash": "dash", "symbol": "diamond"},
    "all": {"color": look.QUIET, "dash": "dot", "symbol": "square"},
    "one": {"color": look.ACCENT, "dash": "solid", "symbol": "circle"},
}


@dataclass(frozen=True)
class Target:
    """A level to reach, and what it is called."""

    value: float
    label: str


@dataclass(frozen=True)
class Beside:
    """What stands beside the lines.

    `target` is a line across; `even` a level at which nobody is ahead; `path` where the way to the target should be, and `band`
    the 95 % interval of the first series, period by period; `breaks` are the places of the periods a new definition begins with.
    """

    target: Target | None = None
    even: float | None = None
    path: Sequence[float | None] = ()
    band: Sequence[tuple[float, float] | None] = ()
    breaks: Sequence[int] = ()


NOTHING = Beside()


def trend(
    rows: Sequence[Row],
    series: Sequence[tuple[str, str]],
    lang: str,
    *,
    unit: str = "percent",
    beside: Beside = NOTHING,
) -> dict[str, Any]:
    """Lines that break where a value is not shown.

    Args:
        rows: one per period, oldest first; `label` is the period as written, one value per series.
        series: (style, name) per series; styles are women, men, all, one.
        lang: for the axis.
        unit: of the values.
        beside: target, way to it, interval, breaks.

    Returns:
        plotly JSON. The scale follows the values (a share that moves by a point is a flat line on 0–100) and says so by its
        own ticks; lines carry no area that a cut axis could falsify.
    """
    drawn = [value for row in rows for value in row.values if value is not None]
    drawn += [value for value in (*beside.path, beside.even) if value is not None]
    drawn += [end for ends in beside.band if ends for end in ends]
    low, high = _span(drawn, beside.target)
    step = look.step((high - low) / INTERVALS)
    ticks = sorted({0, len(rows) - 1, *_middle(rows)}) if rows else []
    shapes, texts = _goal(beside.target, next((value for value in beside.path if value is not None), None))
    shapes += [_across(beside.even, width=1, dash="solid")] if beside.even is not None else []
    shapes += [_broken(place) for place in beside.breaks]
    layout = look.layout(
        lang,
        HEIGHT,
        margin={"l": 48, "r": 8, "t": 12, "b": 32},
        xaxis=look.axis(range=[-0.3, max(len(rows) - 0.7, 0.3)], showticklabels=False, tickvals=ticks),
        yaxis=look.axis(
            range=[low, high],
            showgrid=True,
            gridcolor="#ECE9E3",
            dtick=step,
            tickformat=f",.{look.decimals(step)}f",
            ticksuffix=look.sign(unit, lang),
        ),
        shapes=shapes,
        annotations=[*texts, *_dates(rows, ticks)],
    )
    lines = [_line(rows, number, style, name, beside.breaks) for number, (style, name) in enumerate(series)]
    return {"data": [*_bands(beside.band, beside.breaks), *_path(beside.path), *lines], "layout": layout}


def _middle(rows: Sequence[Row]) -> list[int]:
    """The period in the middle, where there is room for it between the first and the last on a narrow screen."""
    middle = len(rows) // 2
    if len(rows) <= MOST_YEARS and all(len(row.label) == len("2026") for row in rows):
        return list(range(len(rows)))
    return [middle] if len(rows) > FEW or (rows and len(rows[middle].label) <= len("2026")) else []


def _bands(band: Sequence[tuple[float, float] | None], breaks: Sequence[int]) -> list[dict[str, Any]]:
    """The interval as an area, in pieces: it breaks where nothing is shown, and where a new definition begins."""
    pieces: list[list[tuple[int, tuple[float, float]]]] = [[]]
    for place, ends in enumerate(band):
        if place in breaks:
            pieces.append([])
        if ends is None:
            pieces.append([])
        else:
            pieces[-1].append((place, ends))
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place for place, _ in piece] + [place for place, _ in reversed(piece)],
            "y": [ends[0] for _, ends in piece] + [ends[1] for _, ends in reversed(piece)],
            "fill": "toself",
            "fillcolor": look.BAND,
            "line": {"width": 0, "color": look.BAND},
            "hoverinfo": "skip",
        }
        for piece in pieces
        if piece
    ]


def _path(path: Sequence[float | None]) -> list[dict[str, Any]]:
    if not any(value is not None for value in path):
        return []
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(range(len(path))),
            "y": list(path),
            "hoverinfo": "skip",
            "line": {"color": look.INK, "width": 1.5, "dash": "dashdot"},
        }
    ]


def _line(rows: Sequence[Row], number: int, style: str, name: str, breaks: Sequence[int]) -> dict[str, Any]:
    look_of = STYLES[style]
    # A point without a value where a new definition begins: the line does not cross it.
    points: list[tuple[float, Row | None]] = [(place, row) for place, row in enumerate(rows)]
    points = sorted([*points, *((place - 0.5, None) for place in breaks)], key=lambda point: point[0])
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "x": [place for place, _ in points],
        "y": [row.values[number] if row else None for _, row in points],
        "text": [
            f"{name}, {row.label}: {row.written[number]}" if row and row.values[number] is not None else ""
            for _, row in points
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "connectgaps": False,
        "line": {"color": look_of["color"], "width": 2.5, "dash": look_of["dash"]},
        "marker": {"color": look_of["color"], "symbol": look_of["symbol"], "size": 6},
        "cliponaxis": False,
    }


def _goal(target: Target | None, path: float | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The target's line and its name, on the side where the way to it does not begin."""
    if target is None:
        return [], []
    return [_across(target.value, width=1.5, dash="dash")], [
        look.note(
            target.label,
            xref="paper",
            x=0,
            xanchor="left",
            y=target.value,
            yanchor="top" if path is not None and path > target.value else "bottom",
        )
    ]


def _broken(place: int) -> dict[str, Any]:
    """Where a new definition begins."""
    ends = {"yref": "paper", "y0": 0, "y1": 1, "x0": place - 0.5, "x1": place - 0.5}
    return {"type": "line", **ends, "line": {"color": look.QUIET, "width": 1.5, "dash": "dot"}}


def _across(level: float, **stroke: Any) -> dict[str, Any]:
    """A line over the whole width."""
    ends = {"xref": "paper", "x0": 0, "x1": 1, "y0": level, "y1": level}
    return {"type": "line", **ends, "line": {"color": look.INK, **stroke}}


def _dates(rows: Sequence[Row], ticks: Sequence[int]) -> list[dict[str, Any]]:
    """The first, middle and last period below the lines, kept inside the chart."""
    anchors = {0: "left", len(rows) - 1: "right"}
    return [
        look.note(
            rows[tick].label,
            x=tick,
            yref="paper",
            y=0,
            yshift=-6,
            xanchor=anchors.get(tick, "center"),
            yanchor="top",
            font={"size": look.SMALL, "color": look.QUIET},
        )
        for tick in ticks
    ]


def _span(values: Sequence[float], target: Target | None) -> tuple[float, float]:
    shown = [*values, *([target.value] if target else [])]
    if not shown:
        return 0.0, 100.0
    low, high = min(shown), max(shown)
    least = LEAST_SPAN if high > LEAST_SPAN else 0.2
    room = max((high - low) * 0.15, (least - (high - low)) / 2, least / 10)
    return max(low - room, 0.0) if low >= 0 else low - room, high + room
