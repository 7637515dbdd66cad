"""The open equality index: the mean of nine components, each between 0 and 1, made from protected cells.

Belongs here: how a component follows from a published figure. Does not belong here: those figures themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from warehouse.key_figures.entries import Catalogue
from warehouse.release import MISSING, SHOWN

INDEX = "equality_index"
HALF = 50.0
STANDING = ("06", "07", "08", "09", "10", "11")
"""The months in which a figure by month may have its last date before the end of November, where it moves half-yearly."""


def likeness(first: float, second: float) -> float:
    """The smaller divided by the larger; two nothings are alike."""
    largest = max(first, second)
    return min(first, second) / largest if largest else 1.0


COMPONENTS: Mapping[str, tuple[bool, Callable[..., float]]] = {
    "balanced_occupations_share": (False, lambda share: share / 100),
    "women_in_top_management": (False, lambda share: likeness(share, 100 - share)),
    "manager_parity": (False, lambda ratio: likeness(ratio, 1)),
    "pay_ratio_median": (False, lambda share: likeness(share, 100)),
    "long_term_sick_leave": (True, likeness),
    "full_time_share": (True, likeness),
    "permanent_share": (True, likeness),
    "parental_leave_men_share": (False, lambda share: min(share, HALF) / HALF),
    "active_work": (False, lambda share: share / 100),
}
"""Figure → whether both sexes' values are compared (else the whole's value is taken), and the component, 0–1."""


def parts_of(cells: pl.DataFrame, year: str) -> list[dict[str, Any]]:
    """The nine components of a November.

    Args:
        cells: protected cells.
        year: for example `2022`; figures by month are taken as they stood in November, or at their last date before it
            where they move seldom.

    Returns:
        One per component: figure, value (0–1, None where the figure is missing or hidden), from (the values it was made of).
    """
    known = cells.filter(pl.col("period").is_in([year, *(f"{year}-{month}" for month in STANDING)]))
    told = []
    for figure, (is_by_sex, component) in COMPONENTS.items():
        own = known.filter(
            (pl.col("figure") == figure) & (pl.col("breakdown") == ("sex" if is_by_sex else "total"))
        )
        own = own.filter((pl.col("period") == pl.col("period").max()) & (pl.col("status") == SHOWN))
        if is_by_sex:
            sides = dict(own.filter(pl.col("sex").is_in(["K", "M"])).select("sex", "value").iter_rows())
            made_of = [sides["K"], sides["M"]] if len(sides) == len("KM") else []
        else:
            made_of = own["value"].to_list()
        value = component(*made_of) if made_of else None
        told.append({"figure": figure, "value": value, "from": made_of})
    return told


def add_index(cells: pl.DataFrame, found: Catalogue) -> tuple[pl.DataFrame, dict[str, list[dict[str, Any]]]]:
    """The cells with the index of every November, and its parts by year.

    A missing component leaves the index missing: a mean of what happens to be there would rise when something is hidden.
    """
    if INDEX not in found.figures:
        return cells, {}
    version = found.figures[INDEX].version
    novembers = cells.filter(pl.col("figure").is_in(["balanced_occupations_share", "pay_ratio_median"]))
    years = novembers.select("period", "period_end").unique().sort("period").iter_rows()
    everybody = (
        (pl.col("figure") == "employees") & (pl.col("breakdown") == "total") & (pl.col("status") == SHOWN)
    )
    employed = dict(cells.filter(everybody).select("period", "n").iter_rows())
    rows, parts = [], {}
    for year, period_end in years:
        parts[year] = parts_of(cells, year)
        values = [part["value"] for part in parts[year] if part["value"] is not None]
        is_whole = len(values) == len(COMPONENTS)
        rows.append(
            {
                "figure": INDEX,
                "period": year,
                "period_end": period_end,
                "version": version,
                "breakdown": "total",
                "value": round(100 * sum(values) / len(values), 1) if is_whole else None,
                "n": employed.get(f"{year}-11") if is_whole else None,
                "status": SHOWN if is_whole else MISSING,
            }
        )
    if not rows:
        return cells, {}
    schema = {name: kind for name, kind in cells.schema.items() if name in rows[0]}
    made = pl.DataFrame(rows, schema=schema, orient="row")
    return pl.concat([cells, made], how="diagonal"), parts
