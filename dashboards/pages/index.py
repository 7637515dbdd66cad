"""The open equality index and its nine parts.

Belongs here: that one block. Does not belong here: how the index is reckoned (pipelines/measures/equality.py).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.figures import bars, wrapper
from dashboards.figures.drawing import Drawing, Row, Table, by_value
from dashboards.numbers import NOT_REPORTED
from dashboards.pages import blocks, parts
from dashboards.reading import is_shown
from dashboards.view import View

INDEX = "equality_index"


def section(view: View) -> html.Section:
    """The index, and how far each of its parts is from equal: 100 is equal."""
    words, year = view.words, view.reader.at(INDEX)
    told = view.release.insights.get(INDEX, {}).get(year, ()) if year else ()
    if year is None or not told:
        return wrapper.missing(view, "index", words("equality.index.name"), [view.reason(INDEX)])
    rows = by_value([_row(view, part) for part in told])
    whole, entry = view.reader.cell(INDEX), view.release.figures[INDEX]
    heading, sentences = view.name(INDEX), []
    if whole is not None and is_shown(whole):
        value = view.numbers.cell(entry, whole)
        heading = words("equality.index.heading", value=value, year=year)
    known = [row for row in rows if row.values[0] is not None]
    if known:
        last = known[-1]
        sentences.append(words("equality.index.last", part=last.label, value=last.written[0]))
    sentences += [words("equality.index.how"), *parts.hidden_sentence(view, rows, "common.hidden_figures")]
    sentences += [goal for goal in [parts.goal(view, INDEX)] if goal]
    name = words("equality.index.chart", year=year)
    table = tuple((row.label, row.n, row.written[0]) for row in rows)
    head = (words("common.key_figure"), words("equality.index.of"), words("equality.index.part"))
    drawing = Drawing(bars.lengths(rows, view.lang, "index", reach=100.0), Table(name, head, table))
    block = wrapper.Block("index", heading, sentences, name, [INDEX], n=blocks.persons(view, whole))
    return wrapper.figure(view, block, drawing)


def _row(view: View, part: dict[str, Any]) -> Row:
    """A part of the index, 0–100, with the values it is made of as written."""
    figure, share = str(part["figure"]), part["value"]
    entry = view.release.figures[figure]
    made_of = " / ".join(view.numbers.value(entry, value) for value in part["from"]) or NOT_REPORTED
    if share is None:
        return Row(view.name(figure), (None,), (NOT_REPORTED,), made_of)
    points = round(100 * float(share), 1)
    return Row(view.name(figure), (points,), (view.numbers.plain(points, 1),), made_of)
