"""Läget i korthet: a few figures, and the ten objectives.

Belongs here: what management reads first. Does not belong here: breakdowns (the other pages have them).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards import address, changes
from dashboards.pages import parts
from dashboards.reading import is_shown
from dashboards.shell import municipality
from dashboards.view import View

TILES = (
    "women_share",
    "women_among_managers",
    "manager_parity",
    "balanced_occupations_share",
    "pay_ratio_median",
    "permanent_share",
    "full_time_share",
    "full_time_working_share",
    "sick_leave_share",
    "sick_leave_long_share",
)
MOST_TOLD = 6
OBJECTIVES = tuple(f"O{number}" for number in range(1, 11))


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        f"{lead(view)} {_standing(view)}",
        parts.choose(view, parts.period_choice(view)),
        html.Section(
            [
                html.H2(words("overview.figures.heading"), id="figures"),
                html.Ul(
                    [parts.tile(view, figure) for figure in TILES if figure in view.release.figures],
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


def lead(view: View) -> str:
    """How many work here, and how many of them and of their managers are women, at the period the managers stand at."""
    employees, managers = (view.reader.cell(figure) for figure in ("employees", "women_among_managers"))
    together = managers["period"] if managers is not None and is_shown(managers) else None
    women = view.reader.cell("women_share", together)
    period = view.numbers.period(view.reader.period)
    sentences = []
    if employees is not None and is_shown(employees):
        sentences.append(
            view.words(
                "overview.lead.employees",
                municipality=municipality(view.release),
                n=view.numbers.plain(employees["value"]),
                period=view.numbers.period(employees["period"]),
            )
        )
    if women is not None and is_shown(women):
        share = view.numbers.spoken(view.release.figures["women_share"], women["value"])
        if managers is not None and together is not None:
            among = view.numbers.spoken(view.release.figures["women_among_managers"], managers["value"])
            at = view.numbers.period(together)
            sentences.append(view.words("overview.lead.both", women=share, managers=among, period=at))
            sentences.append(parts.goal(view, "women_among_managers", view.words("overview.lead.aim")))
        else:
            sentences.append(view.words("overview.lead.women", women=share))
    return " ".join(filter(None, sentences)) or view.words("overview.lead.nothing", period=period)


def _objective(view: View, objective: str) -> html.Li:
    """One objective: how it stands, in a word and a sentence, and its target; it leads to the figure that shows it."""
    words = view.words
    told = next(
        (each for each in view.release.insights.get("objectives", ()) if each["id"] == objective), None
    )
    status, sentence = judged(view, objective, told)
    name: Any = words(f"objectives.{objective}.name")
    figure = told.get("figure") if told else None
    if figure in view.release.figures:
        name = html.A(name, href=address.figure_href(str(figure), view.lang))
    elif objective == "O8":
        name = html.A(name, href=address.path("equality", view.lang))
    return html.Li(
        [
            html.Span(objective, className="number", **{"aria-hidden": "true"}),
            html.Div([html.H3(name), html.P(sentence)]),
            html.Span(words(f"overview.status.{status}"), className=f"status {status}"),
        ],
        id=objective,
    )


def judged(view: View, objective: str, told: Mapping[str, Any] | None) -> tuple[str, str]:
    """An objective's status and its reason; where there are no data, what they wait for."""
    if told is None or told["because"] == "missing":
        return "not_connected", view.words(f"objectives.{objective}.waits")
    return str(told["status"]), view.said(told["sentence"])


def _standing(view: View) -> str:
    """How many objectives stand how, in one sentence."""
    told = view.release.insights.get("objectives", ())
    counted = {
        status: sum(each["status"] == status and each["because"] != "missing" for each in told)
        for status in ("reached", "on_track", "behind")
    }
    counted["waiting"] = len(OBJECTIVES) - sum(counted.values())
    said = view.numbers.listed(
        [
            view.words.count(f"overview.objectives.{status}", number, n=view.numbers.counted(number))
            for status, number in counted.items()
            if number
        ]
    )
    return view.words("overview.objectives.standing", said=said)


def _since(view: View) -> html.Section:
    words, manifest = view.words, view.release.manifest
    made = view.numbers.moment(manifest.get("created_at"))
    as_of = view.numbers.period(str(manifest.get("as_of") or view.reader.period)[:7])
    sentences = [words("overview.since.made", moment=made, period=as_of)]
    told = news(view)
    problems = [view.said(problem) for problem in view.status.get("problems", ())]
    return html.Section(
        [
            html.H2(words("overview.since.heading"), id="since"),
            html.P(" ".join(sentences)),
            html.Ul([html.Li(each) for each in told], className="plain") if told else None,
            html.Ul([html.Li(problem) for problem in problems], className="plain") if problems else None,
            html.P(html.A(words("overview.since.more"), href=address.path("quality", view.lang))),
        ],
        className="since",
        **{"aria-labelledby": "since"},
    )


def news(view: View) -> list[str]:
    """What this release says that the one before did not, line by line: news, corrections, objectives."""
    words = view.words
    if view.before is None:
        is_first = not view.release.manifest.get("previous")
        return [words("overview.since.first" if is_first else "overview.since.gone")]
    found = changes.since(view.before, view.release)
    told = []
    if found.newer:
        latest = max(end for figure in found.newer for end in view.release.ends(figure).values())
        told.append(
            words.count(
                "overview.since.newer",
                len(found.newer),
                n=view.numbers.plain(len(found.newer)),
                period=view.numbers.period(latest),
            )
        )
    told += [
        words(
            "overview.since.corrected",
            name=view.name(each.figure),
            period=view.period(each.figure, each.period),
            before=view.numbers.cell(view.release.figures[each.figure], each.before),
            now=view.numbers.cell(view.release.figures[each.figure], each.now),
        )
        for each in found.corrected[:MOST_TOLD]
    ]
    rest = len(found.corrected) - MOST_TOLD
    if rest > 0:
        told.append(words.count("overview.since.more_corrected", rest, n=view.numbers.plain(rest)))
    told += [
        words(
            "overview.since.objective",
            name=words(f"objectives.{objective}.name"),
            before=words(f"overview.status.{was}").lower(),
            now=words(f"overview.status.{now}").lower(),
        )
        for objective, (was, now) in found.objectives.items()
    ]
    return told or [words("overview.since.same")]
