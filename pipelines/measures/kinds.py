"""Kinds of rows: what figures ask of a row, as the bits of a number, so that rows alike are counted once and asked once.

Belongs here: taking conditions apart, the number that a row gets, and asking that number instead of the row.
Does not belong here: the scan and its groups (cube.py).

Thirty figures ask hardly twenty different things of a person: is she monthly-paid, a manager, a woman? Rows that answer all of
them alike are of one kind. The scan only counts the rows of each kind, and a figure's condition is tried on kinds, not on rows.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlglot import expressions as exp

from warehouse.key_figures.formulas import DIALECT, Part

ROWS = "counted"
"""The column with the number of rows of a kind."""

BITS = 31
"""Bits of one number; what is asked beyond goes into a second one."""


@dataclass
class Kinds:
    """What is asked of rows: each question once, and each value that is summed once."""

    asked: dict[str, int] = field(default_factory=dict)
    summed: dict[str, str] = field(default_factory=dict)

    def holds(self, conditions: Sequence[str]) -> str:
        """SQL that tells of a kind whether all conditions hold for its rows."""
        sets = [frozenset[int]()]
        for condition in conditions:
            sets = _all_of(sets, self._sets(_parsed(condition), False))
        return " OR ".join(self._answered(one) for one in sets)

    def part(self, part: Part) -> str:
        """SQL that sums a part over kinds."""
        whole = ROWS if part.is_count else self.summed.setdefault(part.value, f"sum_{len(self.summed)}")
        own = f"CASE WHEN {self.holds(part.conditions)} THEN {whole} ELSE 0 END" if part.conditions else whole
        return f"SUM({own})"

    def persons(self, test: str) -> str:
        """SQL that counts the rows for which a test holds, over kinds."""
        return f"CAST(SUM(CASE WHEN {self.holds([test])} THEN {ROWS} ELSE 0 END) AS BIGINT)"

    @property
    def columns(self) -> list[str]:
        """The columns that hold a row's kind."""
        return [f"kind_{number}" for number in range(len(self.asked) // BITS + 1)]

    def of_row(self) -> list[str]:
        """SQL of each of these columns for one row. A question whose answer is unknown counts as no."""
        bits: list[list[str]] = [[] for _ in self.columns]
        for question, place in self.asked.items():
            number = 2 ** (place % BITS)
            bits[place // BITS].append(f"(CASE WHEN {question} THEN {number}::UINTEGER ELSE 0::UINTEGER END)")
        return [
            f"{' | '.join(own) or '0::UINTEGER'} AS {name}"
            for name, own in zip(self.columns, bits, strict=True)
        ]

    def _sets(self, node: exp.Expr, is_negated: bool) -> list[frozenset[int]]:
        """The sets of questions of which one must be answered by yes, all of it."""
        node = node.unnest()
        if isinstance(node, exp.Not):
            return self._sets(node.this, not is_negated)
        if isinstance(node, exp.And | exp.Or):
            left, right = (self._sets(side, is_negated) for side in (node.left, node.right))
            # Not (a and b) is (not a) or (not b), also where one of them is unknown.
            is_either = isinstance(node, exp.Or) != is_negated
            return left + right if is_either else _all_of(left, right)
        question = (exp.Not(this=exp.paren(node)) if is_negated else node).sql(dialect=DIALECT)
        return [frozenset({self.asked.setdefault(question, len(self.asked))})]

    @staticmethod
    def _answered(questions: frozenset[int]) -> str:
        numbers: dict[int, int] = {}
        for place in questions:
            numbers[place // BITS] = numbers.get(place // BITS, 0) + 2 ** (place % BITS)
        return " AND ".join(f"kind_{word} & {bits} = {bits}" for word, bits in sorted(numbers.items()))


def _all_of(left: Sequence[frozenset[int]], right: Sequence[frozenset[int]]) -> list[frozenset[int]]:
    return [one | other for one in left for other in right]


@functools.cache
def _parsed(condition: str) -> exp.Expr:
    return exp.maybe_parse(condition, dialect=DIALECT)
