"""Villkor och hälsa: forms of employment, full time, and sick leave.

Belongs here: the terms people work under and how they fare. Does not belong here: composition by sex (equality.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from dash import html

from dashboards.figures import bars, lanes, wrapper
from dashboards.figures.drawing import Drawing, Key, Row, Table, by_value, drawn
from dashboards.pages import blocks, parts, series
from dashboards.reading import difference, is_shown
from dashboards.view import View

FORMS = ("permanent_share", "temporary_share", "hourly_share")
FULL_TIME = ("full_time_share", "full_time_working_share")
SICK_LEAVE, LONG = "sick_leave_share", "sick_leave_long_share"
SICK_BY = ("age_group_health", "department", "occupation_group")
FEW = 12
MOST_LANES = 20
TURNOVER = (
    "new_permanent_rate",
    "leaver_rate",
    "replacement_turnover",
    "retiring_within_5_years",
    "employees_per_manager",
    "mean_fte",
)


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
        series.over_time(
            view, "full_time_working_share", "full-time-over-time", scope, said="conditions.full_time_trend"
        ),
        blocks.tiles(view, TURNOVER, "turnover", view.words("conditions.turnover")),
        series.over_time(
            view,
            SICK_LEAVE,
            "sick-leave",
            scope,
            said="conditions.sick_leave",
            also=_long_sentence(view, scope),
        ),
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
        if not view.reader.together(FORMS[0], list(scope), [*group, *scope]):
            continue
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
    n = blocks.persons(view, permanent)
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
            [view.reason(figure, ["department", "sex"]) for figure in FULL_TIME],
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
    kept = drawn(rows, MOST_LANES)
    heading, sentences = _full_time_said(view, figure, rows)
    chart = words("conditions.full_time.chart", figure=view.name(figure))
    head = (words("common.dimensions.department.one"), words("common.women"), words("common.men"))
    drawing = Drawing(
        lanes.pairs(kept, view.lang),
        Table(chart, head, tuple((row.label, *row.written) for row in rows)),
        (
            Key("women", words("common.women")),
            Key("men", words("common.men")),
            Key("none", words("common.order_of_numbers")),
        ),
    )
    by = ["department", "sex"]
    n = blocks.persons(view, view.reader.cell(figure, view.reader.at(figure, by)))
    block = wrapper.Block("full-time", heading, sentences, chart, [figure], by, n)
    return wrapper.figure(view, block, drawing, [control])


def _full_time_said(view: View, figure: str, rows: Sequence[Row]) -> tuple[str, list[str]]:
    """The heading and the sentences; the first row is the whole municipality."""
    words = view.words
    period = view.reader.at(figure, ["department", "sex"])
    women, men = (view.reader.cell(figure, period=period, sex=sex) for sex in ("K", "M"))
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
    if len(gaps) > 1:
        size, name = max(gaps, key=lambda gap: abs(gap[0]))
        key = "largest" if len(gaps) == len(rows) - 1 else "largest_shown"
        sentences.append(
            words(f"conditions.full_time.{key}", name=name, gap=view.numbers.plain(abs(size), 1))
        )
    stated = parts.goal(view, figure)
    sentences += [stated] if stated else []
    sentences += parts.hidden_sentence(view, rows)
    return heading, sentences


def _both(view: View, figure: str) -> tuple[tuple[float | None, ...], tuple[str, ...], str]:
    """The whole municipality at the period that the departments stand at."""
    period = view.reader.at(figure, ["department", "sex"])
    sides = [view.reader.cell(figure, period=period, sex=sex) for sex in ("K", "M")]
    whole = parts.row(view, figure, "", sides, view.reader.cell(figure, period=period))
    return whole.values, whole.written, whole.n


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
        words("blocks.by_group.switch"),
        {by: words(f"common.dimensions.{by}.by") for by in offered},
        chosen,
        "sick-leave-groups",
    )
    cells = view.reader.rows(SICK_LEAVE, [chosen])
    rows = [parts.row(view, SICK_LEAVE, view.label(chosen, cell[chosen]), [cell]) for cell in cells]
    if chosen != "age_group_health":
        rows = by_value(rows)
    kept = drawn(rows, FEW)
    heading, sentences = _sick_groups_said(view, rows, kept)
    name = words("conditions.sick_groups.chart", by=words(f"common.dimensions.{chosen}.per"))
    head = (words(f"common.dimensions.{chosen}.one"), view.name(SICK_LEAVE), words("common.n"))
    if not any(row.values[0] is not None for row in rows):
        table = Table(name, head, tuple((row.label, row.written[0], row.n) for row in rows))
        return wrapper.nothing_shown(view, "sick-leave-groups", heading, table, [control])
    drawing = Drawing(
        bars.lengths(kept, view.lang),
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


def _sick_groups_said(view: View, rows: Sequence[Row], kept: Sequence[Row]) -> tuple[str, list[str]]:
    """The heading and the sentences; a superlative is only said of groups that are shown."""
    words = view.words
    shown = by_value([row for row in rows if row.values[0] is not None])
    heading = words("conditions.sick_groups.name")
    sentences: list[str] = []
    if len(shown) > 1:
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
    sentences += parts.largest(view, rows, kept)
    return heading, sentences
