"""Time taking one CSV with a month of every municipal employee in Sweden: read, judged, pseudonymised, stored and loaded.

Belongs here: making the file, timing, peak memory, and the same for a bare Polars read of it, as a ratio.
Does not belong here: whether the result is right (tests/).

`python benchmarks/intake.py [rows]`. Each measurement runs in a process of its own; memory is that of the process and of the
child that reads the file, together.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).resolve().parents[1]
ROWS = 1_200_000
AIM_RATIO, AIM_BYTES = 3.0, 4 * 1024**3
COLUMNS = (
    "person_id employment_id birth_date sex department_code department_name unit_code unit_name occupation_code occupation_name"
    " occupation_group responsibility_code management_level employment_form pay_form fte_agreed fte_actual monthly_pay"
    " monthly_pay_fte variable_pay_fte ordinary_hours hire_date end_date end_reason has_full_leave previous_person_id"
    " work_value_level"
).split()


def main(rows: int) -> None:
    """Make the file, measure both, print the table."""
    with tempfile.TemporaryDirectory(prefix="fordel-bench-") as folder:
        file = Path(folder) / "in" / "hr_2026-10.csv"
        file.parent.mkdir()
        write(file, rows)
        size = file.stat().st_size / 1024**2
        bare = measured("bare", folder)
        whole = measured("whole", folder)
    ratio = whole["seconds"] / bare["seconds"]
    # On a machine with other work the processor's seconds say more than the clock's.
    print(f"{rows:,} rows, {size:.0f} MB, {len(COLUMNS)} columns, {os.cpu_count()} cores")
    print(f"{'':<28}{'seconds':>9}{'rows/s':>12}{'peak MB':>10}{'ratio':>8}{'cpu s':>8}{'ratio':>8}")
    for name, found in (("bare pl.read_csv, typed", bare), ("taken by Fördel", whole)):
        line = f"{name:<28}{found['seconds']:>9.1f}{rows / found['seconds']:>12,.0f}{found['bytes'] / 1024**2:>10.0f}"
        print(
            f"{line}{found['seconds'] / bare['seconds']:>8.1f}{found['cpu']:>8.1f}{found['cpu'] / bare['cpu']:>8.1f}"
        )
    print(f"aim: ratio ≤ {AIM_RATIO:g} ({'met' if ratio <= AIM_RATIO else 'not met'}), memory ≤ {AIM_BYTES / 1024**3:g} GB "
          f"({'met' if whole['bytes'] <= AIM_BYTES else 'not met'})")  # fmt: skip


def write(file: Path, rows: int) -> None:
    """A payroll's export: `;`, UTF-8, decimal comma, the employer's own numbers."""
    rng = np.random.default_rng(1)
    number = pl.int_range(rows, eager=True)
    text = number.cast(pl.String).str.zfill(8)
    pay = pl.Series(rng.integers(24_000, 60_000, rows))

    def code(choices: list[str]) -> pl.Series:
        return pl.Series(choices).gather(pl.Series(rng.integers(0, len(choices), rows)))

    share = pl.Series(rng.choice([50.0, 75.0, 80.5, 100.0], rows))
    columns = {
        "person_id": "A" + text,
        "employment_id": text,
        "birth_date": (
            pl.Series(rng.integers(-6_000, 12_000, rows)).cast(pl.Int32).cast(pl.Date)
        ).dt.strftime("%Y%m%d"),
        "sex": code(["K", "K", "K", "M"]),
        "department_code": code([f"F{each}" for each in range(12)]),
        "department_name": code(["Vård och omsorg", "Barn och utbildning", "Kultur och fritid"]),
        "unit_code": code([f"E{each}" for each in range(900)]),
        "unit_name": code([f"Enheten {each}" for each in range(900)]),
        "occupation_code": code([f"{each}" for each in range(151010, 151190)]),
        "occupation_name": code(["Undersköterska", "Förskollärare", "Administratör", "Barnskötare"]),
        "occupation_group": code(["Omvårdnad", "Skola", "Administration"]),
        "responsibility_code": code(["", "", "", "", "", "C", "L"]),
        "management_level": code(["", "", "", "", "", "3"]),
        "employment_form": code(["tillsvidare", "tillsvidare", "vikariat", "sva"]),
        "pay_form": code(["manadsavlonad", "manadsavlonad", "timavlonad"]),
        "fte_agreed": share.cast(pl.String).str.replace(".", ",", literal=True),
        "fte_actual": share.cast(pl.String).str.replace(".", ",", literal=True),
        "monthly_pay": pay.cast(pl.String) + ",50",
        "monthly_pay_fte": pay.cast(pl.String) + ",00",
        "variable_pay_fte": code(["0,00", "1250,25", "310,00"]),
        "ordinary_hours": code(["165,00", "132,00", "82,50"]),
        "hire_date": (pl.Series(rng.integers(12_000, 20_400, rows)).cast(pl.Int32).cast(pl.Date)).dt.strftime(
            "%Y%m%d"
        ),
        "end_date": pl.Series([""] * rows),
        "end_reason": pl.Series([""] * rows),
        "has_full_leave": code(["0", "0", "0", "1"]),
        "previous_person_id": pl.Series([""] * rows),
        "work_value_level": code(["1", "4", "7", "9"]),
    }
    pl.DataFrame(columns).write_csv(file, separator=";")


def measured(what: str, folder: str) -> dict[str, float]:
    """Run one measurement in a process of its own, watching its memory and its children's."""
    running = subprocess.Popen(
        [sys.executable, __file__, what, folder],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    peak, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.05):
            peak[0] = max(peak[0], family(running.pid))

    watcher = threading.Thread(target=look)
    watcher.start()
    said, _ = running.communicate()
    over.set()
    watcher.join()
    if running.returncode:
        raise RuntimeError(f"{what} failed")
    return {**json.loads(said), "bytes": float(peak[0])}


