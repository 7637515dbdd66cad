"""The outsider: one part of a population as somebody sees it who has the told numbers only.

Belongs here: the tables that such a person cannot rule out (a linear program), and how far they move every secret.
Does not belong here: the verdict (audit.py), and giving told numbers up (repair.py).

The outsider knows the tables' structure, every told number, that counts are whole and that nothing is below zero, and that a
hidden group which is listed has at least one person.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipelines.disclosure.program import UNLIMITED, Limits, Program
from pipelines.disclosure.tables import Need, Part, Population

TOLERANCE = 1e-6
WORTH_IT = 0.05
"""Moving many at once goes on while it settles at least this share of what is left."""

UP, DOWN = 1.0, -1.0


class Outsider:
    """The tables that cannot be ruled out, and the widest interval seen of every secret."""

    def __init__(
        self,
        population: Population,
        part: Part,
        told: Sequence[int],
        listed: Sequence[int],
        needs: Mapping[int, Need],
    ) -> None:
        """Set up the program once; every question afterwards starts from the last answer."""
        here = set(part.lines)
        matrix = population.lines[:, part.columns]
        content = self.content = population.content[part.columns].astype(float)
        self.inner = len(part.columns)
        self.told = [line for line in told if line in here]
        self.listed = [line for line in listed if line in here]
        self.secret = [line for line in sorted(needs) if line in here]
        self.limited = sorted({*self.listed, *self.secret})
        self.rows = matrix[self.secret]
        self.values = np.asarray(matrix[self.told] @ content, dtype=float)
        self.truth = np.asarray(self.rows @ content, dtype=float)
        self.low, self.high = self.truth.copy(), self.truth.copy()
        # A secret is whole when all inner cells in it hold persons.
        is_piece = (~population.is_count[part.columns]).astype(int)
        self.is_whole = (self.rows != 0) @ is_piece == 0
        self.needs = [
            _whole(needs[line]) if is_whole else needs[line]
            for line, is_whole in zip(self.secret, self.is_whole, strict=True)
        ]
        self.tight, self.loose = self._row_limits()
        self.tables: list[np.ndarray] = []
        self._matrix = matrix
        self._program: Program | None = None

    @property
    def program(self) -> Program:
        """The program, made when it is first asked."""
        if self._program is None:
            self._program = self._make()
        return self._program

    def _make(self) -> Program:
        rows = self._matrix[[*self.told, *self.limited]]
        return Program(rows, self.tight, Limits(np.zeros(self.inner), np.full(self.inner, UNLIMITED)))

    def _row_limits(self) -> tuple[Limits, Limits]:
        """Told lines stand still, a listed one keeps somebody. Tight: no secret moves further than it must; loose: any way."""
        listed = np.isin(self.limited, self.listed)
        least = np.where(listed, 1.0, -UNLIMITED)
        low, high = least.copy(), np.full(len(self.limited), UNLIMITED)
        for number, line in enumerate(self.secret):
            need, truth, place = self.needs[number], self.truth[number], self.limited.index(line)
            low[place] = max(low[place], truth - max(need.below, need.width))
            high[place] = truth + max(need.above, need.width)
        return (
            Limits(np.concatenate([self.values, low]), np.concatenate([self.values, high])),
            Limits(
                np.concatenate([self.values, least]),
                np.concatenate([self.values, np.full(len(self.limited), UNLIMITED)]),
            ),
        )

    def row_of(self, number: int) -> int:
        """Where a secret stands among the program's rows."""
        return len(self.told) + self.limited.index(self.secret[number])

    def is_safe(self, number: int) -> bool:
        """Whether the interval seen of a secret is wide enough; the ends of a number of persons are rounded inwards."""
        need, truth = self.needs[number], self.truth[number]
        low, high = self.low[number], self.high[number]
        if self.is_whole[number]:
            low, high = np.ceil(low - TOLERANCE), np.floor(high + TOLERANCE)
        slack = TOLERANCE * max(1.0, abs(truth))
        return bool(
            high - low >= need.width - slack
            and truth - low >= need.below - slack
            and high - truth >= need.above - slack
        )

    def open(self) -> list[int]:
        """The secrets that are not known to be safe."""
        return [number for number in range(len(self.secret)) if not self.is_safe(number)]

    def settle(self, seed: int) -> None:
        """Move many secrets at once, then those that are left one by one, both ways.

        Many at once move no further than they must, so that each gets its share. One by one the others make way.
        """
        self._together(np.random.default_rng(seed))
        left = self.open()
        if left:
            self.program.limit_rows(self.loose)
        for number in left:
            row = self.row_of(number)
            self.program.limit_row(row, self.tight.low[row], self.tight.high[row])
            for direction in (UP, DOWN):
                if not self.is_safe(number):
                    self._see(direction * self.rows[number].toarray()[0])
            self.program.limit_row(row, self.loose.low[row], self.loose.high[row])

    def _together(self, rng: np.random.Generator) -> None:
        """One table often shows that dozens of secrets are safe."""
        left, turn = self.open(), 0
        while left:
            signs = np.ones(len(left)) if turn < 2 else rng.choice([UP, DOWN], len(left))
            self._see(self.rows[left].T @ (-signs if turn % 2 else signs))
            before, left = len(left), self.open()
            if turn and before - len(left) < WORTH_IT * before:
                return
            turn += 1

    def _see(self, gain: np.ndarray) -> None:
        """Look at the table that makes `gain` largest; there is one, because what is to move has limits."""
        self.remember(self.program.largest(gain))

    def consider(self, table: np.ndarray) -> None:
        """A table that somebody else found: if it agrees with everything told, it counts."""
        off, over = self._matrix[self.told] @ table - self.values, self._matrix[self.listed] @ table - 1.0
        slack = TOLERANCE * np.maximum(1.0, np.abs(self.values))
        if table.min() >= -TOLERANCE and np.all(np.abs(off) <= slack) and np.all(over >= -TOLERANCE):
            self.remember(table)

    def within(self, where: np.ndarray, table: np.ndarray) -> np.ndarray:
        """A table of a few inner cells, with the others as they are."""
        everything = self.content.copy()
        everything[where] = table
        return everything

    def remember(self, table: np.ndarray) -> None:
        """A table that cannot be ruled out: how far it moves every secret."""
        values = self.rows @ table
        if np.any(values < self.low - TOLERANCE) or np.any(values > self.high + TOLERANCE):
            self.tables.append(table)
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)


