"""Places: where in a file of the catalogue something stands, so that an error can name its line.

Belongs here: from the way to an entry (keys and numbers) to file and line, and a failed reading in words.
Does not belong here: what is wrong (catalogue.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from warehouse.plain_yaml import Loader


@dataclass(frozen=True)
class Place:
    """The way to an entry in a file: keys of mappings, numbers in lists. As text: file and line.

    The file is only read again when somebody asks for the line: when there is an error to tell.
    """

    file: Path
    way: tuple[str | int, ...] = ()

    def at(self, *way: str | int) -> Place:
        """A place further in. Where a step is not there, the place stays at the last one that is."""
        return Place(self.file, (*self.way, *way))

    def __str__(self) -> str:
        """File and line."""
        node: yaml.Node | None = yaml.compose(self.file.read_text(encoding="utf-8"), Loader=Loader)
        line = 1
        for step in self.way:
            inner = _step(node, step)
            if inner is None:
                break
            line, node = inner
        return f"{self.file.name}:{line}"


def _step(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    """The line and the content of one step further in; None where there is none."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step].start_mark.line + 1, node.value[step]
    return None


SAID: Mapping[str, str] = {
    "missing": "is missing",
    "extra_forbidden": "is no key of such an entry",
    "string_too_short": "is empty",
}


def first_of(error: ValidationError) -> tuple[tuple[str | int, ...], str]:
    """The mistake that explains most of a failed reading: the way to it, and what it is. A key that is not known comes first."""
    mistakes = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    way = tuple(mistakes[0]["loc"])
    said = SAID.get(mistakes[0]["type"], f"– {mistakes[0]['msg']}")
    return way, f"{'.'.join(map(str, way))} {said}"
