"""Pictures for print: the same rows as on the pages, drawn as SVG with a text alternative.

Belongs here: a curve, and dots per group. Does not belong here: the charts of the pages (dashboards/figures).
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from dashboards.figures import look
from dashboards.figures.drawing import Row

WIDTH = 640
LANE = 40
CURVE = 190
LEFT, RIGHT = 8, 8
ASIDE = 84
"""Beside a curve: its last value stands there, clear of the line."""
FONT = "Liberation Sans, DejaVu Sans, sans-serif"
MARKS = ((look.WOMEN, "circle"), (look.MEN, "square"), (look.ACCENT, "circle"))


def image(drawing: str, alternative: str) -> str:
    """A drawing as an image element that says in words what it shows."""
    coded = b64encode(drawing.encode()).decode()
    return f'<img class="chart" alt="{escape(alternative)}" src="data:image/svg+xml;base64,{coded}">'


def lanes(rows: Sequence[Row]) -> str:
    """Dots on 0–100 percent, one lane per group; two values are women and men. What is not shown has no mark."""
    height = LANE * len(rows) + 24
    parts = []
    for place, row in enumerate(rows):
        y = LANE * place + 26
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="{look.LINE}"/>')
        parts.append(_text(LEFT, y - 9, row.label))
        parts.append(_text(WIDTH - RIGHT, y - 9, " / ".join(row.written), anchor="end", is_bold=True))
        for side, value in enumerate(row.values):
            if value is not None:
                mark = MARKS[side if len(row.values) > 1 else 2]
                parts.append(_mark(_across(value / 100), y, *mark))
    parts += [
        _text(
            _across(tick / 100),
            height - 4,
            str(tick),
            anchor={0: "start", 100: "end"}.get(tick, "middle"),
            colour=look.QUIET,
        )
        for tick in (0, 20, 40, 60, 80, 100)
    ]
    return _whole(height, parts)


def curve(rows: Sequence[Row]) -> str:
    """A line over time, broken where nothing is shown; the scale follows the values and is written out."""
    values = [row.values[0] for row in rows if row.values[0] is not None]
    if not values:
        return _whole(20, [])
    low, high = min(values), max(values)
    room = max((high - low) * 0.15, abs(high) * 0.005, 0.1)
    low, high = low - room if low < 0 else max(low - room, 0.0), high + room
    span = max(len(rows) - 1, 1)

    def at(place: int, value: float) -> tuple[float, float]:
        return 56 + (WIDTH - 56 - ASIDE) * place / span, CURVE - 34 - (CURVE - 60) * (value - low) / (
            high - low
        )

    # The ends of what is shown, so that a curve tells how far it moves.
    written = {row.values[0]: row.written[0] for row in rows}
    parts = []
    for value in dict.fromkeys((max(values), min(values))):
        y = at(0, value)[1]
        parts.append(f'<line x1="56" x2="{WIDTH - ASIDE}" y1="{y:.1f}" y2="{y:.1f}" stroke="{look.LINE}"/>')
        parts.append(_text(50, y + 4, written[value], anchor="end", colour=look.QUIET))
    colour, shape = MARKS[2]
    points = [
        (*at(place, row.values[0]), place) for place, row in enumerate(rows) if row.values[0] is not None
    ]
    for (x, y, place), (later_x, later_y, later) in pairwise(points):
        if later == place + 1:
            parts.append(
                f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{later_x:.1f}" y2="{later_y:.1f}" '
                f'stroke="{colour}" stroke-width="2"/>'
            )
    parts += [_mark(x, y, colour, shape, 3) for x, y, _ in points]
    x, y, place = points[-1]
    parts.append(_text(x + 8, y + 4, rows[place].written[0], is_bold=True))
    parts += [
        _text(at(0, low)[0], CURVE - 8, rows[0].label, colour=look.QUIET),
        _text(WIDTH - ASIDE, CURVE - 8, rows[-1].label, anchor="end", colour=look.QUIET),
    ]
    return _whole(CURVE, parts)


def _across(share: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * share


def _mark(x: float, y: float, colour: str, shape: str, size: float = 6) -> str:
    if shape == "square":
        corner = f'x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size}" height="{2 * size}"'
        return f'<rect {corner} fill="{colour}" stroke="#fff"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}" stroke="#fff"/>'


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", colour: str = look.INK, is_bold: bool = False
) -> str:
    weight = ' font-weight="bold"' if is_bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(text)}</text>'
    )


def _whole(height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'font-family="{FONT}" font-size="13">{"".join(parts)}</svg>'
    )
