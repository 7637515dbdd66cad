"""Identities: written in one way, told apart, hashed with a key."""

import hashlib
import hmac
import json
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from personnummer import personnummer

from pipelines.intake.identities import KeyMissingError, Pseudonyms, pseudonyms, read_key, recognise
from warehouse.settings import Settings

KEY = bytes(range(32))
# The tax agency's test numbers; they belong to nobody.
WOMAN, MAN = "195801082743", "199311162392"


def told(number: str, year: int = 2026) -> dict[str, object]:
    return recognise(pl.Series([number]), year).row(0, named=True)


@pytest.mark.parametrize(
    "written",
    [
        "195801082743",
        "19580108-2743",
        "580108-2743",
        "5801082743",
        " 580108 2743 ",
        "580108\u20132743",
        "19580108 2743",
    ],
)
def test_one_person_is_one_number_however_it_is_written(written: str) -> None:
    assert told(written) == {
        "delivered": written,
        "normal": WOMAN,
        "is_personal": True,
        "is_invalid": False,
        "sex": "K",
        "birth_month": date(1958, 1, 1),
    }


def test_a_plus_means_a_hundred_years_older() -> None:
    assert told("090527+1474")["normal"] == "190905271474"


def test_the_century_follows_the_deliverys_year_not_the_clock() -> None:
    assert told("000229-2399", 2026)["normal"] == "200002292399"
    # 1900 was no leap year: in a delivery of 1999 the number is nobody's.
    assert told("000229-2399", 1999)["is_invalid"]


def test_interim_numbers_are_personal() -> None:
    assert told("000101-T220") == told("000101-T220") | {
        "normal": "20000101T220",
        "is_personal": True,
        "sex": "K",
    }


@pytest.mark.parametrize(
    "written", ["19800101-1235", "198013011239", "1980010112", "801301-1239", "19580108274", "580108274"]
)
def test_a_number_that_only_looks_like_one_is_told(written: str) -> None:
    read = told(written)

    assert (read["is_personal"], read["is_invalid"], read["sex"]) == (False, True, None)


@pytest.mark.parametrize("written", ["4711", "A-17", "19800101-TF12", "skyddad 12", "d1baed20c8678e93"])
def test_the_employers_own_numbers_and_protected_identities_are_taken_as_they_are(written: str) -> None:
    read = told(written)

    assert (read["is_personal"], read["is_invalid"]) == (False, False)
    assert read["normal"] == written.replace(" ", "").upper()


def test_the_agencys_numbers_are_recognised_as_the_reference_says(shared_data: Path) -> None:
    for name in ("list.json", "interim.json"):
        stated = json.loads((shared_data / "personnummer" / name).read_text())
        # The reference refuses a space between date and number; exports have it.
        vectors = [each for each in stated if " " not in each["separated_format"]]
        for form in ("long_format", "separated_format", "separated_long"):
            read = {
                row["delivered"]: row
                for row in recognise(pl.Series([each[form] for each in vectors]), 2026).iter_rows(named=True)
            }
            for each in vectors:
                row = read[each[form]]
                assert row["is_personal"] == each["valid"], each
                if each["valid"]:
                    assert row["normal"] == each["long_format"]
                    assert row["sex"] == ("M" if each["isMale"] else "K")


def test_every_official_test_number_is_valid(shared_data: Path) -> None:
    official = json.loads((shared_data / "personnummer" / "official_test_numbers.json").read_text())
    numbers = pl.Series(
        [number for group in official.values() if isinstance(group, list) for number in group]
    )

    assert recognise(numbers, 2026)["is_personal"].all()


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.integers(0, 99), st.integers(0, 9999))
def test_numbers_are_judged_as_the_personnummer_package_does(day: date, add: int, last: int) -> None:
    numbers = [f"{int(f'{day:%Y%m%d}') + add}{last // 10:03d}{check}" for check in range(10)]
    read = recognise(pl.Series(numbers), 2026)
    read_as = dict(read.select("delivered", "is_personal").iter_rows())

    for number in numbers:
        is_coordination = 60 <= int(number[6:8]) <= 91
        if not is_coordination:
            assert read_as[number] == personnummer.valid(number)


def test_a_coordination_number_without_a_real_date_is_valid_and_tells_the_month_it_knows() -> None:
    assert told("197900802393")["birth_month"] is None
    assert told("197900802393")["is_personal"] is True
    assert told("201302892383")["birth_month"] == date(2013, 2, 1)


def test_the_hash_is_keyed_and_null_stays_null() -> None:
    made = pseudonyms(pl.Series([WOMAN, None]), KEY)

    # The secret is the key as it is written down.
    secret = KEY.hex().encode()
    assert made.to_list() == [hmac.new(secret, WOMAN.encode(), hashlib.sha256).hexdigest()[:32], None]
    assert pseudonyms(pl.Series([WOMAN]), bytes(32))[0] != made[0]


def test_what_was_looked_up_before_is_the_same_again() -> None:
    people = Pseudonyms(KEY)
    first = people.know(pl.Series([WOMAN, "580108-2743", None]), 2026, is_own=False)
    again = people.know(pl.Series(["4711", "5801082743"]), 2026, is_own=False)

    assert first.key[0] == first.key[1] == again.key[1]
    assert first.key[2] is None
    assert first.is_invalid.to_list() == [False, False, False]


def test_the_example_makes_its_own_key_and_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORDEL_KEY", raising=False)
    monkeypatch.delenv("FORDEL_KEY_FILE", raising=False)
    settings = Settings.model_validate({"home": tmp_path, "example": {}})

    key = read_key(settings)

    assert len(key) == 32
    assert read_key(settings) == key
    assert (tmp_path / "keys" / "pseudonym.key").stat().st_mode & 0o777 == 0o600


def test_the_example_makes_no_key_beside_a_server_that_delivers_persons(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FORDEL_KEY", raising=False)
    monkeypatch.delenv("FORDEL_KEY_FILE", raising=False)

    def stated(home: str, **servers: Any) -> Settings:
        return Settings.model_validate({"home": tmp_path / home, "example": {}, "servers": servers})

    own = {"kind": "ready_files", "path": tmp_path / "a" / "example"}
    public = {"kind": "kolada", "kpis": ["N00090"], "municipalities": ["1285"]}
    assert read_key(stated("a", own=own, public=public))
    for real in (
        {"kind": "template", "path": tmp_path},
        {"kind": "ready_files", "path": tmp_path / "elsewhere"},
    ):
        with pytest.raises(KeyMissingError):
            read_key(stated("b", real=real))


def test_real_sources_refuse_to_run_without_a_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORDEL_KEY", raising=False)
    monkeypatch.delenv("FORDEL_KEY_FILE", raising=False)

    with pytest.raises(KeyMissingError, match="openssl rand -hex 32"):
        read_key(Settings.model_validate({"home": tmp_path}))
    published = {"contract": "hr_employment", "path": tmp_path, "is_published": True}
    both = {"open": published, "real": {**published, "is_published": False}}
    with pytest.raises(KeyMissingError):
        read_key(Settings.model_validate({"home": tmp_path / "a", "sources": both}))
    assert read_key(Settings.model_validate({"home": tmp_path / "b", "sources": {"open": published}}))
    monkeypatch.setenv("FORDEL_KEY", "abc")
    with pytest.raises(KeyMissingError, match="64 hexadecimal"):
        read_key(Settings.model_validate({"home": tmp_path}))
