"""Blocks that any page can show for any figure: over time, by group, as a forest, as a matrix, as panels.

Belongs here: from a figure's id to a whole figure block, with its heading and sentences, whatever the figure's unit.
Does not belong here: which figures a page shows, and sentences that only one page has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.figures import bars, forest, lanes, panels, trend, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value, drawn
from dashboards.pages import parts
from dashboards.reading import Cell, is_shown
from dashboards.view import View

FEW = 14
SEXES = ("K", "M")
SMALL_SHARE = 30.0


def missing(view: View, figures: Sequence[str], id: str) -> html.Section:
    """What stands where a figure would: its name, and which data are not connected."""
    return wrapper.missing(view, id, view.name(figures[0]), [view.reason(figure) for figure in figures])


def over_time(
    view: View,
    figure: str,
    id: str,
    group: Mapping[str, str] | None = None,
    *,
    said: str = "",
    also: Sequence[str] = (),
) -> html.Section:
    """A figure's curve: all, women and men where both are published, the interval, and the way to the target.

    `said` names texts of a page's own, `heading` and `chart`; `also` are further sentences.
    """
    words = view.words
    group = dict(group or {})
    if not view.reader.is_here(figure):
        return missing(view, [figure], id)
    lines = _lines(view, figure, group)
    series = [{cell["period"]: cell for cell in view.reader.series(figure, line[2])} for line in lines]
    periods = list(series[0])
    where = view.label("department", group["department"]) if "department" in group else ""
    if not periods:
        reason = words("common.reasons.not_for_department", where=where) if where else view.reason(figure)
        return wrapper.missing(view, id, view.name(figure), [reason])
    rows = [
        parts.row(
            view,
            figure,
            view.numbers.short_period(period),
            [cells.get(period) for cells in series],
            series[0][period],
        )
        for period in periods
    ]
    name = words("blocks.over_time.chart", name=view.name(figure))
    if said:
        name = words(f"{said}.chart", where=where or words("common.choose.whole_in"))
    cells = list(series[0].values())
    table = _series_table(view, figure, name, rows, [text for _, text, _ in lines], cells)
    picture, keys = _curve(view, figure, rows, [line[:2] for line in lines], cells, is_whole=not group)
    drawing = Drawing(picture, table, keys)
    now = view.reader.cell(figure, **group)
    block = wrapper.Block(
        id,
        _finding(view, figure, now, said),
        [
            *_both(view, figure, group),
            *_moved(view, figure, group),
            *([] if group else _goal(view, figure)),
            *parts.hidden_sentence(view, rows[-1:]),
            *also,
        ],
        name,
        [figure],
        list(group),
        persons(view, now),
    )
    return wrapper.figure(view, block, drawing)


def _lines(view: View, figure: str, group: Mapping[str, str]) -> list[tuple[str, str, dict[str, str]]]:
    """Style, name and group of each line: all, and women and men where they move as often."""
    lines = [("all", view.words("common.all"), dict(group))]
    if view.reader.together(figure, list(group), [*group, "sex"]):
        lines += [
            (style, view.words(f"common.{style}"), {**group, "sex": sex})
            for style, sex in zip(("women", "men"), SEXES, strict=True)
        ]
    return lines


def _curve(
    view: View,
    figure: str,
    rows: Sequence[Row],
    lines: Sequence[tuple[str, str]],
    cells: Sequence[Cell],
    *,
    is_whole: bool,
) -> tuple[dict[str, Any], tuple[Key, ...]]:
    """The lines with the interval of a single one, and for the whole the target and the way to it."""
    words, entry = view.words, view.release.figures[figure]
    is_one = len(lines) == 1
    band = [interval(cell) for cell in cells] if is_one else []
    told = view.release.insights.get("targets", {}).get(figure, ()) if is_whole else ()
    steps = {step["period"]: step["path"] for step in told}
    path = [steps.get(cell["period"]) for cell in cells] if steps else []
    goal = None
    if is_whole and entry.get("target"):
        value = entry["target"]["value"]
        goal = trend.Target(value, words("common.target_line", value=view.numbers.brief(entry, value)))
    keys = [] if is_one else [Key(f"line {style}", text) for style, text in lines]
    keys += [Key("band", words("blocks.over_time.band"))] if any(band) else []
    keys += [Key("line path", words("blocks.over_time.path"))] if path else []
    styled = [("one" if is_one else style, text) for style, text in lines]
    picture = trend.trend(rows, styled, view.lang, unit=entry["unit"], target=goal, path=path, band=band)
    return picture, tuple(keys)


def _series_table(
    view: View, figure: str, name: str, rows: Sequence[Row], series: Sequence[str], cells: Sequence[Cell]
) -> Table:
    """The curve as a table, newest first, with intervals where there are any."""
    has_interval = any(interval(cell) for cell in cells)
    head = (view.words("common.period"), *series, *([view.words("common.interval")] if has_interval else []))
    made = [
        (row.label, *row.written, *([interval_written(view, figure, cell)] if has_interval else []))
        for row, cell in zip(rows, cells, strict=True)
    ]
    return Table(name, head, tuple(reversed(made)))


def _finding(view: View, figure: str, now: Cell | None, said: str = "") -> str:
    if now is None or not is_shown(now):
        return view.name(figure)
    spoken = view.numbers.spoken(view.release.figures[figure], now["value"])
    if said:
        return view.words(f"{said}.heading", share=spoken)
    return view.words("blocks.over_time.heading", name=view.name(figure), value=spoken)


def _both(view: View, figure: str, group: Mapping[str, str]) -> list[str]:
    if not view.reader.together(figure, list(group), [*group, "sex"]):
        return []
    women, men = (view.reader.cell(figure, **group, sex=sex) for sex in SEXES)
    if women is None or men is None or not (is_shown(women) and is_shown(men)):
        return []
    entry = view.release.figures[figure]
    said = [view.numbers.spoken(entry, cell["value"]) for cell in (women, men)]
    return [view.words("blocks.over_time.both", women=said[0], men=said[1])]


def _moved(view: View, figure: str, group: Mapping[str, str]) -> list[str]:
    """The change since a year or a round before: as the release judged it, where it did."""
    earlier = view.reader.before(figure, list(group))
    if earlier is None:
        return []
    told = [change for change in view.release.insights.get("changes", ()) if change["figure"] == figure]
    if (
        not group
        and told
        and told[0]["period"] == view.reader.at(figure)
        and told[0]["verdict"] != "cannot_be_judged"
    ):
        return [view.said(told[0]["sentence"])]
    now = view.reader.cell(figure, **group)
    before = next(
        (
            cell
            for cell in view.release.records(figure, list(group)).get(earlier, [])
            if all(cell[name] == code for name, code in group.items())
        ),
        None,
    )
    return (
        [f"{parts.change(view, figure, now, before, earlier)}."] if is_shown(now) and is_shown(before) else []
    )


def _goal(view: View, figure: str) -> list[str]:
    stated = parts.goal(view, figure)
    return [stated] if stated else []


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
    labels = [view.label(chosen, cell[chosen]) for cell in cells]
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
    heading, sentences = _range(view, figure, name, rows)
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
    return bars.lengths(rows, view.lang, unit, stated["value"] if stated else None), keys


def _range(view: View, figure: str, name: str, rows: Sequence[Row]) -> tuple[str, list[str]]:
    """From the lowest to the highest group that is shown, in the heading and by name; and how many are not."""
    entry = view.release.figures[figure]
    shown = by_value([row for row in rows if row.values[0] is not None])
    heading, sentences = name, []
    if len(shown) > 1:
        low = view.numbers.plain(shown[-1].values[0] or 0.0, int(entry["decimals"]))
        high = view.numbers.spoken(entry, shown[0].values[0] or 0.0)
        heading = view.words("blocks.by_group.heading", name=view.name(figure), low=low, high=high)
        sentences.append(
            view.words(
                "blocks.by_group.range" if len(shown) == len(rows) else "blocks.by_group.range_shown",
                high=view.numbers.spoken(entry, shown[0].values[0] or 0.0),
                high_name=shown[0].label,
                low=view.numbers.spoken(entry, shown[-1].values[0] or 0.0),
                low_name=shown[-1].label,
            )
        )
    return heading, [*sentences, *parts.hidden_sentence(view, rows)]


def curves(view: View, figures: Sequence[str], id: str, title: str, chart: str) -> html.Section:
    """Several figures as panels on one scale."""
    here = [figure for figure in figures if view.reader.is_here(figure)]
    if not here:
        return wrapper.missing(view, id, title, [view.reason(figures[0])])
    periods = [cell["period"] for cell in view.reader.series(here[0])]
    shown = []
    for figure in here:
        cells = {cell["period"]: cell for cell in view.reader.series(figure)}
        row = parts.row(view, figure, view.name(figure), [cells.get(period) for period in periods])
        shown.append(panels.Panel(row.label, row.values, row.written))
    entry = view.release.figures[here[0]]
    stated = entry.get("target")
    goal = stated["value"] if stated else None
    ends = panels.scale(shown, goal)
    low, high = (view.numbers.plain(end) for end in ends)
    said = [view.numbers.short_period(period) for period in periods]
    head = (view.words("common.key_figure"), *said)
    drawing = Drawing(
        panels.panels(shown, said, view.lang, ends, goal),
        Table(chart, head, tuple((panel.name, *panel.written) for panel in shown)),
        (
            *((Key("line path", parts.target(view, here[0])),) if stated else ()),
            Key("none", view.words("blocks.curves.scale", low=low, high=high)),
        ),
    )
    now = view.reader.cell(here[0])
    block = wrapper.Block(
        id,
        _finding(view, here[0], now),
        [*_moved(view, here[0], {}), *_goal(view, here[0])],
        chart,
        here,
        (),
        persons(view, now),
    )
    return wrapper.figure(view, block, drawing)


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
