"""Chance that belongs to a person, and small tools for drawing.

Belongs here: numbers that look random but depend on the seed, a purpose and the person's number only, and
picking with weights.
Does not belong here: what is drawn.
"""

from __future__ import annotations

import numpy as np


def own(seed: int, purpose: int, who: np.ndarray) -> np.ndarray:
    """One uniform number 0–1 per person: the same whenever it is asked for, however many people there are (splitmix64)."""
    with np.errstate(over="ignore"):
        state = (
            who.astype(np.uint64)
            + np.uint64(seed) * np.uint64(0x9E3779B97F4A7C15)
            + np.uint64(purpose) * np.uint64(0xD1B54A32D192ED03)
        )
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return (state >> np.uint64(11)).astype(np.float64) / float(1 << 53)


def own_normal(seed: int, purpose: int, who: np.ndarray) -> np.ndarray:
    """One standard normal number per person (Box and Muller)."""
    radius = np.sqrt(-2 * np.log1p(-own(seed, purpose, who)))
    return radius * np.cos(2 * np.pi * own(seed, purpose + 1000, who))


def picked(rng: np.random.Generator, who: np.ndarray, weight: np.ndarray, count: int) -> np.ndarray:
    """`count` of `who` (all, if fewer), without repetition, the heavier ones rather (exponential keys)."""
    if count <= 0:
        return who[:0]
    if count >= len(who):
        return who
    key = rng.exponential(1.0, len(who)) / np.maximum(weight, 1e-9)
    return who[np.argpartition(key, count - 1)[:count]]
