"""Erasing: taking persons out of the raw store and making their tokens in the ledger lead nowhere.

Belongs here: finding every key that stands for a person, what is theirs, erasing it; and erasing again whoever came back
with a backup.
Does not belong here: whom to forget and the proof (forgetting.py), rewriting (rewriting.py), the marks themselves
(pipelines/intake/forgotten.py), building the warehouse again (rebuilding.py).

The warehouse must be held, set aside and built again afterwards.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.intake.edits import FOLDER as EDITS
from pipelines.intake.forgotten import SUBMISSION, read_marks
from pipelines.intake.identities import read_key_version
from pipelines.intake.raw_store import FAULTS, QUARANTINE
from pipelines.nights.rewriting import frames, rewrite
from pipelines.nights.tokens import replace_tokens, tokens
from warehouse.contracts import Contract
from warehouse.disk import replace_json, whole
from warehouse.settings import Settings

PERSON = ("person_key", "previous_person_key")
EMPLOYMENT = "employment_key"


@dataclass(frozen=True)
class Theirs:
    """Every key that stands for some persons: their pseudonyms, their employments, their submissions."""

    persons: frozenset[str] = frozenset()
    employments: frozenset[str] = frozenset()
    submissions: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.persons or self.employments or self.submissions)

    @property
    def pseudonyms(self) -> set[str]:
        """What is marked, and looked for afterwards; a key of a row that belongs to nobody (`~…`) leads to none."""
        return {key for key in self.persons | self.employments if not key.startswith("~")}


@dataclass(frozen=True)
class Erased:
    """What was erased: deliveries rewritten, rows that went by contract, files of the ledger changed, tokens that were there."""

    deliveries: int
    rows: Mapping[str, int]
    ledger: int
    tokens: tuple[str, ...]


def find(settings: Settings, keys: set[str]) -> Theirs:
    """Follow changes of number to all pseudonyms of the persons, and from them to employments and submissions."""
    links: set[tuple[str, str]] = set()
    known: set[str] = set()
    for _, frame in frames(settings):
        if PERSON[1] in frame.columns:
            links |= set(frame.drop_nulls(PERSON).select(PERSON).unique().iter_rows())
        for name in set(PERSON) & set(frame.columns):
            known |= keys & set(frame[name].drop_nulls().unique())
    while more := {each for link in links if known & set(link) for each in link} - known:
        known |= more
    employments: set[str] = set()
    submissions: set[str] = set()
    for _, frame in frames(settings):
        if PERSON[0] not in frame.columns:
            continue
        own = frame.filter(pl.col(PERSON[0]).is_in(list(known)))
        for name, found in ((EMPLOYMENT, employments), (SUBMISSION, submissions)):
            if name in own.columns:
                found |= set(own[name].drop_nulls())
    return Theirs(frozenset(known), frozenset(employments), frozenset(submissions))


def erase(settings: Settings, theirs: Theirs) -> Erased:
    """Erase what is theirs. The ledger first: whoever is killed in between finds the rest by the same keys."""
    rows: dict[str, int] = {}

    def change(
        contract: Contract, stated: Mapping[str, Any], name: str, before: pl.DataFrame
    ) -> pl.DataFrame:
        after = before.filter(~_gone_rows(contract, settings, stated, name, before, theirs))
        if after.height == before.height:
            return before
        if name != FAULTS:
            rows[contract.name] = rows.get(contract.name, 0) + before.height - after.height
        return after

    _erase_edits(settings, theirs)
    known = tokens(settings, sorted(theirs.persons))
    ledger = replace_tokens(settings, {token: secrets.token_hex(len(token) // 2) for token in known})
    return Erased(rewrite(settings, change), rows, ledger, tuple(known))


def _erase_edits(settings: Settings, theirs: Theirs) -> None:
    """Take the person's submissions out of the versions that were seen; who still has them in Kobo is the employer."""
    for file in whole(settings.home / EDITS, "*.json"):
        seen = json.loads(file.read_text(encoding="utf-8"))
        if theirs.submissions & set(seen):
            replace_json(file, {key: each for key, each in seen.items() if key not in theirs.submissions})


def erase_again(settings: Settings, keys: bytes = b"") -> Erased | None:
    """Erase those of the forgotten who came back with a backup; None = nobody did.

    Args:
        settings: whose raw store.
        keys: every pseudonym key, where the raw store has been through fewer of them than the marks.
    """
    marks = read_marks(settings)
    if not marks.by_version:
        return None
    found: dict[str, set[str]] = {name: set() for name in (*PERSON, EMPLOYMENT, SUBMISSION)}
    for _, frame in frames(settings):
        for name in found.keys() & set(frame.columns):
            found[name] |= set(frame[name].drop_nulls().unique())
    version = read_key_version(settings)
    values = {name: pl.Series(sorted(each), dtype=pl.String) for name, each in found.items()}
    persons, previous, employments = (
        set(values[name].filter(marks.hold(values[name], version, keys))) for name in (*PERSON, EMPLOYMENT)
    )
    submissions = set(values[SUBMISSION].filter(marks.hold_submissions(values[SUBMISSION])))
    more = find(settings, persons | previous)
    theirs = Theirs(
        more.persons | persons | previous, more.employments | employments, more.submissions | submissions
    )
    return erase(settings, theirs) if theirs else None


def _is_theirs(frame: pl.DataFrame, theirs: Theirs) -> pl.Series:
    looked_for = {
        PERSON[0]: theirs.persons,
        PERSON[1]: theirs.persons,
        EMPLOYMENT: theirs.employments,
        SUBMISSION: theirs.submissions,
    }
    hits = [
        pl.col(name).is_in(list(keys)).fill_null(False)
        for name, keys in looked_for.items()
        if name in frame.columns and keys
    ]
    if not hits:
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    return frame.select(pl.any_horizontal(hits).alias("hit"))["hit"]


def _gone_rows(
    contract: Contract,
    settings: Settings,
    stated: Mapping[str, Any],
    name: str,
    frame: pl.DataFrame,
    theirs: Theirs,
) -> pl.Series:
    if name != FAULTS:
        return _is_theirs(frame, theirs)
    # Faults name rows, not persons: those of the person's quarantined rows go with them.
    bad = settings.raw / contract.name / str(stated["delivery_id"]) / QUARANTINE
    if not bad.exists():
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    rows = pl.read_parquet(bad)
    return frame["row_number"].is_in(rows.filter(_is_theirs(rows, theirs))["row_number"].to_list())
