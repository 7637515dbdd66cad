"""HR from a real PostgreSQL: a user who may only read, only the wanted months and columns, faults."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import adbc_driver_manager
import psycopg
import pytest

from pipelines.intake import database
from tests.fixtures.postgres import Cluster
from tests.fixtures.servers.home import Home

MAPPING = {
    "month": {"column": "period", "dates": "%Y%m"},
    "columns": {
        "person_id": "pnr",
        "employment_id": "anst_id",
        "department_code": "forvaltning",
        "employment_form": {"column": "form", "codes": {"T": "tillsvidare", "V": "vikariat"}},
        "pay_form": {"value": "manadsavlonad"},
        "fte_agreed": "ssg",
        "monthly_pay": "lon",
        "hire_date": "fran",
    },
    "not_delivered": dict.fromkeys(
        "birth_date sex department_name unit_code unit_name occupation_code occupation_name occupation_group"
        " responsibility_code management_level is_full_time"
        " fte_actual monthly_pay_fte variable_pay_fte ordinary_hours end_date end_reason"
        " has_full_leave previous_person_id work_value_level".split(),
        "nej",
    ),
}
TABLE = """
CREATE SCHEMA hr;
CREATE TABLE hr.anstallning (
    period text, pnr text, anst_id text, forvaltning text, form text, ssg numeric(5, 2), lon numeric(10, 2), fran date,
    namn text, fackforening text
);
INSERT INTO hr.anstallning
SELECT to_char(month, 'YYYYMM'), 'A-' || person, 'E-' || person, 'F' || person % 3, 'T', 75.50, 34567.50, DATE '2020-01-01',
    'Anna Andersson', 'Kommunal'
FROM generate_series(DATE '2026-06-01', DATE '2026-10-01', INTERVAL '1 month') AS month, generate_series(1, 50) AS person;
DROP ROLE IF EXISTS lasare;
CREATE ROLE lasare LOGIN PASSWORD 'hemligt';
GRANT USAGE ON SCHEMA hr TO lasare;
GRANT SELECT ON hr.anstallning TO lasare;
"""


@pytest.fixture
def hr(postgres: Cluster) -> Iterator[psycopg.Connection]:
    """The HR system's database."""
    with psycopg.connect(postgres.url(), autocommit=True) as con:
        con.execute("DROP SCHEMA IF EXISTS hr CASCADE")
        con.execute(
            "DROP OWNED BY lasare"
            if con.execute("SELECT 1 FROM pg_roles WHERE rolname = 'lasare'").fetchone()
            else "SELECT 1"
        )
        con.execute(TABLE)
        yield con


def home(
    folder: Path, cluster: Cluster, monkeypatch: pytest.MonkeyPatch, url: str | None = None, **more: Any
) -> Home:
    own = f"postgresql://lasare:hemligt@{cluster.host}:{cluster.port}/postgres"
    monkeypatch.setenv("HR_ADRESS", url or own)
    server = {
        "kind": "database", "contract": "hr_employment", "url": {"env": "HR_ADRESS"}, "table": "hr.anstallning",
        "mapping": MAPPING, "person_numbers": "own", "timeout_seconds": 20, "attempts": 2,
    }  # fmt: skip
    return Home(folder, {"hr": {**server, **more}})


