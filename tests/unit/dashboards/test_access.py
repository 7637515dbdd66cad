"""The door: who is let in, what is refused, and that it is written down."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from flask import request

from dashboards.access.log import AccessLog, first_broken_line
from dashboards.access.people import Person, scope_of
from dashboards.access.safety import demand_a_door, demand_safe
from dashboards.access.scope import Scope, open_before
from dashboards.access.sign_in import inside
from dashboards.app import create_app
from tests.fixtures.releases import write_release
from warehouse.release import open_current
from warehouse.settings import Dashboards, OpenId, Proxy, Settings, SettingsError

ROLES = {"g-data": "data_team", "g-reader": "reader", "g-head": "head"}
OPENID = OpenId(
    issuer="https://inloggning.example.se", client_id="fordel", address="https://nyckeltal.example.se"
)
QUESTIONS = (
    "/", "/sv/laget-i-korthet", "/en/pay", "/sv/nyckeltal/women_share", "/_dash-layout", "/_dash-dependencies",
    "/api/openapi.json", "/api/v1/figures", "/api/v1/figures/women_share/cells", "/download/sv/women_share.csv",
    "/download/sv/release.parquet", "/finns-inte", "/sign-in/../sv/lon", "//sv/lon", "/static/../sv/lon",
)  # fmt: skip
USER = {"X-Forwarded-User": "anna", "X-Forwarded-Groups": "annat, g-reader"}


def served(home: Path, **stated: Any) -> Any:
    settings = Settings(home=home, dashboards=Dashboards(**{"roles": ROLES, **stated}))
    return create_app(settings).server.test_client()


@pytest.mark.parametrize(
    "stated", [{}, {"proxy": Proxy()}, {"openid": OPENID}], ids=["nothing", "proxy", "openid"]
)
def test_anonymous_gets_nothing(home: Path, stated: dict[str, Any]) -> None:
    client = served(home, **stated)
    for question in QUESTIONS:
        answer = client.get(question)
        assert answer.status_code in (301, 302, 308, 401, 404), question
        assert b"women_share" not in answer.data
        assert b"react-entry-point" not in answer.data
    for sent in ({}, {"output": "page.html"}):
        assert client.post("/_dash-update-component", json=sent).status_code == 401
    assert client.get("/health").status_code == 200


def test_a_page_leads_to_sign_in_and_back(home: Path) -> None:
    answer = served(home, openid=OPENID).get("/sv/lon?by=department", headers={"Accept": "text/html"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/sign-in?next=/sv/lon%3Fby%3Ddepartment"


@pytest.mark.parametrize(
    "place",
    ["https://ond.example", "//ond.example", "/\\ond.example", "javascript:alert(1)", "sv/lon", "/a\nb", ""],
)
def test_the_way_on_after_sign_in_stays_here(place: str) -> None:
    assert inside(place) == "/"
    assert inside("/sv/lon?by=department") == "/sv/lon?by=department"


def test_a_proxy_is_believed_from_loopback_only_and_only_once(home: Path) -> None:
    client = served(home, proxy=Proxy())
    assert client.get("/api/v1/release", headers=USER).status_code == 200
    assert (
        client.get("/api/v1/release", headers=USER, environ_base={"REMOTE_ADDR": "10.0.0.7"}).status_code
        == 401
    )
    assert client.get("/api/v1/release", headers={"X-Forwarded-User": "anna"}).status_code == 401
    twice = [*USER.items(), ("X-Forwarded-User", "bosse")]
    assert client.get("/api/v1/release", headers=twice).status_code == 401
    assert client.get("/api/v1/release", headers={**USER, "X-Forwarded-User": " "}).status_code == 401


def test_public_is_for_this_computer_only(home: Path) -> None:
    client = create_app(Settings(home=home), is_public=True).server.test_client()
    assert client.get("/api/v1/release").status_code == 200
    assert client.get("/api/v1/release", environ_base={"REMOTE_ADDR": "192.168.1.4"}).status_code == 401
    assert client.get("/api/v1/release", headers={"Host": "ond.example"}).status_code == 401


def test_settings_that_would_show_too_much_are_refused() -> None:
    anywhere = {"host": "0.0.0.0"}
    for stated, is_public in ((anywhere, True), ({**anywhere, "proxy": Proxy()}, False)):
        with pytest.raises(SettingsError, match="loopback"):
            demand_safe(Settings(dashboards=Dashboards(**stated)), is_public=is_public)
    with pytest.raises(SettingsError, match="not both"):
        demand_safe(Settings(dashboards=Dashboards(proxy=Proxy(), openid=OPENID)), is_public=False)
    with pytest.raises(SettingsError, match="--public"):
        demand_a_door(Settings(), is_public=False)
    demand_safe(Settings(), is_public=True)


def test_nothing_is_changed_from_elsewhere(home: Path) -> None:
    client = create_app(Settings(home=home), is_public=True).server.test_client()
    elsewhere = {"Origin": "https://ond.example"}
    assert client.post("/_dash-update-component", json={}, headers=elsewhere).status_code == 403
    assert client.post("/sign-out", headers=elsewhere).status_code == 403
    assert (
        client.post("/_dash-update-component", json={}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert client.post("/sv/lon").status_code == 403
    assert client.delete("/api/v1/figures").status_code == 403


def test_the_widest_role_counts_and_no_role_is_no_way_in() -> None:
    assert scope_of(["g-reader", "g-data"], None, ROLES) == Scope("data_team")  # type: ignore[arg-type]
    assert scope_of(["g-head"], "BU", ROLES) == Scope("head", "BU")  # type: ignore[arg-type]
    assert scope_of(["g-reader"], "BU", ROLES) == Scope("reader")  # type: ignore[arg-type]
    assert scope_of(["annat", ""], "BU", ROLES) is None  # type: ignore[arg-type]


def test_every_look_is_written_down_and_every_change_to_the_log_is_seen(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "access" / "access.jsonl"
    log, anna = AccessLog(file), Person("anna", "Anna", Scope("reader"))

    def write() -> None:
        for _ in range(20):
            log.write(anna, "page", "/sv/lon", "r1")

    writers = [threading.Thread(target=write) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    lines = file.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 80
    assert file.stat().st_mode & 0o077 == 0
    assert first_broken_line(file) is None
    for damage in (
        lines[:5] + lines[6:],
        [*lines[:9], lines[9].replace("anna", "bosse"), *lines[10:]],
        [*lines[:3], "skräp", *lines[3:]],
    ):
        file.write_text("\n".join(damage) + "\n", encoding="utf-8")
        assert first_broken_line(file) is not None


def test_a_line_that_does_not_fit_is_taken_back_and_stops_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, write = tmp_path / "access" / "access.jsonl", os.write
    log = AccessLog(file)
    log.write(None, "refused", "one")
    monkeypatch.setattr("dashboards.access.log.os.write", lambda to, line: write(to, line[:40]))
    with pytest.raises(OSError, match="takes no more"):
        log.write(None, "refused", "two")
    monkeypatch.undo()
    log.write(None, "refused", "three")
    assert [json.loads(line)["what"] for line in file.read_text("utf-8").splitlines()] == ["one", "three"]
    assert first_broken_line(file) is None


@pytest.mark.parametrize("torn", [b'{"at": "2026', "å".encode()[:1], b"7\n", b"\0" * 9])
def test_after_a_torn_line_the_log_goes_on_and_verification_tells_of_it(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / "access" / "access.jsonl"
    log = AccessLog(file)
    log.write(None, "refused", "one")
    with file.open("ab") as end:
        end.write(torn)
    log.write(None, "refused", "two")
    log.write(None, "refused", "three")
    assert first_broken_line(file) == 2
    goes_on = tmp_path / "goes_on.jsonl"
    goes_on.write_bytes(b"\n".join(file.read_bytes().splitlines()[-3:]) + b"\n")
    assert first_broken_line(goes_on) is None
    assert json.loads(goes_on.read_text("utf-8").splitlines()[0])["action"] == "begun_anew"


def test_only_a_session_of_ours_has_a_way_out(home: Path) -> None:
    page = served(home, proxy=Proxy()).get("/sv/lon", headers=USER).get_data(as_text=True)
    assert "anna" in page
    assert "/sign-out" not in page


@pytest.mark.parametrize(("proxies", "asker"), [(0, "127.0.0.1"), (1, "10.0.0.8"), (2, "10.0.0.7")])
def test_askers_behind_a_proxy_are_told_apart_where_the_settings_say_so(
    home: Path, proxies: int, asker: str
) -> None:
    server = create_app(
        Settings(home=home, dashboards=Dashboards(openid=OPENID.model_copy(update={"proxies": proxies})))
    ).server
    server.add_url_rule("/static/asker", view_func=lambda: str(request.remote_addr))
    sent = {"X-Forwarded-For": "10.0.0.7, 10.0.0.8"}
    assert server.test_client().get("/static/asker", headers=sent).get_data(as_text=True) == asker


def test_what_is_asked_is_in_the_log_and_no_value(home: Path, tmp_path: Path) -> None:
    (tmp_path / "releases").symlink_to(home / "releases")
    client = served(tmp_path, proxy=Proxy())
    client.get("/download/sv/women_share.csv", headers=USER)
    client.get("/api/v1/figures/women_share/cells", headers=USER)
    client.get("/sv/lon")
    lines = [
        json.loads(line)
        for line in (tmp_path / "access" / "access.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    assert [(line["who"], line["action"], line["what"]) for line in lines] == [
        ("anna", "download", "sv/women_share.csv"),
        ("anna", "api", "figures/women_share/cells"),
        (None, "refused", "401 GET /sv/lon: not let in"),
    ]
    assert first_broken_line(tmp_path / "access" / "access.jsonl") is None


def test_exports_are_limited(home: Path) -> None:
    client = served(home, proxy=Proxy())
    codes = [client.get("/download/sv/women_share.csv", headers=USER).status_code for _ in range(62)]
    assert set(codes[:60]) == {200}
    assert codes[60:] == [429, 429]


def test_the_release_before_is_cut_down_to_the_same_scope(tmp_path: Path) -> None:
    """A page that compares two releases gets no more of the older one than of the current."""
    write_release(tmp_path)
    first = open_current(tmp_path)
    assert first is not None
    assert open_before(tmp_path, first, Scope("management")) is None
    write_release(tmp_path, seed=7)
    now = open_current(tmp_path)
    assert now is not None
    everything, reader = (open_before(tmp_path, now, Scope(role)) for role in ("management", "reader"))
    assert everything is not None
    assert reader is not None
    assert everything.id == reader.id == first.id
    assert set(everything.by_figure["women_share"]["breakdown"]) > {"total"}
    assert set(reader.by_figure["women_share"]["breakdown"]) == {"total"}
