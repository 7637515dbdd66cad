"""Every word shown to people exists in both languages, says the same in both, and is asked for by a name that exists."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from warehouse.texts import FOLDER, LANGUAGES, texts

ROOT = Path(__file__).resolve().parents[2]
FILES = {path.stem for path in FOLDER.glob("*.yaml")}
ASKING = sorted(
    [
        *(ROOT / "dashboards").rglob("*.py"),
        *(ROOT / "pipelines").rglob("*.py"),
        *(ROOT / "assets").rglob("*.py"),
    ]
)


def forms_of(text: str | Mapping[str, str]) -> dict[str, str]:
    """A text's forms by number; a plain text has one."""
    return dict(text) if isinstance(text, Mapping) else {"": text}


def gaps_of(text: str | Mapping[str, Any]) -> set[str]:
    """The names that a text leaves to be filled, over all its forms."""
    return {
        name
        for form in forms_of(text).values()
        for _, name, _, _ in string.Formatter().parse(str(form))
        if name
    }


@pytest.mark.parametrize("key", sorted(texts()))
def test_a_text_is_there_in_both_languages_and_asks_for_the_same(key: str) -> None:
    text = texts()[key]
    assert set(text) == set(LANGUAGES)
    for language in LANGUAGES:
        for form in forms_of(text[language]).values():
            assert str(form).strip(), f"{language} is empty"
    assert gaps_of(text["sv"]) == gaps_of(text["en"])
    assert isinstance(text["sv"], Mapping) == isinstance(text["en"], Mapping), (
        "one has forms, the other has none"
    )
    if isinstance(text["sv"], Mapping):
        assert {"one", "other"} <= set(text["sv"]) <= {"zero", "one", "other"}
        assert {"one", "other"} <= set(text["en"]) <= {"zero", "one", "other"}


def asked_for(path: Path) -> Iterator[tuple[int, str]]:
    """The keys of texts that a module names in full, with their lines."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        for argument in node.args[:1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                first, _, rest = argument.value.partition(".")
                if first in FILES and rest and " " not in rest and not rest.endswith(("yaml", "json")):
                    yield node.lineno, argument.value


@pytest.mark.parametrize("path", ASKING, ids=lambda path: str(path.relative_to(ROOT)))
def test_texts_that_are_asked_for_exist(path: Path) -> None:
    assert [(line, key) for line, key in asked_for(path) if key not in texts()] == []
