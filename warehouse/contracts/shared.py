"""Columns and rules that contracts of several subjects have in common.

Belongs here: the month a row stands for, whose row it is, which delivery and row it came with.
Does not belong here: anything that one subject alone has.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import told


class Monthly(dy.Schema):
    """Every row belongs to a month, written as its first day."""

    month = dy.Date(
        nullable=False,
        metadata=told(
            "Månaden raden hör till, dess första dag", "The month the row belongs to, its first day"
        ),
    )

    @dy.rule()
    def month_is_first_day(cls) -> pl.Expr:
        """A month is written as its first day."""
        return pl.col("month").dt.day() == 1


MONTHLY_RULES = {"month_is_first_day": "month"}


def delivery() -> dy.String:
    """The delivery that a row came with."""
    return dy.String(
        nullable=False, metadata=told("Leveransen raden kom med", "The delivery the row came with", made=True)
    )


def row(primary_key: bool = False) -> dy.Int32:
    """The row in the delivery, counted as its author sees it; a key where identical rows may be different things."""
    return dy.Int32(
        nullable=False,
        primary_key=primary_key,
        min=1,
        metadata=told("Rad i leveransen", "Row in the delivery", made=True),
    )


def person(primary_key: bool = False, nullable: bool = False) -> dy.String:
    """A person, as the same keyed hash in every subject."""
    return dy.String(
        nullable=nullable,
        primary_key=primary_key,
        metadata=told(
            "Samma personnyckel som i hr_employment",
            "The same person key as in hr_employment",
            delivered="person_id",
            identity=True,
        ),
    )
