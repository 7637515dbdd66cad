"""Signing in with OpenID Connect: to the municipality's own provider and back, with PKCE.

Belongs here: the three addresses of signing in and out, the limits on them, and the key of the session cookie.
Does not belong here: what a role may see (scope.py).
"""

from __future__ import annotations

import os
import secrets
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.base_client import OAuthError
from authlib.integrations.flask_client import OAuth
from flask import Flask, Response, make_response, redirect, request, session
from flask_limiter import Limiter
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.wrappers import Response as BaseResponse

from dashboards import address
from dashboards.access.guard import person
from dashboards.access.log import AccessLog
from dashboards.access.people import Person, remember, scope_of
from warehouse.settings import Dashboards
from warehouse.texts import Words

SECRET = "FORDEL_OIDC_SECRET"
SESSION_KEY = "FORDEL_SESSION_KEY"
COOKIE = "__Host-fordel"
KEY_LENGTH = 32
ATTEMPTS = "10 per minute"


def add_session(server: Flask, folder: Path) -> None:
    """Give a server signed session cookies that only this host gets, only over TLS, and that no script can read."""
    server.secret_key = os.environ.get(SESSION_KEY) or _kept_key(folder / "session.key")
    server.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_SECURE=True,
        SESSION_COOKIE_HTTPONLY=True,
        # Lax: the way back from the provider is a link from another site.
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_DOMAIN=False,
    )


def _kept_key(file: Path) -> str:
    """The key in a file, made on first use: two servers starting at once agree on it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii")
    with os.fdopen(handle, "w", encoding="ascii") as made:
        made.write(secrets.token_hex(KEY_LENGTH))
    return file.read_text(encoding="ascii")


def believe(server: Flask, proxies: int) -> None:
    """Take the asker's address, and nothing else, from the proxies in front: else a limit counts everybody behind one as one."""
    server.wsgi_app = ProxyFix(server.wsgi_app, x_for=proxies, x_proto=0)  # type: ignore[method-assign]


def add(server: Flask, settings: Dashboards, log: AccessLog, limiter: Limiter) -> None:
    """Add signing in, the way back, and signing out."""
    stated = settings.openid
    if stated is None:
        return
    oauth = OAuth(server)
    secret = os.environ.get(SECRET)
    provider: Any = oauth.register(
        "provider",
        client_id=stated.client_id,
        client_secret=secret,
        server_metadata_url=f"{stated.issuer.rstrip('/')}/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(stated.scopes),
            "code_challenge_method": "S256",
            "token_endpoint_auth_method": "client_secret_basic" if secret else "none",
        },
    )
    back = f"{stated.address.rstrip('/')}/sign-in/callback"

    @server.get("/sign-in")
    @limiter.limit(ATTEMPTS)
    def sign_in() -> BaseResponse:
        session.clear()
        session["next"] = inside(request.args.get("next", "/"))
        return provider.authorize_redirect(back)

    @server.get("/sign-in/callback")
    @limiter.limit(ATTEMPTS)
    def callback() -> BaseResponse:
        following = inside(session.get("next", "/"))
        try:
            claims = provider.authorize_access_token()["userinfo"]
        except OAuthError as error:
            log.write(None, "refused", f"sign-in: {error.error}")
            return _told("failed", 400)
        said = claims.get(stated.roles_claim) or []
        groups = said if isinstance(said, list) else str(said).split(",")
        scope = scope_of(map(str, groups), claims.get(stated.department_claim), settings.roles)
        if scope is None:
            log.write(None, "refused", f"sign-in: no role for {claims['sub']}")
            session.clear()
            return _told("no_role", 403)
        who = Person(str(claims["sub"]), str(claims.get("name") or claims["sub"]), scope)
        remember(who, settings.session_hours)
        log.write(who, "sign_in", "openid")
        return redirect(following)

    @server.post("/sign-out")
    def sign_out() -> BaseResponse:
        log.write(person(), "sign_out", "openid")
        session.clear()
        return _told("signed_out", 200)


def inside(place: str) -> str:
    """A place on this host to go on to; anything else is the first page."""
    parts = urlsplit(place)
    is_ours = (
        place.startswith("/")
        and not place.startswith(("//", "/\\"))
        and not parts.netloc
        and not parts.scheme
    )
    return place if is_ours and "\\" not in place and not any(ord(letter) < 32 for letter in place) else "/"


def _told(what: str, code: int) -> Response:
    """A small page by itself, in the language of the browser: the others are for those who are signed in."""
    words = Words(address.preferred(request.accept_languages))
    said, name, again = (
        escape(words(key)) for key in (f"sign_in.{what}", "common.site.name", "sign_in.again")
    )
    return make_response(
        f'<!DOCTYPE html><html lang="{words.lang}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{said} – {name}</title><link rel="stylesheet" href="/static/fordel.css"></head>'
        f'<body><main><h1>{said}</h1><p><a href="/">{again}</a></p></main></body></html>',
        code,
    )
