"""The history of definitions: a formula never changes under the same version."""

import shutil
from pathlib import Path

import pytest

from warehouse.key_figures.catalogue import FOLDER, CatalogueError, catalogue


def changed(tmp_path: Path, file: str, old: str, new: str) -> Path:
    folder = tmp_path / "catalogue"
    if not folder.exists():
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def test_a_changed_formula_needs_a_new_version(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "workforce.yaml", "numerator: sum(fte_agreed) / 100", "numerator: sum(fte_actual) / 100"
    )
    with pytest.raises(
        CatalogueError, match=r"workforce\.yaml:\d+: full_time_equivalents: the formula has changed without"
    ):
        catalogue(folder)


def test_other_words_for_the_same_formula_are_no_change(tmp_path: Path) -> None:
    folder = changed(
        tmp_path, "workforce.yaml", "numerator: sum(fte_agreed) / 100", "numerator: SUM( fte_agreed )/100"
    )
    assert "full_time_equivalents" in catalogue(folder).figures


def test_a_changed_population_is_a_changed_formula(tmp_path: Path) -> None:
    folder = changed(tmp_path, "subjects.yaml", "where: is_active", "where: is_active and is_monthly")
    with pytest.raises(CatalogueError, match="the formula has changed without a new version"):
        catalogue(folder)


def test_a_new_version_must_stand_in_the_history_and_say_what_changed(tmp_path: Path) -> None:
    folder = changed(tmp_path, "workforce.yaml", "version: 1", "version: 2")
    with pytest.raises(CatalogueError, match=r"employees: version 2 is not in history\.yaml"):
        catalogue(folder)
    line = next(
        line
        for line in (folder / "history.yaml")
        .read_text(encoding="utf-8")
        .split("employees:\n")[1]
        .splitlines()
    )
    second = line.replace("version: 1", "version: 2")
    told = second.replace("}", ", change: {sv: Annat, en: Other}}")
    wordless = changed(tmp_path, "history.yaml", f"employees:\n{line}", f"employees:\n{line}\n{second}")
    with pytest.raises(CatalogueError, match="does not say what changed"):
        catalogue(wordless)
    catalogue.cache_clear()
    assert catalogue(changed(tmp_path, "history.yaml", second, told)).figures["employees"].version == 2


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        (
            "health.yaml",
            "breakdowns: health",
            "breakdowns: measures",
            "time_month lacks the breakdown 'area'",
        ),
        ("gender_equality.yaml", "method: duncan", "method: magic", "segregation_index: method"),
        (
            "health.yaml",
            "    denominator: sum(ordinary_hours)\n",
            "",
            "sick_leave_share: a share needs a denominator",
        ),
        (
            "gender_equality.yaml",
            "sides: full_time_share",
            "sides: shoe_share",
            "full_time_gap: is made of 'shoe_share'",
        ),
        (
            "workforce.yaml",
            "count(*) filter (where age >= 61)",
            "sum(age) / count(*)",
            "what happens at zero",
        ),
        (
            "subjects.yaml",
            "{id: O3, figure: participation_rate}",
            "{id: O3, figure: joy}",
            "O3: unknown figure",
        ),
    ],
)
def test_every_mistake_is_a_clear_error(tmp_path: Path, file: str, old: str, new: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        catalogue(changed(tmp_path, file, old, new))