@dataclass(frozen=True)
class Neighbourhood:
    """A department of a part, by itself: whoever is elsewhere stands still.

    Attributes:
        part: its inner cells.
        where: which of the larger part's inner cells they are.
        told: the told lines that differ in it.
        listed: the listed lines that nobody elsewhere is in.
        needs: the secrets that are still open and have somebody in it.
    """

    part: Part
    where: np.ndarray
    told: Sequence[int]
    listed: Sequence[int]
    needs: Mapping[int, Need]


def neighbourhoods(outsider: Outsider, population: Population, part: Part) -> Iterator[Neighbourhood]:
    """The departments in which something is still open: small programs, and what they find agrees with everything told."""
    near = population.near[part.columns] if len(population.near) else part.columns[:0]
    for place in np.unique(near[near >= 0]):
        where = np.flatnonzero(near == place)
        rows, content = population.lines[:, part.columns[where]], population.content
        elsewhere = np.asarray(population.lines @ content - rows @ content[part.columns[where]])
        needs = {outsider.secret[number]: outsider.needs[number] for number in outsider.open()}
        own = {line: need for line, need in needs.items() if rows.indptr[line] < rows.indptr[line + 1]}
        if own:
            listed = [line for line in _different(rows, outsider.listed) if elsewhere[line] < 1.0 - TOLERANCE]
            yield Neighbourhood(
                Part(part.lines, part.columns[where]),
                where,
                _different(rows, outsider.told),
                listed,
                own,
            )


def _different(rows: sparse.csr_matrix, lines: Sequence[int]) -> list[int]:
    """The lines that hold something, of those that hold the same only one."""
    found: dict[tuple[bytes, bytes], int] = {}
    for line in lines:
        begin, end = rows.indptr[line], rows.indptr[line + 1]
        if begin < end:
            found.setdefault((rows.indices[begin:end].tobytes(), rows.data[begin:end].tobytes()), line)
    return list(found.values())


def _whole(need: Need) -> Need:
    """A need of a number of persons: as wide as whole persons make it."""
    return Need(float(np.ceil(need.width)), float(np.ceil(need.below)), float(np.ceil(need.above)))
