"""The one way a chart gets onto a page.

Belongs here: heading, sentences, chart, legend, table, source line and links; how it is operated without a mouse.
Does not belong here: what is drawn, and what is said.

The chart is one tab stop. Arrow keys read the rows of the table into a status line, also those the chart has no room for, and
over time in the chart's order, oldest first; Escape leaves: static/fordel.js. plotly's own SVG has no names, so it is hidden
from screen readers; the table is what they get.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pyphen
from dash import dcc, html

from dashboards import address
from dashboards.figures import look
from dashboards.figures.drawing import Drawing, Key, Table
from dashboards.reading import is_month
from dashboards.view import View

NEWEST_FIRST = "newest-first"
SOFT = "\u00ad"
LONG = 18
"""Letters of a word that may not have room in a heading at 320 px."""


@dataclass(frozen=True)
class Block:
    """What a figure block says around its chart.

    `figures` are the key figures shown, for definitions and sources, and `by` the dimensions they are shown by: they tell which
    period is shown (that of the first figure), and when the next comes. `n` is the persons behind it, as written, or empty.
    """

    id: str
    heading: str
    sentences: Sequence[str]
    name: str
    figures: Sequence[str]
    by: Sequence[str] = ()
    n: str = ""
    period: str = ""


def figure(view: View, block: Block, drawing: Drawing, controls: Sequence[Any] = ()) -> html.Section:
    """A figure block: the finding, the sentences, the chart, its table, and where it comes from."""
    words = view.words
    hint = f"{block.id}-hint"
    chart = html.Div(
        html.Div(
            dcc.Graph(
                id=f"{block.id}-graph",
                figure=drawing.figure,
                config=look.config(view.lang),
                style={"height": f"{drawing.figure['layout']['height']}px"},
            ),
            **{"aria-hidden": "true"},
        ),
        className="chart",
        tabIndex=0,
        role="application",
        **{
            "aria-roledescription": words("common.figure.role"),
            "aria-label": block.name,
            "aria-describedby": hint,
        },
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H2(block.heading, id=f"{block.id}-heading"),
                    *[html.P(sentence) for sentence in block.sentences],
                    _older(view, block),
                    *controls,
                ],
                className="said",
            ),
            html.Figure(
                [
                    html.P(block.name, className="chart-name", id=f"{block.id}-name"),
                    _legend(drawing.keys),
                    chart,
                    html.P(words("common.figure.hint"), id=hint, className="hint"),
                    html.P("", className="read", role="status"),
                    details(view, drawing.table),
                    html.Figcaption(_source(view, block), className="source"),
                ],
                **{"aria-labelledby": f"{block.id}-name"},
            ),
        ],
        id=block.id,
        className="block",
        **{"aria-labelledby": f"{block.id}-heading"},
    )


def missing(
    view: View, id: str, heading: str, reasons: Sequence[str], controls: Sequence[Any] = ()
) -> html.Section:
    """A figure block that has nothing to draw: says why."""
    return html.Section(
        [
            html.Div([html.H2(heading, id=f"{id}-heading"), *controls], className="said"),
            html.Div([html.P(reason) for reason in dict.fromkeys(reasons)], className="absent"),
        ],
        id=id,
        className="block",
        **{"aria-labelledby": f"{id}-heading"},
    )


def nothing_shown(
    view: View, id: str, heading: str, table: Table, controls: Sequence[Any] = ()
) -> html.Section:
    """A figure block all of whose groups are hidden: says so, and has the table."""
    return html.Section(
        [
            html.Div([html.H2(heading, id=f"{id}-heading"), *controls], className="said"),
            html.Div([html.P(view.words("common.all_hidden"), className="absent"), details(view, table)]),
        ],
        id=id,
        className="block",
        **{"aria-labelledby": f"{id}-heading"},
    )


def details(view: View, table: Table) -> html.Details:
    """The table behind `Visa som tabell`."""
    return html.Details(
        [html.Summary(view.words("common.figure.as_table")), grid(table)], className="as-table"
    )


def grid(table: Table, *, is_wide: bool = False) -> Any:
    """A true table: a caption, column headings, and a heading for each row.

    A wide one scrolls by itself, not with the page, and can then be reached by keyboard.
    """
    kinds = [_kind([row[place] for row in table.rows]) for place in range(len(table.head))]
    whole = html.Table(
        [
            html.Caption(table.caption),
            html.Thead(
                html.Tr(
                    [
                        html.Th(name, scope="col", className=kinds[place])
                        for place, name in enumerate(table.head)
                    ]
                )
            ),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th(text, scope="row")
                            if place == 0
                            else html.Td(text, className=kinds[place])
                            for place, text in enumerate(row)
                        ]
                    )
                    for row in table.rows
                ]
            ),
        ],
        **({"data-order": NEWEST_FIRST} if table.is_newest_first else {}),
    )
    if not is_wide:
        return html.Div(whole, className="table")
    return html.Div(whole, className="table wide", tabIndex=0, role="region", **{"aria-label": table.caption})


@dataclass(frozen=True)
class Shade:
    """A cell of a heat map: its text, and how dark it is, 0 (not shown) to 5."""

    text: str
    step: int = 0


def heat(
    view: View,
    block: Block,
    columns: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Shade]]],
    controls: Sequence[Any] = (),
) -> html.Section:
    """A block whose picture is its table: every value is printed, and shaded by fixed bands.

    It scrolls by itself where the screen is narrow, and can then be reached by keyboard.
    """
    table = html.Table(
        [
            html.Caption(block.name),
            html.Thead(html.Tr([html.Th(hyphenated(name), scope="col") for name in columns])),
            html.Tbody(
                [
                    html.Tr(
                        [
                            html.Th(hyphenated(label), scope="row"),
                            *[html.Td(cell.text, className=f"heat{cell.step}") for cell in cells],
                        ]
                    )
                    for label, cells in rows
                ]
            ),
        ],
        className="heat",
    )
    return html.Section(
        [
            html.Div(
                [
                    html.H2(block.heading, id=f"{block.id}-heading"),
                    *[html.P(said) for said in block.sentences],
                    _older(view, block),
                    *controls,
                ],
                className="said",
            ),
            html.Figure(
                [
                    html.Div(
                        table,
                        className="table wide",
                        tabIndex=0,
                        role="region",
                        **{"aria-label": view.words("common.figure.table_of", name=block.name)},
                    ),
                    html.Figcaption(_source(view, block), className="source"),
                ],
                **{"aria-label": block.name},
            ),
        ],
        id=block.id,
        className="block across",
        **{"aria-labelledby": f"{block.id}-heading"},
    )


@functools.lru_cache(maxsize=512)
def hyphenated(name: str, least: int = 8) -> str:
    """A name with soft hyphens, so that a narrow column breaks Kommunledningskontoret where a person would.

    Only in words of `least` letters, and not in one that has its own.
    """
    return " ".join(
        word if len(word) < least or SOFT in word else _swedish().inserted(word, SOFT)
        for word in name.split(" ")
    )


@functools.cache
def _swedish() -> pyphen.Pyphen:
    """The municipality's own names are Swedish on English pages too."""
    return pyphen.Pyphen(lang="sv_SE", left=4, right=4)


