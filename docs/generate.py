"""Write the documents that follow from the code: settings, contracts, definitions of the key figures.

Belongs here: turning the settings model, the contracts and the catalogue into markdown, and telling whether a file is stale.
Does not belong here: anything said only in a document (the other files of this folder) or only in the code.

`make docs` writes them; `python docs/generate.py --check` and a test tell which are stale.
"""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pipelines.disclosure.primary import RULES
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue, Figure
from warehouse.settings import Settings

FOLDER = Path(__file__).resolve().parent
MADE = "<!-- Made by `make docs` from {source}; change it there. -->\n\n"
# Set by the program when it reads the file, so nobody states them.
NOT_STATED = {"file"}
PERIODS = {
    "month": "month (the month's last day)",
    "november": "November of the year",
    "rolling": "the last twelve months",
    "year": "calendar year",
    "round": "survey round",
}
DIRECTIONS = {
    "higher": "higher is better",
    "lower": "lower is better",
    "balance": "balance is the aim",
    "none": "no direction",
}


def settings_document() -> str:
    """Every key of `fordel.yaml`: name, type, default, meaning."""
    lines = [
        "# Settings",
        "",
        "One YAML file: `fordel.yaml` in the working folder, unless `--settings FILE` or the environment variable",
        "`FORDEL_SETTINGS` names another. A key that is not listed here is an error, so a misspelt one cannot",
        "pass in silence. Relative paths are read from the settings file's folder; `{home}` in a source's path",
        "stands for the home folder.",
        "",
        "Secrets and places also come from the environment:",
        "",
        "| variable | meaning |",
        "|---|---|",
        "| `FORDEL_HOME` | the folder that holds everything the system writes; wins over the key `home` |",
        "| `FORDEL_SETTINGS` | the settings file, where `--settings` is not given |",
        "| `FORDEL_KEY` | the key that replaces identities, 64 hexadecimal digits |",
        "| `FORDEL_KEY_FILE` | a file that holds that key; without either, `<home>/keys/pseudonym.key` |",
        "| `FORDEL_WAREHOUSE_KEY` | the key of an encrypted warehouse file; without it, `<home>/keys/warehouse.key` |",
        "| `FORDEL_DAGSTER_DATABASE` | address of the database of Dagster's history, where `dagster.storage` is `postgres` |",
        "| `FORDEL_OIDC_SECRET` | what the dashboards show the sign-in provider, with `dashboards.openid` |",
        "| `FORDEL_SESSION_KEY` | the key of session cookies; without it, `<home>/access/session.key` is made |",
        "| `FORDEL_PERSON` | the number that `fordel forget` would ask for |",
        "| `FORDEL_SMTP_PASSWORD`, `FORDEL_WEBHOOK_TOKEN` | what the mail server and the webhook of alerts ask for |",
        "",
        "| key | type | default | meaning |",
        "|---|---|---|---|",
        *(
            f"| `{key}` | {kind} | {default} | {meaning} |"
            for key, kind, default, meaning in keys_of(Settings)
        ),
    ]
    return MADE.format(source="`warehouse/settings.py`") + "\n".join(lines) + "\n"


def keys_of(model: type[BaseModel], within: str = "") -> Iterator[tuple[str, str, str, str]]:
    """Every key of a settings model and of its sections: dotted name, type, default, meaning."""
    for name, field in model.model_fields.items():
        if name in NOT_STATED and not within:
            continue
        key = within + name
        parts, is_many = sections_of(field.annotation)
        if not parts:
            about = field.description or ("Which kind of system it is." if name == "kind" else "")
            yield key, kind_of(field.annotation), default_of(field), about
            continue
        about = field.description or first_line(parts[0])
        yield key, "named sections" if is_many else "section", absent_or_present(field), about
        for part in parts:
            inside = f"{key}.<name>" if is_many else key
            if len(parts) > 1:
                inside = f"{inside}[{typing.get_args(part.model_fields['kind'].annotation)[0]}]"
                yield inside, "section", "", first_line(part)
            yield from keys_of(part, f"{inside}.")


def first_line(part: type[BaseModel]) -> str:
    """What a section is, in the words of its class."""
    return (part.__doc__ or "").splitlines()[0]


def sections_of(annotation: Any) -> tuple[list[type[BaseModel]], bool]:
    """The sections that a key may hold, one for each kind, and whether it holds several by name."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation], False
    inner = [part for part in typing.get_args(annotation) if part is not type(None)]
    found = [section for part in inner for section in sections_of(part)[0]]
    return found, typing.get_origin(annotation) is dict


def kind_of(annotation: Any) -> str:
    """A type in words that somebody who writes YAML understands."""
    words = {str: "text", int: "whole number", float: "number", bool: "true or false", Path: "path"}
    if annotation in words:
        return words[annotation]
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Literal:
        return " or ".join(f"`{value}`" for value in inner)
    if origin in {typing.Union, types.UnionType}:
        return ", ".join(kind_of(part) for part in inner if part is not type(None)) + ", or empty"
    if origin in {tuple, list}:
        return f"list of {kind_of(inner[0])}"
    if origin is dict:
        return "keys and values"
    return str(getattr(annotation, "__name__", annotation))


def default_of(field: FieldInfo) -> str:
    """A default as it would be written in YAML; `required` where there is none."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if value is None or value is PydanticUndefined or value in ({}, []):
        return "empty"
    if isinstance(value, tuple):
        return f"`[{', '.join(str(part) for part in value)}]`"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def absent_or_present(field: FieldInfo) -> str:
    """Whether a section is there when nobody writes it."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    return "absent" if value is None else "empty" if value == {} else "as below"


def contracts_document() -> str:
    """Every contract's columns, in English and in Swedish."""
    intro = [
        "# Contracts",
        "",
        "What a delivery must hold, whatever system it comes from. How an export is translated to it: [sources.md](sources.md).",
        "A row that breaks a rule goes to quarantine with the rule and the column. Where too many do, the delivery is",
        "refused whole.",
        "",
    ]
    parts = [contract.describe("en") for contract in CONTRACTS.values()]
    swedish = ["# Kontrakten på svenska\n", *(contract.describe("sv") for contract in CONTRACTS.values())]
    return MADE.format(source="`warehouse/contracts/`") + "\n".join([*intro, *parts, *swedish])


