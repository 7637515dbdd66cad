"""What the reports say; the PDF itself is looked at in tests/integration/dashboards."""

from __future__ import annotations

from pathlib import Path

import pytest

from dashboards import address
from dashboards.reports import contents
from dashboards.view import make
from warehouse.release import open_current


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("name", ["brief", "equality"])
def test_a_report_has_a_title_tables_and_pictures_with_words(full_home: Path, lang: str, name: str) -> None:
    release = open_current(full_home / "releases")
    assert release is not None
    text = getattr(contents, name)(make(release, {}, address.Address(lang, "equality")))
    assert f'<html lang="{lang}">' in text
    assert text.count("<h1>") == 1
    # A table is named by its caption, or by the heading of its section where it is the only one there.
    sections = text.split("<section")[1:]
    assert sum("<table>" in section for section in sections) >= 2
    assert all(section.count("<h2>") == 1 and section.count("<table>") <= 1 for section in sections)
    assert text.count("<img") == text.count('alt="')
    assert 'alt=""' not in text
    assert "{" not in text
