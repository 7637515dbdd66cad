"""Forgetting a person: out of raw deliveries, quarantine, warehouse and ledger, and the proof that nothing is left.

Belongs here: finding every key that stands for the person, what is theirs, the search for traces.
Does not belong here: rewriting (rewriting.py), building again (rebuilding.py), the exports themselves, which are the
employer's.

The number is never written anywhere: only its pseudonyms are looked for, and they are gone afterwards. Releases hold no
persons. An export that still lies in a source's folder is named: as long as it holds the person, delivering it again
would bring them back.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.intake.identities import Pseudonyms, read_key, recognise, tidy
from pipelines.intake.raw_store import FAULTS, QUARANTINE
from pipelines.nights.rebuilding import rebuild
from pipelines.nights.rewriting import frames, rewrite
from pipelines.nights.tokens import replace_tokens, tokens
from pipelines.nights.traces import Trace, hold, search
from warehouse.contracts import Contract
from warehouse.opening import SET_ASIDE, set_aside
from warehouse.settings import Settings
from warehouse.store import Store

FIRST_YEAR, LAST_YEAR = 1995, 2060
PERSON = ("person_key", "previous_person_key")


@dataclass(frozen=True)
class Forgotten:
    """What forgetting came to.

    Attributes:
        deliveries: raw deliveries that were rewritten.
        rows: rows that went, by contract.
        ledger: files of the ledger in which the person's token was replaced.
        exports: files in the sources' folders that still hold the number; they are the employer's to mend.
        traces: what was found in the home folder afterwards; empty = nothing.
        seconds: time it took.
    """

    deliveries: int
    rows: Mapping[str, int]
    ledger: int
    exports: tuple[Path, ...]
    traces: tuple[Trace, ...]
    seconds: float


class NobodyError(LookupError):
    """No delivery knows this person."""


@dataclass(frozen=True)
class Theirs:
    """Every key that stands for the person: their pseudonyms, their employments, their submissions."""

    persons: frozenset[str]
    employments: frozenset[str]
    submissions: frozenset[str]

    @property
    def all(self) -> list[str]:
        """Pseudonyms, to be looked for afterwards."""
        return sorted(self.persons | self.employments)


def forget(settings: Settings, store: Store, number: str) -> Forgotten:
    """Forget a person.

    Args:
        settings: the installation.
        store: its warehouse; must not be open in this process.
        number: personnummer or the employer's own number, however it is written.

    Raises:
        NobodyError: no delivery knows the person.
        KeyMissingError: there is no pseudonym key.
        StoreBusyError: another run holds the warehouse.
    """
    begun = time.monotonic()
    normal = normal_forms(number)
    keys = set(Pseudonyms(read_key(settings)).hash(pl.Series(sorted(normal))))
    rows: dict[str, int] = {}
    with store.alone():
        theirs = _theirs(settings, keys)
        if not theirs.persons:
            raise NobodyError("no delivery knows this person; nothing was changed")

        def change(
            contract: Contract, stated: Mapping[str, Any], name: str, before: pl.DataFrame
        ) -> pl.DataFrame:
            gone = _gone_rows(contract, settings, stated, name, before, theirs)
            after = before.filter(~gone)
            if after.height == before.height:
                return before
            if name != FAULTS:
                rows[contract.name] = rows.get(contract.name, 0) + before.height - after.height
            return after

        deliveries = rewrite(settings, change)
        known = tokens(settings, sorted(theirs.persons))
        ledger = replace_tokens(settings, {token: secrets.token_hex(len(token) // 2) for token in known})
        set_aside(settings, "a person is forgotten")
    rebuild(settings, store, "a person is forgotten")
    # Unlike after damage nothing may be kept: the old files hold the person.
    shutil.rmtree(settings.warehouse.parent / SET_ASIDE, ignore_errors=True)
    written = _ways_to_write(number, normal)
    return Forgotten(
        deliveries=deliveries,
        rows=rows,
        ledger=ledger,
        exports=tuple(hold(_export_files(settings), written)),
        traces=tuple(search(settings, [*theirs.all, *known, *written])),
        seconds=time.monotonic() - begun,
    )


def normal_forms(number: str) -> set[str]:
    """Every form in which intake may have written the number: ten digits belong to another century in another year."""
    series = pl.Series([number.strip()])
    forms = {pl.DataFrame({"n": series}).select(tidy(pl.col("n"))).item()}
    for year in range(FIRST_YEAR, LAST_YEAR + 1, 5):
        forms |= set(recognise(series, year)["normal"])
    return {form for form in forms if form}


def _ways_to_write(number: str, normal: set[str]) -> list[str]:
    """How exports write it: with and without century and hyphen."""
    ways = {number.strip(), *normal}
    for form in normal:
        if len(form) == 12:
            ways |= {form[2:], f"{form[:8]}-{form[8:]}", f"{form[2:8]}-{form[8:]}"}
    return sorted(way for way in ways if len(way) >= 6)


def _theirs(settings: Settings, keys: set[str]) -> Theirs:
    """Follow changes of number to all pseudonyms of the person, and from them to employments and submissions."""
    links: set[tuple[str, str]] = set()
    known: set[str] = set()
    for _, frame in frames(settings):
        if "previous_person_key" in frame.columns:
            changed = frame.drop_nulls(["person_key", "previous_person_key"])
            links |= set(changed.select(PERSON).unique().iter_rows())
        for name in set(PERSON) & set(frame.columns):
            known |= keys & set(frame[name].drop_nulls().unique())
    while more := {each for link in links if known & set(link) for each in link} - known:
        known |= more
    employments: set[str] = set()
    submissions: set[str] = set()
    for _, frame in frames(settings):
        if "person_key" not in frame.columns:
            continue
        own = frame.filter(pl.col("person_key").is_in(list(known)))
        for name, found in (("employment_key", employments), ("submission_id", submissions)):
            if name in own.columns:
                found |= set(own[name].drop_nulls())
    return Theirs(frozenset(known), frozenset(employments), frozenset(submissions))


def _is_theirs(frame: pl.DataFrame, theirs: Theirs) -> pl.Series:
    looked_for = {
        "person_key": theirs.persons,
        "previous_person_key": theirs.persons,
        "employment_key": theirs.employments,
        "submission_id": theirs.submissions,
    }
    hits = [
        pl.col(name).is_in(list(keys)).fill_null(False)
        for name, keys in looked_for.items()
        if name in frame.columns and keys
    ]
    return frame.select(
        (pl.any_horizontal(hits) if hits else pl.lit(False)).alias("hit")
        if frame.width
        else pl.lit(False).alias("hit")
    )["hit"]


def _gone_rows(
    contract: Contract,
    settings: Settings,
    stated: Mapping[str, Any],
    name: str,
    frame: pl.DataFrame,
    theirs: Theirs,
) -> pl.Series:
    if name != FAULTS:
        hits = _is_theirs(frame, theirs)
        return hits if len(hits) == frame.height else pl.Series([False] * frame.height)
    # Faults name rows, not persons: those of the person's quarantined rows go with them.
    bad = settings.raw / contract.name / str(stated["delivery_id"]) / QUARANTINE
    if not bad.exists():
        return pl.Series([False] * frame.height, dtype=pl.Boolean)
    rows = pl.read_parquet(bad)
    return frame["row_number"].is_in(rows.filter(_is_theirs(rows, theirs))["row_number"].to_list())


def _export_files(settings: Settings) -> list[Path]:
    """The employer's exports: what the sources read, and all that the example municipality wrote."""
    delivered = {
        path
        for source in settings.sources.values()
        if source.path.is_dir()
        for path in source.path.glob(source.pattern)
    }
    return sorted(path for path in {*delivered, *settings.example_files.rglob("*")} if path.is_file())
