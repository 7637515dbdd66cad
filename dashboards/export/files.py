"""The files themselves: CSV, Excel, Parquet and DuckDB.

Belongs here: writing rows in a format. Does not belong here: which rows (rows.py), and who gets them (routes.py).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl
import xlsxwriter

from dashboards.export.rows import Rows, harmless, rows_of
from dashboards.numbers import numbers
from warehouse.portable import as_database
from warehouse.release import Release
from warehouse.texts import Words

LONGEST_SHEET_NAME = 31
WIDEST = 44


def write_csv(rows: Rows, lang: str) -> bytes:
    """CSV as spreadsheets of the language expect it: in Swedish semicolons and decimal commas. UTF-8 with a mark that says so."""
    is_swedish = lang == "sv"
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";" if is_swedish else ",", lineterminator="\r\n")
    writer.writerow(rows.head)
    for row in rows.rows:
        writer.writerow(
            [_decimal(value) if is_swedish and isinstance(value, float) else value for value in row]
        )
    return out.getvalue().encode("utf-8-sig")


def _decimal(value: float) -> str:
    return repr(value).replace(".", ",")


def write_excel(release: Release, sheets: Mapping[str, Rows], figures: Sequence[str], lang: str) -> bytes:
    """A workbook: a sheet that tells what it is, then one named table per sheet. No merged cells, no empty cells, no formulas."""
    words = Words(lang)
    out = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        # The release's own moment: the same release gives the same file.
        made = datetime.fromisoformat(str(release.manifest["created_at"])).replace(tzinfo=None)
        book.set_properties({"title": words("common.site.name"), "comments": release.id, "created": made})
        title = words("downloads.readme.about")
        about = Rows((title, words("downloads.readme.definition")), _about(release, figures, lang))
        _table(book, words("downloads.readme.sheet"), "las_mig", about)
        for number, (name, rows) in enumerate(sheets.items(), start=1):
            _table(book, name, f"tabell_{number}", rows)
    return out.getvalue()


def _about(release: Release, figures: Sequence[str], lang: str) -> list[tuple[Any, ...]]:
    words = Words(lang)
    as_of = numbers(lang).period(str(release.manifest.get("as_of", ""))[:7])
    name = str(release.manifest.get("municipality", {}).get("name", ""))
    what = words("downloads.readme.what", municipality=name, id=release.id, as_of=as_of)
    lines = [
        (what, release.id),
        (words("downloads.readme.hidden"), words("downloads.readme.missing")),
        (words("downloads.readme.numbers"), words("downloads.readme.protected")),
    ]
    lines += [
        (
            harmless(str(release.figures[figure]["name"][lang])),
            harmless(str(release.figures[figure]["definition"][lang])),
        )
        for figure in figures
    ]
    return lines


def _table(book: Any, name: str, table: str, rows: Rows) -> None:
    sheet = book.add_worksheet(name[:LONGEST_SHEET_NAME])
    bottom, right = max(len(rows.rows), 1), len(rows.head) - 1
    columns = [{"header": head} for head in rows.head]
    data = rows.rows or [tuple("." for _ in rows.head)]
    sheet.add_table(
        0, 0, bottom, right, {"name": table, "columns": columns, "data": data, "style": "Table Style Light 1"}
    )
    sheet.freeze_panes(1, 0)
    for place in range(right + 1):
        longest = max([len(str(row[place])) for row in data[:500]] + [len(rows.head[place])])
        sheet.set_column(place, place, min(longest + 3, WIDEST))


def write_whole(release: Release, kind: str, lang: str) -> bytes:
    """The whole release in one file: parquet, duckdb, csv, or the latest values as xlsx.

    Raises:
        ValueError: no such kind.
    """
    every = list(release.figures)
    if kind == "csv":
        return write_csv(rows_of(release, every, lang), lang)
    if kind == "xlsx":
        sheets = {}
        for theme in release.themes:
            own = [figure for figure in every if release.figures[figure]["theme"] == theme["id"]]
            rows = rows_of(release, own, lang, latest_only=True)
            if rows.rows:
                sheets[str(theme["name"][lang])] = rows
        return write_excel(release, sheets, [figure for figure in every if release.ends(figure)], lang)
    if kind == "parquet":
        out = io.BytesIO()
        pl.concat(release.by_figure.values()).write_parquet(out, compression="zstd")
        return out.getvalue()
    if kind == "duckdb":
        return as_database(release, lang)
    raise ValueError(f"no kind of file {kind!r}")
