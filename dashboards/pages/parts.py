"""What several pages are put together from: the page's frame, choices, and a figure's cells as rows of a chart.

Belongs here: compositions used by more than one page. Does not belong here: anything one page alone needs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from dashboards import address
from dashboards.figures.drawing import Row
from dashboards.figures.wrapper import LONG, hyphenated
from dashboards.numbers import HIDDEN, NOT_REPORTED
from dashboards.pace import pace
from dashboards.reading import Cell, difference, is_hidden, is_shown, months
from dashboards.view import View

RANKED = (
    "department",
    "other_department",
    "unit",
    "occupation_group",
    "competence_area",
    "municipality",
    "area",
    "ground",
)
"""Dimensions whose groups stand in the order of their values; the others have an order of their own."""


COUNTS = ("count", "full_time_equivalents")
"""Units of which there are more or fewer, not higher or lower."""


@dataclass(frozen=True)
class Choice:
    """Something to choose: its name in the address, its label, the options (code → name) and the one in force."""

    name: str
    label: str
    options: Mapping[str, str]
    chosen: str


def page(view: View, lead: str, *content: Any) -> html.Div:
    """A page: its one h1, a lead, and its blocks."""
    title = view.words(f"common.pages.{view.address.page}.title")
    return html.Div(
        [
            html.Header(
                [html.H1(hyphenated(title, LONG)), html.P(lead, className="lead")], className="opening"
            ),
            *content,
        ],
        **{"data-page": view.address.page or ""},
    )


def choose(view: View, *choices: Choice, keep: Mapping[str, Sequence[str]] | None = None) -> html.Form:
    """A form of choices: plain selects and a button, so that nothing changes before the reader says so.

    `keep` names the page's other choices and what they may be: they go with the form unchanged.
    """
    stated = {name: view.choice(name, list(offered), "") for name, offered in (keep or {}).items()}
    kept = [dcc.Input(type="hidden", name=name, value=value) for name, value in stated.items() if value]
    fields = [
        html.Div(
            [
                html.Label(choice.label, htmlFor=f"choose-{choice.name}"),
                html.Select(
                    [
                        html.Option(name, value=code, selected=code == choice.chosen)
                        for code, name in choice.options.items()
                    ],
                    id=f"choose-{choice.name}",
                    name=choice.name,
                ),
            ],
            className="field",
        )
        for choice in choices
    ]
    return html.Form(
        [*fields, *kept, html.Button(view.words("common.choose.show"), type="submit")],
        method="get",
        action=view.address.path,
        className="choose",
        **{"aria-label": view.words("common.choose.name")},
    )


def period_choice(view: View) -> Choice:
    """The months of the release."""
    options = {period: view.numbers.period(period) for period in months(view.release)}
    return Choice("period", view.words("common.choose.period"), options, view.reader.period)


def department_choice(view: View, figures: Sequence[str]) -> Choice:
    """The whole municipality, or a department for which any of the figures has cells."""
    found = {
        row["department"]
        for figure in figures
        if view.reader.offers(figure, ["department"])
        for row in view.reader.rows(figure, ["department"])
    }
    codes = sorted(
        (code for code in view.reader.levels("department") if code in found),
        key=lambda code: view.label("department", code),
    )
    options = {"": view.words("common.choose.whole")} | {
        code: view.label("department", code) for code in codes
    }
    return Choice(
        "department", view.words("common.choose.department"), options, view.choice("department", codes, "")
    )


def switch(view: View, name: str, label: str, options: Mapping[str, str], chosen: str, anchor: str) -> Any:
    """A few alternatives as links; the one in force is marked."""
    if len(options) < len(("one", "other")):
        return None
    links = [
        html.Li(
            html.A(
                text,
                href=f"{view.address.href(**{name: code})}#{anchor}",
                **({"aria-current": "true"} if code == chosen else {}),
            )
        )
        for code, text in options.items()
    ]
    return html.Nav(html.Ul(links), className="switch", **{"aria-label": label})


def row(view: View, figure: str, label: str, cells: Sequence[Cell | None], n: Cell | None = None) -> Row:
    """Cells of one group as a row of a chart; what is not shown has no number in it."""
    entry = view.release.figures[figure]
    counted = n if n is not None else cells[0] if cells else None
    return Row(
        label=label,
        values=tuple(_as_written(entry, cell) for cell in cells),
        written=tuple(view.numbers.cell(entry, cell) for cell in cells),
        n=view.numbers.cell(entry, counted, "n"),
        order=float(counted["n"])
        if counted is not None and is_shown(counted) and counted["n"] is not None
        else 0.0,
    )


def _as_written(entry: Mapping[str, Any], cell: Cell | None) -> float | None:
    """The value no finer than it is written: a chart must not tell more than its text."""
    return (
        round(float(cell["value"]), int(entry["decimals"])) if cell is not None and is_shown(cell) else None
    )


def unshown(*cells: Cell | None) -> str:
    """What stands for a number made of cells that are not all shown: `..` only where one is hidden."""
    return HIDDEN if any(map(is_hidden, cells)) else NOT_REPORTED


def hidden_sentence(view: View, rows: Sequence[Row], key: str = "common.hidden") -> list[str]:
    """How many groups are hidden, if any."""
    hidden = sum(HIDDEN in row.written for row in rows)
    return [view.words.count(key, hidden, n=view.numbers.plain(hidden))] if hidden else []


def hidden(view: View, figure: str, cell: Cell) -> str:
    """That a value is not shown, and why."""
    return view.words(
        "common.value_hidden", name=view.name(figure), period=view.period(figure, cell["period"])
    )


def largest(view: View, rows: Sequence[Row], kept: Sequence[Row]) -> list[str]:
    """That a chart shows the largest groups only, where it leaves out any that are shown."""
    shown, in_chart = (
        sum(any(value is not None for value in row.values) for row in some) for some in (rows, kept)
    )
    if in_chart == shown:
        return []
    return [view.words("common.largest", n=view.numbers.plain(in_chart), of=view.numbers.plain(shown))]


def change(view: View, figure: str, now: Cell | None, before: Cell | None, since: str) -> str:
    """The change since an earlier period, in words."""
    words, entry = view.words, view.release.figures[figure]
    period = view.period(figure, since, rolling="rolling_before")
    if not is_shown(now) or not is_shown(before):
        return words("common.change.none", period=period)
    decimals = int(entry["decimals"])
    step = round(difference(now, before, decimals) or 0.0, decimals)
    kind = "count" if entry["unit"] in COUNTS else "percent" if entry["unit"] == "percent" else "plain"
    way = "same" if step == 0 else "up" if step > 0 else "down"
    if way == "same":
        return words("common.change.same", period=period)
    written = view.numbers.plain if kind != "plain" else lambda size, _: view.numbers.spoken(entry, size)
    return words(f"common.change.{kind}.{way}", step=written(abs(step), decimals), period=period)


def moved(
    view: View, figure: str, now: Cell | None, before: Cell | None, since: str, subject: str
) -> list[str]:
    """How a share has moved since an earlier period, as a sentence about `subject`; nothing where either is not shown."""
    if now is None or before is None or not (is_shown(now) and is_shown(before)):
        return []
    decimals = int(view.release.figures[figure]["decimals"])
    step = difference(now, before, decimals) or 0.0
    way = "same" if round(step, decimals) == 0 else "up" if step > 0 else "down"
    period = view.numbers.period(since)
    return [
        view.words(
            f"common.moved.{way}",
            subject=subject,
            step=view.numbers.plain(abs(step), decimals),
            period=period,
        )
    ]


def target(view: View, figure: str) -> str:
    """The figure's target in words; empty without one."""
    by = target_by(view, figure)
    return view.words("common.target", by=by) if by else ""


