"""The example's exports, written as payroll systems write them.

Belongs here: headings and their changing spellings, codes, decimal comma, dates, file names, and the kinds of file.
Does not belong here: what the rows say (municipality.py) and what is wrong with them (faults.py).

Most months are CSV: `;` between fields, Windows-1252, decimal comma, a no-break space between thousands,
dates as yyyymmdd. A month in twelve is Parquet and another JSON lines; in the first year one month of
employments and one of absence are Excel (small runs only).
"""

from __future__ import annotations

import io
from datetime import UTC, datetime, time
from pathlib import Path

import polars as pl
import xlsxwriter

from pipelines.example.faults import Delivery
from pipelines.example.parameters import Parameters

LARGEST_EXCEL = 20_000
_MORNING = time(9, tzinfo=UTC)
NO_BREAK_SPACE = "\u00a0"
STEM = {"hr_employment": "personal", "hr_absence": "franvaro"}

# Delivered name → headings in even and odd years.
HEADINGS: dict[str, dict[str, tuple[str, str]]] = {
    "hr_employment": {
        "person_id": ("Personnummer", "Pers.nr"),
        "name": ("Namn", "Namn"),
        "employment_id": ("Anställningsnummer", "Anst.nr"),
        "birth_date": ("Födelsedatum", "Födelsedatum"),
        "sex": ("Kön", "Kön"),
        "department_code": ("Förvaltningskod", "Förv.kod"),
        "department_name": ("Förvaltning", "Förvaltning"),
        "unit_code": ("Enhetskod", "Org.kod"),
        "unit_name": ("Enhet", "Organisationsenhet"),
        "occupation_code": ("AID-kod", "AID"),
        "occupation_name": ("Befattning", "Befattning"),
        "occupation_group": ("Yrkesgrupp", "Yrkesgrupp"),
        "responsibility_code": ("Ansvarskod", "AID ansvar"),
        "management_level": ("Chefsnivå", "Chefsnivå"),
        "employment_form": ("Anställningsform", "Anst.form"),
        "pay_form": ("Avlöningsform", "Löneform"),
        "fte_agreed": ("Sysselsättningsgrad", "Syss.grad"),
        "fte_actual": ("Faktisk sysselsättningsgrad", "Fakt. syss.grad"),
        "monthly_pay": ("Månadslön", "Månadslön"),
        "monthly_pay_fte": ("Heltidslön", "Heltidslön"),
        "variable_pay_fte": ("Rörliga tillägg", "Rörl. tillägg"),
        "ordinary_hours": ("Ordinarie timmar", "Ord. arbetstid"),
        "hire_date": ("Anställd fr.o.m.", "Anst.datum"),
        "end_date": ("Anställd t.o.m.", "Avg.datum"),
        "end_reason": ("Avgångsorsak", "Avg.orsak"),
        "has_full_leave": ("Helt ledig", "Helt ledig"),
        "previous_person_id": ("Tidigare personnummer", "Tidigare pers.nr"),
        "work_value_level": ("Arbetsvärdering", "Arbetsvärdering"),
    },
    "hr_absence": {
        "person_id": ("Personnummer", "Pers.nr"),
        "name": ("Namn", "Namn"),
        "employment_id": ("Anställningsnummer", "Anst.nr"),
        "absence_type": ("Frånvaroorsak", "Orsak"),
        "spell_start": ("Fr.o.m.", "Från datum"),
        "spell_end": ("T.o.m.", "Till datum"),
        "extent": ("Omfattning", "Omfattning %"),
        "absence_hours": ("Frånvarotimmar", "Timmar"),
        "absence_days": ("Nettodagar", "Nettodagar"),
    },
}
# The contract's code → the payroll's.
CODES: dict[str, dict[str, str]] = {
    "employment_form": {
        "tillsvidare": "Tillsvidare",
        "vikariat": "Vikariat",
        "sva": "SÄVA",
        "ovrig_visstid": "Visstid",
    },
    "pay_form": {"manadsavlonad": "Månadslön", "timavlonad": "Timlön"},
    "absence_type": {"sjuk": "Sjuk", "foraldraledig": "Föräldraledig", "vab": "VAB", "ovrig": "Tjänstledig"},
}
MONEY = ("monthly_pay", "monthly_pay_fte", "variable_pay_fte")
_CSV, _PARQUET, _JSON, _EXCEL = "csv", "parquet", "ndjson", "xlsx"


