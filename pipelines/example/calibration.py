"""How well the example agrees with the published figures, computed from its own rows and without the system.

Belongs here: the published KPIs over a month of employments and a year of absence, in plain Polars, by their
Kolada definitions.
Does not belong here: the system's key figures (warehouse/key_figures) and their comparison (backtest.py). The
two must not share code: each is a check of the other.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from pipelines.example.municipality import Month

# Share KPIs: id → (who is counted, among whom).
_MONTHLY = pl.col("is_monthly")
_ACTIVE = _MONTHLY & ~pl.col("has_full_leave")
_SHARES: dict[str, tuple[pl.Expr, pl.Expr]] = {
    "N00200": (_MONTHLY & pl.col("is_permanent"), pl.lit(True)),
    "N00201": (_MONTHLY & ~pl.col("is_permanent"), pl.lit(True)),
    "N00206": (pl.col("agreed") >= 100, _MONTHLY),
    "N00207": (pl.col("agreed").is_between(75, 99.99), _MONTHLY),
    "N00208": (pl.col("agreed") < 75, _MONTHLY),
    "N00209": (pl.col("actual") >= 100, _ACTIVE),
    "N00210": (pl.col("actual").is_between(75, 99.99), _ACTIVE),
    "N00211": (pl.col("actual") < 75, _ACTIVE),
    "N00214": (pl.col("age") >= 55, pl.lit(True)),
}
_COUNTS: dict[str, pl.Expr] = {
    "N00053": _MONTHLY,
    "N00230": ~_MONTHLY,
    "N00232": _MONTHLY & pl.col("has_full_leave"),
}


def persons(employment: pl.DataFrame) -> pl.DataFrame:
    """One row per person: the larger post decides form and pay, working time is the sum of the posts, at most 100 percent."""
    months = pl.col("month").dt.year() * 12 + pl.col("month").dt.month()
    birth = pl.col("birth_date").dt.year() * 12 + pl.col("birth_date").dt.month()
    return (
        employment.sort("fte_agreed", descending=True, nulls_last=True)
        .group_by("person_id", maintain_order=True)
        .agg(
            pl.col("sex").first(),
            (pl.col("pay_form").first() == "manadsavlonad").alias("is_monthly"),
            (pl.col("employment_form").first() == "tillsvidare").alias("is_permanent"),
            pl.col("has_full_leave").first(),
            pl.col("fte_agreed").sum().clip(upper_bound=100).alias("agreed"),
            pl.col("fte_actual").sum().clip(upper_bound=100).alias("actual"),
            ((months - birth).first() // 12).alias("age"),
            (pl.col("monthly_pay_fte") + pl.col("variable_pay_fte")).first().alias("pay"),
        )
    )


def month_facts(employment: pl.DataFrame) -> pl.DataFrame:
    """The published KPIs of one month.

    Args:
        employment: a month's rows as municipality.Month has them.

    Returns:
        kpi, gender (K, M, T), value: percent, counts, and for N00951 kr.
    """
    everybody = persons(employment)
    by_sex = [("K", everybody.filter(pl.col("sex") == "K")), ("M", everybody.filter(pl.col("sex") == "M"))]
    rows: list[tuple[str, str, float]] = []
    for gender, group in [*by_sex, ("T", everybody)]:
        for kpi, (counted, among) in _SHARES.items():
            whole = group.filter(among)
            rows.append((kpi, gender, 100 * whole.filter(counted).height / max(whole.height, 1)))
        rows += [(kpi, gender, float(group.filter(counted).height)) for kpi, counted in _COUNTS.items()]
    of_age = pl.col("age").is_between(18, 66)
    women, men = (float(group.filter(of_age)["pay"].median() or 0.0) for _, group in by_sex)  # type: ignore[arg-type]
    rows.append(("N00951", "T", women - men))
    return pl.DataFrame(rows, schema=["kpi", "gender", "value"], orient="row")


def sick_facts(months: Iterable[Month]) -> pl.DataFrame:
    """Sick hours in percent of ordinary hours over the months given (N00090), by sex and together."""
    hours = []
    for month in months:
        sex = month.employment.select("employment_id", "sex")
        sick = month.absence.filter(pl.col("absence_type") == "sjuk").join(sex, on="employment_id")
        hours.append(
            pl.concat(
                [
                    sick.select("sex", pl.col("absence_hours").alias("sick"), pl.lit(0.0).alias("ordinary")),
                    month.employment.select(
                        "sex", pl.lit(0.0).alias("sick"), pl.col("ordinary_hours").alias("ordinary")
                    ),
                ]
            )
        )
    everything = pl.concat(hours)
    share = (100 * pl.col("sick").sum() / pl.col("ordinary").sum()).alias("value")
    by_sex = everything.drop_nulls("sex").group_by(pl.col("sex").alias("gender")).agg(share)
    both = everything.select(pl.lit("T").alias("gender"), share)
    return pl.concat([by_sex, both]).select(pl.lit("N00090").alias("kpi"), "gender", "value").sort("gender")
