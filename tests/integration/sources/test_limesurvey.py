"""LimeSurvey: what a real server answered, over HTTP; what is dropped at the door; faults."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.servers.home import Home
from tests.fixtures.servers.limesurvey import PASSWORD, USER, LimeSurvey, Survey, recorded, serve_limesurvey
from tests.fixtures.servers.serving import Served

CONTRACTS = ("survey_round", "survey_item", "survey_invited", "survey_answer")
SURVEY = {
    "age_group": {"question": "ALDER", "codes": {"A1": "-29", "A2": "30-49", "A3": "50-"}},
    "sex": {"question": "KON", "attribute": "attribute_2", "codes": {"X": "U"}},
}


def home(folder: Path, served: Served, monkeypatch: pytest.MonkeyPatch, **more: Any) -> Home:
    monkeypatch.setenv("ENKAT_LOSEN", more.pop("password", PASSWORD))
    server = {
        "kind": "limesurvey", "url": f"{served.url}/index.php/admin/remotecontrol", "user": USER,
        "password": {"env": "ENKAT_LOSEN"}, "surveys": [202610], "survey": SURVEY, "timeout_seconds": 2, "attempts": 2,
    }  # fmt: skip
    return Home(folder, {"enkat": {**server, **more}})


def test_a_recorded_survey_becomes_rounds_items_invited_and_answers(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_limesurvey(LimeSurvey({202610: recorded(shared_data)})) as served:
        at = home(tmp_path, served, monkeypatch)
        taken = at.take(*CONTRACTS)
        assert [each.status for each in taken] == ["loaded"] * 4
        asked = len(served.asked)
        assert at.take(*CONTRACTS) == []
        assert len(served.asked) == 2 * asked, "each run asks once for all four contracts"
    assert at.rows("SELECT round_id, CAST(closes_date AS VARCHAR), survey_kind FROM raw.survey_round") == [
        ("202610", "2026-10-28", "hme")
    ]
    items = at.table("raw.survey_item")
    assert items["hme_number"].to_list() == list(range(1, 10))
    assert items.filter(hme_number=1)["question_sv"].item() == "Mitt arbete känns meningsfullt"
    assert items["sub_index"].to_list() == ["motivation"] * 3 + ["leadership"] * 3 + ["governance"] * 3
    # All sixty, not the first ten; nobody is marked as done in an anonymous-style survey, so how many is not told.
    assert at.rows("SELECT SUM(invited), SUM(completed) FROM raw.survey_invited") == [(60, None)]
    # 39 answers, of which 3 were never sent in; nine rows each.
    assert at.rows("SELECT COUNT(*), COUNT(DISTINCT respondent_key) FROM raw.survey_answer") == [(36 * 9, 36)]
    assert at.rows("SELECT DISTINCT sex FROM raw.survey_answer ORDER BY 1") == [("K",), ("M",), ("U",)]
    assert at.rows("SELECT DISTINCT age_group FROM raw.survey_answer ORDER BY 1") == [
        ("-29",),
        ("30-49",),
        ("50-",),
    ]
    assert at.rows("SELECT MIN(value), MAX(value) FROM raw.survey_answer") == [(1, 5)]


def test_nothing_that_joins_an_answer_to_a_person_gets_in(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    survey = recorded(shared_data)
    with serve_limesurvey(LimeSurvey({202610: survey})) as served:
        at = home(tmp_path, served, monkeypatch)
        at.take(*CONTRACTS)
    assert survey.participants is not None
    for participant in survey.participants:
        assert at.contains(participant["token"].encode()) == []
        assert at.contains(participant["participant_info"]["email"].encode()) == []
    assert at.contains("önskvärt".encode()) == []
    assert at.contains(PASSWORD.encode()) == []


def test_do_not_know_is_missing_and_never_nought(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_limesurvey(LimeSurvey({202610: recorded(shared_data)})) as served:
        at = home(tmp_path, served, monkeypatch)
        at.take(*CONTRACTS)
    stated = [each["HME[SQ009]"] for each in recorded(shared_data).responses if each["submitdate"]]
    expected = [int(code) for code in stated if code not in ("", "0")]
    (found,) = at.rows(
        "SELECT COUNT(value), SUM(value) FROM raw.survey_answer WHERE item_code = 'HME[SQ009]'"
    )
    assert found == (len(expected), sum(expected))
    assert len(expected) < 36


def test_the_csv_export_gives_the_same_answers(
    tmp_path: Path, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serve_limesurvey(LimeSurvey({202610: recorded(shared_data)})) as served:
        by_server = home(tmp_path / "server", served, monkeypatch)
        by_server.take(*CONTRACTS)
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(shared_data / "limesurvey/responses_code_short.csv", folder / "results-survey202610.csv")
    by_file = Home(
        tmp_path / "file", {"enkat": {"kind": "limesurvey_export", "path": str(folder), "survey": SURVEY}}
    )
    taken = by_file.take(*CONTRACTS)
    assert {each.status for each in taken} == {"loaded"}
    columns = "respondent_key, item_code, value, department_code, sex, age_group"
    for home_ in (by_server, by_file):
        assert len(home_.rows(f"SELECT {columns} FROM raw.survey_answer")) == 36 * 9
    ask = f"SELECT {columns} FROM raw.survey_answer ORDER BY ALL"
    assert by_server.rows(ask) == by_file.rows(ask)


def test_an_export_with_full_texts_is_refused_with_the_reason(tmp_path: Path, shared_data: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    shutil.copy(shared_data / "limesurvey/responses_full_long.csv", folder / "survey_202610.csv")
    at = Home(
        tmp_path / "home", {"enkat": {"kind": "limesurvey_export", "path": str(folder), "survey": SURVEY}}
    )
    (taken,) = at.take("survey_answer")
    assert taken.reason is not None
    assert taken.reason.id == "no_items"


def test_an_export_that_is_refused_costs_itself_only(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name in ("survey_202610.csv", "enkat.csv"):
        (folder / name).write_text(
            '"id";"submitdate";"Q1"\n"1";"2026-10-20 10:00:00";"A4"\n', encoding="utf-8"
        )
    survey = {"hme": None, "items": {"Q1": {"hme_number": 1}}}
    at = Home(
        tmp_path / "home", {"enkat": {"kind": "limesurvey_export", "path": str(folder), "survey": survey}}
    )
    taken = {
        each.file_name.partition(" ")[0]: each.reason and each.reason.id for each in at.take("survey_answer")
    }
    assert taken.pop("enkat.csv") == "no_survey_id"
    assert list(taken.values()) == [None]


def own_survey(**more: Any) -> Survey:
    questions = [
        {"qid": 1, "parent_qid": 0, "title": "Q1", "question": "<p>Mitt arbete k&auml;nns meningsfullt</p>"},
        {"qid": 2, "parent_qid": 0, "title": "TILLG", "question": "Har du mött hinder?"},
    ]
    english = [
        {**questions[0], "question": "My work feels meaningful"},
        {**questions[1], "question": "Barriers?"},
    ]
    answers = [
        {"id": number, "submitdate": "2026-10-20 10:00:00", "FORV": "KLK", "Q1": code, "TILLG": yes}
        for number, (code, yes) in enumerate([("A1", "Y"), ("A5", "N"), ("4", ""), ("", "Y")], 1)
    ]
    properties = {
        "startdate": "2026-10-01 00:00:00", "expires": "2026-11-02 23:59:00", "language": "sv", "additional_languages": "en",
    }  # fmt: skip
    return Survey({"sv": questions, "en": english}, answers, None, properties=properties, **more)


def test_single_items_two_languages_and_an_open_invitation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {
        "hme": None,
        "items": {
            "Q1": {"hme_number": 1, "sub_index": "motivation"},
            "TILLG": {"sub_index": "accessibility", "scale": "yes_no", "is_reversed": True},
        },
        "rounds": {"202610": {"survey_kind": "climate", "invited": 120}},
    }
    with serve_limesurvey(LimeSurvey({202610: own_survey()})) as served:
        at = home(tmp_path, served, monkeypatch, survey=form)
        assert {each.status for each in at.take(*CONTRACTS)} == {"loaded"}
    assert at.rows(
        "SELECT CAST(opens_date AS VARCHAR), CAST(closes_date AS VARCHAR), survey_kind FROM raw.survey_round"
    ) == [("2026-10-01", "2026-11-02", "climate")]
    assert at.rows("SELECT item_code, question_sv, question_en FROM raw.survey_item ORDER BY 1") == [
        ("Q1", "Mitt arbete känns meningsfullt", "My work feels meaningful"),
        ("TILLG", "Har du mött hinder?", "Barriers?"),
    ]
    assert at.rows(
        "SELECT item_code, LIST(value ORDER BY value) FROM raw.survey_answer GROUP BY 1 ORDER BY 1"
    ) == [
        ("Q1", [1, 4, 5, None]),
        ("TILLG", [0, 1, 1, None]),
    ]
    assert at.rows("SELECT department_code, invited FROM raw.survey_invited") == [(None, 120)]


def test_participants_come_in_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = own_survey()
    survey.participants = [
        {
            "tid": number,
            "token": f"t{number}",
            "attribute_1": "KLK",
            "attribute_2": "K",
            "completed": "2026-10-20 10:00",
        }
        for number in range(2_500)
    ]
    form = {"hme": None, "items": {"Q1": {"hme_number": 1}}}
    with serve_limesurvey(LimeSurvey({202610: survey})) as served:
        at = home(tmp_path, served, monkeypatch, survey=form)
        at.take("survey_invited")
    assert at.rows("SELECT invited, completed FROM raw.survey_invited") == [(2500, 2500)]


def test_a_survey_without_answers_is_nothing_yet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = own_survey()
    survey.responses = []
    with serve_limesurvey(LimeSurvey({202610: survey})) as served:
        assert home(tmp_path, served, monkeypatch).take(*CONTRACTS) == []


@pytest.mark.parametrize(
    ("mood", "reason"),
    [
        ("down…", "server_down"),
        ("500…", "server_down"),
        ("half…", "server_down"),
        ("slow…", "server_slow"),
        ("nonsense…", "nonsense"),
        ("empty…", "nonsense"),
        ("other…", "nonsense"),
        ("403…", "login_refused"),
    ],
)
@pytest.mark.parametrize("after", [0, 2], ids=["at once", "half-way"])
def test_faults_leave_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mood: str, reason: str, after: int
) -> None:
    form = {"hme": None, "items": {"Q1": {"hme_number": 1}}}
    with serve_limesurvey(LimeSurvey({202610: own_survey()})) as served:
        at = home(tmp_path, served, monkeypatch, survey=form, timeout_seconds=0.8)
        at.take("survey_round", "survey_answer")
        before = at.table("raw.survey_answer")
        served.moods[:] = ["well"] * after + [mood]
        taken = at.take("survey_round", "survey_answer")
    assert [each.reason.id for each in taken if each.reason] == [reason] * 2
    assert at.table("raw.survey_answer").equals(before)


def test_a_day_that_is_none_costs_the_survey_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    survey = own_survey()
    survey.properties = {**survey.properties, "expires": "0000-00-00 00:00:00"}
    with serve_limesurvey(LimeSurvey({202610: survey})) as served:
        (taken,) = home(tmp_path, served, monkeypatch).take("survey_round")
    assert taken.reason is not None
    assert taken.reason.id == "nonsense"


def test_a_wrong_password_is_told_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_limesurvey(LimeSurvey({202610: own_survey()})) as served:
        (taken,) = home(tmp_path, served, monkeypatch, password="felaktigt").take("survey_round")
    assert taken.reason is not None
    assert taken.reason.id == "login_refused"
    assert "felaktigt" not in taken.reason.sv + taken.reason.en


def test_a_missing_secret_is_told_by_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_limesurvey(LimeSurvey()) as served:
        at = home(tmp_path, served, monkeypatch)
        monkeypatch.delenv("ENKAT_LOSEN")
        (taken,) = at.take("survey_round")
    assert taken.reason is not None
    assert (taken.reason.id, "ENKAT_LOSEN" in taken.reason.en) == ("no_secret", True)
