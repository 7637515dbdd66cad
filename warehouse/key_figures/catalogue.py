"""The catalogue: what every key figure is, read from YAML and checked.

Belongs here: reading the files, and every check that can be made without data.
Does not belong here: the shape of an entry (entries.py), definitions themselves (the YAML files), computing (pipelines/measures).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import Field, ValidationError

from warehouse.key_figures.entries import (
    METHOD_NEEDS,
    Dimension,
    Entry,
    Figure,
    Objective,
    Population,
    Subject,
    Text,
    Theme,
    Unit,
)
from warehouse.key_figures.formulas import Formula, FormulaError, parse
from warehouse.key_figures.history import HISTORY, mistakes
from warehouse.plain_yaml import Loader

FOLDER = Path(__file__).parent
SUBJECTS = "subjects.yaml"

QUOTIENTS = frozenset({"share", "ratio", "difference", "gap"})
"""The values that are made of a numerator and a denominator."""


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message names the file, the line and what to change."""


class Catalogue(Entry):
    """Everything declared, checked to hang together.

    `aims` tell which figures a measure is meant to move: dimension of the plans → its level → figures.
    """

    subjects: Mapping[str, Subject]
    populations: Mapping[str, Population]
    dimensions: Mapping[str, Dimension]
    breakdown_sets: Mapping[str, tuple[str, ...]]
    owners: Mapping[str, Text]
    units: Mapping[str, Unit]
    themes: tuple[Theme, ...]
    objectives: tuple[Objective, ...]
    aims: Mapping[str, Mapping[str, tuple[str, ...]]] = Field(default_factory=dict)
    figures: Mapping[str, Figure]

    def breakdowns(self, figure: Figure) -> list[tuple[str, ...]]:
        """The figure's breakdowns as dimension ids in the catalogue's order, the total first.

        A distribution always carries the dimension it runs across.
        """
        stated = [(), *(tuple(part.split(",")) for part in self.breakdown_sets[figure.breakdowns])]
        also = (figure.across,) if figure.across else ()
        place = {name: number for number, name in enumerate(self.dimensions)}
        return [tuple(sorted({*by, *also}, key=lambda name: place.get(name, -1))) for by in stated]

    def aimed_at(self, figure: str) -> dict[str, list[str]]:
        """What is meant to move a figure: dimension of the plans → levels."""
        found = {
            dimension: [level for level, figures in levels.items() if figure in figures]
            for dimension, levels in self.aims.items()
        }
        return {dimension: levels for dimension, levels in found.items() if levels}

    def formula(self, figure: Figure, text: str) -> Formula:
        """One of the figure's formulas, limited to its population."""
        return parse(text, self.subjects[figure.subject].columns, self.populations[figure.population].where)

    def formulas(self, figure: Figure) -> tuple[str, ...]:
        """Every formula that the figure states."""
        stated = (figure.numerator, figure.denominator, *figure.tested, *figure.errors)
        return tuple(text for text in stated if text)

    def needs(self, figure: Figure) -> list[tuple[str, ...]]:
        """What a delivery must hold for the figure to be computed: columns of the contracts, each with its alternatives."""
        subject = self.subjects[figure.subject]
        used: set[str] = set(METHOD_NEEDS[figure.method]) if figure.method else set()
        for text in self.formulas(figure):
            used |= self.formula(figure, text).columns
        for name in (figure.over, figure.across):
            if name:
                used |= self.columns_of(figure, name)
        stated = {(column,) for column in subject.needs}
        return sorted({tuple(subject.columns[column].split("|")) for column in used} | stated)

    def columns_of(self, figure: Figure, dimension: str) -> frozenset[str]:
        """The subject's columns that a dimension looks at."""
        sql = self.dimensions[dimension].sql
        if sql is None:
            return frozenset()
        found = parse(f"count(*) filter (where ({sql}) is not null)", self.subjects[figure.subject].columns)
        return found.columns or frozenset({"birth_month"})


class _Lines(Loader):  # type: ignore[misc,valid-type]
    """A loader that remembers the line of every entry with an id, so that an error can name it."""


def _mapping_with_line(loader: _Lines, node: yaml.MappingNode) -> dict[str, Any]:
    content: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    if "id" in content:
        content["__line__"] = node.start_mark.line + 1
    return content


_Lines.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_with_line)


