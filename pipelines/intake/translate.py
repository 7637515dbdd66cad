"""Carrying out a mapping on a table: from the file's columns to the contract's.

Belongs here: finding headings, codes, scaling, how dates and truth values are written.
Does not belong here: the mapping's keys (mapping.py), amounts (numbers.py), identities (identities.py), whether a row is good
(pipelines/validation).

A value that cannot be read becomes empty and is marked; it is never guessed, and the marked row goes to quarantine.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from pipelines.intake.mapping import Mapping
from pipelines.intake.mapping_keys import DERIVABLE, Column
from pipelines.intake.numbers import parse_numbers
from pipelines.intake.reading import ROW, Table
from pipelines.intake.reasons import RefusalError
from warehouse.contracts import Contract
from warehouse.contracts.contract import Field

FAULT = "!"  # prefix of the column that holds the broken rule of a value, or null
EMPTY = "?"  # prefix of the column that tells whether the cell was empty
RAW, TEXT, TYPED, VALUE, UNKNOWN, PLACE = (
    "raw ",
    "text ",
    "typed ",
    "value ",
    "unknown ",
    "place ",
)  # between stages

TRUE = ["1", "true", "sant", "ja", "j", "yes", "y", "x"]
FALSE = ["0", "false", "falskt", "nej", "n", "no"]
TIMES = ("%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f")
CODES_IN_A_LIST = r"[^\s;,]+"


@dataclass(frozen=True)
class Translated:
    """A delivery in the contract's terms, before identities are replaced.

    Attributes:
        frame: row_number; the stored columns that are no identities; identities as text under their delivered names; beside them
            FAULT columns, and EMPTY ones where a value may follow from the personnummer.
        ignored: the file's columns that the mapping does not mention.
    """

    frame: pl.DataFrame
    ignored: tuple[str, ...]


def translate(table: Table, mapping: Mapping, contract: Contract, file_name: str) -> Translated:
    """Carry out a mapping.

    Args:
        table: the file as read.
        mapping: the mapping of this file's version.
        contract: what it must become.
        file_name: for the month, where the name says it.

    Raises:
        RefusalError: a mapped column is not in the file, or twice.
    """
    headings = _Headings(table)
    chosen: dict[str, list[str]] = {
        name: headings.find(name, column) for name, column in mapping.columns.items()
    }
    period = mapping.month.column if mapping.month else ()
    month_heading = headings.one("month", period) if period else None
    headings.refuse_if_missing()
    used = {heading for headings in chosen.values() for heading in headings} | {month_heading}
    packed = _Packed(table.frame, used)
    rows, texts = _Stages(mapping, table.frame.schema), _Stages(mapping, packed.texts.schema)
    (texts if packed.holds([month_heading]) else rows).month(month_heading, file_name)
    for each in contract.delivered.values():
        if each.delivered != "month":
            found = chosen.get(each.delivered, [])
            (texts if packed.holds(found) else rows).field(each, found)
    done = rows.carry_out(table.frame.rename({ROW: "row_number"}), "row_number")
    results = {name: pl.col(name) for name in done.columns}
    results |= packed.spread(texts.carry_out(packed.texts), texts.origins)
    # In the contract's order, then faults: those that nothing has are one value, for a million times nothing has its size too.
    order = ["row_number", "month", *(_name(each) for each in contract.delivered.values())]
    results = {name: results[name] for name in dict.fromkeys([*order, *results])}
    empty = {
        name for name in done.columns if name.startswith(FAULT) and done[name].null_count() == done.height
    }
    results |= {name: pl.lit(None).alias(name) for name in empty}
    if table.ragged:
        rule = pl.when(pl.col("row_number").is_in(list(table.ragged))).then(pl.lit("number_of_fields"))
        results[f"{FAULT}#fields"] = rule.alias(f"{FAULT}#fields")
    frame = done.hstack(packed.places).select(results.values())
    ignored = tuple(name for name in table.frame.columns if name != ROW and name not in used)
    return Translated(frame, ignored)


class _Packed:
    """The columns whose texts the reader packed, and each of their different texts once: there are few to translate."""

    def __init__(self, frame: pl.DataFrame, used: Collection[str | None]) -> None:
        kinds = {
            name: kind for name, kind in frame.schema.items() if isinstance(kind, pl.Enum) and name in used
        }
        self.places = frame.select(pl.col(name).to_physical().alias(f"{PLACE}{name}") for name in kinds)
        lists = [pl.DataFrame({name: kind.categories}) for name, kind in kinds.items()]
        # Beside each other, the shorter ones filled up: one translation of all of them takes less time than one of each.
        self.texts = pl.concat(lists, how="horizontal_extend") if lists else pl.DataFrame()

    def holds(self, headings: Sequence[str | None]) -> bool:
        return len(headings) == 1 and headings[0] in self.texts.columns

    def spread(self, translated: pl.DataFrame, origins: dict[str, str]) -> dict[str, pl.Expr]:
        """What became of each text, for every row that has it."""
        spread = {}
        for column in translated.iter_columns():
            name = column.name
            each = pl.lit(column).gather(pl.col(f"{PLACE}{origins[name]}"))
            if name.startswith(EMPTY):
                each = each.fill_null(True)
            if name.startswith(FAULT) and column.null_count() == len(column):
                each = pl.lit(None)
            spread[name] = each.alias(name)
        return spread


class _Stages:
    """The expressions, in three stages, each written down before the next: or every later one would work out the earlier again.

    Texts: the cell as text (RAW), the same translated by codes (TEXT), and the cell as the file types it (TYPED). Values: the
    contract's types. Results: values under their final names, faults, and whether the cell was empty.
    """

    def __init__(self, mapping: Mapping, types: pl.Schema) -> None:
        self._mapping, self._types = mapping, types
        self._texts: list[pl.Expr] = []
        self._values: list[pl.Expr] = []
        self._results: list[pl.Expr] = []
        # Result → the heading that it was made of.
        self.origins: dict[str, str] = {}

    def carry_out(self, frame: pl.DataFrame, *kept: str) -> pl.DataFrame:
        """The results of all columns."""
        texts = frame.lazy().select(*kept, *self._texts)
        results = texts.with_columns(self._values).select(*kept, *self._results)
        # There is nothing to optimise, and looking for it takes longer than the work.
        return results.collect(optimizations=pl.QueryOptFlags.none())

    def month(self, heading: str | None, file_name: str) -> None:
        month = self._mapping.month
        if heading is None or month is None:
            stated = pl.lit(self._mapping.month_of(file_name), dtype=pl.Date)
            self._results += [stated.alias("month"), pl.lit(None).alias(f"{FAULT}month")]
            return
        self._texts.append(as_text(heading, self._types).alias(f"{TEXT}month"))
        self._texts.append(pl.col(heading).alias(f"{TYPED}month"))
        formats = month.dates or ("%Y-%m", "%Y%m", *self._mapping.dates)
        value = _date(pl.col(f"{TYPED}month"), pl.col(f"{TEXT}month"), self._types[heading], formats)
        self._values.append(value.dt.month_start().alias(f"{VALUE}month"))
        self._result(heading, "month", "month", "not_a_date")

    def field(self, each: Field, headings: list[str]) -> None:
        name = _name(each)
        column = self._mapping.columns.get(each.delivered)
        if column is None or column.derived_from or column.number_within:
            kind: pl.DataType = pl.String() if each.is_identity else each.column.dtype
            self._results += [
                pl.lit(None, dtype=kind).alias(name),
                pl.lit(None).alias(f"{FAULT}{each.stored}"),
            ]
            if each.delivered in DERIVABLE:
                self._results.append(pl.lit(True).alias(f"{EMPTY}{each.stored}"))
            return
        raw = _raw(column, headings, self._types)
        for empty in dict.fromkeys((*self._mapping.empty, *column.empty)):
            raw = pl.when(raw == empty).then(None).otherwise(raw)
        text, unknown = _codes(raw, column)
        self._texts += [raw.alias(f"{RAW}{name}"), text.alias(f"{TEXT}{name}")]
        typed: pl.DataType = pl.String()
        if len(headings) == 1 and column.codes is None and self._types[headings[0]] != pl.String:
            typed = self._types[headings[0]]
            self._texts.append(pl.col(headings[0]).alias(f"{TYPED}{name}"))
        value, rule = _cast(each, name, column, self._mapping, typed, bool(headings))
        if each.stored == "birth_month":
            value = value.dt.month_start()
        self._values.append(value.alias(f"{VALUE}{name}"))
        if unknown is not None:
            self._values.append(unknown(pl.col(f"{RAW}{name}")).alias(f"{UNKNOWN}{name}"))
        heading = headings[0] if headings else ""
        self._result(heading, name, each.stored, rule, has_codes=unknown is not None)
        if each.delivered in DERIVABLE:
            self._results.append(pl.col(f"{RAW}{name}").is_null().alias(f"{EMPTY}{each.stored}"))
            self.origins[f"{EMPTY}{each.stored}"] = heading

    def _result(self, heading: str, name: str, stored: str, rule: str, has_codes: bool = False) -> None:
        value = pl.col(f"{VALUE}{name}")
        fault: pl.Expr = pl.when(pl.col(f"{TEXT}{name}").is_not_null() & value.is_null()).then(pl.lit(rule))
        if has_codes:
            fault = pl.when(pl.col(f"{UNKNOWN}{name}")).then(pl.lit("not_allowed")).otherwise(fault)
        self._results += [value.alias(name), fault.alias(f"{FAULT}{stored}")]
        self.origins |= {name: heading, f"{FAULT}{stored}": heading}


class _Headings:
    """The file's headings, found whatever their case and spacing, and what was looked for in vain."""

    def __init__(self, table: Table) -> None:
        self._by_look = {_look(name): name for name in reversed(table.frame.columns) if name != ROW}
        self._doubled = {_look(name) for name in table.doubled}
        self._missing: list[str] = []
        self._twice: list[str] = []

    def find(self, delivered: str, column: Column) -> list[str]:
        wanted = [column.column] if column.column else list(column.combine)
        return [found for spellings in wanted if (found := self.one(delivered, spellings)) is not None]

    def one(self, delivered: str, spellings: tuple[str, ...]) -> str | None:
        for spelling in spellings:
            look = _look(spelling)
            if look in self._by_look:
                if look in self._doubled:
                    self._twice.append(spelling)
                return self._by_look[look]
        self._missing.append(f"{' / '.join(spellings)} ({delivered})")
        return None

    def refuse_if_missing(self) -> None:
        if self._missing:
            raise RefusalError("missing_column", columns=", ".join(self._missing))
        if self._twice:
            raise RefusalError("doubled_column", columns=", ".join(self._twice))


