"""What is shown when there is nothing to show: no release yet, or no such page.

Belongs here: those two. Does not belong here: a figure that is missing (figures/wrapper.py says why, in its place).
"""

from __future__ import annotations

from dash import html

from dashboards import address
from warehouse.texts import Words


def no_release(lang: str) -> html.Div:
    """Before the first release: what to do."""
    words = Words(lang)
    return html.Div(
        [
            html.Header(
                [
                    html.H1(words("common.no_release.title")),
                    html.P(words("common.no_release.lead"), className="lead"),
                ],
                className="opening",
            ),
            html.P(words("common.no_release.do")),
            html.Pre(html.Code("make refresh")),
            html.P(words("common.no_release.then")),
        ],
        **{"data-page": "empty"},
    )


def not_found(lang: str) -> html.Div:
    """No such page: the way back."""
    words = Words(lang)
    return html.Div(
        [
            html.Header(
                [
                    html.H1(words("common.not_found.title")),
                    html.P(words("common.not_found.lead"), className="lead"),
                ],
                className="opening",
            ),
            html.P(html.A(words("common.not_found.back"), href=address.path(address.PAGES[0], lang))),
        ],
        **{"data-page": "not-found"},
    )
