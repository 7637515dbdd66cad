"""The example's surveys: a round with HME each October, near what Eslöv has published, and items of its own.

Belongs here: who is invited, who answers, and what.
Does not belong here: what an index is.
"""

# ruff: noqa: E501 - the tables below are read as tables

from __future__ import annotations

from datetime import date
from statistics import NormalDist

import numpy as np
import polars as pl

from pipelines.example.chance import own_normal
from pipelines.example.roster import Roster
from pipelines.example.spells import as_date

OCTOBER = 9
# HME total of women and men in the last round, and how much lower each round before it was.
TOTAL = {"K": 82.6, "M": 80.4}
EARLIER = 0.7
# What each of the nine items lies above or below the total; they sum to nought.
ITEM_OFFSETS = (4.0, 0.0, -3.0, 1.5, 3.0, 1.0, -1.0, -6.5, 1.0)
SUB_INDICES = ("motivation",) * 3 + ("leadership",) * 3 + ("governance",) * 3
QUESTIONS = (
    "Mitt arbete känns meningsfullt",
    "Jag lär nytt och utvecklas i mitt dagliga arbete",
    "Jag ser fram emot att gå till arbetet",
    "Min närmaste chef visar uppskattning för mina arbetsinsatser",
    "Min närmaste chef visar förtroende för mig som medarbetare",
    "Min närmaste chef ger mig förutsättningar att ta ansvar i mitt arbete",
    "Jag är insatt i min arbetsplats mål",
    "Min arbetsplats mål följs upp och utvärderas på ett bra sätt",
    "Jag vet vad som förväntas av mig i mitt arbete",
)
# Own items: code, Swedish, English, sub-index, scale, reversed, level (index, or percent who say yes).
OWN = (
    ("INK1", "På min arbetsplats behandlas alla lika", "Everybody is treated alike at my workplace", "inclusion", "1-5", False, 78.0),
    ("INK2", "Jag kan vara mig själv på arbetet", "I can be myself at work", "inclusion", "1-5", False, 83.0),
    ("INK3", "Mina synpunkter tas till vara", "My views are made use of", "inclusion", "1-5", False, 71.0),
    ("TILLG", "Har du mött hinder i lokaler eller verktyg?", "Have you met barriers in premises or tools?", "accessibility", "yes_no", True, 11.0),
)  # fmt: skip
RESPONSE_SHARE, DO_NOT_KNOW, OTHER_SEX = 0.79, 0.02, 0.006
_ANSWERS, _SEX, _PERSON, _ITEM, _MISSING, _DEPARTMENT = 61, 62, 63, 100, 130, 64


def surveys(roster: Roster) -> dict[str, pl.DataFrame]:
    """Rounds, items, invited and answers of every October of the run, in the contracts' delivered columns."""
    octobers = [at for at in range(roster.run.months) if (roster.run.first + at) % 12 == OCTOBER]
    tables: dict[str, list[pl.DataFrame]] = {}
    for place, at in enumerate(octobers):
        for name, table in _round(roster, at, len(octobers) - 1 - place).items():
            tables.setdefault(name, []).append(table)
    return {name: pl.concat(parts) for name, parts in tables.items()}


def _round(roster: Roster, at: int, rounds_later: int) -> dict[str, pl.DataFrame]:
    month = as_date(roster.run.first + at)
    whose = [pl.lit(f"HME-{month.year}").alias("round_id"), pl.lit(month).alias("month")]
    people = (
        roster.month(at)
        .filter("is_active")
        .with_columns(_age_group(month.replace(day=31)).alias("age_group"))
    )
    took_part = roster.chance(_ANSWERS + 500 + at, people["who"]) < RESPONSE_SHARE
    return {
        "survey_round": pl.DataFrame(
            {
                "round_id": f"HME-{month.year}",
                "month": month,
                "round_name": f"Medarbetarenkät {month.year}",
                "opens_date": month,
                "closes_date": month.replace(day=25),
                "survey_kind": "hme",
            }
        ),
        "survey_item": _items().select(*whose, pl.all()),
        "survey_invited": people.with_columns(pl.Series("took", took_part))
        .group_by(pl.col("department").alias("department_code"), "sex", "age_group", maintain_order=True)
        .agg(pl.len().cast(pl.Int64).alias("invited"), pl.col("took").sum().cast(pl.Int64).alias("completed"))
        .sort("department_code", "sex", "age_group")
        .select(*whose, pl.all()),
        "survey_answer": _answers(roster, at, rounds_later, people.filter(pl.Series(took_part))).select(
            *whose, pl.all()
        ),
    }


