"""Core tables: one tidy table per subject, built from the raw deliveries by the SQL in warehouse/core.

Belongs here: which months must be built, and building them whole.
Does not belong here: the SQL (warehouse/core/*.sql), and what a figure makes of the tables.

A month is built again when what it is made from has changed: its deliveries, the SQL, or the settings that the SQL reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

import warehouse
from warehouse.contracts import CONTRACTS
from warehouse.settings import Settings
from warehouse.store import Store

CORE = Path(warehouse.__file__).parent / "core"


HR = ("hr_employment", "hr_absence")
PLANS = ("individual_plan", "plan_need", "plan_activity")
LEADERS = ("leader_plan_expected", "leader_plan", "leader_measure")
FORUM = ("idea", "idea_member", "joint_project", "project_member")


@dataclass(frozen=True)
class CoreTable:
    """A core table: where it lives, the file with its SQL, the contracts it rests on, whether a month can be replaced alone.

    `earlier` is how many months earlier the other months of employments lie that a month is made from. `ahead` is a column
    of days that later months move, as far as is known; whoever looks back to a day sees it no further than that day.
    """

    name: str
    file: str
    is_by_month: bool
    contracts: tuple[str, ...] = HR
    earlier: tuple[int, ...] = ()
    ahead: str = ""


TABLES = (
    CoreTable("core.employment_month", "employment_month.sql", is_by_month=True),
    CoreTable("core.person_month", "person_month.sql", is_by_month=True),
    CoreTable("core.person_change", "person_change.sql", is_by_month=True, earlier=(12,)),
    # A spell goes over the ends of months: a new month changes the spells of earlier ones.
    CoreTable("absence.time_month", "time_month.sql", is_by_month=False, ahead="spell_end"),
    CoreTable(
        "core.person_plan_month",
        "person_plan_month.sql",
        is_by_month=True,
        contracts=(*HR, *PLANS, "hr_training", "hr_dialogue", "participation"),
    ),
    CoreTable("core.plan_need_month", "plan_need_month.sql", is_by_month=True, contracts=(*HR, *PLANS)),
    CoreTable("core.leader_plan_month", "leader_plan_month.sql", is_by_month=True, contracts=(*HR, *LEADERS)),
    CoreTable(
        "core.leader_measure_month", "leader_measure_month.sql", is_by_month=True, contracts=(*HR, *LEADERS)
    ),
    CoreTable(
        "core.department_link_month", "department_link_month.sql", is_by_month=True, contracts=(*HR, *FORUM)
    ),
    CoreTable(
        "core.collaboration_month",
        "collaboration_month.sql",
        is_by_month=True,
        contracts=(*HR, *FORUM),
        # The departments that an idea of the last twelve months came from.
        earlier=tuple(range(1, 12)),
    ),
    CoreTable(
        "core.organisation_plan_month",
        "organisation_plan_month.sql",
        is_by_month=True,
        contracts=(*HR, "organisation_plan", "organisation_milestone"),
    ),
    CoreTable(
        "core.survey_response",
        "survey_response.sql",
        is_by_month=False,
        contracts=("survey_item", "survey_answer"),
    ),
    CoreTable(
        "core.survey_invited",
        "survey_invited.sql",
        is_by_month=False,
        contracts=("survey_invited", "survey_answer"),
    ),
    CoreTable(
        "core.external_figure", "external_figure.sql", is_by_month=False, contracts=("external_figure",)
    ),
)


# Months → who has a number there that took the place of another, whichever month tells it.
RENAMED = """
SELECT CAST(post.month AS VARCHAR), SUM(HASH(renamed.old_key, post.person_key))
FROM raw.hr_employment AS post
INNER JOIN (
    SELECT DISTINCT previous_person_key AS old_key, person_key FROM raw.hr_employment WHERE previous_person_key IS NOT NULL
) AS renamed ON post.person_key = renamed.person_key
GROUP BY ALL
"""


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
        _set_choices(con, settings)
        built: set[str] = set()
        with store.transaction(con):
            for table in TABLES:
                built.update(_bring_up_to_date(con, table, fingerprints(con, settings, table), months))
        rows = {table.name: _rows(con, table.name) for table in TABLES}
    return Built(tuple(date.fromisoformat(month) for month in sorted(built)), rows)


def _bring_up_to_date(
    con: duckdb.DuckDBPyConnection,
    table: CoreTable,
    wanted: Mapping[str, str],
    months: Collection[date] | None,
) -> list[str]:
    """Build the months of a table that are made from something else than before; returns those there are."""
    what = f"core:{table.name}"
    known = dict(con.execute("SELECT period, fingerprint FROM log.built WHERE what = ?", [what]).fetchall())
    gone = [month for month in known if month not in wanted]
    changed = sorted(
        month
        for month, fingerprint in wanted.items()
        if known.get(month) != fingerprint and (months is None or date.fromisoformat(month) in months)
    )
    if changed or gone or not _columns(con, table.name):
        _build(con, table, [*changed, *gone])
        con.execute(
            "DELETE FROM log.built WHERE what = ? AND period IN (SELECT UNNEST(?))", [what, [*changed, *gone]]
        )
        con.execute(
            "INSERT INTO log.built SELECT ?, UNNEST(?), UNNEST(?)",
            [what, changed, [wanted[month] for month in changed]],
        )
    return changed


def fingerprints(
    con: duckdb.DuckDBPyConnection, settings: Settings, table: CoreTable = TABLES[0]
) -> dict[str, str]:
    """For every month of a core table, a hash of all that its rows are made from.

    Employments and absences are told anew for each month. Everything else is an event that stands from its month on, so a
    month rests on all deliveries of that month and earlier; where employments count, their months are the only ones.
    """
    contracts = table.contracts
    made_from = _made_from(settings)
    by_month: dict[str, list[str]] = {}
    events: dict[str, list[str]] = {}
    for name in contracts:
        # A delivery gives a month whole, or groups, of which some may have been replaced or withdrawn since.
        groups = "NULL" if name in HR else f"SUM(HASH({', '.join(CONTRACTS[name].replaced_by)}))"
        found = con.execute(
            f"SELECT CAST(month AS VARCHAR), delivery_id, {groups} FROM {CONTRACTS[name].table} GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for month, delivery, held in found:
            (by_month if name in HR else events).setdefault(month, []).append(f"{delivery} {held}")
    if "hr_employment" in contracts:
        (*there,) = con.execute("SELECT DISTINCT CAST(month AS VARCHAR) FROM raw.hr_employment").fetchall()
        months = sorted(month for (month,) in there)
    else:
        months = sorted(events)
    renamed = dict(con.execute(RENAMED).fetchall()) if table.name == "core.person_change" else {}
    told = {}
    for month in months:
        earlier = [delivery for known, ids in sorted(events.items()) if known <= month for delivery in ids]
        own = [by_month.get(_before(month, number), []) for number in (0, *table.earlier)]
        text = f"{made_from}:{own}:{earlier}:{renamed.get(month)}"
        told[month] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return told


def _before(month: str, number: int) -> str:
    """The first day of the month that lies a number of months before."""
    day = date.fromisoformat(month)
    year, place = divmod(day.year * 12 + day.month - 1 - number, 12)
    return date(year, place + 1, 1).isoformat()


def contents(con: duckdb.DuckDBPyConnection, ends: Collection[date]) -> dict[date, str]:
    """What stands for all rows of the core tables up to a day and as seen from it, whatever delivery or mapping they came from.

    Args:
        con: the warehouse.
        ends: the days.
    """
    told: dict[date, list[str]] = {end: [] for end in ends}
    for table in TABLES:
        columns = _columns(con, table.name)
        if "month" in columns:
            seen = [f"LEAST({name}, day) AS {name}" if name == table.ahead else name for name in columns]
            rows = con.execute(
                f"SELECT day, SUM(HASH(each)) FROM (SELECT day, {', '.join(seen)} FROM {table.name},"
                " UNNEST(CAST(? AS DATE[])) AS days(day) WHERE month <= day) AS each GROUP BY ALL",
                [sorted(ends)],
            ).fetchall()
            for day, number in rows:
                told[day].append(f"{table.name}:{number}")
    return {end: ",".join(stands) for end, stands in told.items()}


def _made_from(settings: Settings) -> str:
    text = "".join((CORE / table.file).read_text(encoding="utf-8") for table in TABLES)
    chosen = (settings.definitions.model_dump_json(), settings.municipality.kolada_id)
    return hashlib.sha256(f"{text}{chosen}".encode()).hexdigest()


def _set_choices(con: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """The settings that the SQL reads."""
    con.execute("SET VARIABLE manager_codes = ?", [list(settings.definitions.manager_codes)])
    con.execute("SET VARIABLE participation_hours = ?", [settings.definitions.participation_hours])
    con.execute("SET VARIABLE own_municipality = ?", [settings.municipality.kolada_id])
    con.execute("SET VARIABLE citizen_influence = ?", [settings.definitions.citizen_influence])
    con.execute("SET VARIABLE citizen_treatment = ?", [settings.definitions.citizen_treatment])


def _build(con: duckdb.DuckDBPyConnection, table: CoreTable, months: list[str]) -> None:
    con.execute(
        "CREATE OR REPLACE TEMP TABLE wanted_month AS SELECT CAST(UNNEST(?) AS DATE) AS month", [months]
    )
    sql = (CORE / table.file).read_text(encoding="utf-8")
    stated = [name for name, *_ in con.execute(f"DESCRIBE {sql}").fetchall()]
    if not table.is_by_month or _columns(con, table.name) != stated:
        if table.is_by_month:
            # The table has other columns than its SQL: every month must be built again.
            con.execute(
                "CREATE OR REPLACE TEMP TABLE wanted_month AS SELECT DISTINCT month FROM raw.hr_employment"
            )
        con.execute(f"CREATE OR REPLACE TABLE {table.name} AS {sql}")
        return
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