def _name(each: Field) -> str:
    """What a column is called before identities are replaced."""
    return each.delivered if each.is_identity else each.stored


def _look(heading: str) -> str:
    return " ".join(heading.split()).casefold()


def as_text(heading: str, types: pl.Schema) -> pl.Expr:
    """A column as trimmed text, empty as null; a whole number has no decimals, a date is ISO."""
    kind = types[heading]
    column = pl.col(heading)
    if kind.is_float():
        whole = column.is_finite() & (column == column.round(0)) & (column.abs() < 1e15)
        column = (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    elif isinstance(kind, pl.Datetime):
        column = column.dt.strftime("%Y-%m-%dT%H:%M:%S")
    else:
        column = column.cast(pl.String)
    trimmed = column.str.strip_chars(" \t\r\n\u00a0\u2007\u2009\u202f\ufeff")
    return pl.when(trimmed != "").then(trimmed)


def _raw(column: Column, headings: list[str], types: pl.Schema) -> pl.Expr:
    if "value" in column.model_fields_set:
        value = column.value
        return pl.lit(
            str(value).lower() if isinstance(value, bool) else None if value is None else str(value),
            dtype=pl.String,
        )
    if len(headings) == 1:
        return as_text(headings[0], types)
    joined = pl.concat_str(
        [as_text(heading, types) for heading in headings], separator=column.between, ignore_nulls=True
    )
    return pl.when(joined != "").then(joined)


def _codes(raw: pl.Expr, column: Column) -> tuple[pl.Expr, Callable[[pl.Expr], pl.Expr] | None]:
    """The translated text, and how to tell that a code is unknown (None: it cannot be)."""
    if column.codes is None:
        return raw, None
    olds = list(column.codes)
    news = [
        None if new in (None, "") else str(new).lower() if isinstance(new, bool) else str(new)
        for new in column.codes.values()
    ]
    if column.has_otherwise:
        other = None if column.otherwise in (None, "") else str(column.otherwise)
        # replace_strict would give the default to empty cells too.
        translated = raw.replace_strict(
            olds, news, default=pl.lit(other, dtype=pl.String), return_dtype=pl.String
        )
        return pl.when(raw.is_not_null()).then(translated), None
    # A value that already is the contract's own needs no code.
    known = list(dict.fromkeys([*olds, *(new for new in news if new is not None)]))
    translated = raw.replace(olds, news)
    return pl.when(raw.is_in(known)).then(translated), lambda read: read.is_not_null() & ~read.is_in(known)


def _cast(
    each: Field, name: str, column: Column, mapping: Mapping, typed: pl.DataType, is_delivered: bool
) -> tuple[pl.Expr, str]:
    """The value in the contract's type, and the rule that is broken where text was there and no value came of it."""
    kind = each.column.dtype
    text, cell = pl.col(f"{TEXT}{name}"), pl.col(f"{TYPED}{name}")
    if each.is_identity or kind == pl.String:
        return text, "not_text"
    if each.allowed is not None:
        return pl.when(text.is_in(list(each.allowed))).then(text).cast(kind), "not_allowed"
    if kind == pl.Boolean:
        low = text.str.to_lowercase()
        return pl.when(low.is_in(TRUE)).then(True).when(low.is_in(FALSE)).then(False), "not_a_truth_value"
    if kind == pl.Date:
        return _date(cell, text, typed, column.dates or mapping.dates), "not_a_date"
    if isinstance(kind, pl.Datetime):
        return _time(cell, text, typed), "not_a_time"
    if isinstance(kind, pl.List):
        return text.str.extract_all(CODES_IN_A_LIST), "not_text"
    decimal = (column.decimal or mapping.decimal) if is_delivered else "."
    if typed.is_numeric():
        number = cell.cast(pl.Float64)
    else:
        number = text.map_batches(lambda texts: parse_numbers(texts, decimal), return_dtype=pl.Float64)
    if column.divide_by:
        number = number / column.divide_by
    if column.times:
        number = number * column.times
    if kind.is_integer():
        return pl.when(number == number.round(0)).then(number).cast(kind, strict=False), "not_a_whole_number"
    return pl.when(number.is_finite()).then(number), "not_a_number"


def _date(
    column: pl.Expr, text: pl.Expr, typed: pl.DataType | type[pl.DataType], formats: tuple[str, ...]
) -> pl.Expr:
    if typed == pl.Date or isinstance(typed, pl.Datetime):
        return column.cast(pl.Date)
    return pl.coalesce(*(_one_date(text, form) for form in formats))


def _time(column: pl.Expr, text: pl.Expr, typed: pl.DataType | type[pl.DataType]) -> pl.Expr:
    if typed == pl.Date or isinstance(typed, pl.Datetime):
        return column.cast(pl.Datetime("us"))
    return pl.coalesce(*(text.str.to_datetime(form, strict=False, time_unit="us") for form in TIMES))


def _one_date(text: pl.Expr, form: str) -> pl.Expr:
    if "%d" not in form and "%j" not in form:
        return (text + " 1").str.to_date(f"{form} %d", strict=False)
    if "%H" in form:
        return text.str.to_datetime(form, strict=False).cast(pl.Date)
    # exact=True anchors both ends, yet "%Y" also takes 86: two digits would become the year 86.
    parsed = text.str.to_date(form, strict=False)
    return pl.when(parsed >= date(1000, 1, 1)).then(parsed)
