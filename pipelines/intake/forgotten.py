"""Marks of the forgotten: nobody who was forgotten comes back with an old export or an old backup.

Belongs here: making and keeping marks, finding whom they stand for, leaving those rows out.
Does not belong here: forgetting itself (pipelines/nights).

A mark is an HMAC, under a key of its own, of what stood for the person: a pseudonym that had been through so many keys (its
version), or the id of a submission (version 0). It leads to nobody; it only answers whether a number that is held up to
it is one of the forgotten, and to ask that one must have that number, the pseudonym keys and the marks' own key.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from pipelines.intake.identities import (
    KEY_BYTES,
    PSEUDONYM_LENGTH,
    KeyMissingError,
    Known,
    Pseudonyms,
    pseudonyms,
)
from warehouse.contracts import Contract
from warehouse.disk import replace_private
from warehouse.private import demand_private
from warehouse.settings import Settings

KEY_FILE = "forgotten.key"
MARKS_FILE = "forgotten.marks"
SUBMISSION = "submission_id"
# Stands where the pseudonym would, until the row is left out; like every key of nobody it begins with a tilde.
NOBODY = "~forgotten"


@dataclass(frozen=True)
class Marks:
    """The marks of one installation, by the number of keys that what they stand for had been through."""

    own_key: bytes
    by_version: Mapping[int, frozenset[str]]

    def hold(self, values: pl.Series, version: int, keys: bytes) -> pl.Series:
        """Which values stand for somebody who was forgotten.

        Args:
            values: pseudonyms, or numbers in one way of writing (version 0); null = nobody.
            version: how many keys the values have been through.
            keys: the pseudonym keys; those after `version` are needed where somebody was forgotten after a change of keys.

        Raises:
            KeyMissingError: a key that is needed is not there.
        """
        distinct = values.drop_nulls().unique()
        found: set[str] = set()
        for mark_version, marks in self.by_version.items():
            if mark_version < max(version, 1):
                continue  # a submission's, or from before the values' last change of keys, which left them out
            between = keys[version * KEY_BYTES : mark_version * KEY_BYTES]
            if len(between) < (mark_version - version) * KEY_BYTES:
                raise KeyMissingError(
                    "the marks of the forgotten need every pseudonym key, and one is missing"
                )
            through = pseudonyms(distinct, between)
            found |= {
                value
                for value, pseudonym in zip(distinct, through, strict=True)
                if self.mark(pseudonym) in marks
            }
        return values.is_in(list(found)).fill_null(False)

    def hold_submissions(self, ids: pl.Series) -> pl.Series:
        """Which submissions are of somebody who was forgotten."""
        marks = self.by_version.get(0, frozenset())
        distinct = ids.drop_nulls().unique() if marks else ids.clear()
        return ids.is_in([each for each in distinct if self.mark(each) in marks]).fill_null(False)

    def mark(self, value: str) -> str:
        """The mark of one value."""
        return hmac.digest(self.own_key, value.encode(), "sha256").hex()[:PSEUDONYM_LENGTH]


def read_marks(settings: Settings) -> Marks:
    """The marks; before anybody was forgotten there are none.

    Raises:
        KeyMissingError: there are marks, and the key they were made with is gone.
        UnsafeModeError: others may read the key.
    """
    lines = _lines(settings)
    if not lines:
        return Marks(b"", {})
    key = settings.keys / KEY_FILE
    if not key.exists():
        raise KeyMissingError(
            f"{key} is gone: the marks of the forgotten beside it cannot be read; put it back"
        )
    demand_private(key)
    by_version: dict[int, set[str]] = {}
    for _, version, mark in sorted(lines):
        by_version.setdefault(int(version), set()).add(mark)
    own_key = bytes.fromhex(key.read_text(encoding="ascii"))
    return Marks(own_key, {version: frozenset(marks) for version, marks in by_version.items()})


def add_marks(settings: Settings, values: Mapping[int, set[str]]) -> None:
    """Mark what stands for one person, by version; nothing is kept of the values themselves."""
    key = settings.keys / KEY_FILE
    if not key.exists():
        replace_private(key, secrets.token_hex(KEY_BYTES))
    marks = Marks(bytes.fromhex(key.read_text(encoding="ascii")), read_marks(settings).by_version)
    new = {(str(version), marks.mark(value)) for version, each in values.items() for value in each}
    lines, group = _lines(settings), secrets.token_hex(4)
    known = {(version, mark) for _, version, mark in lines}
    _write_lines(settings, lines | {(group, *line) for line in new - known})


def lift_marks(settings: Settings, normal: pl.Series, keys: bytes) -> int:
    """Take away the marks of a person who is to be taken in again, for instance with a new employment; how many there were.

    Args:
        settings: whose marks.
        normal: every form in which intake may have written the number.
        keys: the pseudonym keys.
    """
    marks, lines = read_marks(settings), _lines(settings)
    own = {
        (str(version), marks.mark(value))
        for version in marks.by_version
        for value in pseudonyms(normal, keys[: version * KEY_BYTES])
    }
    # What was marked together is one person, with earlier numbers, employments and submissions.
    groups = {group for group, *line in lines if tuple(line) in own}
    left = {line for line in lines if line[0] not in groups}
    if groups:
        _write_lines(settings, left)
    return len(lines) - len(left)


class People(Pseudonyms):
    """The pseudonym key at work, for everybody but the forgotten."""

    def __init__(self, keys: bytes, marks: Marks) -> None:
        """Nobody is known yet."""
        super().__init__(keys)
        self._keys, self._marks = keys, marks

    def know(self, numbers: pl.Series, year: int, is_own: bool) -> Known:
        """As everybody is known; whoever was forgotten is nobody."""
        known = super().know(numbers, year, is_own)
        if not self._marks.by_version:
            return known
        gone = self._marks.hold(known.normal, 0, self._keys)
        return replace(
            known, key=pl.select(pl.when(gone).then(pl.lit(NOBODY)).otherwise(known.key)).to_series()
        )

    def leave_out(self, frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
        """A delivery's rows without those of the forgotten, as if it had never held them."""
        if not self._marks.by_version:
            return frame
        keys = [pl.col(stored) == NOBODY for stored in contract.identities.values()]
        gone = frame.select(pl.any_horizontal(pl.lit(False), *keys).fill_null(False).alias("gone"))["gone"]
        if SUBMISSION in frame.columns:
            gone |= self._marks.hold_submissions(frame[SUBMISSION].cast(pl.String))
        return frame.filter(~gone)


def _lines(settings: Settings) -> set[tuple[str, str, str]]:
    """The file: a person's group, version, mark. The group ties together what stood for one person, and tells no more."""
    file = settings.keys / MARKS_FILE
    if not file.exists():
        return set()
    found = (line.split() for line in file.read_text(encoding="ascii").splitlines())
    return {(group, version, mark) for group, version, mark in found}


def _write_lines(settings: Settings, lines: set[tuple[str, str, str]]) -> None:
    replace_private(settings.keys / MARKS_FILE, "".join(f"{' '.join(line)}\n" for line in sorted(lines)))
