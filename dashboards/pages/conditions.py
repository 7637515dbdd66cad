"""Villkor och hälsa: forms of employment, full time, and sick leave.

Belongs here: the terms people work under and how they fare. Does not belong here: composition by sex (equality.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashboards.figures import bars, lanes, trend, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value
from dashboards.pages import parts
from dashboards.reading import difference, is_shown, year_before
from dashboards.view import View

FORMS = ("permanent_share", "temporary_share", "hourly_share")
FULL_TIME = ("full_time_share", "full_time_working_share")
SICK_LEAVE, LONG = "sick_leave_share", "sick_leave_long_share"
SICK_BY = ("age_group_health", "department", "occupation_group")
FEW = 12


def render(view: View) -> html.Div:
    """The page."""
    department = parts.department_choice(view, [*FORMS, *FULL_TIME, SICK_LEAVE])
    scope = {"department": department.chosen} if department.chosen else {}
    return parts.page(
        view,
        view.words("conditions.lead"),
        parts.choose(view, parts.period_choice(view), department, keep={"by": SICK_BY, "figure": FULL_TIME}),
        _forms(view, scope),
        _full_time(view),
        _full_time_trend(view, scope),
        _sick_leave(view, scope),
        _sick_leave_groups(view),
    )


def _where(view: View, scope: dict[str, str]) -> str:
    if scope:
        return view.label("department", scope["department"])
    return view.words("common.choose.whole_in")


def _forms(view: View, scope: dict[str, str]) -> html.Section:
    words = view.words
    here = [figure for figure in FORMS if view.reader.is_here(figure)]
    if FORMS[0] not in here:
        return wrapper.missing(view, "forms", words("conditions.forms.name"), [view.reason(FORMS[0])])
    groups: list[tuple[str, dict[str, str]]] = [
        (words("common.all"), {}),
        (words("common.women"), {"sex": "K"}),
        (words("common.men"), {"sex": "M"}),
    ]
    rows = []
    for label, group in groups:
        cells = [view.reader.cell(figure, **group, **scope) for figure in here]
        if any(cell is not None for cell in cells):
            found = [parts.row(view, figure, label, [cell]) for figure, cell in zip(here, cells, strict=True)]
            rows.append(
                Row(
                    label,
                    tuple(row.values[0] for row in found),
                    tuple(row.written[0] for row in found),
                    found[0].n,
                )
            )
    names = [view.name(figure) for figure in here]
    where = _where(view, scope)
    heading, sentences = words("conditions.forms.name"), []
    permanent = view.reader.cell("permanent_share", **scope)
    if permanent is not None and is_shown(permanent):
        spoken = view.numbers.spoken(view.release.figures["permanent_share"], permanent["value"])
        heading = words("conditions.forms.heading", share=spoken)
    women, men = (view.reader.cell("permanent_share", sex=sex, **scope) for sex in ("K", "M"))
    gap = difference(men, women)
    if gap is not None:
        way = "women" if gap < 0 else "men" if gap > 0 else "none"
        sentences.append(words(f"conditions.forms.{way}", gap=view.numbers.plain(abs(gap), 1)))
    sentences += parts.hidden_sentence(view, rows)
    name = words("conditions.forms.chart", where=where)
    head = (words("common.group"), *names, words("common.n"))
    drawing = Drawing(
        bars.shares(rows, names, view.lang),
        Table(name, head, tuple((row.label, *row.written, row.n) for row in rows)),
        tuple(Key(f"step{place}", text) for place, text in enumerate(names, start=1)),
    )
    n = rows[0].n if rows else ""
    block = wrapper.Block("forms", heading, sentences, name, here, list(scope), n)
    return wrapper.figure(view, block, drawing)


def _full_time(view: View) -> html.Section:
    """One of the two full-time figures for women and men in each department."""
    words = view.words
    offered = [figure for figure in FULL_TIME if view.reader.offers(figure, ["department", "sex"])]
    if not offered:
        return wrapper.missing(
            view,
            "full-time",
            words("conditions.full_time.name"),
            [view.reason(figure) for figure in FULL_TIME],
        )
    figure = view.choice("figure", offered, offered[0])
    control = parts.switch(
        view,
        "figure",
        words("conditions.full_time.switch"),
        {each: view.name(each) for each in offered},
        figure,
        "full-time",
    )
    cells = {
        (cell["department"], cell["sex"]): cell for cell in view.reader.rows(figure, ["department", "sex"])
    }
    codes = [code for code in view.reader.levels("department") if any(key[0] == code for key in cells)]
    rows = by_value(
        [
            parts.row(
                view, figure, view.label("department", code), [cells.get((code, sex)) for sex in ("K", "M")]
            )
            for code in codes
        ]
    )
    rows = [Row(words("common.choose.whole"), *_both(view, figure)), *rows]
    heading, sentences = _full_time_said(view, figure, rows)
    chart = words("conditions.full_time.chart", figure=view.name(figure))
    head = (words("common.dimensions.department.one"), words("common.women"), words("common.men"))
    drawing = Drawing(
        lanes.pairs(rows, view.lang),
        Table(chart, head, tuple((row.label, *row.written) for row in rows)),
        (
            Key("women", words("common.women")),
            Key("men", words("common.men")),
            Key("none", words("common.order_of_numbers")),
        ),
    )
    block = wrapper.Block("full-time", heading, sentences, chart, [figure], ["department", "sex"], rows[0].n)
    return wrapper.figure(view, block, drawing, [control])


def _full_time_said(view: View, figure: str, rows: Sequence[Row]) -> tuple[str, list[str]]:
    """The heading and the sentences; the first row is the whole municipality."""
    words = view.words
    women, men = (view.reader.cell(figure, sex=sex) for sex in ("K", "M"))
    entry = view.release.figures[figure]
    heading = view.name(figure)
    sentences: list[str] = []
    if women is not None and men is not None and is_shown(women) and is_shown(men):
        spoken = [view.numbers.spoken(entry, cell["value"]) for cell in (women, men)]
        heading = words(f"conditions.full_time.heading.{figure}", women=spoken[0], men=spoken[1])
    gaps = sorted(
        (row.values[1] - row.values[0], row.label)
        for row in rows[1:]
        if row.values[0] is not None and row.values[1] is not None
    )
    if gaps:
        size, name = max(gaps, key=lambda gap: abs(gap[0]))
        key = "largest" if len(gaps) == len(rows) - 1 else "largest_shown"
        sentences.append(
            words(f"conditions.full_time.{key}", name=name, gap=view.numbers.plain(abs(size), 1))
        )
    stated = parts.target(view, figure)
    sentences += [stated + "."] if stated else []
    sentences += parts.hidden_sentence(view, rows)
    return heading, sentences


def _both(view: View, figure: str) -> tuple[tuple[float | None, ...], tuple[str, ...], str]:
    whole = parts.row(
        view, figure, "", [view.reader.cell(figure, sex=sex) for sex in ("K", "M")], view.reader.cell(figure)
    )
    return whole.values, whole.written, whole.n


def _full_time_trend(view: View, scope: dict[str, str]) -> html.Section:
    return _trend(view, "full_time_working_share", "full-time-over-time", "conditions.full_time_trend", scope)


def _sick_leave(view: View, scope: dict[str, str]) -> html.Section:
    if not view.reader.is_here(SICK_LEAVE):
        reasons = [view.reason(figure) for figure in (SICK_LEAVE, LONG)]
        return wrapper.missing(view, "sick-leave", view.words("conditions.sick_leave.name"), reasons)
    return _trend(view, SICK_LEAVE, "sick-leave", "conditions.sick_leave", scope)


def _trend(view: View, figure: str, id: str, key: str, scope: dict[str, str]) -> html.Section:
    """Women, men and all over time, with the target."""
    words = view.words
    if not view.reader.is_here(figure):
        return wrapper.missing(view, id, words(f"{key}.name"), [view.reason(figure)])
    wanted: list[tuple[str, str, dict[str, str]]] = [
        ("all", words("common.all"), {}),
        ("women", words("common.women"), {"sex": "K"}),
        ("men", words("common.men"), {"sex": "M"}),
    ]
    found = [
        (style, name, {cell["period"]: cell for cell in view.reader.series(figure, {**group, **scope})})
        for style, name, group in wanted
    ]
    series = [(style, name, cells) for style, name, cells in found if cells]
    if not series:
        return wrapper.missing(
            view,
            id,
            words(f"{key}.name"),
            [words("common.reasons.not_for_department", where=_where(view, scope))],
        )
    periods = sorted({period for _, _, cells in series for period in cells})
    rows = [
        parts.row(
            view, figure, view.numbers.short_period(period), [cells.get(period) for _, _, cells in series]
        )
        for period in periods
    ]
    heading, sentences = _trend_said(view, figure, key, scope, periods)
    sentences += parts.hidden_sentence(view, rows[-1:]) if len(series) > 1 else []
    if id == "sick-leave":
        sentences += _long_sentence(view, scope)
    entry, now = view.release.figures[figure], view.reader.cell(figure, period=periods[-1], **scope)
    goal = None
    if entry.get("target"):
        goal = trend.Target(
            float(entry["target"]["value"]),
            words("common.target_line", value=view.numbers.brief(entry, entry["target"]["value"])),
        )
    name = words(f"{key}.chart", where=_where(view, scope))
    drawing = Drawing(
        trend.trend(rows, [(style, text) for style, text, _ in series], view.lang, target=goal),
        Table(
            name,
            (words("common.period"), *[text for _, text, _ in series]),
            tuple((row.label, *row.written) for row in reversed(rows)),
        ),
        tuple(Key(f"line {style}", text) for style, text, _ in series),
    )
    n = view.numbers.cell(entry, now, "n") if now is not None else ""
    block = wrapper.Block(id, heading, sentences, name, [figure], list(scope), n)
    return wrapper.figure(view, block, drawing)


def _trend_said(
    view: View, figure: str, key: str, scope: dict[str, str], periods: Sequence[str]
) -> tuple[str, list[str]]:
    """The heading and the sentences: the latest value, both sexes, the change over a year, the target."""
    words = view.words
    entry = view.release.figures[figure]
    since = year_before(periods[-1]) if year_before(periods[-1]) in periods else periods[0]
    now, first = (view.reader.cell(figure, period=period, **scope) for period in (periods[-1], since))
    heading = words(f"{key}.name")
    sentences: list[str] = []
    if now is not None and is_shown(now):
        spoken = view.numbers.spoken(entry, now["value"])
        heading = words(f"{key}.heading", share=spoken)
        women, men = (view.reader.cell(figure, sex=sex, **scope) for sex in ("K", "M"))
        if women is not None and men is not None and is_shown(women) and is_shown(men):
            both = [view.numbers.spoken(entry, cell["value"]) for cell in (women, men)]
            sentences.append(words("conditions.both", women=both[0], men=both[1]))
        if len(periods) > 1:
            sentences += parts.moved(view, figure, now, first, since, words(f"{key}.subject"))
    stated = parts.target(view, figure)
    sentences += [stated + "."] if stated else []
    return heading, sentences


def _long_sentence(view: View, scope: dict[str, str]) -> list[str]:
    cell = view.reader.cell(LONG, **scope)
    if cell is None or not is_shown(cell):
        return [] if scope or view.reader.is_here(LONG) else [view.reason(LONG)]
    return [
        view.words(
            "conditions.sick_leave.long", share=view.numbers.spoken(view.release.figures[LONG], cell["value"])
        )
    ]


def _sick_leave_groups(view: View) -> html.Section | None:
    words = view.words
    offered = [by for by in SICK_BY if view.reader.offers(SICK_LEAVE, [by])]
    if not offered:
        return None
    chosen = view.choice("by", offered, offered[0])
    control = parts.switch(
        view,
        "by",
        words("conditions.sick_groups.switch"),
        {by: words(f"common.dimensions.{by}.by") for by in offered},
        chosen,
        "sick-leave-groups",
    )
    cells = view.reader.rows(SICK_LEAVE, [chosen])
    rows = [parts.row(view, SICK_LEAVE, view.label(chosen, cell[chosen]), [cell]) for cell in cells]
    if chosen != "age_group_health":
        rows = by_value(rows)
    drawn = rows if len(rows) <= FEW else by_value([row for row in rows if row.values[0] is not None])[:FEW]
    heading, sentences = _sick_groups_said(view, rows, drawn)
    name = words("conditions.sick_groups.chart", by=words(f"common.dimensions.{chosen}.per"))
    head = (words(f"common.dimensions.{chosen}.one"), view.name(SICK_LEAVE), words("common.n"))
    drawing = Drawing(
        bars.lengths(drawn, view.lang),
        Table(name, head, tuple((row.label, row.written[0], row.n) for row in rows)),
    )
    block = wrapper.Block(
        "sick-leave-groups",
        heading,
        sentences,
        name,
        [SICK_LEAVE],
        [chosen],
    )
    return wrapper.figure(view, block, drawing, [control])


def _sick_groups_said(view: View, rows: Sequence[Row], drawn: Sequence[Row]) -> tuple[str, list[str]]:
    """The heading and the sentences; a superlative is only said of groups that are shown."""
    words = view.words
    shown = by_value([row for row in rows if row.values[0] is not None])
    heading = words("conditions.sick_groups.name")
    sentences: list[str] = []
    if shown:
        entry = view.release.figures[SICK_LEAVE]
        if len(shown) == len(rows):
            heading = words("conditions.sick_groups.heading", name=shown[0].label)
        sentences.append(
            words(
                "conditions.sick_groups.range"
                if len(shown) == len(rows)
                else "conditions.sick_groups.range_shown",
                high=view.numbers.spoken(entry, shown[0].values[0] or 0.0),
                high_name=shown[0].label,
                low=view.numbers.spoken(entry, shown[-1].values[0] or 0.0),
                low_name=shown[-1].label,
            )
        )
    sentences += parts.hidden_sentence(view, rows)
    if len(drawn) < len(rows):
        sentences.append(
            words(
                "conditions.sick_groups.most",
                n=view.numbers.plain(len(drawn)),
                of=view.numbers.plain(len(rows)),
            )
        )
    return heading, sentences
