"""The headers that every answer carries.

Belongs here: what the browser may load, keep, and tell others. Does not belong here: who may see what.
"""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response, request

from dashboards.access.guard import OPEN_UNDER

LONG = "public, max-age=31536000, immutable"


def policy(script_hashes: Sequence[str]) -> str:
    """The content security policy: everything from here, no inline script but Dash's own start, by its hash.

    Styles may be inline: plotly writes them on its SVG. No one may frame a page, and a form may only be sent here.
    """
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'", *script_hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(f"{name} {' '.join(values)}" for name, values in rules.items())


def add(server: Flask, script_hashes: Sequence[str]) -> None:
    """Put the headers on every answer of a server. Only files whose address changes with their content may be kept."""
    stated = policy(script_hashes)

    @server.after_request
    def with_headers(response: Response) -> Response:
        headers = response.headers
        headers["Content-Security-Policy"] = stated
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "same-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        is_kept = (
            request.path.startswith(OPEN_UNDER)
            and response.status_code == 200
            and bool(request.args.get("m") or ".v" in request.path)
        )
        headers["Cache-Control"] = LONG if is_kept else "no-store"
        return response
