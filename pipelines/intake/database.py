"""The HR system's reporting database: months of a table, through a user who may only read.

Belongs here: which months are asked for, the question in SQL, and reading its answer.
Does not belong here: what the columns mean (the mapping), and the drivers: ADBC for PostgreSQL, connectorx for other databases.

Only the mapped columns of the wanted months travel. The question runs in a child process: a driver that waits for a database that
never answers cannot be stopped from within.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from pathlib import Path

import polars as pl

from pipelines.intake.asking import TransientError, persist
from pipelines.intake.mapping import Mapping
from pipelines.intake.pulled import Pulled
from pipelines.intake.reading import ROW, Table
from pipelines.intake.reasons import RefusalError
from warehouse.servers import Database

PROJECT = Path(__file__).parents[2]
TABLE = re.compile(r"[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*){0,2}")
# What a driver says when it is worth asking again, and when it is not; nothing else of its words is kept.
REFUSED = re.compile(
    r"password authentication failed|permission denied|login failed|access denied|no pg_hba", re.IGNORECASE
)
UNKNOWN = re.compile(
    r"does not exist|invalid object name|unknown column|doesn't exist|no such", re.IGNORECASE
)
MONTHS_A_CHILD = 12
QUOTES = {"mysql": ("`", "`"), "mssql": ("[", "]")}


def pull(
    name: str, server: Database, mapping: Mapping, known: Collection[date], months: set[date] | None
) -> list[Pulled]:
    """One delivery for each wanted month.

    Args:
        name: the server's name in the settings.
        server: address, table, months to ask for again.
        mapping: tells the columns, and the column of the period.
        known: months that were loaded before.
        months: only these; None = every month that is new, and the last few again.

    Raises:
        RefusalError: server_down, server_slow, login_refused, no_table, or the mapping does not name a column of the period.
        SecretMissingError: there is no address.
    """
    url = server.url.read()
    quote = QUOTES.get(url.split(":", 1)[0].split("+", 1)[0], ('"', '"'))
    if not TABLE.fullmatch(server.table) or mapping.month is None or not mapping.month.column:
        raise RefusalError("no_table", server=name)
    period = _quoted(mapping.month.column[0], quote)
    table = ".".join(_quoted(part, quote) for part in server.table.split("."))
    (found,) = _ask(name, server, url, [f"SELECT DISTINCT {period} AS period FROM {table}"])
    stated = {_month(value) for value in found["period"].drop_nulls()}
    everything = sorted(month for month in stated if month is not None)
    again = (
        [month for month in everything if month in known][-server.again_months :]
        if server.again_months
        else []
    )
    wanted = [
        month
        for month in everything
        if (month in months if months is not None else month not in known or month in again)
    ]
    columns = ", ".join(_quoted(heading, quote) for heading in _headings(mapping))
    pulled = []
    for part in (wanted[start : start + MONTHS_A_CHILD] for start in range(0, len(wanted), MONTHS_A_CHILD)):
        questions = [
            f"SELECT {columns} FROM {table} WHERE {_is_in(period, month, found['period'])}" for month in part
        ]
        for month, rows in zip(part, _ask(name, server, url, questions), strict=True):
            numbers = pl.int_range(1, rows.height + 1, dtype=pl.Int32, eager=True).alias(ROW)
            # The order of rows in an answer means nothing: sorted, the same rows are the same delivery.
            tidy = rows.sort(pl.all(), nulls_last=True)
            pulled.append(
                Pulled(server.contract, f"{month:%Y-%m}", Table(tidy.select(numbers, *tidy.columns)))
            )
    return pulled


def check(name: str, server: Database) -> None:
    """Try the connection.

    Raises:
        RefusalError: as `pull`.
    """
    _ask(name, server, server.url.read(), ["SELECT 1 AS answer"])


def _quoted(name: str, quote: tuple[str, str]) -> str:
    return f"{quote[0]}{name.replace(quote[1], quote[1] * 2)}{quote[1]}"


def _headings(mapping: Mapping) -> list[str]:
    """The first spelling of every mapped column: a table does not change its headings with the years."""
    wanted = [list(mapping.month.column[:1]) if mapping.month else []]
    wanted += [
        [column.column[0]] if column.column else [part[0] for part in column.combine]
        for column in mapping.columns.values()
    ]
    return list(dict.fromkeys(heading for headings in wanted for heading in headings))


def _month(value: object) -> date | None:
    if isinstance(value, date):
        return date(value.year, value.month, 1)
    digits = re.sub(r"\D", "", str(value))
    is_month = len(digits) >= 6 and 1 <= int(digits[4:6]) <= 12
    return date(int(digits[:4]), int(digits[4:6]), 1) if is_month else None


def _is_in(period: str, month: date, stated: pl.Series) -> str:
    """The condition for one month, in the column's own type; every value comes from the database itself or from a date."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    if stated.dtype.is_temporal():
        return f"{period} >= '{month:%Y-%m-%d}' AND {period} < '{following:%Y-%m-%d}'"
    same = [value for value in stated.drop_nulls() if _month(value) == month]
    if stated.dtype.is_numeric():
        return f"{period} IN ({', '.join(str(int(value)) for value in same)})"
    texts = ", ".join("'" + str(value).replace("'", "''") + "'" for value in same)
    return f"{period} IN ({texts})"


