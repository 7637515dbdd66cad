"""The rules of the house, read from the source: who may import whom, what a room is called, how it introduces itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

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
FORBIDDEN_WORDS = {"dataset", "feed", "batch", "metric", "kpi", "snapshot", "drop"}
LONGEST_FILE = 400
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 60

DOOR = [ROOT / "fordel.py"]
ROOMS = sorted(path for storey in STOREYS for path in (ROOT / storey).rglob("*.py"))
SUPPORT = sorted(
    path for folder in ("benchmarks", "deploy", "docs", "tests") for path in (ROOT / folder).rglob("*.py")
)


def broken(rule: Callable[[Path], object], *groups: list[Path]) -> dict[str, object]:
    """What a rule has to say of each file that breaks it; a rule says nothing of one that keeps it."""
    found = {str(path.relative_to(ROOT)): rule(path) for group in groups for path in group}
    return {name: said for name, said in found.items() if said}


def tree_of(path: Path) -> ast.Module:
    """A module, parsed."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(tree: ast.AST) -> set[str]:
    """The packages that a module imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return {name.split(".")[0] for name in found}


def test_a_storey_rests_on_those_below_only() -> None:
    def forbidden(path: Path) -> set[str]:
        storey = path.relative_to(ROOT).parts[0]
        imported = imports_of(tree_of(path))
        upwards = imported & {*STOREYS, "fordel"} - MAY_IMPORT[storey]
        return upwards | imported & MUST_NOT_KNOW[storey]

    assert broken(forbidden, ROOMS) == {}


def test_no_module_needs_itself() -> None:
    """Imports at the top of modules make no circle; what is imported for its types only does not count."""
    paths = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in ROOMS
    }
    needs: dict[str, set[str]] = {}
    for name, path in paths.items():
        tops = [node for node in tree_of(path).body if isinstance(node, ast.ImportFrom) and node.module]
        wanted = {f"{top.module}.{alias.name}" for top in tops for alias in top.names}
        needs[name] = {top.module for top in tops if top.module in paths} | wanted & paths.keys()
    # Whoever needs nobody that is left goes; a circle stays.
    while free := {name for name, others in needs.items() if not others & needs.keys() - {name}}:
        needs = {name: others for name, others in needs.items() if name not in free}
    assert needs == {}


def test_the_front_door_imports_lazily() -> None:
    body = tree_of(ROOT / "fordel.py").body
    at_start = set().union(
        *(imports_of(node) for node in body if isinstance(node, ast.Import | ast.ImportFrom))
    )
    heavy = {"dagster", "dash", "polars", "duckdb", "great_expectations", "pandas"}
    assert not at_start & (heavy | {"assets", "pipelines", "dashboards"})


def test_a_room_has_a_name_that_says_what_is_in_it() -> None:
    def forbidden(path: Path) -> set[str]:
        parts = {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
        words = {word for part in parts for word in part.split("_")}
        return parts & FORBIDDEN_NAMES | words & FORBIDDEN_WORDS

    assert broken(forbidden, ROOMS, SUPPORT) == {}


def test_a_module_says_what_belongs_in_it_and_what_does_not() -> None:
    def missing(path: Path) -> str:
        said = ast.get_docstring(tree_of(path))
        if not said:
            return "no docstring"
        is_test = path.name.startswith("test_") or path.name == "conftest.py"
        if is_test or path.name == "__init__.py":
            return ""
        if not re.search(r"[Bb]elongs? here", said):
            return "does not say what belongs here"
        return (
            ""
            if re.search(r"[Nn]ot belong here|Not here", said)
            else "does not say what does not belong here"
        )

    assert broken(missing, DOOR, ROOMS, SUPPORT) == {}


def test_public_names_are_documented() -> None:
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

    assert broken(lambda path: undocumented(tree_of(path).body), DOOR, ROOMS) == {}


def is_overload(node: ast.stmt) -> bool:
    """Whether a function is one of several signatures of the same name; the last one carries the words."""
    return "overload" in {
        getattr(mark, "id", getattr(mark, "attr", "")) for mark in getattr(node, "decorator_list", [])
    }


def test_files_are_short() -> None:
    def lines(path: Path) -> int:
        limit = LONGEST_TEST_FILE if "tests" in path.relative_to(ROOT).parts else LONGEST_FILE
        count = len(path.read_text(encoding="utf-8").splitlines())
        return count if count >= limit else 0

    assert broken(lines, DOOR, ROOMS, SUPPORT) == {}


def test_functions_are_short() -> None:
    def long(path: Path) -> dict[str, int]:
        functions = [
            node
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
        return {name: lines for name, lines in lengths.items() if lines >= LONGEST_FUNCTION}

    assert broken(long, DOOR, ROOMS, SUPPORT) == {}


def test_no_exception_is_swallowed() -> None:
    def swallowed(path: Path) -> list[int]:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = []
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ExceptHandler) and all(is_silence(step) for step in node.body):
                is_broad = node.type is None or {"Exception", "BaseException"} & names_in(node.type)
                is_explained = any("#" in line for line in lines[node.lineno - 1 : node.end_lineno])
                if is_broad or not is_explained:
                    found.append(node.lineno)
        return found

    assert broken(swallowed, DOOR, ROOMS, SUPPORT) == {}, "caught, and nothing is done or said of why"


def names_in(expression: ast.expr) -> set[str]:
    """The plain names in an expression."""
    return {node.id for node in ast.walk(expression) if isinstance(node, ast.Name)}


def is_silence(step: ast.stmt) -> bool:
    """Whether a statement does nothing: pass, continue, or a bare literal."""
    return isinstance(step, ast.Pass | ast.Continue) or (
        isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant)
    )


def test_a_core_table_states_its_grain_and_key() -> None:
    def missing(path: Path) -> set[str]:
        text = path.read_text(encoding="utf-8")
        header = "".join(line for line in text.splitlines(keepends=True) if line.startswith("--"))
        return {
            word for word in ("Grain", "Key", "Source") if word not in header or not text.startswith("--")
        }

    assert broken(missing, sorted((ROOT / "warehouse" / "core").glob("*.sql"))) == {}


def test_no_path_of_one_machine_is_written_down() -> None:
    # Absolute homes and work folders; ../shared/data is the one place outside that may be named.
    machine = re.compile(r"(?<![\w.])/(?:work|home/\w+|root|Users|farm)/\w+")
    written = [
        path
        for path in [*ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").glob("*")]
        # In a worktree `.git` is a file that names its checkout.
        if path.is_file() and path.name not in {".git", "uv.lock"}
    ]
    assert (
        broken(lambda path: machine.findall(path.read_text(encoding="utf-8")), DOOR, ROOMS, SUPPORT, written)
        == {}
    )


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
