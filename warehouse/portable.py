"""A release as one DuckDB file, for whoever wants to ask it with SQL.

Belongs here: writing that file. Does not belong here: which cells are in it (the release is given), and the warehouse (store.py).
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb
import polars as pl

from warehouse.release import Release

STATED = ("id", "theme", "name", "question", "definition", "unit", "version")


def as_database(release: Release, lang: str) -> bytes:
    """A DuckDB file with the tables cell, figure and level, names in one language."""
    cell = pl.concat(release.by_figure.values()) if release.by_figure else pl.DataFrame({"figure": []})
    figure = pl.DataFrame(
        [
            {
                name: str(entry[name][lang] if isinstance(entry[name], dict) else entry[name])
                for name in STATED
            }
            for entry in release.figures.values()
        ]
    )
    level = pl.DataFrame(
        [
            {"dimension": name, "code": level["code"], "name": str(level[lang])}
            for name, dimension in release.dimensions.items()
            for level in dimension["levels"]
        ],
        schema={"dimension": pl.String, "code": pl.String, "name": pl.String},
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "release.duckdb"
        with duckdb.connect(str(file)) as con:
            for name, table in (("cell", cell), ("figure", figure), ("level", level)):
                con.register(f"given_{name}", table.to_arrow())
                con.execute(f"CREATE TABLE {name} AS SELECT * FROM given_{name}")
                con.unregister(f"given_{name}")
        return file.read_bytes()