def target_by(view: View, figure: str) -> str:
    """What the target is and by when, where it is plain that it is one."""
    entry = view.release.figures[figure]
    stated = entry.get("target")
    if not stated:
        return ""
    value = view.numbers.brief(entry, stated["value"])
    return view.words("common.target_by", value=value, date=view.numbers.period(str(stated["date"])[:7]))


def goal(view: View, figure: str, of: str = "") -> str:
    """Whether the figure's target is reached, or will be at this pace, as a sentence; empty without a target.

    `of` says whose target it is, where that does not follow from what stands beside it.
    """
    entry, now = view.release.figures[figure], view.reader.cell(figure)
    stated = entry.get("target")
    if not stated:
        return ""
    told = _told(view, figure)
    before = compared(view, figure)
    word = (
        pace(
            entry,
            now,
            before if is_shown(before) else None,
            is_noise=_is_noise(told),
            path=_planned(view, figure, now["period"]),
        )
        if now is not None and is_shown(now)
        else None
    )
    written = f"{view.numbers.brief_spoken(entry, stated['value'])} {of}".strip()
    return view.words(
        f"common.pace.{word or 'aim'}", target=written, date=view.numbers.period(str(stated["date"])[:7])
    )


def meaning(view: View, figure: str, cell: Cell | None) -> list[str]:
    """What a value says by lying on one side of the figure's even point, where it has one and its interval does not hold it."""
    entry = view.release.figures[figure]
    stated = entry.get("meaning")
    if not stated or cell is None or not is_shown(cell):
        return []
    if cell["low"] is not None and cell["low"] <= stated["even"] <= cell["high"]:
        return []
    side = round(float(cell["value"]) - float(stated["even"]), int(entry["decimals"]))
    return [view.said(stated["above" if side > 0 else "below"])] if side else []


