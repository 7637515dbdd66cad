"""Who is employed when: joiners, leavers, conversions and promotions, month by month.

Belongs here: the persons with everything about them that does not change from month to month, and the months
at which it does.
Does not belong here: leave, sickness, working time and pay (situations.py), identity numbers (identities.py).

Every month's head counts by sex and form of employment are those of published.py, exactly: leaving is drawn
at random, and what is missing afterwards is filled by conversions and joiners. Each month draws from a
generator of its own, so that a longer run begins with the same people as a shorter one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipelines.example.organisation import Organisation, occupation_list, organisation
from pipelines.example.published import MEN, SEXES, WOMEN, Counts, Targets

PERMANENT, TEMPORARY, HOURLY = 0, 1, 2
NEVER = 30_000
MONTHS_AT_55 = 55 * 12
_YOUNG_AT_START, _YOUNG_HIRED, _YOUNG_HOURLY = 0.36, 0.55, 0.72
_MONTHLY_HAZARD = {PERMANENT: 0.0128, TEMPORARY: 0.075, HOURLY: 0.09}
_LEAVING_SEASON = np.array([1.0, 0.8, 0.8, 0.9, 0.9, 1.25, 1.0, 1.6, 1.1, 0.9, 0.85, 0.9])
_COLUMNS: dict[str, Any] = {
    "sex": np.int8,
    "birth": np.int32,  # months since year 0
    "birth_day": np.int8,
    "hire": np.int32,  # months since year 0
    "hire_day": np.int8,
    "start": np.int16,  # first month in the run
    "end": np.int16,  # first month after leaving; NEVER = still here
    "form": np.int8,
    "permanent_from": np.int16,  # month of the run
    "position": np.int32,
    "unit": np.int32,
    "promoted_at": np.int16,
    "old_position": np.int32,
    "old_unit": np.int32,
}


@dataclass
class People:
    """One element per employment ever; the arrays named in `_COLUMNS`, all of length `len(people)`."""

    organisation: Organisation
    first: int
    months: int
    columns: dict[str, np.ndarray]
    length: int = 0

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, name: str) -> np.ndarray:
        return self.columns[name][: self.length]

    def append(self, count: int, **values: np.ndarray | int) -> np.ndarray:
        """Add persons; returns their numbers."""
        wanted = self.length + count
        capacity = len(self.columns["sex"])
        if wanted > capacity:
            room = max(wanted, capacity + capacity // 4)
            self.columns = {
                name: np.concatenate([old, np.zeros(room - capacity, old.dtype)])
                for name, old in self.columns.items()
            }
        for name, column in self.columns.items():
            column[self.length : wanted] = values[name]
        self.length = wanted
        return np.arange(wanted - count, wanted)

    def employed(self, month: int) -> np.ndarray:
        """Numbers of those employed in a month of the run."""
        return np.flatnonzero((self["start"] <= month) & (self["end"] > month))

    def form_in(self, month: int, who: np.ndarray) -> np.ndarray:
        """Form of employment in a month of the run: permanent, temporary or hourly."""
        return np.where(self["permanent_from"][who] <= month, PERMANENT, self["form"][who])

    def position_in(self, month: int, who: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Position and unit in a month of the run, before or after a promotion."""
        before = self["promoted_at"][who] > month
        position = np.where(before, self["old_position"][who], self["position"][who])
        return position, np.where(before, self["old_unit"][who], self["unit"][who])


def _months_of_age(rng: np.random.Generator, count: int, aged_55: int, young_share: float) -> np.ndarray:
    """Ages in months, `aged_55` of them 55 years or more and the given share of the others below 35, in random order."""
    is_hourly = young_share > _YOUNG_HIRED
    old = 660 + rng.beta(1.0, 1.9, aged_55) * (13.2 * 12)
    rest = count - aged_55
    young = rng.random(rest) < young_share
    below = np.where(
        young, 19.2 * 12 + rng.beta(1.9, 1.0, rest) * (15.7 * 12), 35 * 12 + rng.random(rest) * (20 * 12 - 1)
    )
    if is_hourly:
        below = np.where(young, 19.0 * 12 + rng.beta(1.0, 1.3, rest) * (15.9 * 12), below)
    return rng.permutation(np.concatenate([old, below])).astype(np.int32)


