"""The ledger: the persons and contributions behind everything that was ever published, and what was decided about it.

Belongs here: keeping them in the restricted zone (`home/ledger`), outside the warehouse file, because they cannot be rebuilt.
Does not belong here: comparing dates (changes.py), deciding (protection.py).

One folder per last day of a period, in it one folder per content: a corrected month adds a folder, it replaces
nothing that was seen. Persons stand under tokens that only this ledger knows. Back it up with the rest of the home folder.
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from warehouse.disk import replace_private, sync, whole

DECIDED = "decided.parquet"
RECORD = "record.json"
START = "start.json"
PIECES = "pieces-"

DECIDED_SCHEMA: dict[str, Any] = {
    "figure": pl.String,
    "period": pl.String,
    "breakdown": pl.String,
    "group": pl.String,
    "is_shown": pl.Boolean,
    "is_known": pl.Boolean,
    "variant": pl.String,
}
"""One row per mask and period: whether it is shown, whether an outsider may know its numbers (shown, or not
proved uncertain), and which variant of the figure was told (`Told.mark`)."""


@dataclass(frozen=True)
class Entry:
    """What was published for one last day, with one content."""

    folder: Path

    @property
    def period_end(self) -> date:
        """The last day."""
        return date.fromisoformat(self.folder.parent.name)

    @property
    def fingerprint(self) -> str:
        """The content."""
        return self.folder.name

    @property
    def decided(self) -> pl.DataFrame:
        """The masks: DECIDED_SCHEMA."""
        found = pl.read_parquet(self.folder / DECIDED)
        # Entries made before variants were kept.
        return found if "variant" in found.columns else found.with_columns(variant=pl.lit(None, pl.String))

    @property
    def record(self) -> dict[str, Any]:
        """The audit's record."""
        found: dict[str, Any] = json.loads((self.folder / RECORD).read_text(encoding="utf-8"))
        return found

    def pieces(self) -> dict[str, pl.DataFrame]:
        """The contributions by source."""
        return {
            path.stem.removeprefix(PIECES).replace("+", ":"): pl.read_parquet(path)
            for path in sorted(self.folder.glob(f"{PIECES}*.parquet"))
        }


class Ledger:
    """The ledger of one home folder."""

    def __init__(self, folder: Path) -> None:
        """Nothing is written before `begin`."""
        self.folder = folder

    def begin(self, anchor: date) -> tuple[date, str]:
        """The month that the calendar is counted from and the salt of the tokens; made on first use.

        Args:
            anchor: the month to count from when this is the first publication.
        """
        file = self.folder / START
        if not file.exists():
            replace_private(file, json.dumps({"anchor": str(anchor), "salt": secrets.token_hex(16)}))
        stated = json.loads(file.read_text(encoding="utf-8"))
        return date.fromisoformat(stated["anchor"]), str(stated["salt"])

    def entries(self) -> dict[tuple[date, str], Entry]:
        """Everything that was ever published, by last day and content."""
        found = (Entry(path.parent) for path in whole(self.folder, f"*/*/{DECIDED}"))
        return {(entry.period_end, entry.fingerprint): entry for entry in found}

    def add(
        self,
        period_end: date,
        fingerprint: str,
        decided: pl.DataFrame,
        record: Mapping[str, Any],
        pieces: Mapping[str, pl.DataFrame],
    ) -> Entry:
        """Enter one last day, whole or not at all."""
        home = self.folder / str(period_end)
        home.mkdir(exist_ok=True, mode=0o700)
        fresh = home / f".{fingerprint}"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        for name, frame in pieces.items():
            frame.write_parquet(fresh / f"{PIECES}{name.replace(':', '+')}.parquet")
        (fresh / RECORD).write_text(json.dumps(record, ensure_ascii=False, indent=1), encoding="utf-8")
        decided.select(list(DECIDED_SCHEMA)).write_parquet(fresh / DECIDED)
        for path in fresh.iterdir():
            path.chmod(0o600)
        # It cannot be made again: on disk before anything is published of it.
        sync(*fresh.iterdir(), fresh)
        fresh.replace(home / fingerprint)
        sync(home, self.folder)
        return Entry(home / fingerprint)
