"""Mutants: faults made in disclosure control, and how many of them its tests notice.

Belongs here: choosing the mutants, and the score that `make mutants` prints, with those that survived.
Does not belong here: making and trying them (mutmut, set up in pyproject.toml), and the tests.

There are thousands of mutants, and trying them all takes a night. A random sample gives the score to within a few percent; the
same seed gives the same sample of the same code.

A mutant is noticed by the room's quick tests, or by the type checker, which runs before them. Where mutmut says neither that the
tests passed nor that they failed (a time limit, a child process that broke), they are run once more in a process of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from mutmut.stats import status_by_exit_code
from statsmodels.stats.proportion import proportion_confint

ROOT = Path(__file__).resolve().parents[1]
MUTMUT = Path(sys.executable).with_name("mutmut")
MADE = ROOT / "mutants"
PACKAGES = ("pipelines", "warehouse", "assets", "dashboards")
MARKS = ("---", "+++")
"""Begin the lines of a difference that name its files."""
FIRST = "pipelines.disclosure.few.*"
"""A handful: trying these makes all mutants and finds out which tests run which function."""

BY_TESTS, BY_TYPES, SURVIVED = "noticed by tests", "noticed by types", "not noticed"
LIMIT = 300
"""Seconds for the tests of one mutant by itself; whoever takes longer does not come to an end."""


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
    return _report(_judged({name: results[name] for name in names}), chosen.at_least)


def _try(names: Sequence[str], children: int) -> None:
    subprocess.run([MUTMUT, "run", "--max-children", str(children), *names], cwd=ROOT, check=True)


def _results() -> dict[str, str]:
    """Every mutant with what came of it."""
    found: dict[str, str] = {}
    for file in sorted((MADE / "pipelines/disclosure").glob("*.meta")):
        codes: Mapping[str, int | None] = json.loads(file.read_text("utf-8"))["exit_code_by_key"]
        found |= {name: status_by_exit_code[code] for name, code in codes.items()}
    return found


def _judged(results: Mapping[str, str]) -> dict[str, str]:
    """What came of every mutant of the sample in the end."""
    judged: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        types = _Types(Path(folder))
        for name, status in results.items():
            is_noticed = status == "killed" or (status not in {"survived", "no tests"} and _fails(name))
            judged[name] = BY_TESTS if is_noticed else BY_TYPES if types.notice(name) else SURVIVED
    return judged


def _fails(name: str) -> bool:
    """Whether a mutant's tests fail in a process of their own; one that never ends has failed."""
    listed = subprocess.run(
        [MUTMUT, "tests-for-mutant", name], cwd=ROOT, capture_output=True, text=True, check=True
    )
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--rootdir=.", *listed.stdout.split("\n")]
    try:
        ended = subprocess.run(
            check=False,
            args=[part for part in command if part],
            cwd=MADE,
            env={**os.environ, "MUTANT_UNDER_TEST": name},
            capture_output=True,
            timeout=LIMIT,
        )
    except subprocess.TimeoutExpired:
        return True
    return ended.returncode != 0


class _Types:
    """A copy of the code in which one mutant at a time is checked for its types."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._second = folder, int(time.time())
        for part in (*PACKAGES, "fordel.py", "operating.py", "pyproject.toml"):
            copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
            copy(ROOT / part, folder / part)
        if not self._pass():
            raise SystemExit("The types do not hold without any mutant: run make lint.")

    def notice(self, name: str) -> bool:
        """Whether the type checker finds fault with a mutant."""
        shown = subprocess.run([MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True)
        file = self._folder / Path(*name.split(".")[:3]).with_suffix(".py")
        whole = file.read_text("utf-8")
        lines = [
            line
            for line in shown.stdout.splitlines()
            if line[:1] in {" ", "-", "+"} and line[:3] not in MARKS
        ]
        # A method is shown as if it were a function.
        for indent in ("", "    "):
            before, after = (
                "\n".join((indent + line[1:]).rstrip() for line in lines if line[0] in kept)
                for kept in (" -", " +")
            )
            if whole.count(f"{before}\n") == 1:
                break
        else:
            return False
        self._write(file, whole.replace(before, after))
        try:
            return not self._pass()
        finally:
            self._write(file, whole)

    def _write(self, file: Path, text: str) -> None:
        """Write a file that the type checker takes for a new one: it goes by whole seconds and by size."""
        file.write_text(text, "utf-8")
        self._second += 1
        os.utime(file, (self._second, self._second))

    def _pass(self) -> bool:
        command = [sys.executable, "-m", "mypy", "--cache-dir", ".mypy_cache", "pipelines/disclosure"]
        return subprocess.run(command, cwd=self._folder, capture_output=True, check=False).returncode == 0


def _report(results: Mapping[str, str], at_least: float) -> int:
    for name in sorted(name for name, status in results.items() if status == SURVIVED):
        shown = subprocess.run([MUTMUT, "show", name], cwd=ROOT, capture_output=True, text=True, check=True)
        print(f"\n{shown.stdout.strip()}")
    noticed = sum(status != SURVIVED for status in results.values())
    score = 100 * noticed / len(results)
    low, high = (100 * end for end in proportion_confint(noticed, len(results), method="wilson"))
    print(
        f"\n{noticed} of {len(results)} mutants noticed: {score:.1f} % (95 % interval {low:.1f} to {high:.1f} %)"
    )
    print(", ".join(f"{count} {status}" for status, count in sorted(Counter(results.values()).items())))
    return int(score < at_least)


if __name__ == "__main__":
    sys.exit(main())
