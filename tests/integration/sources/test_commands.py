"""`fordel sources` and `fordel map`, as lines."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipelines.intake.told import mapping, sources
from tests.fixtures.hostile import GOOD
from tests.fixtures.servers.home import Home
from tests.fixtures.servers.kolada import Kolada, serve_kolada
from tests.integration.sources.test_hostile import MAPPING
from tests.integration.sources.test_template import PERSON, fill
from warehouse import clock


def test_every_source_is_listed_with_its_last_delivery_and_the_connection_is_tried(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.csv").write_text(GOOD)
    with serve_kolada(Kolada({("N00001", "1285", 2022, "T"): 1.0})) as served:
        kolada = {"kind": "kolada", "url": f"{served.url}/v3", "kpis": ["N00001"], "municipalities": ["1285"]}
        source = {"hr": {"contract": "hr_employment", "path": str(folder), "mapping": MAPPING}}
        home = Home(
            tmp_path / "home",
            {"kolada": kolada, "gone": {**kolada, "url": "http://127.0.0.1:1/v3"}},
            sources=source,
        )
        home.take("hr_employment")
        lines, is_well = sources(home.settings, home.store, is_tried=True)
        (folder / "empty.csv").write_text("")
        home.take("hr_employment")
        later, _ = sources(home.settings, home.store, is_tried=False, lang="en")
    told = "\n".join(lines)
    assert not is_well
    (hr,) = [line.split() for line in lines if line.startswith("hr ") and "hr_employment" in line]
    assert hr[:3] + hr[4:6] == ["hr", "files", "hr_employment", "200", "0"]
    assert [line for line in lines if line.startswith("hr ") and "mappen finns, 1 fil" in line]
    assert [line for line in lines if line.startswith("kolada ") and line.endswith("svarar")]
    assert "gone svarar inte" in told
    assert "Inget har kommit från gone" in told
    assert "empty.csv from hr was refused. The file is empty." in "\n".join(later)
    assert [line for line in later if line.startswith("hr ") and line.endswith("1 refused")]


def test_a_source_that_should_have_come_is_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    source = {"hr": {"contract": "hr_employment", "path": str(folder), "mapping": MAPPING}}
    home = Home(tmp_path / "home", {}, sources=source)
    for day in (3, 13):
        path = folder / f"{day}.csv"
        path.write_text(GOOD + "\n" * day)
        os.utime(path, (datetime(2026, 10, day).timestamp(),) * 2)
    home.take("hr_employment")
    # The usual ten days later, and some more.
    for day, is_late in ((23, False), (26, False), (28, True)):
        monkeypatch.setattr(clock, "now", lambda day=day: datetime(2026, 10, day, tzinfo=UTC))
        lines, _ = sources(home.settings, home.store, is_tried=False)
        assert any("väntades 2026-10-23" in line for line in lines) == is_late, day


def test_a_mapping_is_proposed_and_the_rows_shown_hold_no_identity(tmp_path: Path) -> None:
    export = tmp_path / "uttag_202610.csv"
    rows = "\n".join(
        f"{PERSON};Anna Andersson;{number};10;Kvinna;Månadslön;34 567,50;75,5;2020-01-{number:02}"
        for number in range(1, 21)
    )
    export.write_text(f"Pers.nr;Namn;Anst.nr;Förv.kod;Kön;Löneform;Heltidslön;Syss.grad;Anst.datum\n{rows}\n")
    lines, is_well = mapping(export, None)
    told = "\n".join(lines)
    assert is_well
    assert "Anställningar (hr_employment)" in lines[0]
    assert "codes: {Kvinna: K}" in told
    assert "codes: {Månadslön: manadsavlonad}" in told
    assert "Rubriker som inte används: Namn" in told
    (row,) = [line.split() for line in lines if line.endswith("2020-01-01")]
    assert row == ["2026-10-01", "K", "10", "manadsavlonad", "75.50", "34567.50", "2020-01-01"]
    assert PERSON not in told
    assert "Andersson" not in told


def settings_of(lines: list[str]) -> dict[str, Any]:
    """What somebody pastes: everything up to the first empty line."""
    stated: dict[str, Any] = yaml.safe_load("\n".join(lines[: lines.index("")]))
    return stated


def test_real_exports_are_proposed_so_that_every_row_can_be_taken(tmp_path: Path, shared_data: Path) -> None:
    """The proposal, pasted as it stands, for each of nine real years whose headings and money are written differently."""
    for file in sorted((shared_data / "hr_montgomery").glob("*.csv")):
        lines, is_well = mapping(file, None)
        assert is_well, file.name
        (source,) = settings_of(lines)["sources"].values()
        assert source["mapping"]["columns"]["monthly_pay_fte"]["divide_by"] == 12
        assert ("person_id" in source["mapping"]["columns"]) == ("pseudonymised" in file.name)
        at = Home(tmp_path / file.stem, {}, sources={"hr": {**source, "pattern": file.name}})
        (taken,) = at.take("hr_employment")
        assert (taken.status, taken.rows_quarantined) == ("loaded", 0), (file.name, taken.reason)
        ((pay, women),) = at.rows(
            "SELECT MEDIAN(monthly_pay_fte), COUNT(*) FILTER (sex = 'K') FROM raw.hr_employment"
        )
        assert 4_000 < pay < 9_000
        assert women > 3_500


def test_a_surveys_export_is_told_what_it_is_and_what_it_needs(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "limesurvey"
    export = tmp_path / "results-survey202610.csv"
    export.write_bytes((folder / "responses_code_short.csv").read_bytes())
    lines, is_well = mapping(export, None)
    told = "\n".join(lines)
    assert is_well
    assert "36 svar är inskickade, av 39 påbörjade." in told
    assert "önskvärt" not in told, "what somebody wrote"
    server = settings_of(lines)["servers"]["enkat"]
    assert server["survey"]["hme"] == "HME"
    ages = server["survey"]["age_group"]["codes"]
    assert set(ages.values()) == {"?"}
    server["survey"]["age_group"]["codes"] = dict(zip(ages, ("-29", "30-49", "50-"), strict=True))
    server["survey"]["sex"]["codes"]["X"] = "U"
    at = Home(tmp_path / "home", {"enkat": server})
    assert {each.status for each in at.take("survey_round", "survey_item", "survey_answer")} == {"loaded"}
    assert at.rows("SELECT COUNT(*) FROM raw.survey_answer") == [(36 * 9,)]
    texts, is_well = mapping(folder / "responses_full_long.csv", None)
    assert not is_well
    assert "Exportera igen med frågekoder" in texts[0]


def test_what_nobody_can_know_is_asked_for(tmp_path: Path) -> None:
    export = tmp_path / "uttag.csv"
    export.write_text("Pers.nr;Anst.nr;Förvaltning;Kön;Anst.form\n" + f"{PERSON};1;Vård;Kvinna;Projekt\n" * 3)
    lines, is_well = mapping(export, None, lang="en")
    told = "\n".join(lines)
    assert not is_well
    assert "month: which month a file stands for" in told
    assert "department_code: the heading in the file. Always needed." in told
    assert (
        "employment_form: what the codes Projekt mean. Allowed: tillsvidare, sva, vikariat, ovrig_visstid."
        in told
    )
    other = tmp_path / "priser.csv"
    other.write_text("artikel;pris\nspade;99\n")
    assert mapping(other, None)[0][0].startswith("Ingen av rubrikerna i priser.csv känns igen.")


def test_a_filled_in_template_is_reported_on(tmp_path: Path) -> None:
    path = fill(
        tmp_path / "mall.xlsx",
        {
            "participation": [
                {"submission": 1, "person_id": PERSON, "activity": "dans", "date": "2026-09-01", "hours": 2}
            ]
        },
    )
    lines, is_well = mapping(path, None)
    assert not is_well
    assert any("blad participation, rad 3" in line and "workshop" in line for line in lines)
    assert "dans" not in "\n".join(lines)
