"""Addresses: which page, in which language, with which choices, and back.

Belongs here: paths and query strings. Every choice a reader makes is in the address, so that a link shows the same view.
Does not belong here: which choices a release offers (each page checks its own against the release).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import LanguageAccept

from warehouse.texts import LANGUAGES, Words

GROUPS: Mapping[str, Sequence[str]] = {
    "brief": ("overview",),
    "people": ("equality", "pay", "diversity", "conditions"),
    "development": ("engagement", "learning", "participation", "plans"),
    "compare": ("compare",),
    "about": ("catalogue", "quality", "downloads", "about"),
}
"""The menu: groups of pages, each opened by its first page."""

PAGES = tuple(page for pages in GROUPS.values() for page in pages)
FIGURE = "figure"
"""The page of one key figure: its address ends with the figure's id. It stands in no menu."""

CHOICES = ("period", "department", "by", "figure", "q", "kpi")
LONGEST = 500


@dataclass(frozen=True)
class Address:
    """A page (None where there is no such page), its language, and the choices as they were asked for."""

    lang: str
    page: str | None
    choices: Mapping[str, str] = field(default_factory=dict)
    figure: str = ""

    def href(self, **changes: str | None) -> str:
        """The same page with some choices changed; None takes one away."""
        return self._href(self.lang, {**self.choices, **changes})

    def in_language(self, lang: str) -> str:
        """The same view in another language."""
        return self._href(lang, self.choices)

    @property
    def path(self) -> str:
        """The page without its choices."""
        return self._href(self.lang, {})

    def _href(self, lang: str, choices: Mapping[str, str | None]) -> str:
        if self.page == FIGURE:
            return figure_href(self.figure, lang, choices)
        return href(self.page or PAGES[0], lang, choices)


def slug(page: str, lang: str) -> str:
    """A page's name in addresses."""
    return Words(lang)(f"common.pages.{page}.slug")


def path(page: str, lang: str) -> str:
    """A page's address without choices."""
    return f"/{lang}/{slug(page, lang)}"


def href(page: str, lang: str, choices: Mapping[str, str | None] | None = None) -> str:
    """A page's address with choices, in a fixed order."""
    return path(page, lang) + _query(choices)


def figure_href(figure: str, lang: str, choices: Mapping[str, str | None] | None = None) -> str:
    """The address of a key figure's own page."""
    return f"{path(FIGURE, lang)}/{figure}{_query(choices)}"


def group_of(page: str | None) -> str | None:
    """The group of the menu that a page is in; a key figure's page belongs with the catalogue."""
    wanted = "catalogue" if page == FIGURE else page
    return next((group for group, pages in GROUPS.items() if wanted in pages), None)


def _query(choices: Mapping[str, str | None] | None) -> str:
    stated = urlencode(sorted((name, value) for name, value in (choices or {}).items() if value))
    return f"?{stated}" if stated else ""


def read(pathname: object, search: object) -> Address:
    """What an address asks for.

    Anything may come, from a browser or from somebody who tries: an unknown page is None, an unknown language Swedish,
    and only choices that some page has are kept.
    """
    asked, query = (part[:LONGEST] if isinstance(part, str) else "" for part in (pathname, search))
    steps = [step for step in asked.split("/") if step]
    lang = steps[0] if steps and steps[0] in LANGUAGES else LANGUAGES[0]
    stated = dict(parse_qsl(query.removeprefix("?")))
    choices = {name: stated[name] for name in CHOICES if name in stated}
    if steps[:1] != [lang]:
        return Address(lang, None, choices)
    if len(steps) == len(("lang", "page", "figure")) and steps[1] == slug(FIGURE, lang):
        return Address(lang, FIGURE, choices, steps[2])
    wanted = steps[1] if len(steps) == len(("lang", "page")) else None
    return Address(lang, next((page for page in PAGES if slug(page, lang) == wanted), None), choices)


def preferred(accepted: LanguageAccept) -> str:
    """The language to greet somebody in, from what their browser says it accepts."""
    return accepted.best_match(LANGUAGES) or LANGUAGES[0]
