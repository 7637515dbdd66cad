"""Addresses: which page, in which language, with which choices, and back.

Belongs here: paths and query strings. Every choice a reader makes is in the address, so that a link shows the same view.
Does not belong here: which choices a release offers (each page checks its own against the release).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import LanguageAccept

from warehouse.texts import LANGUAGES, Words

PAGES = ("overview", "equality", "conditions", "catalogue", "quality")
CHOICES = ("period", "department", "by", "figure", "q")
LONGEST = 500


@dataclass(frozen=True)
class Address:
    """A page (None where there is no such page), its language, and the choices as they were asked for."""

    lang: str
    page: str | None
    choices: Mapping[str, str] = field(default_factory=dict)

    def href(self, **changes: str | None) -> str:
        """The same page with some choices changed; None takes one away."""
        return href(self.page or PAGES[0], self.lang, {**self.choices, **changes})

    def in_language(self, lang: str) -> str:
        """The same view in another language."""
        return href(self.page or PAGES[0], lang, self.choices)


def slug(page: str, lang: str) -> str:
    """A page's name in addresses."""
    return Words(lang)(f"common.pages.{page}.slug")


def path(page: str, lang: str) -> str:
    """A page's address without choices."""
    return f"/{lang}/{slug(page, lang)}"


def href(page: str, lang: str, choices: Mapping[str, str | None] | None = None) -> str:
    """A page's address with choices, in a fixed order."""
    stated = urlencode(sorted((name, value) for name, value in (choices or {}).items() if value))
    return path(page, lang) + (f"?{stated}" if stated else "")


def read(pathname: object, search: object) -> Address:
    """What an address asks for.

    Anything may come, from a browser or from somebody who tries: an unknown page is None, an unknown language Swedish,
    and only choices that some page has are kept.
    """
    asked, query = (part[:LONGEST] if isinstance(part, str) else "" for part in (pathname, search))
    steps = [step for step in asked.split("/") if step]
    lang = steps[0] if steps and steps[0] in LANGUAGES else LANGUAGES[0]
    wanted = steps[1] if len(steps) == len(("lang", "page")) and steps[0] == lang else None
    page = next((page for page in PAGES if slug(page, lang) == wanted), None)
    stated = dict(parse_qsl(query.removeprefix("?")))
    return Address(lang, page, {name: stated[name] for name in CHOICES if name in stated})


def preferred(accepted: LanguageAccept) -> str:
    """The language to greet somebody in, from what their browser says it accepts."""
    return accepted.best_match(LANGUAGES) or LANGUAGES[0]
