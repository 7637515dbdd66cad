"""A made-up core of person-months for the measurement of key figures, and which figures and periods are asked of it.

Belongs here: the tables, the connection, the periods. Does not belong here: the ways that are measured.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from pipelines.measures.asked import Wanted
from warehouse.key_figures.entries import Catalogue, Figure

MONTHS = 36
# Rolling sick leave is computed for the newest month only, as on a night; the rest for every period there is.
KINDS = (
    ("person_month", "month"),
    ("person_month", "november"),
    ("person_change", "november"),
    ("person_change", "rolling"),
    ("time_month", "year"),
    ("time_month", "rolling"),
)

PERSON_MONTH = """
CREATE TABLE core.person_month AS
WITH person AS (
    SELECT
        i,
        HASH(i * 3 + 1) % 1000 AS a,
        HASH(i * 5 + 2) % 1000 AS b,
        HASH(i * 7 + 3) % 1000 AS c,
        HASH(i * 11 + 4) % 1000 AS d
    FROM RANGE({persons}) AS r (i)
)
SELECT
    CAST(DATE '2023-01-01' + TO_MONTHS(CAST(m AS INTEGER)) AS DATE) AS month,
    CAST(i AS VARCHAR) AS person_key,
    TRUE AS is_linked,
    CASE WHEN a < 780 THEN 'K' ELSE 'M' END AS sex,
    CAST(DATE '1958-01-01' + TO_MONTHS(CAST(b * 46 * 12 // 1000 AS INTEGER)) AS DATE) AS birth_month,
    'D' || (c % 10) AS department,
    'U' || (c % 10) || '-' || (i % 20) AS unit,
    'O' || (d % 60) AS occupation,
    'G' || ((d % 60 + a // 780) % 60) AS occupation_group,
    CASE WHEN d < 5 THEN '1' WHEN d < 30 THEN '2' WHEN d < 80 THEN '3' ELSE '0' END AS management_level,
    CASE WHEN b % 100 < 86 THEN 'tillsvidare' WHEN b % 100 < 93 THEN 'vikariat' ELSE 'ovrig_visstid' END AS employment_form,
    CASE WHEN b % 100 < 93 THEN 'manadsavlonad' ELSE 'timavlonad' END AS pay_form,
    DATE '2010-01-01' + CAST(c AS INTEGER) AS hire_date,
    24000 + (HASH(i * 13 + m // 12) % 20000) AS fte_pay,
    CAST(d % 6 AS INTEGER) AS work_value_level,
    CASE WHEN d < 80 THEN 'B' END AS responsibility_code,
    CASE WHEN a % 10 < 8 THEN 100.0 WHEN a % 10 < 9 THEN 75.0 ELSE 50.0 END AS fte_agreed,
    CASE WHEN a % 10 < 7 THEN 100.0 WHEN a % 10 < 9 THEN 75.0 ELSE 50.0 END AS fte_actual,
    d < 80 AS is_manager,
    b % 100 < 93 AS is_monthly,
    b % 100 >= 93 AS is_hourly,
    b % 100 < 86 AND (HASH(i + m // 12) % 10) > 0 AS is_permanent,
    HASH(i * 17 + m) % 100 < 7 AS is_on_full_leave,
    b % 100 < 93 AND HASH(i * 17 + m) % 100 >= 7 AS is_active,
    a % 10 < 8 AS is_full_time,
    a % 10 < 7 AS is_working_full_time
FROM person
CROSS JOIN RANGE({months}) AS months (m)
ORDER BY month
"""

PERSON_CHANGE = """
CREATE TABLE core.person_change AS
SELECT
    now.month, now.person_key, now.sex, now.birth_month, now.department, now.unit, now.occupation_group,
    before.is_monthly AS was_monthly, now.is_monthly,
    before.is_permanent AS was_permanent, now.is_permanent,
    before.is_manager AS was_manager, now.is_manager OR HASH(now.person_key) % 50 = 0 AS is_manager
FROM core.person_month AS now
INNER JOIN core.person_month AS before
    ON now.person_key = before.person_key AND before.month = now.month - INTERVAL 12 MONTH
WHERE MONTH(now.month) = 11 OR now.month = DATE '2025-12-01'
"""

TIME_MONTH = """
CREATE TABLE absence.time_month AS
SELECT
    month, person_key AS employment_key, person_key, sex, birth_month, department, unit, occupation_group,
    management_level, employment_form, is_monthly, is_hourly, 'ordinary' AS kind, NULL AS piece,
    160.0 AS ordinary_hours, 0.0 AS sick_hours, 0.0 AS absence_days,
    CAST(NULL AS DATE) AS spell_start, CAST(NULL AS DATE) AS spell_end
FROM core.person_month
UNION ALL
SELECT
    month, person_key, person_key, sex, birth_month, department, unit, occupation_group,
    management_level, employment_form, is_monthly, is_hourly,
    CASE WHEN h % 10 < 7 THEN 'sjuk' WHEN h % 10 < 9 THEN 'foraldraledig' ELSE 'vab' END, 1,
    0.0, CASE WHEN h % 10 < 7 THEN 16.0 ELSE 0.0 END, 2.0,
    month - CAST(h % 90 AS INTEGER), month + CAST(h % 20 AS INTEGER)
FROM (SELECT *, HASH(person_key || month) % 1000 AS h FROM core.person_month)
WHERE h % 5 = 0
"""

CELL = """
CREATE OR REPLACE TABLE figures.cell (
    figure VARCHAR, version INTEGER, period VARCHAR, period_end DATE, breakdown VARCHAR, {levels},
    numerator DOUBLE, denominator DOUBLE, value DOUBLE, low DOUBLE, high DOUBLE, n BIGINT, tested BIGINT[]
)
"""


def build(file: Path, persons: int) -> None:
    """Write the made-up core."""
    con = connect(file)
    for schema in ("core", "absence", "figures"):
        con.execute(f"CREATE SCHEMA {schema}")
    con.execute(PERSON_MONTH.format(persons=persons, months=MONTHS))
    con.execute(PERSON_CHANGE)
    con.execute(TIME_MONTH)
    con.close()


def connect(file: Path) -> duckdb.DuckDBPyConnection:
    """The file, with what a night has: two threads and 4 GB."""
    con = duckdb.connect(str(file))
    con.execute("SET threads = 2")
    con.execute("SET memory_limit = '3500MB'")
    con.execute("SET preserve_insertion_order = false")
    return con


def wanted_of(found: Catalogue, subject: str, kind: str) -> list[Figure]:
    """The figures of a subject with a kind of period."""
    return [
        figure for figure in found.figures.values() if figure.subject == subject and kind in figure.period
    ]


def set_months(con: duckdb.DuckDBPyConnection, kind: str, subject: str) -> list[str]:
    """The months that each period is made of; returns the periods."""
    name, end, which = {
        "month": ("STRFTIME(month, '%Y-%m')", "LAST_DAY(month)", "TRUE"),
        "november": ("STRFTIME(month, '%Y')", "LAST_DAY(month)", "MONTH(month) = 11"),
        "year": ("STRFTIME(month, '%Y')", "MAKE_DATE(YEAR(month), 12, 31)", "TRUE"),
        "rolling": ("'2025-12'", "DATE '2025-12-31'", "month > DATE '2024-12-01'"),
    }[kind]
    window = f"SELECT {name} AS period, {end} AS period_end, month FROM there WHERE {which}"
    if subject == "person_change":
        window += " AND month = DATE '2025-12-01'" if kind == "rolling" else " AND month > DATE '2023-12-01'"
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE wanted_month AS
        WITH there AS (SELECT DISTINCT month FROM core.person_month) {window}
        """
    )
    return [period for (period,) in con.execute("SELECT DISTINCT period FROM wanted_month").fetchall()]


def reset(con: duckdb.DuckDBPyConnection, found: Catalogue) -> None:
    """An empty table of cells."""
    con.execute(CELL.format(levels=", ".join(f"{name} VARCHAR" for name in found.dimensions)))


def items(con: duckdb.DuckDBPyConnection, found: Catalogue, subject: str, kind: str) -> list[Wanted]:
    """Every figure and breakdown of a subject and kind of period."""
    periods = tuple(sorted(set_months(con, kind, subject)))
    return [
        Wanted(figure, by, periods)
        for figure in wanted_of(found, subject, kind)
        for by in found.breakdowns(figure)
    ]


def timed(work: Callable[[], Any]) -> float:
    """Processor seconds that something takes, over all its threads."""
    begun = time.process_time()
    work()
    return time.process_time() - begun
