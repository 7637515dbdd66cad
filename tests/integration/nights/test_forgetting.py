"""The erasure drill: a person of the example municipality is forgotten, and no trace is left."""

from __future__ import annotations

import csv
from collections import Counter

import duckdb
import pytest

from pipelines.intake import take
from pipelines.nights.forgetting import NobodyError, forget
from pipelines.nights.traces import search
from pipelines.validation.accounting import account
from warehouse.settings import Settings
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


def test_nothing_is_left_of_a_forgotten_person(municipality: Settings):
    number = most_delivered(municipality)
    store = Store(municipality)
    forgotten = forget(municipality, store, number)
    assert forgotten.rows["hr_employment"] > 5
    assert forgotten.deliveries > 5
    assert forgotten.traces == ()
    # The exports are the employer's; the report names those that would bring the person back.
    assert forgotten.exports
    with store.read() as con:
        assert all(account(con)["closes"])
    with pytest.raises(NobodyError):
        forget(municipality, store, number)


def test_the_search_does_find_what_is_there(municipality: Settings):
    with duckdb.connect(str(municipality.warehouse), read_only=True) as con:
        (key,) = con.execute("SELECT person_key FROM raw.hr_employment LIMIT 1").fetchall()[0]
    places = {trace.place for trace in search(municipality, [key])}
    assert any(place.startswith("raw/hr_employment/") for place in places)
    assert "warehouse, raw.hr_employment.person_key" in places
    assert "warehouse, core.person_month.person_key" in places


def test_an_unchanged_night_afterwards_does_not_bring_them_back(municipality: Settings):
    number = most_delivered(municipality)
    store = Store(municipality)
    before = forget(municipality, store, number)
    assert [each for each in take(municipality, store, "hr_employment") if each.status == "loaded"] == []
    assert before.traces == ()
    with pytest.raises(NobodyError):
        forget(municipality, store, number)
