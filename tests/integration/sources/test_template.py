"""The Excel template: filled in, read back, and told what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import openpyxl

from pipelines.intake.forms import FORMS
from pipelines.intake.reading import ROW
from pipelines.intake.sandbox import Reader
from pipelines.intake.template import faults, read_template, sheets, write_template
from tests.fixtures.servers.home import Home

PERSON = "191212121212"


def fill(path: Path, sheets: dict[str, list[dict[str, Any]]]) -> Path:
    """Fill in a template as a person would: under the words, in the columns."""
    write_template(path)
    book = openpyxl.load_workbook(path)
    for name, rows in sheets.items():
        sheet = book[name]
        columns = {cell.value: cell.column for cell in sheet[2]}
        for number, row in enumerate(rows, 3):
            for field, value in row.items():
                sheet.cell(number, columns[field], value)
    book.save(path)
    return path


PLAN: dict[str, list[dict[str, Any]]] = {
    "individual_plan": [
        {
            "submission": 1,
            "person_id": PERSON,
            "period_start": "2026-09-01",
            "period_end": "2028-08-31",
            "goals": "M1 M2",
        },
        {
            "submission": 2,
            "person_id": "A-17",
            "period_start": "2026-09-01",
            "period_end": "2028-08-31",
            "status_of_submission": "draft",
        },
    ],
    "individual_plan.needs": [
        {
            "submission": 1,
            "competence_area": "digital",
            "current_level": 1,
            "target_level": "3",
            "priority": 2,
        }
    ],
    "participation": [
        {"submission": 1, "person_id": PERSON, "activity": "workshop", "date": "2026-09-03", "hours": 1.5}
    ],
}


def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home", {"mallar": {"kind": "template", "path": str(tmp_path / "in")}})


def test_a_filled_in_template_is_taken(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "klk.xlsx", PLAN)
    at = home(tmp_path)
    contracts = ("individual_plan", "plan_need", "participation")
    assert [each.status for each in at.take(*contracts)] == ["loaded"] * 3
    assert at.take(*contracts) == []
    assert at.rows("SELECT status, goals FROM raw.individual_plan ORDER BY 1") == [
        ("accepted", ["M1", "M2"]),
        ("draft", None),
    ]
    assert at.rows("SELECT current_level, target_level, priority FROM raw.plan_need") == [(1, 3, 2)]
    assert at.rows("SELECT hours FROM raw.participation") == [(1.5,)]
    assert at.contains(PERSON.encode()) == []


def test_a_corrected_template_replaces_and_another_adds(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "klk.xlsx", PLAN)
    at = home(tmp_path)
    at.take("individual_plan")
    changed = {
        **PLAN,
        "individual_plan": [{**PLAN["individual_plan"][0], "goals": "M4"}, PLAN["individual_plan"][1]],
    }
    fill(tmp_path / "in" / "klk.xlsx", changed)
    fill(tmp_path / "in" / "bou.xlsx", {"individual_plan": [PLAN["individual_plan"][0]]})
    at.take("individual_plan")
    assert at.rows("SELECT goals FROM raw.individual_plan WHERE status = 'accepted' ORDER BY 1") == [
        (["M1", "M2"],),
        (["M4"],),
    ]


def test_what_is_taken_out_of_a_workbook_goes_and_comes_back_and_a_missing_workbook_takes_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "in").mkdir()
    first, other = tmp_path / "in" / "klk.xlsx", tmp_path / "in" / "bou.xlsx"
    fill(first, PLAN)
    fill(other, PLAN)
    at = home(tmp_path)
    contracts = ("individual_plan", "plan_need", "participation")
    count = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM raw.{name})" for name in contracts)
    at.take(*contracts)
    assert at.rows(count) == [(4, 2, 2)]
    other.unlink()
    fill(first, {**PLAN, "individual_plan.needs": []})
    at.take(*contracts)
    assert at.rows(count) == [(4, 1, 2)], "the plan stands, without needs"
    fill(first, {"individual_plan": PLAN["individual_plan"][1:]})
    at.take(*contracts)
    assert at.rows(count) == [(3, 1, 1)]
    assert at.take(*contracts) == []
    fill(first, PLAN)
    at.take(*contracts)
    assert at.rows(count) == [(4, 2, 2)]


def test_the_report_says_what_is_wrong_where_and_quotes_nothing(tmp_path: Path) -> None:
    wrong: dict[str, list[dict[str, Any]]] = {
        "individual_plan": [
            {"submission": 1, "person_id": PERSON, "period_start": "i höst", "period_end": "2028-08-31"},
            {
                "submission": 1,
                "person_id": None,
                "period_start": "2026-09-01",
                "period_end": "2028-08-31",
                "goals": "M1 M9",
            },
        ],
        "individual_plan.needs": [
            {"submission": 7, "competence_area": "Dataspel", "current_level": "1", "target_level": 9}
        ],
        "participation": [
            {
                "submission": 1,
                "person_id": PERSON,
                "activity": "workshop",
                "date": "2026-09-03",
                "hours": "två",
            },
            *(
                {
                    "submission": number,
                    "person_id": PERSON,
                    "activity": "workshop",
                    "date": "2026-09-03",
                    "hours": hours,
                }
                for number, hours in ((2, "nan"), (3, "-inf"))
            ),
        ],
    }
    path = fill(tmp_path / "fel.xlsx", wrong)
    with Reader() as reader:
        rows = read_template(path.name, path.read_bytes(), reader)
    assert rows["individual_plan"][0][ROW] == 3
    heading = {
        question.name: question.sv for form in FORMS.values() for _, each in sheets(form) for question in each
    }
    found = {(fault.sheet, fault.row, fault.label["sv"]) for fault in faults(rows)}
    assert found == {
        ("individual_plan", 3, heading["period_start"]),
        ("individual_plan", 3, "Nummer"),
        ("individual_plan", 4, "Nummer"),
        ("individual_plan", 4, heading["person_id"]),
        ("individual_plan", 4, heading["goals"]),
        ("individual_plan.needs", 3, "Nummer"),
        ("individual_plan.needs", 3, heading["competence_area"]),
        ("individual_plan.needs", 3, heading["target_level"]),
        *(("participation", row, heading["hours"]) for row in (3, 4, 5)),
    }
    # What may stand there is told where the list is short.
    (level,) = (fault for fault in faults(rows) if fault.label["sv"] == heading["target_level"])
    assert "0, 1, 2, 3, 4" in level.sv
    assert not any("Dataspel" in fault.sv + fault.en or "höst" in fault.sv for fault in faults(rows))


def test_a_template_with_faults_is_refused_and_the_others_go_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in" / "bra.xlsx", PLAN)
    fill(tmp_path / "in" / "fel.xlsx", {"individual_plan": [{"submission": 1, "person_id": PERSON}]})
    taken = home(tmp_path).take("individual_plan")
    assert sorted(each.status for each in taken) == ["loaded", "refused"]
    ((reason, file_name),) = [(each.reason, each.file_name) for each in taken if each.reason]
    assert file_name == "fel.xlsx"
    assert reason.id == "wrong_template"
    assert "fel.xlsx" in reason.sv
    assert "blad individual_plan, rad 3, Planen gäller från" in reason.sv
    assert "sheet individual_plan, row 3" in reason.en
