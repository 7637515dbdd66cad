"""What there is of sources: each with its last delivery, its rows, and when the next is to be expected.

Belongs here: reading the log for people.
Does not belong here: taking deliveries (taking.py), printing (fordel.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

import duckdb

from warehouse.settings import Settings
from warehouse.store import Store

GAPS_LOOKED_AT = 6


@dataclass(frozen=True)
class Standing:
    """How it stands with one source and contract.

    Attributes:
        source: the source's or server's name.
        kind: files, database, limesurvey …
        contract: the contract.
        last: time of the last delivery that was loaded, UTC; None = never.
        rows, quarantined: of that delivery.
        refused: deliveries that stand refused: file name → reason {sv, en}.
        next_expected: the last delivery and the usual time between two; None where there were fewer than two.
    """

    source: str
    kind: str
    contract: str
    last: datetime | None
    rows: int
    quarantined: int
    refused: dict[str, dict[str, str]]
    next_expected: datetime | None


@dataclass(frozen=True)
class Refusal:
    """A delivery that stands refused: where it came from, and why, in both languages."""

    source: str
    contract: str
    file_name: str
    sv: str
    en: str


def refusals(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[Refusal]:
    """The deliveries that were refused and have neither been replaced nor taken away."""
    lines = con.execute(
        """
        SELECT
            refused.source, refused.contract, refused.file_name,
            COALESCE(refused.reason_sv, ''), COALESCE(refused.reason, '')
        FROM log.delivery AS refused
        WHERE
            refused.status = 'refused'
            AND NOT EXISTS (
                SELECT 1
                FROM log.delivery AS later
                WHERE
                    later.status <> 'refused'
                    AND later.contract = refused.contract
                    AND later.source = refused.source
                    AND (
                        (later.file_name = refused.file_name AND later.taken_at >= refused.taken_at)
                        OR (
                            later.delivered_at >= refused.delivered_at
                            AND LEN(refused.months) > 0
                            AND LIST_HAS_ALL(later.months, refused.months)
                        )
                    )
            )
        ORDER BY ALL
        """
    ).fetchall()
    there = {name: source.path for name, source in settings.sources.items()}
    return [
        each
        for each in (Refusal(*line) for line in lines)
        # A file that was taken away is not waited for any more.
        if each.source in settings.servers
        or (each.source in there and (there[each.source] / each.file_name).exists())
    ]


def standings(settings: Settings, store: Store) -> list[Standing]:
    """Every source and server of the settings, contract by contract."""
    places: list[tuple[str, str, str]] = [
        (name, source.kind, source.contract) for name, source in settings.sources.items()
    ]
    places += [
        (name, server.kind, each) for name, server in settings.servers.items() for each in server.contracts
    ]
    with store.read() as con:
        refused = refusals(con, settings)
        return [_standing(con, *place, refused) for place in places]


def _standing(
    con: duckdb.DuckDBPyConnection, source: str, kind: str, contract: str, refused: list[Refusal]
) -> Standing:
    lines = con.execute(
        """
        SELECT delivered_at, rows_loaded, rows_quarantined
        FROM log.delivery
        WHERE source = ? AND contract = ? AND status = 'loaded'
        ORDER BY delivered_at DESC
        """,
        [source, contract],
    ).fetchall()
    last, rows, quarantined = lines[0] if lines else (None, 0, 0)
    times = sorted({line[0] for line in lines})[-GAPS_LOOKED_AT - 1 :]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    expected = last + timedelta(seconds=median(gaps)) if last is not None and gaps else None
    own = {
        each.file_name: {"sv": each.sv, "en": each.en}
        for each in refused
        if (each.source, each.contract) == (source, contract)
    }
    return Standing(source, kind, contract, last, rows, quarantined, own, expected)
