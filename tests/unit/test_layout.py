"""The rules of the house, read from the source: who may import whom, what a room is called, how it introduces itself."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
STOREYS = ("warehouse", "pipelines", "assets", "dashboards")
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "pipelines": {"warehouse", "pipelines"},
    "assets": {"warehouse", "pipelines", "assets"},
    "dashboards": {"warehouse", "dashboards"},
}
# What a storey must not know: the steps are plain Python, and the dashboards see releases only.
MUST_NOT_KNOW = {
    "warehouse": {"dagster", "dash", "flask"},
    "pipelines": {"dagster", "dash", "flask"},
    "assets": {"dash", "flask"},
    "dashboards": {"dagster", "duckdb", "great_expectations"},
}
FORBIDDEN_NAMES = {"manager", "managers", "helper", "helpers", "util", "utils", "common", "misc", "lib"}
FORBIDDEN_WORDS = ("dataset", "feed", "batch", "metric", "kpi", "snapshot", "drop")
LONGEST_FILE = 400
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 60

CODE = [ROOT / "fordel.py", *sorted(path for storey in STOREYS for path in (ROOT / storey).rglob("*.py"))]
SUPPORT = sorted(
    path for folder in ("benchmarks", "deploy", "docs", "tests") for path in (ROOT / folder).rglob("*.py")
)


def name_of(path: Path) -> str:
    """A file's place in the project, as the tests' names show it."""
    return str(path.relative_to(ROOT))


def each(*groups: list[Path]) -> pytest.MarkDecorator:
    """One test for every file."""
    return pytest.mark.parametrize("path", [path for group in groups for path in group], ids=name_of)


def imports_of(tree: ast.AST) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[0] for name in found}


def functions_of(tree: ast.AST) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@each(CODE[1:])
def test_a_storey_rests_on_those_below_only(path: Path) -> None:
    storey = path.relative_to(ROOT).parts[0]
    imported = imports_of(ast.parse(path.read_text(encoding="utf-8")))
    assert imported & set(STOREYS) <= MAY_IMPORT[storey], (
        f"{storey} must not import {imported & set(STOREYS) - MAY_IMPORT[storey]}"
    )
    assert "fordel" not in imported, "nothing imports the front door"
    assert not imported & MUST_NOT_KNOW[storey], f"{storey} must not know {imported & MUST_NOT_KNOW[storey]}"


def test_the_front_door_imports_lazily() -> None:
    tree = ast.parse((ROOT / "fordel.py").read_text(encoding="utf-8"))
    at_start = set().union(
        *(imports_of(node) for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)), set()
    )
    assert not at_start & {
        "dagster",
        "dash",
        "polars",
        "duckdb",
        "great_expectations",
        "pandas",
        "assets",
        "pipelines",
        "dashboards",
    }


@each(CODE, SUPPORT)
def test_a_room_has_a_name_that_says_what_is_in_it(path: Path) -> None:
    parts = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    assert not parts & FORBIDDEN_NAMES
    assert not {word for part in parts for word in part.split("_")} & set(FORBIDDEN_WORDS)


@each(CODE, SUPPORT)
def test_a_module_says_what_belongs_in_it_and_what_does_not(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    documentation = ast.get_docstring(ast.parse(text))
    assert documentation, "no module docstring"
    is_test = path.name.startswith("test_") or path.name == "conftest.py"
    is_package = path.name == "__init__.py"
    if not is_test and not is_package:
        assert re.search(r"[Bb]elongs? here", documentation), "does not say what belongs here"
        assert re.search(r"[Nn]ot belong here|Not here", documentation), (
            "does not say what does not belong here"
        )


@each(CODE)
def test_public_names_are_documented(path: Path) -> None:
    def undocumented(body: list[ast.stmt], within: str = "") -> list[str]:
        missing = []
        for node in body:
            if isinstance(
                node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
            ) and not node.name.startswith("_"):
                if not ast.get_docstring(node) and not is_overload(node):
                    missing.append(within + node.name)
                if isinstance(node, ast.ClassDef):
                    missing += undocumented(node.body, f"{node.name}.")
        return missing

    assert undocumented(ast.parse(path.read_text(encoding="utf-8")).body) == []


def is_overload(node: ast.stmt) -> bool:
    """Whether a function is one of several signatures of the same name; the last one carries the words."""
    return "overload" in {
        getattr(mark, "id", getattr(mark, "attr", "")) for mark in getattr(node, "decorator_list", [])
    }


@each(CODE, SUPPORT)
def test_files_and_functions_are_short(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    limit = LONGEST_TEST_FILE if "tests" in path.relative_to(ROOT).parts else LONGEST_FILE
    assert len(text.splitlines()) < limit, f"{len(text.splitlines())} lines"
    lengths = {
        node.name: (node.end_lineno or node.lineno) - node.lineno + 1
        for node in functions_of(ast.parse(text))
    }
    assert {name: lines for name, lines in lengths.items() if lines >= LONGEST_FUNCTION} == {}


@each(CODE, SUPPORT)
def test_no_exception_is_swallowed(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines()
    swallowed = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ExceptHandler) and all(is_silence(step) for step in node.body):
            is_broad = node.type is None or {"Exception", "BaseException"} & names_in(node.type)
            is_explained = any("#" in line for line in lines[node.lineno - 1 : node.end_lineno])
            if is_broad or not is_explained:
                swallowed.append(node.lineno)
    assert swallowed == [], "an exception is caught and nothing is done, or said of why"


def names_in(expression: ast.expr) -> set[str]:
    """The plain names in an expression."""
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def is_silence(step: ast.stmt) -> bool:
    """Whether a statement does nothing: pass, continue, or a bare literal."""
    return isinstance(step, ast.Pass | ast.Continue) or (
        isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    )


@pytest.mark.parametrize("path", sorted((ROOT / "warehouse" / "core").glob("*.sql")), ids=name_of)
def test_a_core_table_states_its_grain_and_key(path: Path) -> None:
    header = "\n".join(
        line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("--")
    )
    assert path.read_text(encoding="utf-8").startswith("--")
    assert "Grain" in header
    assert "Key" in header
    assert "Source" in header


def test_no_path_of_one_machine_is_written_down() -> None:
    # Absolute homes and work folders; ../shared/data is the one place outside that may be named.
    machine = re.compile(r"(?<![\w.])/(?:work|home/\w+|root|Users|farm)/\w")
    texts = [
        *CODE,
        *SUPPORT,
        *ROOT.glob("*.*"),
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "examples").glob("*"),
    ]
    found = [
        name_of(path)
        for path in texts
        if path.is_file() and path.name != "uv.lock" and machine.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_files_of_the_root_are_the_houses_own() -> None:
    for name in (
        "Makefile",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "fordel.yaml",
        "workspace.yaml",
        "pyproject.toml",
        "uv.lock",
        "fordel.py",
    ):
        assert (ROOT / name).is_file(), name
        assert (ROOT / name).stat().st_size > 0, f"{name} is empty"
