"""Core tables: one tidy table per subject, built from the raw deliveries by the SQL in warehouse/core.

Belongs here: which months must be built, and building them whole.
Does not belong here: the SQL (warehouse/core/*.sql), and what a figure makes of the tables.

A month is built again when what it is made from has changed: its deliveries, the SQL, or the settings that the SQL reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

import warehouse
from warehouse.settings import Settings
from warehouse.store import Store

CORE = Path(warehouse.__file__).parent / "core"


@dataclass(frozen=True)
class CoreTable:
    """A core table: where it lives, the file with its SQL, and whether a month can be replaced on its own.

    `reach` is how many months later a changed month still matters.
    """

    name: str
    file: str
    is_by_month: bool
    reach: int = 0


TABLES = (
    CoreTable("core.employment_month", "employment_month.sql", is_by_month=True),
    CoreTable("core.person_month", "person_month.sql", is_by_month=True),
    CoreTable("core.person_change", "person_change.sql", is_by_month=True, reach=12),
    # A spell goes over the ends of months: a new month changes the spells of earlier ones.
    CoreTable("absence.time_month", "time_month.sql", is_by_month=False),
)


@dataclass(frozen=True)
class Built:
    """What building the core came to: the months that were built, and rows by table afterwards."""

    months: tuple[date, ...]
    rows: dict[str, int]


def build_core(store: Store, settings: Settings, months: Collection[date] | None = None) -> Built:
    """Bring the core tables up to date with the raw deliveries, in one transaction.

    Args:
        store: the warehouse.
        settings: the choices that the SQL reads (who is a manager).
        months: limit to these months; default every month that has changed.

    Returns:
        The months built (first days), and the rows of each table.
    """
    with store.write() as con:
        wanted = fingerprints(con, settings)
        known = dict(con.execute("SELECT period, fingerprint FROM log.built WHERE what = 'core'").fetchall())
        gone = [month for month in known if month not in wanted]
        changed = sorted(
            month
            for month, fingerprint in wanted.items()
            if known.get(month) != fingerprint and (months is None or date.fromisoformat(month) in months)
        )
        if changed or gone:
            with store.transaction(con):
                _build(con, settings, [*changed, *gone])
                con.executemany(
                    "DELETE FROM log.built WHERE what = 'core' AND period = ?",
                    [[month] for month in [*changed, *gone]],
                )
                if changed:
                    con.executemany(
                        "INSERT INTO log.built VALUES ('core', ?, ?)",
                        [[month, wanted[month]] for month in changed],
                    )
        rows = {table.name: _rows(con, table.name) for table in TABLES}
    return Built(tuple(date.fromisoformat(month) for month in changed), rows)


def fingerprints(con: duckdb.DuckDBPyConnection, settings: Settings) -> dict[str, str]:
    """For every month with deliveries of employments, a hash of all that its core rows are made from."""
    made_from = _made_from(settings)
    found = con.execute(
        """
        WITH current_delivery AS (
            SELECT DISTINCT month, delivery_id FROM raw.hr_employment
            UNION
            SELECT DISTINCT month, delivery_id FROM absence.hr_absence
        )
        SELECT CAST(month AS VARCHAR), STRING_AGG(delivery_id, ',' ORDER BY delivery_id)
        FROM current_delivery
        WHERE month IN (SELECT month FROM raw.hr_employment)
        GROUP BY month
        """
    ).fetchall()
    return {
        month: hashlib.sha256(f"{made_from}:{deliveries}".encode()).hexdigest()[:16]
        for month, deliveries in found
    }


def _made_from(settings: Settings) -> str:
    text = "".join((CORE / table.file).read_text(encoding="utf-8") for table in TABLES)
    return hashlib.sha256(f"{text}{sorted(settings.definitions.manager_codes)}".encode()).hexdigest()


def _build(con: duckdb.DuckDBPyConnection, settings: Settings, months: list[str]) -> None:
    con.execute("SET VARIABLE manager_codes = ?", [list(settings.definitions.manager_codes)])
    con.execute(
        "CREATE OR REPLACE TEMP TABLE changed_month AS SELECT CAST(UNNEST(?) AS DATE) AS month", [months]
    )
    for table in TABLES:
        con.execute(
            f"""
            CREATE OR REPLACE TEMP TABLE wanted_month AS
            SELECT month FROM changed_month
            UNION
            SELECT CAST(month + INTERVAL {table.reach} MONTH AS DATE) FROM changed_month
            """
        )
        sql = (CORE / table.file).read_text(encoding="utf-8")
        if not table.is_by_month or _columns(con, table.name) != [
            name for name, *_ in con.execute(f"DESCRIBE {sql}").fetchall()
        ]:
            if table.is_by_month:
                # The table has other columns than its SQL: every month must be built again.
                con.execute(
                    "CREATE OR REPLACE TEMP TABLE wanted_month AS SELECT DISTINCT month FROM raw.hr_employment"
                )
            con.execute(f"CREATE OR REPLACE TABLE {table.name} AS {sql}")
            continue
        con.execute(f"DELETE FROM {table.name} WHERE month IN (SELECT month FROM wanted_month)")
        con.execute(f"INSERT INTO {table.name} {sql}")


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    schema, name = table.split(".")
    found = con.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
        [schema, name],
    ).fetchall()
    return [column for (column,) in found]


def _rows(con: duckdb.DuckDBPyConnection, table: str) -> int:
    if not _columns(con, table):
        return 0
    (rows,) = con.execute(f"SELECT COUNT(*) FROM {table}").fetchone() or (0,)
    return int(rows)