def kind_of(contract: str, at: int, rows: int) -> str:
    """File ending of the month that lies `at` months after the first of the run."""
    if at == (10 if contract == "hr_employment" else 11) and rows <= LARGEST_EXCEL:
        return _EXCEL
    return {4: _PARQUET, 8: _JSON}.get(at % 12, _CSV)


def file_name(contract: str, delivery: Delivery, kind: str) -> str:
    """E.g. personal_2026-10_levererad_2026-11-03.csv."""
    return f"{STEM[contract]}_{delivery.month:%Y-%m}_levererad_{delivery.delivered.isoformat()}.{kind}"


def _typed(contract: str, delivery: Delivery) -> pl.DataFrame:
    """The delivery with the payroll's headings and codes, numbers and dates still typed; the month is in the file's name only."""
    odd = delivery.month.year % 2
    headings = HEADINGS[contract]
    flag = pl.when("has_full_leave").then(pl.lit("J")).otherwise(pl.lit("N"))
    made = {name: pl.col(name).replace_strict(codes) for name, codes in CODES.items()} | {
        "has_full_leave": flag
    }
    return delivery.rows.select(
        made.get(name, pl.col(name)).alias(spellings[odd]) for name, spellings in headings.items()
    )


def _comma(name: str, kind: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if kind == pl.Date:
        return column.dt.strftime("%Y%m%d")
    if kind == pl.Float64:
        return column.cast(pl.String).str.replace(".", ",", literal=True).str.strip_suffix(",0")
    return column


def _money(name: str) -> pl.Expr:
    """34 567,50 with a no-break space; öre always written."""
    ore = (pl.col(name) * 100).round().cast(pl.Int64)
    kronor = ore.abs() // 100
    small = pl.concat_str(
        (kronor % 1000).cast(pl.String).str.zfill(3),
        pl.lit(","),
        (ore.abs() % 100).cast(pl.String).str.zfill(2),
    )
    short = pl.concat_str(kronor.cast(pl.String), pl.lit(","), (ore.abs() % 100).cast(pl.String).str.zfill(2))
    long = pl.concat_str((kronor // 1000).cast(pl.String), pl.lit(NO_BREAK_SPACE), small)
    whole = pl.when(kronor >= 1000).then(long).otherwise(short)
    return pl.when(ore < 0).then(pl.concat_str(pl.lit("-"), whole)).otherwise(whole)


def _csv(contract: str, delivery: Delivery) -> bytes:
    typed = _typed(contract, delivery)
    amounts = {
        HEADINGS[contract][name][delivery.month.year % 2] for name in MONEY if name in HEADINGS[contract]
    }
    written = [
        (_money(name) if name in amounts else _comma(name, kind)).alias(name)
        for name, kind in typed.schema.items()
    ]
    return typed.select(written).write_csv(separator=";", line_terminator="\r\n").encode("cp1252")


def _excel(contract: str, delivery: Delivery) -> bytes:
    typed = _typed(contract, delivery)
    buffer = io.BytesIO()
    # The time of making is part of the file: fixed, or the same people would give other bytes tomorrow.
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        book.set_properties({"created": datetime.combine(delivery.delivered, _MORNING)})
        sheet = book.add_worksheet("Uttag")
        sheet.write_row(0, 0, typed.columns)
        for place, column in enumerate(typed.get_columns()):
            sheet.write_column(1, place, column.to_list())
    return buffer.getvalue()


def content(contract: str, delivery: Delivery, kind: str) -> bytes:
    """The file's bytes; the same delivery gives the same bytes."""
    if kind == _CSV:
        return _csv(contract, delivery)
    if kind == _EXCEL:
        return _excel(contract, delivery)
    buffer = io.BytesIO()
    if kind == _PARQUET:
        _typed(contract, delivery).write_parquet(buffer)
    else:
        _typed(contract, delivery).write_ndjson(buffer)
    return buffer.getvalue()


def path_of(contract: str, delivery: Delivery, run: Parameters) -> str:
    """Where the delivery goes, relative to the example's folder."""
    at = delivery.month.year * 12 + delivery.month.month - 1 - run.first
    return f"{contract}/{file_name(contract, delivery, kind_of(contract, at, len(delivery.rows)))}"


def write(path: Path, contract: str, delivery: Delivery) -> None:
    """Write one delivery; its file appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.part")
    unfinished.write_bytes(content(contract, delivery, path.suffix.removeprefix(".")))
    unfinished.rename(path)