def _positions(
    rng: np.random.Generator, plan: Organisation, count: int, sex: int, is_hourly: bool
) -> np.ndarray:
    """Positions in the usual proportions, remainders by chance, in random order."""
    share = plan.women_share if sex == WOMEN else 1 - plan.women_share
    weight = (plan.hourly_weight if is_hourly else plan.monthly_weight) * share
    expected = np.cumsum(weight) / weight.sum() * count
    drawn = np.searchsorted(expected, np.arange(count) + rng.random(), side="right")
    return rng.permutation(np.minimum(drawn, len(weight) - 1))


def _units(rng: np.random.Generator, plan: Organisation, positions: np.ndarray) -> np.ndarray:
    """A unit of the position's kind; the first units of a kind are somewhat larger."""
    spread = rng.random(len(positions)) ** 1.15
    return plan.position_first_unit[positions] + (spread * plan.position_units[positions]).astype(np.int32)


def _beginners(
    rng: np.random.Generator,
    people: People,
    month: int,
    sex: int,
    form: int,
    ages: np.ndarray,
    positions: np.ndarray,
    units: np.ndarray,
) -> np.ndarray:
    """Employ those who begin in a month of the run."""
    count = len(ages)
    now = people.first + month
    return people.append(
        count,
        sex=sex,
        birth=now - ages,
        birth_day=rng.integers(1, 29, count),
        hire=now,
        hire_day=np.where(rng.random(count) < 0.7, 1, rng.integers(2, 26, count)),
        start=month,
        end=NEVER,
        form=form,
        permanent_from=month if form == PERMANENT else NEVER,
        position=positions,
        unit=units,
        promoted_at=0,
        old_position=positions,
        old_unit=units,
    )


def _found(rng: np.random.Generator, people: People, counts: Counts, sex: int, top_seats: np.ndarray) -> None:
    """Those who are employed in the first month, hired long ago or lately."""
    plan = people.organisation
    everybody = counts.monthly + counts.hourly
    old_hourly = round(counts.aged_55 * counts.hourly / everybody * 0.8)
    for form, count in (
        (PERMANENT, counts.permanent),
        (TEMPORARY, counts.temporary),
        (HOURLY, counts.hourly),
    ):
        old = old_hourly if form == HOURLY else round((counts.aged_55 - old_hourly) * count / counts.monthly)
        if form == TEMPORARY:
            old = old // 2
        if form == PERMANENT:
            old = (
                counts.aged_55
                - old_hourly
                - round((counts.aged_55 - old_hourly) * counts.temporary / counts.monthly) // 2
            )
        ages = _months_of_age(
            rng, count, min(max(old, 0), count), _YOUNG_HOURLY if form == HOURLY else _YOUNG_AT_START
        )
        seats = top_seats if form == PERMANENT else top_seats[:0]
        positions = np.concatenate(
            [seats, _positions(rng, plan, count - len(seats), sex, form == HOURLY)]
        ).astype(np.int32)
        ages[: len(seats)] = np.clip(ages[: len(seats)], 40 * 12, 64 * 12)
        who = _beginners(rng, people, 0, sex, form, ages, positions, _units(rng, plan, positions))
        longest = {PERMANENT: 108.0, TEMPORARY: 9.0, HOURLY: 16.0}[form]
        tenure = np.minimum(rng.exponential(longest, count) + 1, np.maximum(ages - 19 * 12, 1)).astype(
            np.int32
        )
        people["hire"][who] -= tenure


