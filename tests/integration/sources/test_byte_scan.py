"""Nothing of a person stays: a whole night of the example municipality, and then a look at every byte that it left."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.example.writing import write_example
from warehouse.release import read_status
from warehouse.settings import read_settings

ROOT = Path(__file__).parents[3]
SETTINGS = (ROOT / "fordel.yaml").read_text(encoding="utf-8")
PERSONNUMMER = re.compile(
    rb"(?<![0-9a-f.])(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[06][1-9]|[1278]\d|[39][01])(?:9[89]\d|[TRSUWXJKLMN]\d\d)\d(?![0-9a-f])"
)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after one night with two hundred persons and thirteen months."""
    folder = tmp_path_factory.mktemp("scan")
    small = SETTINGS.replace("size: 2924 ", "size: 200 ").replace("months: 36 ", "months: 14 ")
    assert small != SETTINGS
    (folder / "fordel.yaml").write_text(small, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORDEL_HOME", str(folder / "home"))
        settings = read_settings(folder / "fordel.yaml")
        write_example(settings)
    deliver_badly(folder / "home" / "example" / "hr_employment")
    # Settings of this machine must not reach the run.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FORDEL_")}
    done = subprocess.run(
        [sys.executable, "-m", "fordel", "--settings", str(folder / "fordel.yaml"), "refresh"],
        cwd=ROOT, env={**environment, "FORDEL_HOME": str(folder / "home")}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    # One delivery was refused, and the night says so.
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Published" in done.stdout
    (folder / "home" / "said.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    return folder / "home"


def deliver_badly(exports: Path) -> None:
    """Beside the good exports: one with a few bad rows, which goes on without them, and one with so many that it is refused."""
    *_, before, last = sorted(exports.glob("*.csv"))
    for file, rows, day in ((before, 3, "2030-01-02"), (last, 10_000, "2030-01-03")):
        head, *lines = file.read_text(encoding="cp1252").splitlines()
        place = head.split(";").index("Sysselsättningsgrad")
        cells = [line.split(";") for line in lines]
        for row in cells[:rows]:
            row[place] = "okänd"
        name = re.sub(r"levererad_[\d-]+", f"levererad_{day}", file.name)
        text = "\r\n".join([head, *(";".join(row) for row in cells)]) + "\r\n"
        (exports / name).write_bytes(text.encode("cp1252"))


def left(home: Path) -> list[Path]:
    """Every file but the exports themselves, which are the payroll's."""
    return [
        path
        for path in home.rglob("*")
        if path.is_file() and "example" not in path.relative_to(home).parts[:1]
    ]


def everybody(home: Path) -> tuple[list[bytes], list[bytes]]:
    """Numbers and surnames of the example's people."""
    numbers: set[str] = set()
    for file in (home / "example").glob("*/*.parquet"):
        frame = pl.read_parquet(file)
        heading = next(
            (name for name in ("person_id", "Personnummer", "Pers.nr") if name in frame.columns), None
        )
        if heading:
            numbers |= set(frame[heading].drop_nulls())
    names: set[str] = set()
    for file in (home / "example" / "hr_employment").glob("*.csv"):
        lines = file.read_text(encoding="cp1252").splitlines()
        place = lines[0].split(";").index("Namn")
        names |= {line.split(";")[place].strip('"').split(",")[0] for line in lines[1:] if ";" in line}
    return [number.encode() for number in sorted(numbers)], [
        name.encode() for name in sorted(names) if len(name) > 5
    ]


def test_no_number_and_no_name_is_left_anywhere(night: Path) -> None:
    numbers, names = everybody(night)
    assert len(numbers) > 200
    assert len(names) > 30
    files = left(night)
    assert len(files) > 30
    assert any("dagster" in path.parts for path in files)
    known, named = set(numbers), re.compile(b"|".join(names))
    for path in files:
        content = path.read_bytes()
        if path.suffix == ".parquet":
            # Compressed: what is in it must be looked at as it is read.
            content += pl.read_parquet(path).write_json().encode()
        for encoded in (content, content.replace(b"\0", b"")):
            # Protected numbers have letters in front: SKYDD and eight digits.
            assert not known & set(re.findall(rb"\d{8}[\dA-Z]\d{3}|SKYDD\d{8}", encoded)), path
            assert not named.search(encoded), path
            assert not PERSONNUMMER.search(encoded), path


def test_quarantine_and_a_refused_delivery_were_among_what_was_looked_at(night: Path) -> None:
    set_aside = [
        pl.read_parquet(file).height for file in (night / "raw").glob("hr_employment/*/quarantine.parquet")
    ]
    assert 3 in set_aside
    refused = read_status(night / "releases")["refused"]
    assert ["2030-01-03" in line["file_name"] for line in refused] == [True]


def test_every_subject_came_in(night: Path) -> None:
    stored = {path.name for path in (night / "raw").iterdir()}
    assert {
        "hr_employment",
        "hr_training",
        "survey_answer",
        "individual_plan",
        "idea",
        "participation",
        "unit",
        "external_figure",
    } <= stored
