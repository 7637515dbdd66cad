"""The Excel template: the forms' fields as sheets, for those without a form server.

Belongs here: writing the workbook with its drop-down lists and checks, reading filled-in ones, and telling what is wrong in one.
Does not belong here: what the forms ask (forms.py) and what a submission becomes (submissions.py).

One sheet for each form and repeat. The first column numbers the submissions; a repeat's row belongs to the submission with the
same number. The first row holds the words, the second, hidden, the fields' names, by which the sheets are read.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import xlsxwriter

from pipelines.intake.files import find, open_file
from pipelines.intake.forms import FORMS, Form, Question, Repeat
from pipelines.intake.pulled import Pulled, table_of
from pipelines.intake.reading import ROW
from pipelines.intake.reading import Form as FileForm
from pipelines.intake.reasons import RefusalError
from pipelines.intake.sandbox import Reader
from pipelines.intake.submissions import Submission, deliveries, newest_reports
from warehouse.servers import Template

ROWS = 500
NUMBER = "submission"
NUMBER_LABEL = {"sv": "Nummer", "en": "Number"}
MOST_LISTED = 12
STATUS = Question(
    "status_of_submission",
    "one",
    "Läge",
    "Status",
    choices=(
        ("submitted", "Inlämnad", "Submitted"),
        ("accepted", "Godkänd", "Accepted"),
        ("draft", "Utkast", "Draft"),
    ),
)
Rows = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell of a filled-in template; never the value itself. `label` is the column's heading, {sv, en}."""

    sheet: str
    row: int
    label: Mapping[str, str]
    sv: str
    en: str


def sheets(form: Form) -> Iterator[tuple[str, tuple[Question, ...]]]:
    """The sheets of a form and their questions, the number of the submission left out."""
    yield form.name, (*form.questions, STATUS)
    for repeat in form.repeats:
        yield sheet_of(form, repeat), repeat.questions


def sheet_of(form: Form, repeat: Repeat) -> str:
    """What a repeat's sheet is called; Excel allows 31 signs."""
    return f"{form.name}.{repeat.name}"[:31]


def write_template(path: Path) -> None:
    """Write the empty workbook.

    Args:
        path: where to; overwritten.
    """
    with xlsxwriter.Workbook(path) as book:
        heading = book.add_format({"bold": True, "text_wrap": True, "bg_color": "#E8EEF4", "valign": "top"})
        text, day = book.add_format({"num_format": "@"}), book.add_format({"num_format": "yyyy-mm-dd"})
        intro = book.add_worksheet("Läs mig")
        intro.set_column(0, 0, 100)
        for row, line in enumerate(INTRODUCTION):
            intro.write_string(row, 0, line)
        lists = book.add_worksheet("listor")
        lists.hide()
        used = 0
        for form in FORMS.values():
            for name, questions in sheets(form):
                sheet = book.add_worksheet(name)
                sheet.freeze_panes(2, 1)
                sheet.write_string(0, 0, "Nummer / Number", heading)
                sheet.write_string(1, 0, NUMBER)
                sheet.set_row(1, None, None, {"hidden": True})
                for column, question in enumerate(questions, 1):
                    sheet.write_string(0, column, f"{question.sv}\n{question.en}", heading)
                    sheet.write_string(1, column, question.name)
                    sheet.set_column(
                        column,
                        column,
                        24,
                        day if question.kind == "date" else text if question.kind == "text" else None,
                    )
                    if question.choices and question.kind != "many":
                        for row, (code, *_) in enumerate(question.choices):
                            lists.write_string(row, used, code)
                        used += 1
                    _check(sheet, column, question, used - 1)