def _leaving(
    rng: np.random.Generator, people: People, month: int, who: np.ndarray, form: int, excess: int
) -> np.ndarray:
    """Which of `who` leave before a month; at least `excess` do."""
    if month == 0 or len(who) == 0:
        return who[:0]
    age = people.first + month - people["birth"][who]
    hazard = np.full(len(who), _MONTHLY_HAZARD[form] * _LEAVING_SEASON[(people.first + month) % 12])
    if form == PERMANENT:
        hazard *= np.where(age < 35 * 12, 1.35, np.where(age < 55 * 12, 0.75, 0.5))
        hazard = np.where(age >= 68 * 12, 0.25, np.where(age >= 65 * 12, 0.06, hazard))
    gone = rng.random(len(who)) < hazard
    short = excess - int(gone.sum())
    if short > 0:
        gone[rng.permutation(np.flatnonzero(~gone))[:short]] = True
    return who[gone]


def _seats(
    rng: np.random.Generator, people: People, month: int, sex: int, form: int, leavers: np.ndarray, count: int
) -> tuple[np.ndarray, np.ndarray]:
    """Positions and units for joiners: first the leavers' seats (a manager's may be filled by promotion), then new ones."""
    plan = people.organisation
    positions, units = people["position"][leavers].copy(), people["unit"][leavers].copy()
    if form == PERMANENT and len(leavers):
        _promote(rng, people, month, sex, positions, units)
    # Managers' seats first: they are never left empty while others are filled.
    order = np.lexsort((rng.random(len(positions)), -np.sign(plan.level[positions])))
    positions, units = positions[order][:count], units[order][:count]
    extra = _positions(rng, plan, count - len(positions), sex, form == HOURLY)
    return np.concatenate([positions, extra]).astype(np.int32), np.concatenate(
        [units, _units(rng, plan, extra)]
    ).astype(np.int32)


def _promote(
    rng: np.random.Generator, people: People, month: int, sex: int, positions: np.ndarray, units: np.ndarray
) -> None:
    """Let colleagues of the same department and sex take some of the free managers' seats; the joiner then gets theirs."""
    plan = people.organisation
    free = np.flatnonzero((plan.level[positions] > 1) & (rng.random(len(positions)) < 0.6))
    if not len(free):
        return
    who = people.employed(month)
    years_known = people["hire"][who] < people.first + month - 24
    who = who[(people["sex"][who] == sex) & (people["permanent_from"][who] <= month) & years_known]
    who = who[(plan.level[people["position"][who]] == 0) & (people["promoted_at"][who] == 0)]
    occupations = occupation_list()
    value = np.array([each.value_level for each in occupations])[
        plan.position_occupation[people["position"][who]]
    ]
    who = rng.permutation(who[value >= 6])
    department = plan.position_department[people["position"][who]]
    for number in np.unique(plan.position_department[positions[free]]):
        seats = free[plan.position_department[positions[free]] == number]
        chosen = who[department == number][: len(seats)]
        seats = seats[: len(chosen)]
        old_position, old_unit = people["position"][chosen].copy(), people["unit"][chosen].copy()
        people["old_position"][chosen], people["old_unit"][chosen] = old_position, old_unit
        people["position"][chosen], people["unit"][chosen] = positions[seats], units[seats]
        people["promoted_at"][chosen] = month
        positions[seats], units[seats] = old_position, old_unit


