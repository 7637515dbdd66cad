"""Answers in the terminal: what `fordel show` prints, as a table, as CSV and as JSON.

Belongs here: laying out cells for a terminal or another program.
Does not belong here: choosing the cells (warehouse/questions.py), how a number is written (numbers.py).
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from dashboards.numbers import numbers
from warehouse.release import Release
from warehouse.texts import Words

Cells = Sequence[Mapping[str, Any]]

# A table in a pipe must not be cut to eighty columns.
WIDTH_IN_A_PIPE = 200
COUNTED = ("value", "numerator", "denominator", "n")


def print_json(cells: Cells) -> None:
    """One object per cell."""
    print(json.dumps(cells, ensure_ascii=False, indent=1))


def print_csv(release: Release, cells: Cells) -> None:
    """One line per cell, with a column for each dimension of the group."""
    dimensions = _dimensions(release, cells)
    written = csv.writer(sys.stdout, lineterminator="\n")
    written.writerow(["figure", "period", "breakdown", *dimensions, *COUNTED, "status"])
    for cell in cells:
        group = [cell["group"].get(name) for name in dimensions]
        counted = [cell[name] for name in COUNTED]
        written.writerow(
            [cell["figure"], cell["period"], cell["breakdown"], *group, *counted, cell["status"]]
        )


def print_table(release: Release, figure: str, cells: Cells, lang: str) -> None:
    """A table for people, in their language: hidden as `..`, not reported as `-`, with the reason."""
    words, written, stated = Words(lang), numbers(lang), release.figures[figure]
    dimensions = _dimensions(release, cells)
    table = Table(box=None, pad_edge=False)
    for name in dimensions:
        table.add_column(release.dimensions[name]["name"][lang])
    table.add_column(words("console.value"), justify="right")
    table.add_column(words("console.persons"), justify="right")
    for cell in cells:
        labels = [
            release.label(name, cell["group"][name], lang) if name in cell["group"] else ""
            for name in dimensions
        ]
        table.add_row(*labels, written.cell(stated, cell), written.cell(stated, cell, "n"))
    period = cells[0]["period"]
    print(f"{stated['name'][lang]} · {written.period(period) if period else '–'}")
    console = Console(highlight=False)
    console.width = console.width if console.is_terminal else WIDTH_IN_A_PIPE
    console.print(table)
    reason = cells[0].get("reason")
    if reason:
        print(reason[lang])
    print(words("console.source", municipality=release.manifest["municipality"]["name"], release=release.id))


def _dimensions(release: Release, cells: Cells) -> list[str]:
    return [name for name in release.dimensions if any(name in cell["group"] for cell in cells)]
