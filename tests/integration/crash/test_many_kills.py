"""Fifty of the thousand random kills of `make kills`: load and publish are killed at random moments while readers read."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.fixtures.homes import ROOT, environment

KILLS = 50


# Every tenth night is audited to its end.
@pytest.mark.timeout(1500)
def test_fifty_kills_of_load_and_publish_tear_and_lose_nothing():
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "benchmarks/kills.py", "--kills", str(KILLS)],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = re.search(r"(\d+) kills in .* 0 failed, (\d+) reads\n0 torn, 0 lost, 0 reader errors", done.stdout)
    assert told, done.stdout
    assert int(told[1]) >= KILLS
    assert int(told[2]) > KILLS, "readers were running all the time"
