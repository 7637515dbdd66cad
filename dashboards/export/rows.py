"""Cells as rows of text and numbers: the one form that CSV and Excel are written from.

Belongs here: columns, names of groups, signs for what is not shown, and making text harmless. Does not belong here: file formats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from dashboards.numbers import HIDDEN, NOT_APPLICABLE, NOT_REPORTED
from warehouse.release import NUMBERS, SHOWN, Release
from warehouse.texts import Words

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
SIGNS = (HIDDEN, NOT_APPLICABLE, NOT_REPORTED)

Value = str | float | int


@dataclass(frozen=True)
class Rows:
    """Column headings and rows; no field is empty."""

    head: tuple[str, ...]
    rows: list[tuple[Value, ...]]


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(DANGEROUS) and text not in SIGNS else text


def rows_of(release: Release, figures: Sequence[str], lang: str, *, latest_only: bool = False) -> Rows:
    """The cells of some figures, one row each, in the catalogue's order.

    Args:
        release: cut down to the reader's scope.
        figures: ids; those without cells give no rows.
        lang: of headings and names.
        latest_only: the latest period of each breakdown.
    """
    words = Words(lang)
    cells = [cell for figure in figures for cell in _cells(release, figure, latest_only=latest_only)]
    used = [name for name in release.dimensions if any(cell.get(name) is not None for cell in cells)]
    head = (
        words("downloads.columns.figure"),
        words("downloads.columns.name"),
        words("downloads.columns.unit"),
        words("downloads.columns.period"),
        *[str(release.dimensions[name]["name"][lang]) for name in used],
        *[words(f"downloads.columns.{name}") for name in NUMBERS],
        words("downloads.columns.status"),
    )
    whole = words("downloads.columns.whole")
    made: list[tuple[Value, ...]] = []
    for cell in cells:
        entry = release.figures[cell["figure"]]
        groups = [
            harmless(release.label(name, cell[name], lang)) if cell.get(name) is not None else whole
            for name in used
        ]
        made.append(
            (
                cell["figure"],
                harmless(str(entry["name"][lang])),
                harmless(unit(words, entry)),
                cell["period"],
                *groups,
                *[_number(cell, name) for name in NUMBERS],
                words(f"downloads.status.{cell['status']}"),
            )
        )
    return Rows(head, made)


def unit(words: Words, entry: Mapping[str, Any]) -> str:
    """What a figure is counted in."""
    known = f"downloads.units.{entry['unit']}"
    return words(known) if words.has(known) else str(entry["unit"])


def _cells(release: Release, figure: str, *, latest_only: bool) -> list[dict[str, Any]]:
    cells = release.cells(figure)
    if latest_only and cells.height:
        # Each breakdown moves by its own calendar.
        cells = cells.filter(pl.col("period_end") == pl.col("period_end").max().over("breakdown"))
    return cells.to_dicts()


def _number(cell: Mapping[str, Any], name: str) -> Value:
    if cell["status"] != SHOWN:
        return HIDDEN if cell["status"] == "hidden" else NOT_REPORTED
    value = cell[name]
    if value is None:
        return NOT_APPLICABLE
    return int(value) if float(value).is_integer() else float(value)
