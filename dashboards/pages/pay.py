"""Lön: gaps with their uncertainty, women's and men's pay side by side, who is in which quarter, and what explains the gap.

Belongs here: pay. Does not belong here: employment terms (conditions.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards.figures import bars, forest, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value, drawn
from dashboards.pages import blocks, measures, parts, series
from dashboards.reading import Cell, is_hidden, is_shown
from dashboards.view import View

GAP, RAW, ADJUSTED, MEDIAN, QUARTILES = (
    "pay_gap_median",
    "pay_gap_mean",
    "pay_gap_adjusted",
    "pay_median",
    "pay_quartiles",
)
GROUPS = ("occupation_group", "department", "age_group")
SIGNIFICANT = 5.0
FEW = 14


def render(view: View) -> html.Div:
    """The page."""
    return parts.page(
        view,
        view.words("pay.lead"),
        _explained(view),
        _forest(view),
        _levels(view),
        _quartiles(view),
        series.over_time(view, "pay_ratio_median", "ratio"),
        measures.section(view, view.release.figures[RAW]) if RAW in view.release.figures else None,
    )


def _lines(view: View) -> list[forest.Line]:
    return [
        forest.Line(0.0, view.words("pay.zero"), is_main=True),
        forest.Line(SIGNIFICANT, view.words("pay.five")),
    ]


def _keys(view: View) -> tuple[Key, ...]:
    return (
        Key("dot", view.words("pay.gap")),
        Key("line interval", view.words("common.interval")),
        Key("line all zero", view.words("pay.zero")),
        Key("line path", view.words("pay.five")),
    )


def _explained(view: View) -> html.Section:
    """The whole gap, and what is left of it among people in work of equal value."""
    words = view.words
    here = [figure for figure in (RAW, ADJUSTED) if view.reader.is_here(figure)]
    if not here:
        return wrapper.missing(view, "explained", words("pay.explained.name"), [view.reason(RAW)])
    cells = {figure: view.reader.cell(figure) for figure in here}
    rows = [parts.row(view, figure, view.name(figure), [cells[figure]]) for figure in here]
    raw, left = cells.get(RAW), cells.get(ADJUSTED)
    heading = _gap_said(view, "heading", raw) or words("pay.explained.name")
    sentences = [parts.hidden(view, RAW, raw)] if raw is not None and is_hidden(raw) else []
    sentences += [*_left_said(view, left), parts.goal(view, here[-1])]
    sentences = [each for each in sentences if each]
    intervals = [blocks.interval(cells[figure]) for figure in here]
    name = words("pay.explained.chart")
    head = (words("common.key_figure"), words("pay.gap"), words("common.interval"))
    table = tuple(
        (row.label, row.written[0], blocks.interval_written(view, figure, cells[figure]))
        for row, figure in zip(rows, here, strict=True)
    )
    drawing = Drawing(
        forest.forest(rows, intervals, _lines(view), view.lang), Table(name, head, table), _keys(view)
    )
    return wrapper.figure(
        view,
        wrapper.Block("explained", heading, sentences, name, here, (), blocks.persons(view, raw)),
        drawing,
    )


def _gap_said(view: View, key: str, cell: Cell | None) -> str:
    """How large a gap is, and in whose favour; empty where it is not shown."""
    if cell is None or not is_shown(cell):
        return ""
    entry = view.release.figures[RAW]
    size = view.numbers.spoken(entry, abs(cell["value"]))
    return view.words(f"pay.explained.{key}.{_side(entry, cell)}", gap=size)


def _left_said(view: View, left: Cell | None) -> list[str]:
    """What is left among people in work of equal value, where the rest comes from, and whether what is left may be chance."""
    said = _gap_said(view, "left", left)
    if not said:
        return []
    ends = blocks.interval(left)
    certain = [] if ends is None else ["differs" if ends[0] > 0 or ends[1] < 0 else "cannot_tell"]
    return [said, *[view.words(f"pay.explained.{key}") for key in ("what", *certain)]]


def _of_shown(view: View, what: str, number: int, shown: int) -> str:
    """In how many of the shown groups something holds."""
    form = "heading" if shown > 1 else "only"
    return view.words.count(
        f"pay.{what}.{form}", number, n=view.numbers.plain(number), of=view.numbers.plain(shown)
    )


def _side(entry: Mapping[str, Any], cell: Cell) -> str:
    """Whose pay is higher, of a gap as it is written."""
    gap = round(float(cell["value"]), int(entry["decimals"]))
    return "women" if gap < 0 else "men" if gap > 0 else "none"


def _forest(view: View) -> html.Section:
    """The gap in medians by group, with intervals."""
    words = view.words
    offered = [dimension for dimension in GROUPS if view.reader.offers(GAP, [dimension])]
    if not offered:
        return blocks.missing(view, [GAP], "gaps")
    chosen = view.choice("by", offered, offered[0])
    options = {dimension: words(f"common.dimensions.{dimension}.by") for dimension in offered}
    control = parts.switch(view, "by", words("blocks.by_group.switch"), options, chosen, "gaps")
    cells = view.reader.rows(GAP, [chosen])
    labels = view.labels(chosen, [cell[chosen] for cell in cells])
    cell_of = dict(zip(labels, cells, strict=True))
    rows = by_value([parts.row(view, GAP, label, [cell]) for label, cell in cell_of.items()])
    kept = drawn(rows, FEW)
    intervals = [blocks.interval(cell_of[row.label]) for row in kept]
    over = [row for row in rows if row.values[0] is not None and abs(row.values[0]) >= SIGNIFICANT]
    shown = [row for row in rows if row.values[0] is not None]
    sentences = [words("pay.gaps.how"), *parts.hidden_sentence(view, rows)]
    sentences += parts.largest(view, rows, kept)
    name = words("pay.gaps.chart", by=words(f"common.dimensions.{chosen}.per"))
    head = (
        words(f"common.dimensions.{chosen}.one"),
        words("pay.gap"),
        words("common.interval"),
        words("common.n"),
    )
    table = tuple(
        (row.label, row.written[0], blocks.interval_written(view, GAP, cell_of[row.label]), row.n)
        for row in rows
    )
    if not shown:
        return wrapper.nothing_shown(view, "gaps", name, Table(name, head, table), [control])
    drawing = Drawing(
        forest.forest(kept, intervals, _lines(view), view.lang), Table(name, head, table), _keys(view)
    )
    heading = _of_shown(view, "gaps", len(over), len(shown))
    block = wrapper.Block("gaps", heading, sentences, name, [GAP], [chosen])
    return wrapper.figure(view, block, drawing, [control])


def _levels(view: View) -> html.Section:
    """Women's and men's median pay by occupation group."""
    words, by = view.words, "occupation_group"
    if not view.reader.offers(MEDIAN, [by, "sex"]):
        return blocks.missing(view, [MEDIAN], "levels")
    cells = {(cell[by], cell["sex"]): cell for cell in view.reader.rows(MEDIAN, [by, "sex"])}
    codes = dict.fromkeys(code for code, _ in cells)
    rows = []
    for code in codes:
        sides = [cells.get((code, sex)) for sex in ("K", "M")]
        known = [int(cell["n"]) for cell in sides if cell is not None and is_shown(cell)]
        found = parts.row(view, MEDIAN, view.label(by, code), sides)
        rows.append(
            Row(
                found.label,
                found.values,
                found.written,
                view.numbers.plain(sum(known)) if len(known) == len(sides) else parts.unshown(*sides),
                float(sum(known)),
            )
        )
    rows = by_value(rows)
    kept = drawn(rows, FEW)
    written = [
        Row(row.label, row.values, tuple(part.replace("\u00a0kr", "") for part in row.written))
        for row in kept
    ]
    shown = [row for row in rows if None not in row.values]
    ahead = sum((row.values[0] or 0.0) > (row.values[1] or 0.0) for row in shown)
    sentences = [words("pay.levels.how"), *parts.hidden_sentence(view, rows)]
    sentences += parts.largest(view, rows, kept)
    name = words("pay.levels.chart")
    heading = _of_shown(view, "levels", ahead, len(shown)) if shown else name
    head = (
        words("common.dimensions.occupation_group.one"),
        words("common.women"),
        words("common.men"),
        words("common.n"),
    )
    keys = (
        Key("women", words("common.women")),
        Key("men", words("common.men")),
        Key("none", words("pay.levels.order")),
    )
    table = Table(name, head, tuple((row.label, *row.written, row.n) for row in rows))
    if not any(value is not None for row in rows for value in row.values):
        return wrapper.nothing_shown(view, "levels", name, table)
    drawing = Drawing(forest.pairs(written, view.lang, "kr"), table, keys)
    block = wrapper.Block("levels", heading, sentences, name, [MEDIAN], [by, "sex"])
    return wrapper.figure(view, block, drawing)


def _quartiles(view: View) -> html.Section:
    """Women and men in each quarter of all who are ranked by pay."""
    words = view.words
    cells = view.reader.rows(QUARTILES, ["pay_quartile"])
    if not cells:
        return blocks.missing(view, [QUARTILES], "quartiles")
    entry = view.release.figures[QUARTILES]
    rows = []
    for cell in reversed(cells):
        women = parts.row(view, QUARTILES, view.label("pay_quartile", cell["pay_quartile"]), [cell])
        men = None if women.values[0] is None else round(100 - women.values[0], int(entry["decimals"]))
        said = women.written[0] if men is None else view.numbers.value(entry, men)
        rows.append(Row(women.label, (women.values[0], men), (women.written[0], said), women.n))
    heading, top, bottom = view.name(QUARTILES), rows[0].values[0], rows[-1].values[0]
    if top is not None and bottom is not None:
        heading = words(
            "pay.quartiles.heading",
            top=view.numbers.spoken(entry, top),
            bottom=view.numbers.spoken(entry, bottom),
        )
    name = words("pay.quartiles.chart")
    head = (
        words("common.dimensions.pay_quartile.one"),
        words("common.women"),
        words("common.men"),
        words("common.n"),
    )
    drawing = Drawing(
        bars.sexes(rows, view.lang),
        Table(name, head, tuple((row.label, *row.written, row.n) for row in rows)),
        (
            Key("women", words("common.women")),
            Key("men striped", words("common.men")),
            Key("none", words("common.order_of_numbers")),
        ),
    )
    block = wrapper.Block(
        "quartiles",
        heading,
        [words("pay.quartiles.how"), *parts.hidden_sentence(view, rows)],
        name,
        [QUARTILES],
        ["pay_quartile"],
    )
    return wrapper.figure(view, block, drawing)
