"""What a run needs soon, begun in processes of its own before anything heavy is imported in this one.

Belongs here: starting the example's exports and Great Expectations early, on the other processor.
Does not belong here: the run (running.py); each step does without what was begun here, only later.
"""

from __future__ import annotations

import os
import subprocess
import sys

from pipelines.validation.judging import the_judge
from warehouse.settings import Settings


def begin(settings: Settings) -> None:
    """Begin what the run will ask for, where it is likely to."""
    if settings.example is not None and not settings.example_files.exists():
        _begin_example(settings)
    if _is_anything_new_likely(settings):
        the_judge()


def _begin_example(settings: Settings) -> None:
    """Begin to write the example's exports while Dagster is imported; the run's own step waits for them."""
    stated = {"FORDEL_SETTINGS": str(settings.file), "FORDEL_HOME": str(settings.home)}
    subprocess.Popen(
        [sys.executable, "-m", "pipelines.example"],
        env={**os.environ, **stated, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.DEVNULL,
        # What goes wrong is told by the step, which does the same again.
        stderr=subprocess.DEVNULL,
    )


def _is_anything_new_likely(settings: Settings) -> bool:
    """Whether some source's folder has changed since the last run; a wrong answer costs time only."""
    if not (settings.releases / "status.json").exists():
        return True
    last = (settings.releases / "status.json").stat().st_mtime
    files = [
        path
        for source in settings.sources.values()
        if source.path.is_dir()
        for path in [source.path, *source.path.iterdir()]
    ]
    return any(path.stat().st_mtime > last for path in files) or settings.file.stat().st_mtime > last
