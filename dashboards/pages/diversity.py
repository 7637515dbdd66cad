"""Mångfald: ages, foreign-born parity, and what the leaders' plans do for diversity.

Belongs here: diversity in the broad sense. Does not belong here: women and men (equality.py).
"""

from __future__ import annotations

from dash import html

from dashboards.pages import blocks, matrices, parts, series
from dashboards.view import View


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    return parts.page(
        view,
        words("diversity.lead"),
        parts.choose(view, parts.period_choice(view), keep={"by": ("ground", "area", "department")}),
        blocks.tiles(
            view,
            ("age_evenness", "department_information_index", "inclusion", "accessibility_gap"),
            "in-short",
            words("diversity.in_short"),
        ),
        series.over_time(view, "foreign_born_parity", "parity"),
        blocks.by_group(
            view, "foreign_born_parity_compared", "parity-compared", ("municipality",), controls=False
        ),
        series.over_time(view, "leader_plans_with_diversity", "leader-plans"),
        blocks.by_group(view, "diversity_measures_done", "measures-done", ("ground", "area", "department")),
        series.over_time(view, "diversity_measures_late", "measures-late"),
        matrices.matrix(
            view,
            "age_distribution",
            "ages-by-department",
            "age_group",
            "department",
            (10.0, 20.0, 35.0, 50.0),
        ),
    )
