"""Who works full time, when the source says how much, only whether, or nothing."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import warehouse
from warehouse.store import prepare

DELIVERY = """
INSERT INTO log.delivery BY NAME
SELECT
    'd' AS delivery_id, 'hr_employment' AS contract, 's' AS source, 'f' AS file_name, 'c' AS content_hash, 'm' AS mapping_hash,
    now()::TIMESTAMP AS delivered_at, now()::TIMESTAMP AS taken_at, [DATE '2026-10-01'] AS months, [1] AS month_rows,
    1 AS rows_delivered, 1 AS rows_loaded, 0 AS rows_quarantined, 'loaded' AS status,
    []::VARCHAR[] AS missing_columns, []::VARCHAR[] AS ignored_columns
"""
POST = """
INSERT INTO raw.hr_employment BY NAME
SELECT
    DATE '2026-10-01' AS month, ? AS employment_key, 'p' AS person_key, TRUE AS is_linked, 'D' AS department_code,
    'manadsavlonad' AS pay_form, 'd' AS delivery_id, ? AS row_number, ?::DOUBLE AS fte_agreed, ?::BOOLEAN AS is_full_time
"""
SQL = Path(warehouse.__file__).parent / "core"


@pytest.mark.parametrize(
    ("posts", "fte_agreed", "is_full_time"),
    [
        ([(100.0, None)], 100.0, True),
        ([(75.0, None)], 75.0, False),
        ([(60.0, None), (50.0, None)], 100.0, True),
        ([(None, False)], None, False),
        ([(None, True)], None, True),
        ([(None, False), (None, True)], None, True),
        ([(None, None)], None, None),
    ],
)
def test_extent_of_a_person(
    posts: list[tuple[float | None, bool | None]], fte_agreed: float | None, is_full_time: bool | None
):
    con = duckdb.connect()
    prepare(con)
    con.execute("SET VARIABLE manager_codes = ['A']")
    con.execute("CREATE TEMP TABLE wanted_month AS SELECT DATE '2026-10-01' AS month")
    con.execute(DELIVERY)
    for number, (extent, full) in enumerate(posts):
        con.execute(POST, [f"e{number}", number, extent, full])
    con.execute(
        f"CREATE TABLE core.employment_month AS {(SQL / 'employment_month.sql').read_text(encoding='utf-8')}"
    )
    person_month = (SQL / "person_month.sql").read_text(encoding="utf-8")
    rows = con.execute(f"SELECT fte_agreed, is_full_time FROM ({person_month})").fetchall()
    assert rows == [(fte_agreed, is_full_time)]