def test_every_month_becomes_a_delivery_and_later_only_new_and_corrected_ones(
    tmp_path: Path, postgres: Cluster, hr: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = home(tmp_path, postgres, monkeypatch)
    assert [each.status for each in at.take("hr_employment")] == ["loaded"] * 5
    assert at.take("hr_employment") == []
    assert at.rows(
        "SELECT COUNT(*), COUNT(DISTINCT month), MIN(fte_agreed), MIN(monthly_pay) FROM raw.hr_employment"
    ) == [(250, 5, 75.5, 34567.5)]
    hr.execute("UPDATE hr.anstallning SET ssg = 100 WHERE period = '202609' AND anst_id = 'E-7'")
    hr.execute(
        "INSERT INTO hr.anstallning SELECT '202611', pnr, anst_id, forvaltning, form, ssg, lon, fran"
        " FROM hr.anstallning WHERE period = '202610'"
    )
    taken = at.take("hr_employment")
    assert sorted(each.months[0] for each in taken) == [date(2026, 9, 1), date(2026, 11, 1)]
    assert at.rows("SELECT COUNT(*) FROM raw.hr_employment WHERE fte_agreed = 100") == [(1,)]
    assert at.contains(b"Andersson") == []
    assert at.contains(b"Kommunal") == []
    assert at.contains(b"hemligt") == []


def test_only_the_wanted_months_and_columns_travel(
    tmp_path: Path, postgres: Cluster, hr: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Columns that nobody asked for may not even be readable.
    hr.execute("REVOKE SELECT ON hr.anstallning FROM lasare")
    hr.execute(
        "GRANT SELECT (period, pnr, anst_id, forvaltning, form, ssg, lon, fran) ON hr.anstallning TO lasare"
    )
    at = home(tmp_path, postgres, monkeypatch)
    (taken,) = at.take("hr_employment", months={date(2026, 8, 1)})
    assert (taken.status, taken.months, taken.rows_loaded) == ("loaded", (date(2026, 8, 1),), 50)


def test_a_period_may_be_a_date(
    tmp_path: Path, postgres: Cluster, hr: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr.execute("ALTER TABLE hr.anstallning ALTER period TYPE date USING to_date(period, 'YYYYMM') + 14")
    at = home(tmp_path, postgres, monkeypatch)
    taken = at.take("hr_employment", months={date(2026, 8, 1), date(2026, 9, 1)})
    assert [each.status for each in taken] == ["loaded"] * 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"url": "postgresql://lasare:fel@{host}:{port}/postgres"}, "login_refused"),
        ({"url": "postgresql://lasare:hemligt@{host}:1/postgres"}, "server_down"),
        ({"table": "hr.finns_inte"}, "no_table"),
        ({"table": "hr.anstallning; DROP TABLE hr.anstallning"}, "no_table"),
    ],
    ids=["password", "port", "table", "injection"],
)
def test_faults_are_told_and_touch_nothing(
    tmp_path: Path,
    postgres: Cluster,
    hr: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    reason: str,
) -> None:
    stated = {key: text.format(host=postgres.host, port=postgres.port) for key, text in change.items()}
    at = home(tmp_path, postgres, monkeypatch, **stated)
    (taken,) = at.take("hr_employment")
    assert taken.reason is not None
    assert taken.reason.id == reason
    assert "hemligt" not in taken.reason.en
    assert hr.execute("SELECT COUNT(*) FROM hr.anstallning").fetchone() == (250,)


