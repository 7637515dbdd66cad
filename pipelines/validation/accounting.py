"""Row accounting: every row that was ever delivered is somewhere, and nowhere twice.

Belongs here: the sum per contract and whether it closes.
Does not belong here: repairing anything.

All rows of a result are fetched: a connection with an unread row takes no other statement.
The sum is made from two sides that do not know each other: what the log promised of each delivery, and what lies in
the tables now.
"""

from __future__ import annotations

import duckdb
import polars as pl

from warehouse.contracts import CONTRACTS, Contract

SCHEMA = {
    "contract": pl.String,
    "delivered": pl.Int64,
    "loaded": pl.Int64,
    "superseded": pl.Int64,
    "quarantined": pl.Int64,
    "refused": pl.Int64,
    "repeats": pl.Int64,
    "closes": pl.Boolean,
}


def account(con: duckdb.DuckDBPyConnection, only: Contract | None = None) -> pl.DataFrame:
    """Delivered = loaded + superseded + quarantined + refused + repeats, in rows.

    Args:
        con: the warehouse.
        only: this contract alone.

    Returns:
        One row per contract that ever had a delivery: contract; delivered (rows of all files, repeats included); loaded (rows in
        the table now); superseded (rows that a newer delivery of their month replaced); quarantined (rows, not broken rules);
        refused (rows of deliveries refused whole); repeats (rows of files whose content had been delivered before); closes.
    """
    lines = [
        line
        for contract in ([only] if only else CONTRACTS.values())
        if (line := _of(con, contract)) is not None
    ]
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


def _of(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[object, ...] | None:
    logged = con.execute(
        """
        SELECT
            COUNT(*),
            COALESCE(SUM(rows_delivered), 0),
            COALESCE(SUM(rows_loaded) FILTER (status = 'loaded'), 0),
            COALESCE(SUM(rows_quarantined) FILTER (status = 'loaded'), 0),
            COALESCE(SUM(rows_delivered) FILTER (status = 'refused'), 0),
            COALESCE(SUM(rows_delivered) FILTER (status = 'repeat'), 0)
        FROM log.delivery
        WHERE contract = ?
        """,
        [contract.name],
    ).fetchall()[0]
    if not logged[0]:
        return None
    _, delivered, once_loaded, quarantined, refused, repeats = logged
    in_quarantine = con.execute(
        "SELECT COUNT(*) FROM (SELECT DISTINCT delivery_id, row_number FROM log.quarantine WHERE contract = ?)",
        [contract.name],
    ).fetchall()[0][0]
    loaded = con.execute(f"SELECT COUNT(*) FROM {contract.table}").fetchall()[0][0]
    standing, is_true = _standing(con, contract) if contract.is_by_month else _standing_groups(con, contract)
    superseded = once_loaded - standing
    closes = (
        is_true
        and loaded == standing
        and in_quarantine == quarantined
        and delivered == loaded + superseded + quarantined + refused + repeats
    )
    return contract.name, delivered, loaded, superseded, quarantined, refused, repeats, closes


def _standing(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[int, bool]:
    """Rows the log promises for the months in the table, and whether each month is exactly one delivery's."""
    found = con.execute(
        f"""
        WITH promised AS (
            SELECT delivery_id, UNNEST(months) AS month, UNNEST(month_rows) AS month_rows
            FROM log.delivery
            WHERE contract = ? AND status = 'loaded'
        ),

        stands AS (
            SELECT month, delivery_id, COUNT(*) AS table_rows, COUNT(*) OVER (PARTITION BY month) AS deliveries_of_month
            FROM {contract.table}
            GROUP BY month, delivery_id
        )

        SELECT
            COALESCE(SUM(promised.month_rows), 0),
            COALESCE(BOOL_AND(stands.table_rows = promised.month_rows AND stands.deliveries_of_month = 1), TRUE)
        FROM stands
        LEFT JOIN promised ON stands.delivery_id = promised.delivery_id AND stands.month = promised.month
        """,
        [contract.name],
    ).fetchall()[0]
    return int(found[0]), bool(found[1])


def _standing_groups(con: duckdb.DuckDBPyConnection, contract: Contract) -> tuple[int, bool]:
    """Rows in the table of deliveries that the log knows, and whether each group has the rows of one delivery, and no more."""
    group = ", ".join(contract.replaced_by)
    rows, is_within = con.execute(
        f"""
        WITH stands AS (
            SELECT delivery_id, COUNT(*) AS table_rows FROM {contract.table} GROUP BY delivery_id
        )

        SELECT
            COALESCE(SUM(stands.table_rows), 0),
            COALESCE(BOOL_AND(stands.table_rows <= delivery.rows_loaded), TRUE)
        FROM stands
        INNER JOIN log.delivery AS delivery
            ON
                stands.delivery_id = delivery.delivery_id
                AND delivery.contract = ?
                AND delivery.status = 'loaded'
        """,
        [contract.name],
    ).fetchall()[0]
    mixed = con.execute(
        f"SELECT COUNT(*) FROM (SELECT {group} FROM {contract.table} GROUP BY {group} HAVING COUNT(DISTINCT delivery_id) > 1)"
    ).fetchall()[0][0]
    return int(rows), bool(is_within) and not mixed
