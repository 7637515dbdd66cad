"""The audit's record: what was hidden, why, and how far what is hidden can be guessed, without a single value.

Belongs here: counting, for each last day and for a whole release, cells by status and reason, and the narrowest intervals.
Does not belong here: deciding anything (gate.py), and the words (record_page.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from pipelines.disclosure.calendar import rules
from pipelines.disclosure.changes import UNCHANGED
from pipelines.disclosure.primary import RULES
from pipelines.disclosure.protection import Protected
from pipelines.disclosure.union import Key, Union
from warehouse.key_figures.entries import Catalogue
from warehouse.release import HIDDEN, MISSING, SHOWN


def of(
    end: date,
    fingerprint: str,
    union: Union,
    protected: Protected,
    cells: pl.DataFrame,
    found: Catalogue,
    unsafe: Mapping[Key, Sequence[str]],
    seconds: float,
) -> dict[str, Any]:
    """The record of one last day.

    Args:
        end: the last day.
        fingerprint: the content that was audited.
        union: the tables.
        protected: what was decided, and the verdict.
        cells: the judged cells.
        found: the catalogue.
        unsafe: masks that earlier dates forbid, with the columns in which too few have changed, as `Timeline.unsafe` gives them.
        seconds: how long protecting and auditing took.

    Returns:
        Counts only: `tables` has one entry per protection class, figure and breakdown with the numbers of groups shown, hidden by
        the rules themselves (`small`), because of a change (`changed`), and to protect others (`beside`).
    """
    tables: dict[tuple[str, str, str], dict[str, int]] = {}
    small = _small(cells)
    for key, is_shown in zip(union.keys, protected.shown, strict=True):
        name = (found.figures[key.figure].protection, key.figure, key.breakdown)
        counts = tables.setdefault(name, {"shown": 0, "small": 0, "changed": 0, "beside": 0})
        if is_shown:
            counts["shown"] += 1
        elif (key.figure, key.breakdown, key.group) in small:
            counts["small"] += 1
        else:
            counts["changed" if set(unsafe.get(key, ())) - {UNCHANGED} else "beside"] += 1
    return {
        "period_end": str(end),
        "fingerprint": fingerprint,
        "passed": protected.verdict.passed,
        "tables": [
            {"protection": name[0], "figure": name[1], "breakdown": name[2], **counts}
            for name, counts in sorted(tables.items())
        ],
        "secrets": len(protected.verdict.intervals),
        "derivable": len(protected.verdict.derivable),
        "narrowest_persons": _narrowest(union, protected, is_count=True),
        "narrowest_sums_percent": _narrowest(union, protected, is_count=False),
        "repaired": protected.repaired,
        "not_understood": sorted(union.not_understood),
        "seconds": round(seconds, 2),
    }


def _small(cells: pl.DataFrame) -> set[tuple[str, str, str]]:
    """Groups that the rules hide by themselves."""
    return set(cells.filter(pl.col("_hide")).select("figure", "breakdown", "_siblings").iter_rows())


def _narrowest(union: Union, protected: Protected, is_count: bool) -> float | None:
    """The smallest width of an interval: persons, or percent of the sum."""
    population = union.population
    values = population.values
    widths = []
    for line, interval in protected.verdict.intervals.items():
        inner = population.lines[[line]].indices
        if bool(population.is_count[inner].all()) != is_count:
            continue
        whole = np.floor(interval.high + 1e-6) - np.ceil(interval.low - 1e-6)
        widths.append(
            whole if is_count else 100.0 * interval.width / abs(values[line]) if values[line] else 0.0
        )
    return round(float(min(widths)), 1) if widths else None


def document(records: Sequence[Mapping[str, Any]], anchor: date, cells: pl.DataFrame) -> dict[str, Any]:
    """`audit.json`: what a data-protection officer needs to judge a release, without a value.

    Why a group is hidden stays in the ledger: where all that are hidden in a table are small, the reason would tell that none
    of them is larger, and make their intervals narrower than the rules allow.

    Args:
        records: one for each last day, oldest first.
        anchor: the day that the calendar is counted from.
        cells: the cells that are published, to count them by status.

    Returns:
        rules and calendar as they were applied; `passed`; cells by status; secrets, those derivable, the narrowest intervals;
        `classes` (groups shown and hidden by class and breakdown over all dates) and `dates` (the same by table).
    """
    counts = dict(cells.group_by("status").len().iter_rows())
    return {
        "passed": all(one["passed"] for one in records),
        "rules": {
            protection: {"smallest": rule.smallest, "is_broken_down": rule.is_broken_down}
            for protection, rule in RULES.items()
        },
        "calendar": {"counted_from": str(anchor), "lines": rules()},
        "cells": {status: int(counts.get(status, 0)) for status in (SHOWN, HIDDEN, MISSING)},
        "secrets": sum(one["secrets"] for one in records),
        "derivable": sum(one["derivable"] for one in records),
        "seconds": round(sum(one["seconds"] for one in records), 1),
        **{
            name: min((one[name] for one in records if one[name] is not None), default=None)
            for name in ("narrowest_persons", "narrowest_sums_percent")
        },
        "classes": [
            {name: line[name] for name in ("protection", "breakdown")} | _told(line)
            for line in totals(records)
        ],
        "dates": [_date(one) for one in records],
    }


def _date(record: Mapping[str, Any]) -> dict[str, Any]:
    tables = [
        {name: table[name] for name in ("protection", "figure", "breakdown")} | _told(table)
        for table in record["tables"]
    ]
    kept = ("period_end", "fingerprint", "passed", "not_understood", "seconds")
    return {**{name: record[name] for name in kept}, "tables": tables}


def _told(counts: Mapping[str, int]) -> dict[str, int]:
    """Groups shown and hidden, without why."""
    return {SHOWN: counts["shown"], HIDDEN: counts["small"] + counts["changed"] + counts["beside"]}


def totals(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Groups by protection class and breakdown, with the percent shown of those that are not small."""
    sums: dict[tuple[str, str], dict[str, int]] = {}
    for one in records:
        for table in one["tables"]:
            own = sums.setdefault((table["protection"], table["breakdown"]), dict.fromkeys(_COUNTS, 0))
            for name in _COUNTS:
                own[name] += table[name]
    return [
        {
            "protection": protection,
            "breakdown": breakdown,
            **counts,
            "visible_share": visible_share(counts),
        }
        for (protection, breakdown), counts in sorted(sums.items())
    ]


_COUNTS = ("shown", "small", "changed", "beside")


def visible_share(counts: Mapping[str, int]) -> float | None:
    """Percent shown of the groups that are not small by themselves; None where all are."""
    large = counts["shown"] + counts["changed"] + counts["beside"]
    return round(100.0 * counts["shown"] / large, 1) if large else None
