"""What every chart is made from and comes to: rows in, a picture and its table out.

Belongs here: the three shapes that charts and pages pass between them.
Does not belong here: how anything looks.

A row's `written` is what people read; a value that is not shown is None and its text says why (`..`, `-`).
Chart and table are made from the same rows, so a chart cannot say what its table does not; the table may have more rows than the
chart has room for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Row:
    """One group: its name, one value per series (None = not shown), and each as written."""

    label: str
    values: tuple[float | None, ...]
    written: tuple[str, ...]
    n: str = ""
    order: float = 0.0


@dataclass(frozen=True)
class Table:
    """The same as text: the first column names the row. Over time it may have the newest first, where its chart has it last."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_newest_first: bool = False


@dataclass(frozen=True)
class Key:
    """One line of the legend: which mark means what. Marks are the classes beside `.mark` in static/fordel.css."""

    mark: str
    label: str


@dataclass(frozen=True)
class Drawing:
    """A chart as plotly's JSON, its table, and what its marks mean."""

    figure: dict[str, Any]
    table: Table
    keys: tuple[Key, ...] = ()


MOST_HIDDEN = 3


def drawn(rows: Sequence[Row], most: int) -> list[Row]:
    """The rows that a chart has room for, in their order: the largest that are shown, and a few that are not; a table has all."""
    shown = [row for row in rows if any(value is not None for value in row.values)]
    hidden = [row for row in rows if row not in shown]
    kept = sorted(shown, key=lambda row: -row.order)[:most] if len(shown) > most else shown
    kept = kept if len(hidden) > MOST_HIDDEN or len(shown) > most else [*kept, *hidden]
    return [row for row in rows if row in kept]


def by_value(rows: Sequence[Row], series: int = 0) -> list[Row]:
    """Largest first; groups without a shown value last, by name, so that their place tells nothing."""
    shown = sorted(
        (row for row in rows if row.values[series] is not None), key=lambda row: -(row.values[series] or 0.0)
    )
    hidden = sorted((row for row in rows if row.values[series] is None), key=lambda row: row.label)
    return [*shown, *hidden]
