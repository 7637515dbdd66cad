"""Every word shown to people exists in both languages, says the same in both, and is asked for by a name that exists."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

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


def test_a_text_is_there_in_both_languages_and_asks_for_the_same() -> None:
    assert {key: said for key in texts() if (said := fault_of(key))} == {}


def fault_of(key: str) -> str:
    """What is wrong with a text; empty when nothing is."""
    text = texts()[key]
    if set(text) != set(LANGUAGES):
        return f"is in {', '.join(text)}"
    forms = {language: forms_of(text[language]) for language in LANGUAGES}
    if not all(str(form).strip() for each in forms.values() for form in each.values()):
        return "is empty"
    if gaps_of(text["sv"]) != gaps_of(text["en"]):
        return "leaves other gaps in one language than in the other"
    if isinstance(text["sv"], Mapping) != isinstance(text["en"], Mapping):
        return "has forms in one language only"
    plain = {""}
    for each in forms.values():
        if set(each) != plain and not {"one", "other"} <= set(each) <= {"zero", "one", "other"}:
            return f"has the forms {', '.join(each)}"
    return ""


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


def test_texts_that_are_asked_for_exist() -> None:
    unknown = {
        str(path.relative_to(ROOT)): [named for named in asked_for(path) if named[1] not in texts()]
        for path in ASKING
    }
    assert {path: named for path, named in unknown.items() if named} == {}
