"""Matrices: a figure by two dimensions as a heat map with printed values, in an order that is told by what is shown only.

Belongs here: that block for any figure.
Does not belong here: how a heat map is set (figures/wrapper.py), other blocks (blocks.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.figures import wrapper
from dashboards.figures.drawing import Table
from dashboards.pages import parts
from dashboards.reading import Cell, is_shown
from dashboards.view import View


def matrix(
    view: View, figure: str, id: str, across: str, down: str, limits: Sequence[float] | None = None
) -> html.Section:
    """A figure by two dimensions as a heat map with printed values, ordered by what is shown.

    `limits` are the upper ends of steps 1–4, in the figure's unit; without them a fifth of the largest shown value each.
    """
    words = view.words
    if not view.reader.offers(figure, [down, across]):
        return wrapper.missing(view, id, view.name(figure), [view.reason(figure, [down, across])])
    entry = view.release.figures[figure]
    cells = {(cell[down], cell[across]): cell for cell in view.reader.rows(figure, [down, across])}
    is_pairs = {down, across} == {"department", "other_department"}
    if is_pairs:
        cells |= {(second, first): cell for (first, second), cell in list(cells.items())}
    shown = [float(cell["value"]) for cell in cells.values() if is_shown(cell)]
    steps = list(limits) if limits else [max(shown, default=1.0) * share / 5 for share in (1, 2, 3, 4)]
    order_down, order_across = (_ordered(view, cells, side, name) for side, name in enumerate((down, across)))
    rows = [
        (
            view.label(down, first),
            [
                _shade(view, entry, cells.get((first, second)), steps, is_blank=is_pairs and first == second)
                for second in order_across
            ],
        )
        for first in order_down
    ]
    hidden = sum(not is_shown(cell) and cell["status"] == "hidden" for cell in cells.values()) // (
        2 if is_pairs else 1
    )
    by = words(
        "blocks.matrix.by",
        first=words(f"common.dimensions.{down}.per"),
        second=words(f"common.dimensions.{across}.one").lower(),
    )
    name = words(
        "blocks.matrix.chart",
        name=view.name(figure),
        by=words("common.dimensions.other_department.per") if is_pairs else by,
    )
    columns = [words(f"common.dimensions.{down}.one"), *[view.label(across, code) for code in order_across]]
    if not shown:
        written = tuple((label, *(shade.text for shade in shades)) for label, shades in rows)
        return wrapper.nothing_shown(view, id, name, Table(name, tuple(columns), written))
    sentences = [view.said(entry["question"]), _most(view, entry, cells, down, across)]
    if hidden:
        sentences.append(words.count("common.hidden", hidden, n=view.numbers.plain(hidden)))
    block = wrapper.Block(id, name, sentences, name, [figure], [down, across])
    return wrapper.heat(view, block, columns, rows)


def _most(
    view: View, entry: Mapping[str, Any], cells: Mapping[tuple[str, str], Cell], down: str, across: str
) -> str:
    """Which of the shown cells is the highest."""
    first, second = max(
        (pair for pair in cells if is_shown(cells[pair])), key=lambda pair: cells[pair]["value"]
    )
    return view.words(
        "blocks.matrix.most",
        first=view.within(down, view.label(down, first)),
        second=view.within(across, view.label(across, second)),
        value=view.numbers.spoken(entry, cells[first, second]["value"]),
    )


def _ordered(view: View, cells: Mapping[tuple[str, str], Cell], side: int, dimension: str) -> list[str]:
    """Codes by the sum of what is shown, largest first (a hidden cell counts nothing); ages and sexes in their own order."""
    if dimension not in parts.RANKED:
        found = {pair[side] for pair in cells}
        return [code for code in view.reader.levels(dimension) if code in found]
    sums: dict[str, float] = {}
    for pair, cell in cells.items():
        sums[pair[side]] = sums.get(pair[side], 0.0) + (float(cell["value"]) if is_shown(cell) else 0.0)
    return sorted(sums, key=lambda code: (-sums[code], code))


def _shade(
    view: View, entry: Mapping[str, Any], cell: Cell | None, steps: Sequence[float], *, is_blank: bool
) -> wrapper.Shade:
    if cell is None:
        return wrapper.Shade("." if is_blank else "-")
    if not is_shown(cell):
        return wrapper.Shade(view.numbers.cell(entry, cell))
    written = view.numbers.plain(cell["value"], int(entry["decimals"]))
    return wrapper.Shade(written, 1 + sum(float(cell["value"]) > step for step in steps))
