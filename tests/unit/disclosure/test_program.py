"""The linear program: asked again and again, it answers each question as if it were the first."""

import numpy as np
import pytest
from scipy import sparse

from pipelines.disclosure.program import Limits, Program, ProgramError

ROWS = sparse.csr_matrix(np.array([[1.0, 1.0], [1.0, -1.0]]))


def limits(low: list[float], high: list[float]) -> Limits:
    return Limits(np.array(low), np.array(high))


def test_questions_follow_one_another() -> None:
    # x + y at most 4, x − y between −2 and 2, neither above 3.
    program = Program(ROWS, limits([0.0, -2.0], [4.0, 2.0]), limits([0.0, 0.0], [3.0, 3.0]))
    assert program.largest(np.array([1.0, 2.0])) == pytest.approx([1.0, 3.0])
    assert program.largest(np.array([2.0, 1.0])) == pytest.approx([3.0, 1.0])
    assert program.largest(np.array([2.0, 1.0])) == pytest.approx([3.0, 1.0])
    assert program.largest(np.array([-1.0, -1.0])) == pytest.approx([0.0, 0.0])
    # With the difference at most nothing, x cannot be above y.
    program.limit_row(1, -2.0, 0.0)
    assert program.largest(np.array([2.0, 1.0])) == pytest.approx([2.0, 2.0])
    program.limit_row(1, 1.0, 2.0)
    assert program.largest(np.array([0.0, 1.0])) == pytest.approx([2.5, 1.5])


def test_a_program_without_an_answer_is_an_error() -> None:
    impossible = Program(ROWS, limits([7.0, -2.0], [8.0, 2.0]), limits([0.0, 0.0], [3.0, 3.0]))
    with pytest.raises(ProgramError, match="ended as Infeasible"):
        impossible.largest(np.array([1.0, 0.0]))
    endless = Program(ROWS, limits([0.0, -2.0], [np.inf, 2.0]), limits([0.0, 0.0], [np.inf, np.inf]))
    with pytest.raises(ProgramError, match="ended as"):
        endless.largest(np.array([1.0, 0.0]))


def test_a_program_that_makes_no_sense_is_an_error() -> None:
    with pytest.raises(ProgramError, match="was not accepted"):
        Program(ROWS, limits([0.0, -2.0], [4.0, 2.0]), limits([np.nan, 0.0], [3.0, 3.0]))
