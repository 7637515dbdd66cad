"""The history of definitions: every version a figure has had, from when it was valid, and a hash of what it said.

Belongs here: the hash, the check that a formula never changes under the same version, and adding lines to `history.yaml`.
Does not belong here: the definitions that hold now (the themes' YAML files).

`python -m warehouse.key_figures` adds the lines that are missing; it never alters one that is there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.plain_yaml import read_yaml

HISTORY = "history.yaml"
FOLDER = Path(__file__).parent

Versions = Mapping[str, list[dict[str, Any]]]


def read_history(folder: Path = FOLDER) -> Versions:
    """Every figure's versions, oldest first: version, valid_from, formula (hash), and from the second on `change` {sv, en}."""
    file = folder / HISTORY
    if not file.is_file():
        return {}
    stated: Versions = read_yaml(file) or {}
    return stated


def hash_of(found: Catalogue, figure: Figure) -> str:
    """A hash of all that decides a figure's value, however it is written: formulas, population, method, period."""
    subject = found.subjects[figure.subject]
    formulas = [found.formula(figure, text) for text in (figure.numerator, figure.denominator) if text]
    said = (
        [[part.row for part in formula.parts] for formula in formulas],
        [formula.sql(lambda part: f"<{part.row}>") for formula in formulas],
        [found.dimensions[name].sql for name in (figure.over, figure.across) if name],
        (figure.value, figure.method, figure.made_of, figure.period, subject.table, subject.at_end),
    )
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def mistakes(found: Catalogue, folder: Path) -> Iterator[tuple[str, str]]:
    """The figures whose history does not tell what the catalogue says: figure id and what is wrong."""
    versions = read_history(folder)
    for figure in found.figures.values():
        past = versions.get(figure.id)
        if not past:
            yield figure.id, f"has no line in {HISTORY}: python -m warehouse.key_figures"
            continue
        last = past[-1]
        if last["version"] > figure.version:
            yield figure.id, f"version {last['version']} is in {HISTORY} already"
        elif last["version"] < figure.version:
            yield figure.id, f"version {figure.version} is not in {HISTORY}: add it, and say what changed"
        elif last["formula"] != hash_of(found, figure):
            yield (
                figure.id,
                "the formula has changed without a new version: raise `version`, set `valid_from` and tell the change "
                f"in {HISTORY}",
            )
        elif str(last["valid_from"]) != str(figure.valid_from):
            yield figure.id, f"valid_from is {figure.valid_from}, but {last['valid_from']} in {HISTORY}"
        for line in past[1:]:
            if not (line.get("change") or {}).get("sv") or not line["change"].get("en"):
                yield (
                    figure.id,
                    f"version {line['version']} in {HISTORY} does not say what changed, in both languages",
                )


def add_missing(found: Catalogue, folder: Path = FOLDER) -> list[str]:
    """Add a line for every figure that has none.

    Returns:
        The ids of the figures that were added.
    """
    versions = read_history(folder)
    new = [figure for figure in found.figures.values() if figure.id not in versions]
    lines = [
        f"{figure.id}:\n  - {{version: {figure.version}, valid_from: {figure.valid_from}, formula: {hash_of(found, figure)!r}}}\n"
        for figure in new
    ]
    with (folder / HISTORY).open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return [figure.id for figure in new]
