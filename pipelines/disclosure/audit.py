"""The proof: what an outsider who has every told number can learn of the secret ones.

Belongs here: the exact audit (is a secret a combination of told numbers?) and the interval audit (between which
values must it lie?).
Does not belong here: choosing what to hide (elimination.py). This module must not share code with it, so that a fault in one does
not hide in the other.

Both ends of an interval are shown by tables that agree with every told number. Whoever finds such a table, it is proof: it is
checked here by adding up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.exact import exact
from pipelines.disclosure.outsider import Outsider
from pipelines.disclosure.tables import Population, parts


@dataclass(frozen=True)
class Interval:
    """Two values of a secret that an outsider cannot rule out. In a finding no wider ones exist."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How much is left uncertain."""
        return self.high - self.low


@dataclass(frozen=True)
class Finding:
    """A secret that is not safe: its line, and the interval found."""

    line: int
    interval: Interval


@dataclass(frozen=True)
class Verdict:
    """What the audit of one population came to.

    Attributes:
        derivable: secret lines that are combinations of told lines.
        findings: secret lines whose interval is too narrow (the derivable ones among them).
        intervals: an interval for every secret line, proved as far as was needed.
    """

    derivable: tuple[int, ...]
    findings: tuple[Finding, ...]
    intervals: Mapping[int, Interval]

    @property
    def passed(self) -> bool:
        """Whether every secret is safe."""
        return not self.derivable and not self.findings


def audit(
    population: Population,
    shown: Sequence[bool] | np.ndarray,
    seed: int = 0,
    tables: Iterable[np.ndarray] = (),
) -> Verdict:
    """Both audits of what is shown of a population.

    Args:
        population: the tables.
        shown: for every mask, whether it is shown.
        seed: of the random combinations; verdicts do not depend on it.
        tables: contents of the inner cells that may agree with everything told; one that does saves asking for it.

    Returns:
        The verdict, with an interval for every secret line.
    """
    needs = population.needs()
    told, listed = population.told(shown), population.listed(shown)
    offered = list(tables)
    derivable: list[int] = []
    findings: list[Finding] = []
    intervals: dict[int, Interval] = {}
    for part in parts(population, [*told, *listed], needs):
        outsider = Outsider(population, part, told, listed, needs)
        matrix = population.lines[:, part.columns]
        is_derivable = exact(matrix[outsider.told], matrix[outsider.secret], seed)
        derivable += [line for line, gone in zip(outsider.secret, is_derivable, strict=True) if gone]
        for table in offered:
            outsider.consider(table[part.columns])
        outsider.settle(seed)
        found = {
            line: Interval(float(low), float(high))
            for line, low, high in zip(outsider.secret, outsider.low, outsider.high, strict=True)
        }
        intervals |= found
        narrow = [outsider.secret[number] for number in outsider.open()]
        findings += [Finding(line, found[line]) for line in narrow]
    return Verdict(tuple(sorted(derivable)), tuple(findings), intervals)
