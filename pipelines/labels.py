"""Labels: what people call the departments, units and occupation groups that the deliveries name.

Belongs here: the newest name of every code, and which department a unit belongs to.
Does not belong here: which levels a dimension has by definition (the catalogue states them).
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import duckdb

from pipelines.intake.forms import COMPETENCE
from pipelines.measures.asked import UNKNOWN
from warehouse.key_figures.entries import Catalogue, Dimension
from warehouse.plain_yaml import read_yaml

MUNICIPALITIES = Path(__file__).with_name("municipalities.yaml")

NEWEST = """
SELECT code, name, parent
FROM (
    SELECT
        {code} AS code,
        ARG_MAX({name}, month) AS name,
        ARG_MAX({parent}, month) AS parent
    FROM raw.hr_employment
    WHERE {code} IS NOT NULL
    GROUP BY {code}
) AS newest
ORDER BY name, code
"""

NAMED_BY_DELIVERIES = {
    "department": ("department_code", "department_name", "NULL"),
    "unit": ("unit_code", "unit_name", "department_code"),
    "other_department": ("department_code", "department_name", "NULL"),
    "occupation_group": ("occupation_group", "occupation_group", "NULL"),
}

# What no delivery names: table and column of its codes. One that neither the form nor `municipalities.yaml` names is called
# by its own code.
NAMED_BY_NOBODY = {
    "competence_area": ("core.plan_need_month", "competence_area"),
    "municipality": ("core.external_figure", "municipality"),
}


def levels(con: duckdb.DuckDBPyConnection, found: Catalogue) -> list[dict[str, Any]]:
    """The dimensions with all their levels, as `catalogue.json` has them: code, sv, en, parent."""
    return [
        {
            "id": dimension.id,
            "name": dimension.name.model_dump(),
            "parent": dimension.parent,
            "levels": [
                *_levels(con, dimension),
                {"code": UNKNOWN, "sv": "Uppgift saknas", "en": "Not stated", "parent": None},
            ],
        }
        for dimension in found.dimensions.values()
    ]


def _levels(con: duckdb.DuckDBPyConnection, dimension: Dimension) -> list[dict[str, Any]]:
    if dimension.id in NAMED_BY_NOBODY:
        table, column = NAMED_BY_NOBODY[dimension.id]
        codes = con.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
        ).fetchall()
        return [{"code": code, **_name(dimension.id, code), "parent": None} for (code,) in codes]
    if dimension.levels:
        return [{**level.model_dump(), "parent": None} for level in dimension.levels]
    code, name, parent = NAMED_BY_DELIVERIES[dimension.id]
    rows = con.execute(NEWEST.format(code=code, name=name, parent=parent)).fetchall()
    return [
        {"code": code, "sv": name or code, "en": name or code, "parent": parent}
        for code, name, parent in rows
    ]


def _name(dimension: str, code: str) -> dict[str, str]:
    """The name of a level in both languages: the form's, the municipality's, or the code itself."""
    if dimension == "competence_area":
        return _areas().get(code, {"sv": code, "en": code})
    name = _municipalities().get(code, code)
    return {"sv": name, "en": name}


@functools.cache
def _areas() -> dict[str, dict[str, str]]:
    return {code: {"sv": sv, "en": en} for code, sv, en in COMPETENCE}


@functools.cache
def _municipalities() -> dict[str, str]:
    return {str(code): str(name) for code, name in read_yaml(MUNICIPALITIES).items()}
