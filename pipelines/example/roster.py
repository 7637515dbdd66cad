"""Who worked where, month by month: what the example's other subjects are drawn from.

Belongs here: a slim table of the persons of every month, and days within a month.
Does not belong here: what the persons do (surveys.py, plans.py, taking_part.py).

A very large municipality's other subjects are drawn for a part of its persons only: twenty thousand answer as a million would.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from pipelines.example.chance import own
from pipelines.example.municipality import FIRST_EMPLOYMENT, FIRST_SECOND_POST, Month
from pipelines.example.parameters import Parameters
from pipelines.example.spells import as_date

MOST_PERSONS = 20_000
_PART = 60


@dataclass(frozen=True)
class Roster:
    """The monthly-paid persons of every month, in their main post.

    Attributes:
        run: the run.
        rows: one row per person and month: at (month of the run), who (the person's number), person_id, sex, birth_date,
            department, unit, level (of management, 0 = none), is_active (not on full leave).
    """

    run: Parameters
    rows: pl.DataFrame

    def month(self, at: int) -> pl.DataFrame:
        """The persons of one month, in order of number."""
        return self.rows.filter(pl.col("at") == at)

    def first_day(self, at: int) -> date:
        """The first day of a month of the run."""
        return as_date(self.run.first + at)

    def chance(self, purpose: int, who: np.ndarray | pl.Series) -> np.ndarray:
        """A number 0–1 for each person, the same whenever it is asked for."""
        return own(self.run.seed, purpose, np.asarray(who))


def slim(month: Month, run: Parameters) -> pl.DataFrame:
    """One month's rows of the roster."""
    who = pl.col("employment_id").cast(pl.Int64)
    rows = month.employment.filter(
        (pl.col("pay_form") == "manadsavlonad") & (who >= FIRST_EMPLOYMENT) & (who < FIRST_SECOND_POST)
    ).select(
        pl.lit(month.number - run.first, dtype=pl.Int32).alias("at"),
        (who - FIRST_EMPLOYMENT).alias("who"),
        "person_id",
        "sex",
        "birth_date",
        pl.col("department_code").alias("department"),
        pl.col("unit_code").alias("unit"),
        pl.col("management_level").fill_null(0).alias("level"),
        (~pl.col("has_full_leave")).alias("is_active"),
    )
    if run.size > MOST_PERSONS:
        rows = rows.filter(pl.Series(own(run.seed, _PART, rows["who"].to_numpy()) < MOST_PERSONS / run.size))
    return rows.sort("who")


def roster(months: Iterable[pl.DataFrame], run: Parameters) -> Roster:
    """The roster of a whole run, from its slim months."""
    return Roster(run, pl.concat(months))


def days(first: date, offsets: np.ndarray) -> pl.Series:
    """Days counted from a first one."""
    return pl.Series(np.datetime64(first, "D") + offsets.astype("timedelta64[D]")).cast(pl.Date)


def count(chance: np.ndarray, weights: list[float]) -> np.ndarray:
    """0, 1, 2 … with the given weights, from a number 0–1."""
    edges = np.cumsum(weights) / sum(weights)
    return np.minimum(np.searchsorted(edges, chance, side="right"), len(weights) - 1)


def codes(chance: np.ndarray, choices: list[str]) -> pl.Series:
    """One of the choices for each number 0–1."""
    return pl.Series(choices).gather(
        pl.Series(np.minimum((chance * len(choices)).astype(np.int64), len(choices) - 1))
    )
