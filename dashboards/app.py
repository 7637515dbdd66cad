"""The dashboards as an application: addresses to pages, the current release, headers, health.

Belongs here: what makes Dash serve our pages, and nothing of its own. Does not belong here: what a page shows.

Each request looks up the current release, so a new one is seen at the next click; pages are kept by release, status and address.
Serve it with `gunicorn "dashboards.app:server()"`.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dash
from dash import Input, Output
from flask import Flask, Response, g, jsonify, redirect, request
from flask_compress import Compress
from flask_limiter import Limiter
from werkzeug.wrappers import Response as BaseResponse

from dashboards import address, markup, shell, view
from dashboards.access import guard, headers, sign_in
from dashboards.access.log import AccessLog
from dashboards.access.safety import PUBLIC, demand_safe
from dashboards.access.scope import WHOLE, Scope, open_before, open_for
from dashboards.export import routes
from dashboards.pages import (
    about,
    catalogue,
    compare,
    conditions,
    diversity,
    downloads,
    empty,
    engagement,
    equality,
    figure,
    learning,
    overview,
    participation,
    pay,
    plans,
    quality,
)
from warehouse.release import Release, read_status
from warehouse.settings import Settings, read_settings
from warehouse.texts import LANGUAGES

RENDER: dict[str, Callable[[view.View], Any]] = {
    "overview": overview.render,
    "equality": equality.render,
    "pay": pay.render,
    "diversity": diversity.render,
    "conditions": conditions.render,
    "engagement": engagement.render,
    "learning": learning.render,
    "participation": participation.render,
    "plans": plans.render,
    "compare": compare.render,
    "catalogue": catalogue.render,
    "quality": quality.render,
    "downloads": downloads.render,
    "about": about.render,
    address.FIGURE: figure.render,
}
KEPT_PAGES = 256
UNUSED = re.compile("/dash/(dcc|html|dash_table)/")


class Pages:
    """Pages of the releases in a folder; the same release, status, scope and address give the same page, which is kept."""

    def __init__(self, releases: Path, reports: Path | None = None) -> None:
        self.releases = releases
        self.reports = reports
        self._kept = functools.lru_cache(maxsize=KEPT_PAGES)(self._render)

    def release(self, scope: Scope = WHOLE) -> Release | None:
        """The release people see now, cut down to a scope."""
        return open_for(self.releases, scope)

    def html(self, pathname: str | None, search: str | None, scope: Scope = WHOLE) -> str:
        """The content of a page as it is sent, for somebody with a scope."""
        at, release = address.read(pathname, search), self.release(scope)
        if release is None or not _has(release, at):
            return markup.written(_nothing(release, at))
        return self._kept(
            _Same(release.id, release), _status_stamp(self.releases), scope, at.page, at.figure, at.lang,
            tuple(sorted(at.choices.items())), self._reports(release, scope, at.lang),
        )  # fmt: skip

    def page(self, pathname: str | None, search: str | None, scope: Scope = WHOLE) -> Any:
        """The content of a page as components."""
        at, release = address.read(pathname, search), self.release(scope)
        if release is None or not _has(release, at):
            return _nothing(release, at)
        return RENDER[str(at.page)](self._view(release, scope, at, self._reports(release, scope, at.lang)))

    def _view(
        self, release: Release, scope: Scope, at: address.Address, reports: frozenset[str]
    ) -> view.View:
        before = open_before(self.releases, release, scope) if at.page == "overview" else None
        return view.make(release, read_status(self.releases), at, reports, before)

    def _reports(self, release: Release, scope: Scope, lang: str) -> frozenset[str]:
        if self.reports is None or not scope.is_everything:
            return frozenset()
        made = (self.reports / release.id).glob(f"*-{lang}.pdf")
        return frozenset(file.stem.removesuffix(f"-{lang}") for file in made)

    def _render(
        self,
        same: _Same,
        stamp: int,
        scope: Scope,
        page: str,
        figure: str,
        lang: str,
        choices: tuple[tuple[str, str], ...],
        reports: frozenset[str],
    ) -> str:
        at = address.Address(lang, page, dict(choices), figure)
        return markup.written(RENDER[page](self._view(same.release, scope, at, reports)))


def _has(release: Release, at: address.Address) -> bool:
    """Whether there is such a page. Only ids of the release may be keys: others would fill the cache with what nobody has."""
    return at.page is not None and (at.page != address.FIGURE or at.figure in release.figures)


def _nothing(release: Release | None, at: address.Address) -> Any:
    is_waiting = release is None and at.page is not None
    return empty.no_release(at.lang) if is_waiting else empty.not_found(at.lang)


class _Same:
    """A release as a key of the page cache: equal where the id is."""

    def __init__(self, id: str, release: Release) -> None:
        self.id, self.release = id, release

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


def _status_stamp(releases: Path) -> int:
    file = releases / "status.json"
    return file.stat().st_mtime_ns if file.exists() else 0


class _House(dash.Dash):
    """Dash with our own page around it."""

    pages: Pages

    def interpolate_index(self, **parts: str) -> str:
        """The HTML of a page; called by Dash for every address it does not know."""
        at = address.read(request.path, request.query_string.decode("utf-8", "replace"))
        parts["scripts"] = _needed(parts["scripts"])
        release, status = self.pages.release(guard.person().scope), read_status(self.pages.releases)
        return shell.render(at, release, parts, guard.person(), status)


def _needed(scripts: str) -> str:
    """The scripts without those of Dash's own components: no page has any in the browser (markup.py)."""
    return "\n".join(line for line in scripts.splitlines() if not UNUSED.search(line))


