"""Delaktighet och samverkan: who has taken part, what ideas came of it, and which departments meet.

Belongs here: participation and collaboration. Does not belong here: the plans (learning.py, plans.py).
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
        words("participation.lead"),
        parts.choose(view, parts.period_choice(view), keep={"by": BY}),
        blocks.tiles(
            view,
            (
                "participation_rate",
                "participation_hours",
                "participation_time_share",
                "ideas_per_100",
                "cross_department_ideas",
                "joint_projects",
                "idea_implementation_rate",
                "idea_lead_time",
                "collaboration_density",
                "citizen_influence",
            ),
            "in-short",
            words("participation.in_short"),
        ),
        series.over_time(view, "participation_rate", "rate"),
        blocks.by_group(view, "participation_rate", "rate-groups", BY),
        series.over_time(view, "cross_department_ideas", "ideas"),
        matrices.matrix(view, "department_links", "links", "other_department", "department"),
    )
