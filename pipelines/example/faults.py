"""The faults of the example's deliveries: each one is listed here, and every one has been seen in real files.

Belongs here: which month has which fault, and how it is put into the truth before it is written.
Does not belong here: what intake does with them; how files are written (files.py).

Months are counted from the first of the run (0). No fault falls on the calibrated November, and no month gets
more than one or two bad rows, so that no delivery passes the limit at which it is refused whole.

In every month
- a column with names, which no mapping mentions and intake must drop;
- persons with two posts; persons with coordination numbers; one protected identity whose number has letters
  (true, not errors; municipality.py).

| month    | contract      | fault |
|----------|---------------|-------|
| 0, 1     | hr_employment | a person of unknown sex, without a personnummer (true, not an error) |
| 3, 33    | hr_employment | an extra row with negative monthly pay |
| 5, 26    | hr_employment | a negative supplement: a correction, and right |
| 6, 30    | hr_employment | an extra row with the unknown sex code `X` |
| 7        | both          | late: delivered a month after the others |
| 9, 27    | hr_employment | delivered twice: first with wrong pay and without three persons, corrected 17 days later |
| 13, 31   | hr_employment | an extra row whose personnummer has a wrong check digit |
| up to 14 | hr_employment | a person's sex and number change (half-way to the calibrated November); the old number is told |
| 15, 28   | hr_absence    | delivered twice: first without a tenth of its rows |
| 18, 29   | hr_employment | an employment twice, with different pay |
| 20, 32   | hr_absence    | an extra row whose spell ends before it begins |
| 22       | hr_absence    | an extra row with an extent of 150 percent |
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl

from pipelines.example.identities import numbers
from pipelines.example.parameters import Parameters
from pipelines.example.spells import as_date

NEGATIVE_PAY, NEGATIVE_SUPPLEMENT, UNKNOWN_SEX = (3, 33), (5, 26), (6, 30)
LATE, CORRECTED_EMPLOYMENT, WRONG_NUMBER = (7,), (9, 27), (13, 31)
CORRECTED_ABSENCE, TWICE, WRONG_ORDER, TOO_MUCH = (15, 28), (18, 29), (20, 32), (22,)
_USUAL_DAY, _CORRECTION_DAYS = 3, 17
# Nobody in the example is born on a 29th: the stranger's number is free at any size.
_BIRTH = date(1985, 3, 29)
_RIGHT = str(numbers(np.array([19850329]), np.array([0]))[0])
_STRANGER = {
    "person_id": _RIGHT,
    "name": "Blindprovfel, Elsa",
    "employment_id": "90000002",
    "birth_date": _BIRTH,
    "end_date": None,
    "end_reason": None,
}


@dataclass(frozen=True)
class Delivery:
    """One file: a month's rows as they were delivered on a day."""

    month: date
    delivered: date
    rows: pl.DataFrame


def deliveries(contract: str, rows: pl.DataFrame, number: int, run: Parameters) -> list[Delivery]:
    """A month's deliveries of one contract, faults included, oldest first.

    Args:
        contract: hr_employment or hr_absence.
        rows: the month's truth.
        number: the month, year × 12 + month − 1.
        run: the run's parameters.
    """
    at = number - run.first
    if number == run.calibrated:
        at = -1
    usual = as_date(number + (2 if at in LATE else 1)) + timedelta(days=_USUAL_DAY - 1)
    month = as_date(number)
    broken = _broken_employment(rows, at) if contract == "hr_employment" else _broken_absence(rows, at)
    first = Delivery(month, usual, broken)
    if contract == "hr_employment" and at in CORRECTED_EMPLOYMENT:
        worse = rows.with_columns(
            pl.when(pl.int_range(pl.len()) % 250 == 7)
            .then(pl.col("monthly_pay") * 2)
            .otherwise("monthly_pay")
            .round(2)
            .alias("monthly_pay")
        )
        return [
            Delivery(month, usual, worse.slice(3)),
            Delivery(month, usual + timedelta(days=_CORRECTION_DAYS), rows),
        ]
    if contract == "hr_absence" and at in CORRECTED_ABSENCE:
        some = rows.filter(pl.int_range(pl.len()) % 10 != 3)
        return [Delivery(month, usual, some), Delivery(month, usual + timedelta(days=_CORRECTION_DAYS), rows)]
    return [first]


def _broken_employment(rows: pl.DataFrame, at: int) -> pl.DataFrame:
    stranger = rows.filter((pl.col("sex") == "K") & (pl.col("pay_form") == "manadsavlonad")).head(1)
    stranger = stranger.with_columns(
        pl.lit(value, rows.schema[name]).alias(name) for name, value in _STRANGER.items()
    )
    if at in NEGATIVE_PAY:
        return _insert(rows, stranger.with_columns(-pl.col("monthly_pay_fte").alias("monthly_pay")))
    if at in NEGATIVE_SUPPLEMENT:
        chosen = pl.int_range(pl.len()) == pl.len() // 3
        return rows.with_columns(
            pl.when(chosen).then(-412.5).otherwise("variable_pay_fte").alias("variable_pay_fte")
        )
    if at in UNKNOWN_SEX:
        return _insert(rows, stranger.with_columns(pl.lit("X").alias("sex")))
    if at in WRONG_NUMBER:
        return _insert(
            rows,
            stranger.with_columns(pl.lit(_RIGHT[:-1] + str((int(_RIGHT[-1]) + 1) % 10)).alias("person_id")),
        )
    if at in TWICE:
        again = rows.slice(len(rows) // 2, 1)
        return _insert(rows, again.with_columns(pl.col("monthly_pay") + 1000))
    return rows


def _broken_absence(rows: pl.DataFrame, at: int) -> pl.DataFrame:
    extra = rows.slice(len(rows) // 2, 1)
    if at in WRONG_ORDER:
        start = pl.col("month") + pl.duration(days=14)
        return _insert(
            rows,
            extra.with_columns(start.alias("spell_start"), (start - pl.duration(days=9)).alias("spell_end")),
        )
    if at in TOO_MUCH:
        return _insert(rows, extra.with_columns(pl.lit(150.0).alias("extent")))
    return rows


def _insert(rows: pl.DataFrame, extra: pl.DataFrame) -> pl.DataFrame:
    """Put the extra row in the middle: nobody finds it by looking at the end of the file."""
    middle = len(rows) * 2 // 3
    return pl.concat([rows.slice(0, middle), extra.select(rows.columns), rows.slice(middle)])