@functools.cache
def catalogue(folder: Path = FOLDER, is_history_checked: bool = True) -> Catalogue:
    """Read and check the catalogue.

    Args:
        folder: where its files are.
        is_history_checked: False only to write the history itself.

    Raises:
        CatalogueError: an entry that cannot be used, with file and line.
    """
    shared = _without_lines(_load(folder / SUBJECTS))
    shared["dimensions"] = {entry["id"]: entry for entry in shared["dimensions"]}
    figures: dict[str, Figure] = {}
    lines: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name in {SUBJECTS, HISTORY}:
            continue
        content = _load(file)
        for stated in content["figures"]:
            where = f"{file.name}:{stated.pop('__line__', 1)}"
            figure = _figure(_without_lines(stated), content["theme"], where)
            if figure.id in figures:
                raise CatalogueError(
                    f"{where}: the figure {figure.id} is declared already, at {lines[figure.id]}"
                )
            figures[figure.id] = figure
            lines[figure.id] = where
    try:
        found = Catalogue(**shared, figures=figures)
    except ValidationError as error:
        raise CatalogueError(f"{SUBJECTS}: {_first(error)}") from error
    for figure in figures.values():
        _check(found, figure, lines[figure.id])
    for objective in found.objectives:
        if objective.figure and objective.figure not in figures:
            raise CatalogueError(f"{SUBJECTS}: {objective.id}: unknown figure '{objective.figure}'")
    _check_aims(found)
    if is_history_checked:
        for figure_id, what in mistakes(found, folder):
            raise CatalogueError(f"{lines[figure_id]}: {figure_id}: {what}")
    return found


def _figure(stated: dict[str, Any], theme: str, where: str) -> Figure:
    period = stated.get("period")
    stated["period"] = [period] if isinstance(period, str) else period
    try:
        return Figure(**{**stated, "theme": theme})
    except ValidationError as error:
        raise CatalogueError(f"{where}: {stated.get('id', '?')}: {_first(error)}") from error


def _check(found: Catalogue, figure: Figure, where: str) -> None:
    for what, name, known in (
        ("theme", figure.theme, [theme.id for theme in found.themes]),
        ("subject", figure.subject, found.subjects),
        ("population", figure.population, found.populations),
        ("unit", figure.unit, found.units),
        ("owner", figure.owner, found.owners),
        ("breakdown set", figure.breakdowns, found.breakdown_sets),
    ):
        if name not in known:
            raise CatalogueError(
                f"{where}: {figure.id}: unknown {what} '{name}'; there are: {', '.join(known)}"
            )
    if figure.value in QUOTIENTS and not figure.denominator and not figure.method:
        raise CatalogueError(f"{where}: {figure.id}: a {figure.value} needs a denominator")
    subject = found.subjects[figure.subject]
    is_of_persons = figure.value not in {"count", "share"} and subject.row != "count"
    if is_of_persons and not figure.tested and not figure.method:
        raise CatalogueError(
            f"{where}: {figure.id}: a {figure.value} must list in `tested` the counts of persons it tells of"
        )
    if figure.errors and len(figure.errors) != 2:
        raise CatalogueError(
            f"{where}: {figure.id}: `errors` are two: of the numerator and of the denominator"
        )
    for other in (*figure.made_of, *((figure.sides,) if figure.sides else ())):
        if other not in found.figures:
            raise CatalogueError(f"{where}: {figure.id}: is made of '{other}', which is no figure")
    _check_breakdowns(found, figure, subject, where)
    try:
        for text in found.formulas(figure):
            found.formula(figure, text)
    except FormulaError as error:
        raise CatalogueError(f"{where}: {figure.id}: {error}") from error
    lacking = sorted(set(METHOD_NEEDS[figure.method] if figure.method else ()) - set(subject.columns))
    if lacking:
        raise CatalogueError(
            f"{where}: {figure.id}: the method {figure.method} needs {', '.join(lacking)}, which {figure.subject} lacks"
        )


def _check_aims(found: Catalogue) -> None:
    for dimension, levels in found.aims.items():
        known = (
            {level.code for level in found.dimensions[dimension].levels}
            if dimension in found.dimensions
            else set()
        )
        unknown = [f"level '{dimension}: {level}'" for level in levels if level not in known]
        unknown += [
            f"figure '{each}'" for figures in levels.values() for each in figures if each not in found.figures
        ]
        if unknown:
            raise CatalogueError(f"{SUBJECTS}: aims: unknown {unknown[0]}")


def _check_breakdowns(found: Catalogue, figure: Figure, subject: Subject, where: str) -> None:
    for by in (*found.breakdowns(figure), (figure.over,) if figure.over else ()):
        for name in by:
            if name not in found.dimensions:
                raise CatalogueError(f"{where}: {figure.id}: unknown dimension '{name}'")
            sql = found.dimensions[name].sql
            if sql is None:
                continue
            try:
                parse(f"count(*) filter (where ({sql}) is not null)", subject.columns)
            except FormulaError as error:
                raise CatalogueError(
                    f"{where}: {figure.id}: {figure.subject} lacks the breakdown '{name}': {error}"
                ) from error


def _load(file: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = yaml.load(file.read_text(encoding="utf-8"), Loader=_Lines)
    except yaml.YAMLError as error:
        raise CatalogueError(f"{file.name}: is not YAML: {error}") from error
    return content


def _without_lines(content: Any) -> Any:
    if isinstance(content, dict):
        return {key: _without_lines(value) for key, value in content.items() if key != "__line__"}
    if isinstance(content, list):
        return [_without_lines(value) for value in content]
    return content


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(str(step) for step in first['loc'])}: {first['msg']}"
