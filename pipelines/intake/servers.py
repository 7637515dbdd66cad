"""The servers of the settings: which module asks which kind, and asking each once in a run.

Belongs here: the table of kinds, what one run remembers, trying a connection.
Does not belong here: how a kind is asked (one module each).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import Self

from pipelines.intake.edits import Edits
from pipelines.intake.mapping import Mapping, read_mapping
from pipelines.intake.pulled import Pulled
from pipelines.intake.reasons import Reason, RefusalError
from pipelines.intake.sandbox import Reader
from warehouse.servers import (
    Database,
    Kobo,
    Kolada,
    LimeSurvey,
    LimeSurveyExport,
    Odk,
    ReadyFiles,
    SecretMissingError,
    Server,
    Template,
)
from warehouse.settings import Source


class Pulls:
    """What servers have answered in one run: one that delivers to several contracts is asked once, and so is one that is down."""

    def __init__(self) -> None:
        """Nobody has been asked, and no child process has been started."""
        self._answers: dict[str, list[Pulled] | Reason] = {}
        self.reader = Reader()

    def __enter__(self) -> Self:
        """The same; at the end the child process is ended."""
        return self

    def __exit__(self, *error: object) -> None:
        """End the child process."""
        self.reader.__exit__(None, None, None)

    def of(
        self, name: str, server: Server, known: Collection[date], months: set[date] | None, edits: Path
    ) -> list[Pulled]:
        """What a server delivers, to all of its contracts.

        Args:
            name: the server's name in the settings.
            server: the server.
            known: months that were loaded before (database).
            months: only these (database).
            edits: folder in which edited versions are remembered (kobo).

        Raises:
            RefusalError: it is down, slow, refuses the log-in, or answers nonsense.
        """
        if name not in self._answers:
            try:
                self._answers[name] = ask(name, server, self.reader, known, months, edits)
            except SecretMissingError as error:
                self._answers[name] = Reason("no_secret", {"server": name, "place": str(error)})
            except RefusalError as refusal:
                self._answers[name] = refusal.reason
        answer = self._answers[name]
        if isinstance(answer, Reason):
            raise RefusalError(answer.id, **answer.parameters)
        return answer


def ask(
    name: str,
    server: Server,
    reader: Reader,
    known: Collection[date] = (),
    months: set[date] | None = None,
    edits: Path | None = None,
) -> list[Pulled]:
    """Ask a server; see `Pulls.of`. The modules are loaded when they are needed: most installations have few kinds."""
    if isinstance(server, Database):
        from pipelines.intake import database

        return database.pull(name, server, _of_database(name, server), known, months)
    if isinstance(server, LimeSurvey):
        from pipelines.intake import limesurvey

        return limesurvey.pull(name, server)
    if isinstance(server, LimeSurveyExport):
        from pipelines.intake import limesurvey_export

        return limesurvey_export.pull(name, server, reader)
    if isinstance(server, Odk):
        from pipelines.intake import odk

        return odk.pull(name, server)
    if isinstance(server, Kobo):
        from pipelines.intake import kobo

        return kobo.pull(name, server, Edits(edits and edits / f"{name}.json"))
    if isinstance(server, Template):
        from pipelines.intake import template

        return template.pull(name, server, reader)
    if isinstance(server, ReadyFiles):
        # Taken file by file (waiting.py); here it is only told whether the folder is there.
        if not server.path.is_dir():
            raise RefusalError("no_folder", source=name)
        return []
    from pipelines.intake import kolada

    return kolada.pull(name, server)


def mapping_of(name: str, server: Server) -> Mapping | None:
    """The mapping that the settings state for a server; None where its answers are in the contract's terms already."""
    return _of_database(name, server) if isinstance(server, Database) else None


def _of_database(name: str, server: Database) -> Mapping:
    stated = {"person_numbers": server.person_numbers, **server.mapping}
    return read_mapping(
        name, Source(contract=server.contract, path=Path(), mapping=stated), section="servers"
    )


def attempt(name: str, server: Server, reader: Reader) -> Reason | None:
    """Try the connection and the log-in.

    Args:
        name: the server's name in the settings.
        server: the server.
        reader: the child process that reads files.

    Returns:
        What is wrong; None = nothing.
    """
    hurried = server.model_copy(update={"attempts": 1, "timeout_seconds": min(server.timeout_seconds, 20.0)})
    try:
        if isinstance(hurried, Database):
            from pipelines.intake import database

            database.check(name, hurried)
        elif isinstance(hurried, Kolada):
            ask(
                name,
                hurried.model_copy(
                    update={"kpis": hurried.kpis[:1], "municipalities": hurried.municipalities[:1]}
                ),
                reader,
            )
        else:
            ask(name, hurried, reader)
    except SecretMissingError as error:
        return Reason("no_secret", {"server": name, "place": str(error)})
    except RefusalError as refusal:
        return refusal.reason
    return None
