"""Short sickness, and care of a sick child.

Belongs here: how many short spells a month needs for the year's sick hours to be those of N00090, who has
them and when.
Does not belong here: long sickness and other leave (situations.py), the arithmetic of days (spells.py).
"""

from __future__ import annotations

import numpy as np

from pipelines.example import spells as sp
from pipelines.example.chance import picked
from pipelines.example.people import People
from pipelines.example.published import Targets
from pipelines.example.spells import Spells

# Not published: how sickness and care of children swing over the year; index 0 = January.
_SICK_SEASON = np.array([1.17, 1.20, 1.12, 1.0, 0.93, 0.85, 0.78, 0.84, 0.97, 1.05, 1.06, 1.03])
_CHILD_CARE_SEASON = np.array([1.10, 1.25, 1.20, 1.05, 0.95, 0.75, 0.55, 0.65, 0.95, 1.05, 1.05, 1.0])
_CHILD_CARE_SHARE = (0.105, 0.075)
# A spell of child care is one to three days; the last first day leaves room for it in any month.
_LAST_CHILD_CARE_DAY = 25


class Sickness:
    """Short spells of a run, drawn month by month into the run's spells."""

    def __init__(
        self, people: People, targets: Targets, spells: Spells, part_time: np.ndarray, two_posts: np.ndarray
    ) -> None:
        """No hours yet.

        Args:
            people: everybody.
            targets: sick hours by year.
            spells: the run's spells; new ones are added to it.
            part_time: by person, how usual part time is in the occupation; short sickness goes with it.
            two_posts: by person; those with two posts have no spells.
        """
        self.people, self.targets, self.spells = people, targets, spells
        self.part_time, self.two_posts = part_time, two_posts
        self.sick_hours = [0.0, 0.0]
        self.year_hours = [0.0, 0.0]

    def _wanted(self, month: int, sex: int, ordinary: float) -> float:
        """Sick hours of the month; December makes up for what the calendar year is short of."""
        number = self.people.first + month
        if number % 12 == 0:
            self.sick_hours[sex] = self.year_hours[sex] = 0.0
        share = self.targets.sick_share(number, sex) / 100
        usual = share * _SICK_SEASON[number % 12] * ordinary
        if number % 12 != 11 or month < 11:
            return usual
        return float(
            np.clip(
                share * (self.year_hours[sex] + ordinary) - self.sick_hours[sex], 0.7 * usual, 1.3 * usual
            )
        )

    def short(
        self,
        rng: np.random.Generator,
        month: int,
        mine: np.ndarray,
        sex: int,
        ordinary: float,
        percent: np.ndarray,
    ) -> None:
        """Draw the month's short spells of one sex.

        Args:
            rng: the month's generator.
            month: of the run.
            mine: the monthly-paid of the sex.
            sex: 0 woman, 1 man.
            ordinary: ordinary hours of the sex, hourly staff included.
            percent: by person, percent of full time; 0 = not at work.
        """
        spells = self.spells
        _, _, _, working = spells.in_month(month)
        sick = np.isin(spells["kind"], sp.SICK_KINDS) & np.isin(spells["person"], mine)
        hours = working * sp.HOURS_A_DAY * percent[spells["person"]] / 100 * spells["extent"] / 100
        wanted = self._wanted(month, sex, ordinary)
        already = float(hours[sick].sum())
        free = mine[~self.two_posts[mine] & (percent[mine] > 0)]
        on_leave = spells["person"][np.isin(spells["kind"], (*sp.FULL_KINDS, sp.PART_SICK, sp.SHORT_SICK))]
        free = free[~np.isin(free, on_leave)]
        free = picked(rng, free, 0.3 + self.part_time[free], len(free))[rng.permutation(len(free))]
        since, until, day, last = _short_days(rng, month, sp.length(self.people.first + month), len(free))
        trial = Spells(self.people.first)
        trial.add(
            free, kind=sp.SHORT_SICK, extent=100.0, since=since, since_day=day, until=until, until_day=last
        )
        cost = trial.in_month(month)[3] * sp.HOURS_A_DAY * percent[free] / 100
        taken = np.cumsum(cost) <= wanted - already
        self.spells.add(
            free[taken],
            kind=sp.SHORT_SICK,
            extent=100.0,
            since=since[taken],
            since_day=day[taken],
            until=until[taken],
            until_day=last[taken],
        )
        self.sick_hours[sex] += already + float(cost[taken].sum())
        self.year_hours[sex] += ordinary

    def child_care(self, rng: np.random.Generator, month: int, mine: np.ndarray, sex: int) -> None:
        """Draw the month's spells of care of a sick child, one to three days each."""
        spells = self.spells
        number = self.people.first + month
        age = (number - self.people["birth"][mine]) / 12
        free = mine[(age > 25) & (age < 48) & ~np.isin(mine, spells["person"]) & ~self.two_posts[mine]]
        count = round(_CHILD_CARE_SHARE[sex] * _CHILD_CARE_SEASON[number % 12] * len(mine))
        chosen = picked(rng, free, np.ones(len(free)), min(count, len(free)))
        day = rng.integers(1, _LAST_CHILD_CARE_DAY + 1, len(chosen))
        self.spells.add(
            chosen,
            kind=sp.CHILD_CARE,
            extent=100.0,
            since=month,
            since_day=day,
            until=month,
            until_day=day + rng.integers(0, 3, len(chosen)),
        )


def _short_days(
    rng: np.random.Generator, month: int, days: int, count: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """First and last day of short spells that begin in the month: most a few days, none longer than 27."""
    kind = rng.random(count)
    length = np.where(
        kind < 0.6,
        rng.integers(1, 5, count),
        np.where(kind < 0.87, rng.integers(4, 10, count), rng.integers(9, 28, count)),
    )
    first = rng.integers(1, days + 1, count)
    last = first + length - 1
    over = last > days
    return np.full(count, month), month + over.astype(np.int64), first, np.where(over, last - days, last)
