"""The linear-program solver, without its greeting.

Belongs here: making a HiGHS that writes nothing. Does not belong here: any program that is solved with it.
"""

from __future__ import annotations

import ctypes
import functools
import os

import highspy


def quiet_solver() -> highspy.Highs:
    """A solver that says nothing on the terminal; the first of a process would greet before it can be told not to."""
    _greet()
    return _silenced()


def _silenced() -> highspy.Highs:
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    return solver


@functools.cache
def _greet() -> None:
    """Let the library greet into nothing: it writes past Python, so the file itself is exchanged for a moment."""
    flush = ctypes.CDLL(None).fflush
    flush(None)
    kept = os.dup(1)
    nothing = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 1)
        _silenced()
        flush(None)
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nothing)
