"""Every word shown to people, Swedish and English side by side.

Belongs here: the texts (one YAML file per page or subject) and reading them.
Does not belong here: names and definitions of key figures and of their groups: they come with the release's catalogue.

A text is `{sv: …, en: …}`. One that follows a number has forms instead: `{sv: {zero: …, one: …, other: …}, en: {…}}`;
`zero` may be left out. Its key is the file's name and the path within it: `equality.spread.heading`.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from warehouse.plain_yaml import read_yaml

FOLDER = Path(__file__).parent
LANGUAGES = ("sv", "en")


class TextError(LookupError):
    """A text is not there, or not in that language."""


class Words:
    """The texts in one language: `words("page.title", name="x")`, and `words.count("page.groups", 3)` for one with forms."""

    def __init__(self, lang: str) -> None:
        if lang not in LANGUAGES:
            raise TextError(f"no language {lang!r}")
        self.lang = lang

    def __call__(self, key: str, **filling: str) -> str:
        """The text with its gaps filled.

        Raises:
            TextError: no such text, or one that needs a number.
            KeyError: a gap without filling.
        """
        text = _leaf(key)[self.lang]
        if not isinstance(text, str):
            raise TextError(f"{key} has forms: use count()")
        return text.format(**filling)

    def count(self, key: str, number: float, **filling: str) -> str:
        """The form of a text that goes with a number."""
        forms = _leaf(key)[self.lang]
        if not isinstance(forms, Mapping):
            raise TextError(f"{key} has no forms")
        form = "zero" if number == 0 and "zero" in forms else "one" if number == 1 else "other"
        return str(forms[form]).format(**filling)

    def has(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in texts()


@functools.lru_cache(maxsize=1)
def texts() -> dict[str, Mapping[str, Any]]:
    """All texts, key → language → text or forms."""
    found: dict[str, Mapping[str, Any]] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        content = read_yaml(file)
        found.update(_leaves(file.stem, content))
    return found


def _leaves(prefix: str, node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if set(node) & set(LANGUAGES):
        yield prefix, node
        return
    for name, child in node.items():
        if not isinstance(child, Mapping):
            raise TextError(f"{prefix}.{name} must be a text in {' and '.join(LANGUAGES)}")
        yield from _leaves(f"{prefix}.{name}", child)


def _leaf(key: str) -> Mapping[str, Any]:
    try:
        return texts()[key]
    except KeyError:
        raise TextError(f"no text {key!r} in warehouse/texts") from None
