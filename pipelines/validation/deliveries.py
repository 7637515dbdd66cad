"""Judging a delivery as a whole, before it touches anything.

Belongs here: right period, size like the month before, and the share of bad rows that refuses a delivery.
Does not belong here: rules of single rows (the contract), plausibility (expectations.py), reading (pipelines/intake).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import polars as pl

from pipelines.intake.reasons import RefusalError
from pipelines.validation.quarantine import Sifted
from warehouse.contracts import Contract
from warehouse.settings import Settings

EARLIEST = date(1970, 1, 1)
REFERENCE_MONTHS = 12


def judge_period(months: list[date], today: date) -> None:
    """Refuse a delivery for a month that has not begun, or that cannot be meant.

    Args:
        months: first days of the months delivered.
        today: the day of the run.

    Raises:
        RefusalError: future_month or ancient_month.
    """
    for month in months:
        if month > today:
            raise RefusalError("future_month", month=f"{month:%Y-%m}")
        if month < EARLIEST:
            raise RefusalError("ancient_month", month=f"{month:%Y-%m}")


class SizeLimit(NamedTuple):
    """Percent by which a month may differ from the one before it, and what to change where that is too little."""

    percent: float
    setting: str


def size_limit(contract: Contract, name: str, settings: Settings) -> SizeLimit:
    """The source's own limit, the contract's, or the settings'; `name` is the source's or the server's."""
    source = settings.sources.get(name)
    own = f"sources.{name}.size_change_share"
    if source is not None and source.size_change_share is not None:
        return SizeLimit(source.size_change_share, own)
    if contract.size_change_share:
        of_contract = f"{contract.name}.size_change_share (warehouse/contracts)"
        return SizeLimit(contract.size_change_share, of_contract if source is None else own)
    return SizeLimit(settings.judgement.size_change_share, "judgement.size_change_share")


def reference(month: date, known: Mapping[date, int]) -> tuple[date, int] | None:
    """The nearest earlier month within a year, and its rows; None = nothing to compare with."""
    earlier = [
        other for other in known if other < month and _months_between(other, month) <= REFERENCE_MONTHS
    ]
    return (max(earlier), known[max(earlier)]) if earlier else None


def judge_size(rows: Mapping[date, int], known: Mapping[date, int], limit: SizeLimit) -> None:
    """Refuse a month whose rows differ too much from the month before it.

    The difference is told in percent of the larger of the two, so that half and double are equally far.

    Args:
        rows: rows per month of the delivery.
        known: rows per month in the warehouse.
        limit: of the difference.

    Raises:
        RefusalError: size.
    """
    together = {**known, **rows}
    for month in sorted(rows):
        before = reference(month, together)
        if before is None:
            continue
        larger = max(rows[month], before[1])
        if larger and 100 * abs(rows[month] - before[1]) / larger > limit.percent:
            raise RefusalError(
                "size",
                month=f"{month:%Y-%m}",
                rows=rows[month],
                before=before[1],
                reference=f"{before[0]:%Y-%m}",
                limit=f"{limit.percent:g}",
                setting=limit.setting,
            )


def judge_rows(sifted: Sifted, limit: float) -> None:
    """Refuse a delivery with too large a share of bad rows.

    Args:
        sifted: the rows.
        limit: percent of the rows delivered.

    Raises:
        RefusalError: bad_rows, with the most common rule and one example row.
    """
    bad, rows = sifted.bad.height, sifted.bad.height + sifted.good.height
    if not bad or (100 * bad / rows <= limit and sifted.good.height):
        return
    common = (
        sifted.faults.group_by("rule", "column_name")
        .agg(pl.len().alias("count"), pl.col("row_number").min().alias("example"))
        .sort("count", "rule", "column_name", descending=[True, False, False])
        .row(0, named=True)
    )
    raise RefusalError(
        "bad_rows",
        bad=bad,
        rows=rows,
        limit=f"{limit:g}",
        rule=common["rule"],
        column=common["column_name"],
        count=common["count"],
        example=common["example"],
    )


def _months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
