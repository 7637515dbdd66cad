"""The XLSForms and the template: valid, fresh, and asking what the contracts want."""

from __future__ import annotations

import importlib.util
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake.forms import FORMS
from warehouse.contracts import CONTRACTS
from warehouse.servers import FORM_CONTRACTS

ROOT = Path(__file__).parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("make_forms", ROOT / "forms/make.py")
assert SPECIFICATION is not None
assert SPECIFICATION.loader is not None
make: Any = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(make)


def content(workbook: Path) -> dict[str, bytes]:
    """Parts of a workbook; the time of writing is no content."""
    with zipfile.ZipFile(workbook) as parts:
        return {name: parts.read(name) for name in parts.namelist() if name != "docProps/core.xml"}


@pytest.mark.parametrize("form", FORMS)
def test_the_form_is_valid_and_fresh(form: str, tmp_path: Path) -> None:
    from pyxform.xls2xform import convert

    committed = ROOT / f"forms/{form}.xlsx"
    made = tmp_path / "form.xlsx"
    made.write_bytes(make.xlsform(FORMS[form]))
    assert content(committed) == content(made), "run python forms/make.py"
    converted = convert(str(committed))
    assert converted.warnings == []
    assert "Svenska (sv)" in converted.xform


def test_the_template_is_fresh(tmp_path: Path) -> None:
    make.write_template(tmp_path / "mall.xlsx")
    assert content(ROOT / "forms/mall.xlsx") == content(tmp_path / "mall.xlsx"), "run python forms/make.py"


@pytest.mark.parametrize("form", FORMS)
def test_every_form_asks_what_its_contracts_need(form: str) -> None:
    asked = {question.name for question in FORMS[form].questions}
    asked |= {question.name for repeat in FORMS[form].repeats for question in repeat.questions}
    made = {
        "month", "submission_id", "version", "submitted_at", "status", "need_number", "activity_number", "measure_number",
        "is_concrete", "idea_id", "project_id", "participation_id", "name_sv",
    }  # fmt: skip
    for contract in FORM_CONTRACTS[form]:
        assert set(CONTRACTS[contract].delivered) - made <= asked


def test_choices_are_what_the_contracts_allow() -> None:
    for form in FORMS.values():
        for repeat in (form.questions, *(each.questions for each in form.repeats)):
            for question in repeat:
                for contract in FORM_CONTRACTS[form.name]:
                    field = CONTRACTS[contract].delivered.get(question.name)
                    if field is not None and field.allowed and question.choices:
                        assert {code for code, *_ in question.choices} <= set(field.allowed)
