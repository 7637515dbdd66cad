"""Dagster's own account of a run, in a file instead of the terminal.

Belongs here: the logger `file`.
Does not belong here: progress for people (resources.py).
"""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler

import dagster as dg

from warehouse.settings import Settings


class _Account(RotatingFileHandler):
    """Closes the file after each line: nothing tells a Dagster logger that its run is over."""

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        self.close()


def file_logger(settings: Settings) -> dg.LoggerDefinition:
    """A logger that writes to `home/logs/dagster.log`."""

    @dg.logger(config_schema={}, description="Writes to logs/dagster.log in the home folder.")
    def to_file(_context: dg.InitLoggerContext) -> logging.Logger:
        folder = settings.home / "logs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _Account(
            folder / "dagster.log", maxBytes=5_000_000, backupCount=3, encoding="utf-8", delay=True
        )
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger = logging.Logger("fordel.dagster", level=logging.INFO)
        logger.addHandler(handler)
        return logger

    return to_file
