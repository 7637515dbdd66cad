"""What happens beside the judging of a file: the next one is read, the one before is stored.

Belongs here: the thread that talks to the reader's process, and the one that waits for the disk.
Does not belong here: reading (sandbox.py, reading.py), storing (raw_store.py), and which files are taken (taking.py).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from pipelines.intake.files import open_file
from pipelines.intake.mapping import Mapping
from pipelines.intake.reading import Table
from pipelines.intake.reasons import RefusalError
from pipelines.intake.sandbox import Reader
from pipelines.intake.waiting import Waiting


class ReadAhead:
    """Asks a reader one file at a time, the next one before it is needed."""

    def __init__(self, reader: Reader) -> None:
        """Nothing is read yet."""
        self._reader = reader
        # One thread: the reader answers one question at a time, in order.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._begun: dict[tuple[str, str, str], Future[Table]] = {}

    def begin(self, file: Waiting, mapping: Mapping) -> None:
        """Begin to read a file; what comes of it is told when it is asked for."""
        self._begun[_key(file)] = self._thread.submit(self._read, file, mapping)

    def read(self, file: Waiting, mapping: Mapping) -> Table:
        """The file's table, read now or already.

        Raises:
            RefusalError: the file cannot be read, or is no longer what it was.
        """
        begun = self._begun.pop(_key(file), None) or self._thread.submit(self._read, file, mapping)
        return begun.result()

    def end(self) -> None:
        """Wait for what is being read; the rest is not begun."""
        self._thread.shutdown(cancel_futures=True)

    def _read(self, file: Waiting, mapping: Mapping) -> Table:
        opened = open_file(file.path, file.place.path if file.place else file.path.parent)
        if opened.content_hash != file.content_hash:
            raise RefusalError("still_changing")
        return self._reader.read(file.path.name, opened.data, mapping.file.form())


class StoreBehind:
    """Stores one delivery while the next is judged; more must not pile up in memory."""

    def __init__(self) -> None:
        """Nothing is to be stored yet."""
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store-behind")
        self._last: Future[None] | None = None

    def begin(self, store: Callable[[], None]) -> Future[None]:
        """Begin to store a delivery, when the one before lies there; the future is done when this one does.

        Raises:
            OSError: the one before could not be stored.
        """
        if self._last is not None:
            self._last.result()
        self._last = self._thread.submit(store)
        return self._last

    def end(self) -> None:
        """Wait for what is being stored."""
        self._thread.shutdown()


def _key(file: Waiting) -> tuple[str, str, str]:
    return file.delivery_id, file.source, file.file_name