def test_a_database_that_never_answers_is_left_in_time(
    tmp_path: Path, postgres: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"postgresql://lasare:hemligt@127.0.0.1:{silent.getsockname()[1]}/postgres"
        at = home(tmp_path, postgres, monkeypatch, url=url, timeout_seconds=2)
        (taken,) = at.take("hr_employment")
    assert taken.reason is not None
    assert taken.reason.id == "server_slow"


def test_the_user_cannot_write(postgres: Cluster, hr: psycopg.Connection) -> None:
    url = f"postgresql://lasare:hemligt@{postgres.host}:{postgres.port}/postgres"
    with psycopg.connect(url) as con, pytest.raises(psycopg.errors.InsufficientPrivilege):
        con.execute("DELETE FROM hr.anstallning")


def test_a_user_who_could_write_cannot_do_so_through_us(postgres: Cluster, hr: psycopg.Connection) -> None:
    hr.execute("GRANT DELETE ON hr.anstallning TO lasare")
    url = f"postgresql://lasare:hemligt@{postgres.host}:{postgres.port}/postgres"
    with pytest.raises(adbc_driver_manager.Error, match="read-only transaction"):
        list(database._read_postgres(url, ["SELECT 1 AS one", "DELETE FROM hr.anstallning RETURNING period"]))


def asked_of(con: psycopg.Connection) -> list[str]:
    """Every statement that the server was asked by the reading user, as its own log has them."""
    (log,) = con.execute(
        "SELECT pg_read_file(regexp_replace(current_setting('data_directory'), 'data$', 'log'))"
    ).fetchone() or ("",)
    return [line for line in log.splitlines() if '"hr"."anstallning"' in line]


def test_the_servers_own_log_has_asked_for_nothing_else(
    tmp_path: Path, postgres: Cluster, hr: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr.execute("ALTER ROLE lasare SET log_statement = 'all'")
    before = len(asked_of(hr))
    at = home(tmp_path, postgres, monkeypatch)
    at.take("hr_employment", months={date(2026, 8, 1)})
    asked = asked_of(hr)[before:]
    rows = [line for line in asked if "DISTINCT" not in line]
    assert rows
    assert all("WHERE \"period\" IN ('202608')" in line for line in rows)
    assert not any(word in line for line in asked for word in ("namn", "fackforening", "*", "202607"))


def test_training_and_dialogues_come_from_the_database_too(
    tmp_path: Path, postgres: Cluster, hr: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    hr.execute("""
        CREATE TABLE hr.utbildning (dag date, pnr text, kurs text, omrade text, timmar numeric(6, 2), slag text, anteckning text);
        INSERT INTO hr.utbildning
        SELECT DATE '2026-09-01' + n, 'A-' || n, 'Hjärt-lungräddning', 'safety', 3.5, 'kurs', 'Anna var sjuk'
        FROM generate_series(1, 40) AS n;
        CREATE TABLE hr.samtal (dag date, pnr text, anteckning text);
        INSERT INTO hr.samtal SELECT DATE '2026-09-01' + n, 'A-' || n, 'Anna vill sluta' FROM generate_series(1, 40) AS n;
        GRANT SELECT (dag, pnr, kurs, omrade, timmar, slag) ON hr.utbildning TO lasare;
        GRANT SELECT (dag, pnr) ON hr.samtal TO lasare;
    """)
    monkeypatch.setenv("HR_ADRESS", f"postgresql://lasare:hemligt@{postgres.host}:{postgres.port}/postgres")
    common = {"kind": "database", "url": {"env": "HR_ADRESS"}, "person_numbers": "own", "timeout_seconds": 30}
    training = {
        "person_id": "pnr",
        "date": "dag",
        "course": "kurs",
        "competence_area": "omrade",
        "hours": "timmar",
    }
    kind = {"kind": {"column": "slag", "codes": {"kurs": "course"}}}
    month = {"column": "dag"}
    at = Home(
        tmp_path,
        {
            "utbildning": {
                **common, "contract": "hr_training", "table": "hr.utbildning",
                "mapping": {"month": month, "columns": {**training, **kind}},
            },
            "samtal": {
                **common, "contract": "hr_dialogue", "table": "hr.samtal",
                "mapping": {"month": month, "columns": {"person_id": "pnr", "date": "dag"}},
            },
        },
    )  # fmt: skip
    taken = at.take("hr_training", "hr_dialogue")
    assert [(each.source, each.status, each.rows_loaded) for each in taken] == [
        ("utbildning", "loaded", 29), ("utbildning", "loaded", 11), ("samtal", "loaded", 29), ("samtal", "loaded", 11),
    ]  # fmt: skip
    assert at.rows("SELECT SUM(hours), COUNT(DISTINCT person_key) FROM raw.hr_training") == [(140.0, 40)]
    assert at.rows("SELECT COUNT(*) FROM raw.hr_dialogue INNER JOIN raw.hr_training USING (person_key)") == [
        (40,)
    ]
    assert at.contains(b"Anna") == []
