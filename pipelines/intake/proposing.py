"""Proposing a mapping for an export that nobody has mapped yet.

Belongs here: recognising headings, codes, dates and decimal signs by their looks, and trying the proposal on the file.
Does not belong here: carrying a mapping out (translate.py), writing the proposal down (proposed.py). A proposal is for people to
read and correct; intake never guesses.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.intake.identities import recognise
from pipelines.intake.mapping import Mapping
from pipelines.intake.proposing_words import CODES, MONTHS, NO_PERSON_KEY, NOT_IN_EXPORT, WORDS, YEARLY
from pipelines.intake.reading import ROW, Table
from pipelines.intake.reasons import RefusalError
from pipelines.intake.translate import FALSE, FAULT, TRUE, translate
from warehouse.contracts import CONTRACTS, Contract
from warehouse.contracts.contract import Field

ROWS_SHOWN = 10
ROWS_LOOKED_AT = 2_000
MOST_CODES = 12
FEWEST_RECOGNISED = 2
DATES = ("%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S")
UNKNOWN = "?"


@dataclass(frozen=True)
class Seen:
    """What the proposal makes of one column, on the rows looked at; no values.

    Attributes:
        column: the contract's name of it.
        filled, unreadable: percent of the rows.
        different: how many different values.
    """

    column: str
    filled: float
    unreadable: float
    different: int


@dataclass(frozen=True)
class Proposal:
    """A mapping to begin with.

    Attributes:
        contract: the contract that the file looks like.
        mapping: as it would stand in the settings; `?` where nobody but the reader knows.
        unknown: headings that nothing was made of.
        open: what must be filled in, by the mapping's key: `month`, a column that the contract cannot do without, or one
            with codes that are not known.
        assumed: columns for which something was assumed that the file does not say.
        seen: what it makes of each column.
        rows: ten rows as the mapping makes them, without identities; None where it cannot be carried out yet.
        trouble: why it cannot.
    """

    contract: Contract
    mapping: dict[str, Any]
    unknown: tuple[str, ...]
    open: tuple[str, ...]
    assumed: tuple[str, ...]
    seen: tuple[Seen, ...]
    rows: pl.DataFrame | None
    trouble: RefusalError | None


def propose(table: Table, file_name: str, contract: str | None = None) -> Proposal | None:
    """Propose a mapping; None where hardly a heading is recognised.

    Args:
        table: the file as read.
        file_name: may say the month.
        contract: which; default the one of which the most columns are recognised.
    """
    sample = table.frame.head(ROWS_LOOKED_AT).with_columns(pl.col(pl.Enum).cast(pl.String))
    headings = [name for name in sample.columns if name != ROW]
    known = [CONTRACTS[contract]] if contract else list(CONTRACTS.values())
    best = max(known, key=lambda each: len(_recognised(each, headings)))
    found = _recognised(best, headings)
    if contract is None and len(found) < FEWEST_RECOGNISED:
        return None
    columns: dict[str, Any] = {
        name: _column(best.delivered[name], heading, sample[heading]) for name, heading in found.items()
    }
    assumed = _assume(best, columns, sample, found)
    absent = [name for name in best.delivered if name not in columns and name != "month"]
    lacking = [name for name in absent if best.delivered[name].is_required and not _may_lack(best, name)]
    mapping: dict[str, Any] = {
        "month": _month(file_name, headings),
        **_numbers(sample, found),
        "decimal": _decimal(sample.select(list(found.values()))),
        "columns": _in_order(best, columns | dict.fromkeys(lacking, UNKNOWN)),
        "not_delivered": {
            name: NO_PERSON_KEY
            if _may_lack(best, name) and best.delivered[name].is_required
            else NOT_IN_EXPORT
            for name in absent
            if name not in lacking
        },
    }
    still_open = [name for name, column in mapping["columns"].items() if UNKNOWN in _values(column)]
    if UNKNOWN in _values(mapping["month"]):
        still_open.insert(0, "month")
    if "month" in mapping["month"]:
        assumed.insert(0, "month")
    translated, trouble = _tried(Table(sample, table.doubled), mapping, best, file_name)
    return Proposal(
        best,
        mapping,
        tuple(name for name in headings if name not in found.values() and _look(name) not in MONTHS),
        tuple(still_open),
        tuple(assumed),
        () if translated is None else _seen(translated, best, _in_order(best, columns)),
        None if translated is None else _shown(translated, best),
        trouble,
    )


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


def _may_lack(contract: Contract, name: str) -> bool:
    return contract.may_be_unlinked and name in ("person_id", "employment_id")


def _in_order(contract: Contract, columns: dict[str, Any]) -> dict[str, Any]:
    return {name: columns[name] for name in contract.delivered if name in columns}


def _values(stated: Any) -> list[Any]:
    """Everything that stands on the right in a part of a mapping."""
    if isinstance(stated, dict):
        return [value for each in stated.values() for value in _values(each)]
    return [stated]


def _assume(
    contract: Contract, columns: dict[str, Any], sample: pl.DataFrame, found: dict[str, str]
) -> list[str]:
    """Fill in what most exports mean by not saying it; returns the columns for which that was done."""
    assumed = []
    if contract.name == "hr_employment":
        if "pay_form" not in columns:
            columns["pay_form"] = {"value": "manadsavlonad"}
            assumed.append("pay_form")
        if "person_id" in columns and "employment_id" not in columns:
            columns["employment_id"] = {"number_within": "person_id"}
            assumed.append("employment_id")
        department, unit = found.get("department_code"), found.get("unit_code")
        if department and unit and sample[unit].n_unique() < sample.select(department, unit).n_unique():
            # Units of different departments share names.
            columns["unit_code"] = {"combine": [department, unit], "between": "/"}
            columns.setdefault("unit_name", unit)
            assumed.append("unit_code")
    return assumed


def _numbers(sample: pl.DataFrame, found: dict[str, str]) -> dict[str, str]:
    """`own` where the persons' numbers are no personnummer."""
    if "person_id" not in found:
        return {}
    stated = sample[found["person_id"]].cast(pl.String)
    is_personal = recognise(stated.drop_nulls(), 2100)["is_personal"].mean()
    return {} if isinstance(is_personal, float) and is_personal > 0.5 else {"person_numbers": "own"}


