"""Primary rules: which cells tell too much by themselves, and the one mask over everything said of a group.

Belongs here: the thresholds by protection class (the only place that states them), and hiding.
Does not belong here: cells that must be hidden to protect others (secondary suppression), and what a figure means.

The published status does not tell why a cell is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.disclosure.rounding import rounded
from warehouse.key_figures.entries import Catalogue
from warehouse.release import HIDDEN, MISSING, NUMBERS, SHOWN


@dataclass(frozen=True)
class Rule:
    """A protection class: the smallest number of persons that may be shown, and whether it may be broken down.

    A group that nobody belongs to is no secret; one with 1 to `smallest` - 1 persons is.
    """

    smallest: int
    is_broken_down: bool = True
    decimals: int | None = None

    @property
    def smallest_size(self) -> int:
        """From how many persons on the size of a group is no secret, whatever is said of them."""
        return min(self.smallest, SMALLEST_GROUP_TOLD)


SMALLEST_GROUP_TOLD = 5
"""From here on the size of a group is no secret, whatever is hidden of what they do or answer: see decision 0020."""

SEXES = ("K", "M")
"""The sexes that are shown beside each other; who is of neither, or of none that is known, is a group of their own."""

RULES: Mapping[str, Rule] = {
    "membership": Rule(5),
    "office": Rule(1),
    "municipality": Rule(1, is_broken_down=False, decimals=1),
    "workforce": Rule(5),
    "plan": Rule(5),
    "health": Rule(11),
    "pay": Rule(10),
    "survey": Rule(10),
    "none": Rule(1),
}

SMALLEST_WITH_EXTREMES = 20
"""A sensitive figure may be 0 % or 100 % (an index 0 or 100) of so many persons, not of fewer."""

P_PERCENT = 10.0
"""On sums: an outsider must not be able to come closer to a hidden one than this."""


CONSTANTS = (SMALLEST_GROUP_TOLD, SMALLEST_WITH_EXTREMES, P_PERCENT)
"""What the rules rest on beside the classes."""


def protect(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """Hide what the primary rules hide.

    Args:
        cells: `figures.cell`: one row per figure, period, breakdown and group, with `tested`, the numbers of persons in
            denominator, numerator and remainder (or those that the catalogue lists).
        found: the catalogue, for the figures' protection classes.

    Returns:
        The same rows with `status`; every number of a cell that is not shown is empty, and `tested` is gone.
    """
    return mask(judge(cells, found), found)


def judge(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """Add `_hide`: whether a cell tells too much by itself, or one of the other sex beside it does.

    Rows are added, with `_is_nobody`, for small groups that a sensitive figure is about none of: see `_with_nobody`.
    """
    smallest = {figure.id: RULES[figure.protection].smallest for figure in found.figures.values()}
    whole = [figure.id for figure in found.figures.values() if not RULES[figure.protection].is_broken_down]
    limit = pl.col("figure").replace_strict(smallest, return_dtype=pl.Int64)
    judged = _with_nobody(cells, found).with_columns(
        _smallest_told=pl.col("tested").list.eval(pl.element().filter(pl.element() > 0)).list.min()
    )
    is_small = pl.col("_smallest_told").is_not_null() & (pl.col("_smallest_told") < limit)
    is_broken_down = pl.col("figure").is_in(whole) & (pl.col("breakdown") != "total")
    judged = judged.with_columns(_hide=is_small | is_broken_down | _is_extreme(found) | pl.col("_is_nobody"))
    # Total and women shown means men shown: the sexes of a group stand and fall together.
    siblings = ["figure", "period", "breakdown", *(name for name in found.dimensions if name != "sex")]
    judged = judged.with_columns(
        _hide=pl.when(pl.col("sex").is_not_null())
        .then(pl.col("_hide").any().over(siblings))
        .otherwise(pl.col("_hide"))
    )
    return judged.drop("_smallest_told")


def _with_nobody(cells: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """List the small groups in which a sensitive figure is about nobody, such as the length of a sickness that nobody had.

    Another figure of the same subject lists the group. That it were lacking here would say that not one of them counts. Those of
    unknown sex may have been left out of the whole figure (pipelines/measures/known_sex.py): that says nothing.
    """
    cells = cells.with_columns(_is_nobody=pl.lit(value=False))
    place = ["period", "breakdown", *found.dimensions]
    for figure in found.figures.values():
        own = cells.filter(pl.col("figure") == figure.id)
        if not figure.sensitive or own.is_empty():
            continue
        alike = [one.id for one in found.figures.values() if one.subject == figure.subject]
        groups = cells.filter(
            pl.col("figure").is_in(alike) & pl.col("sex").is_in(SEXES).fill_null(value=True)
        )
        groups = groups.group_by(place).agg(pl.col("n").max())
        tables = own.select("period", "breakdown", "period_end", "version").unique()
        lacking = (
            groups.filter(pl.col("n") < SMALLEST_WITH_EXTREMES)
            .join(own, on=place, how="anti", nulls_equal=True)
            .join(tables, on=["period", "breakdown"])
            .sort(place)
            .with_columns(
                figure=pl.lit(figure.id),
                n=pl.lit(0, cells.schema["n"]),
                tested=pl.lit([0], cells.schema["tested"]),
                _is_nobody=pl.lit(value=True),
            )
        )
        cells = pl.concat([cells, lacking], how="diagonal")
    return cells


def _is_extreme(found: Catalogue) -> pl.Expr:
    """Whether a sensitive figure says that nobody, or everybody, of a small group counts: of each of them, then."""
    sensitive = [figure.id for figure in found.figures.values() if figure.sensitive]
    is_extreme = pl.col("value").is_in([0.0, 100.0]) & (pl.col("n") < SMALLEST_WITH_EXTREMES)
    return pl.col("figure").is_in(sensitive) & is_extreme.fill_null(value=False)


def mask(judged: pl.DataFrame, found: Catalogue) -> pl.DataFrame:
    """Take every number out of the cells that are not shown.

    Args:
        judged: cells with `_hide`.
        found: the catalogue.
    """
    status = (
        pl.when(pl.col("_hide"))
        .then(pl.lit(HIDDEN))
        .when(pl.col("value").is_null())
        .then(pl.lit(MISSING))
        .otherwise(pl.lit(SHOWN))
    )
    without = [pl.lit(None, pl.Float64).alias(name) for name in ("low", "high") if name not in judged.columns]
    decimals = {name: rule.decimals for name, rule in RULES.items()}
    masked = rounded(judged.with_columns(*without, status=status), found, decimals).with_columns(
        pl.when(pl.col("status") == SHOWN).then(pl.col(name)).alias(name) for name in NUMBERS
    )
    order = ["figure", "period", "period_end", "version", "breakdown", *found.dimensions, *NUMBERS, "status"]
    return masked.select(order).sort(order[:5] + list(found.dimensions))
