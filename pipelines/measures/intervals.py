"""Intervals: how far chance alone may have moved a published value, 95 percent, made from protected cells.

Belongs here: Wilson's interval for shares, Newcombe's for differences between shares, and which figure gets which.
Does not belong here: intervals that need rows (the catalogue's `errors`, the regression): the engine makes those.

Survey indices are means of values between 0 and 100. The variance of such a mean is never larger than that of a share of the same
size, so Wilson's interval for the index as a share is on the safe side and needs nothing but the index and n.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pipelines.measures.compiled import Z95
from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.release import SHOWN


def wilson(share: pl.Expr, n: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The ends of Wilson's interval.

    Args:
        share: between 0 and 1.
        n: how many it is a share of; 0 gives no interval.

    Returns:
        low, high between 0 and 1.
    """
    n = pl.when(n > 0).then(n)
    shrunk = 1 + Z95**2 / n
    middle = (share + Z95**2 / (2 * n)) / shrunk
    half = Z95 * (share * (1 - share) / n + Z95**2 / (4 * n**2)).sqrt() / shrunk
    return (middle - half).clip(0, 1), (middle + half).clip(0, 1)


def is_proportion(found: Catalogue, figure: Figure) -> bool:
    """Whether the value is a share of counted persons: of those in the denominator, so many are in the numerator."""
    if figure.value != "share" or figure.method or figure.errors or not figure.denominator:
        return False
    row = found.subjects[figure.subject].row
    if row == "count":
        # Shares of counted persons list them; milestones and pairs of departments are no sample of anything.
        return figure.protection == "survey"
    # New employees are no part of last year's: a rate, not a proportion. Hours are no counts.
    formulas = [found.formula(figure, text) for text in (figure.numerator, figure.denominator)]
    return not figure.tested and all(part.is_count for formula in formulas for part in formula.parts)


def is_survey_index(figure: Figure) -> bool:
    """Whether the value is a mean of answers, 0–100."""
    return figure.protection == "survey" and figure.unit == "index"


def add_intervals(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """Fill `low` and `high` where they can be made of the protected cells.

    Args:
        cells: protected cells; those that are not shown have no numbers, and get none here.
        found: the catalogue.
    """
    figures = found.figures.values()
    shares = [figure.id for figure in figures if is_proportion(found, figure)]
    indices = [figure.id for figure in figures if is_survey_index(figure)]
    is_share, is_index = pl.col("figure").is_in(shares), pl.col("figure").is_in(indices)
    share = (
        pl.when(is_share).then(pl.col("numerator") / pl.col("denominator")).otherwise(pl.col("value") / 100)
    )
    n = pl.when(is_share).then(pl.col("denominator")).otherwise(pl.col("n")).cast(pl.Float64)
    low, high = wilson(share, n)
    wanted = (is_share | is_index) & (pl.col("status") == SHOWN)
    cells = cells.with_columns(
        low=pl.when(wanted).then(100 * low).otherwise(pl.col("low")),
        high=pl.when(wanted).then(100 * high).otherwise(pl.col("high")),
    )
    for figure in figures:
        if figure.sides:
            cells = _between_sides(cells, figure, figure.sides, list(found.dimensions))
    # What is shown with one decimal has an interval with one.
    rounded = pl.col("figure").is_in([figure.id for figure in figures if figure.protection == "municipality"])
    return cells.with_columns(
        pl.when(rounded).then(pl.col(name).round(1)).otherwise(pl.col(name)).alias(name)
        for name in ("low", "high")
    )


def _between_sides(
    cells: pl.DataFrame, figure: Figure, share: str, dimensions: Sequence[str]
) -> pl.DataFrame:
    """Newcombe's interval (1998, method 10) for men's share − women's, from the two shares' own intervals."""
    group = ["period", *(name for name in dimensions if name != "sex")]
    own = cells.filter((pl.col("figure") == share) & (pl.col("status") == SHOWN))
    men, women = (
        own.filter(pl.col("sex") == sex).select(
            *group, *(pl.col(name).alias(f"{name}_{sex}") for name in ("value", "low", "high"))
        )
        for sex in ("M", "K")
    )
    sides = men.join(women, on=group, nulls_equal=True).with_columns(figure=pl.lit(figure.id))
    value = pl.col("value_M") - pl.col("value_K")
    down = ((pl.col("value_M") - pl.col("low_M")) ** 2 + (pl.col("high_K") - pl.col("value_K")) ** 2).sqrt()
    up = ((pl.col("high_M") - pl.col("value_M")) ** 2 + (pl.col("value_K") - pl.col("low_K")) ** 2).sqrt()
    sides = sides.select("figure", *group, low_side=value - down, high_side=value + up)
    is_shown = pl.col("status") == SHOWN
    joined = cells.join(sides, on=["figure", *group], how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(
        low=pl.when(is_shown & pl.col("low_side").is_not_null())
        .then(pl.col("low_side"))
        .otherwise(pl.col("low")),
        high=pl.when(is_shown & pl.col("high_side").is_not_null())
        .then(pl.col("high_side"))
        .otherwise(pl.col("high")),
    ).drop("low_side", "high_side")
