"""The proof: what an outsider who has every told number can learn of the secret ones.

Belongs here: the exact audit (is a secret a combination of told numbers?) and the interval audit (between which
values must it lie?).
Does not belong here: choosing what to hide (elimination.py). This module must not share code with it, so that a fault in one does
not hide in the other.

The outsider knows the tables' structure, every told number, that counts are whole and that nothing is below zero,
and that a hidden group which is listed has at least one person. Both ends of an interval are shown by tables that
agree with every told number; the ends of a count's interval are rounded inwards, to whole persons.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import highspy
import numpy as np
import scipy.sparse.csgraph
from scipy import sparse

from pipelines.disclosure.exact import exact
from pipelines.disclosure.tables import Need, Population

TOLERANCE = 1e-6
ROUNDS = 40
OPTIONS = 12
WIDER = 0.5
SETTLED = frozenset({highspy.HighsModelStatus.kOptimal, highspy.HighsModelStatus.kUnbounded})


class AuditError(RuntimeError):
    """The audit could not be made; nothing may be published."""


@dataclass(frozen=True)
class Interval:
    """Two values of a secret that an outsider cannot rule out. In a finding no wider ones exist."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """How much is left uncertain."""
        return self.high - self.low


@dataclass(frozen=True)
class Finding:
    """A secret that is not safe: its line, the interval found, and the told lines that pin it down."""

    line: int
    interval: Interval
    bound_by: tuple[int, ...] = ()


class GiveUp(Protocol):
    """Somebody who may hide more while the audit goes on."""

    def options(self, finding: Finding) -> Sequence[tuple[int, ...]]:
        """What could be hidden for a finding, the first first."""

    def untold(self, masks: Sequence[int]) -> Sequence[int]:
        """The lines that are told no more when these are hidden."""

    def hide(self, masks: Sequence[int]) -> None:
        """Hide them."""


@dataclass(frozen=True)
class Verdict:
    """What the audit of one population came to.

    Attributes:
        derivable: secret lines that are combinations of told lines.
        findings: secret lines whose interval is too narrow (the derivable ones among them).
        intervals: an interval for every secret line, proved as far as was needed.
    """

    derivable: tuple[int, ...]
    findings: tuple[Finding, ...]
    intervals: Mapping[int, Interval]

    @property
    def passed(self) -> bool:
        """Whether every secret is safe."""
        return not self.derivable and not self.findings


def audit(
    population: Population, shown: Sequence[bool] | np.ndarray, seed: int = 0, give_up: GiveUp | None = None
) -> Verdict:
    """Both audits of what is shown of a population.

    Args:
        population: the tables.
        shown: for every mask, whether it is shown.
        seed: of the random combinations; verdicts do not depend on it.
        give_up: asked at each finding what could be hidden as well. The first that helps is hidden, and the audit
            goes on without it.
            A verdict found that way is no proof: audit again.

    Returns:
        The verdict, with an interval for every secret line.
    """
    needs = population.needs()
    told = population.told(shown)
    derivable = exact(population.lines[told], population.lines[sorted(needs)], seed)
    at_least_one = sorted(
        {
            line
            for mask, is_shown in zip(population.masks, shown, strict=True)
            if not is_shown and not mask.is_told
            for line in mask.at_least_one
        }
    )
    findings: list[Finding] = []
    intervals: dict[int, Interval] = {}
    for part in _unconnected(population, [*told, *at_least_one], sorted(needs)):
        here = set(part.lines)
        outsider = Outsider(
            population,
            part.columns,
            [line for line in told if line in here],
            [line for line in at_least_one if line in here],
        )
        own = {line: need for line, need in needs.items() if line in here}
        found, proved = outsider.judge(own, seed, give_up)
        findings += found
        intervals |= proved
    return Verdict(
        tuple(line for line, gone in zip(sorted(needs), derivable, strict=True) if gone),
        tuple(findings),
        intervals,
    )


@dataclass(frozen=True)
class _Part:
    """Lines and inner cells that have nothing to do with the others."""

    lines: list[int]
    columns: np.ndarray


def _unconnected(population: Population, known: Sequence[int], secret: Sequence[int]) -> list[_Part]:
    """The parts of the union that can be looked at one by one: hours have nothing to do with persons."""
    lines = sorted({*known, *secret})
    rows = population.lines[lines]
    both = sparse.bmat([[None, rows], [rows.T, None]]) if lines else sparse.csr_matrix((0, 0))
    count, labels = scipy.sparse.csgraph.connected_components(both, directed=False)
    parts = []
    wanted = set(secret)
    for label in range(count):
        own = [line for line, one in zip(lines, labels[: len(lines)], strict=True) if one == label]
        if wanted.intersection(own):
            parts.append(_Part(own, np.flatnonzero(labels[len(lines) :] == label)))
    return parts


@dataclass
class _Pool:
    """The widest interval seen for every secret, from tables that an outsider cannot rule out."""

    lines: list[int]
    rows: sparse.csr_matrix
    needs: Mapping[int, Need]
    truth: np.ndarray
    whole: np.ndarray
    low: np.ndarray = field(init=False)
    high: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.low, self.high = self.truth.copy(), self.truth.copy()

    def add(self, table: np.ndarray) -> None:
        values = self.rows @ table
        self.low, self.high = np.minimum(self.low, values), np.maximum(self.high, values)

    def is_safe(self, number: int, low: float, high: float) -> bool:
        need, truth = self.needs[self.lines[number]], self.truth[number]
        if self.whole[number]:
            low, high = np.ceil(low - TOLERANCE), np.floor(high + TOLERANCE)
        slack = TOLERANCE * max(1.0, abs(truth))
        return (
            high - low >= need.width - slack
            and truth - low >= need.below - slack
            and high - truth >= need.above - slack
        )

    def open(self) -> list[int]:
        return [
            number
            for number in range(len(self.lines))
            if not self.is_safe(number, self.low[number], self.high[number])
        ]


class Outsider:
    """One population as somebody sees it who has the told numbers only, as a linear program."""

    def __init__(
        self, population: Population, columns: np.ndarray, told: Sequence[int], at_least_one: Sequence[int]
    ) -> None:
        """Set up the program once; every question afterwards starts from the last answer."""
        self._lines = population.lines[:, columns]
        self._content = population.content[columns]
        self._is_count = population.is_count[columns]
        self._told = list(told)
        rows = self._lines[[*self._told, *at_least_one]]
        values = np.asarray(rows @ self._content, dtype=float)
        self._values = values[: len(self._told)]
        low = np.concatenate([values[: len(self._told)], np.ones(len(at_least_one))])
        high = np.concatenate([values[: len(self._told)], np.full(len(at_least_one), highspy.kHighsInf)])
        self._inner = rows.shape[1]
        self._has_rows = rows.shape[0] > 0
        program = highspy.HighsLp()
        program.num_col_, program.num_row_ = self._inner, rows.shape[0]
        program.col_cost_ = np.zeros(self._inner)
        program.col_lower_ = np.zeros(self._inner)
        program.col_upper_ = np.full(self._inner, highspy.kHighsInf)
        program.row_lower_, program.row_upper_ = low, high
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = rows.indptr.astype(np.int32)
        program.a_matrix_.index_ = rows.indices.astype(np.int32)
        program.a_matrix_.value_ = rows.data.astype(float)
        self._solver = highspy.Highs()
        self._solver.setOptionValue("output_flag", False)
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue(
            "simplex_strategy", 4
        )  # primal: another objective leaves the last answer feasible
        self._solver.setOptionValue("threads", 1)
        if self._solver.passModel(program) != highspy.HighsStatus.kOk:
            raise AuditError("the linear program was not accepted")
        self._bound_by: list[int] = []

    def forget(self, lines: Sequence[int]) -> None:
        """Let lines be told no more."""
        gone = set(lines)
        for row, line in enumerate(self._told):
            if line in gone:
                self._solver.changeRowBounds(row, -highspy.kHighsInf, highspy.kHighsInf)

    def remember(self, lines: Sequence[int]) -> None:
        """Let lines be told again."""
        again = set(lines)
        for row, line in enumerate(self._told):
            if line in again:
                self._solver.changeRowBounds(row, self._values[row], self._values[row])

    def judge(
        self, needs: Mapping[int, Need], seed: int = 0, give_up: GiveUp | None = None
    ) -> tuple[list[Finding], dict[int, Interval]]:
        """Prove every secret's interval as far as its need, or find that it is too narrow."""
        lines = sorted(needs)
        rows = self._lines[lines]
        # A line is whole when all inner cells in it hold persons.
        whole = (rows != 0) @ (~self._is_count).astype(int) == 0
        pool = _Pool(lines, rows, needs, np.asarray(rows @ self._content, dtype=float), whole)
        self._together(pool, np.random.default_rng(seed))
        findings: list[Finding] = []
        for number in pool.open():
            finding = self._alone(pool, number)
            while finding is not None and give_up is not None:
                better = self._yield(pool, number, finding, give_up)
                if better is finding:
                    break
                finding = better
            findings += [finding] if finding is not None else []
        return findings, {
            line: Interval(float(pool.low[number]), float(pool.high[number]))
            for number, line in enumerate(lines)
        }

    def _yield(self, pool: _Pool, number: int, finding: Finding, give_up: GiveUp) -> Finding | None:
        """Hide the first option that widens the interval; where none does alone, the first two or more together."""
        options = give_up.options(finding)[:OPTIONS]
        for masks in options:
            lines = give_up.untold(masks)
            low, high = pool.low.copy(), pool.high.copy()
            self.forget(lines)
            after = self._alone(pool, number)
            if after is None or after.interval.width > finding.interval.width + WIDER:
                give_up.hide(masks)
                return after
            self.remember(lines)
            # What was seen meanwhile can be ruled out again.
            pool.low, pool.high = low, high
        if not options:
            return finding
        give_up.hide(options[0])
        self.forget(give_up.untold(options[0]))
        return self._alone(pool, number)

    def _together(self, pool: _Pool, rng: np.random.Generator) -> None:
        """Move many secrets at once: one table often shows that dozens of them are safe."""
        left = pool.open()
        idle = 0
        for turn in range(ROUNDS):
            if not left or idle >= 4:
                return
            signs = np.ones(len(left)) if turn < 2 else rng.choice([-1.0, 1.0], len(left))
            signs = -signs if turn % 2 else signs
            table = self._solve(pool.rows[left].T @ signs)
            if table is not None:
                pool.add(table)
            before, left = len(left), pool.open()
            idle = idle + 1 if len(left) == before else 0

    def _alone(self, pool: _Pool, number: int) -> Finding | None:
        """Push one secret as far as it goes, both ways; a finding if that is not far enough."""
        if pool.is_safe(number, pool.low[number], pool.high[number]):
            return None
        row = pool.rows[number].toarray()[0].astype(float)
        bound: set[int] = set()
        for sign in (1.0, -1.0):
            self._push(pool, number, row, sign)
            bound.update(self._bound_by)
            if pool.is_safe(number, pool.low[number], pool.high[number]):
                return None
        interval = Interval(float(pool.low[number]), float(pool.high[number]))
        return Finding(pool.lines[number], interval, tuple(sorted(bound)))

    def _push(self, pool: _Pool, number: int, row: np.ndarray, sign: float) -> None:
        """One end of one secret's interval."""
        table = self._solve(sign * row)
        self._bound_by = self._binding() if table is not None else []
        if table is None:
            # Nothing that was told limits it.
            (pool.high if sign > 0 else pool.low)[number] = sign * np.inf
        else:
            pool.add(table)

    def _solve(self, cost: np.ndarray) -> np.ndarray | None:
        """The table that makes `cost` · table largest; None where nothing limits it."""
        if not self._has_rows:
            # Nothing at all was told of these inner cells.
            return None if np.any(cost > 0) else np.zeros(self._inner)
        self._ask(cost)
        status = self._solver.getModelStatus()
        if status not in SETTLED:
            # The tables themselves answer every question, so this is a basis gone stale: begin anew.
            self._solver.clearSolver()
            self._ask(cost)
            status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kUnbounded:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise AuditError(f"the linear program ended as {self._solver.modelStatusToString(status)}")
        return np.array(self._solver.getSolution().col_value)

    def _ask(self, cost: np.ndarray) -> None:
        everyone = np.arange(self._inner, dtype=np.int32)
        self._solver.changeColsCost(self._inner, everyone, -np.asarray(cost, dtype=float))
        self._solver.run()

    def _binding(self) -> list[int]:
        """The told lines that stop the last answer from going further."""
        duals = np.array(self._solver.getSolution().row_dual)[: len(self._told)]
        return [self._told[place] for place in np.flatnonzero(np.abs(duals) > TOLERANCE)]
