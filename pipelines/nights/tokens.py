"""The ledger's tokens: giving persons other ones.

Belongs here: which token a pseudonym has in `home/ledger`, and replacing tokens in what was entered.
Does not belong here: entering and deciding (pipelines/disclosure).
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from warehouse.disk import sync, whole
from warehouse.settings import Settings

LENGTH = 16


def tokens(settings: Settings, pseudonyms: list[str]) -> list[str]:
    """The ledger's tokens of these persons; none before there is a ledger."""
    start = settings.home / "ledger" / "start.json"
    if not start.exists():
        return []
    salt = json.loads(start.read_text(encoding="utf-8"))["salt"]
    return [hashlib.sha256(f"{salt}{key}".encode()).hexdigest()[:LENGTH] for key in pseudonyms]


def replace_tokens(settings: Settings, new: Mapping[str, str]) -> int:
    """Give persons other tokens wherever the ledger has them; how many files held one of them.

    The warehouse must be held: what a killed publication left is swept.
    Each file is replaced in one rename. Killed in between, the same call again goes on: a token that is gone is not found.
    """
    changed = 0
    ledger = settings.home / "ledger"
    for left in ledger.glob("*/.*"):
        # A killed publication's half entry; nothing would find the tokens in it again.
        shutil.rmtree(left)
    for path in whole(ledger, "*/*/pieces-*.parquet"):
        pieces = pl.read_parquet(path)
        if "who" in pieces.columns and not pieces.filter(pl.col("who").is_in(list(new))).is_empty():
            _replace(path, pieces.with_columns(pl.col("who").replace(dict(new))))
            changed += 1
    return changed


def _replace(path: Path, pieces: pl.DataFrame) -> None:
    fresh = path.with_name(f".{path.name}")
    pieces.write_parquet(fresh, compression="zstd")
    fresh.chmod(0o600)
    sync(fresh)
    fresh.replace(path)
    sync(path.parent)
