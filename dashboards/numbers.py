"""Numbers, months and dates as people read them.

Belongs here: the one place that turns a number or a date into words of a language.
Does not belong here: which number is shown, and sentences (warehouse/texts).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.lists import format_list
from babel.numbers import format_decimal

from warehouse.texts import Words

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
SEPARATORS = {"sv": ",\u00a0", "en": ".,"}
THOUSAND = 1000
# Not a date, a code or a part of a word: digits that stand alone.
MACHINE_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?:e[+-]\d+)?(?![\w-])")
MONTH = re.compile(r"\d{4}-\d{2}")
SPOKEN = ("percentage_points",)
"""Units without a sign, that must be said where nothing beside the number says them."""
MINUS = "\u2212"
HIDDEN, NOT_APPLICABLE, NOT_REPORTED = "..", ".", "-"
STOCKHOLM = ZoneInfo("Europe/Stockholm")


@functools.lru_cache(maxsize=32)
def _pattern(decimals: int) -> str:
    return "#,##0" + ("." + "0" * decimals if decimals else "")


@functools.lru_cache(maxsize=16_384)
def _decimal(rounded: float, decimals: int, lang: str) -> str:
    return format_decimal(rounded, format=_pattern(decimals), locale=LOCALES[lang]).replace("-", MINUS)


@functools.lru_cache(maxsize=2_048)
def _month(period: str, form: str, lang: str) -> str:
    if not MONTH.fullmatch(period):
        return period
    return format_date(date(int(period[:4]), int(period[5:7]), 1), form, locale=LOCALES[lang])


class Numbers:
    """How numbers and dates are written in one language."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.locale = Locale.parse(LOCALES[lang])
        self.words = Words(lang)

    def plain(self, value: float, decimals: int = 0) -> str:
        """`34 567,5` with a no-break space, and U+2212 for minus; never a minus before zero."""
        return _decimal(round(float(value), decimals) + 0.0, decimals, self.lang)

    def unit(self, value: float, unit: str, decimals: int) -> str:
        """With the unit's sign, as in tables and tiles: `78,2 %`."""
        written = self.plain(value, decimals)
        sign = f"common.signs.{unit}"
        return self._with(sign, written).replace(" ", "\u00a0")

    def value(self, figure: Mapping[str, Any], value: float) -> str:
        """A value in its figure's unit and decimals, with the unit's sign."""
        return self.unit(value, str(figure["unit"]), int(figure["decimals"]))

    def spoken(self, figure: Mapping[str, Any], value: float) -> str:
        """A value as in a sentence: `78,2 procent`."""
        written = self.plain(value, int(figure["decimals"]))
        said = f"common.units.{figure['unit']}"
        return self._with(said, written).replace(" ", "\u00a0", 1)

    def _with(self, key: str, written: str) -> str:
        """A number with its unit, where that has words: `1 dag`, but `1,0 dagar`."""
        if not self.words.has(key):
            return written
        is_one = written.lstrip(MINUS) == "1"
        return self.words.count(key, 1 if is_one else 0, n=written)

    def brief(self, figure: Mapping[str, Any], value: float) -> str:
        """A value that was chosen, not measured (a target): with no more decimals than it has."""
        if figure["unit"] in SPOKEN:
            return self.brief_spoken(figure, value)
        return self.unit(value, str(figure["unit"]), _chosen(figure, value))

    def brief_spoken(self, figure: Mapping[str, Any], value: float) -> str:
        """The same as in a sentence: `90 procent`."""
        return self.spoken({**figure, "decimals": _chosen(figure, value)}, value)

    def cell(self, figure: Mapping[str, Any], cell: Mapping[str, Any] | None, column: str = "value") -> str:
        """What a table says of a cell: its number, `..` where it is hidden, `-` where nothing was reported."""
        if cell is None or cell["status"] == "missing":
            return NOT_REPORTED
        if cell["status"] != "shown":
            return HIDDEN
        if cell[column] is None:
            # A shown figure of other than persons: nobody has told how many are behind it.
            return NOT_REPORTED
        return self.plain(cell["n"]) if column == "n" else self.value(figure, cell[column])

    def alone(self, figure: Mapping[str, Any], cell: Mapping[str, Any] | None) -> str:
        """What is said of a cell that stands by itself: with its unit, however long that is."""
        is_spoken = figure["unit"] in SPOKEN and cell is not None and cell["status"] == "shown"
        return (
            self.spoken(figure, cell["value"]) if cell is not None and is_spoken else self.cell(figure, cell)
        )

    def within(self, text: str) -> str:
        """A text from a machine (`37.45–62.67`, `-1.2`, `4.3e+05`) with its numbers as people read them."""
        return MACHINE_NUMBER.sub(lambda found: self._rewritten(found[0]), text)

    def _rewritten(self, number: str) -> str:
        value = float(number)
        decimals = (
            0 if value.is_integer() or abs(value) >= THOUSAND else min(len(number.partition(".")[2]), 2)
        )
        return self.plain(value, decimals)

    def listed(self, parts: Sequence[str]) -> str:
        """`a, b och c`."""
        return format_list(list(parts), locale=self.locale)

    def counted(self, number: int) -> str:
        """A small number as running text has it: `åtta`."""
        words = self.words("common.counted").split()
        return words[number] if number < len(words) else self.plain(number)

    def period(self, period: str) -> str:
        """`2026-10` → `oktober 2026`; `2026` stays."""
        return _month(period, "MMMM y", self.lang)

    def short_period(self, period: str) -> str:
        """`2026-10` → `okt. 2026`."""
        return _month(period, "MMM y", self.lang)

    def day(self, moment: str | None) -> str:
        """The day of an ISO date."""
        if not moment:
            return NOT_REPORTED
        return format_date(date.fromisoformat(str(moment)[:10]), "d MMMM y", locale=self.locale)

    def moment(self, moment: str | None) -> str:
        """Day and clock of an ISO moment, in Sweden. A moment without an offset is in UTC."""
        if not moment:
            return NOT_REPORTED
        return format_datetime(_swedish(moment), "d MMM y HH:mm", locale=self.locale)


def _chosen(figure: Mapping[str, Any], value: float) -> int:
    """The decimals a chosen value has, at most its figure's."""
    most = int(figure["decimals"])
    return next((places for places in range(most) if value == round(value, places)), most)


def _swedish(moment: str) -> datetime:
    parsed = datetime.fromisoformat(str(moment))
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(STOCKHOLM)


def bare(written: Sequence[str]) -> str:
    """Several shares side by side without their signs: `74,7 / 88,5`."""
    return " / ".join(part.replace("\u00a0%", "").replace("%", "") for part in written)


@functools.lru_cache(maxsize=4)
def numbers(lang: str) -> Numbers:
    """The way of writing of a language."""
    return Numbers(lang)
