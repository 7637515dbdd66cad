"""From the bytes of a file to a table; runs in the child process (sandbox.py) and nowhere else in production.

Belongs here: decoding, separators, headings, row numbers as seen in the file, one function per kind of file.
Does not belong here: what columns mean (mapping.py), the child and its limits (sandbox.py), opening files (files.py).

Text stays text: nothing is guessed from looks. Only what a file itself types (Excel, Parquet, JSON) arrives typed.
An error never quotes the file: Polars' own messages would.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections import Counter
from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from pipelines.intake.reasons import RefusalError

ROW = "\N{NUMBER SIGN}row"  # no export calls a column "#row"
KINDS = {
    ".csv": "csv", ".txt": "csv", ".tsv": "csv",
    ".xlsx": "excel", ".xlsm": "excel", ".xls": "excel", ".xlsb": "excel", ".ods": "excel",
    ".parquet": "parquet",
    ".jsonl": "json", ".ndjson": "json",
}  # fmt: skip
SEPARATORS = ";\t,|"
QUOTED = r'"[^"]*"'
LONGEST_LINE = 4 * 1024**2
UNPACKED_LIMIT = 4 * 1024**3
# Å ä ö of MS-DOS (CP850), read as cp1252, become these signs in the middle of a word, where no text has them.
DOS_LETTERS = re.compile(r"[a-zA-Z][†„”™Ž][a-zA-Z]")
UTF8_PAIR = re.compile(rb"[\xc3\xc2][\x80-\xbf]")


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
        frame: a column ROW (Int32, the row as seen in the file) and the file's columns.
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
    if not data.strip():
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
    frame = _without_empty_tail(table.frame)
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
        ):
            if data.startswith(magic):
                raise RefusalError("disguised", suffix=suffix, found=found)


def decode(data: bytes, wanted: str = "auto") -> str:
    """Bytes to text, strictly: what cannot be decoded without loss is refused.

    Args:
        data: the file's bytes.
        wanted: `auto` (UTF-8 where valid, else cp1252), or an encoding.

    Raises:
        RefusalError: UTF-16, not text, another encoding than wanted, or letters that were damaged before.
    """
    for mark, found in ((b"\xff\xfe", "UTF-16"), (b"\xfe\xff", "UTF-16")):
        if data.startswith(mark):
            raise RefusalError("wrong_encoding", found=found, wanted="UTF-8")
    nul = data.find(b"\0")
    if nul >= 0:
        if data[:4000].count(b"\0") * 3 > len(data[:4000]):
            raise RefusalError("wrong_encoding", found="UTF-16", wanted="UTF-8")
        raise RefusalError("not_text", position=nul)
    try:
        text, is_utf8 = data.decode("utf-8-sig"), True
    except UnicodeDecodeError:
        text, is_utf8 = "", False
    if is_utf8 and (wanted in ("auto", "utf-8") or data.isascii()):
        damaged = text.find("\N{REPLACEMENT CHARACTER}")
        if damaged >= 0:
            raise RefusalError("damaged_letters", line=text.count("\n", 0, damaged) + 1)
        return text
    if is_utf8:
        raise RefusalError("wrong_encoding", found="UTF-8", wanted=wanted)
    if wanted == "utf-8":
        raise RefusalError("wrong_encoding", found="cp1252 / ISO-8859-1", wanted="UTF-8")
    return _decode_single_byte(data, "cp1252" if wanted == "auto" else wanted)


def _decode_single_byte(data: bytes, encoding: str) -> str:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusalError("not_text", position=error.start) from None
    # Neither whole UTF-8 nor plain single bytes: two files were joined, or one was cut inside a letter.
    mixed = UTF8_PAIR.search(data)
    if mixed:
        raise RefusalError("damaged_letters", line=data.count(b"\n", 0, mixed.start()) + 1)
    dos = DOS_LETTERS.search(text)
    control = re.search(r"[\x80-\x9f]", text)
    if dos or control:
        raise RefusalError("wrong_encoding", found="MS-DOS / Mac", wanted="UTF-8")
    return text


def _refuse_endless_lines(data: bytes) -> None:
    """A line of megabytes is no row of a table, and takes many times its size to read."""
    for start in range(0, len(data) - LONGEST_LINE, LONGEST_LINE):
        if (
            data.find(b"\n", start, start + LONGEST_LINE) < 0
            and data.find(b"\r", start, start + LONGEST_LINE) < 0
        ):
            raise RefusalError("line_too_long", limit=LONGEST_LINE // 1024**2)


def _read_csv(data: bytes, form: Form) -> Table:
    _refuse_endless_lines(data)
    text = decode(data, form.encoding)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    above = form.rows_before_header
    for _ in range(above):
        text = text.partition("\n")[2]
    while text.startswith("\n"):
        text, above = text[1:], above + 1
    if not text.strip():
        raise RefusalError("empty_file")
    heading = text.partition("\n")[0]
    separator = _separator(heading) if form.separator == "auto" else form.separator
    numbers, fields = _lines(text, separator)
    raw = text.encode()
    # A text of hundreds of megabytes is not kept twice.
    del text, data
    try:
        frame = pl.read_csv(
            raw,
            has_header=False,
            infer_schema=False,
            separator=separator,
            truncate_ragged_lines=True,
        )
    except pl.exceptions.PolarsError:
        raise RefusalError("unreadable", kind="csv") from None
    if frame.height != len(numbers):
        # Polars and the line count must agree, or a row number would point at another person's row.
        raise RefusalError("unreadable", kind="csv")
    names, doubled = _headings([value or "" for value in frame.row(0)])
    numbered = frame.with_columns((numbers + above).alias(ROW), fields.alias("#fields")).slice(1)
    if fields.min() == 0:
        numbered = numbered.filter(pl.col("#fields") > 0)
    ragged = numbered.filter(pl.col("#fields") != frame.width)[ROW]
    called = frame.columns
    kept = [called[index] for index in names.values()]
    renamed = numbered.select(ROW, *(pl.col(old).alias(new) for old, new in zip(kept, names, strict=True)))
    return Table(renamed, doubled, tuple(ragged.to_list()))


def _lines(text: str, separator: str) -> tuple[pl.Series, pl.Series]:
    """Line number and number of fields of every record, the headings included; an empty line has 0 fields."""
    if text.count('"') % 2:
        raise RefusalError("open_quote", line=_open_quote(text))
    bare = text
    if '"' in text:
        # Not replaced by nothing: an empty quoted field must not make its line look empty.
        bare = pl.Series([text]).str.replace_all(QUOTED, "q")[0]
        if bare.count("\n") != text.count("\n"):
            return _lines_with_breaks(text, separator)
    fields = _fields(bare.encode(), separator)
    return pl.int_range(1, len(fields) + 1, dtype=pl.Int32, eager=True), fields


def _fields(data: bytes, separator: str) -> pl.Series:
    """Number of fields of every line; an empty line has 0."""
    import numpy as np

    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1])
    before = np.searchsorted(np.flatnonzero(signs == ord(separator)), ends)
    counted = np.diff(before, prepend=0) + 1
    return pl.Series(np.where(ends > starts, counted, 0).astype(np.int32))


def _lines_with_breaks(text: str, separator: str) -> tuple[pl.Series, pl.Series]:
    """The same where quoted fields hold line breaks: slower, and rare."""
    numbers, fields, begins = [], [], 1
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    for record in reader:
        numbers.append(begins)
        fields.append(len(record))
        begins = reader.line_num + 1
    return pl.Series(numbers, dtype=pl.Int32), pl.Series(fields, dtype=pl.Int32)


def _open_quote(text: str) -> int:
    return next(number for number, line in enumerate(text.split("\n"), 1) if line.count('"') % 2)


def _separator(heading: str) -> str:
    bare = re.sub(QUOTED, "", heading)
    return max(SEPARATORS, key=bare.count)


def _headings(stated: list[str]) -> tuple[dict[str, int], tuple[str, ...]]:
    """Heading → position of its first column, and the headings that occur again."""
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
    if sum(entry.file_size for entry in entries) > min(UNPACKED_LIMIT, 200 * len(data) + 50 * 1024**2):
        raise RefusalError("too_large", limit=UNPACKED_LIMIT // 1024**2)


def _read_parquet(data: bytes) -> Table:
    try:
        frame = pl.read_parquet(io.BytesIO(data))
    except (pl.exceptions.PolarsError, OSError):
        raise RefusalError("unreadable", kind="Parquet") from None
    return _typed(frame, first_row=1)


def _read_json(data: bytes, form: Form) -> Table:
    text = decode(data, form.encoding)
    try:
        frame = pl.read_ndjson(text.encode(), infer_schema_length=None)
    except (pl.exceptions.PolarsError, ValueError):
        raise RefusalError("unreadable", kind="JSON lines") from None
    return _typed(frame, first_row=1)


def _typed(frame: pl.DataFrame, first_row: int) -> Table:
    for name, kind in frame.schema.items():
        if kind.is_nested() or kind == pl.Object:
            raise RefusalError("nested", column=name)
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
    if frame.is_empty() or not columns.width:
        return frame.clear()
    texts = [pl.col(name).str.strip_chars() for name, kind in columns.schema.items() if kind == pl.String]
    others = [pl.col(name) for name, kind in columns.schema.items() if kind != pl.String]
    holds = columns.tail(1000).select(
        pl.any_horizontal(*(text.fill_null("") != "" for text in texts), *(o.is_not_null() for o in others))
    )
    tail = holds.to_series()
    if tail[-1]:
        return frame
    if not tail.any() and frame.height > len(tail):
        return _without_empty_tail(frame.head(frame.height - len(tail)))
    last = tail.arg_true()
    return frame.head(frame.height - len(tail) + (int(last[-1]) + 1 if len(last) else 0))
