"""`fordel sources` and `fordel map`, as lines."""

from __future__ import annotations

from pathlib import Path

from pipelines.intake.told import mapping, sources
from tests.fixtures.hostile import GOOD
from tests.fixtures.servers.home import Home
from tests.fixtures.servers.kolada import Kolada, serve_kolada
from tests.integration.sources.test_hostile import MAPPING
from tests.integration.sources.test_template import PERSON, fill


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
    told = "\n".join(lines)
    assert not is_well
    (hr,) = [line.split() for line in lines if line.startswith("hr ")]
    assert hr[:3] + hr[5:7] == ["hr", "files", "hr_employment", "200", "0"]
    assert "hr: answers" in told
    assert "kolada: answers" in told
    assert "gone: gone does not answer" in told


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
    assert "hr_employment" in lines[0]
    assert "Kvinna: K" in told
    assert "Månadslön: manadsavlonad" in told
    assert "nothing was made of: Namn" in told
    assert "2026-10-01,K,10,manadsavlonad,75.5,34567.5,2020-01-01" in told
    assert PERSON not in told
    assert "Andersson" not in told


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
    assert any("participation, row 3, activity" in line for line in lines)
    assert "dans" not in "\n".join(lines)
