"""The example's training, dialogues, participation, ideas and joint projects; its units, and Kolada's figures.

Belongs here: who takes part in what, when, for how long.
Does not belong here: plans (plans.py), answers to surveys (surveys.py).
"""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.example.plans import COMPETENCE
from pipelines.example.roster import Roster, codes, days

KINDS = ["course", "course", "course", "course", "leave", "coaching", "other"]
ACTIVITIES = ["network", "workshop", "development_group", "safety_round"]
IDEAS_PER_100 = 6.0
PROJECTS_PER_1000 = 4.0
# Share who have had a dialogue by the end of a month of the year, if they have one at all.
DIALOGUE_MONTHS = [0.08, 0.24, 0.42, 0.56, 0.64, 0.68, 0.68, 0.72, 0.8, 0.9, 0.97, 1.0]
# Figure → level for women, men and all, and by how much municipalities and years differ.
KOLADA = {
    "N00217": (0.92, 0.92, 0.92, 0.05),
    "N00220": (0.75, 0.80, 0.77, 0.05),
    "N00953": (99.0, 99.0, 99.0, 2.0),
    "N00090": (8.6, 5.6, 7.9, 0.6),
    "U00200": (81.0, 79.5, 80.6, 1.5),
    "U00400": (43.0, 42.0, 42.5, 3.0),
    "U00402": (72.0, 70.0, 71.0, 3.0),
}
MUNICIPALITIES = ("1285", "0192", "0662", "0883", "1463", "1487", "1881", "2062")
Tables = dict[str, pl.DataFrame]


def training(roster: Roster) -> Tables:
    """Training and dialogues, month by month."""
    trained, talked = [], []
    for at in range(roster.run.months):
        first = roster.first_day(at)
        people = roster.month(at).filter("is_active")
        who = people["who"].to_numpy()
        summer = 0.25 if first.month in (6, 7) else 1.0
        goes = roster.chance(800 + at, who) < 0.085 * summer * (1 + (people["sex"] == "K").to_numpy() * 0.1)
        chosen = people.filter(pl.Series(goes))
        drawn = roster.chance(900 + at, chosen["who"])
        trained.append(
            chosen.select(
                pl.lit(first).alias("month"),
                "person_id",
                days(first, (drawn * 27).astype(np.int64)).alias("date"),
                pl.concat_str(pl.lit("K"), pl.Series((drawn * 400).astype(np.int64) + 100)).alias("course"),
                codes(roster.chance(1000 + at, chosen["who"]), COMPETENCE).alias("competence_area"),
                pl.Series("hours", np.round(2 + 12 * roster.chance(1100 + at, chosen["who"]) ** 2)),
                codes(roster.chance(1200 + at, chosen["who"]), KINDS).alias("kind"),
            )
        )
        has = roster.chance(1300 + first.year, who) < 0.84
        place = np.searchsorted(DIALOGUE_MONTHS, roster.chance(1400 + first.year, who), side="left")
        talks = people.filter(pl.Series(has & (place == first.month - 1)))
        talked.append(
            talks.select(
                pl.lit(first).alias("month"),
                "person_id",
                days(first, (roster.chance(1500 + at, talks["who"]) * 27).astype(np.int64)).alias("date"),
            )
        )
    return {"hr_training": pl.concat(trained), "hr_dialogue": pl.concat(talked)}


def participation(roster: Roster) -> Tables:
    """Networks, workshops and groups: a part of the employees come again and again."""
    parts = []
    for at in range(roster.run.months):
        first = roster.first_day(at)
        people = roster.month(at).filter("is_active")
        keen = roster.chance(1600, people["who"])
        comes = roster.chance(1700 + at, people["who"]) < 0.11 * keen * (0.3 if first.month == 7 else 1.0)
        chosen = people.filter(pl.Series(comes))
        parts.append(
            chosen.select(
                pl.concat_str(pl.lit(f"d{at}-"), pl.col("who").cast(pl.String)).alias("participation_id"),
                pl.lit(first).alias("month"),
                "person_id",
                codes(roster.chance(1800 + at, chosen["who"]), ACTIVITIES).alias("activity"),
                days(first, (roster.chance(1900 + at, chosen["who"]) * 27).astype(np.int64)).alias("date"),
                pl.Series("hours", np.round(1 + 5 * roster.chance(2000 + at, chosen["who"]), 1)),
            )
        )
    return {"participation": pl.concat(parts)}


