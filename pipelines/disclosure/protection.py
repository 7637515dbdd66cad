"""Protecting one population: hide, prove, and hide more where the proof fails.

Belongs here: the loop of elimination and audit.
Does not belong here: either of them (elimination.py, audit.py), and what is done when it cannot be proved (gate.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.audit import Verdict, audit
from pipelines.disclosure.elimination import choose
from pipelines.disclosure.repair import repair
from pipelines.disclosure.tables import Population


@dataclass(frozen=True)
class Protected:
    """What is shown of a population, the verdict on exactly that, how many masks the repair took, and the tables it found."""

    shown: np.ndarray
    verdict: Verdict
    repaired: int
    tables: tuple[np.ndarray, ...] = ()


def protect_population(population: Population, before: Protected | None = None) -> Protected:
    """Decide what is shown and prove it.

    Where an interval is too narrow, what pins it down is hidden as well. Then everything is audited: the verdict owes nothing to
    the way that led to it.

    Args:
        population: the tables.
        before: what came of the same tables with fewer secrets: what it hides stays hidden, the tables it found are tried.

    Returns:
        What is shown, with a verdict that has passed, or one that has not because nothing is left to hide.
    """
    shown = choose(population) if before is None else before.shown
    chosen = int(shown.sum()) + (before.repaired if before is not None else 0)
    tables = list(before.tables) if before is not None else []
    while True:
        count = int(shown.sum())
        repaired = repair(population, shown, seed=count, tables=tables)
        shown, tables = repaired.shown, tables + repaired.tables
        verdict = audit(population, shown, tables=tables)
        # What is hidden now is known to have somebody in it, which may be enough to need one more.
        if verdict.passed or int(shown.sum()) == count:
            return Protected(shown, verdict, chosen - int(shown.sum()), tuple(tables))
