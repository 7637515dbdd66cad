"""From the bytes of a file to a table; runs in the child process (sandbox.py) and nowhere else in production.

Belongs here: headings, row numbers as seen in the file, one function per kind of file, packing texts that repeat.
Does not belong here: decoding (reading_text.py), what columns mean (mapping.py), the child and its limits (sandbox.py).

Text stays text: nothing is guessed from looks. Only what a file itself types (Excel, Parquet, JSON) arrives typed.
An error never quotes the file: Polars' own messages would.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from pipelines.intake.reading_text import (
    from_headings,
    is_regular,
    lines,
    refuse_endless_lines,
    separator_of,
    utf8,
)
from pipelines.intake.reasons import RefusalError

ROW = "\N{NUMBER SIGN}row"  # no export calls a column "#row"
KINDS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".parquet": "parquet",
    ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
UNPACKED_LIMIT = 4 * 1024**3
MOST_COLUMNS = 2_000
# Texts are packed where each occurs this often in the mean; where nearly all of the first rows differ it is not tried.
OFTEN, SAMPLE, NEARLY_ALL = 2, 20_000, 0.9


@dataclass(frozen=True)
class Form:
    """How a file is written, where the mapping says so.

    Attributes:
        encoding: `auto`, `utf-8`, `cp1252` or `latin-1`.
        separator: `auto` or the sign.
        sheet: the Excel sheet's name; None = the first.
        rows_before_header: lines above the headings.
    """

    encoding: str = "auto"
    separator: str = "auto"
    sheet: str | None = None
    rows_before_header: int = 0


@dataclass(frozen=True)
class Table:
    """What was read.

    Attributes:
        frame: a column ROW (Int32, the row as seen in the file) and the file's columns. Text whose values repeat is packed: an
            Enum of the different values, so that what is done with a text can be done once.
        doubled: headings that occur more than once (only the first column is kept).
        ragged: row numbers whose number of fields is not that of the headings.
    """

    frame: pl.DataFrame
    doubled: tuple[str, ...] = ()
    ragged: tuple[int, ...] = ()


def read(name: str, data: bytes, form: Form) -> Table:
    """Read a file's bytes.

    Args:
        name: the file's name; its ending says the kind.
        data: all of its bytes.
        form: how it is written.

    Raises:
        RefusalError: the file is empty, damaged, of another kind, or in another encoding.
    """
    suffix = PurePath(name).suffix.lower()
    kind = KINDS.get(suffix)
    if kind is None:
        raise RefusalError("unknown_kind", suffix=suffix or "(–)")
    if not data or data.isspace():
        raise RefusalError("empty_file")
    _look_at_magic(suffix, kind, data)
    if kind == "csv":
        table = _read_csv(data, form)
    elif kind == "excel":
        table = _read_excel(data, form)
    elif kind == "parquet":
        table = _read_parquet(data)
    else:
        table = _read_json(data, form)
    frame = _packed(_without_empty_tail(table.frame))
    if frame.is_empty():
        raise RefusalError("no_rows")
    return Table(frame, table.doubled, tuple(row for row in table.ragged if row <= frame[ROW][-1]))


def _look_at_magic(suffix: str, kind: str, data: bytes) -> None:
    if kind in ("csv", "json"):
        for magic, found in (
            (b"PK\x03\x04", "Excel/zip"),
            (b"PAR1", "Parquet"),
            (b"%PDF", "PDF"),
            (b"\xd0\xcf\x11\xe0", "Excel (xls)"),
            (b"\x1f\x8b", "gzip"),
        ):
            if data.startswith(magic):
                raise RefusalError("disguised", suffix=suffix, found=found)


def _read_csv(data: bytes, form: Form) -> Table:
    refuse_endless_lines(data)
    text, above = from_headings(utf8(data, form.encoding), form.rows_before_header)
    # A text of hundreds of megabytes is not kept twice.
    del data
    if not text or text.isspace():
        raise RefusalError("empty_file")
    separator = separator_of(text) if form.separator == "auto" else form.separator
    frame = _fields_of(text, separator)
    ragged: tuple[int, ...] = ()
    if frame is not None and is_regular(text, separator, frame):
        numbers = pl.int_range(1, frame.height + 1, dtype=pl.Int32, eager=True)
    else:
        frame, numbers, ragged = _irregular(text, separator)
    names, doubled = _headings([value or "" for value in frame.row(0)])
    kept = frame.select(
        (numbers + above).alias(ROW), *(pl.nth(index).alias(name) for name, index in names.items())
    )
    return Table(kept.slice(1), doubled, tuple(row + above for row in ragged))


def _fields_of(text: bytes, separator: str, truncate: bool = False) -> pl.DataFrame | None:
    """Every field as text, the headings as the first row; None where a line has more fields than they."""
    try:
        return pl.read_csv(
            text,
            has_header=False,
            infer_schema=False,
            separator=separator,
            truncate_ragged_lines=truncate,
        )
    except pl.exceptions.PolarsError:
        return None


def _irregular(text: bytes, separator: str) -> tuple[pl.DataFrame, pl.Series, tuple[int, ...]]:
    """The fields, the line that each row begins in, and the lines that have too many or too few; without empty lines."""
    numbers, fields = lines(text, separator)
    frame = _fields_of(text, separator, truncate=True)
    if frame is None or frame.height != len(numbers):
        # Polars and the line count must agree, or a row number would point at another person's row.
        raise RefusalError("unreadable", kind="csv")
    is_row = fields > 0
    ragged = numbers.filter(is_row & (fields != frame.width))
    return frame.filter(is_row), numbers.filter(is_row), tuple(ragged.to_list())


def _headings(stated: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Heading → position of its first column, and the headings that occur again.

    Raises:
        RefusalError: more columns than any table has.
    """
    if len(stated) > MOST_COLUMNS:
        raise RefusalError("too_wide", columns=len(stated), limit=MOST_COLUMNS)
    tidy = [
        " ".join(name.replace("\ufeff", "").split()) or f"({position})"
        for position, name in enumerate(stated, 1)
    ]
    first: dict[str, int] = {}
    for position, name in enumerate(tidy):
        first.setdefault(name, position)
    return first, tuple(name for name, times in Counter(tidy).items() if times > 1)


