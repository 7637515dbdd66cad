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
            "numerator: count(*) filter (where height > 2)",
            r"workforce\.yaml:3: employees: unknown column height",
        ),
        ("numerator: count(*)", "numerator: avg(fte_agreed)", r"workforce\.yaml:3: employees: only count"),
        ("protection: membership", "protection: secret", r"workforce\.yaml:3: employees: protection"),
        ("protection: membership", "", r"workforce\.yaml:3: employees: protection: Field required"),
        ('en: "How many are employed?"', 'en: ""', r"workforce\.yaml:3: employees: question\.en"),
        (
            "population: monthly",
            "population: robots",
            r"workforce\.yaml:3: employees: unknown population 'robots'",
        ),
        (
            "breakdowns: default",
            "breakdowns: everything",
            r"workforce\.yaml:3: employees: unknown breakdown set",
        ),
        ("unit: count", "units: count", r"workforce\.yaml:3: employees:"),
        (
            "id: full_time_equivalents",
            "id: employees",
            r"the figure employees is declared already, at workforce\.yaml:3",
        ),
        ("value: count", "value: share", r"workforce\.yaml:3: employees: a share needs a denominator"),
    ],
)
def test_a_mistake_names_file_line_and_figure(changed: Change, old: str, new: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=says):
        catalogue(changed(old, new))


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
