"""The example municipality month by month, in the contracts' own columns and types.

Belongs here: what the payroll knows to be true, one table of employments and one of absence for each month.
Does not belong here: the faults that deliveries have (faults.py), headings, spellings and files (files.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.example import spells as sp
from pipelines.example.chance import own
from pipelines.example.identities import LAST_NUMBER, NUMBERS_A_DAY, names, numbers
from pipelines.example.organisation import occupation_list
from pipelines.example.parameters import Parameters
from pipelines.example.pay import PayScale, pay_scale
from pipelines.example.people import PERMANENT, People, employ
from pipelines.example.published import MEN, WOMEN, Targets
from pipelines.example.situations import Simulation, Situation

FIRST_EMPLOYMENT, FIRST_SECOND_POST = 10_000_000, 50_000_000
PERSONS_PER_RARE_CASE = 3000
# One person of unknown sex hides women and men of every figure in which the person counts (total − women − men would tell the
# person's value), and of every period that holds such a month: so this happens in the first months and not in the last.
MONTHS_OF_UNKNOWN_SEX = 2
_FORM, _REASON, _SPECIAL, _SPLIT = 41, 42, 43, 44
_FORMS = pl.Series(["tillsvidare", "vikariat", "sva", "ovrig_visstid"])
_REASONS = pl.Series(["Egen begäran", "Pension", "Avtalet slut", "Övrigt"])


@dataclass(frozen=True)
class Month:
    """One month: `employment` by employment, `absence` by spell.

    The columns have the names and types in which the contracts ask for them, and there is `name`, for the files only.
    """

    number: int
    employment: pl.DataFrame
    absence: pl.DataFrame

    @property
    def first_day(self) -> date:
        """The month as a date."""
        return sp.as_date(self.number)


class Municipality:
    """Everybody who works in the example municipality during a run."""

    def __init__(self, parameters: Parameters) -> None:
        """Employ everybody, and give them numbers, names and pay."""
        self.parameters = parameters
        self.targets = Targets(parameters.size, parameters.calibrated)
        # One month more than asked for: the last month's rows then tell who leaves at its end, as in any other month.
        self.people: People = employ(self.targets, parameters.first, parameters.months + 1, parameters.seed)
        self.people.months = parameters.months
        self.pay: PayScale = pay_scale(self.people, parameters.calibrated - parameters.first, parameters.seed)
        self._tables()
        self._identities()

    def months(self) -> Iterator[Month]:
        """The months in order; each is made when it is asked for."""
        for situation in Simulation(self.people, self.targets, self.parameters.seed).run():
            number = self.parameters.first + situation.month
            yield Month(number, self._employment(situation), self._absence(situation))

    def _tables(self) -> None:
        plan = self.people.organisation
        occupations = occupation_list()
        self._occupations = pl.DataFrame(
            {
                "occupation_code": [each.code for each in occupations],
                "occupation_name": [each.name for each in occupations],
                "occupation_group": [each.group for each in occupations],
                "responsibility_code": [each.responsibility or None for each in occupations],
                "management_level": pl.Series([each.level or None for each in occupations], dtype=pl.Int32),
                "work_value_level": pl.Series([each.value_level for each in occupations], dtype=pl.Int32),
            }
        )
        departments = [plan.departments[index] for index in plan.unit_department]
        self._units = pl.DataFrame(
            {
                "department_code": [code for code, _ in departments],
                "department_name": [name for _, name in departments],
                "unit_code": plan.unit_codes,
                "unit_name": plan.unit_names,
            }
        )

    def _identities(self) -> None:
        """Numbers and names; and the rare cases: coordination numbers, a changed sex, protected identities."""
        people, seed = self.people, self.parameters.seed
        everybody = np.arange(len(people))
        dates = sp.dates(people["birth"], people["birth_day"])
        birth = (people["birth"] // 12 * 100 + people["birth"] % 12 + 1) * 100 + people["birth_day"]
        coordination = own(seed, _SPECIAL, everybody) < 0.002
        found = numbers(birth, people["sex"], coordination=coordination)
        rare = max(1, round(self.parameters.size / PERSONS_PER_RARE_CASE))
        # Chosen by what is known in the calibrated month: a longer run must choose the same people.
        known = self.parameters.calibrated - self.parameters.first
        stayed = (people["start"] == 0) & (people["form"] == PERMANENT) & (people["end"] > known)
        start = everybody[stayed]
        ordinary = start[people.organisation.level[people.position_in(known, start)[0]] == 0]
        self.changed = ordinary[people["sex"][ordinary] == MEN][:rare]
        self.protected = ordinary[people["sex"][ordinary] == WOMEN][:rare]
        masked = pl.Series(self.protected).cast(pl.String).str.zfill(8)
        self.person_id = found.scatter(self.protected, "SKYDD" + masked)
        self.birth_date = pl.Series("birth_date", dates).cast(pl.Date)
        self.name = names(people["sex"], seed)
        self.former_id = self._former(found, birth[self.changed])

    @staticmethod
    def _former(found: pl.Series, birth: np.ndarray) -> pl.Series:
        """Women's numbers from the far end of each birth date's range, where nobody else has got yet."""
        women = np.full(len(birth), WOMEN)
        last = numbers(birth, women, taken=np.full(len(birth), NUMBERS_A_DAY - 1))
        if last.is_in(found.implode()).any():
            return numbers(birth, women, taken=np.full(len(birth), LAST_NUMBER))
        return last

    @property
    def change_month(self) -> int:
        """Month of the run in which those in `changed` get a new number: well before the calibrated November."""
        return min(14, (self.parameters.calibrated - self.parameters.first) // 2)

    def _employment(self, now: Situation) -> pl.DataFrame:
        people, month, who = self.people, now.month, now.who
        position, unit = people.position_in(month, who)
        form = people.form_in(month, who)
        pay, variable = self.pay.monthly(month, who, position), self.pay.variable(month, who, position)
        part = np.where(now.is_hourly, now.ordinary_hours / 165, now.actual / 100)
        leaves = people["end"][who] == month + 1
        age = (people.first + month - people["birth"][who]) // 12
        reason = np.where(
            form != PERMANENT,
            2,
            np.where(age >= 64, 1, np.where(own(self.parameters.seed, _REASON, who) < 0.9, 0, 3)),
        )
        temporary = 1 + np.searchsorted([0.45, 0.9], own(self.parameters.seed, _FORM, who))
        index = pl.Series(who)
        last = sp.first_day(people.first + month + 1) - 1
        hourly = pl.Series(now.is_hourly)
        own_columns = pl.DataFrame(
            {
                "month": pl.Series(np.full(len(who), sp.first_day(people.first + month))).cast(pl.Date),
                "person_id": self.person_id.gather(index),
                "name": self.name.gather(index),
                "employment_id": pl.Series(FIRST_EMPLOYMENT + who).cast(pl.String),
                "birth_date": self.birth_date.gather(index),
                "sex": pl.Series(["K", "M"]).gather(pl.Series(people["sex"][who])),
                "employment_form": _FORMS.gather(pl.Series(np.where(form == PERMANENT, 0, temporary))),
                "pay_form": pl.Series(["manadsavlonad", "timavlonad"]).gather(hourly.cast(pl.UInt32)),
                "fte_agreed": pl.Series(now.agreed).set(hourly, None),
                "fte_actual": pl.Series(now.actual).set(hourly, None),
                "monthly_pay": np.round(pay * part, 2),
                "monthly_pay_fte": pay,
                "variable_pay_fte": np.where(now.full_leave, 0.0, variable),
                "ordinary_hours": now.ordinary_hours,
                "hire_date": pl.Series(sp.dates(people["hire"][who], people["hire_day"][who])).cast(pl.Date),
                "end_date": pl.Series(np.where(leaves, last, np.datetime64("NaT"))).cast(pl.Date),
                "end_reason": _REASONS.gather(pl.Series(reason)).set(pl.Series(~leaves), None),
                "has_full_leave": now.full_leave,
                "previous_person_id": pl.Series([None], dtype=pl.String).new_from_index(0, len(who)),
            }
        )
        frame = own_columns.hstack(self._units[unit]).hstack(
            self._occupations[people.organisation.position_occupation[position]]
        )
        return self._with_rare_cases(self._with_second_posts(frame, now), now)

    def _with_second_posts(self, frame: pl.DataFrame, now: Situation) -> pl.DataFrame:
        """Split the working time of those with two posts; the second post is in another unit of the same department."""
        rows = np.flatnonzero(now.has_two_posts)
        if not len(rows):
            return frame
        who = now.who[rows]
        whole = now.agreed[rows]
        share = np.where(own(self.parameters.seed, _SPLIT, who) < 0.5, 0.6, 0.75)
        main = np.round(whole * share / 5) * 5
        plan = self.people.organisation
        position, unit = self.people.position_in(now.month, who)
        other = (
            plan.position_first_unit[position]
            + (unit - plan.position_first_unit[position] + 1) % plan.position_units[position]
        )
        kept = [name for name in frame.columns if name not in self._units.columns]
        second = frame[rows].select(kept).hstack(self._units[other]).select(frame.columns)
        second = second.with_columns(
            pl.Series(FIRST_SECOND_POST + who).cast(pl.String).alias("employment_id"),
            *_split(second, pl.Series(whole - main), pl.Series(whole)),
        )
        first = frame[rows].with_columns(_split(frame[rows], pl.Series(main), pl.Series(whole)))
        stays = np.ones(len(frame), bool)
        stays[rows] = False
        return pl.concat([frame.filter(pl.Series(stays)), first, second]).sort("person_id", "employment_id")

    def _with_rare_cases(self, frame: pl.DataFrame, now: Situation) -> pl.DataFrame:
        """A changed sex shows as a new number; at first one person has no known sex and no personnummer."""
        known = self.parameters.calibrated - self.parameters.first
        new = self.person_id.gather(pl.Series(self.changed))
        if now.month < self.change_month:
            change = pl.col("person_id").is_in(new.implode())
            old = pl.col("person_id").replace_strict(
                new, self.former_id, default=pl.col("person_id"), return_dtype=pl.String
            )
            frame = frame.with_columns(
                old.alias("person_id"), pl.when(change).then(pl.lit("K")).otherwise("sex").alias("sex")
            )
        else:
            former = pl.col("person_id").replace_strict(
                new, self.former_id, default=None, return_dtype=pl.String
            )
            frame = frame.with_columns(former.alias("previous_person_id"))
        if now.month >= MONTHS_OF_UNKNOWN_SEX or now.month >= known:
            return frame
        extra = frame.filter(pl.col("pay_form") == "timavlonad").sort("employment_id").head(1)
        extra = extra.with_columns(
            pl.lit("E00000001").alias("person_id"),
            pl.lit("Okändström, Kim").alias("name"),
            pl.lit("90000001").alias("employment_id"),
            pl.lit(None, pl.String).alias("sex"),
            pl.lit(date(1990, 5, 17)).alias("birth_date"),
            pl.lit(sp.as_date(self.parameters.first - 8)).alias("hire_date"),
            pl.lit(None, pl.Date).alias("end_date"),
            pl.lit(None, pl.String).alias("end_reason"),
        )
        return pl.concat([frame, extra])

    def _absence(self, now: Situation) -> pl.DataFrame:
        people, spells = self.people, now.spells
        start, end, days, working = spells.in_month(now.month)
        percent, agreed = np.zeros(len(people)), np.zeros(len(people))
        percent[now.who] = np.where(now.full_leave, now.agreed, now.actual)
        agreed[now.who] = now.agreed
        person, kind, extent = spells["person"], spells["kind"], spells["extent"]
        hours = (
            working
            * sp.HOURS_A_DAY
            * np.where(np.isin(kind, sp.LIGHTER_KINDS), agreed[person], percent[person])
            / 100
            * extent
            / 100
        )
        rows = np.flatnonzero((days > 0) & (agreed[person] > 0))
        ended = spells["until"][rows] == now.month
        first = np.full(len(rows), sp.first_day(people.first + now.month))
        who = pl.Series(person[rows])
        person_id = self.person_id.gather(who)
        if now.month < self.change_month:
            new = self.person_id.gather(pl.Series(self.changed))
            person_id = person_id.replace_strict(
                new, self.former_id, default=person_id, return_dtype=pl.String
            )
        return pl.DataFrame(
            {
                "month": pl.Series(first).cast(pl.Date),
                "person_id": person_id,
                "name": self.name.gather(who),
                "employment_id": (who.cast(pl.Int64) + FIRST_EMPLOYMENT).cast(pl.String),
                "absence_type": pl.Series(list(sp.ABSENCE_TYPE)).gather(pl.Series(kind[rows])),
                "spell_start": pl.Series(start[rows]).cast(pl.Date),
                "spell_end": pl.Series(np.where(ended, end[rows], np.datetime64("NaT"))).cast(pl.Date),
                "extent": extent[rows],
                "absence_hours": np.round(hours[rows], 2),
                "absence_days": np.round(days[rows] * extent[rows] / 100, 2),
            }
        ).sort("employment_id", "spell_start")


def _split(frame: pl.DataFrame, part: pl.Series, whole: pl.Series) -> list[pl.Expr]:
    """Working time, pay and hours of one of two posts."""
    share = part / whole
    return [
        pl.lit(part).alias("fte_agreed"),
        pl.lit(part).alias("fte_actual"),
        (pl.col("monthly_pay") * pl.lit(share)).round(2).alias("monthly_pay"),
        (pl.col("ordinary_hours") * pl.lit(share)).round(2).alias("ordinary_hours"),
    ]