def definitions_document() -> str:
    """Every key figure with its question, definition, formula, population, breakdowns and protection."""
    found = catalogue()
    lines = [
        "# Definitions of the key figures",
        "",
        "Each figure is one entry in `warehouse/key_figures/*.yaml`.",
        "How figures are computed and protected: [method.md](method.md).",
        "Names are ids: they are the same in code, tables, addresses and on the command line.",
        "",
        "## Populations",
        "",
        "| id | whom | på svenska |",
        "|---|---|---|",
        *(
            f"| `{name}` | {population.name.en} | {population.name.sv} |"
            for name, population in found.populations.items()
        ),
        "",
        "## Dimensions",
        "",
        "| id | name | levels |",
        "|---|---|---|",
        *(
            f"| `{each.id}` | {each.name.en} ({each.name.sv}) | "
            f"{', '.join(f'`{level.code}` {level.en}' for level in each.levels) or 'from the data'} |"
            for each in found.dimensions.values()
        ),
    ]
    for theme in found.themes:
        figures = [figure for figure in found.figures.values() if figure.theme == theme.id]
        if figures:
            lines += ["", f"## {theme.name.en} ({theme.name.sv})"]
        for figure in figures:
            lines += ["", *figure_lines(found, figure)]
    return MADE.format(source="`warehouse/key_figures/`") + "\n".join(lines) + "\n"


def figure_lines(found: Catalogue, figure: Figure) -> list[str]:
    """One figure's section."""
    formula = figure.numerator if not figure.denominator else f"({figure.numerator}) ÷ ({figure.denominator})"
    if figure.method:
        formula = f"method `{figure.method}` over `{figure.over}` of {formula}"
    breakdowns = "; ".join(" × ".join(by) or "total" for by in found.breakdowns(figure))
    facts = {
        "Fråga": figure.question.sv,
        "Definition (sv)": figure.definition.sv,
        "Formula": f"`{formula}`" if "`" not in formula else formula,
        "Population": found.populations[figure.population].name.en,
        "Period": "; ".join(PERIODS[period] for period in figure.period),
        "Breakdowns": breakdowns,
        "Unit": f"{found.units[figure.unit].en or figure.unit}; {DIRECTIONS[figure.direction]}",
        "Protection": protection_of(figure),
        "Needs": "; ".join(" or ".join(f"`{column}`" for column in group) for group in found.needs(figure)),
        "Owner": found.owners[figure.owner].en,
        "Version": f"{figure.version}, valid from {figure.valid_from}",
    }
    if figure.reference and (named := figure.reference.kolada or figure.reference.text):
        facts["Reference"] = f"Kolada {named}" if figure.reference.kolada else named
    if figure.target:
        facts["Target"] = f"{figure.target.value:g} by {figure.target.date}"
    return [
        f"### {figure.id} – {figure.name.en} ({figure.name.sv})",
        "",
        f"{figure.question.en} {figure.definition.en}",
        "",
        *(f"- **{name}**: {words}" for name, words in facts.items()),
    ]


def protection_of(figure: Figure) -> str:
    """A figure's protection class, and what it hides as the rules state it."""
    rule = RULES[figure.protection]
    if not rule.is_broken_down:
        return f"{figure.protection} (shown for the municipality as a whole only)"
    if rule.smallest == 1:
        return f"{figure.protection} (never hidden)"
    return f"{figure.protection} (1–{rule.smallest - 1} persons hidden)"


DOCUMENTS: dict[str, Callable[[], str]] = {
    "settings.md": settings_document,
    "contracts.md": contracts_document,
    "definitions.md": definitions_document,
}


def stale() -> list[str]:
    """The documents whose text is not what the code says now."""
    return [name for name, made in DOCUMENTS.items() if not is_current(FOLDER / name, made())]


def is_current(file: Path, text: str) -> bool:
    """Whether a file holds exactly this text."""
    return file.is_file() and file.read_text(encoding="utf-8") == text


def main() -> int:
    """Write the documents, or with `--check` say which are stale; 1 when any is."""
    behind = stale()
    if "--check" in sys.argv[1:]:
        for name in behind:
            print(f"docs/{name} is stale: make docs")
        return 1 if behind else 0
    for name in behind:
        (FOLDER / name).write_text(DOCUMENTS[name](), encoding="utf-8")
        print(f"docs/{name}: written")
    if not behind:
        print("The documents say what the code says.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
