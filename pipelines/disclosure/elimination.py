"""Secondary suppression: which further masks must be hidden so that no secret can be computed.

Belongs here: the elimination over all tables of one population, and the order in which masks are given up.
Does not belong here: what is secret (primary.py, changes.py), and the proof that it worked (audit.py), which must not share code
with this module.

The method is Langsrud's (Gaussian elimination, as in GaussSuppression): masks are taken from the most to the least
valuable, and one is shown only if no secret line then lies in the span of the shown lines. Arithmetic is modulo a
prime, so that "lies in the span" is a yes or a no and never a question of rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipelines.disclosure.tables import Population

PRIME = 1_048_573
"""The largest prime below 2^20: a product has 40 bits, so thousands of them add up exactly in a double."""

SUMMED = 4096
"""Products that are added before the remainder is taken: 2^12 × 2^40 stays below 2^53."""


@dataclass
class _Span:
    """What the shown lines span, kept reduced, and the secrets reduced by it."""

    told: np.ndarray
    rank: int
    pivots: list[int]
    secrets: np.ndarray
    marks: np.ndarray
    weights: np.ndarray
    uses: np.ndarray

    def reduce(self, rows: np.ndarray) -> np.ndarray:
        """What is left of rows when everything told is taken out of them."""
        if not self.rank:
            return rows % PRIME
        factors = rows[:, self.pivots]
        used = np.flatnonzero(factors.any(axis=0))
        return _minus(rows, factors[:, used], self.told[used])

    def echelon(self, rows: np.ndarray) -> tuple[np.ndarray, list[int]]:
        """Reduced rows in echelon form among themselves, and their pivot columns."""
        kept: list[np.ndarray] = []
        pivots: list[int] = []
        for row in rows:
            left = row.copy()
            for other, pivot in zip(kept, pivots, strict=True):
                if left[pivot]:
                    left = _remainder(left - left[pivot] * other)
            nonzero = np.flatnonzero(left)
            if not len(nonzero):
                continue
            pivot = self._pivot(nonzero)
            left = _remainder(left * pow(int(left[pivot]), -1, PRIME))
            kept = [_remainder(other - other[pivot] * left) if other[pivot] else other for other in kept]
            kept.append(left)
            pivots.append(pivot)
        return np.array(kept).reshape(len(kept), rows.shape[1]), pivots

    def _pivot(self, columns: np.ndarray) -> int:
        # What few lines use is in few other rows.
        return int(columns[np.argmin(self.uses[columns])])

    def gives_away(self, rows: np.ndarray, pivots: Sequence[int]) -> bool:
        """Whether a secret lies in the span once these rows are told too."""
        if not len(rows) or not len(self.secrets):
            return False
        factors = self.secrets[:, pivots]
        left = self._marks_after(rows, pivots)
        # The mark of a secret is its product with random weights: zero for one that is gone, and by chance for one in a million.
        suspects = np.flatnonzero((left == 0) & factors.any(axis=1))
        return any(not _minus(self.secrets[[one]], factors[[one]], rows).any() for one in suspects)

    def _marks_after(self, rows: np.ndarray, pivots: Sequence[int]) -> np.ndarray:
        return _remainder(self.marks - self.secrets[:, pivots] @ _marks(rows, self.weights))

    def take(self, rows: np.ndarray, pivots: list[int]) -> None:
        """Tell these rows."""
        wide = np.flatnonzero(rows.any(axis=0))
        self.marks = self._marks_after(rows, pivots)
        for matrix in (self.told[: self.rank], self.secrets):
            touched = np.flatnonzero(matrix[:, pivots].any(axis=1))
            if len(touched):
                here = np.ix_(touched, wide)
                matrix[here] = _minus(matrix[here], matrix[touched][:, pivots], rows[:, wide])
        self.told[self.rank : self.rank + len(rows)] = rows
        self.rank += len(rows)
        self.pivots += pivots


def choose(population: Population, seed: int = 0) -> np.ndarray:
    """Decide which masks are shown.

    Args:
        population: the tables; masks with secrets are hidden.
        seed: of the random weights that find suspects; the result does not depend on it.

    Returns:
        For every mask, whether it is shown. Nothing more can be shown without giving a secret away, save what is in the masks'
        order.
    """
    matrix = population.lines
    secret = sorted(population.needs())
    weights = np.random.default_rng(seed).integers(1, PRIME, matrix.shape[1]).astype(float)
    secrets = matrix[secret].toarray().astype(float) % PRIME
    span = _Span(
        told=np.zeros((min(matrix.shape), matrix.shape[1])),
        rank=0,
        pivots=[],
        secrets=secrets,
        marks=_marks(secrets, weights),
        weights=weights,
        uses=np.diff(matrix.tocsc().indptr),
    )
    masks = population.masks
    shown = np.zeros(len(masks), dtype=bool)
    done: set[int] = set()
    candidates = [number for number, mask in enumerate(masks) if mask.may_be_shown]
    for number in sorted(candidates, key=lambda one: (masks[one].rank, one)):
        new = [line for line in masks[number].lines if line not in done]
        if not new or _tell(span, matrix[new].toarray()):
            shown[number] = True
            done.update(new)
    return shown


def _tell(span: _Span, rows: np.ndarray) -> bool:
    """Tell these rows if that gives nothing away; whether they were told."""
    reduced, pivots = span.echelon(span.reduce(rows.astype(float)))
    if span.gives_away(reduced, pivots):
        return False
    if len(reduced):
        span.take(reduced, pivots)
    return True


def _marks(secrets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    found = np.zeros(len(secrets))
    for begin in range(0, secrets.shape[1], SUMMED):
        part = slice(begin, begin + SUMMED)
        found = _remainder(found + secrets[:, part] @ weights[part])
    return found


def _minus(rows: np.ndarray, factors: np.ndarray, others: np.ndarray) -> np.ndarray:
    """`rows` − `factors` × `others`, modulo the prime."""
    left = rows
    for begin in range(0, factors.shape[1], SUMMED):
        part = slice(begin, begin + SUMMED)
        left = _remainder(left - factors[:, part] @ others[part])
    return left


def _remainder(numbers: np.ndarray) -> np.ndarray:
    """What is left modulo the prime, several times faster than `%`; the quotient may be one off, which is put right."""
    left = numbers - np.floor(numbers * (1.0 / PRIME)) * PRIME
    left[left < 0] += PRIME
    left[left >= PRIME] -= PRIME
    return left
