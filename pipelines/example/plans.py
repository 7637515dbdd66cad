"""The example's plans: two-year plans in versions, leaders' plans, the municipality's own plans.

Belongs here: who has a plan, from when, with what in it.
Does not belong here: any text: none is made, because none is kept.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import numpy as np
import polars as pl

from pipelines.example.roster import Roster, count
from warehouse.contracts.organisation import PLAN_KINDS
from warehouse.contracts.plans import AREAS, GROUNDS, STEPS

COMPETENCE = ["leadership", "digital", "equality", "service", "methods", "law", "language", "improvement"]
ACTIVITIES = ["course", "leave", "coaching", "practice", "other"]
GOALS = ["M1", "M2", "M3", "M4"]
MOVED = ["full_time_gap", "women_among_managers", "inclusion", "sick_leave_share"]
_NOON = time(12)


def individual_plans(roster: Roster) -> dict[str, pl.DataFrame]:
    """Plans, needs and activities: most persons get one in their first months or when plans were brought in, and renew it."""
    people = (
        roster.rows.filter("is_active")
        .group_by("who")
        .agg(pl.col("at").min(), pl.col("person_id").first(), pl.col("department").first())
    )
    people = people.sort("who")
    who = people["who"].to_numpy()
    willing = roster.chance(70, who) < 0.74 + 0.1 * np.sin(
        people["department"].rank("dense").to_numpy() * 2.3
    )
    begins = people["at"].to_numpy() + 1 + (roster.chance(71, who) * 20).astype(np.int64)
    plans, needs, activities = [], [], []
    last = roster.run.months
    for row in np.flatnonzero(willing & (begins < last)):
        person, at = int(who[row]), int(begins[row])
        for turn, month in enumerate((at, at + 24)):
            if month >= last:
                break
            made = _plan(roster, person, people["person_id"][int(row)], month, turn)
            plans += made[0]
            needs += made[1]
            activities += made[2]
    return {
        "individual_plan": pl.DataFrame(plans, infer_schema_length=None),
        "plan_need": pl.DataFrame(needs, infer_schema_length=None),
        "plan_activity": pl.DataFrame(activities, infer_schema_length=None),
    }


Lines = list[dict[str, object]]


def _plan(roster: Roster, person: int, person_id: str, month: int, turn: int) -> tuple[Lines, Lines, Lines]:
    rng = np.random.default_rng([roster.run.seed, 72, person, turn])
    ends = roster.first_day(roster.run.months)
    start = roster.first_day(month)
    months = 24 if rng.random() < 0.92 else 12
    has_edit, is_accepted = rng.random() < 0.22, rng.random() < 0.88
    goals = " ".join(rng.permutation(GOALS)[: count(rng.random(1), [0.2, 0.5, 0.3])[0]]) or None
    wanted = [
        _wanted(rng, str(area))
        for area in rng.permutation(COMPETENCE)[: count(rng.random(1), [0.15, 0.4, 0.3, 0.15])[0]]
    ]
    says_none = not wanted and rng.random() < 0.6
    plans: Lines = []
    needs: Lines = []
    activities: Lines = []
    for version in (1, 2) if has_edit else (1,):
        sent = datetime.combine(start, _NOON) + timedelta(days=int(rng.integers(0, 25)) + 75 * (version - 1))
        if sent.date() >= ends:
            break
        whose = {
            "submission_id": f"plan-{roster.run.seed}-{person}-{turn}",
            "version": version,
            "month": sent.date().replace(day=1),
        }
        later = str(rng.choice(["accepted", "accepted", "submitted", "draft"]))
        plans.append(
            {
                **whose,
                "person_id": person_id,
                "submitted_at": sent,
                "status": "accepted" if is_accepted and version == 1 else later,
                "period_start": start,
                "period_end": roster.first_day(month + months) - timedelta(days=1),
                "goals": goals,
                "says_no_need": says_none,
            }
        )
        needs += [
            {**whose, "need_number": number, **each.need(number)} for number, each in enumerate(wanted, 1)
        ]
        planned = [each for each in wanted if each.has_activity]
        activities += [
            {**whose, "activity_number": number, **each.activity(sent.date(), ends)}
            for number, each in enumerate(planned, 1)
        ]
    return plans, needs, activities


@dataclass(frozen=True)
class _Wanted:
    """A need, the same in every version of a plan, and perhaps what is done about it."""

    area: str
    now: int
    more: int
    kind: str
    has_activity: bool
    done_after: int

    def need(self, number: int) -> dict[str, object]:
        """The need's own columns."""
        return {
            "competence_area": self.area,
            "current_level": self.now,
            "target_level": min(4, self.now + self.more),
            "priority": number,
        }

    def activity(self, sent: date, ends: date) -> dict[str, object]:
        """The activity's own columns, as they stand when the run ends."""
        done = sent + timedelta(days=self.done_after)
        return {
            "competence_area": self.area,
            "kind": self.kind,
            "due_date": sent + timedelta(days=365),
            "done_date": done if done < ends else None,
        }


