"""The child process that reads files from others, and its limits.

Belongs here: starting the child, handing it bytes and getting a table back, stopping it, the loop that runs inside it.
Does not belong here: what reading means (reading.py).

A hostile file can make a parser take all memory or never return. Here it takes the child down, never the caller. One child serves
many files; after a file that killed it the next file gets a new one. The child gets bytes through a pipe, opens no file, and its
environment holds no key.
"""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
import threading
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
PROJECT = Path(__file__).parents[2]


class Reader:
    """Reads files in a child process; use as a context."""

    def __init__(self) -> None:
        """Nothing starts before the first file."""
        self._child: subprocess.Popen[bytes] | None = None

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
        limit = SECONDS_BASE + SECONDS_PER_MEGABYTE * len(data) / 1024**2
        child = self._running()
        # A thread, because a read from a pipe cannot be given a time limit and the child may never answer.
        timer = threading.Timer(limit, child.kill)
        timer.start()
        try:
            answer, frame = _ask(
                child, {"name": f"file{Path(name).suffix}", "size": len(data), "form": asdict(form)}, data
            )
        except (OSError, EOFError, ValueError):
            self._stop()
            raise RefusalError("reader_died") from None
        finally:
            timer.cancel()
        if frame is None:
            raise RefusalError(answer["reason"], **answer["parameters"])
        return Table(frame, tuple(answer["doubled"]), tuple(answer["ragged"]))

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is not None and self._child.poll() is not None:
            self._stop()
        if self._child is None:
            environment = {
                "PATH": os.environ.get("PATH", ""),
                "PYTHONPATH": str(PROJECT),
                "PYTHONUNBUFFERED": "1",
                "MALLOC_ARENA_MAX": "2",
            }
            self._child = subprocess.Popen(
                [sys.executable, "-m", "pipelines.intake.sandbox"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                close_fds=True,
            )
        return self._child

    def _stop(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    # Bytes for a child that died were still on their way: they are meant to be lost.
                    continue
        child.wait()


def _ask(
    child: subprocess.Popen[bytes], question: dict[str, Any], data: bytes
) -> tuple[dict[str, Any], pl.DataFrame | None]:
    stdin, stdout = child.stdin, child.stdout
    if stdin is None or stdout is None:
        raise EOFError
    stdin.write(json.dumps(question).encode() + b"\n")
    stdin.write(data)
    stdin.flush()
    line = stdout.readline()
    if not line:
        raise EOFError
    answer = json.loads(line)
    if not answer["read"]:
        return answer, None
    return answer, pl.read_ipc(io.BytesIO(_exactly(stdout, answer["size"])))


def _exactly(pipe: IO[bytes], size: int) -> bytes:
    data = pipe.read(size)
    if len(data) != size:
        raise EOFError
    return data


def _limit_memory(size: int) -> None:
    """Let the child grow by what a file of this size may need; only where the system can say how large the child is."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except FileNotFoundError:
        return
    allowed = pages * resource.getpagesize() + MEMORY_BASE + MEMORY_PER_BYTE * size
    resource.setrlimit(resource.RLIMIT_AS, (allowed, resource.RLIM_INFINITY))


def _serve(stdin: IO[bytes], stdout: IO[bytes]) -> None:
    """The child's loop: a question, bytes, an answer, bytes; until the parent closes the pipe."""
    while line := stdin.readline():
        question = json.loads(line)
        _limit_memory(question["size"])
        data = _exactly(stdin, question["size"])
        body = b""
        try:
            table = read(question["name"], data, Form(**question["form"]))
        except RefusalError as refusal:
            answer = {"read": False, "reason": refusal.reason.id, "parameters": refusal.reason.parameters}
        except Exception:  # noqa: BLE001 (whatever a parser raises on a hostile file, its words may quote the file)
            kind = question["name"].removeprefix("file")
            answer = {"read": False, "reason": "unreadable", "parameters": {"kind": kind}}
        else:
            written = io.BytesIO()
            table.frame.write_ipc(written)
            body = written.getvalue()
            answer = {"read": True, "size": len(body), "doubled": table.doubled, "ragged": table.ragged}
        stdout.write(json.dumps(answer).encode() + b"\n")
        stdout.write(body)
        stdout.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)