def _kind(column: Sequence[str]) -> str:
    """Columns of nothing but numbers stand to the right."""
    has_words = any(letter.isalpha() for text in column for letter in text)
    return (
        "number" if not has_words and any(letter.isdigit() for text in column for letter in text) else "text"
    )


def _legend(keys: Sequence[Key]) -> Any:
    if not keys:
        return None
    marks = [
        html.Li([html.Span(className=f"mark {key.mark}", **{"aria-hidden": "true"}), key.label])
        for key in keys
    ]
    return html.Ul(marks, className="legend")


def _source(view: View, block: Block) -> list[Any]:
    words = view.words
    entries = [entry for entry in (view.reader.figure(figure) for figure in block.figures) if entry]
    names = dict.fromkeys(source for entry in entries for source in entry.get("sources", ()))
    said = [view.source(name) for name in names]
    period = block.period or view.period(block.figures[0], view.reader.at(block.figures[0], block.by))
    facts = [
        words("common.figure.source", sources=", ".join(said)),
        words("common.figure.as_of", period=period),
        *_moves(view, block),
    ]
    if block.n:
        facts.append(words("common.figure.n", n=block.n))
    lines: list[Any] = [html.Span(fact) for fact in facts]
    for entry in entries:
        name = words("common.figure.definition", name=view.said(entry["name"]))
        lines.append(html.A(name, href=address.figure_href(entry["id"], view.lang)))
    lines.append(html.A(_verdict(view), href=address.path("quality", view.lang)))
    lines.append(
        html.A(
            words("common.figure.link"),
            href=f"{view.address.href()}#{block.id}",
            **{"aria-label": f"{words('common.figure.link')}: {block.name}"},
        )
    )
    lines += [html.Span(text, className="stale") for text in _stale(view, block)]
    return lines


def _moves(view: View, block: Block) -> list[str]:
    """How often a table that does not move every month moves, and when next where that is known and still to come."""
    if block.period:
        return []
    told = view.reader.moves(block.figures[0], block.by)
    known = f"common.moves.{told.get('every')}"
    if not view.words.has(known):
        return []
    is_latest = view.reader.at(block.figures[0], block.by) == told["latest"]
    said = [view.words(known)]
    if is_latest and told["next"]:
        said.append(view.words("common.moves.next", period=view.numbers.period(told["next"])))
    return [", ".join(said)]


def _older(view: View, block: Block) -> html.P | None:
    """Which period is shown, where it is an earlier one than the reader chose."""
    own = None if block.period else view.reader.at(block.figures[0], block.by)
    if own is None or not is_month(own) or own == view.reader.period:
        return None
    said = view.words(
        "common.moves.older", shown=view.numbers.period(own), chosen=view.numbers.period(view.reader.period)
    )
    return html.P(said, className="older")


def _late(view: View, figure: str, by: Sequence[str]) -> list[str]:
    """Since when and why a figure is old, where one of its sources has not delivered for too long."""
    entry = view.reader.figure(figure) or {}
    return [
        view.words(
            "common.figure.stale",
            period=view.numbers.period(str(late["since"])[:7]),
            source=view.source(str(late["contract"])),
        )
        for late in view.status.get("stale", ())
        if late.get("since")
        and late.get("contract") in entry.get("sources", ())
        and not _is_early(view, figure, by, str(late["since"])[:7])
    ]


def _is_early(view: View, figure: str, by: Sequence[str], since: str) -> bool:
    """Whether a table lacks nothing though its source is late: the next one is not due yet by the calendar."""
    due, own = view.reader.moves(figure, by).get("next"), view.reader.at(figure, by)
    checked = str(view.status.get("checked_at") or "")[:7]
    return bool(due and own and checked and due >= checked and view.release.ends(figure)[own] <= since)


def _verdict(view: View) -> str:
    checks = view.release.quality.get("checks", ())
    passed = sum(bool(check["passed"]) for check in checks)
    if not checks:
        return view.words("common.figure.unchecked")
    return view.words(
        "common.figure.checks", passed=view.numbers.plain(passed), checks=view.numbers.plain(len(checks))
    )


def _stale(view: View, block: Block) -> list[str]:
    return list(dict.fromkeys(said for figure in block.figures for said in _late(view, figure, block.by)))