def create_app(settings: Settings, *, is_public: bool = False) -> dash.Dash:
    """The dashboards over the releases of these settings.

    Args:
        settings: the settings; without `openid` or `proxy` in them nobody is let in, unless `is_public`.
        is_public: without sign-in, for this computer only.

    Raises:
        SettingsError: sign-in is stated twice, or something that holds on this computer only would be served to others.
    """
    demand_safe(settings, is_public=is_public)
    server = Flask("dashboards")
    log = AccessLog(settings.access / "access.jsonl")
    guard.add(server, settings.dashboards, log, is_public=is_public)
    sign_in.add_session(server, settings.access)
    if settings.dashboards.openid is not None and not is_public:
        sign_in.believe(server, settings.dashboards.openid.proxies)
    limiter = Limiter(_asker, app=server, storage_uri="memory://")
    app = _House(
        __name__,
        server=server,
        assets_folder="static",
        assets_url_path="static",
        serve_locally=True,
        title="Fördel",
        update_title="",
        add_log_handler=False,
    )
    app.pages = Pages(settings.releases, settings.reports)
    app.layout = markup.Page("page")

    @app.callback(Output("page", "html"), Input("page", "pathname"), Input("page", "search"))
    def page(pathname: str | None, search: str | None) -> Any:
        asked, who = address.read(pathname, search), guard.person()
        release = app.pages.release(who.scope)
        log.write(who, "page", asked.path if asked.page else "nothing", release.id if release else None)
        return app.pages.html(pathname, search, who.scope)

    _add_doors(server, app.pages)
    sign_in.add(server, settings.dashboards, log, limiter)
    routes.add(server, lambda who: app.pages.release(who.scope), log, limiter, settings.reports)
    server.config["COMPRESS_MIMETYPES"] = [
        "text/html",
        "text/css",
        "application/json",
        "application/javascript",
        "text/javascript",
        "image/svg+xml",
    ]
    Compress(server)
    headers.add(server, app.csp_hashes())
    return app


def _asker() -> str:
    """Whom a limit counts: the person, or before sign-in the address."""
    found = g.get("person")
    return str(found.id) if found is not None else str(request.remote_addr)


def _add_doors(server: Flask, pages: Pages) -> None:
    @server.before_request
    def greet() -> BaseResponse | None:
        """Send whoever comes without a page to the first one, in the language their browser prefers."""
        steps = [step for step in request.path.split("/") if step]
        if not steps or (len(steps) == 1 and steps[0] in LANGUAGES):
            lang = steps[0] if steps else address.preferred(request.accept_languages)
            answer = redirect(address.path(address.PAGES[0], lang))
            answer.headers["Vary"] = "Accept-Language"
            return answer
        return None

    @server.after_request
    def not_found(response: Response) -> Response:
        """Dash answers 200 to any address that is looked at; one without a page says so."""
        is_page = (
            request.method != "POST" and response.mimetype == "text/html" and response.status_code == 200
        )
        asked = address.read(request.path, "")
        release = pages.release() if asked.page == address.FIGURE else None
        if is_page and (asked.page is None or (release is not None and asked.figure not in release.figures)):
            response.status_code = 404
        return response

    @server.get("/health")
    def health() -> Response:
        """Whether pages can be served, and from which release."""
        release = pages.release()
        return jsonify(
            {"status": "ok" if release else "no release", "release": release.id if release else None}
        )


def server() -> Flask:
    """The WSGI application, over the settings that the environment names."""
    return create_app(read_settings(), is_public=os.environ.get(PUBLIC) == "1").server
