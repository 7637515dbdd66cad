"""How finely a shown number is told: a median is somebody's pay.

Belongs here: rounding the numbers of shown cells.
Does not belong here: which cells are shown (primary.py), how pages write numbers.

Gaps and ratios are made of exact amounts and rounded to their decimals; a difference is rounded like the two levels that it lies
between. Told to the last digit, it would give both away.
"""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from warehouse.key_figures.entries import Catalogue


def rounded(cells: pl.DataFrame, found: Catalogue, decimals: Mapping[str, int | None]) -> pl.DataFrame:
    """The cells with the numbers that may be told.

    Args:
        cells: with value, low, high, numerator and denominator.
        found: the catalogue, for the figures of money (`amounts`) and the decimals of their units.
        decimals: by protection class, of values and intervals; None = as they are.
    """
    figures = found.figures.values()
    places = {figure.id: decimals[figure.protection] for figure in figures}
    places |= {figure.id: found.units[figure.unit].decimals for figure in figures if figure.amounts}
    for own in {each for each in places.values() if each is not None}:
        are = pl.col("figure").is_in([figure for figure, each in places.items() if each == own])
        cells = cells.with_columns(
            pl.when(are).then(pl.col(name).round(own)).otherwise(pl.col(name)).alias(name)
            for name in ("value", "low", "high")
        )
    for figure in figures:
        if figure.amounts:
            in_kronor = ("value", "low", "high") if figure.value in {"count", "difference"} else ()
            names = ("numerator", "denominator", *in_kronor)
            multiple = [(pl.col(name) / figure.amounts).round() * figure.amounts for name in names]
            cells = cells.with_columns(
                pl.when(pl.col("figure") == figure.id).then(told).otherwise(pl.col(name)).alias(name)
                for name, told in zip(names, multiple, strict=True)
            )
    return cells
