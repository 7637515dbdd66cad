"""Kolada's API, version 3: pages, limits, faults, revisions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.kolada import revisions
from pipelines.intake.told import sources
from tests.fixtures.servers.home import Home
from tests.fixtures.servers.kolada import Kolada, serve_kolada
from tests.fixtures.servers.serving import Served

KPIS = [f"N{number:05}" for number in range(30)]
MUNICIPALITIES = ["1285", "0192", "0662", "0883", "1463", "1487", "1881", "2062"]


def published() -> Kolada:
    return Kolada(
        {
            (kpi, municipality, year, gender): number + year / 10_000
            for number, kpi in enumerate(KPIS)
            for municipality in MUNICIPALITIES
            for year in (2022, 2023)
            for gender in "TKM"
        }
    )


def home(folder: Path, served: Served, **more: Any) -> Home:
    kolada = {
        "kind": "kolada", "url": f"{served.url}/v3", "kpis": KPIS, "municipalities": MUNICIPALITIES,
        "from_year": 2020, "timeout_seconds": 3, "attempts": 3,
    }  # fmt: skip
    return Home(folder, {"kolada": {**kolada, **more}})


def test_every_page_of_every_part_is_read_and_no_segment_has_more_than_25_ids(tmp_path: Path) -> None:
    kolada = published()
    kolada.rows_a_page = 50
    with serve_kolada(kolada) as served:
        at = home(tmp_path, served)
        (taken,) = at.take("external_figure")
        assert (taken.status, taken.rows_loaded) == ("loaded", 30 * 8 * 2 * 3)
        assert at.take("external_figure") == []
        paths = [each.path for each in served.asked]
    assert any("page=2" in path for path in paths)
    assert all(len(segment.split(",")) <= 25 for path in paths for segment in path.split("?")[0].split("/"))


def test_a_figure_without_data_is_no_fault(tmp_path: Path) -> None:
    with serve_kolada(Kolada()) as served:
        assert home(tmp_path, served).take("external_figure") == []


def test_missing_and_deleted_values_are_not_values(tmp_path: Path) -> None:
    values = {
        ("N00000", "1285", 2022, "K"): None,
        ("N00000", "1285", 2022, "M"): 5.0,
        ("N00000", "1285", 2022, "T"): 6.0,
    }
    with serve_kolada(Kolada(dict(values), deleted={("N00000", "1285", 2022, "T")})) as served:
        at = home(tmp_path, served)
        at.take("external_figure")
    assert at.rows("SELECT gender, value, status FROM raw.external_figure ORDER BY gender") == [
        ("K", None, "Missing"),
        ("M", 5.0, None),
        ("T", None, "Deleted"),
    ]


@pytest.mark.parametrize("moods", [["429"], ["500", "503"], ["down"], ["half"], ["down", "429"]], ids=str)
def test_a_passing_fault_is_waited_out(tmp_path: Path, moods: list[str]) -> None:
    with serve_kolada(published()) as served:
        served.moods[:] = moods
        (taken,) = home(tmp_path, served).take("external_figure")
    assert taken.status == "loaded"


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("down…", "server_down"),
        ("500…", "server_down"),
        ("429…", "server_down"),
        ("half…", "server_down"),
        ("slow…", "server_slow"),
        ("drip…", "server_slow"),
        ("nonsense…", "nonsense"),
        ("empty…", "nonsense"),
        ("other…", "nonsense"),
        ("403…", "login_refused"),
    ],
)
def test_while_it_is_down_the_last_good_copy_stands(tmp_path: Path, mood: str, reason: str) -> None:
    with serve_kolada(published()) as served:
        at = home(tmp_path, served, timeout_seconds=1)
        at.take("external_figure")
        before = at.table("raw.external_figure")
        served.moods[:] = [mood]
        (taken,) = at.take("external_figure")
    assert taken.status == "refused"
    assert taken.reason is not None
    assert (taken.reason.id, taken.file_name) == (reason, "")
    assert "kolada" in taken.reason.sv
    assert at.table("raw.external_figure").equals(before)


def test_an_answer_cannot_send_us_to_another_server(tmp_path: Path) -> None:
    kolada = published()
    kolada.rows_a_page = 50
    with serve_kolada(published()) as other:
        original = kolada.answer

        def elsewhere(asked: Any) -> Any:
            said = original(asked)
            said.body["next_url"] = other.url.replace("127.0.0.1", "localhost") + "/v3/data"
            return said

        kolada.answer = elsewhere  # type: ignore[method-assign]
        with serve_kolada(kolada) as turned:
            (taken,) = home(tmp_path, turned).take("external_figure")
        assert other.asked == []
    assert taken.reason is not None
    assert taken.reason.id == "nonsense"


def test_a_revised_value_is_noticed_and_listed(tmp_path: Path) -> None:
    kolada = published()
    with serve_kolada(kolada) as served:
        at = home(tmp_path, served)
        at.take("external_figure")
        with at.store.write() as con:
            # As if it had been retrieved a month earlier, when one value was another.
            con.execute("CREATE TEMP TABLE before AS SELECT * FROM raw.external_figure")
            con.execute(
                "INSERT INTO raw.external_figure SELECT * REPLACE (month - INTERVAL 1 MONTH AS month, "
                "CASE WHEN kpi = 'N00003' AND municipality = '1285' AND period = 2022 AND gender = 'K' "
                "THEN 1.5 ELSE value END AS value) "
                "FROM before"
            )
            found = revisions(con)
        told, _ = sources(at.settings, at.store, is_tried=False, lang="en")
    assert found.select("kpi", "municipality", "period", "gender", "before").rows() == [
        ("N00003", "1285", 2022, "K", 1.5)
    ]
    heading = told.index("Changed by Kolada since the retrieval before:")
    assert re.match(r"N00003 +1285 +2022 +K +1.5 +\d", told[-1]), told[heading:]
