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
    steps: list[tuple[int, np.ndarray, np.ndarray]] = []
    step_of = np.full(told.shape[1], len(order), dtype=np.int64)
    for number in order:
        left = told[number].toarray()[0].astype(np.int64) % MODULUS
        # A step has no earlier step's pivot in it, so one walk over the steps in their order takes all pivots out.
        done = -1
        while True:
            here = step_of[np.flatnonzero(left)]
            ahead = here[(here > done) & (here < len(order))]
            if not len(ahead):
                break
            done = int(ahead.min())
            pivot, places, factors = steps[done]
            left[places] = (left[places] - left[pivot] * factors) % MODULUS
        places = np.flatnonzero(left)
        if len(places):
            pivot = int(places[0])
            step_of[pivot] = len(steps)
            steps.append((pivot, places, left[places] * pow(int(left[pivot]), -1, MODULUS) % MODULUS))
    change = rng.integers(1, MODULUS, told.shape[1], dtype=np.int64)
    # A later step has no earlier pivot in it, so the last pivot is settled first.
    for pivot, places, factors in reversed(steps):
        change[pivot] = 0
        change[pivot] = -int((factors * change[places] % MODULUS).sum()) % MODULUS
    return change
