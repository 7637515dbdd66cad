"""Text from files: from bytes in some encoding to clean UTF-8, its separator, and how many fields each line has.

Belongs here: decoding without loss, line ends, quotes, counting.
Does not belong here: making a table of it (reading.py).

Everything is done on bytes and all of them at once: a line is never looked at by itself.
"""

from __future__ import annotations

import codecs
import csv
import io
import re

import polars as pl

from pipelines.intake.reasons import RefusalError

SEPARATORS = ";\t,|"
QUOTED = r'"[^"]*"'
LONGEST_LINE = 4 * 1024**2
# Å ä ö of MS-DOS (CP850), read as cp1252, become these signs in the middle of a word, where no text has them.
DOS_LETTERS = re.compile(r"[a-zA-Z][†„”™Ž][a-zA-Z]")
UTF8_PAIR = re.compile(rb"[\xc3\xc2][\x80-\xbf]")


def utf8(data: bytes, wanted: str = "auto") -> bytes:
    """Bytes as UTF-8, strictly: what cannot be decoded without loss is refused.

    Args:
        data: the file's bytes.
        wanted: `auto` (UTF-8 where valid, else cp1252), or an encoding.

    Returns:
        The text without byte order mark; the same bytes where they are that already.

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
    if not _is_utf8(data):
        if wanted == "utf-8":
            raise RefusalError("wrong_encoding", found="cp1252 / ISO-8859-1", wanted="UTF-8")
        return _decode_single_byte(data, "cp1252" if wanted == "auto" else wanted).encode()
    if wanted not in ("auto", "utf-8") and not data.isascii():
        raise RefusalError("wrong_encoding", found="UTF-8", wanted=wanted)
    damaged = data.find("\N{REPLACEMENT CHARACTER}".encode())
    if damaged >= 0:
        raise RefusalError("damaged_letters", line=data.count(b"\n", 0, damaged) + 1)
    return data.removeprefix(codecs.BOM_UTF8)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


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


def refuse_endless_lines(data: bytes) -> None:
    """A line of megabytes is no row of a table, and takes many times its size to read."""
    for start in range(0, len(data) - LONGEST_LINE, LONGEST_LINE):
        if (
            data.find(b"\n", start, start + LONGEST_LINE) < 0
            and data.find(b"\r", start, start + LONGEST_LINE) < 0
        ):
            raise RefusalError("line_too_long", limit=LONGEST_LINE // 1024**2)


def from_headings(text: bytes, above: int) -> tuple[bytes, int]:
    """The text from the line of headings on, with plain line ends, and how many lines stand above it.

    Args:
        text: UTF-8.
        above: lines that are known to stand above; empty ones after them are counted too.
    """
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    start = 0
    for _ in range(above):
        start = text.find(b"\n", start) + 1 or len(text)
    while text.startswith(b"\n", start):
        start, above = start + 1, above + 1
    return text[start:], above


def separator_of(text: bytes) -> str:
    """The sign that parts the headings, in the first line."""
    bare = re.sub(QUOTED, "", text.partition(b"\n")[0].decode())
    return max(SEPARATORS, key=bare.count)


def is_regular(text: bytes, separator: str, fields: pl.DataFrame) -> bool:
    """Whether every line is one row and has all of its fields: known by counting, without looking at each.

    Args:
        text: UTF-8, of which no line has more fields than the first.
        separator: the sign between fields.
        fields: what was read of it.
    """
    inside = 0
    if b'"' in text:
        if text.count(b'"') % 2:
            return False
        inside = fields.select(
            pl.sum_horizontal(pl.all().str.count_matches(separator, literal=True).sum())
        ).item()
    between = text.count(separator.encode()) - inside
    rows = text.count(b"\n") + (not text.endswith(b"\n"))
    # With one column an empty line has as many separators as any other.
    return fields.width > 1 and fields.height == rows and between == (fields.width - 1) * rows


def lines(text: bytes, separator: str) -> tuple[pl.Series, pl.Series]:
    """Line number and number of fields of every record, the headings included; an empty line has 0 fields.

    Raises:
        RefusalError: a quote that is never closed.
    """
    if text.count(b'"') % 2:
        raise RefusalError("open_quote", line=_open_quote(text))
    bare = text
    if b'"' in text:
        # Not replaced by nothing: an empty quoted field must not make its line look empty.
        bare = pl.Series([text.decode()]).str.replace_all(QUOTED, "q")[0].encode()
        if bare.count(b"\n") != text.count(b"\n"):
            return _lines_with_breaks(text.decode(), separator)
    fields = _fields(bare, separator)
    return pl.int_range(1, len(fields) + 1, dtype=pl.Int32, eager=True), fields


def _fields(text: bytes, separator: str) -> pl.Series:
    """Number of fields of every line; an empty line has 0."""
    import numpy as np

    signs = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not text.endswith(b"\n"):
        ends = np.append(ends, len(text))
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


def _open_quote(text: bytes) -> int:
    return next(number for number, line in enumerate(text.split(b"\n"), 1) if line.count(b'"') % 2)
