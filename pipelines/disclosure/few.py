"""Few: whether a cell tells of too few persons by itself.

Belongs here: the question, for those who must know it before anything is hidden.
Does not belong here: the thresholds (primary.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from pipelines.disclosure.primary import RULES
from warehouse.key_figures.entries import Figure


def too_few(figure: Figure, tested: Iterable[int]) -> bool:
    """Whether one of the numbers of persons behind a cell is above zero and below what the figure's class may show."""
    return any(0 < persons < RULES[figure.protection].smallest for persons in tested)
