"""The page around the pages: language, title, skip link, menu, notices, footer.

Belongs here: what is there before any figure has been fetched, as plain HTML from the server.
Does not belong here: the pages' content, which Dash puts into `main`.
"""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from dashboards import address
from dashboards.access.people import PUBLIC, Person
from dashboards.numbers import numbers
from warehouse.release import Release
from warehouse.texts import LANGUAGES, Words


def render(
    at: address.Address,
    release: Release | None,
    parts: Mapping[str, str],
    person: Person,
    status: Mapping[str, Any],
) -> str:
    """A whole HTML page.

    Args:
        at: the page asked for.
        release: the current one, if any.
        parts: what Dash needs in it: css, config, scripts, renderer.
        person: who reads it.
        status: of the last run: where it failed, every page says that what is shown is older.
    """
    words = Words(at.lang)
    page = _title(at, release, words)
    name = municipality(release)
    period = {"period": at.choices["period"]} if "period" in at.choices else {}
    return f"""<!DOCTYPE html>
<html lang="{at.lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow">
<title>{escape(page)} – {escape(words("common.site.name"))} {escape(name)}</title>
<link rel="icon" href="/static/icon.svg" type="image/svg+xml">
{parts["css"]}
</head>
<body>
<a class="skip" href="#content">{escape(words("common.site.skip"))}</a>
<header class="top">
<div class="width">
<p class="brand"><a href="{address.path(address.PAGES[0], at.lang)}"><strong>{escape(words("common.site.name"))}</strong>
<span>{escape(words("common.site.of", municipality=name)) if name else ""}</span></a></p>
<div class="language">{_who(person, words)}<p>{_other_language(at, words)}</p></div>
</div>
<nav aria-label="{escape(words("common.site.menu"))}">{_menu(at, words, period)}</nav>
</header>
{_notices(words, release, person, status)}
<main id="content" tabindex="-1" class="width">
<div id="react-entry-point"><p class="loading">{escape(words("common.site.loading"))}</p></div>
<div id="failed" role="alert" data-said="{escape(words("common.site.not_fetched"))}"></div>
<noscript><p>{escape(words("common.site.no_script"))}</p></noscript>
</main>
<footer><div class="width">{_every_page(at, words)}<div class="made">{_footer(at, words, release)}</div></div></footer>
{parts["config"]}
{parts["scripts"]}
{parts["renderer"]}
</body>
</html>"""


def _title(at: address.Address, release: Release | None, words: Words) -> str:
    if at.page == address.FIGURE and release is not None and at.figure in release.figures:
        return str(release.figures[at.figure]["name"][at.lang])
    is_page = at.page is not None and at.page != address.FIGURE
    return words(f"common.pages.{at.page}.title") if is_page else words("common.not_found.title")


def _who(person: Person, words: Words) -> str:
    """Who is signed in, and the way out of a session; a form, because a link could be followed by accident or from elsewhere."""
    if person == PUBLIC:
        return ""
    said = words("common.site.signed_in", name=person.name, role=words(f"common.roles.{person.scope.role}"))
    who, out = f"<p>{escape(said)}</p>", escape(words("common.site.sign_out"))
    if not person.has_session:
        return who
    return f'{who}<form method="post" action="/sign-out"><button type="submit">{out}</button></form>'


def municipality(release: Release | None) -> str:
    """Whose figures these are."""
    return str(release.manifest.get("municipality", {}).get("name", "")) if release else ""


def _other_language(at: address.Address, words: Words) -> str:
    other = next(lang for lang in LANGUAGES if lang != at.lang)
    place = escape(at.in_language(other))
    return f'<a href="{place}" lang="{other}" hreflang="{other}">{escape(words("common.site.other_language"))}</a>'


def _menu(at: address.Address, words: Words, choices: Mapping[str, str]) -> str:
    """The groups of pages, and below them the pages of the group one is in."""
    here = address.group_of(at.page)
    groups = [
        _entry(
            address.href(pages[0], at.lang, choices),
            words(f"common.groups.{group}"),
            ("page" if pages == (at.page,) else "true") if group == here else "",
        )
        for group, pages in address.GROUPS.items()
    ]
    pages = address.GROUPS.get(here or "", ())
    within = [
        _entry(
            address.href(page, at.lang, choices),
            words(f"common.pages.{page}.title"),
            "page" if page == at.page else "",
        )
        for page in pages
    ]
    below = f'<ul class="width within">{"".join(within)}</ul>' if len(pages) > 1 else ""
    return f'<ul class="width groups">{"".join(groups)}</ul>{below}'


def _entry(place: str, title: str, current: str) -> str:
    mark = f' aria-current="{current}"' if current else ""
    return f'<li><a href="{escape(place)}"{mark}>{escape(title)}</a></li>'


def _every_page(at: address.Address, words: Words) -> str:
    """All pages by group, at the foot of each page."""
    lists = []
    for group, pages in address.GROUPS.items():
        links = "".join(
            _entry(address.path(page, at.lang), words(f"common.pages.{page}.title"), "") for page in pages
        )
        head = f"<h2>{escape(words(f'common.groups.{group}'))}</h2>" if len(pages) > 1 else ""
        lists.append(f"<div>{head}<ul>{links}</ul></div>")
    return f'<nav class="every" aria-label="{escape(words("common.site.all_pages"))}">{"".join(lists)}</nav>'


def _notices(words: Words, release: Release | None, person: Person, status: Mapping[str, Any]) -> str:
    said = []
    if release is not None and (status.get("run") or {}).get("outcome") == "failed":
        said.append("failed")
    if person == PUBLIC:
        said.append("open")
    if not said:
        return ""
    made = numbers(words.lang).moment(release.manifest.get("created_at")) if release else ""
    lines = "".join(
        f"<p><strong>{escape(words(f'common.site.{what}'))}</strong> "
        f"{escape(words(f'common.site.{what}_why', moment=made))}</p>"
        for what in said
    )
    return f'<aside class="notices" aria-label="{escape(words("common.site.notices"))}"><div class="width">{lines}</div></aside>'


def _footer(at: address.Address, words: Words, release: Release | None) -> str:
    if release is None:
        return f"<p>{escape(words('common.site.footer_none'))}</p>"
    manifest: Mapping[str, Any] = release.manifest
    made = numbers(at.lang).moment(manifest.get("created_at"))
    version = words("common.site.footer_version", version=str(manifest.get("fordel_version", "")))
    return f"<p>{escape(words('common.site.footer_release', id=release.id, moment=made))}</p><p>{escape(version)}</p>"
