"""Few: whether a cell tells of too few persons by itself.

Belongs here: the question, for those who must know it before anything is hidden.
Does not belong here: the thresholds (primary.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.disclosure.primary import RULES, SMALLEST_WITH_EXTREMES
from warehouse.key_figures.entries import Figure


def too_few(figure: Figure, tested: Sequence[int]) -> bool:
    """Whether the rules hide a cell for the numbers of persons behind it.

    One of them is above zero and below what the figure's class may show; or nobody, or everybody, of a small group counts where
    that is sensitive.
    """
    is_extreme = figure.sensitive and tested[0] < SMALLEST_WITH_EXTREMES and 0 in tested[1:]
    return is_extreme or any(0 < persons < RULES[figure.protection].smallest for persons in tested)
