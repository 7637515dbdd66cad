"""Who somebody is: from a signed-in session, a proxy's header, or nobody in particular on this computer only.

Belongs here: turning a request into a person with a scope, or into nobody. Does not belong here: the protocol of signing in
(sign_in.py), what is refused and logged (guard.py), which cells a scope holds (scope.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from flask import Request, session

from dashboards.access.safety import is_loopback
from dashboards.access.scope import ROLES, Role, Scope
from warehouse.settings import Dashboards

SESSION = "person"
HERE = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True)
class Person:
    """Somebody who has been let in."""

    id: str
    name: str
    scope: Scope
    has_session: bool = False
    """Whether they came in by a session of ours, which they can end; a proxy ends its own."""


PUBLIC = Person("public", "", Scope("management"))
"""Whoever sits at this computer, where the dashboards are shown without sign-in."""


def is_asked_here(request: Request) -> bool:
    """Whether a request comes from this computer and was addressed to it: a foreign name that leads here is not this computer."""
    host = request.host.rpartition(":")[0] if request.host.rpartition(":")[2].isdigit() else request.host
    return is_loopback(request.remote_addr) and host in HERE


def who_asks(request: Request, settings: Dashboards, *, is_public: bool) -> Person | None:
    """The person behind a request, or None."""
    if is_public:
        return PUBLIC if is_asked_here(request) else None
    if settings.proxy is not None:
        return _from_proxy(request, settings) if is_loopback(request.remote_addr) else None
    return _from_session() if settings.openid is not None else None


def _from_proxy(request: Request, settings: Dashboards) -> Person | None:
    """From the headers that the proxy in front of us sets; it must take away those that come from outside."""
    proxy = settings.proxy
    assert proxy is not None
    said = {name: request.headers.get(header, "").strip() for name, header in proxy.headers.items()}
    # The server joins a header that is there twice with a comma: the proxy alone did not set it.
    if not said["user"] or "," in said["user"] or "," in said["department"]:
        return None
    scope = scope_of(said["groups"].split(","), said["department"], settings.roles)
    return Person(said["user"], said["user"], scope) if scope else None


def scope_of(groups: Iterable[str], department: str | None, roles: Mapping[str, Role]) -> Scope | None:
    """The scope that somebody's groups give: the widest of their roles; None where no group has one."""
    theirs = {roles[group.strip()] for group in groups if group.strip() in roles}
    role = next((role for role in ROLES if role in theirs), None)
    if role is None:
        return None
    return Scope(role, department or None) if role == "head" else Scope(role)


def remember(person: Person, hours: float) -> None:
    """Begin a session. Whatever was in it before is gone, so that nobody can have prepared it."""
    session.clear()
    session[SESSION] = {
        "id": person.id,
        "name": person.name,
        "role": person.scope.role,
        "department": person.scope.department,
        "until": time.time() + hours * 3600,
    }


def _from_session() -> Person | None:
    kept = session.get(SESSION)
    if not isinstance(kept, dict) or kept.get("until", 0) < time.time() or kept.get("role") not in ROLES:
        return None
    return Person(kept["id"], kept["name"], Scope(kept["role"], kept["department"]), has_session=True)
