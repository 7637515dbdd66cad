"""The application: addresses, headers, releases that come and go, and visitors who ask for anything."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plotly.offline import get_plotlyjs_version

from dashboards import address
from dashboards.app import RENDER, Pages, create_app
from tests.fixtures.releases import write_release
from tests.unit.dashboards.conftest import parts_of, text_of
from warehouse.settings import Settings

EVERY = [(page, lang) for page in address.PAGES for lang in ("sv", "en")]


def ask(client: Any, pathname: str, search: str = "") -> Any:
    """What the page callback answers."""
    return client.post(
        "/_dash-update-component",
        json={
            "output": "page.html",
            "outputs": {"id": "page", "property": "html"},
            "inputs": [
                {"id": "page", "property": "pathname", "value": pathname},
                {"id": "page", "property": "search", "value": search},
            ],
            "changedPropIds": ["page.pathname"],
        },
    )


def test_every_page_has_a_module_and_an_address_of_its_own() -> None:
    assert set(RENDER) == {*address.PAGES, address.FIGURE}
    paths = {address.path(page, lang) for page, lang in EVERY}
    assert len(paths) == len(EVERY)
    for page, lang in EVERY:
        assert address.read(address.path(page, lang), "") == address.Address(lang, page, {})


@pytest.mark.parametrize(("page", "lang"), EVERY)
def test_a_page_is_whole(client: Any, pages: Pages, page: str, lang: str) -> None:
    outer = client.get(address.path(page, lang))
    html = outer.get_data(as_text=True)
    assert outer.status_code == 200
    assert f'<html lang="{lang}">' in html
    assert '<main id="content"' in html
    assert 'class="skip" href="#content"' in html
    assert html.count('aria-current="page"') == 1
    assert ("utan inloggning" if lang == "sv" else "without sign-in") in html
    content = pages.page(address.path(page, lang), "")
    assert sum(type(part).__name__ == "H1" for part in parts_of(content)) == 1
    assert "{" not in text_of(content).replace("{}", "")
    ids = [part.id for part in parts_of(content) if getattr(part, "id", None)]
    assert len(ids) == len(set(ids))


def test_the_first_page_greets_in_the_language_of_the_browser(client: Any) -> None:
    assert (
        client.get("/", headers={"Accept-Language": "en-GB,en;q=0.8"}).headers["Location"] == "/en/in-brief"
    )
    assert client.get("/", headers={"Accept-Language": "sv"}).headers["Location"] == "/sv/laget-i-korthet"
    assert client.get("/", headers={"Accept-Language": "fi"}).headers["Location"] == "/sv/laget-i-korthet"
    assert client.get("/en").headers["Location"] == "/en/in-brief"


def test_an_address_without_a_page_says_so(client: Any) -> None:
    assert client.get("/sv/finns-inte").status_code == 404
    assert client.get("/en/laget-i-korthet").status_code == 404
    assert "finns inte" in text_of(Pages(Path("/nowhere")).page("/sv/finns-inte", ""))


@pytest.mark.parametrize(
    "path", ["/sv/jamstalldhet", "/health", "/static/fordel.css", "/sv/finns-inte", "/_dash-layout"]
)
def test_every_answer_carries_the_headers(client: Any, path: str) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    scripts = next(rule for rule in policy.split("; ") if rule.startswith("script-src"))
    assert "unsafe" not in scripts
    assert "frame-ancestors 'none'" in policy
    assert "http" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_no_page_names_another_host(client: Any) -> None:
    for page, lang in EVERY:
        html = client.get(address.path(page, lang)).get_data(as_text=True)
        assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", html)


def test_a_choice_on_the_page_of_a_figure_stays_there(full_home: Path) -> None:
    at = "/sv/nyckeltal/women_share"
    shown = parts_of(Pages(full_home / "releases").page(at, ""))
    forms = [part for part in shown if type(part).__name__ == "Form"]
    assert [form.action for form in forms] == [at] * len(forms)
    assert forms


def test_what_is_not_offered_becomes_the_default(pages: Pages) -> None:
    for page, search in (
        ("equality", "?by=sex&period=1999-01"),
        ("conditions", "?department=XX&figure=pay_gap_mean&by=unit"),
        ("overview", "?period=../../etc"),
    ):
        at = address.path(page, "sv")
        strange, plain = pages.page(at, search), pages.page(at, "")
        assert text_of(strange) == text_of(plain)


@given(st.text(max_size=60), st.text(max_size=200))
def test_no_address_breaks_anything(pages: Pages, pathname: str, search: str) -> None:
    pages.html(pathname, search)
    for page in address.PAGES:
        pages.html(address.path(page, "en"), "?" + search)


@given(
    st.sampled_from(address.PAGES),
    st.sampled_from(["period", "by", "figure", "department", "q"]),
    st.text(max_size=40),
)
def test_no_choice_breaks_a_page(pages: Pages, page: str, name: str, value: str) -> None:
    pages.html(*address.href(page, "sv", {name: value}).partition("?")[::2])


def test_anything_but_text_is_not_an_address(client: Any) -> None:
    for value in (None, 7, ["/sv"], {"a": 1}, True):
        answer = client.post(
            "/_dash-update-component",
            json={
                "output": "page.html",
                "outputs": {"id": "page", "property": "html"},
                "inputs": [
                    {"id": "page", "property": "pathname", "value": value},
                    {"id": "page", "property": "search", "value": value},
                ],
                "changedPropIds": ["page.pathname"],
            },
        )
        assert answer.status_code == 200


def test_before_the_first_release_the_page_says_what_to_do(tmp_path: Path) -> None:
    client = create_app(Settings(home=tmp_path), is_public=True).server.test_client()
    assert client.get("/health").json == {"status": "no release", "release": None}
    assert client.get("/sv/laget-i-korthet").status_code == 200
    assert "make refresh" in ask(client, "/sv/laget-i-korthet").get_data(as_text=True)


def test_a_new_release_is_seen_without_a_restart(tmp_path: Path) -> None:
    first = write_release(tmp_path / "releases")
    client = create_app(Settings(home=tmp_path), is_public=True).server.test_client()
    assert client.get("/health").json["release"] == first
    assert first in ask(client, "/sv/datakvalitet").get_data(as_text=True)
    second = write_release(tmp_path / "releases", seed=7)
    assert second != first
    assert client.get("/health").json["release"] == second
    assert second in ask(client, "/sv/datakvalitet").get_data(as_text=True)
    assert "utan inloggning" in client.get("/sv/datakvalitet").get_data(as_text=True)


def test_a_changed_status_is_seen_too(tmp_path: Path) -> None:
    write_release(tmp_path / "releases")
    pages = Pages(tmp_path / "releases")
    assert "monthly_pay saknas" in text_of(pages.page("/sv/datakvalitet", ""))
    (tmp_path / "releases" / "status.json").write_text('{"problems": []}', encoding="utf-8")
    assert "Inget hindrar publiceringen, men en kontroll" in text_of(pages.page("/sv/datakvalitet", ""))
    shutil.rmtree(tmp_path / "releases")
    assert "Ingen utgåva" in text_of(pages.page("/sv/datakvalitet", ""))


def test_after_a_failed_night_every_page_says_how_old_the_figures_are(tmp_path: Path) -> None:
    write_release(tmp_path / "releases")
    client = create_app(Settings(home=tmp_path), is_public=True).server.test_client()
    assert "misslyckades" not in client.get("/sv/lon").get_data(as_text=True)
    (tmp_path / "releases" / "status.json").write_text('{"run": {"outcome": "failed"}}', encoding="utf-8")
    assert "Nattens körning misslyckades.</strong> Siffrorna är de som publicerades" in client.get(
        "/sv/lon"
    ).get_data(as_text=True)
    assert "Last night&#x27;s run failed." in client.get("/en/pay").get_data(as_text=True)


def test_the_catalogue_is_searched_by_words(pages: Pages) -> None:
    found = text_of(pages.page("/sv/nyckeltalskatalog", "?q=heltid"))
    assert "Heltidsarbetande" in found
    assert "Yrkessegregering" not in found
    assert "Inget nyckeltal passar" in text_of(pages.page("/sv/nyckeltalskatalog", "?q=zzz"))


def test_a_search_finds_names_and_questions_before_definitions(full_home: Path) -> None:
    """`lön` is in the definition of everything that counts the monthly paid."""
    pages = Pages(full_home / "releases")
    named = text_of(pages.page("/sv/nyckeltalskatalog", "?q=lön"))
    assert "Medianlön" in named
    assert "Anställda, antal" not in named
    assert "Anställda, antal" in text_of(pages.page("/sv/nyckeltalskatalog", "?q=månadslön"))


def test_our_plotly_is_the_version_that_dash_would_have_sent() -> None:
    ours = Path("dashboards/static/a-plotly-basic.min.js")
    opening = (Path(__file__).resolve().parents[3] / ours).read_text(encoding="utf-8")[:200]
    assert f"plotly.js (basic - minified) v{get_plotlyjs_version()}" in opening
