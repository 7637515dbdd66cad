"""A second opinion: Tau-Argus (pytauargus), which finds the fewest cells that must be hidden beside the small ones."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytauargus

from pipelines.disclosure.protection import protect_population
from tests.fixtures.unions import table

SHAPES = ((14, 8), (10, 6), (12, 10), (20, 6), (6, 4), (16, 8))
SAFETY_PERCENT = 50


def made_up(seed: int, shape: tuple[int, int]) -> np.ndarray:
    """Persons in a two-way table with many small cells."""
    rng = np.random.default_rng(seed)
    return rng.poisson(rng.gamma(1.2, 12, shape))


def optimum(counts: np.ndarray, folder: Path) -> int:
    """How many cells Tau-Argus hides beside the small ones."""
    persons = [(f"a{i:02d}", f"b{j:02d}") for i, j in np.ndindex(*counts.shape) for _ in range(counts[i, j])]
    records = {"a": [a for a, _ in persons], "b": [b for _, b in persons], "one": [1] * len(persons)}
    found = pytauargus.protect(
        records,
        ["a", "b"],
        "one",
        safety_rules=f"FREQ(5,{SAFETY_PERCENT})",
        suppress="OPT(1)",
        workdir=str(folder),
    )
    return Counter(found.tables[0].status())["M"]


def test_little_more_is_hidden_than_the_optimum(tmp_path: Path) -> None:
    ours, theirs = 0, 0
    for seed, shape in enumerate(SHAPES):
        counts = made_up(seed, shape)
        population = table(counts, margin=SAFETY_PERCENT / 100)
        protected = protect_population(population)
        assert protected.verdict.passed
        small = sum(bool(mask.secrets) for mask in population.masks)
        ours += len(population.masks) - small - int(protected.shown.sum())
        folder = tmp_path / str(seed)
        folder.mkdir()
        theirs += optimum(counts, folder)
    assert theirs > 10
    assert ours <= 1.15 * theirs, f"{ours} against {theirs}"
