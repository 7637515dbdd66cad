"""The open equality index and its nine parts.

Belongs here: that one block. Does not belong here: how the index is reckoned (pipelines/measures/equality.py).
"""

from __future__ import annotations

from collections.abc import Sequence
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
    words, parts_of = view.words, rows(view)
    if not parts_of:
        return wrapper.missing(view, "index", words("equality.index.name"), [view.reason(INDEX)])
    heading, sentences = said(view, parts_of)
    name = words("equality.index.chart", year=str(view.reader.at(INDEX)))
    head = (words("common.key_figure"), words("equality.index.of"), words("equality.index.part"))
    table = Table(name, head, tuple((row.label, row.n, row.written[0]) for row in parts_of))
    drawing = Drawing(bars.lengths(parts_of, view.lang, "index", reach=100.0), table)
    n = blocks.persons(view, view.reader.cell(INDEX))
    return wrapper.figure(view, wrapper.Block("index", heading, sentences, name, [INDEX], n=n), drawing)


def rows(view: View) -> list[Row]:
    """The parts, 0–100, the nearest to equal first, with what they are made of as `n`; none where the index is not shown."""
    year = view.reader.at(INDEX)
    told = view.release.insights.get(INDEX, {}).get(year, ()) if year else ()
    return by_value([_row(view, part) for part in told])


def said(view: View, parts_of: Sequence[Row]) -> tuple[str, list[str]]:
    """The heading and the sentences."""
    words, entry = view.words, view.release.figures[INDEX]
    heading, sentences, whole = view.name(INDEX), [], view.reader.cell(INDEX)
    if whole is not None and is_shown(whole):
        year = str(view.reader.at(INDEX))
        heading = words("equality.index.heading", value=view.numbers.cell(entry, whole), year=year)
    known = [row for row in parts_of if row.values[0] is not None]
    if known:
        sentences.append(words("equality.index.last", part=known[-1].label, value=known[-1].written[0]))
    lacking = [row.label for row in parts_of if row.values[0] is None]
    if lacking:
        sentences.append(words("insights.index.missing", parts=view.numbers.listed(lacking)))
    sentences += [words("equality.index.how"), parts.goal(view, INDEX)]
    return heading, [sentence for sentence in sentences if sentence]


def _row(view: View, part: dict[str, Any]) -> Row:
    """A part of the index, 0–100, with the values it is made of as written."""
    figure, share = str(part["figure"]), part["value"]
    entry = view.release.figures[figure]
    made_of = " / ".join(view.numbers.value(entry, value) for value in part["from"]) or NOT_REPORTED
    if share is None:
        return Row(view.name(figure), (None,), (NOT_REPORTED,), made_of)
    points = round(100 * float(share), 1)
    return Row(view.name(figure), (points,), (view.numbers.plain(points, 1),), made_of)