def _ask(name: str, server: Database, url: str, questions: Sequence[str]) -> list[pl.DataFrame]:
    return persist(name, server, lambda left: _answers(name, url, questions, left))


def _answers(name: str, url: str, questions: Sequence[str], left: float) -> list[pl.DataFrame]:
    environment = {key: os.environ[key] for key in ("PATH", "LD_LIBRARY_PATH", "LANG") if key in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pipelines.intake.database"],
            # Through the pipe: a command line can be read by every user of the machine.
            input=json.dumps({"url": url, "questions": list(questions)}).encode(),
            capture_output=True,
            timeout=left,
            check=False,
            cwd="/",
            env={**environment, "PYTHONPATH": str(PROJECT)},
        )
    except subprocess.TimeoutExpired:
        raise TransientError("server_slow") from None
    if done.returncode == 0:
        return list(_frames(done.stdout))
    words = done.stderr.decode(errors="replace")
    if REFUSED.search(words):
        raise RefusalError("login_refused", server=name)
    if UNKNOWN.search(words):
        raise RefusalError("no_table", server=name)
    raise TransientError("server_down")


def _frames(data: bytes) -> Iterator[pl.DataFrame]:
    while data:
        size = int.from_bytes(data[:8])
        yield pl.read_ipc(io.BytesIO(data[8 : 8 + size]))
        data = data[8 + size :]


def _serve() -> None:
    """The child: questions, and an answer to each."""
    stated = json.load(sys.stdin)
    read = _read_postgres if stated["url"].startswith("postgres") else _read_other
    for frame in read(stated["url"], stated["questions"]):
        decimals = [column for column, kind in frame.schema.items() if kind.is_decimal()]
        written = io.BytesIO()
        frame.with_columns(pl.col(decimals).cast(pl.Float64)).write_ipc(written)
        sys.stdout.buffer.write(len(written.getvalue()).to_bytes(8) + written.getvalue())


def _read_postgres(url: str, questions: list[str]) -> Iterator[pl.DataFrame]:
    import adbc_driver_postgresql.dbapi
    import pyarrow as pa

    with adbc_driver_postgresql.dbapi.connect(url) as con, con.cursor() as cursor:
        # ADBC has begun the transaction already, and it is the only one: what a later one would be says nothing of it.
        cursor.execute("SET TRANSACTION READ ONLY")
        for question in questions:
            cursor.execute(question)
            table = cursor.fetch_arrow_table()
            # PostgreSQL's numeric arrives as text of a type that only ADBC knows.
            opaque = {
                field.name: field.type for field in table.schema if isinstance(field.type, pa.OpaqueType)
            }
            columns = {
                name: column.cast(opaque[name].storage_type) if name in opaque else column
                for name, column in zip(table.column_names, table.columns, strict=True)
            }
            numbers = [name for name, kind in opaque.items() if kind.type_name == "numeric"]
            frame = pl.DataFrame(pa.table(columns))
            yield frame.with_columns(pl.col(numbers).cast(pl.Float64, strict=False))


def _read_other(url: str, questions: list[str]) -> Iterator[pl.DataFrame]:
    for question in questions:
        yield pl.read_database_uri(question, url, engine="connectorx")


if __name__ == "__main__":
    _serve()
