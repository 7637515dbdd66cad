"""How fast the key figures are computed, as ratios measured in one run.

Belongs here: the bare scan, our engine, the run itself and the report.
Does not belong here: the made-up core (made_up.py), the other ways (queries.py, in_pandas.py), a whole night (refresh.py).

    python -m benchmarks.figures                    12 million person-months; pandas on a tenth of them
    python -m benchmarks.figures --persons 3334     a quick look

Seconds are the processor's, over all threads: what else the machine does is not measured. Every way runs in a process of its own
with two threads and 3.5 GB for DuckDB, so that its peak memory is its own. Absence and changes between years run on tables of the
same persons. dbt is run by `--dbt PROGRAM` where it is installed beside a DuckDB that opens the file; without it, only the
statements that its models would be are run one by one. The unexplained gap, a regression, is part of the engine's time only.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.figures.in_pandas import in_pandas
from benchmarks.figures.made_up import KINDS, MONTHS, build, connect, items, reset, timed
from benchmarks.figures.queries import one_query_each, with_dbt
from pipelines.measures.cube import make_cells
from warehouse.key_figures.catalogue import catalogue

TENTH = 10
ROOT = Path(__file__).resolve().parents[2]


def scan(file: Path) -> dict[str, float]:
    """Read and aggregate every column that the additive figures of persons read: sums, counts of what holds, least names."""
    con = connect(file)
    numbers = ("fte_agreed", "fte_actual")
    names = "month sex birth_month department unit occupation_group management_level employment_form".split()
    holding = (
        "is_manager is_monthly is_hourly is_permanent is_active is_full_time is_working_full_time".split()
    )
    read = [
        *(f"SUM({name})" for name in numbers),
        *(f"MIN({name})" for name in names),
        *(f"COUNT(*) FILTER (WHERE {name})" for name in holding),
    ]
    return {"scan": timed(lambda: con.execute(f"SELECT {', '.join(read)} FROM core.person_month").fetchall())}


def engine(file: Path) -> dict[str, float]:
    """The whole HR catalogue by our engine, by subject and kind of period."""
    con, found = connect(file), catalogue()
    reset(con, found)
    told = {}
    for subject, kind in KINDS:
        wanted = items(con, found, subject, kind)
        begun = time.process_time()
        make_cells(con, found, found.subjects[subject], wanted)
        told[f"engine {subject} {kind}"] = time.process_time() - begun
    (told["cells"],) = con.execute("SELECT COUNT(*) FROM figures.cell").fetchone() or (0,)
    return told


BUILD = "build"

WAYS: dict[str, Callable[[Path], dict[str, float]]] = {
    "scan": scan,
    "engine": engine,
    "queries": one_query_each,
    "pandas": in_pandas,
}


def in_its_own_process(way: str, file: Path, persons: int = 0) -> dict[str, float]:
    """Run one way and add its peak memory in GB."""
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "benchmarks.figures",
            "--way",
            way,
            "--file",
            str(file),
            "--persons",
            str(persons),
        ],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    told: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return told


def report(persons: int, told: dict[str, dict[str, float]]) -> str:
    """The measurements as ratios, in words."""
    scanned = told["scan"]["scan"]
    ours, theirs = told["engine"], told["queries"]
    additive = ours["engine person_month month"]
    whole = sum(seconds for name, seconds in ours.items() if name.startswith("engine"))
    each = sum(seconds for name, seconds in theirs.items() if name.startswith("queries"))
    same = ours["engine person_month month"] + ours["engine person_month november"]
    lines = [
        f"{persons * MONTHS:,} person-months, {int(ours['cells']):,} cells, two threads",
        f"bare scan of the additive figures' columns          {scanned:8.2f} s",
        f"additive figures of persons, every breakdown        {additive:8.2f} s = {additive / scanned:.1f} × the scan",
        *(
            f"  {name:<50}{ours[f'engine {name}']:8.2f} s   one query each {theirs[f'queries {name}']:8.2f} s"
            for name in (f"{subject} {kind}" for subject, kind in KINDS)
        ),
        f"whole HR catalogue by the engine                    {whole:8.2f} s",
        f"one query for every figure                          {each:8.2f} s = {each / whole:.1f} × the engine",
        f"pandas on a tenth of the rows, {int(told['pandas']['figures'])} of the figures   {told['pandas']['pandas']:8.2f} s"
        f" = {told['pandas']['pandas'] * TENTH / same:.1f} × the engine on persons, row for row",
        "peak memory, GB: " + ", ".join(f"{name} {way['peak_gb']:.2f}" for name, way in told.items()),
    ]
    return "\n".join(lines)


def main() -> int:
    """Build, run every way, print the ratios."""
    parser = argparse.ArgumentParser(description="Key figures: our engine beside a scan, queries and pandas.")
    parser.add_argument("--persons", type=int, default=333_334)
    parser.add_argument("--way", choices=[BUILD, *WAYS])
    parser.add_argument("--file", type=Path)
    parser.add_argument("--dbt", help="program of dbt with dbt-duckdb, to run the models with it as well")
    chosen = parser.parse_args()
    if chosen.way == BUILD:
        build(chosen.file, chosen.persons)
        print("{}")
        return 0
    if chosen.way:
        told = WAYS[chosen.way](chosen.file)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        print(json.dumps({**told, "peak_gb": peak}))
        return 0
    with tempfile.TemporaryDirectory(prefix="fordel-figures-") as folder:
        whole, tenth = Path(folder) / "whole.duckdb", Path(folder) / "tenth.duckdb"
        # In a process of its own: a child's peak memory is never less than that of the process it was started from.
        in_its_own_process(BUILD, whole, chosen.persons)
        in_its_own_process(BUILD, tenth, max(chosen.persons // TENTH, 1))
        measured: dict[str, dict[str, float]] = {}
        for way in WAYS:
            measured[way] = in_its_own_process(way, tenth if way == "pandas" else whole)
            print(way, {name: round(number, 2) for name, number in measured[way].items()}, flush=True)
        by_dbt = with_dbt(whole, chosen.dbt) if chosen.dbt else None
    print(report(chosen.persons, measured))
    if by_dbt is not None:
        whole_engine = sum(
            seconds for name, seconds in measured["engine"].items() if name.startswith("engine")
        )
        times = by_dbt["dbt"] / whole_engine
        print(f"dbt, {int(by_dbt['models'])} models   {by_dbt['dbt']:8.2f} s = {times:.1f} × the engine")
    return 0


if __name__ == "__main__":
    sys.exit(main())
