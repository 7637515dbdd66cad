"""What there is of sources: each with its last delivery, its rows, and when the next is to be expected.

Belongs here: reading the log for people.
Does not belong here: taking deliveries (taking.py), printing (fordel.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

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


def standings(settings: Settings, store: Store) -> list[Standing]:
    """Every source and server of the settings, contract by contract."""
    places: list[tuple[str, str, str]] = [
        (name, source.kind, source.contract) for name, source in settings.sources.items()
    ]
    places += [
        (name, server.kind, each) for name, server in settings.servers.items() for each in server.contracts
    ]
    with store.read() as con:
        return [_standing(con, *place) for place in places]


def _standing(con: object, source: str, kind: str, contract: str) -> Standing:
    lines = con.execute(  # type: ignore[attr-defined]
        """
        SELECT delivered_at, rows_loaded, rows_quarantined, status, file_name, reason_sv, reason
        FROM log.delivery
        WHERE source = ? AND contract = ?
        ORDER BY delivered_at DESC
        """,
        [source, contract],
    ).fetchall()
    loaded = [line for line in lines if line[3] == "loaded"]
    last, rows, quarantined = loaded[0][:3] if loaded else (None, 0, 0)
    times = sorted({line[0] for line in loaded})[-GAPS_LOOKED_AT - 1 :]
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    expected = last + timedelta(seconds=median(gaps)) if last is not None and gaps else None
    # A file that came again, and was taken, is not refused any more.
    taken = {line[4] for line in lines if line[3] != "refused"}
    refused = {
        line[4]: {"sv": line[5], "en": line[6]}
        for line in lines
        if line[3] == "refused" and line[4] not in taken
    }
    return Standing(source, kind, contract, last, rows, quarantined, refused, expected)
