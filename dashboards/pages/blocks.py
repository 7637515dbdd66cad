"""Blocks that any page can show for any figure: by group, and as tiles.

Belongs here: from a figure's id to a whole figure block, with its heading and sentences, whatever the figure's unit.
Does not belong here: figures over time (series.py), by two dimensions (matrices.py), which figures a page shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from dashboards.figures import bars, forest, lanes, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value, drawn
from dashboards.pages import parts
from dashboards.reading import Cell, is_shown
from dashboards.view import View

FEW = 14
SMALL_SHARE = 30.0


def missing(view: View, figures: Sequence[str], id: str) -> html.Section:
    """What stands where a figure would: its name, and which data are not connected."""
    return wrapper.missing(view, id, view.name(figures[0]), [view.reason(figure) for figure in figures])


def persons(view: View, cell: Cell | None) -> str:
    """How many persons are behind a cell, as written; empty where that is not shown."""
    return (
        view.numbers.plain(cell["n"]) if cell is not None and is_shown(cell) and cell["n"] is not None else ""
    )


def interval(cell: Cell | None) -> tuple[float, float] | None:
    """The ends of a shown cell's interval."""
    if cell is None or not is_shown(cell) or cell["low"] is None or cell["high"] is None:
        return None
    return float(cell["low"]), float(cell["high"])


def interval_written(view: View, figure: str, cell: Cell | None) -> str:
    """A cell's interval as written; `..` where the cell is hidden, a dash where it has none."""
    ends = interval(cell)
    if ends is None:
        return view.numbers.cell(view.release.figures[figure], cell) if not is_shown(cell) else "–"
    decimals = int(view.release.figures[figure]["decimals"])
    low, high = (view.numbers.plain(end, decimals) for end in ends)
    return view.words("common.interval_of", low=low, high=high)


def by_group(
    view: View, figure: str, id: str, dimensions: Sequence[str], *, choice: str = "by", controls: bool = True
) -> html.Section | None:
    """A figure by one of several dimensions: dots with intervals, or bars from zero; women and men where asked by sex."""
    words = view.words
    offered = [dimension for dimension in dimensions if view.reader.offers(figure, [dimension])]
    if not offered:
        return None
    chosen = view.choice(choice, offered, offered[0])
    options = {dimension: words(f"common.dimensions.{dimension}.by") for dimension in offered}
    control = (
        parts.switch(view, choice, words("blocks.by_group.switch"), options, chosen, id) if controls else None
    )
    cells = view.reader.rows(figure, [chosen])
    labels = view.labels(chosen, [cell[chosen] for cell in cells])
    found = [
        (parts.row(view, figure, label, [cell]), cell) for label, cell in zip(labels, cells, strict=True)
    ]
    cell_of = {row.label: cell for row, cell in found}
    rows = [row for row, _ in found]
    if chosen in parts.RANKED:
        rows = by_value(rows)
    kept = drawn(rows, FEW)
    name = words("blocks.by_group.chart", name=view.name(figure), by=words(f"common.dimensions.{chosen}.per"))
    picture, keys = _picture(view, figure, kept, [interval(cell_of[row.label]) for row in kept])
    has_interval = any(interval(cell) for cell in cells)
    head = (
        words(f"common.dimensions.{chosen}.one"),
        view.name(figure),
        *([words("common.interval")] if has_interval else []),
        words("common.n"),
    )
    table = tuple(
        (
            row.label,
            row.written[0],
            *([interval_written(view, figure, cell_of[row.label])] if has_interval else []),
            row.n,
        )
        for row in rows
    )
    if not any(row.values[0] is not None for row in rows):
        return wrapper.nothing_shown(view, id, name, Table(name, head, table), [control] if control else [])
    heading, sentences = _range(view, figure, name, rows, chosen)
    sentences += parts.largest(view, rows, kept)
    block = wrapper.Block(id, heading, sentences, name, [figure], [chosen])
    return wrapper.figure(
        view, block, Drawing(picture, Table(name, head, table), keys), [control] if control else []
    )


def _picture(
    view: View, figure: str, rows: Sequence[Row], intervals: Sequence[tuple[float, float] | None]
) -> tuple[dict[str, Any], tuple[Key, ...]]:
    """Dots with intervals where there are any, else bars from zero; never a bar below zero."""
    entry = view.release.figures[figure]
    unit = str(entry["unit"])
    values = [row.values[0] for row in rows if row.values[0] is not None]
    stated = entry.get("target")
    keys = (Key("line path", parts.target(view, figure)),) if stated else ()
    if any(intervals) or min(values, default=0.0) < 0:
        goal = [forest.Line(stated["value"], "", is_main=False)] if stated else []
        zero = [forest.Line(0.0, "", is_main=True)] if min(values, default=0.0) < 0 else []
        marks = (Key("dot", view.name(figure)), Key("line interval", view.words("common.interval")))
        return forest.forest(rows, intervals, [*zero, *goal], view.lang, unit), (*marks, *keys)
    if unit == "percent" and max(values, default=0.0) > SMALL_SHARE and not stated:
        return lanes.dots(rows, view.lang, has_band=False), keys
    own = view.own if any(row.label == view.own for row in rows) else ""
    keys = (Key("goal", parts.target(view, figure)),) if stated else ()
    return bars.lengths(rows, view.lang, unit, stated["value"] if stated else None, own=own), keys


def _range(view: View, figure: str, name: str, rows: Sequence[Row], dimension: str) -> tuple[str, list[str]]:
    """From the lowest to the highest group that is shown, in the heading and by name; and how many are not."""
    entry = view.release.figures[figure]
    shown = by_value([row for row in rows if row.values[0] is not None])
    hidden = parts.hidden_sentence(view, rows)
    if len(shown) < 2:
        return name, hidden
    high, low = (view.numbers.spoken(entry, row.values[0] or 0.0) for row in (shown[0], shown[-1]))
    if high == low:
        return view.words("blocks.by_group.same", name=view.name(figure), value=high), hidden
    heading = view.words(
        "blocks.by_group.heading",
        name=view.name(figure),
        low=view.numbers.plain(shown[-1].values[0] or 0.0, int(entry["decimals"])),
        high=high,
    )
    kind = "count" if entry["unit"] in parts.COUNTS else "other"
    said = view.words(
        f"blocks.by_group.{'range' if len(shown) == len(rows) else 'range_shown'}.{kind}",
        high=high,
        high_name=view.within(dimension, shown[0].label),
        low=low,
        low_name=view.within(dimension, shown[-1].label),
    )
    return heading, [said, *hidden]


def tiles(view: View, figures: Sequence[str], id: str, heading: str, lead: str = "") -> html.Section:
    """Figures as tiles: name, value, change, target; each leads to its own page."""
    shown = [parts.tile(view, figure) for figure in figures if view.reader.is_here(figure)]
    absent = [figure for figure in figures if not view.reader.is_here(figure)]
    reasons = dict.fromkeys(f"{view.name(figure)}: {view.reason(figure)}" for figure in absent)
    return html.Section(
        [
            html.H2(heading, id=id),
            html.P(lead, className="under") if lead else None,
            html.Ul(shown, className="tiles") if shown else None,
            html.Ul([html.Li(reason) for reason in reasons], className="plain absent") if reasons else None,
        ],
        **{"aria-labelledby": id},
    )
