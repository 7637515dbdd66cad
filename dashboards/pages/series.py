"""Figures over time: one as a curve, several as panels.

Belongs here: from a figure's id to a whole figure block over time, with its heading and sentences.
Does not belong here: groups side by side (blocks.py), which figures a page shows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from dash import html

from dashboards.figures import panels, trend, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table
from dashboards.pages import blocks, parts
from dashboards.reading import Cell, is_hidden, is_shown
from dashboards.view import View

SEXES = ("K", "M")


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
        return blocks.missing(view, [figure], id)
    lines = _lines(view, figure, group)
    series = [{cell["period"]: cell for cell in view.reader.series(figure, line[2])} for line in lines]
    periods = list(series[0])
    where = view.label("department", group["department"]) if "department" in group else ""
    if not periods:
        reason = words("common.reasons.not_for_department", where=where) if where else view.reason(figure)
        return wrapper.missing(view, id, view.name(figure), [reason])
    rows = [_row(view, figure, period, series) for period in periods]
    name = words(f"blocks.over_time.{'chart_in' if where else 'chart'}", name=view.name(figure), where=where)
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
        [*sentences(view, figure, group), *also],
        name,
        [figure],
        list(group),
        blocks.persons(view, now),
    )
    return wrapper.figure(view, block, drawing)


def sentences(view: View, figure: str, group: Mapping[str, str]) -> list[str]:
    """What is said of a figure over time: what its value means, both sexes, the change, a new definition, the target."""
    now, cells = view.reader.cell(figure, **group), view.reader.series(figure, group)
    return [
        *parts.meaning(view, figure, now),
        *_both(view, figure, group),
        *_not_shown(view, figure, group, cells),
        *_moved(view, figure, group),
        *_redefined(view, figure, cells),
        *([] if group else _goal(view, figure)),
    ]


def _row(view: View, figure: str, period: str, series: Sequence[Mapping[str, Cell]]) -> Row:
    """One period: every line's cell."""
    label = view.numbers.short_period(period)
    return parts.row(view, figure, label, [cells.get(period) for cells in series], series[0][period])


def _lines(view: View, figure: str, group: Mapping[str, str]) -> list[tuple[str, str, dict[str, str]]]:
    """Style, name and group of each line: all, and women and men where they move as often."""
    lines = [("all", view.words("common.all"), dict(group))]
    if _is_by_sex(view, figure, group):
        lines += [
            (style, view.words(f"common.{style}"), {**group, "sex": sex})
            for style, sex in zip(("women", "men"), SEXES, strict=True)
        ]
    return lines


def _is_by_sex(view: View, figure: str, group: Mapping[str, str]) -> bool:
    """Whether women and men move as often as the whole, and any of them is shown."""
    if not view.reader.together(figure, list(group), [*group, "sex"]):
        return False
    return any(is_shown(cell) for sex in SEXES for cell in view.reader.series(figure, {**group, "sex": sex}))


def _not_shown(view: View, figure: str, group: Mapping[str, str], cells: Sequence[Cell]) -> list[str]:
    """That the period's value is hidden, and which one is the last that is not; or that only women and men are."""
    words, entry = view.words, view.release.figures[figure]
    now = view.reader.cell(figure, **group)
    if now is not None and is_hidden(now):
        said = [parts.hidden(view, figure, now)]
        last = next((cell for cell in reversed(cells) if is_shown(cell)), None)
        if last is not None:
            value = view.numbers.spoken(entry, last["value"])
            said.append(
                words("blocks.over_time.last", value=value, period=view.period(figure, last["period"]))
            )
        return [" ".join(said)]
    women = view.reader.cell(figure, **group, sex="K") if "sex" not in group else None
    is_apart = view.reader.together(figure, list(group), [*group, "sex"])
    return [words("blocks.over_time.sexes_hidden")] if is_apart and is_hidden(women) else []


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
    band = [blocks.interval(cell) for cell in cells] if is_one else []
    told = view.release.insights.get("targets", {}).get(figure, ()) if is_whole else ()
    steps = {step["period"]: step["path"] for step in told}
    path = [steps.get(cell["period"]) for cell in cells] if steps else []
    goal = None
    if is_whole and entry.get("target"):
        value = entry["target"]["value"]
        goal = trend.Target(value, words("common.target_line", value=view.numbers.brief(entry, value)))
    even = (entry.get("meaning") or {}).get("even")
    even = None if goal is not None and even == goal.value else even
    broken = _breaks(cells)
    keys = [] if is_one else [Key(f"line {style}", text) for style, text in lines]
    keys += [Key("band", words("common.interval"))] if any(band) else []
    keys += [Key("line way", words("blocks.over_time.path"))] if path else []
    keys += [Key("break", words("blocks.over_time.break"))] if broken else []
    if even is not None:
        keys.append(Key("line even", words("blocks.over_time.even", value=view.numbers.brief(entry, even))))
    styled = [("one" if is_one else style, text) for style, text in lines]
    beside = trend.Beside(goal, even, path, band, broken)
    picture = trend.trend(rows, styled, view.lang, unit=entry["unit"], beside=beside)
    return picture, tuple(keys)


def _breaks(cells: Sequence[Cell]) -> list[int]:
    """The places with which a new version of the definition begins."""
    return [
        place
        for place, (one, next_one) in enumerate(pairwise(cells), 1)
        if one["version"] != next_one["version"]
    ]


def _redefined(view: View, figure: str, cells: Sequence[Cell]) -> list[str]:
    """From when the latest definition holds, and what changed with it."""
    if not _breaks(cells):
        return []
    latest = view.release.figures[figure]["history"][-1]
    what = view.said(latest["change"]) if latest.get("change") else ""
    said = view.words("blocks.over_time.redefined", date=view.numbers.day(str(latest["valid_from"])))
    return [f"{said} {what}".strip()]


def _series_table(
    view: View, figure: str, name: str, rows: Sequence[Row], series: Sequence[str], cells: Sequence[Cell]
) -> Table:
    """The curve as a table, newest first, with intervals where there are any."""
    has_interval = any(blocks.interval(cell) for cell in cells)
    head = (view.words("common.period"), *series, *([view.words("common.interval")] if has_interval else []))
    made = [
        (row.label, *row.written, *([blocks.interval_written(view, figure, cell)] if has_interval else []))
        for row, cell in zip(rows, cells, strict=True)
    ]
    return Table(name, head, tuple(reversed(made)), is_newest_first=True)


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
    is_comparable = (
        before and now and is_shown(now) and is_shown(before) and now["version"] == before["version"]
    )
    return [f"{parts.change(view, figure, now, before, earlier)}."] if is_comparable else []


def _goal(view: View, figure: str) -> list[str]:
    stated = parts.goal(view, figure)
    return [stated] if stated else []


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
        blocks.persons(view, now),
    )
    return wrapper.figure(view, block, drawing)
