"""The erasure drill: a person of the example municipality is forgotten, and no trace is left."""

from __future__ import annotations

import csv
import json
import shutil
from collections import Counter
from pathlib import Path

import duckdb
import pytest

from pipelines.intake import take
from pipelines.intake.forgotten import read_marks
from pipelines.intake.identities import KeyMissingError, read_key
from pipelines.nights.erasing import Theirs, erase
from pipelines.nights.forgetting import NobodyError, forget, lift
from pipelines.nights.rebuilding import recover
from pipelines.nights.rekeying import rekey
from pipelines.nights.traces import search
from pipelines.validation.accounting import account
from tests.fixtures.homes import write_settings
from warehouse.settings import Settings, read_settings
from warehouse.store import Store


def most_delivered(settings: Settings) -> str:
    """The number of somebody who is in as many exports as anybody, and has been absent."""
    counted: Counter[str] = Counter()
    absent: set[str] = set()
    for name in ("hr_absence", "hr_employment"):
        for path in sorted((settings.example_files / name).glob("*.csv")):
            lines = list(
                csv.reader(path.read_bytes().decode("cp1252", errors="replace").splitlines(), delimiter=";")
            )
            column = next(
                (
                    place
                    for place, head in enumerate(lines[0])
                    if head.lstrip("ï»¿\ufeff") in {"Personnummer", "Pers.nr"}
                ),
                None,
            )
            if column is None:
                continue
            numbers = {line[column] for line in lines[1:] if len(line) > column and len(line[column]) >= 10}
            if name == "hr_absence":
                absent |= numbers
            counted.update(numbers & absent if name == "hr_employment" else [])
    return counted.most_common(1)[0][0]


def leave_half_written(settings: Settings) -> None:
    """What a killed load and a killed publication leave: files that nobody can read, under names with a dot."""
    for left in ("raw/hr_employment/.half.part/2026-10.parquet", "ledger/2026-10-31/.half/pieces-a.parquet"):
        (settings.home / left).parent.mkdir(parents=True)
        (settings.home / left).write_bytes(b"PAR1")


def test_nothing_is_left_of_a_forgotten_person(municipality: Settings):
    number = most_delivered(municipality)
    store = Store(municipality)
    leave_half_written(municipality)
    forgotten = forget(municipality, store, number)
    assert forgotten.rows["hr_employment"] > 5
    assert forgotten.deliveries > 5
    assert forgotten.traces == ()
    # The exports are the employer's; the report names those that would bring the person back.
    assert forgotten.exports
    with store.read() as con:
        assert all(account(con)["closes"])
    again = forget(municipality, store, number)
    assert (again.rows, again.deliveries, again.traces) == ({}, 0, ())
    with pytest.raises(NobodyError):
        forget(municipality, store, "19121212-1212")


def test_every_folder_of_the_employers_is_looked_through_and_named(municipality: Settings):
    servers = {"forms": {"kind": "template", "path": "workbooks"}}
    stated = read_settings(write_settings(municipality.file.parent, servers=servers))
    (name, source), *_ = stated.sources.items()
    watched = source.model_copy(update={"watch": stated.file.parent / "dropped"})
    stated = stated.model_copy(update={"sources": {**stated.sources, name: watched}})
    number = most_delivered(municipality)
    left = [stated.file.parent / name for name in ("workbooks/plan.xlsx", "dropped/personal_new.csv")]
    for file in left:
        file.parent.mkdir()
        file.write_text(f"namn;{number}\n", encoding="utf-8")
    assert set(left) <= set(forget(stated, Store(stated), number).exports)


def test_the_versions_of_a_forgotten_persons_submissions_are_forgotten(municipality: Settings):
    edits = municipality.home / "edits" / "kobo.json"
    edits.parent.mkdir(mode=0o700)
    edits.write_text(json.dumps({"theirs": [["a", None]], "others": [["b", None]]}), encoding="utf-8")
    edits.chmod(0o600)
    erase(municipality, Theirs(submissions=frozenset({"theirs"})))
    assert json.loads(edits.read_text(encoding="utf-8")) == {"others": [["b", None]]}
    assert edits.stat().st_mode & 0o777 == 0o600


