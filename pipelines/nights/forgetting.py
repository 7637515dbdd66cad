"""Forgetting a person: out of raw deliveries, quarantine, warehouse and ledger, and the proof that nothing is left.

Belongs here: the order of the steps, the search for traces, lifting.
Does not belong here: what is theirs (erasing.py), the marks (pipelines/intake/forgotten.py), building again
(rebuilding.py), the exports themselves, which are the employer's.

The number is never written anywhere: only its pseudonyms are looked for, and they are gone afterwards. Releases hold no
persons. What stays is a mark that leads to nobody, by which intake leaves the person out of an export that is read again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.intake.forgotten import add_marks, lift_marks, read_marks
from pipelines.intake.identities import KEY_BYTES, pseudonyms, read_key, recognise, tidy
from pipelines.nights.erasing import erase, find
from pipelines.nights.rebuilding import rebuild
from pipelines.nights.traces import Trace, export_folders, hold, search
from warehouse.opening import SET_ASIDE, set_aside
from warehouse.settings import Settings
from warehouse.store import Store

FIRST_YEAR, LAST_YEAR = 1995, 2060


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
    keys = read_key(settings)
    numbers = pl.Series(sorted(normal))
    with store.alone():
        theirs = find(settings, set(pseudonyms(numbers, keys)))
        is_marked = bool(read_marks(settings).hold(numbers, 0, keys).any())
        if not theirs.persons and not is_marked:
            raise NobodyError("no delivery knows this person; nothing was changed")
        # Marked first: killed on the way, the same call again goes on, and no night brings the person back meanwhile.
        add_marks(settings, {len(keys) // KEY_BYTES: theirs.pseudonyms, 0: set(theirs.submissions)})
        erased = erase(settings, theirs)
        aside = set_aside(settings, "a person is forgotten")
    rebuild(settings, store, "a person is forgotten", aside)
    # Unlike after damage nothing may be kept: the old files hold the person.
    shutil.rmtree(settings.warehouse.parent / SET_ASIDE, ignore_errors=True)
    written = _ways_to_write(number, normal)
    return Forgotten(
        deliveries=erased.deliveries,
        rows=erased.rows,
        ledger=erased.ledger,
        exports=tuple(hold(_export_files(settings), written)),
        traces=tuple(search(settings, [*sorted(theirs.pseudonyms), *erased.tokens, *written])),
        seconds=time.monotonic() - begun,
    )


def lift(settings: Settings, store: Store, number: str) -> int:
    """Let a forgotten person be taken in again, as when they are employed anew; how many marks were taken away.

    Args:
        settings: the installation.
        store: its warehouse; must not be open in this process.
        number: as for `forget`.

    Raises:
        NobodyError: nobody with this number was forgotten.
    """
    with store.alone():
        lifted = lift_marks(settings, pl.Series(sorted(normal_forms(number))), read_key(settings))
    if not lifted:
        raise NobodyError("nobody with this number was forgotten; nothing was changed")
    return lifted


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


def _export_files(settings: Settings) -> list[Path]:
    """What is or will be read from the employer's folders, and all that the example municipality wrote."""
    found = {path for folder, which in export_folders(settings) for path in folder.rglob(which)}
    return sorted(path for path in found if path.is_file())
