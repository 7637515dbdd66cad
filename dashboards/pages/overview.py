"""Läget i korthet: a few figures, and the ten objectives.

Belongs here: what management reads first. Does not belong here: breakdowns (the other pages have them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards import address
from dashboards.pages import parts
from dashboards.reading import Cell, is_shown, year_before
from dashboards.view import View

TILES = (
    "employees",
    "women_share",
    "women_among_managers",
    "manager_parity",
    "balanced_occupations_share",
    "permanent_share",
    "full_time_share",
    "full_time_working_share",
    "sick_leave_share",
    "sick_leave_long_share",
)
PAGE_OF = {
    "women_share": "equality#spread",
    "women_among_managers": "equality#managers",
    "manager_parity": "equality#managers",
    "balanced_occupations_share": "equality#occupations",
    "permanent_share": "conditions#forms",
    "full_time_share": "conditions#full-time",
    "full_time_working_share": "conditions#full-time",
    "sick_leave_share": "conditions#sick-leave",
    "sick_leave_long_share": "conditions#sick-leave",
}
OBJECTIVES = tuple(f"O{number}" for number in range(1, 11))
EQUALITY = "gender_equality"


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        _lead(view),
        parts.choose(view, parts.period_choice(view)),
        html.Section(
            [
                html.H2(words("overview.figures.heading"), id="figures"),
                html.Ul(
                    [_tile(view, figure) for figure in TILES if figure in view.release.figures],
                    className="tiles",
                ),
            ],
            **{"aria-labelledby": "figures"},
        ),
        html.Section(
            [
                html.H2(words("overview.objectives.heading"), id="objectives"),
                html.P(words("overview.objectives.lead"), className="under"),
                html.Ol([_objective(view, objective) for objective in OBJECTIVES], className="objectives"),
            ],
            **{"aria-labelledby": "objectives"},
        ),
        _since(view),
    )


def _lead(view: View) -> str:
    employees, women, managers = (
        view.reader.cell(figure) for figure in ("employees", "women_share", "women_among_managers")
    )
    period = view.numbers.period(view.reader.period)
    sentences = []
    if employees is not None and is_shown(employees):
        sentences.append(
            view.words(
                "overview.lead.employees",
                municipality=_municipality(view),
                n=view.numbers.plain(employees["value"]),
                period=period,
            )
        )
    if women is not None and is_shown(women):
        share = view.numbers.spoken(view.release.figures["women_share"], women["value"])
        if managers is not None and is_shown(managers):
            among = view.numbers.spoken(view.release.figures["women_among_managers"], managers["value"])
            sentences.append(view.words("overview.lead.both", women=share, managers=among))
        else:
            sentences.append(view.words("overview.lead.women", women=share))
    return " ".join(sentences) or view.words("overview.lead.nothing", period=period)


def _municipality(view: View) -> str:
    return str(view.release.manifest.get("municipality", {}).get("name", ""))


def _tile(view: View, figure: str) -> html.Li:
    words, entry = view.words, view.release.figures[figure]
    name = view.said(entry["name"])
    if figure in PAGE_OF:
        page, _, anchor = PAGE_OF[figure].partition("#")
        period = view.address.choices.get("period")
        place = f"{address.href(page, view.lang, {'period': period})}#{anchor}"
    else:
        place = f"{address.path('catalogue', view.lang)}#{figure}"
    own = view.reader.at(figure)
    title = html.H3(html.A(name, href=place))
    if own is None:
        return html.Li([title, html.P(view.reason(figure), className="why")], className="tile absent")
    now = view.reader.cell(figure)
    facts = [view.period(figure, own)]
    if now is not None and is_shown(now) and now["n"] is not None and entry["unit"] != "count":
        facts.append(words("common.figure.n", n=view.numbers.plain(now["n"])))
    earlier = year_before(own)
    before = next((cell for cell in view.release.cells(figure, earlier, ()).to_dicts()), None)
    target = parts.target(view, figure)
    shown: list[Any] = [
        title,
        html.P(view.numbers.cell(entry, now), className="value"),
        html.P(_under(view, figure, now, before, earlier), className="change"),
        html.P(target, className="target") if target else None,
        html.P(" · ".join(facts), className="facts"),
    ]
    return html.Li([part for part in shown if part is not None], className="tile")


def _under(view: View, figure: str, now: Cell | None, before: Cell | None, earlier: str) -> str:
    if now is not None and not is_shown(now):
        return view.words("common.tile_hidden" if now["status"] == "hidden" else "common.tile_missing")
    return parts.change(view, figure, now, before, earlier)


def _objective(view: View, objective: str) -> html.Li:
    words = view.words
    status, sentence = _judged(view, objective)
    return html.Li(
        [
            html.Span(objective, className="number", **{"aria-hidden": "true"}),
            html.Div([html.H3(words(f"objectives.{objective}.name")), html.P(sentence)]),
            html.Span(words(f"overview.status.{status}"), className=f"status {status}"),
        ],
        id=objective,
    )


def _judged(view: View, objective: str) -> tuple[str, str]:
    if objective != "O8":
        return "not_connected", view.words(f"objectives.{objective}.waits")
    counted = equality_figures(view)
    if not counted["figures"]:
        return "not_connected", view.words("objectives.O8.waits")
    written = {name: view.numbers.plain(number) for name, number in counted.items()}
    return ("reached" if counted["complete"] == counted["figures"] else "started"), view.words(
        "objectives.O8.sentence", **written
    )


def equality_figures(view: View) -> Mapping[str, int]:
    """How many figures of gender equality there are, and how many have a value, a target, an owner, and all three."""
    entries = [entry for entry in view.release.figures.values() if entry["theme"] == EQUALITY]
    value = [is_shown(view.reader.cell(entry["id"])) for entry in entries]
    has_target = [bool(entry.get("target")) for entry in entries]
    has_owner = [bool(entry.get("owner")) for entry in entries]
    complete = sum(map(all, zip(value, has_target, has_owner, strict=True)))
    return {
        "figures": len(entries),
        "values": sum(value),
        "targets": sum(has_target),
        "owners": sum(has_owner),
        "complete": complete,
    }


def _since(view: View) -> html.Section:
    words, manifest = view.words, view.release.manifest
    made = view.numbers.moment(manifest.get("created_at"))
    as_of = view.numbers.period(str(manifest.get("as_of") or view.reader.period)[:7])
    sentences = [words("overview.since.made", moment=made, period=as_of)]
    sentences.append(
        words("overview.since.follows") if manifest.get("previous") else words("overview.since.first")
    )
    problems = [view.said(problem["text"]) for problem in view.status.get("problems", ())]
    return html.Section(
        [
            html.H2(words("overview.since.heading"), id="since"),
            html.P(" ".join(sentences)),
            html.Ul([html.Li(problem) for problem in problems], className="plain") if problems else None,
            html.P(html.A(words("overview.since.more"), href=address.path("quality", view.lang))),
        ],
        className="since",
        **{"aria-labelledby": "since"},
    )
