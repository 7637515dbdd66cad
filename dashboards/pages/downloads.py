"""Ladda ner: every figure as CSV and Excel, the whole release, the reports, and the interface for programs.

Belongs here: links and what each file is. Does not belong here: making the files (dashboards/export).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.pages import parts, protection
from dashboards.view import View

FORMATS = {"csv": "CSV", "xlsx": "Excel"}
WHOLE = ("parquet", "duckdb", "csv", "xlsx")


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("downloads.lead"),
        _section(view, "whole", [html.Ul([_whole(view, kind) for kind in WHOLE], className="files")]),
        _section(view, "figures", [html.Div(_themes(view), className="by-theme")]),
        _reports(view),
        _section(view, "audit", [html.P(protection.links(view))]),
        _section(
            view,
            "api",
            [
                html.P(html.A(words("downloads.api.description"), href="/api/openapi.json")),
                html.P(html.A(words("downloads.api.figures"), href="/api/v1/figures")),
            ],
        ),
    )


def _section(view: View, name: str, content: list[Any]) -> html.Section:
    return html.Section(
        [
            html.H2(view.words(f"downloads.{name}.heading"), id=name),
            html.P(view.words(f"downloads.{name}.lead"), className="under"),
            *content,
        ],
        className="part",
        **{"aria-labelledby": name},
    )


def _whole(view: View, kind: str) -> html.Li:
    return html.Li(
        [
            html.A(view.words(f"downloads.whole.{kind}.name"), href=f"/download/{view.lang}/release.{kind}"),
            " ",
            html.Span(view.words(f"downloads.whole.{kind}.what"), className="facts"),
        ]
    )


def _themes(view: View) -> list[Any]:
    """The figures that have cells, by theme, each with its two files."""
    shown: list[Any] = []
    for theme in view.release.themes:
        entries = [
            entry
            for entry in view.release.figures.values()
            if entry["theme"] == theme["id"] and view.release.ends(entry["id"])
        ]
        if entries:
            shown.append(
                html.Div(
                    [
                        html.H3(view.said(theme["name"])),
                        html.Ul([_figure(view, entry) for entry in entries], className="files"),
                    ]
                )
            )
    return shown


def _figure(view: View, entry: Any) -> html.Li:
    name = view.said(entry["name"])
    links: list[Any] = [html.Span(name)]
    for kind, title in FORMATS.items():
        links += [
            " ",
            html.A(
                title,
                href=f"/download/{view.lang}/{entry['id']}.{kind}",
                **{"aria-label": f"{name}, {title}"},
            ),
        ]
    return html.Li(links)


def _reports(view: View) -> html.Section:
    words = view.words
    made = [name for name in ("brief", "equality") if name in view.reports]
    content: list[Any] = [
        html.Ul(
            [
                html.Li(
                    html.A(
                        words(f"downloads.reports.{name}"), href=f"/download/{view.lang}/report-{name}.pdf"
                    )
                )
                for name in made
            ],
            className="files",
        )
        if made
        else html.P(words("downloads.reports.none"), className="absent")
    ]
    return _section(view, "reports", content)
