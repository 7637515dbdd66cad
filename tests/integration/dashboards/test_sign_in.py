"""Signing in at a real OpenID provider (npm's oidc-provider, started here): there and back, with PKCE, and what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
import pytest

from dashboards.app import create_app
from warehouse.settings import Dashboards, OpenId, Settings

HERE = Path(__file__).parent / "provider"
ADDRESS = "http://localhost"
MOST_STEPS = 12


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The provider's address."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("node and npm are not installed: signing in is not tried against a real provider")
    folder = tmp_path_factory.mktemp("provider")
    for name in ("package.json", "provider.mjs"):
        shutil.copy(HERE / name, folder)
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(install, cwd=folder, capture_output=True, text=True, timeout=180, check=False)
    if done.returncode:
        reason = f"npm could not install oidc-provider: {done.stderr[-500:]}"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    start = ["node", "provider.mjs", str(port), f"{ADDRESS}/sign-in/callback"]
    server = subprocess.Popen(start, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    assert server.stdout is not None
    try:
        assert server.stdout.readline().strip() == "ready"
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=10)
        server.stdout.close()


@pytest.fixture
def dashboards(provider: str, full_home: Path, tmp_path: Path) -> Any:
    (tmp_path / "releases").symlink_to(full_home / "releases")
    stated = Dashboards(
        openid=OpenId(issuer=provider, client_id="fordel", address=ADDRESS),
        roles={"g-data": "data_team", "g-head": "head"},
    )
    return create_app(Settings(home=tmp_path, dashboards=stated)).server.test_client()


def authorise(begin: str, name: str) -> str:
    """Sign in at the provider as somebody; where it sends the browser back to."""
    with httpx.Client(timeout=20) as browser:
        answer = browser.get(begin)
        for _ in range(MOST_STEPS):
            if answer.is_redirect:
                place = urljoin(str(answer.url), answer.headers["location"])
                if place.startswith(ADDRESS):
                    return place
                answer = browser.get(place)
                continue
            form = re.search(r'action="([^"]+)"', answer.text)
            prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
            assert form, answer.text[:400]
            assert prompt, answer.text[:400]
            sent = {"prompt": prompt[1], "login": name, "password": "hemligt"}
            answer = browser.post(urljoin(str(answer.url), form[1]), data=sent)
    raise AssertionError("the provider never sent the browser back")


def sign_in(client: Any, name: str, following: str = "/sv/lon") -> Any:
    begin = client.get(f"/sign-in?next={following}")
    assert begin.status_code == 302
    asked = parse_qs(urlsplit(begin.headers["Location"]).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"]
    return client.get(authorise(begin.headers["Location"], name).removeprefix(ADDRESS))


def test_somebody_with_a_role_comes_in_and_goes_on_to_where_they_were_going(
    dashboards: Any, tmp_path: Path
) -> None:
    back = sign_in(dashboards, "anna")
    assert back.status_code == 302
    assert back.headers["Location"] == "/sv/lon"
    cookie = back.headers["Set-Cookie"]
    assert cookie.startswith("__Host-fordel=")
    assert all(part in cookie for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in cookie
    assert dashboards.get("/api/v1/figures/women_share/cells?by=department").status_code == 200
    page = dashboards.get("/sv/lon").get_data(as_text=True)
    assert "Anna Datasson (datateamet)" in page
    assert "Visas utan inloggning" not in page
    assert 'action="/sign-out"' in page
    out = dashboards.post("/sign-out", headers={"Origin": ADDRESS, "Accept-Language": "en"})
    assert (out.status_code, out.mimetype) == (200, "text/html")
    assert '<html lang="en">' in out.get_data(as_text=True)
    assert "<title>You are signed out – Fördel</title>" in out.get_data(as_text=True)
    assert dashboards.get("/api/v1/release").status_code == 401
    log = [
        json.loads(line)
        for line in (tmp_path / "access" / "access.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert {"who": "anna", "action": "sign_in"}.items() <= log[0].items()
    last = next(line for line in log if line["action"] == "sign_out")
    assert (last["who"], last["role"]) == ("anna", "data_team")


def test_a_head_of_department_gets_the_scope_that_the_provider_states(dashboards: Any) -> None:
    sign_in(dashboards, "bo")
    cells = dashboards.get("/api/v1/figures/women_share/cells?by=department").json
    assert {cell["group"]["department"] for cell in cells} == {"BU"}


def test_somebody_without_a_role_stays_outside(dashboards: Any) -> None:
    assert sign_in(dashboards, "cilla").status_code == 403
    assert dashboards.get("/api/v1/release").status_code == 401


def test_an_answer_that_nobody_asked_for_is_refused(dashboards: Any) -> None:
    begin = dashboards.get("/sign-in")
    place = authorise(begin.headers["Location"], "anna")
    forged = re.sub(r"state=[^&]+", "state=forged", place).removeprefix(ADDRESS)
    assert dashboards.get(forged).status_code == 400
    assert dashboards.get("/sign-in/callback?code=x&state=y").status_code == 400
    assert dashboards.get("/sign-in/callback?error=access_denied").status_code == 400
    assert dashboards.get("/api/v1/release").status_code == 401


def test_a_code_works_once_and_for_who_asked_only(dashboards: Any, full_home: Path) -> None:
    begin = dashboards.get("/sign-in")
    place = authorise(begin.headers["Location"], "anna").removeprefix(ADDRESS)
    thief = dashboards.application.test_client()
    assert thief.get(place).status_code == 400
    assert dashboards.get(place).status_code == 302
    assert dashboards.get(place).status_code == 400


def test_a_session_that_was_tampered_with_or_is_old_is_none(
    dashboards: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(dashboards, "bo")
    kept = dashboards.get_cookie("__Host-fordel", domain="localhost")
    assert kept is not None
    assert dashboards.get("/api/v1/release").status_code == 200
    monkeypatch.setattr("dashboards.access.people.time.time", lambda: 4_000_000_000.0)
    assert dashboards.get("/api/v1/release").status_code == 401
    monkeypatch.undo()
    dashboards.set_cookie("__Host-fordel", kept.value[:-4] + "AAAA", domain="localhost", secure=True)
    assert dashboards.get("/api/v1/release").status_code == 401


def test_signing_in_is_limited(dashboards: Any) -> None:
    codes = [dashboards.get("/sign-in").status_code for _ in range(12)]
    assert codes[:10] == [302] * 10
    assert codes[10:] == [429, 429]
