"""The catalogue: what every key figure is, read from YAML and checked.

Belongs here: reading the files, and every check that can be made without data.
Does not belong here: the shape of an entry (entries.py), definitions themselves (the YAML files), computing (pipelines/measures).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import yaml
from pydantic import ValidationError

from warehouse.key_figures.entries import METHOD_NEEDS, Catalogue, Figure, Subject
from warehouse.key_figures.formulas import FormulaError, parse
from warehouse.key_figures.history import HISTORY, mistakes
from warehouse.key_figures.places import Place, first_of
from warehouse.plain_yaml import read_yaml

FOLDER = Path(__file__).parent
SUBJECTS = "subjects.yaml"

QUOTIENTS = frozenset({"share", "ratio", "difference", "gap"})
"""The values that are made of a numerator and a denominator."""


class CatalogueError(ValueError):
    """The catalogue cannot be used; the message names the file, the line and what to change."""


@functools.cache
def catalogue(folder: Path = FOLDER, is_history_checked: bool = True) -> Catalogue:
    """Read and check the catalogue.

    Args:
        folder: where its files are.
        is_history_checked: False only to write the history itself.

    Raises:
        CatalogueError: an entry that cannot be used, with file and line.
    """
    figures: dict[str, Figure] = {}
    places: dict[str, Place] = {}
    for file in sorted(folder.glob("*.yaml")):
        if file.name in {SUBJECTS, HISTORY}:
            continue
        content = _load(file, "theme", "figures")
        for number, stated in enumerate(content["figures"]):
            place = Place(file, ("figures", number))
            figure = _figure(stated, content["theme"], place)
            if figure.id in figures:
                raise CatalogueError(
                    f"{place}: the figure {figure.id} is declared already, at {places[figure.id]}"
                )
            figures[figure.id], places[figure.id] = figure, place
    found = _shared(folder / SUBJECTS, figures)
    for figure in figures.values():
        _check(found, figure, places[figure.id], Place(folder / SUBJECTS))
    if is_history_checked:
        for figure_id, what in mistakes(found, folder):
            raise CatalogueError(f"{places[figure_id]}: {figure_id}: {what}")
    return found


def _shared(file: Path, figures: Mapping[str, Figure]) -> Catalogue:
    """What figures have in common, and the figures."""
    place = Place(file)
    shared = _load(file, "dimensions")
    dimensions = {entry["id"]: entry for entry in shared["dimensions"]}
    try:
        found = Catalogue(**{**shared, "dimensions": dimensions}, figures=figures)
    except ValidationError as error:
        way, what = first_of(error)
        if way[0] == "dimensions" and len(way) > 1:
            way = ("dimensions", list(dimensions).index(str(way[1])), *way[2:])
        raise CatalogueError(f"{place.at(*way)}: {what}") from error
    for number, objective in enumerate(found.objectives):
        if objective.figure and objective.figure not in figures:
            where = place.at("objectives", number)
            raise CatalogueError(f"{where}: {objective.id}: unknown figure '{objective.figure}'")
    for name, breakdowns in found.breakdown_sets.items():
        for dimension in (dimension for by in breakdowns for dimension in by.split(",")):
            if dimension not in found.dimensions:
                where = place.at("breakdown_sets", name)
                raise CatalogueError(f"{where}: {name}: unknown dimension '{dimension}'")
    _check_aims(found, place.at("aims"))
    return found


def _figure(stated: dict[str, Any], theme: str, place: Place) -> Figure:
    period = stated.get("period")
    told = {**stated, "theme": theme, "period": [period] if isinstance(period, str) else period}
    try:
        return Figure(**told)
    except ValidationError as error:
        way, what = first_of(error)
        raise CatalogueError(f"{place.at(*way)}: {stated.get('id', '?')}: {what}") from error


def _check(found: Catalogue, figure: Figure, place: Place, shared: Place) -> None:
    def refuse(field: str, what: str) -> NoReturn:
        raise CatalogueError(f"{place.at(field)}: {figure.id}: {what}")

    for field, what, name, known in (
        ("theme", "theme", figure.theme, [theme.id for theme in found.themes]),
        ("subject", "subject", figure.subject, found.subjects),
        ("population", "population", figure.population, found.populations),
        ("unit", "unit", figure.unit, found.units),
        ("owner", "owner", figure.owner, found.owners),
        ("breakdowns", "breakdown set", figure.breakdowns, found.breakdown_sets),
    ):
        if name not in known:
            refuse(field, f"unknown {what} '{name}'; there are: {', '.join(known)}")
    if figure.value in QUOTIENTS and not figure.denominator and not figure.method:
        refuse("value", f"a {figure.value} needs a denominator")
    subject = found.subjects[figure.subject]
    is_of_persons = figure.value not in {"count", "share"} and subject.row != "count"
    if is_of_persons and not figure.tested and not figure.method:
        refuse("value", f"a {figure.value} must list in `tested` the counts of persons it tells of")
    if figure.errors and len(figure.errors) != 2:
        refuse("errors", "`errors` are two: of the numerator and of the denominator")
    if figure.target and (figure.target.baseline is None) != (figure.target.baseline_date is None):
        refuse("target", "baseline and baseline_date go together: the path goes from one to the target")
    for field, others in (("made_of", figure.made_of), ("sides", (figure.sides,) if figure.sides else ())):
        for other in others:
            if other not in found.figures:
                refuse(field, f"is made of '{other}', which is no figure")
    _check_formulas(found, figure, subject, place, shared)
    _check_breakdowns(found, figure, subject, place)
    lacking = sorted(set(METHOD_NEEDS[figure.method] if figure.method else ()) - set(subject.columns))
    if lacking:
        refuse(
            "method", f"the method {figure.method} needs {', '.join(lacking)}, which {figure.subject} lacks"
        )


def _check_formulas(found: Catalogue, figure: Figure, subject: Subject, place: Place, shared: Place) -> None:
    for field in ("numerator", "denominator", "tested", "errors"):
        stated = getattr(figure, field) or ()
        for text in (stated,) if isinstance(stated, str) else stated:
            try:
                parse(text, subject.columns)
            except FormulaError as error:
                raise CatalogueError(f"{place.at(field)}: {figure.id}: {error}") from error
    try:
        found.formula(figure, "count(*)")
    except FormulaError as error:
        where = shared.at("populations", figure.population, "where")
        raise CatalogueError(
            f"{where}: the population {figure.population} of {figure.id}: {error}"
        ) from error


def _check_aims(found: Catalogue, place: Place) -> None:
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
            raise CatalogueError(f"{place.at(dimension)}: aims: unknown {unknown[0]}")


def _check_breakdowns(found: Catalogue, figure: Figure, subject: Subject, place: Place) -> None:
    stated = [("breakdowns", name) for by in found.breakdowns(figure) for name in by]
    stated += [(field, name) for field, name in (("over", figure.over), ("across", figure.across)) if name]
    for field, name in stated:
        where = place.at(field)
        if name not in found.dimensions:
            raise CatalogueError(f"{where}: {figure.id}: unknown dimension '{name}'")
        sql = found.dimensions[name].sql
        if sql is None:
            continue
        try:
            parse(f"count(*) filter (where ({sql}) is not null)", subject.columns)
        except FormulaError as error:
            unknown = str(error).split(" in: ")[0]
            raise CatalogueError(
                f"{where}: {figure.id}: {figure.subject} lacks the breakdown '{name}': {unknown}"
            ) from error


def _load(file: Path, *needed: str) -> dict[str, Any]:
    try:
        content: Any = read_yaml(file)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise CatalogueError(f"{file.name}:{line}: is not YAML: {error.problem}") from error
    for key in needed:
        if not isinstance(content, dict) or key not in content:
            raise CatalogueError(f"{file.name}:1: {key} is missing")
    return dict(content)
