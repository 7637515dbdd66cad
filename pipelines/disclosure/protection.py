"""Protecting one population: hide, prove, and hide more where the proof fails.

Belongs here: the loop of elimination and audit.
Does not belong here: either of them (elimination.py, audit.py), and what is done when it cannot be proved (gate.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.audit import Finding, Verdict, audit
from pipelines.disclosure.elimination import choose
from pipelines.disclosure.tables import Population

ROUNDS = 5


@dataclass(frozen=True)
class Protected:
    """What is shown of a population, the verdict on exactly that, and how many masks the repair took."""

    shown: np.ndarray
    verdict: Verdict
    repaired: int


def protect_population(population: Population) -> Protected:
    """Decide what is shown and prove it.

    Where an interval is too narrow, a neighbour that pins it down is hidden as well, until it is wide enough. Then everything is
    audited anew: the verdict owes nothing to the way that led to it.

    Args:
        population: the tables.

    Returns:
        What is shown, with a verdict that has passed, or one that has not because nothing is left to hide.

    Raises:
        LeakedBeforeError: what was told before gives a secret away.
    """
    shown = choose(population)
    chosen = int(shown.sum())
    for turn in range(ROUNDS):
        before = int(shown.sum())
        audit(population, shown, seed=turn, give_up=_Repair(population, shown))
        # What is hidden now is known to have somebody in it, which may be enough to need one more.
        verdict = audit(population, shown, seed=ROUNDS + turn)
        if verdict.passed or int(shown.sum()) == before:
            break
    return Protected(shown, verdict, chosen - int(shown.sum()))


class _Repair:
    """Hides neighbours of what is too narrow, one at a time, the least valuable that helps."""

    def __init__(self, population: Population, shown: np.ndarray) -> None:
        self._masks, self._shown = population.masks, shown
        self._telling: dict[int, set[int]] = {}
        for number, mask in enumerate(population.masks):
            if shown[number] or mask.is_told:
                for line in mask.lines:
                    self._telling.setdefault(line, set()).add(number)

    def options(self, finding: Finding) -> list[tuple[int, ...]]:
        """Sets of masks that would untell one of the lines that pin the finding down, the least valuable first."""
        found = {
            tuple(sorted(self._telling[line]))
            for line in finding.bound_by
            if self._telling.get(line)
            and not any(self._masks[number].is_told for number in self._telling[line])
        }
        return sorted(
            found, key=lambda one: (min(self._masks[number].rank for number in one), one), reverse=True
        )

    def untold(self, masks: Sequence[int]) -> list[int]:
        """The lines that nobody tells any more when these masks are hidden."""
        gone = set(masks)
        return sorted(
            {
                line
                for number in masks
                for line in self._masks[number].lines
                if not self._telling.get(line, set()) - gone
            }
        )

    def hide(self, masks: Sequence[int]) -> None:
        """Hide them."""
        self._shown[list(masks)] = False
        for number in masks:
            for line in self._masks[number].lines:
                self._telling.get(line, set()).discard(number)
