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


def test_every_department_is_in_the_table_and_every_table_of_values_says_for_when(
    full_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contents, "MOST_GROUPS", 3)
    release = open_current(full_home / "releases")
    assert release is not None
    view = make(release, {}, address.Address("sv", "equality"))
    sections = contents.equality(view).split("<section")
    departments = next(section for section in sections if "Andel kvinnor per förvaltning</h2>" in section)
    assert departments.count("<tr>") == 1 + len(view.reader.rows("women_share", ["department"]))
    assert "Avser oktober 2026. Diagrammet visar de 3 största" in departments
    sexes = next(section for section in sections if "Kvinnor och män sida vid sida</h2>" in section)
    assert "tolv månader till och med" in sexes
