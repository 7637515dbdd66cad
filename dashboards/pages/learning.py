"""Lärande: plans, development needs, training and dialogues.

Belongs here: how the organisation learns. Does not belong here: the leaders' and the organisation's own plans (plans.py).
"""

from __future__ import annotations

from dash import html

from dashboards.pages import blocks, matrices, parts, series
from dashboards.view import View

BY = ("department", "age_group", "sex")


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("learning.lead"),
        parts.choose(view, parts.period_choice(view), keep={"by": BY}),
        blocks.tiles(
            view,
            (
                "plan_coverage",
                "goal_linked_plans",
                "mapped_needs",
                "need_met_rate",
                "training_hours",
                "dialogue_coverage",
            ),
            "in-short",
            words("learning.in_short"),
        ),
        series.over_time(view, "plan_coverage", "coverage"),
        blocks.by_group(view, "plan_coverage", "coverage-groups", BY),
        blocks.by_group(view, "development_need", "needs", ("competence_area",), controls=False),
        matrices.matrix(view, "development_need", "needs-matrix", "competence_area", "department"),
        series.over_time(view, "training_hours", "training"),
        series.over_time(view, "dialogue_coverage", "dialogues"),
    )
