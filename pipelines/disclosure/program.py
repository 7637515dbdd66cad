"""A linear program that is asked many questions, each from where the last one ended.

Belongs here: HiGHS, and nothing that knows of tables.
Does not belong here: what is asked (audit.py, repair.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import highspy
import numpy as np
from scipy import sparse

from pipelines.disclosure.solver import quiet_solver

UNLIMITED = highspy.kHighsInf
PRIMAL = 4
"""HiGHS' primal simplex: another objective leaves the last answer feasible, so it goes on from there."""


class ProgramError(RuntimeError):
    """The solver could not answer; nothing is proved."""


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest value of every row or column."""

    low: np.ndarray
    high: np.ndarray


class Program:
    """Columns between limits, and rows (sums of columns) between limits."""

    def __init__(self, rows: sparse.csr_matrix, row_limits: Limits, column_limits: Limits) -> None:
        """Set up the program; and find some first answer."""
        model = highspy.HighsLp()
        model.num_row_, model.num_col_ = rows.shape
        model.col_cost_ = np.zeros(rows.shape[1])
        model.col_lower_, model.col_upper_ = column_limits.low, column_limits.high
        model.row_lower_, model.row_upper_ = row_limits.low, row_limits.high
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = rows.indptr.astype(np.int32)
        model.a_matrix_.index_ = rows.indices.astype(np.int32)
        model.a_matrix_.value_ = rows.data.astype(float)
        self._cost = np.zeros(rows.shape[1])
        self._solver = quiet_solver()
        self._solver.setOptionValue("threads", 1)
        if self._solver.passModel(model) != highspy.HighsStatus.kOk:
            raise ProgramError("the linear program was not accepted")
        # The first answer is found quickest by other means.
        self._solver.run()
        self._solver.setOptionValue("presolve", "off")
        self._solver.setOptionValue("simplex_strategy", PRIMAL)

    def limit_row(self, row: int, low: float, high: float) -> None:
        """Other limits for a row."""
        self._solver.changeRowBounds(row, low, high)

    def limit_rows(self, limits: Limits) -> None:
        """Other limits for all rows."""
        count = len(limits.low)
        self._solver.changeRowsBounds(count, np.arange(count, dtype=np.int32), limits.low, limits.high)

    def largest(self, gain: np.ndarray) -> np.ndarray:
        """The columns' values that make `gain` · columns largest."""
        self._ask(-np.asarray(gain, dtype=float))
        status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            # The tables themselves answer every question, so this is a basis gone stale: begin anew.
            self._solver.clearSolver()
            self._solver.run()
            status = self._solver.getModelStatus()
        if status != highspy.HighsModelStatus.kOptimal:
            raise ProgramError(f"the linear program ended as {self._solver.modelStatusToString(status)}")
        return np.array(self._solver.getSolution().col_value)

    def _ask(self, cost: np.ndarray) -> None:
        changed = np.flatnonzero(cost != self._cost).astype(np.int32)
        if len(changed):
            self._solver.changeColsCost(len(changed), changed, cost[changed])
        self._cost = cost
        self._solver.run()
