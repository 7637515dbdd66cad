"""Mutants: faults made in disclosure control, and how many of them its tests notice.

Belongs here: choosing the mutants, and the score that `make mutants` prints, with those that survived.
Does not belong here: making and trying them (mutmut, set up in pyproject.toml), and the tests.

There are thousands of mutants, and trying them all takes a night. A random sample gives the score to within a few percent; the
same seed gives the same sample of the same code.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from mutmut.stats import status_by_exit_code
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
MADE = ROOT / "mutants"
FIRST = "pipelines.disclosure.few.*"
"""A handful: trying these makes all mutants and finds out which tests run which function."""

NOTICED = frozenset({"killed", "timeout", "segfault", "caught by type check"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Try a sample, or all; the exit code is 1 where the score is below what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=200, help="how many mutants are tried; 0 is all")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--only", default="", help="mutants whose name has this in it, such as union")
    parser.add_argument("--children", type=int, default=1, help="how many at once")
    parser.add_argument(
        "--at-least", type=float, default=90.0, help="the score that is asked for, in percent"
    )
    chosen = parser.parse_args(arguments)
    _try([FIRST], chosen.children)
    names = sorted(name for name in _results() if chosen.only in name)
    if chosen.sample:
        names = random.Random(chosen.seed).sample(names, min(chosen.sample, len(names)))
    _try(names, chosen.children)
    results = _results()
    return _report({name: results[name] for name in names}, chosen.at_least)


def _try(names: Sequence[str], children: int) -> None:
    subprocess.run([MUTMUT, "run", "--max-children", str(children), *names], cwd=ROOT, check=True)


def _results() -> dict[str, str]:
    """Every mutant with what came of it."""
    found: dict[str, str] = {}
    for file in sorted((MADE / "pipelines/disclosure").glob("*.meta")):
        codes: Mapping[str, int | None] = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        found |= {name: status_by_exit_code[code] for name, code in codes.items()}
    return found


def _report(results: Mapping[str, str], at_least: float) -> int:
    for name in sorted(name for name, status in results.items() if status not in NOTICED):
        shown = subprocess.run([MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True)
        print(f"\n{shown.stdout.strip()}")
    noticed = sum(status in NOTICED for status in results.values())
    score = 100 * noticed / len(results)
    low, high = (100 * end for end in proportion_confint(noticed, len(results), method="wilson"))
    print(
        f"\n{noticed} of {len(results)} mutants noticed: {score:.1f} % (95 % interval {low:.1f} to {high:.1f} %)"
    )
    print(", ".join(f"{status} {count}" for status, count in sorted(Counter(results.values()).items())))
    return int(score < at_least)


if __name__ == "__main__":
    sys.exit(main())
