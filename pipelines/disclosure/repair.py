"""Repair: what else must be hidden so that every secret is left uncertain enough.

Belongs here: finding the cheapest told numbers whose hiding lets a secret move, and hiding the masks that tell them.
Does not belong here: the proof (audit.py), which is made anew of what this leaves shown.

A told number may give way, up or down, at the price of the masks that tell it. The table that moves a secret far enough at the
lowest price says which numbers have to be untold: those that differ in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse

from pipelines.disclosure.outsider import DOWN, TOLERANCE, UP, Outsider, neighbourhoods
from pipelines.disclosure.program import UNLIMITED, Limits, Program
from pipelines.disclosure.tables import Need, Part, Population, parts

REWARD = 1e4
"""What moving a secret by one is worth: more than all that must give way for it, save what is endlessly dear."""

DEAREST = 1e3


@dataclass(frozen=True)
class Repaired:
    """What is shown after the repair, and the tables that move the secrets."""

    shown: np.ndarray
    tables: list[np.ndarray]


def repair(
    population: Population, shown: np.ndarray, seed: int = 0, tables: Sequence[np.ndarray] = ()
) -> Repaired:
    """Hide more, until every secret has tables that move it far enough.

    Args:
        population: the tables.
        shown: for every mask, whether it is shown.
        seed: of the random combinations that settle many secrets at once.
        tables: contents of the inner cells that may agree with everything told; they need not be found again.

    Returns:
        What is shown now; the same where nothing had to be hidden, or nothing helps.
    """
    telling = Telling(population, shown)
    needs, listed = population.needs(), population.listed(shown)
    found: list[np.ndarray] = []
    for part in parts(population, [*telling.told, *listed], needs):
        outsider = Outsider(population, part, telling.told, listed, needs)
        for table in tables:
            outsider.consider(table[part.columns])
        # A small program first: most secrets move within their department. What must give way is found in the large one only,
        # where a loss in one department can be made up for in another.
        for near in neighbourhoods(outsider, population, part):
            inside = Outsider(population, near.part, near.told, near.listed, near.needs)
            inside.settle(seed)
            for table in inside.tables:
                outsider.consider(outsider.within(near.where, table))
        outsider.settle(seed)
        narrow = {outsider.secret[number]: outsider.needs[number] for number in outsider.open()}
        if narrow:
            giving = Giving(population, part, telling, listed, narrow)
            giving.widen()
            outsider.tables += giving.tables
        for table in outsider.tables:
            whole = population.content.astype(float)
            whole[part.columns] = table
            found.append(whole)
    return Repaired(telling.shown, found)


class Telling:
    """Which shown masks tell each line, while some are being hidden."""

    def __init__(self, population: Population, shown: np.ndarray) -> None:
        """Begin with what is shown."""
        self._masks, self.shown = population.masks, np.array(shown, dtype=bool)
        self._by_line: dict[int, set[int]] = {}
        for number, mask in enumerate(population.masks):
            if shown[number]:
                for line in mask.lines:
                    self._by_line.setdefault(line, set()).add(number)
        self.listed = {line for mask in population.masks for line in mask.at_least_one}

    @property
    def told(self) -> list[int]:
        """The lines that are told."""
        return sorted(line for line, masks in self._by_line.items() if masks)

    def price(self, line: int) -> float:
        """What it costs to untell a line: its share of every mask that tells it, since a mask is hidden with all its lines."""
        shares = (
            self._masks[number].price / len(self._masks[number].lines) for number in self._by_line[line]
        )
        return min(DEAREST, sum(shares))

    def hide(self, line: int) -> None:
        """Hide every mask that tells a line."""
        for number in sorted(self._by_line[line]):
            self.shown[number] = False
            for own in self._masks[number].lines:
                self._by_line[own].discard(number)


class Giving(Outsider):
    """An outsider for whom told numbers may give way."""

    def __init__(
        self,
        population: Population,
        part: Part,
        telling: Telling,
        listed: Sequence[int],
        needs: Mapping[int, Need],
    ) -> None:
        """The same program with two more columns for every told line: how far it gives way, up and down."""
        super().__init__(population, part, telling.told, listed, needs)
        self._telling = telling
        self._settle_prices()

    def _make(self) -> Program:
        count = len(self.told)
        gives = sparse.identity(count, format="csr")
        rows = sparse.bmat(
            [[self._matrix[self.told], -gives, gives], [self._matrix[self.limited], None, None]], format="csr"
        )
        # What is listed keeps somebody when it is hidden.
        least = np.array([float(line in self._telling.listed) for line in self.told])
        free = np.full(self.inner + count, UNLIMITED)
        down = np.maximum(self.values - least, 0.0)
        return Program(rows, self.tight, Limits(np.zeros(rows.shape[1]), np.concatenate([free, down])))

    def _settle_prices(self) -> None:
        prices = np.array([self._telling.price(line) for line in self.told])
        self._costs = np.concatenate([prices, prices])

    def widen(self) -> None:
        """Go through the secrets; what is free for one by now is not paid for again."""
        for number in self.open():
            need, truth = self.needs[number], self.truth[number]
            for direction, side in ((UP, need.above), (DOWN, need.below)):
                if not self.is_safe(number):
                    other = truth - self.low[number] if direction == UP else self.high[number] - truth
                    self._reach(number, direction, truth + direction * max(side, need.width - other))

    def _reach(self, number: int, direction: float, target: float) -> None:
        """Move a secret to a value, or as near as it goes, at the lowest price; hide what gives way."""
        row = self.row_of(number)
        low, high = self.tight.low[row], self.tight.high[row]
        self.program.limit_row(row, *((low, target) if direction == UP else (target, high)))
        gain = np.concatenate([direction * REWARD * self.rows[number].toarray()[0], -self._costs])
        table = self.program.largest(gain)
        self.program.limit_row(row, low, high)
        gave = table[self.inner :].reshape(2, len(self.told)).max(axis=0)
        for place in np.flatnonzero(gave > TOLERANCE):
            self._telling.hide(self.told[place])
        self._settle_prices()
        self.remember(table[: self.inner])
