"""Identity numbers and names for people who do not exist.

Belongs here: the rule by which a made-up person gets a number that no real person can have, and a name that
marks itself as made up.
Does not belong here: how numbers are replaced by keys at the door (pipelines/intake/identities.py).

The rule. A Swedish personnummer is yyyymmdd, a birth number of three digits whose last is even for women and
odd for men, and a check digit (Luhn over the ten digits from yy). Only birth numbers 980–999, the range of
the tax agency's test numbers, are given out: ten a day for each sex. Where more people share a birth date and
sex, the rest get an employer's interim number: yyyymmdd, a letter, two digits (parity as above), and the
check digit computed with 1 in the letter's place.
"""

from __future__ import annotations

import numpy as np
import polars as pl

FIRST_BIRTH_NUMBER = 980
NUMBERS_A_DAY = 10
INTERIM_LETTERS = "TRSUWXJKLMN"
_PER_LETTER = 50
LAST_NUMBER = NUMBERS_A_DAY + _PER_LETTER * len(INTERIM_LETTERS) - 1
DAYS_ADDED_IN_COORDINATION_NUMBER = 60

_WOMEN = (
    "Alma Agnes Astrid Elsa Ebba Edit Ester Greta Hanna Hilda Ida Iris Julia Karin Lena Lisa Maja Märta Nora Olga "
    "Petra Rut Sara Selma Siv Sonja Stina Tove Ulla Vera Viola Yrsa Åsa Amina Fatima Leila"
).split()
_MEN = (
    "Adam Algot Anton Arvid Axel Birger Bo Carl David Edvin Emil Erik Folke Gustav Göran Hugo Ivar Johan Kalle Lars "
    "Lennart Martin Nils Olle Oskar Per Ragnar Rolf Sixten Sven Ture Ulf Viktor Åke Ali Hassan"
).split()
# Surnames nobody bears: a byte scan for them finds the column of names and nothing else.
_FIRST_PARTS = "Prov Fiktiv Påhitt Exempel Låtsas Attrapp Blindprov Skenbar".split()
_LAST_PARTS = (
    "lund ström berg gren kvist man dal sjö hage vik holm mark strand skog stig bäck fors rot by näs".split()
)


def _luhn(numbers: np.ndarray) -> np.ndarray:
    """Check digit of nine-digit numbers (yymmdd and birth number) held as integers."""
    total = np.zeros(len(numbers), dtype=np.int64)
    rest = numbers.astype(np.int64)
    for place in range(9):
        digit = rest % 10
        rest //= 10
        # The ninth digit from the left is doubled, the eighth is not, and so on.
        value = digit * 2 if place % 2 == 0 else digit
        total += value - 9 * (value > 9)
    return (-total) % 10


def numbers(
    birth: np.ndarray,
    sex: np.ndarray,
    taken: np.ndarray | None = None,
    coordination: np.ndarray | None = None,
) -> pl.Series:
    """Identity numbers for people in the order in which they got one.

    Args:
        birth: birth dates as integers yyyymmdd.
        sex: 0 woman, 1 man.
        taken: how many numbers of the same date and sex were given before; default: as many as stand earlier
        in `birth`.
        coordination: who gets a coordination number (60 added to the day) instead.

    Returns:
        Twelve characters each, unique.
    """
    day = birth.astype(np.int64)
    order = taken
    if order is None:
        frame = pl.DataFrame({"key": day * 2 + sex})
        order = frame.select(pl.int_range(pl.len()).over("key")).to_series().to_numpy()
    shown = day if coordination is None else day + DAYS_ADDED_IN_COORDINATION_NUMBER * coordination
    fits = order < NUMBERS_A_DAY
    birth_number = np.where(fits, FIRST_BIRTH_NUMBER + 2 * order + sex, 0)
    beyond = np.where(fits, 0, order - NUMBERS_A_DAY)
    if int(order.max(initial=0)) > LAST_NUMBER:
        raise ValueError(
            "more people share a birth date and sex than there are numbers for: make the example smaller"
        )
    serial = 2 * (beyond % _PER_LETTER) + sex
    check = _luhn((shown % 1_000_000) * 1000 + np.where(fits, birth_number, 100 + serial))
    plain = shown * 10_000 + birth_number * 10 + check
    result = pl.Series("person_id", plain).cast(pl.String)
    if fits.all():
        return result
    letters = pl.Series(list(INTERIM_LETTERS)).gather(pl.Series(beyond // _PER_LETTER))
    interim = pl.select(
        pl.concat_str(
            pl.Series(shown).cast(pl.String),
            letters,
            pl.Series(serial).cast(pl.String).str.zfill(2),
            pl.Series(check).cast(pl.String),
        )
    ).to_series()
    return result.zip_with(pl.Series(fits), interim)


def names(sex: np.ndarray, seed: int) -> pl.Series:
    """Made-up names, "Surname, Forename"; surnames that nobody bears."""
    rng = np.random.default_rng([seed, 7])
    surnames = [first + last for first in _FIRST_PARTS for last in _LAST_PARTS]
    women = pl.Series([f"{surname}, {name}" for surname in surnames for name in _WOMEN])
    men = pl.Series([f"{surname}, {name}" for surname in surnames for name in _MEN])
    drawn = rng.random(len(sex))
    return (
        women.gather(pl.Series((drawn * len(women)).astype(np.uint32)))
        .zip_with(pl.Series(sex == 0), men.gather(pl.Series((drawn * len(men)).astype(np.uint32))))
        .alias("name")
    )