def _decimal(sample: pl.DataFrame) -> str:
    texts = [column for column in sample.get_columns() if column.dtype == pl.String]
    commas = sum(column.str.contains(r"^-?[\d\s\u00a0]+,\d{1,2}$").sum() for column in texts)
    points = sum(column.str.contains(r"^-?\$?[\d,]+\.\d{1,2}$").sum() for column in texts)
    return "." if points > commas else ","


def _month(file_name: str, headings: list[str]) -> dict[str, Any]:
    stated = next((heading for heading in headings if _look(heading) in MONTHS), None)
    if stated is not None:
        return {"column": stated}
    if re.search(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])", file_name):
        return {"file_name": r"(?P<year>(?:19|20)\d\d)-?(?P<month>0[1-9]|1[0-2])"}
    if re.search(r"(?:19|20)\d\d", file_name):
        return {"file_name": r"(?P<year>(?:19|20)\d\d)", "month": 11}
    return {"value": UNKNOWN}


def _column(each: Field, heading: str, values: pl.Series) -> Any:
    """The heading alone, or with what the looks of the values ask for: codes, dates, years to be made months."""
    texts = values.cast(pl.String, strict=False).str.strip_chars().drop_nulls()
    texts = texts.filter(texts != "")
    if each.allowed or each.duckdb_type == "BOOLEAN":
        own = dict.fromkeys(each.allowed or (*TRUE, *FALSE))
        known = CODES.get(each.delivered, {})
        codes = {
            text: text if text in own else known.get(_look(text), UNKNOWN) for text in texts.unique().sort()
        }
        needs_codes = set(map(str.lower, codes)) - set(map(str.lower, own)) and len(codes) <= MOST_CODES
        return {"column": heading, "codes": codes} if needs_codes else heading
    if each.duckdb_type == "DATE" and values.dtype == pl.String and len(texts):
        read = {form: int(texts.str.to_date(form, strict=False).is_not_null().sum()) for form in DATES}
        form = max(read, key=lambda name: read[name])
        return {"column": heading, "dates": form} if form not in DATES[:2] and read[form] > 0 else heading
    if each.unit == "kr" and _look(heading) in YEARLY:
        return {"column": heading, "divide_by": 12}
    return heading


def _tried(
    table: Table, mapping: dict[str, Any], contract: Contract, file_name: str
) -> tuple[pl.DataFrame | None, RefusalError | None]:
    """What the mapping makes of the rows looked at, with what is still open left empty."""
    known = {
        name: _without_questions(column) for name, column in mapping["columns"].items() if column != UNKNOWN
    }
    month = mapping["month"] if UNKNOWN not in _values(mapping["month"]) else {"value": "2000-01-01"}
    try:
        read = Mapping.model_validate({**mapping, "month": month, "columns": known})
        return translate(table, read, contract, file_name).frame, None
    except RefusalError as refusal:
        return None, refusal


def _without_questions(column: Any) -> Any:
    """Codes whose meaning nobody has said yet become empty."""
    if isinstance(column, dict) and "codes" in column:
        return {
            **column,
            "codes": {code: None if value == UNKNOWN else value for code, value in column["codes"].items()},
        }
    return column


def _seen(translated: pl.DataFrame, contract: Contract, columns: dict[str, Any]) -> tuple[Seen, ...]:
    """What became of each mapped column that the file fills; an identity is counted, not shown."""
    seen = []
    for name, stated in columns.items():
        each = contract.delivered[name]
        column = translated[name if each.is_identity else each.stored]
        fault = translated[f"{FAULT}{each.stored}"]
        if isinstance(stated, dict) and "number_within" in stated:
            continue
        filled = 100 * (1 - column.null_count() / len(column))
        unreadable = 100 * (1 - fault.null_count() / len(fault))
        seen.append(Seen(name, filled, unreadable, column.drop_nulls().n_unique()))
    return tuple(seen)


def _shown(translated: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    hidden = {*contract.identities, "birth_month", "row_number"}
    names = [each.stored for each in contract.fields if each.stored in translated.columns]
    rows = translated.select(name for name in names if name not in hidden)
    return rows.select(name for name in rows.columns if rows[name].null_count() < rows.height).head(
        ROWS_SHOWN
    )
