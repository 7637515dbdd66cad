"""Numbers, months and moments as people read them."""

from __future__ import annotations

import pytest

from dashboards.numbers import numbers

PERCENT = {"unit": "percent", "decimals": 1}
COUNT = {"unit": "count", "decimals": 0}


@pytest.mark.parametrize(
    ("lang", "value", "decimals", "written"),
    [
        ("sv", 34567.5, 1, "34\u00a0567,5"),
        ("en", 34567.5, 1, "34,567.5"),
        ("sv", -1.25, 2, "\u22121,25"),
        ("en", -3, 0, "\u22123"),
        ("sv", -0.04, 1, "0,0"),
        ("sv", 0.0, 0, "0"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    lang: str, value: float, decimals: int, written: str
) -> None:
    assert numbers(lang).plain(value, decimals) == written


def test_a_share_has_its_sign_in_tables_and_its_word_in_sentences() -> None:
    assert numbers("sv").value(PERCENT, 78.24) == "78,2\u00a0%"
    assert numbers("en").value(PERCENT, 78.24) == "78.2%"
    assert numbers("sv").spoken(PERCENT, 78.24) == "78,2\u00a0procent"
    assert numbers("en").spoken(PERCENT, 78.24) == "78.2\u00a0percent"


def test_a_target_has_no_more_decimals_than_it_was_given() -> None:
    assert numbers("sv").brief(PERCENT, 90) == "90\u00a0%"
    assert numbers("sv").brief(PERCENT, 7.5) == "7,5\u00a0%"


def test_one_day_is_no_days_and_a_decimal_makes_it_many() -> None:
    whole, finer = ({"unit": "days", "decimals": decimals} for decimals in (0, 1))
    assert numbers("sv").spoken(whole, 1.2) == "1\u00a0dag"
    assert numbers("en").value(whole, -1) == "\u22121\u00a0day"
    assert numbers("sv").value(whole, 5) == "5\u00a0dagar"
    assert numbers("sv").spoken(finer, 1) == "1,0\u00a0dagar"


def test_hidden_and_missing_are_told_apart() -> None:
    shown = {"status": "shown", "value": 12.0, "n": 40}
    hidden = {"status": "hidden", "value": None, "n": None}
    assert numbers("sv").cell(COUNT, shown) == "12"
    assert numbers("sv").cell(COUNT, hidden) == ".."
    assert numbers("sv").cell(COUNT, hidden, "n") == ".."
    assert numbers("sv").cell(COUNT, {**hidden, "status": "missing"}) == "-"
    assert numbers("sv").cell(COUNT, None) == "-"
    assert numbers("sv").cell(COUNT, {**shown, "n": None}, "n") == "-"


def test_months_and_moments() -> None:
    assert numbers("sv").period("2026-10") == "oktober 2026"
    assert numbers("en").period("2026-10") == "October 2026"
    assert numbers("sv").period("2026") == "2026"
    assert numbers("sv").moment("2026-10-31T02:05:12+00:00") == "31 okt. 2026 03:05"
    assert numbers("sv").moment("2026-07-01T00:30:00") == "1 juli 2026 02:30"


def test_a_machines_numbers_become_peoples() -> None:
    assert numbers("sv").within("37.45–62.67") == "37,45–62,67"
    assert numbers("sv").within("-2.448–2.567") == "\u22122,45–2,57"
    assert numbers("sv").within("4.325e+05–5.076e+05") == "432\u00a0500–507\u00a0600"
    assert numbers("sv").within("2026-10") == "2026-10"
