"""The audit's record as a page: every number where it belongs, in words that both languages' readers know."""

from html.parser import HTMLParser
from typing import Any

import pytest

from pipelines.disclosure.record_page import render, table_name
from warehouse.key_figures.catalogue import catalogue

EMPLOYEES = {"protection": "membership", "figure": "employees", "breakdown": "total", "shown": 1, "hidden": 0}
AUDIT: dict[str, Any] = {
    "passed": True,
    "rules": {
        "membership": {"smallest": 5, "is_broken_down": True},
        "municipality": {"smallest": 1, "is_broken_down": False},
    },
    "calendar": {
        "counted_from": "2026-10-31",
        "lines": {
            "membership": [
                {"figures": ["employees", "gone"], "only": ["sex"], "every": 6},
                {"figures": ["employees"], "only": [], "every": 1},
                {"only": ["department", "sex"], "every": 1},
                {"every": 12},
            ],
            "municipality": [{"every": 1}],
        },
    },
    "cells": {"shown": 1200, "hidden": 30, "missing": 4},
    "secrets": 1500,
    "derivable": 0,
    "seconds": 2.5,
    "narrowest_persons": 4.0,
    "narrowest_sums_percent": None,
    "classes": [
        {"protection": "membership", "breakdown": "department,sex", "shown": 8, "hidden": 3},
        {"protection": "municipality", "breakdown": "total", "shown": 0, "hidden": 0},
    ],
    "dates": [
        {
            "period_end": "2026-09-30",
            "fingerprint": "aa",
            "passed": True,
            "not_understood": ["response_rate", "gone"],
            "seconds": 1.0,
            "tables": [EMPLOYEES | {"shown": 0, "hidden": 1}],
        },
        {
            "period_end": "2026-10-31",
            "fingerprint": "bb",
            "passed": False,
            "not_understood": [],
            "seconds": 1.5,
            "tables": [
                EMPLOYEES,
                EMPLOYEES | {"figure": "gone", "breakdown": "unit,sex", "shown": 7, "hidden": 2},
            ],
        },
    ],
}

BLOCKS = frozenset({"title", "h1", "h2", "p", "li", "caption", "tr"})


