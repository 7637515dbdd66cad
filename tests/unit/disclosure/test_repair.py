"""The repair: what gives way is the cheapest that helps, and nobody's word is taken for a table that fits."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from pipelines.disclosure import protection
from pipelines.disclosure.audit import audit
from pipelines.disclosure.protection import protect_population
from pipelines.disclosure.repair import Repaired, Telling, repair
from pipelines.disclosure.tables import Builder, Mask, Need, Population

WIDTH = Need(width=4.0)


def units(prices: dict[str, float]) -> Population:
    """A department of a unit of two, which is secret, and others of ten, with their prices."""
    builder = Builder()
    names = ["A", *prices]
    lines = {name: builder.line([number]) for number, name in enumerate(names)}
    whole = builder.line(range(len(names)))
    masks = [
        Mask("whole", (whole,), price=100.0),
        Mask("A", (lines["A"],), ((lines["A"], WIDTH),), (lines["A"],)),
        *(Mask(name, (lines[name],), (), (lines[name],), (1.0,), price) for name, price in prices.items()),
    ]
    content = np.array([2.0, *(10.0 for _ in prices)])
    near = np.zeros(len(names), dtype=np.int64)
    return builder.population(content, np.ones(len(names), dtype=bool), masks, near)


def hidden(population: Population, shown: np.ndarray) -> set[object]:
    return {mask.key for mask, is_shown in zip(population.masks, shown, strict=True) if not is_shown}


@pytest.mark.parametrize(
    ("prices", "expected"),
    [
        ({"B": 5.0, "C": 1.0}, {"A", "C"}),
        ({"B": 1.0, "C": 5.0}, {"A", "B"}),
        # The whole is hidden where that is cheaper than every unit.
        ({"B": 500.0, "C": 500.0}, {"A", "whole"}),
    ],
)
def test_the_cheapest_that_helps_gives_way(prices: dict[str, float], expected: set[object]) -> None:
    population = units(prices)
    all_but_the_secret = np.array([not mask.secrets for mask in population.masks])
    repaired = repair(population, all_but_the_secret)
    assert hidden(population, repaired.shown) == expected
    verdict = audit(population, repaired.shown, tables=repaired.tables)
    assert verdict.passed
    (interval,) = verdict.intervals.values()
    assert (round(interval.low) >= 1, interval.width >= 4.0) == (True, True)


def test_a_mask_is_hidden_with_all_its_lines_and_a_line_is_told_while_any_mask_tells_it() -> None:
    masks = [Mask("A", (1, 2), price=6.0), Mask("B", (2, 3), price=2.0), Mask("C", (3,), price=4.0)]
    population = replace(units({}), masks=tuple(masks))
    telling = Telling(population, np.array([True, True, True]))
    assert telling.told == [1, 2, 3]
    # Each line bears its share of every mask that tells it.
    assert [telling.price(line) for line in (1, 2, 3)] == [3.0, 4.0, 5.0]
    telling.hide(2)
    assert telling.shown.tolist() == [False, False, True]
    assert telling.told == [3]
    assert telling.price(3) == 4.0
    assert Telling(population, np.array([False, True, False])).told == [2, 3]


def test_a_department_in_which_nothing_is_open_is_left_alone() -> None:
    # The second department has no secret; in the first B may give way.
    builder = Builder()
    lines = [builder.line([number]) for number in range(4)]
    everybody, whole = builder.line(range(4)), builder.line([0, 1])
    masks = [
        Mask("everybody", (everybody,), price=100.0),
        Mask("whole", (whole,), price=100.0),
        Mask("A", (lines[0],), ((lines[0], WIDTH),), (lines[0],)),
        *(Mask(name, (lines[number],), (), (lines[number],)) for number, name in enumerate("BDE", start=1)),
    ]
    near = np.array([0, 0, 1, 1])
    population = builder.population(np.array([2.0, 10.0, 9.0, 9.0]), np.ones(4, dtype=bool), masks, near)
    repaired = repair(population, np.array([not mask.secrets for mask in masks]))
    assert hidden(population, repaired.shown) == {"A", "B"}


def test_what_is_safe_is_left_alone() -> None:
    population = units({"B": 1.0, "C": 1.0})
    shown = np.array([mask.key in {"whole", "C"} for mask in population.masks])
    repaired = repair(population, shown)
    assert repaired.shown.tolist() == shown.tolist()
    assert repaired.tables


def test_a_table_that_does_not_fit_proves_nothing() -> None:
    population = units({"B": 1.0, "C": 1.0})
    shown = np.array([not mask.secrets for mask in population.masks])
    lies = [
        np.array([9.0, 10.0, 10.0]),  # another whole
        np.array([9.0, 3.0, 10.0]),  # another unit, which is told
        np.array([-5.0, 17.0, 10.0]),  # fewer than none
    ]
    verdict = audit(population, shown, tables=lies)
    assert len(verdict.derivable) == 1
    assert [finding.interval.width for finding in verdict.findings] == [0.0]
    # One that leaves a listed group empty does not fit either: the interval ends at one.
    hides_b = np.array([mask.key in {"whole", "C"} for mask in population.masks])
    verdict = audit(population, hides_b, tables=[np.array([0.0, 12.0, 10.0]), np.array([12.0, 0.0, 10.0])])
    (interval,) = verdict.intervals.values()
    assert round(interval.low, 6) >= 1.0
    assert round(interval.high, 6) <= 11.0


def test_what_was_protected_before_is_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    """B was hidden for A. Now C is secret as well: B stays hidden, D gives way too, and what was found is not asked again."""
    population = units({"B": 1.0, "C": 5.0, "D": 2.0, "E": 500.0})
    monkeypatch.setattr(protection, "choose", lambda own: np.array([mask.may_be_shown for mask in own.masks]))
    first = protect_population(population)
    assert hidden(population, first.shown) == {"A", "B"}
    assert (first.repaired, bool(first.tables)) == (1, True)
    line = next(mask.lines[0] for mask in population.masks if mask.key == "C")
    more = population.keeping([([line], Need(width=30.0))])
    monkeypatch.setattr(protection, "choose", None)
    second = protect_population(more, first)
    assert second.verdict.passed
    assert {"A", "B"} < hidden(more, second.shown)
    assert second.repaired == int(first.shown.sum() - second.shown.sum()) + 1
    assert len(second.tables) > len(first.tables)


def test_what_nothing_told_limits_has_no_end() -> None:
    population = units({"B": 1.0})
    verdict = audit(population, [False] * len(population.masks))
    assert verdict.passed


def test_where_nothing_more_can_be_hidden_the_verdict_says_so() -> None:
    # Two persons cannot be ten fewer, whatever is hidden beside them.
    builder = Builder()
    whole, pair = builder.line([0, 1]), builder.line([0])
    masks = [Mask("whole", (whole,)), Mask("pair", (pair,), ((pair, Need(below=10.0)),))]
    population = builder.population(np.array([2.0, 9.0]), np.ones(2, dtype=bool), masks)
    protected = protect_population(population)
    assert not protected.verdict.passed
    assert protected.verdict.derivable == ()
    (finding,) = protected.verdict.findings
    assert (finding.line, finding.interval.low, finding.interval.high) == (pair, 0.0, 2.0)
    assert protected.shown.tolist() == [True, False]


def test_what_did_not_help_is_followed_by_more_until_the_proof_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two masks tell the whole. Hiding one of them tells as much as before, so the audit fails and the repair is asked again."""
    own = units({"B": 500.0, "C": 500.0})
    population = replace(own, masks=(*own.masks, replace(own.masks[0], key="whole again")))
    asked: list[int] = []

    def one_at_first(
        population: Population, shown: np.ndarray, seed: int, tables: Sequence[np.ndarray]
    ) -> Repaired:
        asked.append(int(shown.sum()))
        if len(asked) > 1:
            return repair(population, shown, seed, tables)
        return Repaired(shown & np.array([mask.key != "whole again" for mask in population.masks]), [])

    def everything(population: Population) -> np.ndarray:
        return np.array([mask.may_be_shown for mask in population.masks])

    monkeypatch.setattr(protection, "choose", everything)
    monkeypatch.setattr(protection, "repair", one_at_first)
    protected = protect_population(population)
    assert asked == [4, 3]
    assert protected.verdict.passed
    assert hidden(population, protected.shown) == {"A", "whole", "whole again"}
    assert protected.repaired == 2