def _check(sheet: Any, column: int, question: Question, used: int) -> None:
    """The drop-down list or check of a column."""
    stated: dict[str, Any] | None = None
    if question.choices and question.kind != "many":
        letter = xlsxwriter.utility.xl_col_to_name(used)
        stated = {"validate": "list", "source": f"=listor!${letter}$1:${letter}${len(question.choices)}"}
    elif question.kind == "date":
        stated = {
            "validate": "date",
            "criteria": "between",
            "minimum": date(2000, 1, 1),
            "maximum": date(2100, 1, 1),
        }
    elif question.kind in ("integer", "decimal"):
        stated = {"validate": question.kind, "criteria": "between", "minimum": 0, "maximum": 744}
    if stated is None:
        return
    message = f"Skriv {WORDS[question.kind][0]}. / Write {WORDS[question.kind][1]}."
    sheet.data_validation(
        2, column, ROWS + 1, column, {**stated, "error_title": "Fel / Wrong", "error_message": message}
    )


WORDS = {
    "text": ("text", "text"),
    "date": ("ett datum, t.ex. 2026-10-31", "a date, e.g. 2026-10-31"),
    "integer": ("ett heltal", "a whole number"),
    "decimal": ("ett tal", "a number"),
    "one": ("ett av listans val", "one of the list's choices"),
    "many": ("koder ur listan, med mellanslag emellan", "codes from the list, with spaces between"),
    "yes_no": ("yes eller no", "yes or no"),
}
INTRODUCTION = (
    "Ett blad för varje formulär, och ett för varje del som kan upprepas. Ge varje inlämning ett nummer i första kolumnen.",
    "En rad i ett upprepat blad hör till inlämningen med samma nummer. Skriv inga namn. Spara som .xlsx och lägg filen i mappen.",
    "One sheet for each form, and one for each part that can be repeated. Give every submission a number in the first column.",
    "A row of a repeated sheet belongs to the submission with that number. Write no names. Save as .xlsx, put it in the folder.",
)


def read_template(name: str, data: bytes, reader: Reader) -> Rows:
    """The rows of every sheet that has any: field → cell, with the row's number under ROW.

    Raises:
        RefusalError: not a workbook, or none of the template's sheets is in it.
    """
    found: Rows = {}
    missing = 0
    names = [sheet for form in FORMS.values() for sheet, _ in sheets(form)]
    for sheet in names:
        try:
            table = reader.read(name, data, FileForm(sheet=sheet, rows_before_header=1))
        except RefusalError as refusal:
            if refusal.reason.id == "no_sheet":
                missing += 1
            elif refusal.reason.id not in ("no_rows", "empty_file"):
                raise
            continue
        found[sheet] = [
            row
            for row in table.frame.to_dicts()
            if any(value not in (None, "") for key, value in row.items() if key != ROW)
        ]
    if missing == len(names):
        raise RefusalError("no_sheet", sheet=names[0])
    return found


def faults(rows: Rows) -> list[Fault]:
    """Everything that is wrong in a filled-in template, cell by cell.

    Args:
        rows: as `read_template` gives them.
    """
    found: list[Fault] = []
    for form in FORMS.values():
        numbers = [_number(row) for row in rows.get(form.name, [])]
        for sheet, questions in sheets(form):
            for row in rows.get(sheet, []):
                at = (sheet, int(row[ROW]))
                found += [
                    fault
                    for question in questions
                    if (fault := _fault(*at, question, row.get(question.name)))
                ]
                number = _number(row)
                if not number:
                    found.append(Fault(*at, NUMBER_LABEL, "Numret saknas.", "The number is missing."))
                elif sheet == form.name and numbers.count(number) > 1:
                    found.append(
                        Fault(
                            *at,
                            NUMBER_LABEL,
                            "Numret finns på flera rader.",
                            "The number is on several rows.",
                        )
                    )
                elif sheet != form.name and number not in numbers:
                    found.append(
                        Fault(
                            *at,
                            NUMBER_LABEL,
                            f"Numret finns inte på bladet {form.name}.",
                            f"The number is not on the sheet {form.name}.",
                        )
                    )
    return found


