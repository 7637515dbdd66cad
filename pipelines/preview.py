"""What can be told of a table without telling of a person.

Belongs here: rows by month, how much of each column is filled, cells by theme: sums over whole months only.
Does not belong here: judging (validation), or anything by department, unit or person.
"""

from __future__ import annotations

import duckdb

from warehouse.key_figures.catalogue import catalogue
from warehouse.store import Store


def rows_by_month(store: Store, table: str) -> dict[str, int]:
    """Rows of a table by month (`2026-10`), oldest first; empty when the table is not there yet, or not by month."""
    with store.read() as con:
        if "month" not in _columns(con, table):
            return {}
        return dict(
            con.execute(
                f"SELECT strftime(month, '%Y-%m'), count(*) FROM {table} GROUP BY ALL ORDER BY ALL"
            ).fetchall()
        )


def filled_shares(store: Store, table: str) -> dict[str, float]:
    """Percent of rows with a value, by column, in the table's latest month; empty when there are no rows."""
    with store.read() as con:
        columns = _columns(con, table)
        if "month" not in columns:
            return {}
        counted = ", ".join(f'round(100.0 * count("{name}") / count(*), 1)' for name in columns)
        rows = con.execute(
            f"SELECT {counted} FROM {table} WHERE month = (SELECT max(month) FROM {table}) HAVING count(*) > 0"
        ).fetchall()
        return dict(zip(columns, rows[0], strict=True)) if rows else {}


def cells_by_figure(store: Store, theme: str) -> dict[str, tuple[int, int]]:
    """For each figure of a theme: how many cells and how many periods have been computed."""
    figures = [figure.id for figure in catalogue().figures.values() if figure.theme == theme]
    with store.read() as con:
        if not _columns(con, "figures.cell"):
            return dict.fromkeys(figures, (0, 0))
        counted = con.execute(
            "SELECT figure, count(*), count(DISTINCT period) FROM figures.cell GROUP BY figure"
        ).fetchall()
    found = {figure: (cells, periods) for figure, cells, periods in counted}
    return {figure: found.get(figure, (0, 0)) for figure in figures}


def _columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    schema, name = table.split(".")
    found = con.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
        [schema, name],
    ).fetchall()
    return [column for (column,) in found]
