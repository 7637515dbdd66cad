"""What the two reports say, as HTML for print.

Belongs here: which figures, in which order, with which sentences.
Does not belong here: the PDF (making.py), the drawing (pictures.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from dashboards.figures.drawing import Row, by_value, drawn
from dashboards.numbers import HIDDEN
from dashboards.pages import index, measures, overview, parts, series
from dashboards.reading import is_shown
from dashboards.reports import pictures
from dashboards.view import View

EQUALITY = "gender_equality"
BOTH = (
    "full_time_share",
    "full_time_working_share",
    "permanent_share",
    "sick_leave_share",
    "long_term_sick_leave",
)
CURVES = ("women_among_managers", "pay_ratio_median", "pay_gap_adjusted", "equality_index")
MOST_GROUPS = 14
LEAST_POINTS = 3


def brief(view: View) -> str:
    """Läget i korthet: the objectives and the figures on one page each."""
    figures = [figure for figure in overview.TILES if figure in view.release.figures]
    return _page(
        view,
        "brief",
        [
            f"<p class=lead>{escape(overview.lead(view))}</p>",
            _objectives(view),
            _section(view.words("overview.figures.heading"), [_figures(view, figures)]),
            _section(view.words("overview.since.heading"), [_list(overview.news(view))]),
        ],
    )


def equality(view: View) -> str:
    """Jämställdhetsbokslut: every figure of gender equality, both sexes, the gaps, departments, and the curves."""
    figures = [entry["id"] for entry in view.release.figures.values() if entry["theme"] == EQUALITY]
    return _page(
        view,
        "equality",
        [
            f"<p class=lead>{escape(overview.lead(view))}</p>",
            _section(view.words("reports.every"), [_figures(view, figures)]),
            _sexes(view),
            _index(view),
            _measures(view),
            _departments(view),
            *[_over_time(view, figure) for figure in CURVES if view.reader.is_here(figure)],
            _section(
                view.words("reports.definitions"),
                [
                    f"<h3>{escape(view.name(figure))}</h3><p>{escape(view.said(view.release.figures[figure]['definition']))}</p>"
                    for figure in figures
                ],
            ),
        ],
    )


def _page(view: View, name: str, content: Sequence[str]) -> str:
    words, manifest = view.words, view.release.manifest
    municipality = str(manifest.get("municipality", {}).get("name", ""))
    title = words(f"reports.{name}.title", municipality=municipality)
    as_of = view.numbers.period(str(manifest.get("as_of", ""))[:7])
    made = words(
        "reports.made",
        as_of=as_of,
        id=view.release.id,
        moment=view.numbers.moment(manifest.get("created_at")),
    )
    return (
        f'<!DOCTYPE html><html lang="{view.lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="author" content="{escape(municipality)}"></head><body>'
        f"<header><h1>{escape(title)}</h1><p>{escape(made)}</p></header><main>{''.join(content)}"
        f"<p class=note>{escape(words('downloads.readme.hidden'))}. {escape(words('downloads.readme.missing'))}.</p>"
        "</main></body></html>"
    )


def _section(heading: str, content: Sequence[str], *, is_whole: bool = False) -> str:
    """A section; a whole one is not divided between pages."""
    kind = " class=whole" if is_whole else ""
    return f"<section{kind}><h2>{escape(heading)}</h2>{''.join(content)}</section>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], caption: str = "") -> str:
    """A table; it has a caption where the heading above does not name it."""
    top = "".join(f'<th scope="col">{escape(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(text)}</td>" for text in row[1:])}</tr>'
        for row in rows
    )
    named = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{named}<thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"


def _list(lines: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"


def _objectives(view: View) -> str:
    words = view.words
    rows = []
    told = {each["id"]: each for each in view.release.insights.get("objectives", ())}
    for objective in overview.OBJECTIVES:
        status, sentence = overview.judged(view, objective, told.get(objective))
        rows.append(
            (
                f"{objective} {words(f'objectives.{objective}.name')}",
                words(f"overview.status.{status}"),
                sentence,
            )
        )
    head = (words("reports.objective"), words("reports.status"), words("reports.why"))
    return _section(words("overview.objectives.heading"), [_table(head, rows)])


def _figures(view: View, figures: Sequence[str]) -> str:
    """Each figure: value, change, target."""
    words = view.words
    rows = []
    for figure in figures:
        own, now = view.reader.at(figure), view.reader.cell(figure)
        if own is None:
            rows.append((view.name(figure), "-", view.reason(figure), ""))
            continue
        earlier = view.reader.before(figure)
        before = parts.compared(view, figure)
        moved = parts.change(view, figure, now, before, earlier) if earlier and is_shown(now) else "–"
        moved = f"{moved} {parts.certainty(view, figure)}".strip()
        entry = view.release.figures[figure]
        value = view.numbers.alone(entry, now)
        if entry.get("across"):
            # A distribution has one value per part, and no single change.
            value = " / ".join(
                view.numbers.cell(entry, cell) for cell in view.reader.rows(figure, [entry["across"]])
            )
            moved = "–"
        rows.append(
            (
                view.name(figure),
                f"{value} ({view.period(figure, own)})",
                moved,
                parts.target_by(view, figure) or "–",
            )
        )
    head = (
        words("common.key_figure"),
        words("common.value"),
        words("reports.change"),
        words("reports.target"),
    )
    return _table(head, [tuple(text or "–" for text in row) for row in rows])


def _sexes(view: View) -> str:
    """Women and men side by side, as a picture and its table."""
    words = view.words
    here = [figure for figure in BOTH if view.reader.offers(figure, ["sex"])]
    rows = [
        parts.row(view, figure, view.name(figure), [view.reader.cell(figure, sex=sex) for sex in ("K", "M")])
        for figure in here
    ]
    if not rows:
        return ""
    name = words("equality.gaps.chart")
    head = (words("common.key_figure"), words("common.period"), words("common.women"), words("common.men"))
    table = [
        (row.label, view.period(figure, view.reader.at(figure, ["sex"])), *row.written)
        for figure, row in zip(here, rows, strict=True)
    ]
    return _section(
        words("equality.gaps.name"),
        [
            f"<p>{escape(words('reports.marks'))}</p>",
            pictures.image(pictures.lanes(rows), f"{name}. {_said(rows)}"),
            _table(head, table, name),
        ],
    )


def _index(view: View) -> str:
    """The equality index and its parts."""
    words, rows = view.words, index.rows(view)
    if not rows:
        return ""
    heading, sentences = index.said(view, rows)
    head = (words("common.key_figure"), words("equality.index.of"), words("equality.index.part"))
    table = _table(head, [(row.label, row.n, row.written[0]) for row in rows])
    told = [f"<p>{escape(sentence)}</p>" for sentence in sentences]
    return _section(heading, [*told, table], is_whole=True)


def _measures(view: View) -> str:
    """What the leaders and the municipality itself do: measures and milestones, due, done and late."""
    words = view.words
    lines = measures.every(view)
    if not lines:
        return ""
    head = (
        words("figure.measures.what"),
        *(words(f"plans.organisation.{name}") for name in ("due", "done", "late")),
    )
    return _section(
        words("figure.measures.heading"),
        [
            f"<p>{escape(words('figure.measures.lead'))}</p>",
            _table(head, lines, words("figure.measures.every")),
        ],
        is_whole=True,
    )


def _departments(view: View) -> str:
    """The share of women by department: the largest in the picture, all in the table."""
    words, figure = view.words, "women_share"
    cells = view.reader.rows(figure, ["department"]) if view.reader.offers(figure, ["department"]) else []
    rows = by_value(
        [parts.row(view, figure, view.label("department", cell["department"]), [cell]) for cell in cells]
    )
    if not rows:
        return ""
    kept = drawn(rows, MOST_GROUPS)
    period = view.period(figure, view.reader.at(figure, ["department"]))
    said = [words("common.figure.as_of", period=period) + ".", *parts.largest(view, rows, kept)]
    name = words("equality.spread.chart", by=words("common.dimensions.department.per"))
    head = (words("common.dimensions.department.one"), words("common.women_share"), words("common.n"))
    return _section(
        name,
        [
            f"<p>{escape(' '.join(said))}</p>",
            pictures.image(pictures.lanes(kept), f"{name}. {_said(kept)}"),
            _table(head, [(row.label, row.written[0], row.n) for row in rows]),
        ],
        is_whole=len(kept) == len(rows),
    )


def _over_time(view: View, figure: str) -> str:
    cells = view.reader.series(figure)
    rows = [parts.row(view, figure, view.numbers.short_period(cell["period"]), [cell]) for cell in cells]
    name = view.words("blocks.over_time.chart", name=view.name(figure))
    if sum(row.values[0] is not None for row in rows) < LEAST_POINTS:
        return ""
    head = (view.words("common.period"), view.name(figure))
    ends = [rows[0], rows[-1]]
    return _section(
        name,
        [
            *[f"<p>{escape(sentence)}</p>" for sentence in series.sentences(view, figure, {})],
            pictures.image(pictures.curve(rows), f"{name}. {_said(ends)}"),
            _table(head, [(row.label, row.written[0]) for row in reversed(rows[-13:])]),
        ],
        is_whole=True,
    )


def _said(rows: Sequence[Row]) -> str:
    return "; ".join(
        f"{row.label} {' / '.join(part for part in row.written if part != HIDDEN) or HIDDEN}" for row in rows
    )
