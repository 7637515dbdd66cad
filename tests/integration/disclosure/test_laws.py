"""Laws that hold for every set of linked tables: nothing leaks, nothing is hidden in vain, and both audits say so."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.disclosure.audit import audit
from pipelines.disclosure.elimination import choose
from pipelines.disclosure.exact import exact
from pipelines.disclosure.protection import protect_population
from pipelines.disclosure.tables import Population
from tests.fixtures.unions import SMALLEST, table


@st.composite
def linked_tables(draw: st.DrawFn) -> Population:
    """All margins of a two- or three-way table of persons, and sometimes a group above the first dimension's codes."""
    shape = draw(st.sampled_from([(3, 2), (4, 3), (5, 2), (3, 2, 2), (4, 2, 2), (6, 4), (3, 3, 2)]))
    cell = st.one_of(st.integers(0, 9), st.integers(0, 60))
    counts = np.array(
        draw(st.lists(cell, min_size=int(np.prod(shape)), max_size=int(np.prod(shape))))
    ).reshape(shape)
    hierarchy = {code: code // 2 for code in range(shape[0])} if draw(st.booleans()) else None
    return table(counts, SMALLEST, hierarchy)


def spans(told: np.ndarray, secret: np.ndarray) -> bool:
    """Whether a row is a combination of others, by floating-point ranks: fine for small tables, and written by somebody else."""
    if not len(told):
        return not secret.any()
    return bool(np.linalg.matrix_rank(np.vstack([told, secret])) == np.linalg.matrix_rank(told))


@given(linked_tables())
def test_no_secret_leaks_and_both_audits_say_so(population: Population) -> None:
    protected = protect_population(population)
    assert protected.verdict.passed
    told = population.lines[population.told(protected.shown)].toarray()
    for line, interval in protected.verdict.intervals.items():
        assert not spans(told, population.lines[[line]].toarray()[0])
        assert np.floor(interval.high + 1e-6) - np.ceil(interval.low - 1e-6) >= SMALLEST - 1
    secret = np.array([bool(mask.secrets) for mask in population.masks], dtype=bool)
    assert not (protected.shown & secret).any()


@given(linked_tables())
def test_the_elimination_hides_nothing_in_vain(population: Population) -> None:
    shown = choose(population)
    told = population.told(shown)
    secret = sorted(population.needs())
    assert not exact(population.lines[told], population.lines[secret]).any()
    for number, mask in enumerate(population.masks):
        if not shown[number] and not mask.secrets:
            more = population.lines[sorted({*told, *mask.lines})]
            assert exact(more, population.lines[secret]).any(), f"{mask.key} could have been shown"


@given(linked_tables())
def test_the_choice_does_not_depend_on_chance(population: Population) -> None:
    assert choose(population, seed=1).tolist() == choose(population, seed=2).tolist()


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_intervals_are_those_of_every_table_that_fits(counts: list[int]) -> None:
    population = table(np.array(counts).reshape(2, 2), smallest=3)
    shown = choose(population)
    told = population.told(shown)
    listed = [
        line
        for mask, is_shown in zip(population.masks, shown, strict=True)
        if not is_shown
        for line in mask.at_least_one
    ]
    values = population.values
    fitting = (
        [
            np.array(candidate)
            for candidate in product(range(int(sum(counts)) + 1), repeat=population.lines.shape[1])
            if np.array_equal(population.lines[told] @ np.array(candidate), values[told])
            and (population.lines[listed] @ np.array(candidate) >= 1).all()
        ]
        if sum(counts) <= 7
        else []
    )
    verdict = audit(population, shown)
    for finding in verdict.findings if fitting else ():
        reachable = [int((population.lines[[finding.line]] @ one)[0]) for one in fitting]
        assert round(finding.interval.low) == min(reachable)
        assert round(finding.interval.high) == max(reachable)