def ideas(roster: Roster) -> Tables:
    """Ideas with those behind them, and projects over department borders."""
    ideas_, members, projects, project_members = [], [], [], []
    ends = roster.first_day(roster.run.months)
    for at in range(roster.run.months):
        people = roster.month(at).filter("is_active")
        rng = np.random.default_rng([roster.run.seed, 75, at])
        for number in range(rng.poisson(IDEAS_PER_100 / 12 * people.height / 100)):
            idea_id = f"ide-{at}-{number}"
            created = roster.first_day(at) + timedelta(days=int(rng.integers(0, 27)))
            ideas_.append(
                {
                    "idea_id": idea_id,
                    "month": created.replace(day=1),
                    "created": created,
                    **_standing(rng, created, ends),
                }
            )
            members += [
                {"idea_id": idea_id, "month": created.replace(day=1), "person_id": each}
                for each in _group(rng, people, 1, 4, 0.38)
            ]
        for number in range(rng.poisson(PROJECTS_PER_1000 / 12 * people.height / 1000)):
            whose = {"project_id": f"projekt-{at}-{number}", "month": roster.first_day(at)}
            projects.append(
                {**whose, "started": roster.first_day(at) + timedelta(days=int(rng.integers(0, 27)))}
            )
            project_members += [{**whose, "person_id": each} for each in _group(rng, people, 4, 12, 1.0)]
    return {
        name: pl.DataFrame(rows, infer_schema_length=None)
        for name, rows in (
            ("idea", ideas_),
            ("idea_member", members),
            ("joint_project", projects),
            ("project_member", project_members),
        )
        if rows
    }


def _standing(rng: np.random.Generator, created: date, ends: date) -> dict[str, object]:
    decided = created + timedelta(days=int(rng.gamma(3.0, 28.0)) + 3)
    if rng.random() < 0.2 or decided >= ends:
        return {"status": "new", "decided_at": None}
    status = "declined" if rng.random() < 0.3 else "implemented" if rng.random() < 0.62 else "decided"
    return {"status": status, "decided_at": decided}


def _group(
    rng: np.random.Generator, people: pl.DataFrame, fewest: int, most: int, across: float
) -> list[str]:
    """Some persons, of one department or of several."""
    wanted = int(rng.integers(fewest, most + 1))
    first = int(rng.integers(0, people.height))
    same = people.filter(pl.col("department") == people["department"][first])
    pool = people if rng.random() < across else same
    others = pool["person_id"].gather(rng.integers(0, pool.height, wanted - 1)).to_list()
    return list(dict.fromkeys([people["person_id"][first], *others]))


def units(roster: Roster) -> Tables:
    """The register of units as of the last month; one ended before the run and has a successor."""
    last = roster.run.months - 1
    rows = roster.rows.group_by("unit").agg(pl.col("department").first()).sort("unit")
    register = rows.select(
        pl.lit(roster.first_day(last)).alias("month"),
        pl.col("unit").alias("unit_code"),
        pl.lit(None, dtype=pl.String).alias("unit_name"),
        pl.col("department").alias("department_code"),
        pl.lit(date(2015, 1, 1)).alias("valid_from"),
        pl.lit(None, dtype=pl.Date).alias("valid_to"),
        pl.lit(None, dtype=pl.String).alias("successor_code"),
    )
    ended = register.head(1).with_columns(
        pl.lit("GAMMAL1").alias("unit_code"),
        pl.lit(date(2020, 12, 31)).alias("valid_to"),
        pl.col("unit_code").alias("successor_code"),
    )
    return {"unit": pl.concat([register, ended])}


def published(roster: Roster) -> Tables:
    """Made-up figures in Kolada's form, for the own municipality and those it is compared with."""
    last = roster.first_day(roster.run.months - 1)
    rows = []
    for kpi, (women, men, everybody, spread) in KOLADA.items():
        for municipality in MUNICIPALITIES:
            rng = np.random.default_rng([roster.run.seed, 76, *kpi.encode(), *municipality.encode()])
            own = rng.normal(0, spread)
            for year in range(last.year - 6, last.year):
                change = own + rng.normal(0, spread / 4)
                for gender, level in (("K", women), ("M", men), ("T", everybody)):
                    rows.append(
                        {
                            "month": last,
                            "kpi": kpi,
                            "municipality": municipality,
                            "period": year,
                            "gender": gender,
                            "value": round(level + change, 3),
                            "status": None,
                        }
                    )
    return {"external_figure": pl.DataFrame(rows, schema_overrides={"status": pl.String, "period": pl.Int32})}
