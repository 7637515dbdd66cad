"""What is done about a key figure: who answers for it, and the measures that point at it, done, due and late.

Belongs here: the counts of leaders' measures and of the organisation's milestones, from the release like any other cell.
Does not belong here: which measures point at which figure (the catalogue's `aims`), what a measure says (no text is kept).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from dashboards import address
from dashboards.figures import wrapper
from dashboards.figures.drawing import Table
from dashboards.numbers import HIDDEN
from dashboards.reading import Cell, is_shown
from dashboards.view import View

DONE, LATE = "diversity_measures_done", "diversity_measures_late"
MILESTONES = ("organisation_milestones_due", "organisation_milestones_done", "organisation_milestones_late")


def section(view: View, entry: Mapping[str, Any]) -> html.Section | None:
    """The measures that point at a figure; nothing where none does."""
    words, aimed = view.words, entry.get("aimed_at_by") or {}
    lines = [_leaders(view, code) for code in aimed.get("area", ())]
    lines += [_plan(view, code) for code in aimed.get("plan_kind", ())]
    if not lines:
        return None
    due, done, late = (
        sum(line[place] or 0 for _, line in lines)
        if all(line[place] is not None for _, line in lines)
        else None
        for place in range(3)
    )
    heading = words("figure.measures.heading")
    if due is not None and done is not None:
        heading = words("figure.measures.found", done=view.numbers.plain(done), due=view.numbers.plain(due))
    sentence = [words("figure.measures.owner", owner=view.said(entry["owner"]))]
    if late:
        sentence.append(words.count("figure.measures.late", late, n=view.numbers.plain(late)))
    head = (
        words("figure.measures.what"),
        *(words(f"plans.organisation.{name}") for name in ("due", "done", "late")),
    )
    rows = tuple((name, *(_written(view, count) for count in line)) for name, line in lines)
    return html.Section(
        [
            html.Div(
                [
                    html.H2(heading, id="measures"),
                    html.P(" ".join(sentence)),
                    html.P(words("figure.measures.lead"), className="under"),
                ],
                className="said",
            ),
            html.Div(
                [
                    wrapper.grid(Table(words("figure.measures.caption"), head, rows)),
                    html.P(html.A(words("figure.measures.more"), href=address.path("plans", view.lang))),
                ]
            ),
        ],
        className="block",
        **{"aria-labelledby": "measures"},
    )


def every(view: View) -> list[tuple[str, ...]]:
    """Every area of the leaders' measures and every plan of the organisation, as written."""
    areas = (
        [cell["area"] for cell in view.reader.rows(DONE, ["area"])] if DONE in view.release.figures else []
    )
    plans = (
        [cell["plan_kind"] for cell in view.reader.rows(MILESTONES[0], ["plan_kind"])]
        if MILESTONES[0] in view.release.figures
        else []
    )
    lines = [*(_leaders(view, code) for code in areas), *(_plan(view, code) for code in plans)]
    return [(name, *(_written(view, count) for count in line)) for name, line in lines]


def _leaders(view: View, code: str) -> tuple[str, tuple[int | None, ...]]:
    """Due, done and late of the leaders' measures of an area; None where that is not shown."""
    done, late = (view.reader.cell(figure, area=code) for figure in (DONE, LATE))
    name = view.words("figure.measures.leaders", area=view.label("area", code).lower())
    return name, (_count(done, "denominator"), _count(done, "numerator"), _count(late, "numerator"))


def _plan(view: View, code: str) -> tuple[str, tuple[int | None, ...]]:
    """Due, done and late of an organisation plan's milestones."""
    name = view.words("figure.measures.plan", plan=view.label("plan_kind", code).lower())
    return name, tuple(_count(view.reader.cell(figure, plan_kind=code), "value") for figure in MILESTONES)


def _count(cell: Cell | None, column: str) -> int | None:
    return (
        round(float(cell[column]))
        if cell is not None and is_shown(cell) and cell[column] is not None
        else None
    )


def _written(view: View, count: int | None) -> str:
    return HIDDEN if count is None else view.numbers.plain(count)
