"""Proposing a mapping for an export that nobody has mapped yet.

Belongs here: recognising headings, codes, dates and decimal signs by their looks, and showing what the proposal makes of a file.
Does not belong here: carrying a mapping out (translate.py). A proposal is for people to read and correct; intake never guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl
import yaml

from pipelines.intake.mapping import Mapping
from pipelines.intake.reading import ROW, Table
from pipelines.intake.reasons import RefusalError
from pipelines.intake.translate import EMPTY, FAULT, translate
from warehouse.contracts import CONTRACTS, Contract
from warehouse.contracts.contract import Field

ROWS_SHOWN = 10
ROWS_LOOKED_AT = 2_000
MOST_CODES = 12
# What systems call the contracts' columns, letters and digits only; the contract's own names and words are known besides.
WORDS: dict[str, str] = {
    "person_id": "personnummer persnr pnr personnr personid idnummer socialsecuritynumber",
    "employment_id": "anställningsnummer anstnr anställningsid anstid employmentnumber employeeid employeenumber",
    "birth_date": "födelsedatum född dateofbirth birthdate",
    "sex": "kön gender juridisktkön",
    "department_code": "förvaltningskod förvkod department förvaltningid förvaltningsid bolagsförvaltningskod",
    "department_name": "förvaltning departmentname förvaltningsnamn",
    "unit_code": "enhetskod orgkod organisationskod kostnadsställe division unit",
    "unit_name": "enhet enhetsnamn organisationsenhet divisionname",
    "occupation_code": "aid aidkod befattningskod yrkeskod ssyk",
    "occupation_name": "befattning titel yrke jobtitle employeepositiontitle",
    "occupation_group": "yrkesgrupp befattningsgrupp personalgrupp",
    "responsibility_code": "ansvarskod aidansvar",
    "management_level": "chefsnivå ledningsnivå",
    "employment_form": "anställningsform anstform",
    "pay_form": "avlöningsform löneform",
    "is_full_time": "heltid assignmentcategory",
    "fte_agreed": "sysselsättningsgrad syssgrad ssg avtaladsysselsättningsgrad fte",
    "fte_actual": "faktisksysselsättningsgrad faktsyssgrad nettoarbetstid",
    "monthly_pay": "månadslön lön grundlön",
    "monthly_pay_fte": "heltidslön uppräknadlön",
    "variable_pay_fte": "rörligatillägg rörltillägg tillägg",
    "ordinary_hours": "ordinarietimmar ordarbetstid ordinariearbetstid",
    "hire_date": "anställdfrom anställningsdatum anstdatum anställdfrån datefirsthired hiredate fran from",
    "end_date": "anställdtom avgångsdatum avgdatum slutdatum",
    "end_reason": "avgångsorsak avgorsak",
    "has_full_leave": "heltledig tjänstledig",
    "previous_person_id": "tidigarepersonnummer tidigarepersnr",
    "work_value_level": "arbetsvärdering bas",
    "absence_type": "frånvaroorsak orsak frånvarotyp",
    "spell_start": "from fråndatum startdatum",
    "spell_end": "tom tilldatum",
    "extent": "omfattning omfattningprocent",
    "absence_hours": "frånvarotimmar timmar",
    "absence_days": "nettodagar dagar",
    "date": "datum dag",
    "course": "kurs kursnamn utbildning",
    "hours": "timmar antaltimmar",
}
CODES: dict[str, dict[str, str]] = {
    "sex": {"kvinna": "K", "f": "K", "female": "K", "man": "M", "male": "M"},
    "pay_form": {
        "månadslön": "manadsavlonad",
        "månad": "manadsavlonad",
        "timlön": "timavlonad",
        "timme": "timavlonad",
    },
    "employment_form": {
        "tillsvidare": "tillsvidare",
        "vikariat": "vikariat",
        "säva": "sva",
        "visstid": "ovrig_visstid",
    },
    "absence_type": {"sjuk": "sjuk", "sjukdom": "sjuk", "föräldraledig": "foraldraledig", "vab": "vab"},
}
DATES = ("%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S")


@dataclass(frozen=True)
class Proposal:
    """A mapping to begin with.

    Attributes:
        contract: the contract that the file looks like.
        mapping: as it would stand in the settings.
        unknown: headings that were not recognised.
        lacking: columns that the contract cannot do without and that were not found.
        rows: ten rows as the mapping makes them, without identities; None where it cannot be carried out yet.
        trouble: why it cannot.
    """

    contract: str
    mapping: dict[str, Any]
    unknown: tuple[str, ...]
    lacking: tuple[str, ...]
    rows: pl.DataFrame | None
    trouble: str | None

    def yaml(self) -> str:
        """The mapping as YAML, to be put into the settings."""
        return yaml.safe_dump({"mapping": self.mapping}, allow_unicode=True, sort_keys=False, width=110)


def propose(table: Table, file_name: str, contract: str | None = None) -> Proposal:
    """Propose a mapping.

    Args:
        table: the file as read.
        file_name: may say the month.
        contract: which; default the one of which the most columns are recognised.
    """
    headings = [name for name in table.frame.columns if name != ROW]
    known = [CONTRACTS[contract]] if contract else list(CONTRACTS.values())
    best = max(known, key=lambda each: len(_recognised(each, headings)))
    found = _recognised(best, headings)
    sample = table.frame.head(ROWS_LOOKED_AT)
    decimal = _decimal(sample.select(list(found.values())))
    mapping: dict[str, Any] = {"decimal": decimal, **_month(file_name, headings, best)}
    mapping["columns"] = {
        name: _column(best.delivered[name], heading, sample[heading]) for name, heading in found.items()
    }
    absent = [name for name in best.delivered if name not in found and name != "month"]
    lacking = tuple(name for name in absent if best.delivered[name].is_required)
    mapping["not_delivered"] = {name: "?" for name in absent if name not in lacking}
    unknown = tuple(name for name in headings if name not in found.values())
    rows, trouble = _tried(Table(table.frame.head(ROWS_SHOWN), table.doubled), mapping, best, file_name)
    return Proposal(best.name, mapping, unknown, lacking, rows, trouble)


def _look(text: str) -> str:
    return re.sub(r"[\W_]", "", text.lower())


def _recognised(contract: Contract, headings: list[str]) -> dict[str, str]:
    """Delivered name → heading; a heading is given away once."""
    found: dict[str, str] = {}
    free = {_look(heading): heading for heading in reversed(headings)}
    for name, each in contract.delivered.items():
        spellings = [_look(name), *WORDS.get(name, "").split(), _look(each.sv), _look(each.en)]
        spelling = next((spelling for spelling in spellings if spelling in free), None)
        if spelling is not None and name != "month":
            found[name] = free.pop(spelling)
    return found


def _decimal(sample: pl.DataFrame) -> str:
    texts = [column for column in sample.get_columns() if column.dtype == pl.String]
    commas = sum(column.str.contains(r"^-?[\d\s\u00a0]+,\d{1,2}$").sum() for column in texts)
    points = sum(column.str.contains(r"^-?\$?[\d,]+\.\d{1,2}$").sum() for column in texts)
    return "." if points > commas else ","


def _month(file_name: str, headings: list[str], contract: Contract) -> dict[str, Any]:
    stated = next(
        (heading for heading in headings if _look(heading) in ("month", "månad", "period", "avser")), None
    )
    if stated is not None:
        return {"month": {"column": stated}}
    if re.search(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])", file_name):
        return {"month": {"file_name": r"(?P<year>(?:19|20)\d\d)-?(?P<month>0[1-9]|1[0-2])"}}
    year = re.search(r"(?:19|20)\d\d", file_name)
    if year is not None:
        return {"month": {"file_name": r"(?P<year>(?:19|20)\d\d)", "month": 11}}
    del contract
    return {"month": {"value": "2026-01-01"}}


def _column(each: Field, heading: str, values: pl.Series) -> Any:
    """The heading alone, or with codes or dates where the looks of the values ask for them."""
    texts = values.cast(pl.String, strict=False).str.strip_chars().drop_nulls()
    texts = texts.filter(texts != "")
    if each.allowed:
        own = dict(zip(each.allowed, each.allowed, strict=True))
        known = own | CODES.get(each.delivered, {})
        codes = {text: known.get(text, known.get(text.lower(), "?")) for text in texts.unique().sort()}
        needs_codes = set(codes) - set(own) and len(codes) <= MOST_CODES
        return {"column": heading, "codes": codes} if needs_codes else heading
    if each.duckdb_type == "DATE" and values.dtype == pl.String and len(texts):
        read = {form: int(texts.str.to_date(form, strict=False).is_not_null().sum()) for form in DATES}
        form = max(read, key=lambda name: read[name])
        return {"column": heading, "dates": form} if form not in DATES[:2] and read[form] > 0 else heading
    return heading


def _tried(
    table: Table, mapping: dict[str, Any], contract: Contract, file_name: str
) -> tuple[pl.DataFrame | None, str | None]:
    known = {name: _without_questions(column) for name, column in mapping["columns"].items()}
    try:
        read = Mapping.model_validate(
            {**mapping, "columns": known, "not_delivered": dict.fromkeys(mapping["not_delivered"], "?")}
        )
        translated = translate(table, read, contract, file_name).frame
    except RefusalError as refusal:
        return None, refusal.reason.en
    hidden = {*contract.identities, "birth_month", "row_number"}
    shown = [
        name for name in translated.columns if name not in hidden and not name.startswith((FAULT, EMPTY))
    ]
    return translated.select(
        name for name in shown if translated[name].null_count() < translated.height
    ), None


def _without_questions(column: Any) -> Any:
    """Codes whose meaning nobody has said yet become empty."""
    if isinstance(column, dict) and "codes" in column:
        return {
            **column,
            "codes": {code: None if value == "?" else value for code, value in column["codes"].items()},
        }
    return column
