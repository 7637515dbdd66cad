"""Proposing settings for a survey system's CSV export, which needs no mapping.

Belongs here: recognising LimeSurvey's exports, their items and background questions.
Does not belong here: reading them in earnest (limesurvey_export.py), exports of other systems (proposing.py).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.intake.limesurvey_export import SURVEY_ID
from pipelines.intake.reading import ROW, Table
from pipelines.intake.survey_answers import HME_SUB_INDICES, SEXES

OWN = frozenset("id submitdate lastpage startlanguage seed token startdate datestamp ipaddr refurl".split())
# What LimeSurvey calls the same columns when the export has full texts.
LONG = frozenset({"svars-id", "datum inskickad", "response id", "date submitted"})
ARRAY = re.compile(r"^(\w+)\[SQ0*([1-9]\d*)\]$")
# An answer with more than so many different values is no background question, but text.
MOST_ANSWERS = 30
BACKGROUND = {
    "department": re.compile("forv|dep|avd", re.IGNORECASE),
    "sex": re.compile("kon|kön|sex|gender", re.IGNORECASE),
    "age_group": re.compile("alder|ålder|age", re.IGNORECASE),
}
SEX_CODES = {"k": "K", "f": "K", "kvinna": "K", "m": "M", "man": "M"}
UNKNOWN = "?"


@dataclass(frozen=True)
class SurveyProposal:
    """Settings to begin with.

    Attributes:
        settings: the server's entry; `?` where nobody but the reader knows.
        completed, started: answers that were sent in, and all.
        items: items that are found by themselves.
        others: columns that nothing is made of: texts, or items of the municipality's own.
        has_id: whether the survey's id can be read from the file's name.
    """

    settings: dict[str, Any]
    completed: int
    started: int
    items: tuple[str, ...]
    others: tuple[str, ...]
    has_id: bool


def is_survey(table: Table) -> bool:
    """Whether a file is LimeSurvey's export with codes."""
    return {"id", "submitdate"} <= {name.lower() for name in table.frame.columns}


def is_survey_with_texts(table: Table) -> bool:
    """Whether it is LimeSurvey's export with full texts, from which codes cannot be told."""
    return len(LONG & {name.lower() for name in table.frame.columns}) > 1


def propose_survey(table: Table, stem: str) -> SurveyProposal:
    """Propose an entry under `servers`.

    Args:
        table: the export.
        stem: the file's name without its ending.
    """
    frame = table.frame.with_columns(pl.col(pl.Enum).cast(pl.String))
    done = frame.filter(pl.col("submitdate").str.strip_chars().fill_null("") != "")
    columns = [name for name in frame.columns if name != ROW and name.lower() not in OWN]
    arrays: dict[str, list[str]] = {}
    for name in columns:
        if found := ARRAY.match(name):
            arrays.setdefault(found[1], []).append(name)
    hme = next((code for code, items in arrays.items() if len(items) == len(HME_SUB_INDICES)), None)
    items = tuple(arrays.get(hme or "", ()))
    survey: dict[str, Any] = {"hme": hme}
    left = [name for name in columns if name not in items]
    for what, pattern in BACKGROUND.items():
        asked = next((name for name in left if pattern.search(name)), None)
        answers = [] if asked is None else sorted(done[asked].drop_nulls().unique())
        if asked is None or not 0 < len(answers) <= MOST_ANSWERS:
            survey[what] = {"question": UNKNOWN}
            continue
        left.remove(asked)
        survey[what] = {"question": asked, **_codes(what, answers)}
    settings = {"kind": "limesurvey_export", "path": UNKNOWN, "survey": survey}
    return SurveyProposal(
        settings, done.height, frame.height, items, tuple(left), SURVEY_ID.search(stem) is not None
    )


def _codes(what: str, answers: list[str]) -> dict[str, dict[str, str]]:
    if what == "department" or set(answers) <= set(SEXES):
        return {}
    known = SEX_CODES if what == "sex" else {}
    return {"codes": {answer: known.get(answer.lower(), UNKNOWN) for answer in answers}}
