"""The union of published tables: every number that may be told, as a sum over inner cells.

Belongs here: lines (numbers), masks (what is shown or hidden together), and merging what no line tells apart.
Does not belong here: which persons stand behind a line (contributions.py), and the choice of what to hide (elimination.py).

An inner cell is a group of persons that every line counts alike. Two tables that share sums share inner cells:
hierarchies (unit in department), linked tables and figures of one population need no description of their own.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

NOWHERE = np.zeros(0, dtype=np.int64)


@dataclass(frozen=True)
class Need:
    """What an outsider must be left with about a secret number: an interval at least so far down and up, and so wide."""

    width: float = 0.0
    below: float = 0.0
    above: float = 0.0


@dataclass(frozen=True)
class Mask:
    """Everything that one figure says of one group (both sexes of it): shown whole or hidden whole.

    Attributes:
        key: what the caller calls it.
        lines: the lines that are told when it is shown.
        secrets: the lines that nobody may learn, each with what must be left uncertain; a mask with secrets is never shown.
        at_least_one: lines that an outsider knows to hold a person even when they are hidden.
        rank: the order in which masks are kept; the smallest is the most valuable.
        price: what hiding it costs, when one of several must be hidden after all.
        is_withheld: hidden for a reason of its own, even without a secret.
    """

    key: Hashable
    lines: tuple[int, ...]
    secrets: tuple[tuple[int, Need], ...] = ()
    at_least_one: tuple[int, ...] = ()
    rank: tuple[float, ...] = ()
    price: float = 1.0
    is_withheld: bool = False

    @property
    def may_be_shown(self) -> bool:
        """Whether nothing in the mask itself speaks against showing it."""
        return not self.secrets and not self.is_withheld


@dataclass(frozen=True)
class Population:
    """Tables that share inner cells, and all that may be told of them.

    Attributes:
        lines: one row per line and one column per inner cell; whole numbers, mostly 0 and 1.
        content: what each inner cell holds (persons, or hours and the like).
        is_count: for each inner cell, whether it holds persons, which are whole.
        masks: what is shown or hidden together.
        near: for each inner cell, a number that those near it share (a department): where a small change is looked for first.
        untold: secret lines that no mask says: what several hidden groups come to.
    """

    lines: sparse.csr_matrix
    content: np.ndarray
    is_count: np.ndarray
    masks: tuple[Mask, ...]
    near: np.ndarray = field(default_factory=lambda: NOWHERE)
    untold: tuple[tuple[int, Need], ...] = ()

    @property
    def values(self) -> np.ndarray:
        """The true value of every line."""
        return np.asarray(self.lines @ self.content, dtype=float)

    def needs(self) -> dict[int, Need]:
        """The secret lines with the strictest of what is asked for them."""
        found: dict[int, Need] = {}
        for line, need in chain(self.untold, *(mask.secrets for mask in self.masks)):
            other = found.get(line, Need())
            found[line] = Need(
                max(need.width, other.width), max(need.below, other.below), max(need.above, other.above)
            )
        return found

    def keeping(self, sums: Sequence[tuple[Sequence[int], Need]]) -> Population:
        """The same tables with more secrets: for each, the lines that it is the sum of, and what must stay uncertain."""
        more = [sparse.csr_matrix(self.lines[list(lines)].sum(axis=0)) for lines, _ in sums]
        numbers = range(self.lines.shape[0], self.lines.shape[0] + len(sums))
        return replace(
            self,
            lines=sparse.vstack([self.lines, *more], format="csr", dtype=self.lines.dtype),
            untold=(*self.untold, *zip(numbers, (need for _, need in sums), strict=True)),
        )

    def told(self, shown: Sequence[bool] | np.ndarray) -> list[int]:
        """The lines that are told when these masks are shown."""
        return sorted(
            {
                line
                for mask, is_shown in zip(self.masks, shown, strict=True)
                if is_shown
                for line in mask.lines
            }
        )

    def listed(self, shown: Sequence[bool] | np.ndarray) -> list[int]:
        """The lines that are hidden and known to have somebody in them."""
        return sorted(
            {
                line
                for mask, is_shown in zip(self.masks, shown, strict=True)
                if not is_shown
                for line in mask.at_least_one
            }
        )


@dataclass(frozen=True)
class Part:
    """Lines and inner cells that have nothing to do with the others."""

    lines: list[int]
    columns: np.ndarray


def parts(population: Population, known: Iterable[int], secret: Iterable[int]) -> list[Part]:
    """The parts of what is known and secret that can be looked at one by one: hours have nothing to do with persons.

    Parts without a secret are left out.
    """
    wanted = set(secret)
    lines = sorted(wanted.union(known))
    if not wanted:
        return []
    rows = population.lines[lines]
    count, labels = connected_components(sparse.bmat([[None, rows], [rows.T, None]]), directed=False)
    found: list[Part] = []
    for label in range(count):
        own = [line for line, one in zip(lines, labels[: len(lines)], strict=True) if one == label]
        if wanted.intersection(own):
            found.append(Part(own, np.flatnonzero(labels[len(lines) :] == label)))
    return found


@dataclass
class Builder:
    """Collects lines; a line that two figures share is one line."""

    members: list[np.ndarray] = field(default_factory=list)
    factors: list[np.ndarray] = field(default_factory=list)
    known: dict[tuple[bytes, bytes], int] = field(default_factory=dict)

    def line(
        self, members: Sequence[int] | np.ndarray, factors: Sequence[int] | np.ndarray | None = None
    ) -> int:
        """The number of a line over inner cells; the same members give the same line."""
        inner = np.asarray(members, dtype=np.int64)
        weights = (
            np.ones(len(inner), dtype=np.int64) if factors is None else np.asarray(factors, dtype=np.int64)
        )
        order = np.argsort(inner, kind="stable")
        inner, weights = inner[order], weights[order]
        name = (inner.tobytes(), weights.tobytes())
        if name not in self.known:
            self.known[name] = len(self.members)
            self.members.append(inner)
            self.factors.append(weights)
        return self.known[name]

    def population(
        self, content: np.ndarray, is_count: np.ndarray, masks: Sequence[Mask], near: np.ndarray = NOWHERE
    ) -> Population:
        """The population of everything collected, with inner cells that no line tells apart merged into one."""
        starts = np.concatenate([[0], np.cumsum([len(inner) for inner in self.members])]).astype(np.int64)
        nothing = np.zeros(0, dtype=np.int64)
        matrix = sparse.csr_matrix(
            (np.concatenate([nothing, *self.factors]), np.concatenate([nothing, *self.members]), starts),
            shape=(len(self.members), len(content)),
            dtype=np.int64,
        )
        return merged(matrix, content, is_count, masks, near)


def merged(
    matrix: sparse.csr_matrix,
    content: np.ndarray,
    is_count: np.ndarray,
    masks: Sequence[Mask],
    near: np.ndarray = NOWHERE,
) -> Population:
    """Merge inner cells that every line counts alike, and leave out those that no line counts."""
    columns = matrix.tocsc()
    columns.sort_indices()
    names: dict[tuple[bytes, bytes, bool], int] = {}
    place = np.full(matrix.shape[1], -1)
    for inner in range(matrix.shape[1]):
        begin, end = columns.indptr[inner], columns.indptr[inner + 1]
        if begin == end:
            continue
        name = (
            columns.indices[begin:end].tobytes(),
            columns.data[begin:end].tobytes(),
            bool(is_count[inner]),
        )
        place[inner] = names.setdefault(name, len(names))
    kept = np.flatnonzero(place >= 0)
    firsts = np.zeros(len(names), dtype=np.int64)
    firsts[place[kept][::-1]] = kept[::-1]
    totals = np.bincount(place[kept], weights=np.asarray(content, dtype=float)[kept], minlength=len(names))
    return Population(
        lines=columns[:, firsts].tocsr(),
        content=totals,
        is_count=np.asarray(is_count, dtype=bool)[firsts],
        masks=tuple(masks),
        near=near[firsts] if len(near) else NOWHERE,
    )
