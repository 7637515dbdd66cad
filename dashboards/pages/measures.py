"""What is done about a key figure: who answers for it, and the measures that point at it, done, due and late.

Belongs here: the counts of leaders' measures and of the organisation's milestones, from the release like any other cell.
Does not belong here: which measures point at which figure (the catalogue's `aims`), what a measure says (no text is kept).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards import address
from dashboards.figures import wrapper
from dashboards.figures.drawing import Table
from dashboards.pages import parts
from dashboards.reading import Cell, is_shown
from dashboards.view import View

DONE, LATE = "diversity_measures_done", "diversity_measures_late"
Line = tuple[str, tuple[int | str, ...]]
"""A kind of measures, and how many are due, done and late: each a count, or what stands where it is not shown."""
MILESTONES = ("organisation_milestones_due", "organisation_milestones_done", "organisation_milestones_late")


def section(view: View, entry: Mapping[str, Any]) -> html.Section | None:
    """The measures that point at a figure; nothing where none does."""
    words, aimed = view.words, entry.get("aimed_at_by") or {}
    lines = [_leaders(view, code) for code in aimed.get("area", ())]
    lines += [_plan(view, code) for code in aimed.get("plan_kind", ())]
    if not lines:
        return None
    due, _, late = (_sum([line[place] for _, line in lines]) for place in range(3))
    heading = words("figure.measures.heading")
    if due and late is not None:
        # Of those due: what was done ahead of its day is none of them.
        done, of = view.numbers.plain(due - late), view.numbers.plain(due)
        heading = words("figure.measures.found", done=done, due=of)
    sentence = [words("figure.measures.owner", owner=view.said(entry["owner"]))]
    if late:
        sentence.append(words.count("figure.measures.late", late, n=view.numbers.plain(late)))
    head = (
        words("figure.measures.what"),
        *(words(f"plans.organisation.{name}") for name in ("due", "done", "late")),
    )
    rows = tuple(_written(view, *line) for line in lines)
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
    return [_written(view, *line) for line in lines]


def _leaders(view: View, code: str) -> Line:
    """Due, done and late of the leaders' measures of an area."""
    done, late = (view.reader.cell(figure, area=code) for figure in (DONE, LATE))
    name = view.words("figure.measures.leaders", area=view.label("area", code).lower())
    return name, (_count(done, "denominator"), _count(done, "numerator"), _count(late, "numerator"))


def _plan(view: View, code: str) -> Line:
    """Due, done and late of an organisation plan's milestones."""
    name = view.words("figure.measures.plan", plan=view.label("plan_kind", code).lower())
    return name, tuple(_count(view.reader.cell(figure, plan_kind=code), "value") for figure in MILESTONES)


def _count(cell: Cell | None, column: str) -> int | str:
    if cell is None or not is_shown(cell) or cell[column] is None:
        return parts.unshown(cell)
    return round(float(cell[column]))


def _sum(counts: Sequence[int | str]) -> int | None:
    """None where any of them is not shown."""
    known = [count for count in counts if isinstance(count, int)]
    return sum(known) if len(known) == len(counts) else None


def _written(view: View, name: str, counts: Sequence[int | str]) -> tuple[str, ...]:
    return name, *(count if isinstance(count, str) else view.numbers.plain(count) for count in counts)
