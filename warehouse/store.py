"""Opening the warehouse file: one writer at a time, transactions, locked settings.

Belongs here: the lock, the connection, the schemas and tables that must exist.
Does not belong here: queries, and what the tables mean (contracts/, core/).

The lock is a kernel lock on `home/lock`: a process that is killed lets go of it at once, unlike a row in a table.
Several processes on one DuckDB file do not queue, they fail; so every process takes this lock before it opens the file.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.contracts import CONTRACTS
from warehouse.contracts.log import LOG_DDL
from warehouse.opening import connect, damage_met, is_damage, meet_damage
from warehouse.settings import Settings

SCHEMAS = ("raw", "absence", "log", "core", "figures")

# No table has a primary key: DuckDB keeps an index for it, whose blocks no reading of the tables touches, so that a flipped bit
# there would be met in the middle of a night and every night after it. Key: what, period.
BUILT_DDL = """
CREATE TABLE IF NOT EXISTS log.built (
    what VARCHAR NOT NULL,
    period VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL
)
"""

WAIT_SECONDS = 60.0


class StoreBusyError(RuntimeError):
    """Another process holds the warehouse for longer than the wait."""


@dataclass
class _Open:
    """The one connection that this process has to one warehouse file."""

    connection: duckdb.DuckDBPyConnection
    lock_file: int
    depth: int


_open: dict[Path, _Open] = {}
_threads = threading.RLock()


class Store:
    """The warehouse of one home folder."""

    def __init__(self, settings: Settings, wait_seconds: float = WAIT_SECONDS) -> None:
        """Nothing is opened or created before the first `write` or `read`."""
        self.settings = settings
        self.wait_seconds = wait_seconds

    @contextmanager
    def write(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Hold the warehouse alone and write to it; may be nested within one process.

        Raises:
            StoreBusyError: another process holds it and does not let go in time.
        """
        file = self.settings.warehouse
        with _threads:
            held = _open.get(file)
            if held is None:
                held = self._take(file)
                _open[file] = held
            held.depth += 1
            try:
                yield held.connection
            except duckdb.Error as error:
                if is_damage(error):
                    meet_damage(self.settings, str(error).splitlines()[0])
                raise
            finally:
                held.depth -= 1
                if held.depth == 0:
                    del _open[file]
                    held.connection.close()
                    os.close(held.lock_file)

    # DuckDB locks readers out while somebody writes, so reading waits for the same lock.
    read = write

    @contextmanager
    def transaction(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Everything inside happens, or nothing does."""
        con.execute("BEGIN TRANSACTION")
        try:
            yield
        except BaseException:
            con.execute("ROLLBACK")
            raise
        con.execute("COMMIT")

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the warehouse without opening it: nobody writes to it or to the raw store meanwhile.

        Raises:
            StoreBusyError: another process holds it and does not let go in time.
            RuntimeError: this process has it open.
        """
        if self.settings.warehouse in _open:
            raise RuntimeError("the warehouse is open in this process and cannot be set aside")
        lock = self._lock()
        try:
            yield
        finally:
            os.close(lock)

    def damage(self) -> str | None:
        """Read the whole warehouse once: why it must be built again, or None when every block is as it was written.

        A flipped bit is only seen when its block is read; it must not be met in the middle of a night. Where one was all the
        same, that night has left word.

        Raises:
            StoreBusyError: another process holds it and does not let go in time.
        """
        if not self.settings.warehouse.exists():
            return None
        if met := damage_met(self.settings):
            return met
        try:
            with self.write() as con:
                for schema, table in con.execute(
                    "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT temporary ORDER BY ALL"
                ).fetchall():
                    con.execute(f'SELECT BIT_XOR(HASH(whole)) FROM "{schema}"."{table}" AS whole').fetchall()
        except Exception as error:
            if not is_damage(error):
                raise
            return str(error).splitlines()[0]
        return None

    def _take(self, file: Path) -> _Open:
        lock = self._lock()
        try:
            connection = connect(self.settings)
            prepare(connection)
        except BaseException:
            os.close(lock)
            raise
        return _Open(connection, lock, 0)

    def _lock(self) -> int:
        self.settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.settings.home / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        deadline = time.monotonic() + self.wait_seconds
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                if time.monotonic() > deadline:
                    os.close(handle)
                    raise StoreBusyError(
                        f"another run holds the warehouse in {self.settings.home}; wait until it has ended and try again"
                    ) from error
                time.sleep(0.1)
            else:
                return handle


def prepare(con: duckdb.DuckDBPyConnection) -> None:
    """Create the schemas and tables that are missing; then lock the settings of the connection."""
    for schema in SCHEMAS:
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for contract in CONTRACTS.values():
        con.execute(contract.ddl())
    for statement in LOG_DDL:
        con.execute(statement)
    con.execute(BUILT_DDL)
    con.execute("SET preserve_insertion_order = false")
    con.execute("SET lock_configuration = true")
