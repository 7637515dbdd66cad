"""What Eslöv has published about its personnel, and the head counts the example aims at month by month.

Belongs here: the published facts as numbers with their Kolada ids, and their scaling to another size and month.
Does not belong here: people; nothing in this module is drawn at random.

Source: Kolada (RKA), personnel statistics of SKR and SCB, municipality 1285, November 2017–2022, women and men.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

WOMEN, MEN = 0, 1
SEXES = (WOMEN, MEN)
YEARS = (2017, 2018, 2019, 2020, 2021, 2022)
BASE_SIZE = 2924  # N00053, both sexes, 2022

# Counts, one per year of YEARS. Women first, then men.
MONTHLY = ((2356, 2340, 2297, 2292, 2319, 2290), (563, 570, 581, 579, 621, 634))  # N00053
HOURLY = ((281, 307, 303, 277, 255, 280), (93, 106, 119, 125, 114, 95))  # N00230
PERMANENT = ((2106, 2098, 2094, 2103, 2144, 2122), (467, 488, 492, 495, 531, 559))  # N00233
AGED_55 = ((638, 630, 624, 605, 647, 662), (151, 150, 146, 146, 152, 143))  # N00219, of monthly + hourly
AGREED_75 = ((362, 348, 345, 333, 297, 245), (47, 45, 44, 49, 57, 44))  # N00234, agreed 75–99 %
AGREED_1 = ((123, 120, 108, 99, 91, 86), (30, 29, 35, 32, 26, 21))  # N00235, agreed 1–74 %
WORKING_FULL = ((1335, 1369, 1330, 1381, 1462, 1530), (436, 444, 451, 445, 484, 502))  # N00236
WORKING_75 = ((621, 600, 591, 525, 489, 441), (62, 61, 60, 64, 69, 60))  # N00237
WORKING_1 = ((170, 167, 166, 151, 142, 140), (38, 38, 37, 38, 36, 42))  # N00238
# Percent of ordinary hours over the calendar year, N00090.
SICK_SHARE = ((8.4, 8.0, 8.0, 9.7, 8.8, 9.1), (4.6, 5.0, 4.9, 6.2, 6.2, 5.9))
# Women's median pay minus men's, kr, N00951, November 2022.
MEDIAN_PAY_DIFFERENCE_KR = 1485.0

# Not published by month; believable for a Swedish municipality. Index 0 = January; November is 1 so that it stays exact.
HOURLY_SEASON = (1.0, 1.0, 1.0, 1.0, 1.05, 1.25, 1.4, 1.2, 1.0, 1.0, 1.0, 1.05)
TEMPORARY_SEASON = (1.0, 1.0, 1.0, 1.0, 1.0, 1.02, 1.04, 1.06, 1.03, 1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Counts:
    """How many persons of one sex are to be in each situation in one month."""

    permanent: int
    temporary: int
    hourly: int
    aged_55: int
    agreed_75: int
    agreed_1: int
    full_leave: int
    working_75: int
    working_1: int

    @property
    def monthly(self) -> int:
        """Monthly-paid persons, on leave or not."""
        return self.permanent + self.temporary


@dataclass(frozen=True)
class Targets:
    """The counts of every month of a run.

    Months are numbered year × 12 + month − 1. `calibrated` is the November that stands for November 2022; the earlier
    Novembers stand for 2021, 2020, … and the months between lie on straight lines. After it the level of 2022 stays.
    """

    size: int
    calibrated: int

    def _at(self, table: tuple[tuple[int, ...], ...], sex: int, month: int) -> float:
        year = 2022 + (month - self.calibrated) / 12
        return float(np.interp(year, YEARS, table[sex])) * self.size / BASE_SIZE

    def counts(self, month: int, sex: int) -> Counts:
        """The counts of one month and sex, whole persons; parts always add up."""
        calendar = month % 12
        women = round(self._at(MONTHLY, WOMEN, month))
        both = round(self._at(MONTHLY, WOMEN, month) + self._at(MONTHLY, MEN, month))
        monthly = women if sex == WOMEN else both - women
        permanent = min(round(self._at(PERMANENT, sex, month)), monthly)
        temporary = round((monthly - permanent) * TEMPORARY_SEASON[calendar])
        hourly = round(self._at(HOURLY, sex, month) * HOURLY_SEASON[calendar])
        active = sum(self._at(table, sex, month) for table in (WORKING_FULL, WORKING_75, WORKING_1))
        return Counts(
            permanent=permanent,
            temporary=temporary,
            hourly=hourly,
            aged_55=round(self._at(AGED_55, sex, month)),
            agreed_75=round(self._at(AGREED_75, sex, month)),
            agreed_1=round(self._at(AGREED_1, sex, month)),
            full_leave=round(self._at(MONTHLY, sex, month) - active),
            working_75=round(self._at(WORKING_75, sex, month)),
            working_1=round(self._at(WORKING_1, sex, month)),
        )

    def sick_share(self, month: int, sex: int) -> float:
        """Sick hours in percent of ordinary hours over the calendar year that the month lies in."""
        year = 2022 + month // 12 - self.calibrated // 12
        return SICK_SHARE[sex][int(np.clip(year - YEARS[0], 0, len(YEARS) - 1))]
