"""The door: nobody gets anything without being let in, and what they get is written down.

Belongs here: the one check before every request, the Origin check, and the log of what is refused.
Does not belong here: which cells are inside a scope (scope.py): this door is the first wall, that one the second.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, g, make_response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from dashboards.access.log import AccessLog
from dashboards.access.people import Person, who_asks
from warehouse.settings import Dashboards

OPEN = ("/health", "/sign-in", "/sign-in/callback", "/_favicon.ico")
OPEN_UNDER = ("/static/", "/_dash-component-suites/")
"""Programs and styles, the same for everybody: they hold no figures."""

POSTED = ("/_dash-update-component", "/sign-out")
SAFE = ("GET", "HEAD", "OPTIONS")


def add(server: Flask, settings: Dashboards, log: AccessLog, *, is_public: bool) -> None:
    """Put the door before every request of a server."""

    @server.before_request
    def demand() -> BaseResponse | None:
        """Refuse by default."""
        g.person = None
        if request.method not in SAFE and (request.path not in POSTED or not _is_own_page()):
            return _refuse(log, 403, "not from a page of ours")
        if request.path in OPEN or request.path.startswith(OPEN_UNDER):
            return None
        g.person = who_asks(request, settings, is_public=is_public)
        if g.person is not None:
            return None
        wants_page = request.method == "GET" and "text/html" in request.headers.get("Accept", "")
        if settings.openid is not None and not is_public and wants_page:
            return redirect(f"/sign-in?next={quote(request.full_path.rstrip('?'))}")
        return _refuse(log, 401, "not let in")


def person() -> Person:
    """The person behind the request at hand."""
    found = g.get("person")
    if found is None:
        raise PermissionError("nobody has been let in")
    assert isinstance(found, Person)
    return found


def _is_own_page() -> bool:
    """Whether a request that may change something was sent by a page of ours; a program that sends no cookie may leave it out."""
    origin = request.headers.get("Origin")
    if origin is None:
        return not request.cookies and request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
    return urlsplit(origin).netloc == request.host


def _refuse(log: AccessLog, code: int, why: str) -> Response:
    log.write(None, "refused", f"{code} {request.method} {request.path}: {why}")
    answer = make_response(f"{code}: {why}\n", code)
    answer.mimetype = "text/plain"
    return answer
