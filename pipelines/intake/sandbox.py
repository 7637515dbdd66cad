"""The child process that reads files from others, and its limits.

Belongs here: starting the child, handing it bytes and getting a table back, stopping it, the loop that runs inside it.
Does not belong here: what reading means (reading.py).

A hostile file can make a parser take all memory or never return. Here it takes the child down, never the caller. One child serves
many files; after a file that killed it the next file gets a new one. The child opens no file and its environment holds no key: it
gets the bytes, and gives the table back, in memory that has no name and that nobody can change afterwards (memfd).
"""

from __future__ import annotations

import fcntl
import json
import math
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import polars as pl

from pipelines.intake.reading import Form, Table, read
from pipelines.intake.reasons import RefusalError

# An honest file needs room in proportion to its size; a small file that wants gigabytes is not honest.
# With what Python and Polars take themselves a small file stays below a gigabyte.
MEMORY_BASE = 768 * 1024**2
MEMORY_PER_BYTE = 24
SECONDS_BASE = 20.0
SECONDS_PER_MEGABYTE = 0.5
PATIENCE = 3
"""How many times its processor time a file may take by the clock: more is waiting, or a machine that stands still."""

LONGEST_MESSAGE = 64 * 1024
PROJECT = Path(__file__).parents[2]


class Reader:
    """Reads files in a child process; use as a context."""

    def __init__(self) -> None:
        """Nothing starts before the first file."""
        self._child: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def __enter__(self) -> Self:
        """The reader itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the child."""
        self._stop()

    def read(self, name: str, data: bytes, form: Form) -> Table:
        """Read one file's bytes in the child.

        Args:
            name: the file's name; only its ending matters.
            data: all of its bytes.
            form: how it is written.

        Raises:
            RefusalError: what the reading itself refuses, or `reader_died` when it passed its limits.
        """
        child, line = self._running()
        # A thread, because the child may never answer, and may also answer a byte now and then.
        timer = threading.Timer(PATIENCE * _seconds(len(data)), child.kill)
        timer.start()
        try:
            return _ask(line, {"name": f"file{Path(name).suffix}", "form": asdict(form)}, data)
        except (OSError, EOFError, ValueError, pl.exceptions.PolarsError):
            self._stop()
            raise RefusalError("reader_died") from None
        finally:
            timer.cancel()

    def _running(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        if self._child is not None and self._child.poll() is not None:
            self._stop()
        if self._child is None or self._line is None:
            environment = {
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(PROJECT),
                "MALLOC_ARENA_MAX": "2",
            }
            # A socket, for files can be handed through it.
            self._line, other = socket.socketpair()
            with other:
                self._child = subprocess.Popen(
                    [sys.executable, "-m", "pipelines.intake.sandbox"],
                    stdin=other.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                    cwd="/",
                    close_fds=True,
                )
        return self._child, self._line

    def _stop(self) -> None:
        child, self._child = self._child, None
        line, self._line = self._line, None
        if line is not None:
            line.close()
        if child is not None:
            child.kill()
            child.wait()


def _ask(line: socket.socket, question: dict[str, Any], data: bytes) -> Table:
    """Put one question.

    Raises:
        RefusalError: what the reading refuses.
        EOFError: the child ended.
    """
    with _memory("question") as asked, _memory("answer") as written, line.makefile("rb") as said:
        asked.write(data)
        asked.flush()
        asked.seek(0)
        _seal(asked)
        socket.send_fds(line, [json.dumps(question).encode()], [asked.fileno(), written.fileno()])
        # Only the child has it now, and lets go of it when it has read it.
        asked.close()
        told = said.readline()
        if not told:
            raise EOFError
        answer = json.loads(told)
        if not answer["read"]:
            raise RefusalError(answer["reason"], **answer["parameters"])
        _seal(written)
        frame = pl.read_ipc(f"/proc/self/fd/{written.fileno()}")
    return Table(frame, tuple(answer["doubled"]), tuple(answer["ragged"]))


def _memory(name: str) -> IO[bytes]:
    """Memory that can be handed to another process like a file, and that no other can find."""
    return os.fdopen(os.memfd_create(name, os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING), "w+b")


def _seal(memory: IO[bytes]) -> None:
    """From now on nobody can change it, whoever has it."""
    fcntl.fcntl(memory, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK)


def _seconds(size: int) -> float:
    """The processor time that a file of this size may take."""
    return SECONDS_BASE + SECONDS_PER_MEGABYTE * size / 1024**2


def _limit(size: int) -> None:
    """Let the child grow, answer and work by what a file of this size may need; what passes a limit ends it."""
    allowed = MEMORY_BASE + MEMORY_PER_BYTE * size
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + allowed, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (allowed, resource.RLIM_INFINITY))
    # Not by the clock: on a busy machine an honest file must not look like one that never ends.
    until = math.ceil(time.process_time() + _seconds(size))
    resource.setrlimit(resource.RLIMIT_CPU, (until, resource.RLIM_INFINITY))


def _serve(line: socket.socket) -> None:
    """The child's loop: a question and two memories, an answer; until the parent closes the line."""
    while True:
        asked, memories, _, _ = socket.recv_fds(line, LONGEST_MESSAGE, 2)
        if not asked:
            return
        question = json.loads(asked)
        with os.fdopen(memories[0], "rb") as given, os.fdopen(memories[1], "wb") as wanted:
            _limit(os.fstat(given.fileno()).st_size)
            data = given.read()
            given.close()
            answer = _answer(question, data, wanted)
        line.sendall(json.dumps(answer).encode() + b"\n")


def _answer(question: dict[str, Any], data: bytes, wanted: IO[bytes]) -> dict[str, Any]:
    try:
        table = read(question["name"], data, Form(**question["form"]))
    except RefusalError as refusal:
        return {"read": False, "reason": refusal.reason.id, "parameters": refusal.reason.parameters}
    except Exception:  # noqa: BLE001 (whatever a parser raises on a hostile file, its words may quote the file)
        kind = question["name"].removeprefix("file")
        return {"read": False, "reason": "unreadable", "parameters": {"kind": kind}}
    table.frame.write_ipc(wanted)
    return {"read": True, "doubled": table.doubled, "ragged": table.ragged}


if __name__ == "__main__":
    _serve(socket.socket(fileno=os.dup(sys.stdin.fileno())))