def _month(rng: np.random.Generator, people: People, month: int, sex: int, counts: Counts) -> None:
    """One month's leavers, conversions and joiners of one sex."""
    who = people.employed(month)
    who = who[people["sex"][who] == sex]
    form = people.form_in(month, who)
    missing_old = counts.aged_55 - int((people.first + month - people["birth"][who] >= MONTHS_AT_55).sum())
    for kind, target in (
        (TEMPORARY, counts.temporary),
        (PERMANENT, counts.permanent),
        (HOURLY, counts.hourly),
    ):
        group = who[form == kind]
        leavers = _leaving(rng, people, month, group, kind, len(group) - target)
        people["end"][leavers] = month
        missing_old += int((people.first + month - people["birth"][leavers] >= MONTHS_AT_55).sum())
        if kind == PERMANENT:
            missing = target - (len(group) - len(leavers))
            waiting = who[form == TEMPORARY]
            waiting = waiting[
                (people["end"][waiting] > month) & (people["hire"][waiting] <= people.first + month - 5)
            ]
            converted = waiting[np.argsort(people["hire"][waiting], kind="stable")][: round(missing * 0.3)]
            people["permanent_from"][converted] = month
            group = np.concatenate([group, converted])
        if kind == TEMPORARY:
            kept_leavers = leavers
            continue
        _join(rng, people, month, sex, kind, leavers, target - (len(group) - len(leavers)), missing_old)
        if kind == PERMANENT:
            left = who[form == TEMPORARY]
            still = int(((people["end"][left] > month) & (people["permanent_from"][left] > month)).sum())
            _join(rng, people, month, sex, TEMPORARY, kept_leavers, counts.temporary - still, 0)


def _join(
    rng: np.random.Generator,
    people: People,
    month: int,
    sex: int,
    form: int,
    leavers: np.ndarray,
    count: int,
    missing_old: int,
) -> None:
    if count <= 0:
        return
    positions, units = _seats(rng, people, month, sex, form, leavers, count)
    old = int(np.clip(missing_old, 0, count // 3))
    ages = _months_of_age(rng, count, old, _YOUNG_HOURLY if form == HOURLY else _YOUNG_HIRED)
    is_top = people.organisation.level[positions] == 1
    ages[is_top] = np.clip(ages[is_top], 40 * 12, 60 * 12)
    _beginners(rng, people, month, sex, form, ages, positions, units)


def _settle_ages(people: People, month: int, sex: int, aged_55: int) -> None:
    """Move the birth months of those nearest to 55 so that the calibrated month has exactly the published number."""
    who = people.employed(month)
    who = who[people["sex"][who] == sex]
    age = people.first + month - people["birth"][who]
    excess = int((age >= MONTHS_AT_55).sum()) - aged_55
    nearest = np.argsort(age, kind="stable")
    if excess > 0:
        chosen = nearest[age[nearest] >= MONTHS_AT_55][:excess]
        # Spread over the years below, or they would all turn 55 in the same month.
        people["birth"][who[chosen]] += (
            age[nearest][age[nearest] >= MONTHS_AT_55][:excess]
            - MONTHS_AT_55
            + 1
            + 5 * np.arange(excess) % 40
        )
    elif excess < 0:
        chosen = nearest[age[nearest] < MONTHS_AT_55][excess:]
        people["birth"][who[chosen]] = people.first + month - MONTHS_AT_55


def employ(targets: Targets, first: int, months: int, seed: int) -> People:
    """Everybody who is employed at some time in the run.

    Args:
        targets: the head counts; `targets.calibrated` must lie in the run.
        first: first month (year × 12 + month − 1).
        months: length of the run.
        seed: of the generators.
    """
    base = targets.counts(targets.calibrated, WOMEN).monthly, targets.counts(targets.calibrated, MEN).monthly
    plan = organisation(targets.size, base[WOMEN] / sum(base))
    people = People(
        plan,
        first,
        months,
        {name: np.zeros(round(targets.size * 1.6), kind) for name, kind in _COLUMNS.items()},
    )
    rng = np.random.default_rng([seed, 1])
    # The top group keeps about a dozen seats at any size, half of them women's.
    seats = plan.top[: int(np.clip(targets.size // 100, 3, len(plan.top)))]
    for sex in SEXES:
        _found(rng, people, targets.counts(first, sex), sex, seats[sex::2])
    for month in range(1, months):
        rng = np.random.default_rng([seed, 2, month])
        for sex in SEXES:
            _month(rng, people, month, sex, targets.counts(first + month, sex))
    for sex in SEXES:
        _settle_ages(people, targets.calibrated - first, sex, targets.counts(targets.calibrated, sex).aged_55)
    return people
