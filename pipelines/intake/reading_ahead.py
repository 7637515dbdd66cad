"""Reading ahead: while one file is judged, the reader's process reads the next.

Belongs here: the one thread that talks to the reader.
Does not belong here: reading itself (sandbox.py, reading.py), and which files are taken (taking.py).
"""

from __future__ import annotations

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


def _key(file: Waiting) -> tuple[str, str, str]:
    return file.delivery_id, file.source, file.file_name
