"""Time a whole refresh as a user meets it: one process from start to exit, on a fresh home.

Belongs here: running `fordel refresh` and its yardsticks as processes, and the table of ratios.
Does not belong here: timing single steps (Dagster shows those) and what is measured on made-up millions of rows.

Ratios travel between machines, seconds do not: everything is also told as multiples of a bare Python that imports Dagster.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FORDEL = Path(sys.executable).parent / "fordel"
AIM_SECONDS = 15.0


def main() -> int:
    """Print the table; 1 when a refresh fails or misses the aim."""
    stated = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    stated.add_argument("--rounds", type=int, default=3, help="how often each is run; the median counts")
    stated.add_argument("--settings", type=Path, default=ROOT / "fordel.yaml", help="settings of the run")
    wanted = stated.parse_args()
    refresh = [str(FORDEL), "--settings", str(wanted.settings), "refresh"]
    fresh, again, shown = [], [], []
    for number in range(wanted.rounds):
        print(f"round {number + 1} of {wanted.rounds} …", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory() as home:
            fresh.append(seconds(refresh, home))
            again.append(seconds(refresh, home))
            shown.append(seconds([*refresh[:-1], "show", "employees"], home))
            size = sum(
                path.stat().st_size
                for path in Path(home).rglob("*")
                if path.is_file() and not path.is_symlink()
            )
    yardsticks = {
        "python": [seconds([sys.executable, "-c", "pass"]) for _ in range(wanted.rounds)],
        "python, import dagster": [
            seconds([sys.executable, "-c", "import dagster"]) for _ in range(wanted.rounds)
        ],
    }
    rows = {
        "refresh, fresh home": fresh,
        "refresh, nothing new": again,
        "show employees": shown,
        **yardsticks,
    }
    unit = statistics.median(yardsticks["python, import dagster"])
    print(f"{'median of ' + str(wanted.rounds):<26}{'seconds':>10}{'range':>16}{'x dagster':>12}")
    for name, measured in rows.items():
        middle = statistics.median(measured)
        print(f"{name:<26}{middle:>10.2f}{min(measured):>8.2f} –{max(measured):>6.2f}{middle / unit:>12.1f}")
    took = statistics.median(fresh)
    print(f"\nThe home holds {size / 1e6:.0f} MB. Cores: {os.cpu_count()}.")
    print(
        f"Aim: a fresh refresh under {AIM_SECONDS:.0f} s on two cores: {'met' if took < AIM_SECONDS else 'MISSED'}."
    )
    return 0 if took < AIM_SECONDS else 1


def seconds(command: list[str], home: str | None = None) -> float:
    """Wall time of one process.

    Raises:
        RuntimeError: it failed; what it said goes with the error.
    """
    # Compiled bytecode belongs to an installation; without it every process would compile its imports anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    if home:
        environment["FORDEL_HOME"] = home
    began = time.perf_counter()
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return took


if __name__ == "__main__":
    sys.exit(main())
