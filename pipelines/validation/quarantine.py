"""Sifting rows: the good go on, the rest go to quarantine with the rule that they break.

Belongs here: running the contract's rules on every row and naming rule, column and row for each that breaks one.
Does not belong here: the rules (warehouse/contracts), and whether so many bad rows refuse the delivery (deliveries.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from pipelines.intake.translate import FAULT
from warehouse.contracts import Contract
from warehouse.contracts.rules import CHECKS

FAULT_SCHEMA = {"row_number": pl.Int32, "month": pl.Date, "column_name": pl.String, "rule": pl.String}


@dataclass(frozen=True)
class Sifted:
    """A delivery's rows, sifted.

    Attributes:
        good: the contract's stored columns; one row per good row.
        bad: the same columns and `rules`; one row per quarantined row, pseudonymised, unreadable values empty.
        faults: one row per quarantined row and broken rule: row_number, month, column_name (as the contract calls it in a
            delivery), rule.
    """

    good: pl.DataFrame
    bad: pl.DataFrame
    faults: pl.DataFrame


def sift(contract: Contract, frame: pl.DataFrame) -> Sifted:
    """Run every row rule of a contract.

    Rows with a value that could not be read are judged with the others, so that a key that occurs twice is seen
    although one of its
    rows is bad in another way as well: all rows of such a key go to quarantine, because which is right cannot be known.

    Args:
        contract: the rules.
        frame: the contract's stored columns, and FAULT and EMPTY columns as `translate` makes them.
    """
    rows = frame.select(contract.columns)
    result = contract.schema.filter(rows)
    marks = frame.select(pl.col("^" + FAULT + ".*$"))
    has_mark = not marks.is_empty() and bool(
        marks.select(pl.any_horizontal(pl.all().is_not_null().any())).item()
    )
    if not has_mark and not len(result.failure):
        return Sifted(
            rows,
            rows.clear().with_columns(pl.lit(None, dtype=pl.List(pl.String)).alias("rules")),
            pl.DataFrame(schema=FAULT_SCHEMA),
        )
    faults = pl.concat([_unreadable(contract, frame), _broken(contract, result.failure.details())])
    # An unreadable value is empty now: that it is missing is no second fault.
    unread = faults.filter(~pl.col("rule").is_in(["missing"])).select("row_number", "column_name")
    missing = faults.filter(pl.col("rule") == "missing").join(
        unread, on=["row_number", "column_name"], how="anti"
    )
    faults = (
        pl.concat([faults.filter(pl.col("rule") != "missing"), missing])
        .unique()
        .sort("row_number", "column_name", "rule")
    )
    named = faults.group_by("row_number").agg(
        pl.concat_str(["column_name", "rule"], separator=":").sort().alias("rules")
    )
    bad = rows.join(named, on="row_number", how="inner").sort("row_number")
    good = rows.join(named, on="row_number", how="anti")
    return Sifted(good, bad, faults)


def _unreadable(contract: Contract, frame: pl.DataFrame) -> pl.DataFrame:
    names = {each.stored: each.delivered for each in contract.fields} | {"#fields": "*"}
    marks = [name for name in frame.columns if name.startswith(FAULT)]
    marked = frame.select("row_number", "month", *marks).filter(
        pl.any_horizontal(pl.col(marks).is_not_null())
    )
    return (
        marked.unpivot(marks, index=["row_number", "month"], variable_name="column_name", value_name="rule")
        .drop_nulls("rule")
        .with_columns(pl.col("column_name").str.strip_prefix(FAULT).replace_strict(names))
        .select(list(FAULT_SCHEMA))
        .cast(FAULT_SCHEMA)  # type: ignore[arg-type]
    )


def _broken(contract: Contract, details: pl.DataFrame) -> pl.DataFrame:
    rules = [name for name in details.columns if name not in contract.columns]
    if details.is_empty():
        return pl.DataFrame(schema=FAULT_SCHEMA)
    named = {rule: _named(contract, rule) for rule in rules}
    return (
        details.select("row_number", "month", pl.col(rules).cast(pl.String))
        .unpivot(rules, index=["row_number", "month"], variable_name="check", value_name="outcome")
        .filter(pl.col("outcome") == "invalid")
        .with_columns(
            pl.col("check")
            .replace_strict({rule: column for rule, (column, _) in named.items()})
            .alias("column_name"),
            pl.col("check").replace_strict({rule: name for rule, (_, name) in named.items()}).alias("rule"),
        )
        .select(list(FAULT_SCHEMA))
        .cast(FAULT_SCHEMA)  # type: ignore[arg-type]
    )


def _named(contract: Contract, rule: str) -> tuple[str, str]:
    """The column and the name under which a broken rule is told."""
    if rule == "primary_key":
        return contract.field(
            contract.key[-1] if len(contract.key) == 1 else contract.key[1]
        ).delivered, "duplicate_key"
    if "|" in rule:
        column, check = rule.split("|", 1)
        return contract.field(column).delivered, CHECKS[check]
    return contract.field(contract.rule_columns[rule]).delivered, rule
