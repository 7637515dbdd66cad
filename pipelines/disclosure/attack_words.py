"""What came of an attack, in words for a data-protection officer.

Belongs here: the order of what is said, and names instead of codes. Does not belong here: the attack (attack.py), and the
words themselves (warehouse/texts/attack.yaml).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from babel.numbers import format_decimal

from pipelines.disclosure.attack import Attack, Guess, Place
from warehouse.release import Release
from warehouse.texts import Words

LOCALES = {"sv": "sv_SE", "en": "en_GB"}


def report(found: Attack, releases: Sequence[Release], lang: str, most: int = 10) -> Iterator[str]:
    """The lines of the report.

    Args:
        found: what the attack came to.
        releases: those that were attacked, oldest first.
        lang: sv or en.
        most: how many breaches and ranges are listed.
    """
    words, latest = Words(lang), releases[-1]
    ids = ", ".join(release.id for release in releases)
    yield words.count("attack.head", len(releases), n=str(len(releases)), ids=ids)
    hidden = _number(found.hidden, lang)
    yield words.count(
        "attack.verdict", len(found.breaches), n=_number(len(found.breaches), lang), hidden=hidden
    )
    harmless = [guess for guess in found.derived if guess not in found.breaches]
    nothing = sum(abs(guess.low) < 1 for guess in harmless)
    counts = {"nothing": _number(nothing, lang), "large": _number(len(harmless) - nothing, lang)}
    yield words.count("attack.exact", len(found.derived), n=_number(len(found.derived), lang), **counts)
    if releases[1:]:
        for name, numbers in (("given_away", found.given_away), ("changed", found.changed)):
            yield words.count(f"attack.{name}", len(numbers), n=_number(len(numbers), lang))
    persons = [guess for guess in found.guesses if guess.place[2] == "n" and not guess.is_exact]
    for name, guesses in (("breaches", found.breaches), ("narrowest", persons)):
        if guesses:
            yield ""
            yield words(f"attack.{name}")
            yield from (f"  {_said(guess, latest, lang)}" for guess in guesses[:most])
            if guesses[most:]:
                yield f"  {words('attack.more', n=_number(len(guesses) - most, lang))}"


def _said(guess: Guess, release: Release, lang: str) -> str:
    words = Words(lang)
    low, high = (_number(round(end, 1), lang) for end in (guess.low, guess.high))
    width = low if guess.is_exact else words("attack.range", low=low, high=high)
    return f"{width} {words(f'attack.numbers.{guess.place[2]}')}: {_place(guess.place, release, lang)}"


def _place(place: Place, release: Release, lang: str) -> str:
    figure, period, _, group = place
    name = release.figures.get(figure, {}).get("name", {}).get(lang, figure)
    parts = [
        f"{release.dimensions[dimension]['name'][lang].lower()} {release.label(dimension, code, lang)}"
        for dimension, code in group
    ]
    return f"{name}, {period}, {', '.join(parts) or Words(lang)('attack.whole')}"


def _number(value: float, lang: str) -> str:
    return format_decimal(value + 0.0, format="#,##0.#", locale=LOCALES[lang])
