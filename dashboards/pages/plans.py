"""Planer och åtgärder: the organisation's own plans and the leaders' measures: done, due and late.

Belongs here: what was decided and how far it has come. Does not belong here: each employee's plan (learning.py).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.figures import bars, wrapper
from dashboards.figures.drawing import Drawing, Key, Table
from dashboards.numbers import NOT_REPORTED
from dashboards.pages import blocks, measures, parts, series
from dashboards.view import View

PROGRESS = "organisation_plan_progress"


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("plans.lead"),
        parts.choose(view, parts.period_choice(view), keep={"by": ("ground", "area", "department")}),
        _organisation(view),
        series.over_time(view, PROGRESS, "progress") if view.reader.is_here(PROGRESS) else None,
        series.over_time(view, "active_work", "active-work"),
        blocks.tiles(
            view,
            (
                "active_work",
                "leader_plans_with_diversity",
                "diversity_measures_done",
                "diversity_measures_late",
            ),
            "leaders",
            words("plans.leaders"),
            words("plans.leaders_lead"),
        ),
        blocks.by_group(view, "diversity_measures_late", "late", ("department", "ground", "area")),
    )


def _organisation(view: View) -> html.Section:
    """Each plan: decided or not, and its milestones."""
    words, by = view.words, "plan_kind"
    if not view.reader.offers(PROGRESS, [by]):
        return blocks.missing(view, [PROGRESS], "organisation")
    entry = view.release.figures[PROGRESS]
    rows, table = [], []
    for cell in view.reader.rows(PROGRESS, [by]):
        code = cell[by]
        row = parts.row(view, PROGRESS, view.label(by, code), [cell])
        rows.append(row)
        table.append(
            (
                row.label,
                _decided(view, code),
                row.written[0],
                *[_count(view, figure, code) for figure in measures.MILESTONES],
            )
        )
    name = words("plans.organisation.chart")
    head = (
        words("common.dimensions.plan_kind.one"),
        words("plans.organisation.decided"),
        words("plans.organisation.progress"),
        *[words(f"plans.organisation.{figure.rpartition('_')[2]}") for figure in measures.MILESTONES],
    )
    stated = entry.get("target")
    drawing = Drawing(
        bars.lengths(rows, view.lang, "percent", stated["value"] if stated else None),
        Table(name, head, tuple(table)),
        (Key("goal", parts.target(view, PROGRESS)),) if stated else (),
    )
    late = view.reader.cell(measures.MILESTONES[2])
    heading = words("plans.organisation.name")
    if late is not None and late["value"] is not None:
        heading = words.count(
            "plans.organisation.heading", late["value"], n=view.numbers.plain(late["value"])
        )
    sentences = [
        words.count(
            "plans.organisation.sentence", int(line[4] == "1"), plan=line[0], done=line[4], due=line[3]
        )
        for line in table
        if NOT_REPORTED not in line[3:5]
    ]
    block = wrapper.Block("organisation", heading, sentences, name, [PROGRESS], [by])
    return wrapper.figure(view, block, drawing)


def _decided(view: View, kind: str) -> str:
    cell: Any = view.reader.cell("organisation_plan_decided", plan_kind=kind)
    if cell is None or cell["value"] is None:
        return NOT_REPORTED
    return view.words("plans.organisation.is_decided" if cell["value"] else "plans.organisation.not_decided")


def _count(view: View, figure: str, kind: str) -> str:
    entry = view.reader.figure(figure)
    return view.numbers.cell(entry, view.reader.cell(figure, plan_kind=kind)) if entry else NOT_REPORTED
