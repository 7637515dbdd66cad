"""Contracts whose deliveries hold parts of a month: which delivery stands for each group.

Belongs here: making such a contract's table follow the log, group by group, and what a server has withdrawn.
Does not belong here: the log and contracts that are delivered by whole months (loading.py).

A group is a survey round, a version of a submission, an idea: whatever the contract's `replaced_by` names. Its rows are those of
the newest delivery that holds it, or none where that delivery withdraws it. The table is worked out from all deliveries each time
something was entered, so the order in which they arrive, and how often, cannot matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from pipelines.intake.pulled import Group, Held
from pipelines.intake.raw_store import Delivery, rows_file, withdrawn_file
from warehouse.contracts import Contract


def replace_groups(
    con: duckdb.DuckDBPyConnection, contract: Contract, raw: Path, ranked: Sequence[Delivery]
) -> None:
    """Make the table hold the newest delivery of each group.

    Args:
        con: the warehouse, in a transaction.
        contract: whose table.
        raw: the raw store.
        ranked: every loaded delivery, the oldest first.
    """
    con.execute(f"DELETE FROM {contract.table}")
    files = [str(rows_file(raw, contract.name, line.delivery_id)) for line in ranked if line.rows_loaded]
    if not files:
        return
    columns, group = ", ".join(contract.columns), ", ".join(contract.replaced_by)
    withdrawals = [
        path for line in ranked if (path := withdrawn_file(raw, contract.name, line.delivery_id)).exists()
    ]
    taken_away = (
        f"UNION ALL SELECT {group}, delivery_id FROM read_parquet($withdrawals)" if withdrawals else ""
    )
    same = " AND ".join(f"delivered.{name} = newest.{name}" for name in contract.replaced_by)
    con.execute(
        f"""
        INSERT INTO {contract.table} ({columns})
        WITH place AS (
            SELECT UNNEST($ranked) AS delivery_id, UNNEST(RANGE(LEN($ranked))) AS place
        ),

        delivered AS (
            SELECT {columns} FROM read_parquet($files, union_by_name = true)
        ),

        newest AS (
            SELECT {group}, ARG_MAX(delivery_id, place) AS delivery_id
            FROM (SELECT {group}, delivery_id FROM delivered {taken_away})
            INNER JOIN place USING (delivery_id)
            GROUP BY {group}
        )

        SELECT {", ".join(f"delivered.{name}" for name in contract.columns)}
        FROM delivered
        INNER JOIN newest ON {same} AND delivered.delivery_id = newest.delivery_id
        """,
        {
            "ranked": [line.delivery_id for line in ranked],
            "files": files,
            **({"withdrawals": [str(path) for path in withdrawals]} if withdrawals else {}),
        },
    )


def gone(con: duckdb.DuckDBPyConnection, contract: Contract, source: str, held: Held) -> pl.DataFrame:
    """The groups that a server delivered before and does not hold any more.

    Args:
        con: the warehouse.
        contract: whose table.
        source: the server's name.
        held: what it holds now.

    Returns:
        One row per group: the columns of `replaced_by`.
    """
    group = ", ".join(contract.replaced_by)
    delivered = con.sql(
        f"""
        SELECT DISTINCT {group}
        FROM {contract.table}
        WHERE delivery_id IN (SELECT delivery_id FROM log.delivery WHERE contract = ? AND source = ?)
        ORDER BY ALL
        """,
        params=[contract.name, source],
    ).pl()
    return delivered.filter(pl.Series([held.lacks(each) for each in as_groups(delivered)], dtype=pl.Boolean))


def as_groups(groups: pl.DataFrame) -> list[Group]:
    """Groups as text: a row for each, the columns of `replaced_by`."""
    return groups.select(pl.all().cast(pl.String)).rows()
