"""One query for every figure: what models of dbt would do, run by themselves or by dbt.

Belongs here: a figure as one statement straight from the rows. Does not belong here: the engine (pipelines/measures).
"""

from __future__ import annotations

import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures.made_up import KINDS, connect, items
from pipelines.measures.asked import UNKNOWN, Wanted, rows_of
from pipelines.measures.compiled import Columns, compile_figure
from pipelines.measures.composition import METHODS
from pipelines.measures.ranking import quartiles_sql
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue, Figure


def one_query_each(file: Path) -> dict[str, float]:
    """Every figure as one statement of its own, all breakdowns in it, straight from the rows."""
    con, found = connect(file), catalogue()
    told: dict[str, float] = {}
    for subject, kind in KINDS:
        wanted = items(con, found, subject, kind)
        seconds = 0.0
        for figure in {item.figure.id: item.figure for item in wanted}.values():
            if figure.method in {"adjusted_gap", "equality_index"}:
                # Least squares is no query, and the index is made of published values.
                continue
            sql = model(found, figure, wanted)
            begun = time.process_time()
            con.execute(f"CREATE OR REPLACE TABLE figures.one AS {sql}")
            seconds += time.process_time() - begun
        told[f"queries {subject} {kind}"] = seconds
    return told


def with_dbt(file: Path, program: str) -> dict[str, float]:
    """The same statements as models of dbt: one table for every figure and kind of period, the months in a table of their own."""
    con, found = connect(file), catalogue()
    with tempfile.TemporaryDirectory(prefix="fordel-dbt-") as folder:
        models = Path(folder) / "models"
        models.mkdir()
        for subject, kind in KINDS:
            months = f"core.months_{subject}_{kind}"
            wanted = items(con, found, subject, kind)
            con.execute(f"CREATE OR REPLACE TABLE {months} AS SELECT * FROM wanted_month")
            for figure in {item.figure.id: item.figure for item in wanted}.values():
                if figure.method not in {"adjusted_gap", "equality_index"}:
                    (models / f"{figure.id}_{kind}.sql").write_text(
                        "{{ config(materialized='table') }}\n"
                        + model(found, figure, wanted).replace(
                            "INNER JOIN wanted_month", f"INNER JOIN {months} AS wanted_month"
                        )
                    )
        con.close()
        (Path(folder) / "dbt_project.yml").write_text("name: figures\nversion: 1.0.0\nprofile: figures\n")
        settings = {"threads": 2, "memory_limit": "3500MB", "preserve_insertion_order": False}
        target = {
            "type": "duckdb",
            "path": str(file),
            "threads": 1,
            "schema": "figures",
            "settings": settings,
        }
        profiles = {"figures": {"target": "here", "outputs": {"here": target}}}
        (Path(folder) / "profiles.yml").write_text(json.dumps(profiles))
        call = [program, "run", "--project-dir", folder, "--profiles-dir", folder, "--quiet"]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(call, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"dbt": seconds, "models": len(list(models.iterdir()))}


def model(found: Catalogue, figure: Figure, wanted: Sequence[Wanted]) -> str:
    """A figure as one statement, all its breakdowns in it."""
    parts = (statement(found, figure, item.by) for item in wanted if item.figure is figure)
    return "\nUNION ALL BY NAME\n".join(parts)


def statement(found: Catalogue, figure: Figure, by: Sequence[str]) -> str:
    """One breakdown of one figure, straight from the rows."""
    subject = found.subjects[figure.subject]
    levels = {
        name: f"COALESCE({found.dimensions[name].sql}, '{UNKNOWN}')"
        for name in by
        if found.dimensions[name].sql
    }
    keys = ["period", "period_end", *(f"{sql} AS d_{name}" for name, sql in levels.items())]
    where = found.populations[figure.population].where
    if figure.method == "quartiles":
        rows = f"(SELECT {', '.join(keys)}, sex, fte_pay FROM {rows_of(subject)} WHERE {where})"
        return f"({quartiles_sql(rows, ['period', 'period_end', *(f'd_{name}' for name in levels)], 'TRUE')})"
    if figure.method:
        return of_groups(found, figure)
    columns = Columns()
    compiled = compile_figure(found, figure, subject, columns)
    made = [
        *(f"SUM({part.row}) AS {name}" for part, name in columns.parts.items()),
        *(
            f"QUANTILE_CONT({part.row}, {part.quantile}) AS {name}"
            for part, name in columns.quantiles.items()
        ),
    ]
    tests = [f"COUNT(*) FILTER (WHERE {test}) AS {name}" for test, name in columns.tests.items()]
    inner, again = rows_of(subject), [*made, *tests]
    if subject.row == "piece":
        inner = f"(SELECT {', '.join([*keys, 'person_key', *made])} FROM {inner} GROUP BY ALL)"
        again = [*(f"SUM({name}) AS {name}" for name in columns.parts.values()), *tests]
        keys = ["period", "period_end", *(f"d_{name}" for name in levels)]
    others = ", ".join(["period", *(f"d_{name}" for name in by if name != figure.across)])
    whole = (
        f"SUM({compiled.denominator}) OVER (PARTITION BY {others})" if figure.across else compiled.denominator
    )
    told = ", ".join(
        [
            "period",
            *(f"d_{name}" for name in levels),
            f"{compiled.value(whole)} AS value",
            f"{compiled.n} AS n",
        ]
    )
    return f"SELECT {told} FROM (SELECT {', '.join([*keys, *again])} FROM {inner} GROUP BY ALL)"


def of_groups(found: Catalogue, figure: Figure) -> str:
    """A figure that a method makes of women and men by group, straight from the rows."""
    where, over = found.populations[figure.population].where, found.dimensions[figure.over or ""]
    made = METHODS[figure.method or ""].format(levels=max(len(over.levels), 2))
    return f"""
        SELECT period, value FROM (
            WITH grouped AS (
                SELECT
                    period, period_end,
                    CAST(COUNT(*) FILTER (WHERE sex = 'K') AS DOUBLE) AS women,
                    CAST(COUNT(*) FILTER (WHERE sex = 'M') AS DOUBLE) AS men,
                    COUNT(*) AS persons
                FROM {rows_of(found.subjects[figure.subject])}
                WHERE {where}
                GROUP BY period, period_end, {over.sql}
            )
            SELECT period, period_end, {made} GROUP BY period, period_end
        )"""