def test_the_search_does_find_what_is_there(municipality: Settings):
    with duckdb.connect(str(municipality.warehouse), read_only=True) as con:
        (key,) = con.execute("SELECT person_key FROM raw.hr_employment LIMIT 1").fetchall()[0]
    places = {trace.place for trace in search(municipality, [key])}
    assert any(place.startswith("raw/hr_employment/") for place in places)
    assert "warehouse, raw.hr_employment.person_key" in places
    assert "warehouse, core.person_month.person_key" in places


def read_otherwise(settings: Settings) -> Settings:
    """The same installation with a mapping that reads every export anew."""
    stated = read_settings(write_settings(settings.file.parent))
    for source in stated.sources.values():
        source.mapping["dates"] = [*source.mapping["dates"], "%d.%m.%Y"]
    return stated


def persons(store: Store) -> set[str]:
    """Everybody in the warehouse."""
    with store.read() as con:
        return {key for (key,) in con.execute("SELECT DISTINCT person_key FROM raw.hr_employment").fetchall()}


def test_an_export_that_is_read_again_does_not_bring_them_back(municipality: Settings):
    number = most_delivered(municipality)
    store = Store(municipality)
    before = persons(store)
    forget(municipality, store, number)
    after = persons(store)
    assert len(before - after) >= 1
    assert [each for each in take(municipality, store, "hr_employment") if each.status == "loaded"] == []
    loaded = [
        each for each in take(read_otherwise(municipality), store, "hr_employment") if each.status == "loaded"
    ]
    assert loaded, "every export was read again"
    assert persons(store) == after
    with store.read() as con:
        assert all(account(con)["closes"])
    # Also through a key that came after the forgetting.
    rekey(municipality, store)
    everything = read_otherwise(municipality)
    for source in everything.sources.values():
        source.mapping["dates"].append("%d/%m/%Y")
    assert any(each.status == "loaded" for each in take(everything, store, "hr_employment"))
    assert len(persons(store)) == len(after)
    assert search(municipality, sorted(before - after)) == []


def test_a_backup_does_not_bring_them_back(municipality: Settings, tmp_path: Path):
    """Backup, forget, change the key, lose everything but the safe (keys and marks): restore, finish the change of keys."""
    number = most_delivered(municipality)
    store = Store(municipality)
    before = persons(store)
    shutil.copytree(municipality.raw, tmp_path / "backup")
    forget(municipality, store, number)
    left = len(persons(store))
    rekey(municipality, store)
    shutil.rmtree(municipality.raw)
    shutil.rmtree(municipality.warehouse.parent)
    shutil.copytree(tmp_path / "backup", municipality.raw)
    with pytest.raises(KeyMissingError, match="fordel rekey"):
        read_key(municipality)
    rekey(municipality, store)
    assert len(persons(store)) == left < len(before)
    assert search(municipality, sorted(before)) == []


def test_a_restored_raw_store_is_cleaned_by_the_next_night_too(municipality: Settings, tmp_path: Path):
    store = Store(municipality)
    shutil.copytree(municipality.raw, tmp_path / "backup")
    forget(municipality, store, most_delivered(municipality))
    after = persons(store)
    shutil.rmtree(municipality.raw)
    shutil.rmtree(municipality.warehouse.parent)
    shutil.copytree(tmp_path / "backup", municipality.raw)
    assert recover(municipality, store) is None
    take(municipality, store, "hr_employment")
    assert persons(store) == after


def test_who_is_employed_anew_is_taken_in_again(municipality: Settings):
    number = most_delivered(municipality)
    store = Store(municipality)
    before = persons(store)
    forget(municipality, store, number)
    assert lift(municipality, store, number) >= 1
    with pytest.raises(NobodyError):
        lift(municipality, store, number)
    take(read_otherwise(municipality), store, "hr_employment")
    assert persons(store) == before


def test_marks_lead_to_nobody(municipality: Settings):
    """Neither a pseudonym nor a number is in the marks, and each mark is one of a keyed hash."""
    number = most_delivered(municipality)
    store = Store(municipality)
    before = persons(store)
    forget(municipality, store, number)
    lines = (municipality.keys / "forgotten.marks").read_text(encoding="ascii").split()
    gone = before - persons(store)
    marks = read_marks(municipality)
    assert {marks.mark(key) for key in gone} <= set(lines)
    assert not gone & set(lines)
    for name in ("forgotten.marks", "forgotten.key"):
        assert (municipality.keys / name).stat().st_mode & 0o777 == 0o600
