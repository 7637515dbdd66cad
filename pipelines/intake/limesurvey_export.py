"""LimeSurvey's CSV exports in a folder: answer codes under question codes.

Belongs here: finding the files, and reading a wide table as answers.
Does not belong here: what the codes mean (survey_answers.py), reading CSV (reading.py, in the child process).
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from pipelines.intake.files import find, open_file
from pipelines.intake.pulled import Pulled, table_of
from pipelines.intake.reading import ROW, Form
from pipelines.intake.reasons import RefusalError
from pipelines.intake.sandbox import Reader
from pipelines.intake.survey_answers import Survey, deliveries, known_items, normal
from warehouse.servers import LimeSurveyExport

SURVEY_ID = re.compile(r"(?<!\d)(\d{4,})(?!\d)")


def pull(name: str, server: LimeSurveyExport, reader: Reader) -> list[Pulled]:
    """Every export in the folder; of two exports of one survey the later stands.

    Args:
        name: its name in the settings.
        server: folder and codes.
        reader: the child process.

    Returns:
        The deliveries; a file that is unreadable, or has no survey's id in its name or no known item among its headings, is
        refused, and the others go on.

    Raises:
        RefusalError: there is no such folder.
    """
    found: list[Pulled] = []
    for path in find(name, server):
        try:
            found += _read(path, server, reader)
        except RefusalError as refusal:
            empty = table_of("survey_answer", [])
            found.append(Pulled("survey_answer", path.name, empty, refusal=refusal.reason))
    return found


def _read(path: Path, server: LimeSurveyExport, reader: Reader) -> list[Pulled]:
    number = SURVEY_ID.search(path.stem)
    if number is None:
        raise RefusalError("no_survey_id", file=path.name)
    opened = open_file(path, server.path)
    frame = reader.read(path.name, opened.data, Form()).frame.drop(ROW)
    columns = {normal(column) for column in frame.columns}
    if "submitdate" not in columns or not columns & set(known_items(server.survey)):
        raise RefusalError("no_items", file=path.name)
    survey = Survey(number[1], None, None, None, frame.to_dicts())
    return [replace(pulled, delivered_at=opened.changed_at) for pulled in deliveries(server.survey, survey)]
