"""A release of the whole catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fixtures.full_release import write_full_release


@pytest.fixture(scope="session")
def full_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose release has every figure of the catalogue; nobody may change it."""
    folder = tmp_path_factory.mktemp("full")
    write_full_release(folder / "releases")
    return folder
