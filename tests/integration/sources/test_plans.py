"""Plan submissions from ODK Central and KoboToolbox: repeats, versions, review, deletions, texts, faults."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.odk import _Session
from tests.fixtures.servers import kobo as kobo_server
from tests.fixtures.servers import odk as odk_server
from tests.fixtures.servers.home import Home
from tests.fixtures.servers.kobo import Kobo, serve_kobo
from tests.fixtures.servers.odk import Central, Sent, serve_central
from tests.fixtures.servers.serving import Served
from warehouse import clock

PLAN = ("individual_plan", "plan_need", "plan_activity")
PERSON = "191212121212"


def plan(number: int = 1, **more: Any) -> Sent:
    fields = {
        "person_id": PERSON, "period_start": "2026-09-01", "period_end": "2028-08-31", "goals": "M1 M3", "says_no_need": "no",
    }  # fmt: skip
    needs: list[dict[str, Any]] = [
        {"competence_area": "digital", "current_level": "1", "target_level": "3", "priority": 1},
        {"competence_area": "leadership", "current_level": "2", "target_level": "3", "priority": None},
    ]
    activities: list[dict[str, Any]] = [
        {"competence_area": "digital", "kind": "course", "due_date": "2027-03-01", "done_date": None}
    ]
    return Sent(f"uuid:{number}", fields, {"needs": needs, "activities": activities}, **more)


def odk(folder: Path, served: Served, monkeypatch: pytest.MonkeyPatch, *forms: str, **more: Any) -> Home:
    monkeypatch.setenv("ODK_LOSEN", more.pop("password", odk_server.PASSWORD))
    server = {
        "kind": "odk", "url": served.url, "project": odk_server.PROJECT, "user": odk_server.USER,
        "password": {"env": "ODK_LOSEN"}, "form_ids": {form: form for form in forms}, "timeout_seconds": 3, "attempts": 2,
    }  # fmt: skip
    return Home(folder, {"planer": {**server, **more}})


def test_a_plan_with_its_repeats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_central(Central({"individual_plan": [plan(review="approved")]})) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan")
        assert [each.status for each in at.take(*PLAN)] == ["loaded"] * 3
        assert at.take(*PLAN) == []
    assert at.rows(
        "SELECT CAST(month AS VARCHAR), submission_id, version, status, goals, says_no_need, CAST(submitted_at AS VARCHAR)"
        " FROM raw.individual_plan"
    ) == [("2026-09-01", "uuid:1", 1, "accepted", ["M1", "M3"], False, "2026-09-10 08:00:00")]
    assert at.rows(
        "SELECT need_number, competence_area, current_level, target_level, priority FROM raw.plan_need ORDER BY 1"
    ) == [
        (1, "digital", 1, 3, 1),
        (2, "leadership", 2, 3, None),
    ]
    assert at.rows("SELECT kind, CAST(due_date AS VARCHAR), done_date FROM raw.plan_activity") == [
        ("course", "2027-03-01", None)
    ]
    assert at.contains(PERSON.encode()) == []
    assert at.contains(b"Anna Andersson") == []


def test_every_page_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    central = Central({"individual_plan": [plan(number) for number in range(25)]}, rows_a_page=10)
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan")
        at.take(*PLAN)
    assert at.rows("SELECT COUNT(*) FROM raw.individual_plan") == [(25,)]
    assert at.rows("SELECT COUNT(*) FROM raw.plan_need") == [(50,)]


def test_an_edit_is_a_new_version_and_the_accepted_one_stays_until_it_is_accepted_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central = Central({"individual_plan": [plan(review="approved")]})
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan")
        at.take(*PLAN)
        edited = plan(review="edited", edits=1, updated_at="2026-10-05T09:30:00.000Z")
        edited.repeats["needs"] = edited.repeats["needs"][:1]
        central.forms["individual_plan"] = [edited]
        at.take(*PLAN)
        versions = "SELECT version, status FROM raw.individual_plan ORDER BY version"
        assert at.rows(versions) == [(1, "accepted"), (2, "submitted")]
        assert at.rows("SELECT version, COUNT(*) FROM raw.plan_need GROUP BY 1 ORDER BY 1") == [
            (1, 2),
            (2, 1),
        ]
        central.forms["individual_plan"] = [replace(edited, review="approved")]
        at.take(*PLAN)
        assert at.rows(versions) == [(1, "accepted"), (2, "accepted")]


def test_a_deleted_submission_goes_and_a_restored_one_comes_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    central = Central({"individual_plan": [plan(1), plan(2, sent_at="2026-08-01T08:00:00.000Z")]})
    count = "SELECT (SELECT COUNT(*) FROM raw.individual_plan), (SELECT COUNT(*) FROM raw.plan_need)"
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan")
        at.take(*PLAN)
        assert at.rows(count) == [(2, 4)]
        both = list(central.forms["individual_plan"])
        for gone, left in ((both[1], both[:1]), (None, both), (both[1], both[:1]), (both[0], [])):
            central.forms["individual_plan"] = left
            at.take(*PLAN)
            assert at.rows(count) == [(len(left), 2 * len(left))], gone
        central.forms["individual_plan"] = both
        at.take(*PLAN)
        assert at.rows(count) == [(2, 4)]
    with at.store.read() as con:
        from pipelines.validation.accounting import account

        assert account(con)["closes"].to_list() == [True, True, True]


def test_a_leaders_text_becomes_concrete_or_not_and_goes_no_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "Se över scheman med Berta Svensson"
    base = {
        "step": "act",
        "area": "working_conditions",
        "ground": "sex",
        "done_date": None,
        "points_at": None,
    }
    measures = [
        {**base, "description": words, "responsible": "Enhetschef", "due_date": "2027-01-31"},
        {**base, "description": words, "responsible": None, "due_date": "2027-01-31"},
        {**base, "description": words, "responsible": "Enhetschef", "due_date": None},
        {**base, "description": "se ovan", "responsible": "Enhetschef", "due_date": "2027-01-31"},
    ]
    central = Central(
        {"leader_plan": [Sent("uuid:1", {"unit_code": "E1", "person_id": PERSON}, {"measures": measures})]}
    )
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, "leader_plan")
        assert [each.status for each in at.take("leader_plan", "leader_measure")] == ["loaded"] * 2
    assert at.rows("SELECT is_concrete FROM raw.leader_measure ORDER BY measure_number") == [
        (True,),
        (False,),
        (False,),
        (False,),
    ]
    assert at.contains(b"Berta") == []
    assert at.contains(b"scheman") == []


def test_organisation_plans_ideas_projects_and_participation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    members = {"members": [{"person_id": PERSON}, {"person_id": PERSON}, {"person_id": "19890201-3286"}]}
    milestones = [{"milestone_code": "1", "name": "Kartlägg", "due_date": "2026-12-31", "done_date": None}]
    central = Central(
        {
            "organisation_plan": [
                Sent("a", {"kind": "goals", "decided_at": None}, {"milestones": milestones}),
                Sent(
                    "b",
                    {"kind": "goals", "decided_at": "2026-09-20"},
                    {"milestones": milestones},
                    sent_at="2026-09-21T08:00:00Z",
                ),
            ],
            "idea": [
                Sent(
                    "i",
                    {"created": "2026-09-02", "title": "Hemligt", "status": "new", "decided_at": None},
                    members,
                )
            ],
            "joint_project": [Sent("j", {"started": "2026-09-03", "title": "Hemligt"}, members)],
            "participation": [
                Sent("p", {"person_id": PERSON, "activity": "workshop", "date": "2026-09-04", "hours": 2.5})
            ],
        }
    )
    contracts = (
        "organisation_plan", "organisation_milestone", "idea", "idea_member", "joint_project", "project_member", "participation",
    )  # fmt: skip
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, *central.forms)
        assert [each.status for each in at.take(*contracts)] == ["loaded"] * 7
    assert at.rows("SELECT kind, CAST(decided_date AS VARCHAR) FROM raw.organisation_plan") == [
        ("goals", "2026-09-20")
    ]
    assert at.rows("SELECT COUNT(*) FROM raw.idea_member") == [(2,)]
    assert at.rows("SELECT COUNT(*) FROM raw.project_member") == [(2,)]
    assert at.rows("SELECT hours, activity FROM raw.participation") == [(2.5, "workshop")]
    assert at.contains(b"Hemligt") == []
    # The same person has the same key in every subject.
    assert at.rows(
        "SELECT COUNT(*) FROM raw.participation INNER JOIN raw.idea_member USING (person_key)"
        " INNER JOIN raw.project_member USING (person_key)"
    ) == [(1,)]


def test_members_and_milestones_that_were_all_removed_go_and_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ideas(*numbers: int) -> list[Sent]:
        members = {"members": [{"person_id": PERSON}]}
        stated = {"created": "2026-09-02", "status": "new", "decided_at": None}
        return [Sent(f"i{number}", stated, members if number in numbers else {}) for number in (1, 2)]

    def report(*milestones: str) -> list[Sent]:
        listed = [
            {"milestone_code": code, "name": "Kartlägg", "due_date": "2026-12-31", "done_date": None}
            for code in milestones
        ]
        return [
            Sent(kind, {"kind": kind, "decided_at": None}, {"milestones": listed if kind == "goals" else []})
            for kind in ("goals", "gender_equality")
        ]

    central = Central({"idea": ideas(1, 2), "organisation_plan": report("1", "2")})
    contracts = ("idea", "idea_member", "organisation_plan", "organisation_milestone")
    count = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM raw.{name})" for name in contracts)
    with serve_central(central) as served:
        at = odk(tmp_path, served, monkeypatch, *central.forms)
        at.take(*contracts)
        assert at.rows(count) == [(2, 2, 2, 2)]
        central.forms |= {"idea": ideas(2), "organisation_plan": report()}
        at.take(*contracts)
        assert at.rows(count) == [(2, 1, 2, 0)]
        assert at.take(*contracts) == []
        central.forms |= {"idea": ideas(1, 2), "organisation_plan": report("1", "2")}
        at.take(*contracts)
        assert at.rows(count) == [(2, 2, 2, 2)]


def test_without_review_what_is_sent_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_central(Central({"individual_plan": [plan(1), plan(2, review="rejected")]})) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan", is_reviewed=False)
        at.take("individual_plan")
    assert at.rows("SELECT status FROM raw.individual_plan ORDER BY 1") == [("accepted",), ("draft",)]


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
@pytest.mark.parametrize("system", ["odk", "kobo"])
def test_faults_leave_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mood: str, reason: str, system: str
) -> None:
    if system == "odk":
        serving: Any = serve_central(Central({"individual_plan": [plan(1)]}))
    else:
        serving = serve_kobo(Kobo({"aXYZ": [kobo_server.sent(1, KOBO_PLAN)]}))
    with serving as served:
        make: Any = odk if system == "odk" else kobo
        at = make(tmp_path, served, monkeypatch, "individual_plan", timeout_seconds=0.8)
        at.take("individual_plan")
        before = at.table("raw.individual_plan")
        assert before.height == 1
        # Half-way: the log-in (or nothing) goes well, then it fails.
        served.moods[:] = ["well"] * (system == "odk") + [mood]
        (taken,) = at.take("individual_plan")
    assert taken.reason is not None
    assert taken.reason.id == reason
    assert at.table("raw.individual_plan").equals(before)


def test_central_is_not_asked_again_by_anybody_else_than_us() -> None:
    """Pyodk would wait as long as Retry-After says, whatever time is left."""
    with _Session("https://central.example", "v1", "", "") as session:
        retries = session.get_adapter("https://central.example/v1/").max_retries
    assert retries.total == 0


def test_what_is_refused_every_night_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = Sent("uuid:1", {"person_id": PERSON, "period_start": "2026-09-01", "period_end": "2026-01-01"})
    with serve_central(Central({"individual_plan": [wrong]})) as served:
        at = odk(tmp_path, served, monkeypatch, "individual_plan")
        (refused,) = at.take("individual_plan")
        assert (refused.status, refused.reason and refused.reason.id) == ("refused", "bad_rows")
        assert at.take("individual_plan") == []
    assert at.rows("SELECT COUNT(*) FROM log.delivery") == [(1,)]


def test_a_form_that_does_not_exist_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serve_central(Central()) as served:
        (taken,) = odk(tmp_path, served, monkeypatch, "idea").take("idea")
    assert taken.reason is not None
    assert taken.reason.id == "no_form"


def test_a_wrong_password_is_told_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with serve_central(Central({"idea": []})) as served:
        (taken,) = odk(tmp_path, served, monkeypatch, "idea", password="felaktigt").take("idea")
    assert taken.reason is not None
    assert taken.reason.id == "login_refused"
    assert "felaktigt" not in caplog.text + taken.reason.sv


def at_night(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    """The clock of the system from now on."""
    monkeypatch.setattr(clock, "now", lambda: datetime(day.year, day.month, day.day, 2, tzinfo=UTC))


KOBO_PLAN = {
    "grund/person_id": PERSON, "grund/period_start": "2026-09-01", "grund/period_end": "2028-08-31", "goals": "M2",
    "says_no_need": "no", "needs": [{"needs/competence_area": "law", "needs/current_level": "0", "needs/target_level": "4"}],
}  # fmt: skip


def kobo(folder: Path, served: Served, monkeypatch: pytest.MonkeyPatch, *forms: str, **more: Any) -> Home:
    monkeypatch.setenv("KOBO_NYCKEL", kobo_server.TOKEN)
    server = {
        "kind": "kobo", "url": served.url, "token": {"env": "KOBO_NYCKEL"}, "assets": dict.fromkeys(forms, "aXYZ"),
        "timeout_seconds": 3, "attempts": 2,
    }  # fmt: skip
    return Home(folder, {"kobo": {**server, **more}})


def test_kobo_pages_groups_repeats_and_validation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [kobo_server.sent(number, KOBO_PLAN, "validation_status_approved") for number in range(1, 25)]
    rows.append(kobo_server.sent(25, KOBO_PLAN))
    with serve_kobo(Kobo({"aXYZ": rows}, rows_a_page=10)) as served:
        at = kobo(tmp_path, served, monkeypatch, "individual_plan")
        assert [each.status for each in at.take("individual_plan", "plan_need")] == ["loaded"] * 2
    assert at.rows("SELECT version, status, COUNT(*) FROM raw.individual_plan GROUP BY ALL ORDER BY 2") == [
        (1, "accepted", 24),
        (1, "submitted", 1),
    ]
    assert at.rows("SELECT DISTINCT competence_area, target_level FROM raw.plan_need") == [("law", 4)]
    assert at.contains(PERSON.encode()) == []


def test_kobos_edits_are_versions_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kobo_server.sent(1, KOBO_PLAN, "validation_status_approved")
    api = Kobo({"aXYZ": [first]})
    versions = (
        "SELECT version, status, goals[1], CAST(submitted_at AS DATE) FROM raw.individual_plan ORDER BY 1"
    )
    sent, night = date(2026, 9, 10), date(2026, 10, 5)
    with serve_kobo(api) as served:
        at = kobo(tmp_path, served, monkeypatch, "individual_plan")
        at.take("individual_plan", "plan_need")
        # Three edits, a night each; Kobo names the one before and the first only.
        expected: list[tuple[Any, ...]] = [(1, "accepted", "M2", sent)]
        now = first
        for number, validation in (
            (2, None),
            (3, "validation_status_on_hold"),
            (4, "validation_status_approved"),
        ):
            at_night(monkeypatch, night + timedelta(days=number))
            status = {"uid": validation} if validation else {}
            now = kobo_server.edited(now, f"edit-{number}", goals=f"M{number}", _validation_status=status)
            api.assets["aXYZ"] = [now]
            assert len(at.take("individual_plan", "plan_need")) == 2
            standing = "accepted" if number == 4 else "submitted"
            expected.append((number, standing, f"M{number}", night + timedelta(days=number)))
            assert at.rows(versions) == expected
            assert at.take("individual_plan", "plan_need") == [], "nothing is new the same night"
        # Validated later: the same version, in another light.
        api.assets["aXYZ"] = [{**now, "_validation_status": {"uid": "validation_status_not_approved"}}]
        at.take("individual_plan", "plan_need")
        assert at.rows(versions) == [*expected[:3], (4, "draft", "M4", expected[3][3])]
    assert at.rows("SELECT version FROM raw.plan_need ORDER BY 1") == [(1,), (2,), (3,), (4,)]


def test_edits_that_kobo_was_not_asked_between_are_counted_as_far_as_it_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited twice in a day, and edited before the first night: what lies between the first and the last two is unknown."""
    one, other, old = (kobo_server.sent(number, KOBO_PLAN) for number in (1, 2, 3))
    for edit in ("a", "b", "c"):
        old = kobo_server.edited(old, edit)
    # Servers before 2025 do not tell the first version.
    ancient = kobo_server.edited(kobo_server.sent(4, KOBO_PLAN), "d")
    del ancient["meta/rootUuid"]
    api = Kobo({"aXYZ": [one, other, old, ancient]})
    with serve_kobo(api) as served:
        at = kobo(tmp_path, served, monkeypatch, "individual_plan")
        at.take("individual_plan")
        twice = kobo_server.edited(kobo_server.edited(other, "e"), "f")
        api.assets["aXYZ"] = [one, twice, old, ancient]
        at_night(monkeypatch, date(2026, 10, 5))
        at.take("individual_plan")
    found = at.rows(
        "SELECT submission_id, version, CAST(submitted_at AS DATE) FROM raw.individual_plan ORDER BY ALL"
    )
    sent = date(2026, 9, 10)
    assert found == [
        ("aXYZ-1", 1, sent),
        ("aXYZ-2", 1, sent),
        ("aXYZ-2", 3, date(2026, 10, 5)),
        ("aXYZ-3", 3, sent),
        ("aXYZ-4", 2, sent),
    ]


