"""Sources and unknown files as text for the command line.

Belongs here: `fordel sources`, and what `fordel map` says of each kind of file.
Does not belong here: finding out what is told (listing.py, proposing.py, servers.py), a proposal's own lines (proposed.py).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from pipelines.intake import proposed
from pipelines.intake.files import find, open_file
from pipelines.intake.forms import FORMS
from pipelines.intake.kolada import revisions
from pipelines.intake.lines import table
from pipelines.intake.listing import Standing, standings
from pipelines.intake.proposing import propose
from pipelines.intake.proposing_surveys import is_survey, is_survey_with_texts, propose_survey
from pipelines.intake.reading import Form
from pipelines.intake.reasons import Reason, RefusalError
from pipelines.intake.sandbox import Reader
from pipelines.intake.servers import attempt
from pipelines.intake.template import faults, read_template
from warehouse import clock
from warehouse.contracts import CONTRACTS
from warehouse.settings import Settings
from warehouse.store import Store
from warehouse.texts import Words

# A delivery that usually comes on the same day of the month may be a weekend late.
PATIENCE = timedelta(days=4)


def sources(settings: Settings, store: Store, is_tried: bool, lang: str = "sv") -> tuple[list[str], bool]:
    """The lines of `fordel sources`, and whether everything is well.

    Args:
        settings: with the sources and servers.
        store: the warehouse.
        is_tried: whether connections and folders are tried.
        lang: sv or en.
    """
    words = Words(lang)
    listed = standings(settings, store)
    if not listed:
        return [words("sources.none")], True
    names = ("source", "kind", "contract", "last", "rows", "quarantined", "next", "state")
    head = [words(f"sources.head.{name}") for name in names]
    lines = table(head, [_cells(each, words) for each in listed], numbers=(4, 5))
    todo = list(dict.fromkeys(_todo(listed, words)))
    is_well = not any(each.refused for each in listed)
    if is_tried:
        tried = list(_tried(settings, words))
        is_well = is_well and all(fine for *_, fine in tried)
        heads = [words(f"sources.head.{name}") for name in ("source", "seconds", "answer")]
        lines += ["", words("sources.try.heading")]
        lines += table(
            heads, [(name, f"{seconds:.1f}", said) for name, seconds, said, _ in tried], numbers=(1,)
        )
    lines += ["", words("sources.todo.heading")]
    lines += [f"  - {each}" for each in todo or [words("sources.todo.nothing")]]
    return [*lines, *_revised(store, words)], is_well


def _revised(store: Store, words: Words) -> list[str]:
    """Published values that were other ones at the retrieval before the newest."""
    with store.read() as con:
        newest = revisions(con)
    if newest.is_empty():
        return []
    names = ("figure", "municipality", "year", "gender", "before", "after")
    rows = newest.with_columns(pl.all().cast(pl.String).fill_null("–")).rows()
    head = [words(f"sources.revised.{name}") for name in names]
    return ["", words("sources.revised.heading"), *table(head, rows, numbers=(4, 5))]


def _cells(each: Standing, words: Words) -> tuple[str, ...]:
    def day(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d}" if moment else "–"

    counts = (f"{each.rows:,}".replace(",", "\u00a0"), str(each.quarantined))
    state = (
        words("sources.state.refused", n=str(len(each.refused)))
        if each.refused
        else words(f"sources.state.{_state(each)}")
    )
    return (each.source, each.kind, each.contract, day(each.last), *counts, day(each.next_expected), state)


def _state(each: Standing) -> str:
    if each.last is None:
        return "never"
    expected = each.next_expected
    return "late" if expected and clock.now().replace(tzinfo=None) > expected + PATIENCE else "ok"


def _todo(listed: list[Standing], words: Words) -> Iterator[str]:
    for each in listed:
        for file, reason in each.refused.items():
            yield words("sources.todo.refused", file=file, source=each.source, why=reason[words.lang])
        if _state(each) == "late":
            what = CONTRACTS[each.contract].title[words.lang]
            yield words(
                "sources.todo.late", what=what, source=each.source, day=f"{each.next_expected:%Y-%m-%d}"
            )
    came = {each.source for each in listed if each.last is not None or each.refused}
    for name in dict.fromkeys(each.source for each in listed):
        if name not in came:
            yield words("sources.todo.never", source=name)


def _tried(settings: Settings, words: Words) -> Iterator[tuple[str, float, str, bool]]:
    """Name, seconds, what it answered, and whether that is well."""

    def said(reason: Reason) -> str:
        return reason.sv if words.lang == "sv" else reason.en

    for name, source in settings.sources.items():
        begun = time.monotonic()
        try:
            count = len(find(name, source))
        except RefusalError as refusal:
            yield name, time.monotonic() - begun, said(refusal.reason), False
            continue
        answer = (
            words.count("sources.try.files", count, n=str(count))
            if count
            else words("sources.try.no_match", path=str(source.path), pattern=source.pattern)
        )
        yield name, time.monotonic() - begun, answer, bool(count)
    with Reader() as reader:
        for name, server in settings.servers.items():
            begun = time.monotonic()
            wrong = attempt(name, server, reader)
            yield (
                name,
                time.monotonic() - begun,
                said(wrong) if wrong else words("sources.try.answers"),
                wrong is None,
            )


def mapping(file: Path, contract: str | None, lang: str = "sv") -> tuple[list[str], bool]:
    """The lines of `fordel map`, and whether the file can be taken as it stands.

    A filled-in template and a survey system's export need no mapping: what they need is told instead.

    Args:
        file: an export that nobody has mapped yet.
        contract: which contract; default the one that it looks most like.
        lang: sv or en.

    Raises:
        RefusalError: the file cannot be read.
    """
    words = Words(lang)
    data = open_file(file, file.parent).data
    with Reader() as reader:
        if file.suffix.lower() == ".xlsx" and (told := _template(file, data, reader, words)) is not None:
            return told
        read = reader.read(file.name, data, Form())
    if contract is None and is_survey_with_texts(read):
        return [words("sources.survey.texts", file=file.name)], False
    if contract is None and is_survey(read):
        survey = propose_survey(read, file.stem)
        return list(proposed.survey(survey, file, words)), survey.has_id and bool(survey.items)
    found = propose(read, file.name, contract)
    if found is None:
        return [words("sources.map.nothing", file=file.name)], False
    lines = list(proposed.proposal(found, file, read.frame.height, words))
    return lines, not found.open and found.trouble is None


def _template(file: Path, data: bytes, reader: Reader, words: Words) -> tuple[list[str], bool] | None:
    try:
        rows = read_template(file.name, data, reader)
    except RefusalError as refusal:
        if refusal.reason.id == "no_sheet":
            return None
        raise
    wrong = faults(rows)
    filled = ", ".join(f"{form} {len(rows[form])}" for form in FORMS if rows.get(form))
    lines = [words("sources.template.filled", file=file.name, what=filled or words("sources.template.empty"))]
    lines += [
        "  - "
        + words(
            "sources.template.fault",
            sheet=each.sheet,
            row=str(each.row),
            column=each.label[words.lang],
            why=each.sv if words.lang == "sv" else each.en,
        )
        for each in wrong
    ]
    count = len(wrong)
    lines.append(
        words.count("sources.template.faults", count, n=str(count))
        if wrong
        else words("sources.template.none")
    )
    return lines, not wrong
