"""Pay: what each post pays a month at full time.

Belongs here: pay by occupation, age, years employed and person, the yearly revision, supplements, and the fit
to N00951.
Does not belong here: what is paid out after leave (frames.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.example.chance import own, own_normal
from pipelines.example.organisation import occupation_list
from pipelines.example.people import HOURLY, People
from pipelines.example.published import MEDIAN_PAY_DIFFERENCE_KR, MEN, WOMEN

YEARLY_RISE = 1.028
REVISION_MONTH = 3  # April, counted from 0
_BASE_REVISION = 2022 * 12 + REVISION_MONTH
_NOISE, _UNSOCIAL_NOISE, _MONTH_NOISE = 21, 22, 23


@dataclass(frozen=True)
class PayScale:
    """Pay for any person, post and month. `men` is the factor on men's pay that fits the published difference."""

    people: People
    seed: int
    men: float = 1.0

    def level(self, month: int) -> float:
        """General level against the revision of April 2022."""
        return YEARLY_RISE ** ((self.people.first + month - _BASE_REVISION) // 12)

    def monthly(self, month: int, who: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Monthly pay at full time, kr, in steps of 50."""
        people = self.people
        now = people.first + month
        revised = now - (now - REVISION_MONTH) % 12
        occupations = occupation_list()
        base = np.array([float(each.pay) for each in occupations])[
            people.organisation.position_occupation[positions]
        ]
        age = np.clip((revised - people["birth"][who]) // 12, 20, 62)
        years = np.clip((revised - people["hire"][who]) // 12, 0, 15)
        factor = (
            (1 + 0.0042 * (age - 43))
            * (1 + 0.0024 * (years - 5))
            * np.exp(0.048 * own_normal(self.seed, _NOISE, who))
        )
        factor *= np.where(people["sex"][who] == MEN, self.men, 1.0)
        factor *= np.where(people.form_in(month, who) == HOURLY, 0.93, 1.0)
        return np.round(base * factor * self.level(month) / 50) * 50

    def variable(self, month: int, who: np.ndarray, positions: np.ndarray) -> np.ndarray:
        """Supplements for unsocial hours at full time, kr with öre."""
        occupations = occupation_list()
        usual = np.array([float(each.unsocial) for each in occupations])[
            self.people.organisation.position_occupation[positions]
        ]
        personal = 0.55 + 0.9 * own(self.seed, _UNSOCIAL_NOISE, who)
        this_month = 0.85 + 0.3 * own(self.seed, _MONTH_NOISE + month * 64, who)
        return np.round(usual * personal * this_month * self.level(month), 2)

    def median_difference(self, month: int) -> float:
        """Women's median minus men's, kr: everybody aged 18–66, supplements included, as N00951 counts."""
        people = self.people
        who = people.employed(month)
        age = (people.first + month - people["birth"][who]) // 12
        who = who[(age >= 18) & (age <= 66)]
        positions, _ = people.position_in(month, who)
        whole = self.monthly(month, who, positions) + self.variable(month, who, positions)
        women = people["sex"][who] == WOMEN
        return float(np.median(whole[women]) - np.median(whole[~women]))


def pay_scale(people: People, calibrated: int, seed: int) -> PayScale:
    """The pay scale whose medians differ as published in the calibrated month of the run."""
    low, high = 0.94, 1.08
    wanted = MEDIAN_PAY_DIFFERENCE_KR * PayScale(people, seed).level(calibrated)
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (
            (middle, high)
            if PayScale(people, seed, middle).median_difference(calibrated) > wanted
            else (low, middle)
        )
    return PayScale(people, seed, (low + high) / 2)
