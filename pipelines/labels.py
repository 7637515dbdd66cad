"""Labels: what people call the departments, units and occupation groups that the deliveries name.

Belongs here: the newest name of every code, and which department a unit belongs to.
Does not belong here: the labels of dimensions whose levels the catalogue states.
"""

from __future__ import annotations

from typing import Any

import duckdb

from pipelines.measures.asked import UNKNOWN
from warehouse.key_figures.catalogue import Catalogue, Dimension

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

# What is called by its own code: table and column.
NAMED_BY_THEMSELVES = {
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
    if dimension.levels:
        return [{**level.model_dump(), "parent": None} for level in dimension.levels]
    if dimension.id in NAMED_BY_THEMSELVES:
        table, column = NAMED_BY_THEMSELVES[dimension.id]
        codes = con.execute(
            f"SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1"
        ).fetchall()
        return [{"code": code, "sv": code, "en": code, "parent": None} for (code,) in codes]
    code, name, parent = NAMED_BY_DELIVERIES[dimension.id]
    rows = con.execute(NEWEST.format(code=code, name=name, parent=parent)).fetchall()
    return [
        {"code": code, "sv": name or code, "en": name or code, "parent": parent}
        for code, name, parent in rows
    ]
