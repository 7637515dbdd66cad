"""Programs that run beside each other: started, waited for, ended together.

Belongs here: child processes, the addresses they answer on, signals.
Does not belong here: what the programs are; the command line says that.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

PATIENCE_SECONDS = 90.0
GRACE_SECONDS = 12.0
PR_SET_PDEATHSIG = 1


class PortTakenError(RuntimeError):
    """Something else listens on a port that is needed."""


class ChildEndedError(RuntimeError):
    """A program ended, or never answered, though it should be serving."""


@dataclass(frozen=True)
class Program:
    """One program: its command, where it answers (None: nowhere), and the file its output goes to."""

    name: str
    command: Sequence[str]
    log: Path
    address: str | None = None


def demand_free(host: str, port: int, key: str) -> None:
    """Raise unless a port can be listened on.

    Raises:
        PortTakenError: with the setting that chooses another.
    """
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(
                f"port {port} on {host} is taken ({error.strerror}); choose another with {key}"
            ) from error


class Together:
    """Programs that live and end together. Use as a context manager."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Nothing is started yet.

        Args:
            environment: for every program.
            folder: working folder of every program.
        """
        self._environment = dict(environment)
        self._folder = folder
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []
        self._told_to_end = False

    def __enter__(self) -> Together:
        """Take over Ctrl-C and SIGTERM."""
        self._before = {
            number: signal.signal(number, self._end) for number in (signal.SIGINT, signal.SIGTERM)
        }
        return self

    def __exit__(self, *_: object) -> None:
        """End every program, gently and then not, whole process groups at a time."""
        for _program, process in self._running:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for _program, process in self._running:
            # Who does not end in time is ended the hard way below, like whatever it has left in its group.
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
        for _program, process in self._running:
            _signal_group(process, signal.SIGKILL)
            process.wait()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def start(self, program: Program) -> None:
        """Start one program in a process group of its own, so that Ctrl-C reaches it through us only."""
        program.log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with program.log.open("ab") as log:
            process = subprocess.Popen(
                list(program.command),
                env=self._environment,
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has a single thread
            )
        self._running.append((program, process))

    def wait_until_answering(self) -> bool:
        """Wait until every program with an address answers; False when told to end meanwhile.

        Raises:
            ChildEndedError: one ended, or did not answer in time.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        waiting = [program for program, _ in self._running if program.address]
        while waiting and not self._told_to_end:
            self._check()
            waiting = [program for program in waiting if not _answers(str(program.address))]
            if waiting and time.monotonic() > deadline:
                raise ChildEndedError(f"{waiting[0].name} does not answer; see {waiting[0].log}")
            time.sleep(0.2)
        return not self._told_to_end

    def stay(self) -> None:
        """Stay until told to end.

        Raises:
            ChildEndedError: a program ended by itself.
        """
        while not self._told_to_end:
            self._check()
            time.sleep(0.3)

    def _check(self) -> None:
        for program, process in self._running:
            if process.poll() is not None and not self._told_to_end:
                raise ChildEndedError(
                    f"{program.name} ended by itself (exit code {process.returncode}); see {program.log}"
                )

    def _end(self, _number: int, _frame: FrameType | None) -> None:
        self._told_to_end = True


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a program on this terminal until it ends, and tell its exit code.

    It never outlives this process. It is killed rather than asked: a night that is killed leaves nothing half-done, and one
    that is asked goes on for as long as its step takes.
    """
    done = subprocess.run(
        list(command),
        env=dict(environment),
        check=False,
        preexec_fn=functools.partial(_die_with_parent, signal.SIGKILL),
    )
    return done.returncode


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2):
            return True
    except urllib.error.HTTPError:
        return True  # an answer, though not a page: it listens
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def _die_with_parent(number: int = signal.SIGTERM) -> None:
    # Even kill -9 of this process must not leave servers behind.
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)
