"""Periods: which ones the deliveries make possible, and what a delivery must hold for a figure to exist in one.

Belongs here: months, Novembers, rolling and calendar years, and the columns that were delivered in each month.
Does not belong here: computing a figure.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import duckdb

from pipelines.core import HR
from warehouse.contracts import CONTRACTS

NOVEMBER = 11
YEAR = 12


@dataclass(frozen=True)
class Window:
    """One period: its name, its last day, and the months it is made of (first days, oldest first)."""

    period: str
    period_end: date
    months: tuple[date, ...]


def windows(kind: str, months: Iterable[date], looks_back: int = 0) -> list[Window]:
    """The periods of one kind for which every month was delivered, oldest first.

    Args:
        kind: month, november, rolling or year.
        months: the delivered months, first days.
        looks_back: with a number of months, a period is made of its last month and the one so long before.

    Raises:
        ValueError: a kind that is not made of months.
    """
    there = sorted(set(months))
    if looks_back:
        before = {_ordinal(month): month for month in there}
        return [
            _window(f"{month:%Y}" if kind == "november" else f"{month:%Y-%m}", (before[earlier], month))
            for month in there
            if (earlier := _ordinal(month) - looks_back) in before
            and (kind != "november" or month.month == NOVEMBER)
        ]
    match kind:
        case "month":
            return [_window(f"{month:%Y-%m}", (month,)) for month in there]
        case "november":
            return [_window(f"{month:%Y}", (month,)) for month in there if month.month == NOVEMBER]
        case "rolling":
            return [_window(f"{year[-1]:%Y-%m}", year) for year in _whole_years(there)]
        case "year":
            return [_window(f"{year[-1]:%Y}", year) for year in _whole_years(there) if year[-1].month == YEAR]
    raise ValueError(f"a period of the kind '{kind}' is not made of months")


def named_windows(con: duckdb.DuckDBPyConnection, named_by: str) -> list[Window]:
    """The periods of subjects that name them: survey rounds, and years of figures that others publish; oldest first.

    Raises:
        ValueError: a column that names no period.
    """
    match named_by:
        case "round_id":
            rounds = con.execute(
                "SELECT round_id, closes_date, month FROM raw.survey_round ORDER BY ALL"
            ).fetchall()
            return [
                Window(name, closes, (month,))
                for name, closes, month in sorted(rounds, key=lambda row: row[1])
            ]
        case "year":
            years = con.execute(
                "SELECT period, MAX(month) FROM raw.external_figure GROUP BY period ORDER BY period"
            ).fetchall()
            return [Window(str(year), date(year, YEAR, 31), (month,)) for year, month in years]
    raise ValueError(f"'{named_by}' names no period")


def _window(period: str, months: tuple[date, ...]) -> Window:
    last = months[-1]
    return Window(period, last.replace(day=calendar.monthrange(last.year, last.month)[1]), months)


def _whole_years(months: Sequence[date]) -> list[tuple[date, ...]]:
    """Every run of twelve delivered months without a gap."""
    found = []
    for last in range(YEAR - 1, len(months)):
        first = months[last - YEAR + 1]
        if _ordinal(months[last]) - _ordinal(first) == YEAR - 1:
            found.append(tuple(months[last - YEAR + 1 : last + 1]))
    return found


def _ordinal(month: date) -> int:
    return month.year * YEAR + month.month


def delivered_columns(con: duckdb.DuckDBPyConnection) -> dict[date, frozenset[str]]:
    """For every month, what has been delivered: columns, less those the mapping says are lacking, and contracts by name.

    Employments and absences are delivered anew for each month. Everything else is an event that stands from its month on.
    """
    found: dict[date, set[str]] = {}
    begun: dict[str, date] = {}
    for contract in CONTRACTS.values():
        if contract.name not in HR:
            (first,) = con.execute(f"SELECT MIN(month) FROM {contract.table}").fetchone() or (None,)
            if first is not None:
                begun[contract.name] = first
                for (month,) in con.execute(f"SELECT DISTINCT month FROM {contract.table}").fetchall():
                    found.setdefault(month, set())
            continue
        rows = con.execute(
            f"""
            SELECT months.month, delivery.missing_columns
            FROM (SELECT DISTINCT month, delivery_id FROM {contract.table}) AS months
            INNER JOIN log.delivery AS delivery
                ON months.delivery_id = delivery.delivery_id AND delivery.status = 'loaded'
            """
        ).fetchall()
        for month, lacking in rows:
            found.setdefault(month, set()).update(set(contract.delivered) - set(lacking or ()))
    for month, names in found.items():
        names.update(name for name, first in begun.items() if first <= month)
    return {month: frozenset(columns) for month, columns in found.items()}


def lacking(
    needs: Iterable[tuple[str, ...]], window: Window, delivered: Mapping[date, frozenset[str]]
) -> list[str]:
    """What the deliveries of a period lack for a figure: the first name of each need that no alternative meets."""
    return sorted(
        {
            alternatives[0]
            for alternatives in needs
            for month in window.months
            if not delivered.get(month, frozenset()).intersection(alternatives)
        }
    )
