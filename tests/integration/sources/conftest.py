"""Pauses between attempts are long for people's servers and short for ours."""

from __future__ import annotations

import pytest

from pipelines.intake import asking


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "FIRST_PAUSE", 0.05)
