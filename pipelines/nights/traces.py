"""Looking for traces: whether any of some words is anywhere in the home folder, or in Dagster's database.

Belongs here: reading every file as bytes, and once more as what it is where its bytes are packed (Parquet, zip, the
warehouse). Does not belong here: which words, and what is done about a trace.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from warehouse.settings import DAGSTER_DATABASE, Settings
from warehouse.store import Store


@dataclass(frozen=True)
class Trace:
    """Where a word was found; never which."""

    place: str


def search(settings: Settings, words: Sequence[str]) -> list[Trace]:
    """Look for words in everything that the system wrote.

    The sources' own folders are left out: exports are the employer's, also where they happen to lie within the home folder.
    """
    exports = {folder for folder, _ in export_folders(settings)}
    sought = [word.encode() for word in words]
    found = [
        Trace(str(path.relative_to(settings.home)))
        for path in sorted(settings.home.rglob("*"))
        if path.is_file() and not exports & set(path.parents) and _holds(path, sought)
    ]
    return [
        *found,
        *(Trace(f"warehouse, {place}") for place in _in_warehouse(settings, words)),
        *(Trace(f"Dagster's database{place}") for place in _in_database(settings, words)),
    ]


def export_folders(settings: Settings) -> set[tuple[Path, str]]:
    """Where the employer's own files lie, and which there: what sources and servers read, what is watched, the example's."""
    places = {
        (getattr(each, place, None), getattr(each, "pattern", "*"))
        for each in (*settings.sources.values(), *settings.servers.values())
        for place in ("path", "watch")
    }
    return {
        (settings.example_files, "*"),
        *((folder, which) for folder, which in places if folder is not None),
    }


def hold(files: Iterable[Path], words: Sequence[str]) -> Iterator[Path]:
    """Those of the files that hold one of the words."""
    sought = [word.encode() for word in words]
    return (path for path in files if _holds(path, sought))


def _holds(path: Path, sought: Sequence[bytes]) -> bool:
    return any(word in content for content in _contents(path) for word in sought)


def _contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is packed in them."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        frame = pl.read_parquet(path)
        for name, kind in frame.schema.items():
            if kind == pl.String or isinstance(kind, pl.List):
                yield "\n".join(str(value) for value in frame[name].unique()).encode()
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            for member in packed.namelist():
                yield packed.read(member)


def _in_warehouse(settings: Settings, words: Sequence[str]) -> list[str]:
    if not settings.warehouse.exists():
        return []
    with Store(settings).read() as con:
        columns = con.execute(
            "SELECT table_schema, table_name, column_name FROM information_schema.columns WHERE data_type LIKE 'VARCHAR%'"
        ).fetchall()
        return [
            f"{schema}.{table}.{column}"
            for schema, table, column in columns
            if con.execute(
                f'SELECT COUNT(*) FROM "{schema}"."{table}" WHERE list_has_any(list_value(CAST("{column}" AS VARCHAR)), ?)',
                [list(words)],
            ).fetchall()[0][0]
        ]


def _in_database(settings: Settings, words: Sequence[str]) -> list[str]:
    """Where in PostgreSQL, when Dagster keeps its history there; a database that cannot be asked is told as a place as well."""
    if settings.dagster.storage != "postgres":
        return []
    if not os.environ.get(DAGSTER_DATABASE):
        return [f" was not searched: {DAGSTER_DATABASE} is not set"]
    engine = create_engine(os.environ[DAGSTER_DATABASE])
    try:
        with engine.connect() as con:
            columns = con.execute(
                text(
                    "SELECT table_name, column_name FROM information_schema.columns "
                    "WHERE table_schema = 'public' AND data_type IN ('text', 'character varying', 'json', 'jsonb')"
                )
            ).all()
            return [
                f", {table}.{column}"
                for table, column in columns
                if con.execute(
                    text(
                        f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE CAST("{column}" AS TEXT) LIKE ANY(:sought))'
                    ),
                    {"sought": [f"%{word}%" for word in words]},
                ).scalar()
            ]
    except OperationalError:
        return [" was not searched: it does not answer"]
    finally:
        engine.dispose()
