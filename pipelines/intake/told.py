"""Sources and proposals as text for the command line.

Belongs here: `fordel sources` and `fordel map`, as lines.
Does not belong here: finding out what is told (listing.py, proposing.py, servers.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pipelines.intake.files import find, open_file
from pipelines.intake.forms import FORMS
from pipelines.intake.listing import Standing, standings
from pipelines.intake.proposing import propose
from pipelines.intake.reading import Form
from pipelines.intake.reasons import RefusalError
from pipelines.intake.sandbox import Reader
from pipelines.intake.servers import attempt
from pipelines.intake.template import faults, read_template
from warehouse.settings import Settings
from warehouse.store import Store

WIDTHS = (22, 18, 24, 17, 10, 11, 9, 17)
HEADS = ("source", "kind", "contract", "last delivery", "rows", "quarantined", "refused", "next expected")


def sources(settings: Settings, store: Store, is_tried: bool) -> tuple[list[str], bool]:
    """The lines of `fordel sources`, and whether everything is well.

    Args:
        settings: with the sources and servers.
        store: the warehouse.
        is_tried: whether connections and folders are tried.
    """
    listed = standings(settings, store)
    if not listed:
        return [
            "There are no sources: add them under sources or servers in the settings (docs/sources.md)."
        ], True
    lines = [_line(HEADS), *(_line(_cells(each)) for each in listed)]
    if not is_tried:
        return lines, True
    tried = dict(_tried(settings))
    lines += ["", *(f"{name}: {'answers' if wrong is None else wrong}" for name, wrong in tried.items())]
    return lines, not any(tried.values())


def _line(cells: tuple[str, ...]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True)).rstrip()


def _cells(each: Standing) -> tuple[str, ...]:
    def when(moment: datetime | None) -> str:
        return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"

    counts = (str(each.rows), str(each.quarantined), str(each.refused))
    return (each.source, each.kind, each.contract, when(each.last), *counts, when(each.next_expected))


def _tried(settings: Settings) -> Iterator[tuple[str, str | None]]:
    for name, source in settings.sources.items():
        try:
            found = len(find(name, source))
            yield name, None if found else f"no file in {source.path} matches {source.pattern}"
        except RefusalError as refusal:
            yield name, refusal.reason.en
    with Reader() as reader:
        for name, server in settings.servers.items():
            wrong = attempt(name, server, reader)
            yield name, wrong.en if wrong else None


def mapping(file: Path, contract: str | None) -> tuple[list[str], bool]:
    """The lines of `fordel map`, and whether the file can be taken as it stands.

    A filled-in template needs no mapping: what is wrong in it is told instead.

    Args:
        file: an export that nobody has mapped yet.
        contract: which contract; default the one that it looks most like.

    Raises:
        RefusalError: the file cannot be read.
    """
    data = open_file(file, file.parent).data
    with Reader() as reader:
        if file.suffix.lower() == ".xlsx" and (told := _template(file, data, reader)) is not None:
            return told
        table = reader.read(file.name, data, Form())
    proposal = propose(table, file.name, contract)
    lines = [
        f"# {file.name} looks like {proposal.contract}. Check every line; '?' must be filled in.",
        proposal.yaml().rstrip(),
    ]
    if proposal.lacking:
        lines.append(f"# Not found, and cannot be done without: {', '.join(proposal.lacking)}")
    if proposal.unknown:
        lines.append(f"# Headings that nothing was made of: {', '.join(proposal.unknown)}")
    if proposal.trouble:
        lines.append(f"# Cannot be carried out yet: {proposal.trouble}")
    if proposal.rows is not None:
        lines += ["", "# The first rows, without identities:", proposal.rows.write_csv().rstrip()]
    return lines, not proposal.lacking and proposal.trouble is None


def _template(file: Path, data: bytes, reader: Reader) -> tuple[list[str], bool] | None:
    try:
        rows = read_template(file.name, data, reader)
    except RefusalError as refusal:
        if refusal.reason.id == "no_sheet":
            return None
        raise
    wrong = faults(rows)
    filled = ", ".join(f"{len(rows[form])} {form}" for form in FORMS if rows.get(form))
    lines = [f"{file.name} is a filled-in template: {filled or 'nothing in it'}."]
    lines += [f"  {each.sheet}, row {each.row}, {each.column}: {each.en} / {each.sv}" for each in wrong]
    return [*lines, f"{len(wrong)} faults." if wrong else "No faults."], not wrong
