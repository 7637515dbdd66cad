"""Nyckeltalskatalog: every figure, what it asks, and exactly how it is counted.

Belongs here: the catalogue as people read it. Does not belong here: values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html

from dashboards import address
from dashboards.pages import parts
from dashboards.view import View

KOLADA = "kolada"


def render(view: View) -> html.Div:
    """The page; `?q=` keeps the figures that have all its words."""
    words = view.words
    asked = view.address.choices.get("q", "").strip()
    found = _found(view, asked)
    themes = [
        (theme, [entry for entry in found if entry["theme"] == theme["id"]]) for theme in view.release.themes
    ]
    number = view.numbers.plain(len(found))
    return parts.page(
        view,
        words("catalogue.lead"),
        _search(view, asked),
        html.P(
            words.count("catalogue.found", len(found), n=number, asked=asked)
            if asked
            else words.count("catalogue.all", len(found), n=number),
            className="found",
            role="status",
        ),
        html.Nav(
            html.Ul(
                [
                    html.Li(html.A(view.said(theme["name"]), href=f"#theme-{theme['id']}"))
                    for theme, entries in themes
                    if entries
                ]
            ),
            className="index",
            **{"aria-label": words("catalogue.index")},
        )
        if found
        else None,
        *[
            html.Section(
                [
                    html.H2(view.said(theme["name"]), id=f"theme-{theme['id']}"),
                    *[_entry(view, entry) for entry in entries],
                ],
                className="theme",
                **{"aria-labelledby": f"theme-{theme['id']}"},
            )
            for theme, entries in themes
            if entries
        ],
    )


def _found(view: View, asked: str) -> list[Mapping[str, Any]]:
    """The figures that are called what is asked for, or ask for it; only where there is none, those whose definition says it."""
    every = list(view.release.figures.values())
    near = [entry for entry in every if _matches(view, entry, asked, ("name", "question"))]
    return near or [
        entry for entry in every if _matches(view, entry, asked, ("name", "question", "definition"))
    ]


def _matches(view: View, entry: Mapping[str, Any], asked: str, parts_of: Sequence[str]) -> bool:
    reference = str((entry.get("reference") or {}).get(KOLADA, ""))
    text = " ".join([entry["id"], *[view.said(entry[name]) for name in parts_of], reference]).casefold()
    return all(word in text for word in asked.casefold().split())


def _search(view: View, asked: str) -> html.Form:
    words = view.words
    return html.Form(
        [
            html.Div(
                [
                    html.Label(words("catalogue.search.label"), htmlFor="q"),
                    dcc.Input(id="q", name="q", type="search", value=asked, autoComplete="off"),
                ],
                className="field wide",
            ),
            html.Button(words("catalogue.search.button"), type="submit"),
            html.A(words("catalogue.search.clear"), href=address.path("catalogue", view.lang))
            if asked
            else None,
        ],
        method="get",
        action=address.path("catalogue", view.lang),
        className="choose",
        role="search",
    )


def facts(view: View, entry: Mapping[str, Any]) -> list[Any]:
    """A figure's definition as terms and descriptions."""
    words = view.words
    stated: list[tuple[str, Any]] = [
        ("definition", view.said(entry["definition"])),
        ("formula", _formula(view, entry)),
        ("population", view.said(entry.get("population") or "–")),
        ("period", _period(view, entry)),
        ("breakdowns", _breakdowns(view, entry)),
        ("source", ", ".join(view.source(name) for name in entry.get("sources", ())) or "–"),
        ("protection", words(f"catalogue.protection.{entry['protection']}")),
        ("target", parts.target_by(view, entry["id"]) or words("catalogue.no_target")),
        ("owner", view.said(entry["owner"])),
        ("version", _versions(view, entry)),
        ("reference", _reference(view, entry)),
        ("as_of", _as_of(view, entry)),
    ]
    listed: list[Any] = []
    for name, content in stated:
        if content not in ("", "–"):
            listed += [html.Dt(words(f"catalogue.facts.{name}")), html.Dd(content)]
    return listed


def _versions(view: View, entry: Mapping[str, Any]) -> Any:
    """Every version the figure has had, newest first, and what changed with it."""
    past = entry.get("history") or [{"version": entry["version"], "valid_from": entry["valid_from"]}]
    said = []
    for line in reversed(past):
        day = view.numbers.day(str(line["valid_from"]))
        version = view.words("catalogue.version", version=str(line["version"]), date=day)
        said.append(f"{version}. {view.said(line['change'])}" if line.get("change") else version)
    return said[0] if len(said) == 1 else html.Ul([html.Li(each) for each in said], className="plain")


def _entry(view: View, entry: Mapping[str, Any]) -> html.Article:
    """A figure: its name, its question, and its definition to open."""
    words = view.words
    name = view.said(entry["name"])
    return html.Article(
        [
            html.Div(
                [
                    html.H3(
                        html.A(name, href=address.figure_href(entry["id"], view.lang)),
                        id=f"{entry['id']}-name",
                    ),
                    html.P(view.said(entry["question"]), className="question"),
                    html.P(
                        [html.Strong(words("catalogue.missing")), " ", view.said(entry["missing"])],
                        className="absent",
                    )
                    if entry.get("missing")
                    else None,
                ]
            ),
            html.Details(
                [
                    html.Summary(
                        words("catalogue.open"), **{"aria-label": words("catalogue.open_of", name=name)}
                    ),
                    html.Dl(facts(view, entry)),
                ]
            ),
        ],
        id=entry["id"],
        className="entry",
        **{"aria-labelledby": f"{entry['id']}-name"},
    )


def _formula(view: View, entry: Mapping[str, Any]) -> html.Code | str:
    formula = entry.get("formula")
    return html.Code(str(view.said(formula))) if formula else ""


def _period(view: View, entry: Mapping[str, Any]) -> str:
    stated = entry["period"]
    kinds = stated if isinstance(stated, list) else [stated]
    return ", ".join(view.words(f"catalogue.periods.{kind}") for kind in kinds)


def _breakdowns(view: View, entry: Mapping[str, Any]) -> str:
    names = {id: view.said(dimension["name"]).lower() for id, dimension in view.release.dimensions.items()}
    said = [
        " × ".join(names.get(dimension, dimension) for dimension in by)
        for by in entry.get("breakdowns", ())
        if by
    ]
    return "; ".join([view.words("catalogue.total"), *said])


def _reference(view: View, entry: Mapping[str, Any]) -> str:
    reference = entry.get("reference") or {}
    kolada = view.words("catalogue.kolada", id=str(reference[KOLADA])) if reference.get(KOLADA) else ""
    return "; ".join(part for part in (kolada, str(reference.get("text") or "")) if part) or "–"


def _as_of(view: View, entry: Mapping[str, Any]) -> str:
    return view.numbers.period(str(entry["as_of"])[:7]) if entry.get("as_of") else "–"
