"""What is asked of a subject: figures with their periods and breakdowns, and the rows and levels that answer them.

Belongs here: the small pieces of SQL that the cube, its cells and the figures on rows share. Does not belong here: any sum.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from warehouse.key_figures.entries import Catalogue, Figure, Subject

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


# The person's month of birth is enough: at the last day of a month everyone born in it has had the birthday.
AGE = "DATE_DIFF('month', subject.birth_month, DATE_TRUNC('month', wanted_month.period_end)) // 12"


def rows_of(subject: Subject) -> str:
    """The subject's rows of the wanted periods, each with `period`, `period_end` and `age` at its end."""
    age = f"{AGE} AS age," if "birth_month" in subject.columns else ""
    return f"""(
        SELECT wanted_month.period, wanted_month.period_end, {age} subject.*
        FROM {subject.table} AS subject
        INNER JOIN wanted_month ON {_joined(subject)}
    )"""


def place_rows(con: duckdb.DuckDBPyConnection, subject: Subject) -> str:
    """The subject's rows of the wanted periods, told apart by a short `place` instead of the period's name and end.

    Where every period is one month, the month itself is the place, and no row needs to look its period up.

    Returns:
        A relation with `place`, `period_end`, `age` and the subject's columns. The temporary table `placed` tells the period
        (period, period_end) of each place.
    """
    months = con.execute("SELECT period, period_end, month FROM wanted_month ORDER BY month").fetchall()
    single = not subject.period and len({row[0] for row in months}) == len({row[2] for row in months}) == len(
        months
    )
    single = single and all((end.year, end.month) == (month.year, month.month) for _, end, month in months)
    place = "month" if single else "CAST(DENSE_RANK() OVER (ORDER BY period_end, period) AS USMALLINT)"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE placed AS SELECT {place} AS place, period, period_end, month FROM wanted_month"
    )
    has_age = "birth_month" in subject.columns
    if single:
        age = "DATE_DIFF('month', subject.birth_month, subject.month) // 12 AS age," if has_age else ""
        return f"""(
            SELECT subject.month AS place, LAST_DAY(subject.month) AS period_end, {age} subject.*
            FROM {subject.table} AS subject
            WHERE {_within([row[2] for row in months])}
        )"""
    age = f"{AGE} AS age," if has_age else ""
    return f"""(
        SELECT wanted_month.place, wanted_month.period_end, {age} subject.*
        FROM {subject.table} AS subject
        INNER JOIN placed AS wanted_month ON {_joined(subject)}
    )"""


def _within(months: Sequence[date]) -> str:
    """The condition that a row is of one of some months: one comparison where they follow each other."""
    ordinals = [month.year * 12 + month.month for month in months]
    if ordinals and ordinals[-1] - ordinals[0] == len(ordinals) - 1:
        return f"subject.month BETWEEN DATE '{months[0]}' AND DATE '{months[-1]}'"
    return f"subject.month IN ({', '.join(f'DATE {str(month)!r}' for month in months) or 'NULL'})"


def _joined(subject: Subject) -> str:
    if subject.period:
        return f"subject.{subject.period} = wanted_month.period"
    return "subject.month = wanted_month.month"


def label(by: Iterable[str]) -> str:
    """What a breakdown is called."""
    return ",".join(by) or "total"


def stated(figure: Figure) -> str:
    """The columns that every cell of a figure has alike."""
    return f"'{figure.id}' AS figure, {figure.version} AS version"


def one_of(column: str, names: Iterable[str]) -> str:
    """The condition that a column is one of some names."""
    return f"{column} IN ({', '.join(map(quoted, names))})"


def quoted(text: str) -> str:
    """A text as SQL: a round's name may hold an apostrophe."""
    doubled = text.replace("'", "''")
    return f"'{doubled}'"
