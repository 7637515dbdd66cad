"""What each employee's month looks like: working time, leave and sickness.

Belongs here: the month-by-month simulation of agreed and actual working time, full leave, lighter working
time and long sickness. Counts follow published.py exactly where they are published.
Does not belong here: who is employed (people.py), short sickness (sickness.py), pay (pay.py), columns and files.

A pool is a situation with a wanted number of people: those whose time is over leave it, and chance picks
others to fill it. Full leave is decided one month ahead, so that a spell can begin in the middle of the month
before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipelines.example import spells as sp
from pipelines.example.chance import own, picked
from pipelines.example.organisation import occupation_list
from pipelines.example.people import HOURLY, TEMPORARY, People
from pipelines.example.published import SEXES, Counts, Targets
from pipelines.example.sickness import Sickness
from pipelines.example.spells import Spells

FULL, FROM_75, FROM_1 = 0, 1, 2  # classes of working time: 100, 75–99, 1–74 percent
TWO_POSTS_SHARE = 0.009
_TWO_POSTS, _HOURS = 31, 32
_PERCENT = {
    FROM_75: (np.array([75.0, 80.0, 85.0, 90.0, 95.0]), np.array([0.34, 0.27, 0.17, 0.16, 0.06])),
    FROM_1: (np.array([25.0, 40.0, 50.0, 60.0, 62.5, 70.0]), np.array([0.04, 0.07, 0.42, 0.18, 0.11, 0.18])),
}
# Not published: how full leave divides between parental, other and sick leave.
_PARENTAL_SHARE, _SICK_SHARE = (0.50, 0.38), (0.25, 0.27)
# Not published for Eslöv: hours in spells of 60 days or more ÷ sick hours.
LONG_SHARE = 0.38


@dataclass(frozen=True)
class Situation:
    """One month of the run: one element per employed person, and the spells as they are in the month."""

    month: int
    who: np.ndarray
    is_hourly: np.ndarray
    agreed: np.ndarray
    actual: np.ndarray
    full_leave: np.ndarray
    has_two_posts: np.ndarray
    ordinary_hours: np.ndarray
    spells: Spells


class Simulation:
    """State that goes from month to month; arrays have one element per person ever."""

    def __init__(self, people: People, targets: Targets, seed: int) -> None:
        """Nobody is in any situation yet."""
        everybody = np.arange(len(people))
        occupations = occupation_list()
        self.people, self.targets, self.seed = people, targets, seed
        self.part_time = np.array([each.part_time for each in occupations])[
            people.organisation.position_occupation[people["position"]]
        ]
        self.is_chief = people.organisation.level[people["position"]] > 0
        self.kind = np.zeros(len(people), np.int8)
        self.agreed = np.full(len(people), 100.0)
        # Percent of full time while working less than agreed; 0 = does not.
        self.lighter = np.zeros(len(people))
        self.two_posts = (
            (own(seed, _TWO_POSTS, everybody) < TWO_POSTS_SHARE) & ~self.is_chief & (people["form"] != HOURLY)
        )
        self.busy = np.zeros(len(people), bool)
        self.known = np.zeros(len(people), bool)
        self.spells = Spells(people.first)
        self.sickness = Sickness(people, targets, self.spells, self.part_time, self.two_posts)

    def run(self) -> Iterator[Situation]:
        """The months in order."""
        people = self.people
        for month in range(people.months):
            rng = np.random.default_rng([self.seed, 3, month])
            if month == 0:
                self._begin(rng)
            who = people.employed(month)
            gone = np.ones(len(people), bool)
            gone[who] = False
            self.spells.forget(month, gone)
            self.busy[:] = False
            self.busy[self.spells["person"]] = True
            form = people.form_in(month, who)
            for sex in SEXES:
                mine = who[(people["sex"][who] == sex) & (form != HOURLY)]
                counts = self.targets.counts(people.first + month, sex)
                self._agree(rng, mine, counts)
                self._lighten(rng, month, mine, counts)
                self._part_sick(rng, month, mine, sex)
                self._plan_full_leave(rng, month, mine, sex)
            yield self._situation(rng, month, who, form == HOURLY)

    def _free(self, who: np.ndarray) -> np.ndarray:
        return who[~self.busy[who] & ~self.two_posts[who]]

    def _add(self, who: np.ndarray, **values: np.ndarray | int | float) -> None:
        self.spells.add(who, **values)
        self.busy[who] = True

    def _wanted_leave(self, month: int, sex: int) -> tuple[int, int, int]:
        total = self.targets.counts(self.people.first + month, sex).full_leave
        parental, sick = round(total * _PARENTAL_SHARE[sex]), round(total * _SICK_SHARE[sex])
        return parental, total - parental - sick, sick

    def _leave_weight(self, kind: int, month: int, who: np.ndarray) -> np.ndarray:
        age = (self.people.first + month - self.people["birth"][who]) / 12
        chief = np.where(self.is_chief[who], 0.4, 1.0)
        if kind in (sp.PARENTAL, sp.LIGHTER_PARENTAL):
            centre, width = (32, 4.5) if kind == sp.PARENTAL else (36, 5)
            return chief * np.exp(-(((age - centre) / width) ** 2) / 2)
        if kind in (sp.SICK, sp.PART_SICK):
            return chief * np.clip((age - 15) / 30, 0.2, 1.6) * (0.4 + self.part_time[who])
        return chief

    @staticmethod
    def _months_of_leave(rng: np.random.Generator, kind: int, sex: int, count: int) -> np.ndarray:
        """Whole months that a new full leave takes; two at least, so that a sick one reaches 60 days."""
        mean = {sp.PARENTAL: (8.0, 3.5)[sex], sp.OTHER: 10.0, sp.SICK: 3.2}[kind]
        return 2 + rng.geometric(1 / mean, count) - 1

    def _begin(self, rng: np.random.Generator) -> None:
        """Full leave that was going on before the first month."""
        people = self.people
        who = people.employed(0)
        for sex in SEXES:
            mine = who[(people["sex"][who] == sex) & (people["form"][who] != HOURLY)]
            for kind, count in zip(sp.FULL_KINDS, self._wanted_leave(0, sex), strict=True):
                chosen = picked(rng, self._free(mine), self._leave_weight(kind, 0, self._free(mine)), count)
                self._add(
                    chosen,
                    kind=kind,
                    extent=100.0,
                    since=-rng.integers(1, 5, len(chosen)),
                    since_day=rng.integers(2, 28, len(chosen)),
                    until=1 + rng.geometric(1 / 4.0, len(chosen)) - 1,
                    until_day=rng.integers(1, 27, len(chosen)),
                )

    def _agree(self, rng: np.random.Generator, mine: np.ndarray, counts: Counts) -> None:
        """Agreed working time: newcomers by occupation, then as few changes as the published counts ask for."""
        new = mine[~self.known[mine]]
        self.known[new] = True
        weight = self.part_time[mine] ** 1.5
        drawn: np.ndarray = (
            rng.random(len(new)) * weight.mean() / np.maximum(self.part_time[new] ** 1.5, 0.05)
        )
        share_1, share_75 = counts.agreed_1 / len(mine), counts.agreed_75 / len(mine)
        self._set_class(rng, new[drawn < share_1], FROM_1)
        self._set_class(rng, new[(drawn >= share_1) & (drawn < share_1 + share_75)], FROM_75)
        for kind, target in ((FROM_1, counts.agreed_1), (FROM_75, counts.agreed_75)):
            # Those who work less than agreed keep their agreement meanwhile, or the two would contradict each other.
            movable = mine[self.lighter[mine] == 0]
            excess = int((self.kind[mine] == kind).sum()) - target
            inside = movable[self.kind[movable] == kind]
            self._set_class(rng, picked(rng, inside, 1 / weight[np.isin(mine, inside)], excess), FULL)
            outside = movable[(self.kind[movable] == FULL) & ~self.busy[movable]]
            self._set_class(rng, picked(rng, outside, self.part_time[outside] ** 1.5, -excess), kind)

    def _set_class(self, rng: np.random.Generator, who: np.ndarray, kind: int) -> None:
        self.kind[who] = kind
        if kind == FULL:
            self.agreed[who] = 100.0
        else:
            percent, share = _PERCENT[kind]
            self.agreed[who] = rng.choice(percent, len(who), p=share)

    def _lighten(self, rng: np.random.Generator, month: int, mine: np.ndarray, counts: Counts) -> None:
        """Those who for some years work less than agreed; N00236–N00238 say how many, among those not on full leave."""
        spells = self.spells
        away = spells["person"][spells.full(month)]
        active = mine[~np.isin(mine, away)]
        is_lighter = np.isin(spells["kind"], sp.LIGHTER_KINDS)
        self.lighter[mine] = np.where(np.isin(mine, spells["person"][is_lighter]), self.lighter[mine], 0.0)
        below = max(0, counts.working_1 - int((self.kind[active] == FROM_1).sum()))
        full = int((self.kind[active] == FULL).sum()) - (len(active) - counts.working_75 - counts.working_1)
        from_full_to_1 = min(round(below * 0.65), max(full, 0))
        wanted = (
            (FULL, FROM_75, max(0, full - from_full_to_1)),
            (FULL, FROM_1, from_full_to_1),
            (FROM_75, FROM_1, below - from_full_to_1),
        )
        for before, after, count in wanted:
            in_pool = mine[
                (self.lighter[mine] > 0)
                & (self.kind[mine] == before)
                & ((self.lighter[mine] >= 75) == (after == FROM_75))
            ]
            over = picked(rng, in_pool, np.ones(len(in_pool)), len(in_pool) - count)
            ending = np.isin(spells["person"], over) & is_lighter
            spells["until"][ending], spells["until_day"][ending] = month, 1
            self.lighter[over] = 0.0
            candidates = self._free(active)
            candidates = candidates[(self.kind[candidates] == before) & (self.lighter[candidates] == 0)]
            self._begin_lighter(rng, month, candidates, after, count - len(in_pool))
            spells, is_lighter = self.spells, np.isin(self.spells["kind"], sp.LIGHTER_KINDS)

    def _begin_lighter(
        self, rng: np.random.Generator, month: int, candidates: np.ndarray, after: int, count: int
    ) -> None:
        chosen = picked(
            rng, candidates, 0.15 + self._leave_weight(sp.LIGHTER_PARENTAL, month, candidates), count
        )
        if not len(chosen):
            return
        percent, share = _PERCENT[after]
        self.lighter[chosen] = np.minimum(
            rng.choice(percent[:4], len(chosen), p=share[:4] / share[:4].sum()), 90.0
        )
        until = month + rng.integers(5, 40, len(chosen))
        age = (self.people.first + month - self.people["birth"][chosen]) / 12
        self._add(
            chosen,
            kind=np.where((age > 24) & (age < 47), sp.LIGHTER_PARENTAL, sp.LIGHTER_OTHER),
            extent=np.round(100 * (1 - self.lighter[chosen] / self.agreed[chosen]), 2),
            since=month - (rng.integers(0, 24, len(chosen)) if month == 0 else 0),
            since_day=1,
            until=until,
            until_day=28,
        )

    def _part_sick(self, rng: np.random.Generator, month: int, mine: np.ndarray, sex: int) -> None:
        """Long sickness by part of the day: some begin it the day after a full sick leave, the others afresh."""
        spells, people = self.spells, self.people
        sick_share = self.targets.sick_share(people.first + month, sex) / 100
        full = self._wanted_leave(month, sex)[2]
        wanted = round(max(0.0, sick_share * LONG_SHARE * len(mine) * 0.93 - full) / 0.5)
        at_work = np.isin(spells["person"], mine)
        ended = (spells["kind"] == sp.SICK) & (spells["until"] == month) & (spells["since"] < month)
        back = np.flatnonzero(ended & at_work)
        missing = wanted - int(((spells["kind"] == sp.PART_SICK) & at_work).sum())
        back = back[: max(missing, 0)]
        back = back[rng.random(len(back)) < 0.5]
        free = self._free(mine)
        rest = picked(rng, free, self._leave_weight(sp.PART_SICK, month, free), missing - len(back))
        chosen = np.concatenate([spells["person"][back], rest]).astype(np.int32)
        start = np.concatenate([spells["until_day"][back] + 1, rng.integers(1, 28, len(rest))])
        self._add(
            chosen,
            kind=sp.PART_SICK,
            extent=rng.choice([25.0, 50.0, 75.0], len(chosen), p=[0.25, 0.5, 0.25]),
            since=month - (rng.integers(1, 6, len(chosen)) if month == 0 else 0),
            since_day=start,
            until=month + 3 + rng.geometric(1 / 4.0, len(chosen)),
            until_day=rng.integers(1, 28, len(chosen)),
        )

    def _plan_full_leave(self, rng: np.random.Generator, month: int, mine: np.ndarray, sex: int) -> None:
        """Next month's full leave: end what is too much, begin what is missing on some day of this month."""
        people = self.people
        staying = people["end"][mine] > month + 1
        for kind, wanted in zip(sp.FULL_KINDS, self._wanted_leave(month + 1, sex), strict=True):
            spells = self.spells
            on = np.flatnonzero(
                (spells["kind"] == kind)
                & (spells["until"] > month + 1)
                & np.isin(spells["person"], mine[staying])
            )
            excess = len(on) - wanted
            if excess > 0:
                spells["until"][picked(rng, on, 1.0 / spells["until"][on], excess)] = month + 1
            free = self._free(mine[staying])
            weight = self._leave_weight(kind, month, free) * np.where(
                people["form"][free] == TEMPORARY, 0.3, 1.0
            )
            chosen = picked(rng, free, weight, -excess)
            self._add(
                chosen,
                kind=kind,
                extent=100.0,
                since=month,
                since_day=rng.integers(2, sp.length(people.first + month) + 1, len(chosen)),
                until=month + 1 + self._months_of_leave(rng, kind, sex, len(chosen)),
                until_day=rng.integers(1, 27, len(chosen)),
            )

    def _situation(
        self, rng: np.random.Generator, month: int, who: np.ndarray, is_hourly: np.ndarray
    ) -> Situation:
        """The month as it is, after short sickness and care of sick children have been drawn to fill N00090."""
        people = self.people
        away = np.zeros(len(people), bool)
        away[self.spells["person"][self.spells.full(month)]] = True
        unpaid = np.zeros(len(people), bool)
        unpaid[self.spells["person"][self.spells.full(month) & (self.spells["kind"] != sp.SICK)]] = True
        hours = sp.HOURS_A_DAY * sp.working_days(people.first + month)
        agreed: np.ndarray = np.where(is_hourly, 0.0, self.agreed[who])
        actual = np.where(away[who], 0.0, np.where(self.lighter[who] > 0, self.lighter[who], agreed))
        ordinary: np.ndarray = np.where(unpaid[who], 0.0, np.where(away[who], agreed, actual)) / 100 * hours
        paid_by_hour = np.round(16 + 125 * own(self.seed, _HOURS + month * 64, who) ** 1.5, 2)
        percent = np.zeros(len(people))
        percent[who] = np.where(away[who], agreed, actual)
        ordinary = np.where(
            is_hourly, paid_by_hour, ordinary - self._hours_on_leave(month, who, percent) * ~away[who]
        )
        ordinary = np.round(np.maximum(ordinary, 0.0), 2)
        for sex in SEXES:
            mine = people["sex"][who] == sex
            self.sickness.short(rng, month, who[mine & ~is_hourly], sex, float(ordinary[mine].sum()), percent)
            self.sickness.child_care(rng, month, who[mine & ~is_hourly], sex)
        return Situation(
            month,
            who,
            is_hourly,
            agreed,
            actual,
            away[who],
            self.two_posts[who] & ~is_hourly,
            ordinary,
            self.spells,
        )

    def _hours_on_leave(self, month: int, who: np.ndarray, percent: np.ndarray) -> np.ndarray:
        """Hours of parental and other full leave in the months in which it begins or ends: not available for work."""
        spells = self.spells
        _, _, _, working = spells.in_month(month)
        unpaid = np.isin(spells["kind"], (sp.PARENTAL, sp.OTHER))
        hours = np.zeros(len(percent))
        np.add.at(
            hours,
            spells["person"][unpaid],
            working[unpaid] * sp.HOURS_A_DAY * percent[spells["person"][unpaid]] / 100,
        )
        return hours[who]
