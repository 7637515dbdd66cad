"""Rules that are more than a share of persons: balanced groups, ages, links, the unexplained gap, what others publish.

Belongs here: rules of their own. Does not belong here: which figure a rule is of (rules.py), reading rows (plain.py).
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import statsmodels.api as sm

from tests.integration.measures.arithmetic import Row, Value, average, end_of, share
from tests.integration.measures.plain import Plain

Rule = Callable[[Plain, Any, Row], Value]


def balanced(plain: Plain, month: date, group: Row) -> Value:
    persons = plain.counted(month, group, "monthly")
    sizes = Counter(one["occupation_group"] for one in persons)
    women, men = (
        Counter(one["occupation_group"] for one in persons if one["sex"] == sex) for sex in ("K", "M")
    )
    large = [name for name, size in sizes.items() if size >= 5]
    return share(sum(0.4 <= women[name] / (women[name] + men[name]) <= 0.6 for name in large), len(large))


def ages(plain: Plain, month: date, group: Row) -> Value:
    """Persons in an age group, of all whatever their age."""
    whole = plain.counted(month, {name: code for name, code in group.items() if name != "age_group"})
    return share(len(plain.counted(month, group)), len(whole))


def links(plain: Plain, month: date, group: Row) -> Value:
    pairs = plain.forum(month)["links"]
    return pairs.get((group["department"], group["other_department"]), 0) if group else sum(pairs.values())


def unexplained(plain: Plain, month: date, group: Row) -> Value:
    """The gap by statsmodels, on a design written anew: every level of a category has a column, so that it lacks rank."""
    persons = [
        one
        for one in plain.paid(month, {})
        if one["sex"] != "U" and one["age"] is not None and one["hire_date"] is not None
    ]
    if min(Counter(one["sex"] for one in persons).values()) < 10:
        return None
    columns = [
        [float(one["sex"] == "K") for one in persons],
        [float(one["age"]) for one in persons],
        [float(one["age"] ** 2) for one in persons],
        [(end_of(month) - one["hire_date"]).days / 365.25 for one in persons],
    ]
    for name in ("work_value_level", "occupation_group", "responsibility_code"):
        columns += [
            [float(one[name] == level) for one in persons] for level in {one[name] for one in persons}
        ]
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The design matrix is rank-deficient")
        fit = sm.OLS(np.log([one["pay"] for one in persons]), np.array(columns).T).fit()
    return float(-100 * (np.exp(fit.params[0]) / np.exp(fit.bse[0] ** 2 / 2) - 1))


def published(*municipalities: str, kpi: str = "N00217") -> Rule:
    """The mean of what is published of some municipalities, or of all; the newest copy counts."""

    def rule(plain: Plain, year: str, group: Row) -> Value:
        own = [
            row
            for row in sorted(plain.tables["external_figure"], key=lambda row: row["month"])
            if str(row["period"]) == year
            and row["kpi"] == kpi
            and row["gender"] == "T"
            and row["value"] is not None
        ]
        newest = {row["municipality"]: row["value"] for row in own}
        wanted = [group["municipality"]] if group else municipalities or newest
        return average(newest[code] for code in wanted if code in newest)

    return rule