def _planned(view: View, figure: str, period: str) -> float | None:
    """Where the way to the target is at a period."""
    steps = view.release.insights.get("targets", {}).get(figure, ())
    return next((step["path"] for step in steps if step["period"] == period), None)


def _is_noise(told: Mapping[str, Any] | None) -> bool | None:
    """Whether a change may be chance; None where the release has not judged it."""
    if told is None or told["verdict"] == "cannot_be_judged":
        return None
    return bool(told["verdict"] == "no_real_change")


def compared(view: View, figure: str) -> Cell | None:
    """The cell of the whole that the one shown is compared with: a year or a round before, by the same definition."""
    earlier, now = view.reader.before(figure), view.reader.cell(figure)
    before = next(iter(view.release.records(figure).get(earlier, ())), None) if earlier else None
    return before if before and now and before["version"] == now["version"] else None


def _told(view: View, figure: str) -> Mapping[str, Any] | None:
    """What the release says of the figure's change, where it has judged the period shown."""
    told = next((each for each in view.release.insights.get("changes", ()) if each["figure"] == figure), None)
    return told if told is not None and told["period"] == view.reader.at(figure) else None


def tile(view: View, figure: str) -> html.Li:
    """A figure in short: name, value, change since a year or a round before, target; it leads to the figure's own page."""
    words, entry = view.words, view.release.figures[figure]
    choices = {"period": view.address.choices.get("period")}
    place = address.figure_href(figure, view.lang, choices)
    now, own = view.reader.cell(figure), view.reader.at(figure)
    shown: list[Any] = [html.H3(html.A(view.said(entry["name"]), href=place))]
    if own is None:
        shown.append(html.P(view.reason(figure), className="why"))
        return html.Li(shown, className="tile")
    earlier, before = view.reader.before(figure), compared(view, figure)
    facts = [view.period(figure, own)]
    if now is not None and is_shown(now) and now["n"] is not None and entry["unit"] != "count":
        facts.append(words("common.figure.n", n=view.numbers.plain(now["n"])))
    if now is None or not is_shown(now):
        under = words(
            "common.tile_hidden" if now is not None and now["status"] == "hidden" else "common.tile_missing"
        )
    else:
        under = change(view, figure, now, before, earlier) if earlier else ""
    goal = target(view, figure)
    shown += [
        html.P(view.numbers.alone(entry, now), className="value"),
        html.P([under, " ", html.Span(certainty(view, figure), className="certainty")], className="change")
        if under
        else None,
        html.P(goal, className="target") if goal else None,
        html.P(" · ".join(facts), className="facts"),
    ]
    return html.Li([part for part in shown if part is not None], className="tile")


def certainty(view: View, figure: str) -> str:
    """Whether the change is real or noise, where the release has judged it for the period shown; else empty."""
    told = _told(view, figure)
    if told is None or told["verdict"] == "cannot_be_judged":
        return ""
    is_noise = told["verdict"] == "no_real_change"
    return view.words("common.change.noise" if is_noise else "common.change.real")
