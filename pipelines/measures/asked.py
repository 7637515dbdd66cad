"""What is asked of a subject: figures with their periods and breakdowns, and the rows and levels that answer them.

Belongs here: the small pieces of SQL that the cube and the figures on rows share. Does not belong here: any sum.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from warehouse.key_figures.catalogue import Catalogue, Figure, Subject

UNKNOWN = "?"
"""The level of rows whose dimension is not known."""


@dataclass(frozen=True)
class Wanted:
    """A figure, the periods and breakdowns to make of it."""

    figure: Figure
    by: tuple[str, ...]
    periods: tuple[str, ...]


def dimensions_of(found: Catalogue, wanted: Iterable[Wanted]) -> tuple[str, ...]:
    """The dimensions that the rows must tell, in the catalogue's order."""
    used = {name for item in wanted for name in item.by}
    for item in wanted:
        if item.figure.method and item.figure.over:
            used |= {item.figure.over, "sex"}
    return tuple(
        name for name, dimension in found.dimensions.items() if name in used and dimension.sql is not None
    )


def levels_of(found: Catalogue, dimensions: Iterable[str]) -> list[str]:
    """SQL for the level of each dimension; what is not known is a level of its own."""
    return [f"COALESCE({found.dimensions[name].sql}, '{UNKNOWN}') AS d_{name}" for name in dimensions]


def rows_of(subject: Subject) -> str:
    """The subject's rows of the wanted periods, each with `period`, `period_end` and `age` at its end."""
    # The person's month of birth is enough: at the last day of a month everyone born in it has had the birthday.
    age = (
        "DATE_DIFF('month', subject.birth_month, DATE_TRUNC('month', wanted_month.period_end)) // 12 AS age,"
        if "birth_month" in subject.columns
        else ""
    )
    return f"""(
        SELECT wanted_month.period, wanted_month.period_end, {age} subject.*
        FROM {subject.table} AS subject
        INNER JOIN wanted_month
            ON {f"subject.{subject.period} = wanted_month.period" if subject.period else "subject.month = wanted_month.month"}
    )"""


def stated(figure: Figure, item: Wanted) -> str:
    """The columns that every cell of a figure and breakdown has alike."""
    breakdown = ",".join(item.by) or "total"
    return f"'{figure.id}' AS figure, {figure.version} AS version, '{breakdown}' AS breakdown"


def periods_of(item: Wanted) -> str:
    """The condition that a row is of one of the wanted periods."""
    return f"period IN ({', '.join(repr(period) for period in item.periods)})"