class Reader(HTMLParser):
    """The page as a reader has it: one line per paragraph, heading or row; numbers are marked with #."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self._is_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        self._is_style = tag == "style"
        if tag in BLOCKS:
            self.lines.append("")
        elif tag in {"td", "th"}:
            self.lines[-1] += f"|{'#' if ('class', 'number') in attrs else ''}"

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._is_style:
            self.lines[-1] += data


def read(audit: dict[str, Any], lang: str) -> Reader:
    reader = Reader()
    reader.feed(render(audit, lang, "Lillköping & co", catalogue()))
    return reader


def test_every_number_stands_where_it_belongs() -> None:
    reader = read(AUDIT, "sv")
    assert [line for line in reader.lines if line.startswith("|")] == [
        "|Skyddsklass|Minst antal|Får delas upp|Nya siffror",
        "|Vem som arbetar var|5|ja|Anställda, antal och gone, totalt och per kön: var 6:e månad; "
        "Anställda, antal, totalt: varje månad; totalt och per förvaltning och kön: varje månad; annars: var 12:e månad",
        "|Hela kommunen|visas alltid|nej|varje månad",
        "|Skyddsklass|Indelning|#Visas|#Visas inte|Andel som visas",
        "|Vem som arbetar var|förvaltning och kön|#8|#3|73\N{NO-BREAK SPACE}%",
        "|Hela kommunen|hela kommunen|#0|#0|–",
        "|Sista dag|Utslag|#Tabeller|#Visas|#Visas inte|#Sekunder|Hålls inne, utom för hela kommunen|Innehållets fingeravtryck",
        "|2026-10-31|underkänd|#2|#8|#2|#1,5|–|bb",
        "|2026-09-30|godkänd|#1|#0|#1|#1|Svarsfrekvens, gone|aa",
        "|Nyckeltal|Indelning|Skyddsklass|Sista dag|#Visas|#Visas inte",
        "|Anställda, antal|hela kommunen|Vem som arbetar var|2026-10-31|#1|#0",
        "|gone|enhet och kön|Vem som arbetar var|2026-10-31|#7|#2",
    ]
    assert reader.attributes.count(("div", "class", "verdict")) == 1


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        (
            "sv",
            [
                "Protokoll över röjandekontrollen",
                "Protokoll över röjandekontrollen",
                "Lillköping & co. Protokollet hör till utgåvan med siffror till och med 31 oktober 2026 och ligger i samma "
                "mapp. Det innehåller inga värden.",
                "Utslag",
                "Utgåvan är godkänd. Inget av de 1\N{NO-BREAK SPACE}500 skyddade talen kan räknas ut ur det som visas, varken "
                "ur en utgåva eller ur flera.",
                "Den som försöker räkna ut ett skyddat antal personer kommer som närmast till ett spann på 4 personer.",
                "Av 1\N{NO-BREAK SPACE}234 tal i tabellerna visas 1\N{NO-BREAK SPACE}200; 30 visas inte och 4 är inte "
                "rapporterade.",
                "Granskningen av alla datum i utgåvan har tagit 2,5 sekunder. Ett datum som inte har ändrats granskas inte "
                "igen.",
                "Så skyddas siffrorna",
            ],
        ),
        (
            "en",
            [
                "Record of the disclosure audit",
                "Record of the disclosure audit",
                "Lillköping & co. This record belongs to the release with figures up to 31 October 2026 and lies in the same "
                "folder. It holds no values.",
                "Verdict",
                "The release has passed. None of the 1,500 protected numbers can be worked out from what is shown, in one "
                "release or in several.",
                "Whoever tries to work out a protected number of persons comes no closer than a range of 4 persons.",
                "Of 1,234 numbers in the tables 1,200 are shown; 30 are not shown and 4 are not reported.",
                "Auditing all dates of the release has taken 2.5 seconds. A date that has not changed is not audited again.",
                "How the figures are protected",
            ],
        ),
    ],
)
def test_the_verdict_is_said_in_words(lang: str, said: list[str]) -> None:
    reader = read(AUDIT, lang)
    assert reader.lines[: len(said)] == said
    assert ("html", "lang", lang) in reader.attributes
    # Five steps of the method, then a heading and what the first table is.
    assert [line.startswith("|") for line in reader.lines].index(True) == len(said) + 5 + 2
    sections = ["verdict", "method", "rules", "classes", "dates", "tables"]
    assert [value for tag, name, value in reader.attributes if (tag, name) == ("h2", "id")] == sections
    labelled = [
        value for tag, name, value in reader.attributes if (tag, name) == ("section", "aria-labelledby")
    ]
    assert labelled == sections


def test_a_failed_audit_says_how_much_can_be_worked_out() -> None:
    failed = AUDIT | {
        "passed": False,
        "derivable": 1234,
        "narrowest_persons": None,
        "narrowest_sums_percent": 12.34,
    }
    reader = read(failed, "en")
    assert reader.lines[4:6] == [
        "The release has not passed and must not be passed on: 1,234 protected numbers can be worked out.",
        "Whoever tries to work out a protected sum (hours, pay, answers) comes no closer than a range of 12.3 percent of the "
        "sum.",
    ]
    assert ("div", "class", "verdict failed") in reader.attributes


def test_a_release_without_dates_is_dated_by_its_calendar() -> None:
    reader = read(AUDIT | {"dates": [], "classes": []}, "en")
    assert "31 October 2026" in reader.lines[2]
    assert not any("2026" in line for line in reader.lines[3:])
    # A table with one row is marked by that row.
    one = read(AUDIT | {"dates": AUDIT["dates"][:1]}, "en")
    assert "|2026-09-30|passed|#1|#0|#1|#1|Response rate, gone|aa" in one.lines
    assert (
        "|Last day|Verdict|#Tables|#Shown|#Not shown|#Seconds|Withheld, but for the whole municipality|Fingerprint of the content"
        in one.lines
    )


@pytest.mark.parametrize(
    ("figure", "breakdown", "lang", "name"),
    [
        ("employees", "total", "sv", "Anställda, antal (hela kommunen)"),
        ("employees", "department,sex,age_group", "en", "Employees, number (department, sex and age group)"),
        ("gone", "unit", "en", "gone (unit)"),
    ],
)
def test_a_table_has_a_name(figure: str, breakdown: str, lang: str, name: str) -> None:
    assert table_name(catalogue(), figure, breakdown, lang) == name
