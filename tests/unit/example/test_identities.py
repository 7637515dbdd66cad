"""Numbers that no real person can have, valid all the same."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer.personnummer import parse

from pipelines.example.identities import LAST_NUMBER, numbers
from pipelines.intake.identities import recognise


def given_out(count: int, sex: int, birth: int = 19850312) -> list[str]:
    return numbers(np.full(count, birth), np.full(count, sex)).to_list()


@given(
    birth=st.dates(min_value=date(1940, 1, 1), max_value=date(2010, 1, 1)),
    sex=st.integers(0, 1),
    taken=st.integers(0, 9),
)
def test_a_number_is_valid_in_the_test_range_and_tells_the_sex(birth: date, sex: int, taken: int) -> None:
    number = numbers(np.array([int(f"{birth:%Y%m%d}")]), np.array([sex]), taken=np.array([taken]))[0]
    assert len(number) == 12
    assert parse(number).is_male() == bool(sex)
    assert 980 <= int(number[8:11]) <= 999


def test_everybody_on_a_crowded_day_gets_a_number_of_their_own() -> None:
    women, men = given_out(LAST_NUMBER + 1, 0), given_out(LAST_NUMBER + 1, 1)
    assert len({*women, *men}) == 2 * (LAST_NUMBER + 1)
    assert all(number[8].isalpha() for number in women[10:])
    with pytest.raises(ValueError, match="more people share a birth date"):
        given_out(LAST_NUMBER + 2, 0)


def test_intake_recognises_every_kind() -> None:
    for sex, letter in ((0, "K"), (1, "M")):
        read = recognise(pl.Series(given_out(40, sex)), 2026)
        assert read["is_personal"].all()
        assert read["sex"].unique().to_list() == [letter]
    coordination = numbers(np.array([19850312]), np.array([0]), coordination=np.array([True]))
    assert coordination[0].startswith("19850372")
    assert recognise(coordination, 2026)["is_personal"].all()


def test_the_tax_agency_gives_out_test_numbers_from_the_same_range(shared_data: Path) -> None:
    stated = json.loads((shared_data / "personnummer/official_test_numbers.json").read_text())["personnummer"]
    official = [number for number in stated if number[8:10] in ("98", "99")]
    assert official
    for number in official:
        birth, serial = int(number[:8]), int(number[8:11])
        rebuilt = numbers(np.array([birth]), np.array([serial % 2]), taken=np.array([(serial - 980) // 2]))
        assert rebuilt[0] == number