def _read_excel(data: bytes, form: Form) -> Table:
    # Imported here: only Excel needs it, and the child should start fast.
    import fastexcel

    if data.startswith(b"PK"):
        _look_at_zip(data)
    try:
        book = fastexcel.read_excel(data)
        if form.sheet is not None and form.sheet not in book.sheet_names:
            raise RefusalError("no_sheet", sheet=form.sheet)
        # All rows decide a column's type: a text in row 5 000 must not become an empty cell.
        sheet = book.load_sheet(
            form.sheet or 0, header_row=None, skip_rows=0, n_rows=1 + form.rows_before_header, dtypes="string"
        )
        top = sheet.to_polars()
        if top.height > form.rows_before_header:
            # Before the rest is read, which may be large.
            _headings(top.columns)
        body = book.load_sheet(
            form.sheet or 0, header_row=None, skip_rows=1 + form.rows_before_header, schema_sample_rows=None
        ).to_polars()
    except fastexcel.FastExcelError:
        raise RefusalError("unreadable", kind="Excel") from None
    if top.height <= form.rows_before_header:
        raise RefusalError("no_rows")
    stated = [value or "" for value in top.row(form.rows_before_header)]
    names, doubled = _headings(stated)
    if body.is_empty() or not body.width:
        raise RefusalError("no_rows")
    called = body.columns
    positions = {name: index for name, index in names.items() if index < len(called)}
    frame = body.select(
        pl.int_range(
            2 + form.rows_before_header, 2 + form.rows_before_header + body.height, dtype=pl.Int32
        ).alias(ROW),
        *(pl.col(called[index]).alias(name) for name, index in positions.items()),
    )
    return Table(frame, doubled)


def _look_at_zip(data: bytes) -> None:
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise RefusalError("unreadable", kind="Excel") from None
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > min(UNPACKED_LIMIT, 200 * len(data) + 50 * 1024**2):
        packed = f"{len(data) / 1024**2:.1f}"
        raise RefusalError("swells", unpacked=unpacked // 1024**2, packed=packed)


def _read_parquet(data: bytes) -> Table:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError):
        raise RefusalError("unreadable", kind="Parquet") from None
    return _typed(frame, first_row=1)


def _read_json(data: bytes, form: Form) -> Table:
    text = utf8(data, form.encoding)
    try:
        frame = pl.read_ndjson(text, infer_schema_length=None)
    except (pl.exceptions.PolarsError, ValueError):
        raise RefusalError("unreadable", kind="JSON lines") from None
    return _typed(frame, first_row=1)


def _typed(frame: pl.DataFrame, first_row: int) -> Table:
    for number, kind in enumerate(frame.dtypes, 1):
        if kind.is_nested() or kind == pl.Object:
            # Not its name: a key of an object may be anything, a person's number too.
            raise RefusalError("nested", number=number)
    decimals = [name for name, kind in frame.schema.items() if kind.is_decimal()]
    names, doubled = _headings(frame.columns)
    picked = frame.with_columns(pl.col(decimals).cast(pl.Float64)).select(
        pl.int_range(first_row, first_row + frame.height, dtype=pl.Int32).alias(ROW),
        *(pl.nth(index).alias(name) for name, index in names.items()),
    )
    return Table(picked, doubled)


def _without_empty_tail(frame: pl.DataFrame) -> pl.DataFrame:
    """Without the empty rows at the end, which spreadsheets and survey systems leave there."""
    columns = frame.drop(ROW)
    if not columns.width:
        return frame.clear()
    texts = [pl.col(name).str.strip_chars() for name, kind in columns.schema.items() if kind == pl.String]
    others = [pl.col(name) for name, kind in columns.schema.items() if kind != pl.String]
    holds = pl.any_horizontal(
        *(text.fill_null("") != "" for text in texts), *(other.is_not_null() for other in others)
    )
    end = frame.height
    while end:
        begin = max(end - 1000, 0)
        last = columns.slice(begin, end - begin).select(holds).to_series().arg_true()
        if len(last):
            return frame.head(begin + int(last[-1]) + 1)
        end = begin
    return frame.clear()


def _packed(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep each different text once where texts repeat: a tenth of the size, and of the work afterwards."""
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    if frame.is_empty() or not texts:
        return frame
    some = frame.select(pl.col(texts).head(SAMPLE).n_unique()).row(0, named=True)
    tried = [name for name in texts if some[name] <= NEARLY_ALL * min(SAMPLE, frame.height)]
    found = frame.select(pl.col(tried).drop_nulls().unique().implode())
    kinds = {name: pl.Enum(found[name][0]) for name in tried if len(found[name][0]) * OFTEN <= frame.height}
    return frame.with_columns(pl.col(name).cast(kind) for name, kind in kinds.items())
