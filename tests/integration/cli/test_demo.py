"""`fordel demo`: both faces answer, Ctrl-C ends everything, a taken port is told before any work is done."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.homes import command, environment, fordel, write_settings


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(home: Path) -> list[int]:
    """Every process whose environment names this home."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "environ").read_bytes()
        except OSError:  # it ended while we looked
            continue
        if f"FORDEL_HOME={home}\0".encode() in told + b"\0":
            found.append(int(folder.name))
    return found


def demo(file: Path, home: Path) -> subprocess.Popen[str]:
    """`fordel demo`, begun."""
    return subprocess.Popen(
        command(file, "demo"),
        env={**environment(), "FORDEL_HOME": str(home)},
        cwd=file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def left_of(home: Path, seconds: float) -> list[int]:
    """The processes of this home that have not ended after so many seconds."""
    deadline = time.monotonic() + seconds
    while processes_of(home) and time.monotonic() < deadline:
        time.sleep(0.2)
    return processes_of(home)


def test_sigterm_while_it_refreshes_leaves_nothing_running(tmp_path: Path):
    file = write_settings(tmp_path, dashboards={"port": free_port()}, dagster={"port": free_port()})
    home = tmp_path / "home"
    with demo(file, home) as process:
        assert process.stdout is not None
        while "Example municipality" not in process.stdout.readline():
            assert process.poll() is None
        assert len(processes_of(home)) >= 2
        process.terminate()
        assert process.wait(20) != 0
    assert left_of(home, 60) == []


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_both_faces_answer_and_end(
    tmp_path: Path, ending: signal.Signals, seed_ledger: Callable[[Path], None]
):
    dashboards, dagster = free_port(), free_port()
    file = write_settings(tmp_path, dashboards={"port": dashboards}, dagster={"port": dagster})
    home = tmp_path / "home"
    seed_ledger(home)
    with demo(file, home) as process:
        lines: list[str] = []
        assert process.stdout is not None
        output = process.stdout
        reading = threading.Thread(target=lambda: lines.extend(iter(output.readline, "")), daemon=True)
        reading.start()
        deadline = time.monotonic() + 200
        while not any("Ctrl-C ends" in line for line in lines):
            assert process.poll() is None, "".join(lines)
            assert time.monotonic() < deadline, "".join(lines)
            time.sleep(0.2)
        told = "".join(lines)
        assert "Published release" in told
        for port in (dashboards, dagster):
            assert f"http://localhost:{port}" in told
        with urllib.request.urlopen(f"http://127.0.0.1:{dagster}/server_info", timeout=20) as answer:
            assert b"dagster_version" in answer.read()
        assert len(processes_of(home)) > 3
        process.send_signal(ending)
        assert process.wait(40) == 0, "".join(lines)
        reading.join(5)
    assert left_of(home, 10) == []


def test_kill_9_of_the_demo_leaves_no_servers(tmp_path: Path, seed_ledger: Callable[[Path], None]):
    """The servers ask the kernel to be ended with their parent."""
    file = write_settings(tmp_path)
    seed_ledger(tmp_path / "home")
    assert fordel(file, "refresh").returncode == 0
    home = tmp_path / "home"
    with subprocess.Popen(
        [*command(file, "serve"), "--public", "--port", str(free_port())],
        env={**environment(), "FORDEL_HOME": str(home)},
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Dashboards")
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
    assert left_of(home, 40) == []


def test_a_taken_port_is_a_wrong_call(tmp_path: Path):
    file = write_settings(tmp_path)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        for arguments, key in (
            (["demo", "--port", port, "--dagster-port", str(free_port())], "dashboards.port"),
            (["demo", "--port", str(free_port()), "--dagster-port", port], "dagster.port"),
            (["serve", "--public", "--port", port], "dashboards.port"),
        ):
            done = fordel(file, *arguments)
            assert done.returncode == 2, done.stdout + done.stderr
            assert port in done.stderr
            assert key in done.stderr
    assert not (tmp_path / "home").exists(), "nothing was done before the port was looked at"
