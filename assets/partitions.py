"""Months as Dagster partitions.

Belongs here: which months exist, and translating between Dagster's keys and first days of months.
Does not belong here: deciding what must be built again (pipelines).
"""

from __future__ import annotations

from datetime import date

import dagster as dg

from warehouse import clock
from warehouse.settings import Settings

MONTHS_BEFORE_FIRST_DELIVERY = 36


def monthly(settings: Settings, today: date | None = None) -> dg.MonthlyPartitionsDefinition:
    """The months of HR deliveries: from the earliest one in the raw store to the current one."""
    # Without end_offset=1 the current month has no partition until it is over, and it is delivered before that.
    start = first_month(settings, today or clock.today())
    return dg.MonthlyPartitionsDefinition(start_date=start.isoformat(), timezone=clock.ZONE, end_offset=1)


def first_month(settings: Settings, today: date) -> date:
    """The first day of the earliest month, told from names in the raw store so that the warehouse stays unopened."""
    stored = [path.stem for path in settings.raw.glob("*/*/[0-9][0-9][0-9][0-9]-[0-9][0-9].parquet")]
    if settings.example and settings.example.ends:
        usual = _months_before(settings.example.ends, settings.example.months - 1)
    else:
        usual = _months_before(
            today, settings.example.months if settings.example else MONTHS_BEFORE_FIRST_DELIVERY
        )
    return min([usual, *(date.fromisoformat(f"{month}-01") for month in stored)])


def key(month: date) -> str:
    """The partition key of a month."""
    return month.replace(day=1).isoformat()


def wanted(context: dg.AssetExecutionContext) -> set[date] | None:
    """The months that a run was asked for; None = whatever is new."""
    if context.has_partition_key or context.has_partition_key_range:
        return {date.fromisoformat(partition) for partition in context.partition_keys}
    return None


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)
