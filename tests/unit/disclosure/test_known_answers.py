"""The known answers of disclosure control: linked regions, one man in each unit, means beside rounded counts."""

from itertools import product

import numpy as np
import pytest

from pipelines.disclosure.audit import Interval, audit
from pipelines.disclosure.elimination import choose
from pipelines.disclosure.exact import exact
from pipelines.disclosure.protection import protect_population
from pipelines.disclosure.tables import Builder, Mask, Need
from tests.fixtures.unions import regions


def test_tables_that_are_safe_alone_give_a_region_away_together() -> None:
    population = regions("ABKLM")
    unprotected = [not mask.secrets for mask in population.masks]
    verdict = audit(population, unprotected)
    (line,) = verdict.derivable
    # 30 - 20 - 7: all less the other size's regions less N.
    assert population.values[line] == 3
    assert verdict.intervals[line] == Interval(3.0, 3.0)
    assert not verdict.passed


def test_one_more_region_is_hidden_and_no_more() -> None:
    population = regions("ABKLM")
    shown = choose(population)
    hidden = {mask.key for mask, is_shown in zip(population.masks, shown, strict=True) if not is_shown}
    assert hidden == {*"ABKLM", "N"}
    assert audit(population, shown).passed


def test_the_intervals_are_those_of_the_design() -> None:
    # An impossible need makes the audit look for both ends.
    population = regions("ABKLMN", Need(width=1000.0))
    verdict = audit(population, [not mask.secrets for mask in population.masks])
    found = {
        mask.key: (verdict.intervals[mask.lines[0]].low, verdict.intervals[mask.lines[0]].high)
        for mask in population.masks
        if mask.secrets
    }
    assert found == {
        name: pytest.approx(ends)
        for name, ends in {
            "A": (0, 4),
            "B": (0, 4),
            "K": (0, 10),
            "L": (0, 6),
            "M": (0, 6),
            "N": (0, 10),
        }.items()
    }


def test_an_outsider_who_knows_that_somebody_is_there_knows_more() -> None:
    population = regions("ABKLMN", Need(width=1000.0), is_listed=True)
    verdict = audit(population, [not mask.secrets for mask in population.masks])
    found = {mask.key: verdict.intervals[mask.lines[0]] for mask in population.masks if mask.secrets}
    assert (found["A"].low, found["A"].high) == pytest.approx((1, 3))
    assert (found["L"].low, found["L"].high) == pytest.approx((1, 5))


def test_five_units_with_one_man_each_do_not_pass_beside_five_men() -> None:
    builder = Builder()
    units = [builder.line([unit]) for unit in range(5)]
    men = builder.line(range(5))
    masks = [Mask(unit, (unit,), ((unit, Need(width=4.0)),), (unit,), (1.0,)) for unit in units]
    population = builder.population(
        np.ones(5), np.ones(5, dtype=bool), [Mask("men", (men,), rank=(0.0,)), *masks]
    )
    # No combination of told numbers gives a unit; only that each has at least one man does.
    chosen = choose(population)
    assert chosen[0]
    verdict = audit(population, chosen)
    assert not verdict.derivable
    assert [finding.interval for finding in verdict.findings] == [Interval(1.0, 1.0)] * 5
    protected = protect_population(population)
    assert not protected.shown.any()
    assert protected.verdict.passed
    assert protected.repaired == 1


def test_exact_means_beside_rounded_counts_leave_few_answers() -> None:
    # Why a hidden number's mean is hidden with it: counts told to within 2, means told exactly, whole sums.
    counts, means = (9, 14, 19), (11.25, 7.9167, 9.25)
    left = [
        [count for count in range(told - 2, told + 3) if abs(mean * count - round(mean * count)) < 1e-3]
        for told, mean in zip(counts, means, strict=True)
    ]
    assert left == [[8], [12], [20]]


def test_a_sum_must_stay_uncertain_by_a_tenth() -> None:
    builder = Builder()
    parts = [builder.line([inner]) for inner in range(3)]
    whole = builder.line(range(3))
    hours = np.array([100.0, 4.0, 900.0])
    need = Need(below=10.0, above=10.0)
    masks = [
        Mask("whole", (whole,), rank=(0.0,)),
        Mask(0, (parts[0],), ((parts[0], need),), rank=(1.0,)),
        Mask(1, (parts[1],), rank=(1.0,)),
        Mask(2, (parts[2],), rank=(1.0,), is_withheld=False),
    ]
    population = builder.population(hours, np.zeros(3, dtype=bool), masks)
    # Hiding the part with four hours is enough for the elimination, but leaves the other between 96 and 104.
    assert choose(population).tolist() == [True, False, True, False] or choose(population).tolist() == [
        True,
        False,
        False,
        True,
    ]
    protected = protect_population(population)
    assert protected.verdict.passed
    low, high = protected.verdict.intervals[parts[0]].low, protected.verdict.intervals[parts[0]].high
    assert low <= 90.0
    assert high >= 110.0


@pytest.mark.parametrize("secret", list(product([0, 1], repeat=4)))
def test_the_exact_audit_agrees_with_fractions(secret: tuple[int, ...]) -> None:
    from scipy import sparse

    told = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 1, 1, 0]])
    rank = np.linalg.matrix_rank(told)
    expected = np.linalg.matrix_rank(np.vstack([told, secret])) == rank
    assert exact(sparse.csr_matrix(told), sparse.csr_matrix([secret]))[0] == expected