def test_a_submission_deleted_in_kobo_goes_with_all_its_versions_and_a_copy_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = kobo_server.sent(1, KOBO_PLAN)
    api = Kobo({"aXYZ": [one]})
    ids = "SELECT submission_id, version FROM raw.individual_plan ORDER BY ALL"
    with serve_kobo(api) as served:
        at = kobo(tmp_path, served, monkeypatch, "individual_plan")
        at.take("individual_plan", "plan_need")
        # "Duplicate" in Kobo makes a submission of its own.
        copy = kobo_server.sent(2, KOBO_PLAN)
        api.assets["aXYZ"] = [kobo_server.edited(one, "b"), copy]
        at.take("individual_plan", "plan_need")
        assert at.rows(ids) == [("aXYZ-1", 1), ("aXYZ-1", 2), ("aXYZ-2", 1)]
        api.assets["aXYZ"] = [copy]
        at.take("individual_plan", "plan_need")
        assert at.rows(ids) == [("aXYZ-2", 1)]
    assert at.rows("SELECT COUNT(*) FROM raw.plan_need") == [(1,)]


def test_half_an_answer_of_kobo_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = kobo_server.sent(1, KOBO_PLAN)
    api = Kobo({"aXYZ": [one, kobo_server.sent(2, KOBO_PLAN)]}, rows_a_page=1)
    with serve_kobo(api) as served:
        at = kobo(tmp_path, served, monkeypatch, "individual_plan", attempts=1)
        at.take("individual_plan")
        file = tmp_path / "edits" / "kobo.json"
        before = file.read_bytes()
        api.assets["aXYZ"][0] = kobo_server.edited(one, "b")
        served.moods[:] = ["well", "half"]
        (taken,) = at.take("individual_plan")
        assert taken.reason is not None
        assert file.read_bytes() == before
        at.take("individual_plan")
    assert at.rows("SELECT MAX(version) FROM raw.individual_plan") == [(2,)]
    assert file.stat().st_mode & 0o777 == 0o600
    assert PERSON.encode() not in file.read_bytes()