def _age_group(day: date) -> pl.Expr:
    born = pl.col("birth_date")
    had_birthday = (born.dt.month() * 100 + born.dt.day()) <= day.month * 100 + day.day
    age = day.year - born.dt.year() - (~had_birthday).cast(pl.Int32)
    return (
        pl.when(age <= 29).then(pl.lit("-29")).when(age <= 49).then(pl.lit("30-49")).otherwise(pl.lit("50-"))
    )


def _items() -> pl.DataFrame:
    rows: list[dict[str, object]] = [
        {
            "item_code": f"HME[SQ{number:03}]",
            "hme_number": number,
            "question_sv": question,
            "question_en": None,
            "sub_index": sub_index,
            "scale": "1-5",
            "is_reversed": False,
        }
        for number, (question, sub_index) in enumerate(zip(QUESTIONS, SUB_INDICES, strict=True), 1)
    ]
    names = ("item_code", "question_sv", "question_en", "sub_index", "scale", "is_reversed")
    rows += [{"hme_number": None, **{name: own[place] for place, name in enumerate(names)}} for own in OWN]
    return pl.DataFrame(rows, schema_overrides={"hme_number": pl.Int32, "question_en": pl.String})


def _answers(roster: Roster, at: int, rounds_later: int, people: pl.DataFrame) -> pl.DataFrame:
    who = people["who"].to_numpy()
    seed = roster.run.seed + 1000 * at
    mood = 0.7 * own_normal(seed, _PERSON, who)
    # Departments differ, and the differences sum to nought.
    departments = own_normal(
        roster.run.seed, _DEPARTMENT, people["department"].rank("dense").to_numpy().astype(np.int64)
    )
    mood = mood - mood.mean() + 0.12 * (departments - departments.mean())
    is_woman = (people["sex"] == "K").to_numpy()
    base = people.select(
        pl.concat_str(pl.lit(f"R{at}-"), (pl.col("who") * 7919 + 13).cast(pl.String)).alias("respondent_id"),
        pl.col("department").alias("department_code"),
        pl.when(pl.Series(roster.chance(_SEX + 500 + at, who) < OTHER_SEX))
        .then(pl.lit("U"))
        .otherwise("sex")
        .alias("sex"),
        "age_group",
    )
    parts = []
    for number, (code, level, scale) in enumerate(_levels()):
        lower = EARLIER * rounds_later
        values = np.zeros(len(who), np.int32)
        noise = mood + 0.7 * own_normal(seed, _ITEM + number, who)
        for is_group, sex in ((is_woman, "K"), (~is_woman, "M")):
            goal = (
                level
                - lower
                + (TOTAL[sex] if scale == "hme" else TOTAL[sex] - TOTAL["K"] if scale == "1-5" else 0)
            )
            values[is_group] = _value(noise[is_group], goal / 100, scale == "yes_no")
        missing = pl.Series(roster.chance(_MISSING + number + 500 + at, who) < DO_NOT_KNOW)
        value = pl.Series("value", values).set(missing, None)
        parts.append(base.with_columns(pl.lit(code).alias("item_code"), value))
    return pl.concat(parts)


def _levels() -> list[tuple[str, float, str]]:
    hme = [(f"HME[SQ{number:03}]", offset, "hme") for number, offset in enumerate(ITEM_OFFSETS, 1)]
    return hme + [(code, level, scale) for code, _, _, _, scale, _, level in OWN]


def _value(noise: np.ndarray, share: float, is_yes_no: bool) -> np.ndarray:
    """Answers whose mean index is 100 × share: the value follows Binomial(4, share) + 1, or yes with that chance."""
    if is_yes_no:
        edges = [1 - share]
    else:
        chances = [[1, 4, 6, 4, 1][k] * share**k * (1 - share) ** (4 - k) for k in range(5)]
        edges = list(np.cumsum(chances)[:4])
    spread = float(np.sqrt(0.49 + 0.49 + 0.0144))
    limits = [NormalDist(0, spread).inv_cdf(float(edge)) for edge in edges]
    return np.searchsorted(limits, noise, side="right").astype(np.int32) + (0 if is_yes_no else 1)
