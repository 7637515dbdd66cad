"""The exact audit: whether a secret is a combination of told numbers.

Belongs here: linear algebra modulo a prime, by null vectors. It shares nothing with the elimination (elimination.py), so that
a fault in one does not hide in the other.
Does not belong here: intervals (audit.py).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

MODULUS = 2_147_483_647
"""A prime other than the elimination's, below 2^31: a product fits a 64-bit integer."""


def exact(told: sparse.csr_matrix, secrets: sparse.csr_matrix, seed: int = 0) -> np.ndarray:
    """Which secrets are combinations of told lines.

    A random table that changes nothing told (a vector of the null space, modulo a large prime) changes every secret that is not a
    combination; the chance of an error is one in two thousand million for each secret.

    Args:
        told: lines that are told, over inner cells.
        secrets: lines that are not.
        seed: of the random table.

    Returns:
        True for each secret that can be computed.
    """
    change = _unseen_change(told, np.random.default_rng(seed))
    left = [
        int(((row.data % MODULUS) * change[row.indices] % MODULUS).sum()) % MODULUS
        for row in (secrets[number] for number in range(secrets.shape[0]))
    ]
    return np.array(left, dtype=np.int64) == 0


def _unseen_change(told: sparse.csr_matrix, rng: np.random.Generator) -> np.ndarray:
    """A random solution of told · x = 0, modulo the prime."""
    # Short lines first: they have little in common, so that few numbers appear where there were none.
    order = np.argsort(np.diff(told.indptr), kind="stable")
    rows = [told[number].toarray()[0].astype(np.int64) % MODULUS for number in order]
    steps: list[tuple[int, np.ndarray]] = []
    place_of: dict[int, int] = {}
    is_pivot = np.zeros(told.shape[1], dtype=bool)
    for row in rows:
        left = row
        while True:
            hits = np.flatnonzero((left != 0) & is_pivot)
            if not len(hits):
                break
            step = place_of[int(hits[0])] if len(hits) == 1 else min(place_of[int(hit)] for hit in hits)
            pivot, other = steps[step]
            left = (left - left[pivot] * other) % MODULUS
        nonzero = np.flatnonzero(left)
        if len(nonzero):
            pivot = int(nonzero[0])
            place_of[pivot] = len(steps)
            is_pivot[pivot] = True
            steps.append((pivot, (left * pow(int(left[pivot]), -1, MODULUS)) % MODULUS))
    change = rng.integers(1, MODULUS, told.shape[1], dtype=np.int64)
    change[is_pivot] = 0
    # A later step has no earlier pivot in it, so the last pivot is settled first.
    for pivot, row in reversed(steps):
        places = np.flatnonzero(row)
        others = places[places != pivot]
        change[pivot] = -int(((row[others] * change[others]) % MODULUS).sum()) % MODULUS
    return change
