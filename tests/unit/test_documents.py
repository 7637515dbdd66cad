"""The documents that follow from the code are up to date, and every link between documents leads somewhere."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import yaml

from warehouse.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
WRITTEN = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def generator() -> ModuleType:
    """docs/generate.py, which is a program and not part of a package."""
    stated = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert stated is not None
    assert stated.loader is not None
    module = importlib.util.module_from_spec(stated)
    stated.loader.exec_module(module)
    return module


def test_documents_made_from_the_code_are_up_to_date() -> None:
    assert generator().stale() == [], "run: make docs"


def test_the_settings_file_shows_every_key_with_its_default() -> None:
    text = (ROOT / "fordel.yaml").read_text(encoding="utf-8")
    shown = yaml.safe_load(text)
    for key, _, default, _ in generator().keys_of(Settings):
        if "<" in key or "[" in key:
            continue
        value = shown
        for step in key.split("."):
            if value is None:  # a section that is shown empty
                break
            assert step in value, f"fordel.yaml does not show {key}"
            value = value[step]
        if value is not None and default not in {"section", "absent", "empty", "as below", "required"}:
            stated = (
                f"[{', '.join(value)}]"
                if isinstance(value, list)
                else str(value).lower()
                if isinstance(value, bool)
                else str(value)
            )
            assert default.strip("`").removesuffix(".0") == stated.removesuffix(".0"), (
                f"fordel.yaml shows another default for {key}"
            )


def test_links_lead_somewhere() -> None:
    def dead(path: Path) -> list[str]:
        targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
        local = [target for target in targets if "://" not in target and not target.startswith("mailto:")]
        return [target for target in local if not (path.parent / target).exists()]

    assert {str(path.relative_to(ROOT)): links for path in WRITTEN if (links := dead(path))} == {}


def test_every_record_of_a_decision_has_its_number_and_parts() -> None:
    records = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in records if path.name != "README.md"]
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    for path in records:
        if path.name != "README.md":
            text = path.read_text(encoding="utf-8")
            assert all(f"## {part}" in text for part in ("Why", "What", "Effect")), path.name