def _wanted(rng: np.random.Generator, area: str) -> _Wanted:
    return _Wanted(
        area,
        int(rng.integers(0, 3)),
        int(rng.integers(1, 3)),
        str(rng.choice(ACTIVITIES)),
        bool(rng.random() < 0.75),
        int(rng.integers(40, 600)),
    )


def leader_plans(roster: Roster) -> dict[str, pl.DataFrame]:
    """Units with a manager are expected to have a plan each year; most have one, and follow it up in the autumn."""
    leaders = (
        roster.rows.filter(pl.col("level") >= 2)
        .group_by("at", "unit")
        .agg(pl.col("person_id").first())
        .sort("at", "unit")
    )
    expected = leaders.select(
        pl.Series("month", [roster.first_day(at) for at in leaders["at"]], dtype=pl.Date),
        pl.col("unit").alias("unit_code"),
        "person_id",
    )
    plans: Lines = []
    measures: Lines = []
    for at in range(roster.run.months):
        if roster.first_day(at).month not in (2, 10):
            continue
        for unit, leader in leaders.filter(pl.col("at") == at).select("unit", "person_id").iter_rows():
            made = _leader_plan(roster, at, unit, leader)
            plans += made[0]
            measures += made[1]
    return {
        "leader_plan_expected": expected,
        "leader_plan": pl.DataFrame(plans, infer_schema_length=None),
        "leader_measure": pl.DataFrame(measures, infer_schema_length=None),
    }


def _leader_plan(roster: Roster, at: int, unit: str, leader: str) -> tuple[Lines, Lines]:
    day = roster.first_day(at)
    rng = np.random.default_rng([roster.run.seed, 73, day.year, *unit.encode()])
    if rng.random() > 0.83:
        return [], []
    version = 1 if day.month == 2 else 2
    sent = datetime.combine(day.replace(day=int(rng.integers(1, 25))), _NOON)
    whose = {"submission_id": f"ledare-{roster.run.seed}-{day.year}-{unit}", "version": version, "month": day}
    plan = {**whose, "unit_code": unit, "person_id": leader, "submitted_at": sent, "status": "accepted"}
    steps = STEPS if rng.random() < 0.7 else STEPS[: int(rng.integers(1, 4))]
    rows: Lines = []
    ends = roster.first_day(roster.run.months)
    for number, step in enumerate([*steps, *rng.choice(STEPS, int(rng.integers(0, 3)))], 1):
        due = date(day.year, int(rng.integers(4, 13)), 15)
        done = due + timedelta(days=int(rng.integers(-60, 45)))
        is_done = rng.random() < 0.7 and done < ends and (version == 2 or done.month <= 10)
        rows.append(
            {
                **whose,
                "measure_number": number,
                "step": str(step),
                "area": str(rng.choice(AREAS)),
                "ground": str(rng.choice(GROUNDS, p=[0.4, 0.05, 0.12, 0.08, 0.15, 0.05, 0.15])),
                "is_concrete": bool(rng.random() < 0.78),
                "due_date": due,
                "done_date": done if is_done else None,
                "points_at": str(rng.choice(MOVED)) if rng.random() < 0.4 else None,
            }
        )
    return [plan], rows


def organisation_plans(roster: Roster) -> dict[str, pl.DataFrame]:
    """A report a month on each of the municipality's three plans, with its milestones as they stood."""
    plans: Lines = []
    milestones: Lines = []
    decided_at = {"learning_organisation": 5, "goals": -4, "gender_equality": 12}
    first = roster.first_day(0)
    for at in range(roster.run.months):
        month, ends = roster.first_day(at), roster.first_day(at + 1)
        for kind in PLAN_KINDS:
            decided = roster.first_day(decided_at[kind]) + timedelta(days=17)
            plans.append({"month": month, "kind": kind, "decided_at": decided if decided < ends else None})
            for number in range(1, 7):
                rng = np.random.default_rng([roster.run.seed, 74, number, *kind.encode()])
                due = first + timedelta(days=190 * number + int(rng.integers(0, 60)))
                done = due + timedelta(days=int(rng.integers(-50, 70)))
                milestones.append(
                    {
                        "month": month,
                        "kind": kind,
                        "milestone_code": str(number),
                        "name_sv": f"Delmål {number}",
                        "due_date": due,
                        "done_date": done if done < ends and rng.random() < 0.85 else None,
                    }
                )
    return {
        "organisation_plan": pl.DataFrame(plans, infer_schema_length=None),
        "organisation_milestone": pl.DataFrame(milestones, infer_schema_length=None),
    }
