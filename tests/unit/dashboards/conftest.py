"""The made-up release, the application over it, and what its pages hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash.development.base_component import Component

from dashboards.app import Pages, create_app
from tests.fixtures.full_release import write_full_release
from tests.fixtures.releases import write_release
from warehouse.settings import Settings


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one made-up release; nobody may change it."""
    folder = tmp_path_factory.mktemp("home")
    write_release(folder / "releases")
    return folder


@pytest.fixture(scope="session")
def pages(home: Path) -> Pages:
    return Pages(home / "releases")


@pytest.fixture
def client(home: Path) -> Any:
    return create_app(Settings(home=home), is_public=True).server.test_client()


def parts_of(page: Component) -> Iterator[Component]:
    """A component and everything in it."""
    yield page
    yield from (part for part in page._traverse() if isinstance(part, Component))


def text_of(part: Any) -> str:
    """All words in a component, one after the other."""
    if isinstance(part, str):
        return part
    if isinstance(part, list | tuple):
        return " ".join(text_of(child) for child in part if child is not None)
    return text_of(getattr(part, "children", None) or "") if isinstance(part, Component) else ""


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose release has every figure of the catalogue; nobody may change it."""
    folder = tmp_path_factory.mktemp("full")
    write_full_release(folder / "releases")
    return folder
