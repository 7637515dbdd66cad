"""The catalogue: complete as shipped, and every mistake is an error that names file and line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from pipelines.core import CORE, TABLES
from warehouse.key_figures.catalogue import FOLDER, CatalogueError, catalogue
from warehouse.store import prepare

Change = Callable[[str, str], Path]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """The shipped catalogue in a folder of its own, with one text in workforce.yaml replaced."""

    def change(old: str, new: str) -> Path:
        folder = tmp_path / "catalogue"
        shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        file = folder / "workforce.yaml"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return change


def test_the_shipped_catalogue_holds_together() -> None:
    found = catalogue()
    assert {"employees", "women_share", "sick_leave_share", "segregation_index"} <= set(found.figures)
    assert found.breakdowns(found.figures["age_distribution"])[0] == ("age_group",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "numerator: count(*)",
            "numerator: count(*) filter (where is_ful_time)",
            r"workforce\.yaml:13: employees: unknown column is_ful_time \(is is_full_time meant\?\)",
        ),
        (
            "numerator: count(*)",
            "numerator: avg(fte_agreed)",
            r"workforce\.yaml:13: employees: only count.* add up",
        ),
        (
            "numerator: count(*)",
            "numerator: fte_agreed",
            r"workforce\.yaml:13: employees: .*inside one of them",
        ),
        (
            "numerator: count(*)",
            "numerator: sum(fte_agreed) / count(*)",
            r"workforce\.yaml:13: employees: a division must say what happens at zero",
        ),
        (
            "protection: membership",
            "protection: secret",
            r"workforce\.yaml:17: employees: protection – Input",
        ),
        ("    protection: membership\n", "", r"workforce\.yaml:3: employees: protection is missing"),
        ('en: "How many are employed?"', 'en: ""', r"workforce\.yaml:7: employees: question\.en is empty"),
        (', en: "How many are employed?"', "", r"workforce\.yaml:7: employees: question\.en is missing"),
        (
            "population: monthly",
            "population: robots",
            r"workforce\.yaml:12: employees: unknown population 'robots'; there are: .*monthly",
        ),
        (
            "breakdowns: default",
            "breakdowns: everything",
            r"workforce\.yaml:20: employees: unknown breakdown set",
        ),
        (
            "breakdowns: default",
            "breakdowns: links",
            r"workforce\.yaml:20: employees: person_month lacks the breakdown 'other_department'",
        ),
        ("unit: count", "units: count", r"workforce\.yaml:15: employees: units is no key of such an entry"),
        (
            "id: full_time_equivalents",
            "id: employees",
            r"workforce\.yaml:23: the figure employees is declared already, at workforce\.yaml:3",
        ),
        ("value: count", "value: share", r"workforce\.yaml:14: employees: a share needs a denominator"),
        (
            ", baseline_date: 2022-11-30",
            "",
            r"workforce\.yaml:123: full_time_share: baseline and baseline_date go together",
        ),
        ("theme: workforce\n", "", r"workforce\.yaml:1: theme is missing"),
        ("value: count", "value: [count", r"workforce\.yaml:\d+: is not YAML"),
    ],
)
def test_a_mistake_names_file_line_and_figure(changed: Change, old: str, new: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        catalogue(changed(old, new))


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "where: is_permanent\n",
            "where: is_permenent\n",
            r"subjects\.yaml:\d+: the population permanent of \w+: unknown column is_permenent",
        ),
        ("by_sex: [sex]", "by_sex: [shoe]", r"subjects\.yaml:\d+: by_sex: unknown dimension 'shoe'"),
        (
            "name: {sv: Förvaltning, en: Department}",
            "name: {sv: Förvaltning}",
            r"subjects\.yaml:\d+: dimensions\.department\.name\.en is missing",
        ),
        ("figure: goal_linked_plans", "figure: joy", r"subjects\.yaml:\d+: O2: unknown figure 'joy'"),
    ],
)
def test_a_mistake_in_what_figures_share_names_its_line(
    changed: Change, old: str, new: str, says: str
) -> None:
    folder = changed("theme: workforce", "theme: workforce")
    file = folder / "subjects.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(CatalogueError, match=says) as told:
        catalogue(folder)
    before, after = (each.splitlines() for each in (text, file.read_text(encoding="utf-8")))
    wrong = next(number for number, line in enumerate(after, 1) if line != before[number - 1])
    assert str(told.value).startswith(f"subjects.yaml:{wrong}: ")


def test_the_subjects_columns_are_those_of_the_core_tables() -> None:
    con = duckdb.connect()
    prepare(con)
    con.execute("SET VARIABLE manager_codes = ['A']")
    con.execute("CREATE TEMP TABLE wanted_month (month DATE)")
    for table in TABLES:
        con.execute(f"CREATE TABLE {table.name} AS {(CORE / table.file).read_text(encoding='utf-8')}")
    for subject in catalogue().subjects.values():
        there = {name for name, *_ in con.execute(f"DESCRIBE {subject.table}").fetchall()}
        assert set(subject.columns) <= there
