"""The same in pandas, for those who wonder.

Belongs here: the monthly figures of persons and the pay figures as a grouping each. Does not belong here: any other way.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figures.made_up import connect
from warehouse.key_figures.catalogue import catalogue

if TYPE_CHECKING:
    import pandas as pd


def in_pandas(file: Path) -> dict[str, float]:
    """The monthly figures of persons and the pay figures as a groupby each, on as many rows as there are."""
    import pandas as pd

    con = connect(file)
    frame = con.execute("SELECT * FROM core.person_month").df()
    con.close()
    found = catalogue()
    begun = time.process_time()
    age = (
        (frame["month"].dt.year - frame["birth_month"].dt.year) * 12
        + frame["month"].dt.month
        - frame["birth_month"].dt.month
    )
    frame["age"] = age // 12
    frame["age_group"] = pd.cut(
        frame["age"], [0, 34, 54, 64, 200], labels=["-34", "35-54", "55-64", "65-"]
    ).astype(str)
    frame["working_time"] = frame["is_full_time"].map({True: "full", False: "part"})
    shares = shares_of(frame)
    for name, (some, whole) in shares.items():
        frame["some"], frame["whole"] = some, whole
        for by in found.breakdowns(found.figures[name]):
            sums = frame.groupby(["month", *by])[["some", "whole"]].sum()
            _ = 100 * sums["some"] / sums["whole"]
    november = frame[(frame["month"].dt.month == 11) & (frame["fte_pay"] > 0) & frame["age"].between(18, 66)]
    for name in (
        "pay_median",
        "pay_difference_median",
        "pay_ratio_median",
        "pay_gap_median",
        "pay_gap_mean",
        "pay_quartiles",
    ):
        for by in found.breakdowns(found.figures[name]):
            keys = ["month", *(part for part in by if part not in {"pay_quartile", "sex"})]
            november.groupby([*keys, "sex"])["fte_pay"].agg(
                "mean" if name == "pay_gap_mean" else "median"
            ).unstack()
    return {"pandas": time.process_time() - begun, "figures": len(shares) + 6}


def shares_of(frame: pd.DataFrame) -> dict[str, tuple[pd.Series, pd.Series]]:
    """For every figure, which rows are in its numerator and which in its denominator."""
    known = frame["sex"].isin(["K", "M"])
    monthly, active = frame["is_monthly"], frame["is_active"]
    everybody, manager, woman = (
        monthly | frame["is_hourly"],
        monthly & frame["is_manager"],
        frame["sex"] == "K",
    )
    return {
        "employees": (monthly, monthly),
        "full_time_equivalents": (monthly, monthly),
        "permanent_share": (frame["is_permanent"], everybody),
        "temporary_share": (monthly & ~frame["is_permanent"], everybody),
        "hourly_share": (frame["is_hourly"], everybody),
        "full_time_share": (monthly & frame["is_full_time"], monthly),
        "part_time_75_99_share": (monthly & (frame["fte_agreed"] >= 75) & ~frame["is_full_time"], monthly),
        "part_time_1_74_share": (monthly & (frame["fte_agreed"] < 75), monthly),
        "full_time_working_share": (active & frame["is_working_full_time"], active),
        "part_time_working_75_99_share": (
            active & (frame["fte_actual"] >= 75) & ~frame["is_working_full_time"],
            active,
        ),
        "part_time_working_1_74_share": (active & (frame["fte_actual"] < 75), active),
        "mean_fte": (active, active),
        "women_share": (monthly & woman, monthly & known),
        "women_among_managers": (manager & woman, manager & known),
        "women_in_top_management": (
            monthly & woman & (frame["management_level"] == "1"),
            monthly & (frame["management_level"] == "1"),
        ),
        "retiring_within_5_years": (frame["is_permanent"] & (frame["age"] >= 61), frame["is_permanent"]),
        "employees_per_manager": (monthly & ~frame["is_manager"], manager),
        "age_distribution": (everybody, everybody),
    }
