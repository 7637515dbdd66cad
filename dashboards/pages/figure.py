"""One key figure: its curve, its breakdowns, how it is counted, where it comes from, and what else leads from it.

Belongs here: everything the release knows of one figure. Does not belong here: several figures side by side (their theme's page).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import address
from dashboards.figures.wrapper import LONG, hyphenated
from dashboards.pages import blocks, catalogue, downloads, empty, matrices, measures, parts, series
from dashboards.reading import is_month
from dashboards.view import View

ALONE = (
    "department", "sex", "age_group", "age_group_health", "occupation_group", "management_level", "employment_form",
    "unit", "competence_area", "area", "ground", "plan_kind", "municipality", "pay_quartile",
)  # fmt: skip
PAIRS = (("department", "sex"), ("competence_area", "department"), ("department", "other_department"))


def render(view: View) -> html.Div:
    """The page of the figure that the address names."""
    figure = view.address.figure
    entry = view.reader.figure(figure)
    if entry is None:
        return empty.not_found(view.lang)
    # A distribution has no single value to draw over time: its parts stand beside each other instead.
    whole_of = entry.get("across")
    department = parts.department_choice(view, [] if whole_of else [figure])
    scope = {"department": department.chosen} if department.chosen else {}
    choices = [parts.period_choice(view)] if any(map(is_month, view.release.ends(figure))) else []
    has_whole = view.reader.offers(figure, list(scope))
    return html.Div(
        [
            html.Header(
                [
                    html.P(
                        html.A(
                            _theme(view, entry["theme"]),
                            href=f"{address.path('catalogue', view.lang)}#{figure}",
                        ),
                        className="under",
                    ),
                    html.H1(hyphenated(view.said(entry["name"]), LONG)),
                    html.P(view.said(entry["question"]), className="lead"),
                ],
                className="opening",
            ),
            parts.choose(
                view, *choices, *([department] if len(department.options) > 1 else []), keep={"by": ALONE}
            )
            if choices or len(department.options) > 1
            else None,
            blocks.by_group(view, figure, "parts", (whole_of,), controls=False)
            if whole_of
            else series.over_time(view, figure, "over-time", scope)
            if has_whole or not _has_pairs(view, figure)
            else None,
            measures.section(view, entry),
            *_groups(view, figure),
            _definition(view, entry),
            _files(view, figure) if view.release.ends(figure) else None,
            _lineage(view, entry),
        ],
        **{"data-page": address.FIGURE},
    )


def _has_pairs(view: View, figure: str) -> bool:
    return any(view.reader.offers(figure, list(pair)) for pair in PAIRS)


def _theme(view: View, theme: str) -> str:
    return next((view.said(each["name"]) for each in view.release.themes if each["id"] == theme), theme)


def _groups(view: View, figure: str) -> list[Any]:
    shown: list[Any] = []
    whole_of = view.release.figures[figure].get("across")
    if not whole_of:
        shown.append(blocks.by_group(view, figure, "groups", ALONE))
    for down, across in (("department", whole_of),) if whole_of else PAIRS:
        if view.reader.offers(figure, [down, across]):
            shown.append(matrices.matrix(view, figure, f"{down}-{across}".replace("_", "-"), across, down))
    return [block for block in shown if block is not None]


def _definition(view: View, entry: Any) -> html.Section:
    return html.Section(
        [
            html.H2(view.words("figure.definition"), id="definition"),
            html.Dl(catalogue.facts(view, entry), className="facts-list"),
        ],
        className="part",
        **{"aria-labelledby": "definition"},
    )


def _files(view: View, figure: str) -> html.Section:
    """The figure as files."""
    name = view.name(figure)
    links = [
        html.Li(
            html.A(title, href=f"/download/{view.lang}/{figure}.{kind}", **{"aria-label": f"{name}, {title}"})
        )
        for kind, title in downloads.FORMATS.items()
    ]
    return html.Section(
        [html.H2(view.words("common.pages.downloads.title"), id="files"), html.Ul(links, className="files")],
        className="part",
        **{"aria-labelledby": "files"},
    )


def _lineage(view: View, entry: Any) -> html.Section:
    """The way of the data: deliveries, table, computation, release."""
    words, numbers = view.words, view.numbers
    steps: list[Any] = []
    for contract in entry.get("sources", ()):
        taken = [each for each in view.release.quality.get("deliveries", ()) if each["contract"] == contract]
        loaded = [each for each in taken if each["status"] == "loaded"]
        name = view.source(contract)
        last = max((str(each.get("delivered_at") or "") for each in loaded), default="")
        steps.append(
            words("figure.lineage.source", name=name, n=numbers.plain(len(loaded)), last=numbers.moment(last))
            if loaded
            else words("figure.lineage.no_source", name=name)
        )
    steps.append(words("figure.lineage.table", table=f"core.{entry.get('subject') or ''}"))
    made_of = [view.name(figure) for figure in entry.get("made_of") or ()]
    if made_of:
        steps.append(words("figure.lineage.made_of", figures=", ".join(made_of)))
    steps.append(words("figure.lineage.figure", id=entry["id"], version=str(entry["version"])))
    steps.append(
        words(
            "figure.lineage.release",
            id=view.release.id,
            moment=numbers.moment(view.release.manifest["created_at"]),
        )
    )
    return html.Section(
        [
            html.H2(words("figure.lineage.heading"), id="lineage"),
            html.P(words("figure.lineage.lead"), className="under"),
            html.Ol([html.Li(step) for step in steps], className="trail"),
            html.P(html.A(words("figure.lineage.more"), href=address.path("quality", view.lang))),
        ],
        className="part",
        **{"aria-labelledby": "lineage"},
    )
