"""Jämställdhet: how women and men are spread, and what differs between them.

Belongs here: composition by sex. Does not belong here: conditions over time (conditions.py).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import address
from dashboards.figures import lanes, pyramid, trend, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value, drawn
from dashboards.pages import blocks, index, parts
from dashboards.reading import difference, is_hidden, is_shown
from dashboards.view import View

SPREADS = ("management_level", "department", "occupation_group")
BOTH_SEXES = (
    "full_time_share",
    "full_time_working_share",
    "permanent_share",
    "temporary_share",
    "hourly_share",
)
MOST_LANES = 20


def render(view: View) -> html.Div:
    """The page."""
    return parts.page(
        view,
        view.words("equality.lead"),
        parts.choose(view, parts.period_choice(view), keep={"by": SPREADS}),
        _spread(view),
        _managers(view),
        _gaps(view),
        index.section(view),
        _occupations(view),
        _ages(view),
    )


def _spread(view: View) -> html.Section:
    words, figure = view.words, "women_share"
    offered = [dimension for dimension in SPREADS if view.reader.offers(figure, [dimension])]
    if not offered:
        return wrapper.missing(view, "spread", words("equality.spread.name"), [view.reason(figure)])
    chosen = view.choice("by", offered, "department" if "department" in offered else offered[0])
    options = {dimension: words(f"common.dimensions.{dimension}.by") for dimension in offered}
    control = parts.switch(view, "by", words("blocks.by_group.switch"), options, chosen, "spread")
    cells = view.reader.rows(figure, [chosen])
    rows = [parts.row(view, figure, view.label(chosen, cell[chosen]), [cell]) for cell in cells]
    if chosen != "management_level":
        rows = by_value(rows)
    kept = drawn(rows, MOST_LANES)
    shown = [row for row in rows if row.values[0] is not None]
    even = sum(lanes.EVEN[0] <= (row.values[0] or 0.0) <= lanes.EVEN[1] for row in shown)
    heading, sentences = words("equality.spread.name"), []
    if len(shown) > 1:
        of = view.numbers.plain(len(shown))
        heading = words.count(
            f"equality.spread.heading.{chosen}",
            even,
            n=view.numbers.plain(even),
            of=of if len(shown) == len(rows) else words("equality.spread.of_shown", n=of),
        )
        ranked = by_value(shown)
        entry = view.release.figures[figure]
        sentences.append(
            words(
                "equality.spread.range" if len(shown) == len(rows) else "equality.spread.range_shown",
                low=view.numbers.spoken(entry, ranked[-1].values[0] or 0.0),
                low_name=ranked[-1].label,
                high=view.numbers.spoken(entry, ranked[0].values[0] or 0.0),
                high_name=ranked[0].label,
            )
        )
    sentences += parts.hidden_sentence(view, rows)
    sentences += parts.largest(view, rows, kept)
    name = words("equality.spread.chart", by=words(f"common.dimensions.{chosen}.per"))
    head = (words(f"common.dimensions.{chosen}.one"), words("common.women_share"), words("common.n"))
    table = Table(name, head, tuple((row.label, row.written[0], row.n) for row in rows))
    if not shown:
        return wrapper.nothing_shown(view, "spread", heading, table, [control])
    drawing = Drawing(
        lanes.dots(kept, view.lang),
        table,
        (Key("women", words("common.women_share")), Key("band", words("equality.spread.band"))),
    )
    block = wrapper.Block(
        "spread", heading, sentences, name, [figure], [chosen], blocks.persons(view, view.reader.cell(figure))
    )
    return wrapper.figure(view, block, drawing, [control])


def _managers(view: View) -> html.Section:
    words, figure = view.words, "women_among_managers"
    if not view.reader.is_here(figure):
        return wrapper.missing(view, "managers", words("equality.managers.name"), [view.reason(figure)])
    cells = {cell["period"]: cell for cell in view.reader.series(figure)}
    everyone = {cell["period"]: cell for cell in view.reader.series("women_share")}
    rows = [
        parts.row(view, figure, view.numbers.short_period(period), [cells[period], everyone.get(period)])
        for period in sorted(cells)
    ]
    at = view.reader.at(figure)
    among, share, parity = (view.reader.cell(each, at) for each in (figure, "women_share", "manager_parity"))
    entry = view.release.figures[figure]
    heading, sentences = words("equality.managers.name"), []
    if among is not None and share is not None and is_shown(among) and is_shown(share):
        spoken = [view.numbers.spoken(entry, cell["value"]) for cell in (among, share)]
        heading = words("equality.managers.heading", managers=spoken[0], women=spoken[1])
    if among is not None and is_hidden(among):
        sentences.append(parts.hidden(view, figure, among))
    subject = words("equality.managers.subject")
    sentences += parts.moved(
        view, figure, among, parts.compared(view, figure), view.reader.before(figure) or "", subject
    )
    if parity is not None and is_shown(parity):
        sentences.append(words("equality.managers.parity", parity=view.numbers.plain(parity["value"], 2)))
        sentences += parts.meaning(view, "manager_parity", parity)
        sentences += [
            goal for goal in [parts.goal(view, "manager_parity", words("equality.managers.aim"))] if goal
        ]
    names = (words("equality.managers.among"), words("equality.managers.everyone"))
    drawing = Drawing(
        trend.trend(rows, (("women", names[0]), ("all", names[1])), view.lang),
        Table(
            words("equality.managers.chart"),
            (words("common.period"), *names),
            tuple((row.label, *row.written) for row in reversed(rows)),
            is_newest_first=True,
        ),
        (Key("line women", names[0]), Key("line all", names[1])),
    )
    used = [each for each in (figure, "women_share", "manager_parity") if each in view.release.figures]
    block = wrapper.Block(
        "managers",
        heading,
        sentences,
        words("equality.managers.chart"),
        used,
        (),
        blocks.persons(view, view.reader.cell(figure)),
    )
    return wrapper.figure(view, block, drawing)


def _gaps(view: View) -> html.Section:
    """Women and men side by side, figure by figure, with the gap."""
    words = view.words
    here = [figure for figure in BOTH_SEXES if view.reader.offers(figure, ["sex"])]
    rows, table, gaps = [], [], []
    for figure in here:
        women, men = (view.reader.cell(figure, sex=sex) for sex in ("K", "M"))
        row = parts.row(view, figure, view.name(figure), [women, men])
        gap = difference(men, women)
        rows.append(row)
        written = parts.unshown(women, men) if gap is None else view.numbers.plain(gap, 1)
        table.append((row.label, *row.written, written))
        if gap is not None:
            gaps.append((abs(gap), row.label, gap))
    if not rows:
        return wrapper.missing(
            view, "gaps", words("equality.gaps.name"), [view.reason(figure) for figure in BOTH_SEXES[:1]]
        )
    heading, sentences = words("equality.gaps.name"), []
    if gaps:
        size, name, gap = max(gaps)
        if size and len(gaps) == len(rows):
            heading = words("equality.gaps.heading", figure=name.lower())
        way = "women" if gap < 0 else "men" if gap > 0 else "none"
        sentences.append(words(f"equality.gaps.{way}", figure=name, gap=view.numbers.plain(size, 1)))
    sentences += parts.hidden_sentence(view, rows, "common.hidden_figures")
    chart = words("equality.gaps.chart")
    head = (
        words("common.key_figure"),
        words("common.women"),
        words("common.men"),
        words("equality.gaps.difference"),
    )
    drawing = Drawing(
        lanes.pairs(rows, view.lang),
        Table(chart, head, tuple(table)),
        (
            Key("women", words("common.women")),
            Key("men", words("common.men")),
            Key("none", words("common.order_of_numbers")),
        ),
    )
    block = wrapper.Block("gaps", heading, sentences, chart, here, ["sex"])
    return wrapper.figure(view, block, drawing)


def _occupations(view: View) -> html.Section:
    """Two figures for the municipality as a whole, said in words: there is nothing to compare them with yet."""
    words = view.words
    said: list[Any] = []
    reasons: list[str] = []
    for figure in ("balanced_occupations_share", "segregation_index"):
        cell, own = view.reader.cell(figure), view.reader.at(figure)
        if cell is None or own is None or not is_shown(cell):
            reasons.append(view.reason(figure))
            continue
        entry = view.release.figures[figure]
        target = parts.target(view, figure)
        said.append(
            html.Li(
                [
                    html.H3(html.A(view.name(figure), href=address.figure_href(figure, view.lang))),
                    html.P(view.numbers.cell(entry, cell), className="value"),
                    html.P(
                        words(
                            f"equality.occupations.{figure}",
                            value=view.numbers.spoken(entry, cell["value"]),
                            period=own,
                        )
                    ),
                    html.P(target, className="target") if target else None,
                ],
                className="tile",
            )
        )
    heading = html.H2(words("equality.occupations.heading"), id="occupations-heading")
    if not said:
        return wrapper.missing(view, "occupations", words("equality.occupations.heading"), reasons)
    body = [html.Ul(said, className="tiles two"), *[html.P(reason, className="absent") for reason in reasons]]
    return html.Section(
        [html.Div([heading, html.P(words("equality.occupations.lead"))], className="said"), html.Div(body)],
        id="occupations",
        className="block",
        **{"aria-labelledby": "occupations-heading"},
    )


def _ages(view: View) -> html.Section:
    words, figure = view.words, "age_distribution"
    if not view.reader.offers(figure, ["sex"]):
        return wrapper.missing(view, "ages", words("equality.ages.name"), [view.reason(figure)])
    cells = {
        (cell["sex"], cell["age_group"]): cell for cell in view.reader.rows(figure, ["sex", "age_group"])
    }
    rows, table = [], []
    for age in view.reader.levels("age_group"):
        sides = [cells.get((sex, age)) for sex in ("K", "M")]
        if sides == [None, None]:
            continue
        counts = tuple(
            float(cell["numerator"])
            if cell is not None and is_shown(cell) and cell["numerator"] is not None
            else None
            for cell in sides
        )
        shares = [view.numbers.cell(view.release.figures[figure], cell) for cell in sides]
        written = tuple(
            view.numbers.plain(count) if count is not None else share
            for count, share in zip(counts, shares, strict=True)
        )
        rows.append(Row(view.label("age_group", age), counts, written))
        table.append((rows[-1].label, written[0], shares[0], written[1], shares[1]))
    is_whole = all(row.values[0] is not None for row in rows)
    ranked = max(rows, key=lambda row: row.values[0] or 0.0) if rows and is_whole else None
    heading, sentences = words("equality.ages.name"), parts.hidden_sentence(view, rows)
    if ranked is not None:
        share = next(line[2] for line in table if line[0] == ranked.label)
        spoken = share.replace("\u00a0%", "\u00a0procent").replace("%", "\u00a0percent")
        heading = words("equality.ages.heading", age=ranked.label.lower())
        sentences = [words("equality.ages.share", share=spoken, age=ranked.label.lower()), *sentences]
    chart = words("equality.ages.chart")
    head = (
        view.words("common.dimensions.age_group.one"),
        words("equality.ages.women"),
        words("equality.ages.women_share"),
        words("equality.ages.men"),
        words("equality.ages.men_share"),
    )
    drawing = Drawing(
        pyramid.pyramid(rows, view.lang),
        Table(chart, head, tuple(table)),
        (Key("women", words("common.women")), Key("men striped", words("common.men"))),
    )
    whole = next((cell for cell in view.reader.rows(figure, []) if is_shown(cell)), None)
    n = (
        view.numbers.plain(whole["denominator"])
        if whole is not None and whole["denominator"] is not None
        else ""
    )
    block = wrapper.Block("ages", heading, sentences, chart, [figure], ["sex"], n)
    return wrapper.figure(view, block, drawing)
