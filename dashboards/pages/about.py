"""Om Fördel: how the figures come about, how people are protected, and the accessibility statement.

Belongs here: the texts that a reader needs to judge the figures. Does not belong here: single definitions (catalogue.py).
"""

from __future__ import annotations

from dash import html

from dashboards import address
from dashboards.pages import parts
from dashboards.view import View

SECTIONS = {
    "method": 4,
    "reading": 4,
    "protection": 5,
    "privacy": 3,
    "accessibility": 6,
}


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("about.lead"),
        *[_section(view, name, paragraphs) for name, paragraphs in SECTIONS.items()],
        html.Section(
            [
                html.H2(words("about.signs.heading"), id="signs"),
                html.Dl(
                    [
                        part
                        for sign, name in (("..", "hidden"), ("-", "missing"), (".", "not_applicable"))
                        for part in (html.Dt(sign), html.Dd(words(f"about.signs.{name}")))
                    ]
                ),
            ],
            className="part",
            **{"aria-labelledby": "signs"},
        ),
        html.P(html.A(words("about.catalogue"), href=address.path("catalogue", view.lang))),
    )


def _section(view: View, name: str, paragraphs: int) -> html.Section:
    return html.Section(
        [
            html.H2(view.words(f"about.{name}.heading"), id=name),
            *[html.P(view.words(f"about.{name}.p{number}")) for number in range(1, paragraphs + 1)],
        ],
        className="part prose",
        **{"aria-labelledby": name},
    )
