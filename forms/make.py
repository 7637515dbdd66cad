"""Write the XLSForms and the Excel template from what the forms ask (pipelines/intake/forms.py).

Belongs here: the shape of an XLSForm.
Does not belong here: any question.

`python forms/make.py` writes them; a test tells which are stale.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

import xlsxwriter

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parent))

from pipelines.intake.forms import FORMS, Form, Question  # noqa: E402
from pipelines.intake.template import write_template  # noqa: E402

SURVEY = ("type", "name", "label::Svenska (sv)", "label::English (en)", "required", "constraint")
TYPES = {"text": "text", "date": "date", "integer": "integer", "decimal": "decimal"}
TEMPLATE = FOLDER / "mall.xlsx"


def survey_rows(form: Form) -> list[tuple[str, ...]]:
    """The rows of the sheet `survey`."""
    rows = [_row(form, question) for question in form.questions]
    for repeat in form.repeats:
        rows.append(("begin repeat", repeat.name, repeat.sv, repeat.en, "", ""))
        rows += [_row(form, question) for question in repeat.questions]
        rows.append(("end repeat", "", "", "", "", ""))
    return rows


def _row(form: Form, question: Question) -> tuple[str, ...]:
    kind = TYPES.get(question.kind)
    if kind is None:
        kind = f"select_{'multiple' if question.kind == 'many' else 'one'} {list_name(question)}"
    return (
        kind,
        question.name,
        question.sv,
        question.en,
        "yes" if question.is_required else "",
        question.rule or "",
    )


def list_name(question: Question) -> str:
    """The list of a question's choices; the two kinds of plan's `kind` and `status` have lists of their own."""
    return f"{question.name}_{question.choices[0][0].lower()}"


def choice_rows(form: Form) -> list[tuple[str, ...]]:
    """The rows of the sheet `choices`."""
    questions = [*form.questions, *(question for repeat in form.repeats for question in repeat.questions)]
    lists = {list_name(question): question.choices for question in questions if question.choices}
    return [(name, *choice) for name, choices in lists.items() for choice in choices]


def xlsform(form: Form) -> bytes:
    """The form as an XLSForm workbook."""
    written = io.BytesIO()
    with xlsxwriter.Workbook(written, {"in_memory": True}) as book:
        parts: dict[str, list[tuple[str, ...]]] = {
            "survey": [SURVEY, *survey_rows(form)],
            "choices": [
                ("list_name", "name", "label::Svenska (sv)", "label::English (en)"),
                *choice_rows(form),
            ],
            "settings": [
                ("form_title", "form_id", "version", "default_language"),
                (f"{form.sv} / {form.en}", form.name, "1", "Svenska (sv)"),
            ],
        }
        for name, rows in parts.items():
            sheet = book.add_worksheet(name)
            for number, row in enumerate(rows):
                for column, cell in enumerate(row):
                    sheet.write_string(number, column, cell)
    return written.getvalue()


def main() -> None:
    """Write every file."""
    for form in FORMS.values():
        (FOLDER / f"{form.name}.xlsx").write_bytes(xlsform(form))
    write_template(TEMPLATE)


if __name__ == "__main__":
    main()
