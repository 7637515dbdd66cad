"""The warehouse file itself: opening it, with or without encryption, and telling a damaged file from any other trouble.

Belongs here: connecting, the file's key, what counts as damage, setting a file aside.
Does not belong here: who may open it when (store.py), and building it again (pipelines/nights/rebuilding.py).

Encryption is DuckDB's own. Writing securely needs its extension `httpfs`, which brings OpenSSL: it is fetched from
DuckDB's server, or
read from the file that the settings name where the machine has no way out. Without it nothing is opened: a file that is encrypted
with the built-in library only would be a promise not kept.
"""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from warehouse.private import demand_private, is_exposed
from warehouse.settings import Settings

KEY = "FORDEL_WAREHOUSE_KEY"
# Where the pseudonym key's file may be named.
KEY_FILE = "FORDEL_KEY_FILE"
SET_ASIDE = "set-aside"
MET = "damaged.txt"
# How DuckDB words damage. Anything else (a lock, a full disk, a missing right) must never make us set a file aside.
DAMAGE = re.compile(
    r"corrupt|not a valid DuckDB database file|Could not read enough bytes|replaying WAL|deserializ|serialization error"
    # Not damaged, but made by a newer DuckDB: whoever has gone back a version builds it again.
    r"|Trying to read a database file with",
    re.IGNORECASE,
)


class DamagedError(RuntimeError):
    """The warehouse file cannot be read: a flipped bit, a broken log. Nothing is lost, it can be built again."""


class EncryptionUnavailableError(RuntimeError):
    """The settings ask for an encrypted warehouse, and this machine cannot make one; the message says what is missing."""


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the file is damaged, rather than locked, out of reach, or out of room."""
    return isinstance(error, DamagedError) or (
        isinstance(error, duckdb.Error) and DAMAGE.search(str(error)) is not None
    )


def connect(settings: Settings) -> duckdb.DuckDBPyConnection:
    """Open the warehouse file for writing; it is made where it is missing, readable by the system only.

    Raises:
        DamagedError: the file is damaged.
        EncryptionUnavailableError: encryption is asked for and cannot be had.
    """
    file = settings.warehouse
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # The file must be born private: DuckDB itself would create it with the process's umask.
    before = os.umask(0o077)
    try:
        return _encrypted(settings, file) if settings.encryption.warehouse else duckdb.connect(str(file))
    except duckdb.Error as error:
        if is_damage(error):
            raise DamagedError(
                f"{file} is damaged ({str(error).splitlines()[0]}); the next refresh sets it aside and builds it again"
            ) from error
        raise
    finally:
        os.umask(before)


def look_into(settings: Settings, file: Path) -> duckdb.DuckDBPyConnection:
    """Open a file that was set aside, only to read it; it may be from before the warehouse was encrypted, or no longer was.

    Raises:
        duckdb.Error: it cannot be read.
    """
    try:
        return duckdb.connect(str(file), read_only=True)
    except duckdb.Error:
        if not settings.encryption.warehouse:
            raise
        return _encrypted(settings, file, "READ_ONLY, ")


def _encrypted(settings: Settings, file: Path, how: str = "") -> duckdb.DuckDBPyConnection:
    key = read_secret(KEY, settings.keys / "warehouse.key")
    connection = duckdb.connect()
    try:
        load_cryptography(connection, settings.encryption.extension)
        place = str(file).replace("'", "''")
        connection.execute(f"ATTACH '{place}' AS warehouse ({how}ENCRYPTION_KEY '{key}')")
        connection.execute("USE warehouse")
    except BaseException:
        connection.close()
        raise
    return connection


def load_cryptography(connection: duckdb.DuckDBPyConnection, extension: Path | None) -> None:
    """Load what DuckDB encrypts with.

    Raises:
        EncryptionUnavailableError: it cannot be had.
    """
    try:
        if extension is not None:
            connection.execute(f"LOAD '{str(extension).replace(chr(39), chr(39) * 2)}'")
        else:
            connection.execute("INSTALL httpfs")
            connection.execute("LOAD httpfs")
    except duckdb.Error as error:
        version = duckdb.__version__
        raise EncryptionUnavailableError(
            f"encryption.warehouse is on, but DuckDB's extension httpfs {version} cannot be had "
            f"({str(error).splitlines()[0]}). Let the server reach extensions.duckdb.org once, or put the file "
            "httpfs.duckdb_extension on it and name it in encryption.extension, or turn the setting off and encrypt "
            "the volume (docs/operations.md)"
        ) from error


def read_secret(variable: str, file: Path) -> str:
    """A secret of 64 hexadecimal digits from the environment, or from a file that only the system may read.

    Raises:
        EncryptionUnavailableError: it is nowhere, or no such number.
        UnsafeModeError: others may read the file.
    """
    stated = os.environ.get(variable)
    if not stated:
        if not file.exists():
            raise EncryptionUnavailableError(
                f"no key for the warehouse: make one with `openssl rand -hex 32` and put it in {file} (mode 0600) "
                f"or in {variable}"
            )
        demand_private(file)
        stated = file.read_text(encoding="ascii")
    if not re.fullmatch(r"[0-9a-fA-F]{64}", stated.strip()):
        raise EncryptionUnavailableError(
            f"{variable if os.environ.get(variable) else file}: the key must be 64 hexadecimal digits"
        )
    return stated.strip()


def exposed(settings: Settings) -> list[Path]:
    """What holds personal data or keys, in the home folder or named by FORDEL_KEY_FILE, and can be read by others."""
    places = [
        settings.raw,
        settings.keys,
        settings.warehouse.parent,
        settings.warehouse,
        *(settings.home / name for name in ("ledger", "edits", "access")),
        *(sorted(settings.keys.iterdir()) if settings.keys.is_dir() else []),
        *([Path(os.environ[KEY_FILE])] if os.environ.get(KEY_FILE) else []),
    ]
    inside_private = {folder for folder in places if folder.is_dir() and not is_exposed(folder)}
    return [
        place
        for place in places
        if place.exists() and is_exposed(place) and not (set(place.parents) & inside_private)
    ]


def meet_damage(settings: Settings, why: str) -> None:
    """Leave word that the file proved damaged while it was in use: the next run builds it again before it begins."""
    # A disk that takes no writes must not hide the damage itself, which is raised.
    with contextlib.suppress(OSError):
        (settings.warehouse.parent / MET).write_text(f"{why}\n", encoding="utf-8")


def damage_met(settings: Settings) -> str | None:
    """What an earlier run found damaged while it used the file; None = nothing."""
    word = settings.warehouse.parent / MET
    return word.read_text(encoding="utf-8").strip() if word.exists() else None


def set_aside(settings: Settings, why: str) -> Path | None:
    """Move the warehouse file and its log out of the way; never delete them. The warehouse's lock must be held.

    Returns:
        The folder they are in now; None when there was no file.
    """
    file = settings.warehouse
    log = file.with_name(f"{file.name}.wal")
    (file.parent / MET).unlink(missing_ok=True)
    there = [path for path in (file, log) if path.exists()]
    if not there:
        return None
    folder = file.parent / SET_ASIDE / f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "why.txt").write_text(f"{why}\n", encoding="utf-8")
    for path in there:
        path.rename(folder / path.name)
    return folder
