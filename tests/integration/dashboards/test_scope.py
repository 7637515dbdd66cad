"""Nobody gets a byte from outside their scope, whatever they ask for: pages, files and answers.

What is outside is changed in a copy of the release; every answer to every question must be the same, byte for byte.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from dashboards import address
from dashboards.access.scope import Scope, restrict
from dashboards.app import create_app
from warehouse.release import NUMBERS, open_current
from warehouse.settings import Dashboards, Proxy, Settings

OWN, FOREIGN = "BU", "RT"
ROLES = {"head": f"/{OWN}", "reader": "/"}
LETTING = Dashboards(
    proxy=Proxy(),
    roles={"g-data": "data_team", "g-management": "management", "g-head": "head", "g-reader": "reader"},
)
CHOICES = (
    "",
    f"?department={OWN}",
    f"?department={FOREIGN}&by=department",
    "?by=unit&period=2026-03",
    "?by=occupation_group&department=finns-inte&period=1066-10",
    "?department=BU%27%20OR%201%3D1&by=department%2Csex&figure=full_time_working_share",
)


def outside(cells: pl.DataFrame, role: str, distributions: set[str]) -> pl.Expr:
    """Which cells are outside a scope, in this test's own words."""
    groups = [name for name in cells.columns if name in DIMENSIONS]
    if role == "reader":
        whole = pl.all_horizontal(pl.col(name).is_null() for name in groups)
        across = pl.col("figure").is_in(list(distributions)) & pl.col("breakdown").is_in(
            ["age_group", "pay_quartile"]
        )
        return ~(whole | across)
    foreign = pl.col("department").is_not_null() & (pl.col("department") != OWN)
    neither = pl.col("other_department").is_null() | (pl.col("other_department") != OWN)
    unit = pl.col("unit").is_not_null() & ~pl.col("unit").str.starts_with(f"{OWN}-")
    return (foreign & neither) | unit


DIMENSIONS = {
    "department", "unit", "occupation_group", "management_level", "employment_form", "age_group", "pay_quartile",
    "other_department", "competence_area", "area", "ground", "plan_kind", "municipality", "age_group_health", "sex",
}  # fmt: skip


@pytest.fixture(scope="module", params=sorted(ROLES))
def twins(request: pytest.FixtureRequest, full_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Two servers whose releases differ only in what is outside the role's scope."""
    role: str = request.param
    other = tmp_path_factory.mktemp("other")
    shutil.copytree(full_home / "releases", other / "releases", symlinks=True)
    release = open_current(full_home / "releases")
    assert release is not None
    folder = (other / "releases" / "current").resolve()
    cells = pl.read_parquet(folder / "cells.parquet")
    distributions = {figure for figure, entry in release.figures.items() if entry.get("across")}
    is_outside = outside(cells, role, distributions)
    assert cells.filter(is_outside).height > 1000
    spoiled = [
        pl.when(is_outside & (pl.col("status") == "shown"))
        .then(pl.col(name) * 1.5 + 1)
        .otherwise(pl.col(name))
        .cast(cells.schema[name])
        .alias(name)
        for name in NUMBERS
    ]
    cells.with_columns(spoiled).write_parquet(folder / "cells.parquet")
    told = json.loads((folder / "insights.json").read_text(encoding="utf-8"))
    for signal in told["signals"]:
        group = signal["group"]
        if group.get("department", OWN) != OWN or (group and role == "reader"):
            signal["mean"] += 77
    (folder / "insights.json").write_text(json.dumps(told), encoding="utf-8")
    return role, *[
        create_app(Settings(home=home, dashboards=LETTING)).server.test_client()
        for home in (full_home, other)
    ]


def headers(role: str) -> dict[str, str]:
    return {
        "X-Forwarded-User": f"kalle-{role}",
        "X-Forwarded-Groups": f"g-{role}",
        "X-Forwarded-Department": OWN if role == "head" else "",
    }


def ask_page(client: Any, pathname: str, search: str, given: dict[str, str]) -> Any:
    return client.post(
        "/_dash-update-component",
        headers=given,
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


def test_no_page_tells_anything_from_outside(twins: Any) -> None:
    role, one, other = twins
    figures = (
        "women_share",
        "pay_median",
        "department_links",
        "age_distribution",
        "hme_total",
        "development_need",
    )
    paths = [address.path(page, "sv") for page in address.PAGES]
    paths += [address.figure_href(figure, "en") for figure in (*figures, "finns_inte")]
    for path in paths:
        for search in CHOICES:
            first, second = (ask_page(client, path, search, headers(role)) for client in (one, other))
            assert first.status_code == second.status_code == 200
            assert first.data == second.data, (path, search)


def test_no_file_and_no_answer_tells_anything_from_outside(twins: Any) -> None:
    role, one, other = twins
    names = ("women_share", "pay_median", "department_links", "employees")
    questions = [f"/download/sv/{name}.{kind}" for name in names for kind in ("csv", "xlsx")]
    questions += ["/download/en/release.parquet", "/download/sv/release.csv", "/download/sv/report-brief.pdf"]
    questions += [
        f"/api/v1/figures/{name}/cells?{query}"
        for name in names
        for query in (
            "",
            "by=department",
            "by=unit",
            "by=department,other_department",
            "by=sex",
            "period=2026-03",
            "by=hemligt",
        )
    ]
    for question in [*questions, "/api/v1/figures", "/api/v1/figures/women_share", "/api/v1/release"]:
        first, second = (client.get(question, headers=headers(role)) for client in (one, other))
        assert first.status_code == second.status_code, question
        assert first.data == second.data, question


def test_the_whole_release_as_a_database_is_the_scopes_only(twins: Any, tmp_path: Path) -> None:
    role, one, _ = twins
    file = tmp_path / "one.duckdb"
    file.write_bytes(one.get("/download/sv/release.duckdb", headers=headers(role)).data)
    with duckdb.connect(str(file), read_only=True) as con:
        foreign = con.execute(
            "SELECT count(*) FROM cell WHERE department = ? AND other_department IS NULL", [FOREIGN]
        )
        assert foreign.fetchone() == (0,)
        own = con.execute("SELECT count(*) FROM cell WHERE department = ?", [OWN]).fetchone()
    assert own is not None
    assert (own[0] > 0) == (role == "head")


def test_management_gets_everything_and_a_head_without_a_department_the_totals(full_home: Path) -> None:
    release = open_current(full_home / "releases")
    assert release is not None
    assert restrict(release, Scope("management")) is release
    assert restrict(release, Scope("data_team")) is release
    lost, reader = (restrict(release, scope) for scope in (Scope("head"), Scope("reader")))
    assert all(lost.by_figure[figure].equals(reader.by_figure[figure]) for figure in release.by_figure)
    kept = {name for cells in reader.by_figure.values() for name in cells["breakdown"]}
    assert kept == {"total", "age_group", "pay_quartile"}
