"""Jämför: the municipality beside its comparison municipalities, as Kolada publishes them.

Belongs here: others' published figures, with their definition and where they come from.
Does not belong here: the municipality's own figures by department (their theme's page).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import address
from dashboards.figures import wrapper
from dashboards.figures.drawing import Table
from dashboards.pages import blocks, parts
from dashboards.reading import is_shown
from dashboards.view import View

COMPARED = "foreign_born_parity_compared"
OWN = ("citizen_influence", "citizen_treatment")


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    others: list[Any] = [blocks.by_group(view, COMPARED, "parity", ("municipality",), controls=False)]
    return parts.page(
        view,
        words("compare.lead"),
        *([each for each in others if each is not None] or [blocks.missing(view, [COMPARED], "parity")]),
        _years(view),
        blocks.tiles(view, OWN, "citizens", words("compare.citizens"), words("compare.citizens_lead")),
        _references(view),
        html.Section(
            [
                html.H2(words("compare.attribution.heading"), id="attribution"),
                html.P(words("compare.attribution.text")),
                html.P(words("compare.attribution.care")),
            ],
            className="part",
            **{"aria-labelledby": "attribution"},
        ),
    )


def _years(view: View) -> html.Section | None:
    """Each municipality's values over the years."""
    cells = [
        cell
        for cells in (
            view.release.records(COMPARED, ["municipality"]) if COMPARED in view.release.figures else {}
        ).values()
        for cell in cells
    ]
    if not cells:
        return None
    years = sorted({cell["period"] for cell in cells})
    entry = view.release.figures[COMPARED]
    found = {(cell["municipality"], cell["period"]): cell for cell in cells}
    rows = [
        (
            view.label("municipality", code),
            [
                wrapper.Shade(
                    view.numbers.cell(entry, found.get((code, year))), _step(found.get((code, year)))
                )
                for year in years
            ],
        )
        for code in sorted(
            {cell["municipality"] for cell in cells},
            key=lambda code: (view.label("municipality", code) != view.own, view.label("municipality", code)),
        )
    ]
    name = view.words("compare.years", name=view.name(COMPARED))
    block = wrapper.Block(
        "years",
        name,
        [view.said(entry["definition"])],
        name,
        [COMPARED],
        period="–".join((years[0], years[-1])),
    )
    return wrapper.heat(view, block, [view.words("common.dimensions.municipality.one"), *years], rows)


def _step(cell: Any) -> int:
    """Shaded by how high a value is: the darkest begins just below parity, 1, and holds all above it."""
    if not is_shown(cell):
        return 0
    return 1 + sum(float(cell["value"]) > step for step in (0.7, 0.8, 0.9, 0.97))


def _references(view: View) -> html.Section:
    """The municipality's own figures that follow a definition in Kolada, with what they are called there."""
    words = view.words
    rows = []
    for entry in view.release.figures.values():
        kolada = (entry.get("reference") or {}).get("kolada")
        # A distribution has no single value to set beside another municipality's.
        if kolada and not entry.get("across"):
            cell = view.reader.cell(entry["id"])
            own = view.reader.at(entry["id"])
            rows.append(
                (
                    view.said(entry["name"]),
                    str(kolada),
                    view.numbers.cell(entry, cell),
                    view.period(entry["id"], own) or "-",
                )
            )
    head = (
        words("common.key_figure"),
        words("compare.references.kolada"),
        words("common.value"),
        words("common.period"),
    )
    return html.Section(
        [
            html.H2(words("compare.references.heading"), id="references"),
            html.P(words("compare.references.lead"), className="under"),
            wrapper.grid(Table(words("compare.references.caption"), head, tuple(rows)), is_wide=True)
            if rows
            else None,
            html.P(html.A(words("compare.references.more"), href=address.path("catalogue", view.lang))),
        ],
        className="part",
        **{"aria-labelledby": "references"},
    )
