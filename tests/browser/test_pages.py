"""Every page in a real browser: accessible, calm on a small screen, silent in the console, and asking nobody else for anything.

The screenshots are kept in tests/artefacts, to be looked at.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Browser, Page

from dashboards import address
from tests.browser.conftest import ARTEFACTS, Visit, visit

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [(page, address.path(page, lang), lang) for page in address.PAGES for lang in ("sv", "en")]
PAGES += [
    (figure, address.figure_href(figure, lang), lang)
    for figure, lang in (("plan_coverage", "sv"), ("pay_median", "en"), ("development_need", "sv"))
]
# What has the focus: its beginning, the chart it is in if any, and whether it is that chart.
FOCUSED = """(() => {
  const here = document.activeElement;
  if (here === document.body) return null;
  const chart = here.closest(".chart");
  return [here.outerHTML.slice(0, 160), chart !== null, here === chart];
})()"""
# What a keyboard cannot reach or should not stop at: an order of its own, a stop inside a chart, something that is not there.
UNREACHABLE = """(() => {
  const stops = "a[href], button, select, input:not([type=hidden]), summary, [tabindex='0']";
  const wrong = [...document.querySelectorAll("[tabindex]")].filter((each) => each.tabIndex > 0);
  wrong.push(...document.querySelectorAll(".chart a, .chart button, .chart [tabindex='0']"));
  const all = [...document.querySelectorAll(`main :is(${stops})`)];
  wrong.push(...all.filter((each) => !each.checkVisibility() && !each.closest("details:not([open])")));
  return wrong.map((each) => each.outerHTML.slice(0, 160));
})()"""
SCREENS = ((1280, "none"), (320, "none"), (320, "active"), (1280, "active"))
# Every chart is drawn at the width it has now.
SETTLED = """() => [...document.querySelectorAll(".plot")].every((plot) =>
  Math.abs((plot.querySelector(".main-svg")?.clientWidth ?? -9) - plot.clientWidth) <= 1)"""
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RUN_AXE = """async (rules) => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.flatMap((rule) => rule.nodes.map((node) => `${rule.id}: ${node.html.slice(0, 200)}`));
}"""


@pytest.fixture
def desk(browser: Browser, site: str) -> Iterator[Visit]:
    yield from visit(browser, site, 1280)


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 A and AA and good practice."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found: list[str] = page.evaluate(RUN_AXE, RULES)
    return found


@pytest.mark.parametrize(("name", "path", "lang"), PAGES, ids=lambda part: str(part).strip("/"))
def test_page(desk: Visit, name: str, path: str, lang: str) -> None:
    """One load, looked at on four screens; the tables are open on the last of them."""
    page = desk.open(path)
    ARTEFACTS.mkdir(exist_ok=True)
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert page.locator("html").get_attribute("lang") == lang
    assert page.evaluate(UNREACHABLE) == []
    for width, forced in SCREENS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(forced_colors=forced, color_scheme="dark" if forced == "active" else "light")  # type: ignore[arg-type]
        page.wait_for_function(SETTLED)
        where = f"{width}-{'light' if forced == 'none' else 'forced'}"
        page.screenshot(path=ARTEFACTS / f"{name}-{lang}-{where}.png", full_page=True)
        if (width, forced) == SCREENS[-1]:
            page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert violations(page) == [], where
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), where
    assert desk.wrongs == []


@pytest.mark.parametrize("path", ["/sv/finns-inte", "/en/nothing-here"])
def test_a_page_that_is_not_there(desk: Visit, path: str) -> None:
    page = desk.open(path)
    assert violations(page) == []


def test_arrow_keys_read_a_chart_and_escape_leaves_it(desk: Visit) -> None:
    page = desk.open("/sv/jamstalldhet")
    chart, figure = page.locator(".chart").first, page.locator("figure").first
    read = figure.locator("[role=status]")
    figure.locator("summary").click()
    rows = [
        " ".join(row.all_inner_texts())
        for row in [figure.locator("tbody tr").nth(i).locator("th, td") for i in (0, 1)]
    ]
    chart.focus()
    page.keyboard.press("ArrowDown")
    first = read.inner_text()
    page.keyboard.press("ArrowDown")
    second = read.inner_text()
    page.keyboard.press("ArrowUp")
    assert read.inner_text() == first
    for said, row in ((first, rows[0]), (second, rows[1])):
        assert all(part in said for part in row.split(" ")[:2])
    page.keyboard.press("End")
    assert ".." in read.inner_text()
    page.keyboard.press("Escape")
    assert read.inner_text() == ""
    assert page.evaluate("!document.activeElement.matches('.chart')")


def test_the_right_arrow_goes_forward_in_time(desk: Visit) -> None:
    page = desk.open("/en/conditions-and-health")
    figure = page.locator("#sick-leave figure")
    figure.locator("summary").click()
    newest_first = figure.locator("tbody th").all_inner_texts()
    figure.locator(".chart").focus()
    said = []
    for _ in range(2):
        page.keyboard.press("ArrowRight")
        said.append(figure.locator("[role=status]").inner_text().split(":")[0])
    assert said == newest_first[:-3:-1]


@pytest.mark.parametrize("answer", ["none", "refused"])
def test_figures_that_cannot_be_fetched_are_told_of(desk: Visit, answer: str) -> None:
    desk.page.route(
        "**/_dash-update-component*",
        lambda route: route.abort() if answer == "none" else route.fulfill(status=401, body="401"),
    )
    desk.page.goto(f"{desk.site}/sv/lon")
    told = desk.page.get_by_role("alert").filter(has_text="Ladda om sidan")
    told.wait_for()
    assert told.inner_text().startswith("Siffrorna gick inte att hämta.")


def test_the_keyboard_reaches_everything_and_a_chart_is_one_stop(desk: Visit) -> None:
    page = desk.open("/sv/jamstalldhet")
    reached, stops = set(), []
    for _ in range(90):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
        reached.add(stop[0])
    assert "Hoppa till innehållet" in stops[0][0]
    inside = [stop for stop in stops if stop[1]]
    assert len(inside) == page.locator(".chart").count()
    assert all(is_chart for _, _, is_chart in inside)
    wanted = page.locator("main a, main button, main select, main summary").count()
    assert (
        len([stop for stop in stops if stop[0].startswith(("<a", "<button", "<select", "<summary"))])
        >= wanted
    )


def test_a_choice_is_in_the_address_and_survives_the_language(desk: Visit) -> None:
    page = desk.open("/sv/villkor-och-halsa")
    page.select_option("#choose-period", "2026-03")
    page.select_option("#choose-department", "VO")
    page.get_by_role("button", name="Visa").click()
    page.wait_for_selector("[data-page]")
    assert "period=2026-03" in page.url
    assert "department=VO" in page.url
    assert page.locator("#choose-period").input_value() == "2026-03"
    assert page.locator("#choose-department").input_value() == "VO"
    page.get_by_role("link", name="In English").click()
    page.wait_for_selector("[data-page]")
    assert "/en/conditions-and-health" in page.url
    assert page.locator("#choose-period").input_value() == "2026-03"
    assert desk.wrongs == []


def test_a_link_to_a_figure_goes_to_it(desk: Visit) -> None:
    page = desk.open("/sv/nyckeltalskatalog#sick_leave_share")
    page.wait_for_function("document.activeElement.id === 'sick_leave_share'")
    page.wait_for_function("document.getElementById('sick_leave_share').getBoundingClientRect().top < 300")


def test_text_twice_as_large_needs_no_sideways_scrolling(browser: Browser, site: str) -> None:
    for made in visit(browser, site, 1280):
        page = made.open("/sv/jamstalldhet")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        page.wait_for_function(SETTLED)
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_nothing_is_shared_with_plotly(desk: Visit) -> None:
    page = desk.open("/en/gender-equality")
    assert page.locator(".modebar-btn").count() == 0
    assert "Share chart" not in page.content()
    assert page.evaluate(
        "performance.getEntriesByType('resource').every(each => each.name.startsWith(location.origin))"
    )


def test_a_first_visit_is_small(browser: Browser, site: str) -> None:
    for made in visit(browser, site, 1280):
        page = made.open("/sv/villkor-och-halsa")
        sent = page.evaluate(
            "performance.getEntriesByType('resource').reduce((sum, each) => sum + each.transferSize, 0)"
        )
        assert sent < 1_500_000
