"""The judge's process: Great Expectations at work beside the run, not in it.

Belongs here: starting the process, asking it, ending it.
Does not belong here: what it does (judge.py) and what it is asked (expectations.py).

Great Expectations takes more than three seconds of one processor to import. In a process of its own it does so on the other
processor while deliveries are read, and what it leaves in memory goes with it.
"""

from __future__ import annotations

import atexit
import functools
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any


class JudgementError(RuntimeError):
    """An expectation could not be computed at all: a fault in the suite, not in the data."""


class Judge:
    """A process that answers one question a line. It ends with this one, however this one ends: its input is closed then."""

    def __init__(self) -> None:
        """Start it; it imports what it needs meanwhile."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipelines.validation.judge"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Great Expectations reports usage to its maker unless this is set before it is imported.
            env={**os.environ, "GX_ANALYTICS_ENABLED": "false", "PYTHONPATH": os.pathsep.join(sys.path)},
            text=True,
            encoding="utf-8",
        )
        atexit.register(self.end)

    def ask(self, question: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Have one suite judged.

        Args:
            question: the suite's asset, its frame (column → values, one per month), and the limits taken from the settings.

        Returns:
            One answer per expectation: name, passed, observed.

        Raises:
            JudgementError: an expectation crashed, or the process ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question, default=float) + "\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            the_judge.cache_clear()
            raise JudgementError(
                f"Great Expectations' process ended by itself (exit code {self._process.wait()})"
            )
        answer = json.loads(line)
        if "crash" in answer:
            raise JudgementError(answer["crash"])
        judged: list[dict[str, Any]] = answer["judged"]
        return judged

    def end(self) -> None:
        """End it at once: it holds nothing that could be lost, and takes its time when asked nicely."""
        atexit.unregister(self.end)
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait()


@functools.cache
def the_judge() -> Judge:
    """The one judge of this process, started at the first call: call early, ask later."""
    return Judge()