def family(process: int) -> int:
    """Bytes that a process and its children hold now; what two of them share is counted once (Pss)."""
    total = 0
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
        total += int(told.partition("\nPss:")[2].split()[0]) * 1024
        for task in Path(f"/proc/{process}/task").iterdir():
            total += sum(family(int(child)) for child in (task / "children").read_text().split())
    except (OSError, IndexError):
        # It has ended while it was looked at.
        return total
    return total


def processor() -> float:
    """Seconds of processors that this process and its ended children have used."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def bare(folder: Path) -> dict[str, float]:
    """A plain typed read, as somebody would write it in a notebook."""
    begun, used = time.perf_counter(), processor()
    frame = pl.read_csv(
        folder / "in" / "hr_2026-10.csv", separator=";", decimal_comma=True, try_parse_dates=True
    )
    assert frame.height
    return {"seconds": time.perf_counter() - begun, "cpu": processor() - used}


def whole(folder: Path) -> dict[str, float]:
    """The same file taken by Fördel, from the folder to the warehouse."""
    from pipelines.intake import take
    from warehouse.settings import Settings
    from warehouse.store import Store

    os.environ["FORDEL_KEY"] = "ab" * 32
    mapping = {
        "month": {"file_name": r"(?P<year>\d{4})-(?P<month>\d{2})"},
        "person_numbers": "own",
        "columns": {name: name for name in COLUMNS},
        "not_delivered": {"is_full_time": "nej"},
    }
    source = {"hr": {"contract": "hr_employment", "path": str(folder / "in"), "mapping": mapping}}
    settings = Settings.model_validate({"home": folder / "home", "sources": source})
    (folder / "home").mkdir()
    begun, used = time.perf_counter(), processor()
    (taken,) = take(settings, Store(settings), "hr_employment")
    found = {"seconds": time.perf_counter() - begun, "cpu": processor() - used}
    if taken.status != "loaded" or taken.rows_quarantined:
        raise RuntimeError(f"{taken.status}: {taken.reason}")
    return found


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps({"bare": bare, "whole": whole}[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main(int(sys.argv[1]) if len(sys.argv) == 2 else ROWS)
