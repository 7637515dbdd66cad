"""What an attack came to, line by line, as a data-protection officer reads it."""

from pathlib import Path

import pytest

from pipelines.disclosure.attack import Attack, Guess, Place
from pipelines.disclosure.attack_words import report
from warehouse.release import Release

UNIT = {
    "name": {"sv": "Enhet", "en": "Unit"},
    "levels": [{"code": "A1", "sv": "Hemtjänst", "en": "Home care"}],
}
EMPLOYEES = {"name": {"sv": "Anställda", "en": "Employees"}}


def release(name: str) -> Release:
    return Release(Path(name), {"id": name}, {"employees": EMPLOYEES}, {"unit": UNIT}, [], {}, {})


def place(number: str = "n", figure: str = "employees", unit: str | None = "A1") -> Place:
    return (figure, "2026-10", number, (("unit", unit),) if unit else ())


NOTHING = Attack(guesses=[], given_away=[], hidden=1234)
FOUND = Attack(
    # Three, which is too few; none, and twelve, which the rules allow; and two ranges.
    guesses=[
        Guess(place(), 3.0, 3.0),
        Guess(place("numerator"), 0.0, 0.0),
        Guess(place("numerator", unit=None), 1.0, 1.0),
        Guess(place("denominator", unit=None), 12.0, 12.0),
        Guess(place(figure="gone"), 1.0, 6.44),
        Guess(place("numerator", figure="gone"), 2.0, 4.0),
        Guess(place(unit=None), 5.0, 1500.0),
    ],
    given_away=[place("numerator")],
    changed=[(place(), 1.0), (place("denominator"), 2.0)],
    hidden=1234,
    breaches=[Guess(place(), 3.0, 3.0), Guess(place("numerator"), -0.0, 2.0)],
)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "sv",
            [
                "Angrepp på utgåvan r1. Bara det som är publicerat har använts.",
                "Inget skyddat har kunnat räknas ut: inget av 1\N{NO-BREAK SPACE}234 dolda tal avslöjar en grupp med för få "
                "personer.",
                "Inget dolt tal kan räknas ut exakt.",
            ],
        ),
        (
            "en",
            [
                "An attack on the release r1. Only what is published was used.",
                "Nothing protected could be worked out: none of 1,234 hidden numbers tells of a group of too few persons.",
                "No hidden number can be worked out exactly.",
            ],
        ),
    ],
)
def test_nothing_found_is_said_in_three_lines(lang: str, said: list[str]) -> None:
    assert list(report(NOTHING, [release("r1")], lang)) == said


def test_of_several_releases_what_they_tell_together_is_said() -> None:
    assert list(report(FOUND, [release("r1"), release("r2")], "en")) == [
        "An attack on 2 releases together (r1, r2). Only what is published was used.",
        "THE PROTECTION DOES NOT HOLD: 2 of 1,234 hidden numbers tell of groups of too few persons.",
        "4 hidden numbers can be worked out exactly; 1 are zero and 2 large enough to be shown.",
        "One number is hidden in one release and shown in another.",
        "2 numbers have changed between the releases.",
        "",
        "What is told of too few persons:",
        "  3 persons: Employees, 2026-10, unit Home care",
        "  0 to 2 numerator: Employees, 2026-10, unit Home care",
        "",
        "The narrowest ranges of hidden numbers of persons:",
        "  1 to 6.4 persons: gone, 2026-10, unit Home care",
        "  5 to 1,500 persons: Employees, 2026-10, the whole municipality",
    ]


def test_only_so_many_are_listed_and_the_rest_is_counted() -> None:
    lines = list(report(FOUND, [release("r1")], "sv", most=1))
    assert lines[3:] == [
        "",
        "Det som avslöjas:",
        "  3 personer: Anställda, 2026-10, enhet Hemtjänst",
        "  … och 1 till",
        "",
        "De trängsta spannen för dolda antal personer:",
        "  1 till 6,4 personer: gone, 2026-10, enhet Hemtjänst",
        "  … och 1 till",
    ]
    many = Attack([Guess(place(), 1.0, 7.0)] * 12, [])
    assert list(report(many, [release("r1")], "sv"))[-2:] == [
        "  1 till 7 personer: Anställda, 2026-10, enhet Hemtjänst",
        "  … och 2 till",
    ]
