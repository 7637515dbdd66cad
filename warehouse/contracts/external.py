"""The subject external: figures that others publish.

Belongs here: the columns, types, keys, allowed values and row rules of `external_figure`.
Does not belong here: asking for them (pipelines/intake/kolada.py).
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told
from warehouse.contracts.shared import MONTHLY_RULES, Monthly, delivery, row


class ExternalFigure(Monthly):
    """One row per published value; its month is the month of retrieval."""

    month = dy.Date(
        primary_key=True,
        metadata=told("Månaden då värdet hämtades, dess första dag", "The month of retrieval, its first day"),
    )
    kpi = dy.String(
        primary_key=True,
        regex="^[NU][0-9]{5}$",
        metadata=told("Nyckeltalets id i Kolada", "The figure's id in Kolada"),
    )
    municipality = dy.String(
        primary_key=True,
        regex="^[0-9]{4}$",
        metadata=told("Kommunens id i Kolada", "The municipality's id in Kolada"),
    )
    period = dy.Int32(primary_key=True, min=1970, max=2100, metadata=told("År", "Year"))
    gender = dy.Enum(
        ["T", "K", "M"], primary_key=True, metadata=told("Totalt, kvinnor eller män", "Total, women or men")
    )
    value = dy.Float64(
        nullable=True,
        metadata=told(
            "Värdet i nyckeltalets enhet; tomt = saknas", "The value in the figure's unit; empty = missing"
        ),
    )
    status = dy.String(
        nullable=True,
        metadata=told("Koladas statuskod för saknade värden", "Kolada's status code of missing values"),
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def not_from_the_future(cls) -> pl.Expr:
        """A figure is of the year of its retrieval at the latest; forecasts are not taken in."""
        return pl.col("period") <= pl.col("month").dt.year()


EXTERNAL_FIGURE = Contract(
    name="external_figure",
    subject="external",
    version=1,
    title={"sv": "Andras nyckeltal", "en": "Figures of others"},
    grain={
        "sv": "En rad per nyckeltal, kommun, år, kön och hämtningsmånad.",
        "en": "One row per figure, municipality, year, gender and month of retrieval.",
    },
    schema=ExternalFigure,
    schema_in_duckdb="raw",
    rule_columns={**MONTHLY_RULES, "not_from_the_future": "period"},
)