def _fault(sheet: str, row: int, question: Question, value: Any) -> Fault | None:
    text = str(value if value is not None else "").strip()
    at = (sheet, row, {"sv": question.sv, "en": question.en})
    if not text:
        return Fault(*at, "Ska fyllas i.", "Must be filled in.") if question.is_required else None
    sv, en = WORDS[question.kind]
    codes = {code for code, *_ in question.choices}
    listed = f": {', '.join(code for code, *_ in question.choices)}" if 0 < len(codes) <= MOST_LISTED else ""
    wrong = Fault(*at, f"Ska vara {sv}{listed}.", f"Must be {en}{listed}.")
    if question.kind in ("one", "yes_no"):
        return None if _plain(text) in codes else wrong
    if question.kind == "many":
        return None if set(text.replace(";", " ").replace(",", " ").split()) <= codes else wrong
    if question.kind == "date":
        return None if _is_date(text) else wrong
    if question.kind in ("integer", "decimal"):
        number = pl.Series([text.replace(",", ".")]).cast(pl.Float64, strict=False)[0]
        # Polars reads "nan" and "inf" as numbers.
        is_number = number is not None and math.isfinite(number)
        return None if is_number and (question.kind == "decimal" or number == int(number)) else wrong
    return None


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:10])
    except ValueError:
        return False
    return True


def _plain(text: str) -> str:
    """A code that Excel made a number of: 2.0 for 2."""
    return text.removesuffix(".0")


def _number(row: dict[str, Any]) -> str:
    return _plain(str(row.get(NUMBER) if row.get(NUMBER) is not None else "").strip())


def pull(name: str, server: Template, reader: Reader) -> list[Pulled]:
    """Every filled-in template in the folder.

    A submission is known by its file and number: a file that is put there again under its name, corrected, replaces what it held.

    Args:
        name: the folder's name in the settings.
        server: the folder.
        reader: the child process.

    Returns:
        The deliveries; of a workbook that cannot be read, or that has faults, nothing is taken, and the first fault is told.

    Raises:
        RefusalError: there is no such folder.
    """
    by_form: dict[str, list[Submission]] = {form: [] for form in FORMS}
    prefixes: tuple[str, ...] = ()
    found: list[Pulled] = []
    for path in find(name, server):
        try:
            opened = open_file(path, server.path)
            rows = read_template(path.name, opened.data, reader)
            _demand_faultless(path.name, rows)
        except RefusalError as refusal:
            empty = table_of("individual_plan", [])
            found.append(Pulled("individual_plan", path.name, empty, refusal=refusal.reason))
            continue
        prefix = hashlib.sha256(path.name.encode()).hexdigest()[:12]
        prefixes += (f"{prefix}-",)
        for form in FORMS.values():
            by_form[form.name] += [
                _submission(form, row, rows, prefix, opened.changed_at, server.is_reviewed)
                for row in rows.get(form.name, [])
            ]
    for form_name, read in by_form.items():
        listed = newest_reports(read) if form_name == "organisation_plan" else read
        # A row that was taken out of a workbook takes back what it said; a workbook taken out of the folder takes nothing back.
        found += deliveries(form_name, listed, form_name, prefixes)  # type: ignore[arg-type]
    return found


def _demand_faultless(file_name: str, rows: Rows) -> None:
    wrong = faults(rows)
    if wrong:
        first = wrong[0]
        raise RefusalError(
            "wrong_template",
            file=file_name,
            count=len(wrong),
            first_sv=f"blad {first.sheet}, rad {first.row}, {first.label['sv']}: {first.sv}",
            first_en=f"sheet {first.sheet}, row {first.row}, {first.label['en']}: {first.en}",
        )


def _submission(
    form: Form, row: dict[str, Any], rows: Rows, prefix: str, changed_at: Any, is_reviewed: bool
) -> Submission:
    number = _number(row)
    repeats = {
        repeat.name: [
            _cells(entry) for entry in rows.get(sheet_of(form, repeat), []) if _number(entry) == number
        ]
        for repeat in form.repeats
    }
    stated = str(row.get(STATUS.name) or "submitted")
    status = "accepted" if stated == "submitted" and not is_reviewed else stated
    return Submission(f"{prefix}-{form.name}-{number}", 1, changed_at, status, _cells(row), repeats)


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    """Cells as text; a whole number that Excel keeps as 2.0 is 2."""
    return {
        name: value.isoformat()[:10]
        if isinstance(value, date)
        else _plain(str(value)).strip()
        if value is not None
        else None
        for name, value in row.items()
        if name not in (ROW, NUMBER, STATUS.name)
    }
