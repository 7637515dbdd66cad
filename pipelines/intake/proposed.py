"""A proposed mapping written down: `fordel map` as lines.

Belongs here: the settings to be pasted, with what each line means; what is open, assumed and left over; how the rows are read.
Does not belong here: finding the proposal (proposing.py, proposing_surveys.py), faults of templates (told.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from pipelines.intake.lines import table
from pipelines.intake.proposing import ROWS_LOOKED_AT, UNKNOWN, Proposal
from pipelines.intake.proposing_surveys import SurveyProposal
from warehouse.texts import Words

COMMENT_AT, COMMENT_LENGTH, CELL = 52, 78, 26


def proposal(found: Proposal, file: Path, rows: int, words: Words) -> Iterator[str]:
    """The lines of a proposal.

    Args:
        found: the proposal.
        file: the export.
        rows: how many the file has.
        words: in one language.
    """
    lang, contract = words.lang, found.contract
    yield _comment(
        words("sources.map.looks", file=file.name, what=contract.title[lang], contract=contract.name)
    )
    yield _comment(words("sources.map.paste"))
    yield from ("sources:", f"  {contract.name}:", f"    contract: {contract.name}")
    yield f"    path: {_flow(str(file.resolve().parent))}"
    yield f"    pattern: {_flow(f'*{file.suffix}')}"
    yield "    mapping:"
    for key, value in found.mapping.items():
        if not isinstance(value, Mapping) or key == "month":
            yield f"      {key}: {_flow(value)}"
            continue
        yield f"      {key}:"
        for name, column in value.items():
            means = contract.delivered[name].sv if lang == "sv" else contract.delivered[name].en
            # Of what is not there only the reason is interesting.
            yield _explained(f"        {name}: {_flow(column)}", means if key == "columns" else "")
    yield ""
    yield from _open(found, words)
    if found.assumed:
        yield words("sources.map.assumed")
        yield from (f"  - {words(f'sources.map.{name}')}" for name in found.assumed)
        yield ""
    if found.unknown:
        yield from (words("sources.map.unused", headings=", ".join(found.unknown)), "")
    if found.trouble is not None:
        reason = found.trouble.reason
        yield words("sources.map.trouble", why=reason.sv if lang == "sv" else reason.en)
    if found.seen:
        yield words("sources.map.seen", n=str(min(rows, ROWS_LOOKED_AT)))
        head = [words(f"sources.head.{name}") for name in ("column", "filled", "unreadable", "different")]
        cells = [
            (each.column, f"{each.filled:.0f} %", f"{each.unreadable:.1f} %", str(each.different))
            for each in found.seen
        ]
        yield from table(head, cells, numbers=(1, 2, 3))
        yield ""
    if found.rows is not None:
        yield words("sources.map.rows")
        shown = [[_cell(cell) for cell in row] for row in found.rows.rows()]
        yield from table(found.rows.columns, shown, widest=CELL)
        yield ""
    yield words("sources.map.next")


def _open(found: Proposal, words: Words) -> Iterator[str]:
    if not found.open:
        return
    yield words("sources.map.open")
    for name in found.open:
        column = found.mapping["columns"].get(name)
        if name == "month":
            yield f"  - {words('sources.map.open_month')}"
        elif isinstance(column, Mapping):
            unknown = [code for code, value in column["codes"].items() if value == UNKNOWN]
            allowed = found.contract.delivered[name].allowed or ("true", "false")
            said = words(
                "sources.map.open_codes", column=name, codes=", ".join(unknown), allowed=", ".join(allowed)
            )
            yield f"  - {said}"
        else:
            yield f"  - {words('sources.map.open_column', column=name)}"
    yield ""


def survey(found: SurveyProposal, file: Path, words: Words) -> Iterator[str]:
    """The lines of a proposal for a survey system's export."""
    yield _comment(words("sources.survey.looks", file=file.name))
    settings = {**found.settings, "path": str(file.resolve().parent)}
    yield from yaml.safe_dump(
        {"servers": {"enkat": settings}}, allow_unicode=True, sort_keys=False
    ).splitlines()
    yield ""
    yield words("sources.survey.counted", done=str(found.completed), all=str(found.started))
    hme = found.settings["survey"]["hme"]
    yield words("sources.survey.items", code=str(hme)) if hme else words("sources.survey.no_items")
    if found.others:
        yield words("sources.survey.others", columns=", ".join(found.others))
    if not found.has_id:
        yield words("sources.survey.no_id")
    yield words("sources.survey.rounds")
    yield words("sources.map.next")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, float) else str(value)


def _comment(text: str) -> str:
    return f"# {text}"


def _explained(line: str, means: str) -> str:
    """A line of YAML with what it means behind it."""
    if not means:
        return line
    short = means if len(means) <= COMMENT_LENGTH else f"{means[: COMMENT_LENGTH - 1]}…"
    return f"{line.ljust(COMMENT_AT)}  # {short}"


def _flow(value: Any) -> str:
    """A value as YAML writes it on one line."""
    return (
        yaml.safe_dump([value], allow_unicode=True, sort_keys=False, default_flow_style=True, width=10_000)
        .strip()
        .removeprefix("[")
        .removesuffix("]")
    )
