"""What the interface for programs offers, as OpenAPI.

Belongs here: that description. Does not belong here: the answers (routes.py).
"""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": ["number", "null"]}
BOTH = {"type": "object", "properties": {"sv": TEXT, "en": TEXT}}
FIGURE = {
    "name": "figure",
    "in": "path",
    "required": True,
    "schema": TEXT,
    "description": "Id of a key figure.",
}

CELL = {
    "type": "object",
    "required": [
        "figure",
        "period",
        "breakdown",
        "group",
        "value",
        "numerator",
        "denominator",
        "n",
        "status",
    ],
    "properties": {
        "figure": TEXT,
        "period": {
            **TEXT,
            "description": "2026-10 for a month or the twelve months to it, 2026 for a year.",
        },
        "breakdown": {**TEXT, "description": "Names of dimensions with commas, or total."},
        "group": {"type": "object", "additionalProperties": TEXT, "description": "Dimension to code."},
        "value": NUMBER,
        "numerator": NUMBER,
        "denominator": NUMBER,
        "n": {"type": ["integer", "null"], "description": "Persons behind the value."},
        "status": {
            "enum": ["shown", "hidden", "missing"],
            "description": "Numbers are null unless shown; hidden protects persons.",
        },
    },
}
ENTRY = {
    "type": "object",
    "properties": {
        "id": TEXT,
        "theme": TEXT,
        "name": BOTH,
        "question": BOTH,
        "definition": BOTH,
        "unit": TEXT,
        "calendar": {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "properties": {
                    "every": {"type": ["integer", "null"]},
                    "latest": {"type": ["string", "null"]},
                    "next": {"type": ["string", "null"]},
                },
            },
            "description": "By breakdown: months between two published periods, the latest, and when the next comes.",
        },
    },
}


def describe() -> dict[str, Any]:
    """The OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Fördel",
            "version": "1",
            "description": "Published, protected key figures, read only: what the pages show, cut down to what you may see.",
        },
        "paths": {
            "/api/v1/release": {"get": _answers("Which release is shown", {"type": "object"})},
            "/api/v1/figures": {"get": _answers("Every key figure", {"type": "array", "items": ENTRY})},
            "/api/v1/figures/{figure}": {
                "parameters": [FIGURE],
                "get": _answers("One key figure and its periods", ENTRY),
            },
            "/api/v1/figures/{figure}/cells": {
                "parameters": [
                    FIGURE,
                    {
                        "name": "period",
                        "in": "query",
                        "schema": TEXT,
                        "description": "Default: the breakdown's latest.",
                    },
                    {
                        "name": "by",
                        "in": "query",
                        "schema": TEXT,
                        "description": "Dimensions with commas; default: the total.",
                    },
                ],
                "get": _answers("The cells of one breakdown and period", {"type": "array", "items": CELL}),
            },
        },
    }


def _answers(summary: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            "200": {"description": "The answer.", "content": {"application/json": {"schema": schema}}},
            "401": {"description": "Nobody has been let in."},
            "404": {"description": "No such figure, period or breakdown in what you may see."},
            "429": {"description": "Too many questions in a minute."},
        },
    }
