"""Changing the pseudonym key: every pseudonym goes through one more key, and intake keeps them all.

Belongs here: the order of the steps, and going on where a killed change stopped.
Does not belong here: the keys themselves (pipelines/intake/identities.py), rewriting (rewriting.py).

New pseudonym = HMAC(new key, old pseudonym): the numbers are not needed, and months stay linked. Whoever
had learnt pseudonyms or the old key alone can follow nobody any more. In this order: the new key is
written beside the old; the raw store and the number of keys it has been through change in one step; the new key file takes
its place. In between intake refuses to run.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.intake.identities import (
    KEY_BYTES,
    KeyMissingError,
    key_file,
    pseudonyms,
    read_key_version,
    stated_keys,
)
from pipelines.nights.erasing import erase_again
from pipelines.nights.rebuilding import rebuild
from pipelines.nights.rewriting import frames, rewrite
from pipelines.nights.tokens import replace_tokens, tokens
from warehouse.contracts import Contract
from warehouse.disk import replace_private
from warehouse.opening import SET_ASIDE, set_aside
from warehouse.settings import Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Rekeyed:
    """What changing the key came to: the keys there are now, deliveries rewritten, files of the ledger changed, seconds."""

    keys: int
    deliveries: int
    ledger: int
    seconds: float


def rekey(settings: Settings, store: Store) -> Rekeyed:
    """Put every pseudonym through a new key.

    Where the keys are in the environment, the operator has added the new one there (FORDEL_KEY="old,new"); else it is made here.

    Raises:
        KeyMissingError: there is no old key, or the environment has no new one.
        StoreBusyError: another run holds the warehouse.
    """
    begun = time.monotonic()
    with store.alone():
        version = read_key_version(settings)
        keys = _all_keys(settings, version)
        # A raw store from a backup has been through fewer keys than the marks: only here can they still be compared.
        erase_again(settings, keys)
        added = keys[version * KEY_BYTES :]
        deliveries = ledger = 0
        if added:
            # The ledger first: killed before the raw store has changed, the same call finds the rest of its tokens by
            # their old names.
            old = sorted(_persons(settings))
            new = pseudonyms(pl.Series(old, dtype=pl.String), added).to_list()
            ledger = replace_tokens(
                settings, dict(zip(tokens(settings, old), tokens(settings, new), strict=True))
            )

            def change(contract: Contract, _: Mapping[str, Any], __: str, rows: pl.DataFrame) -> pl.DataFrame:
                columns = [name for name in contract.identities.values() if name in rows.columns]
                return rows.with_columns(_rekeyed(rows[name], added) for name in columns) if columns else rows

            deliveries = rewrite(settings, change, key_version=len(keys) // KEY_BYTES)
        _take_into_use(settings)
        aside = set_aside(settings, "the pseudonym key was changed")
    rebuild(settings, store, "the pseudonym key was changed", aside)
    shutil.rmtree(settings.warehouse.parent / SET_ASIDE, ignore_errors=True)
    return Rekeyed(len(keys) // KEY_BYTES, deliveries, ledger, time.monotonic() - begun)


def _persons(settings: Settings) -> set[str]:
    """Everybody who can be followed."""
    found: set[str] = set()
    for _, frame in frames(settings):
        if "person_key" in frame.columns:
            found |= set(frame["person_key"].drop_nulls().unique())
    return {key for key in found if not key.startswith("~")}


def _rekeyed(column: pl.Series, added: bytes) -> pl.Series:
    """A column of pseudonyms through further keys; who cannot be followed (`~…`) has none."""
    distinct = column.drop_nulls().unique()
    distinct = distinct.filter(~distinct.str.starts_with("~"))
    return column.replace(dict(zip(distinct, pseudonyms(distinct, added), strict=True)))


def _all_keys(settings: Settings, version: int) -> bytes:
    """The old keys and a new one; of a change that was stopped, the same new one again."""
    keys = stated_keys(settings)
    if os.environ.get("FORDEL_KEY"):
        if len(keys) <= version * KEY_BYTES:
            raise KeyMissingError(
                'the keys are in the environment: add the new one first, FORDEL_KEY="<old>,<new>" (openssl rand -hex 32)'
            )
        return keys
    fresh = _fresh_file(settings)
    if fresh.exists():
        return b"".join(bytes.fromhex(line) for line in fresh.read_text(encoding="ascii").split())
    if len(keys) > version * KEY_BYTES:
        return keys
    keys += secrets.token_bytes(KEY_BYTES)
    places = range(0, len(keys), KEY_BYTES)
    replace_private(fresh, "".join(f"{keys[place : place + KEY_BYTES].hex()}\n" for place in places))
    return keys


def _fresh_file(settings: Settings) -> Path:
    return key_file(settings).with_name(f"{key_file(settings).name}.next")


def _take_into_use(settings: Settings) -> None:
    fresh = _fresh_file(settings)
    if fresh.exists() and not os.environ.get("FORDEL_KEY"):
        fresh.replace(key_file(settings))
