"""The small arithmetic of the plain implementation: groups of a row, shares, indices of a spread, quarters.

Belongs here: what is made of numbers or of one row. Does not belong here: reading the delivered rows (plain.py).
"""

from __future__ import annotations

import calendar
import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from statistics import mean
from typing import Any

Row = dict[str, Any]
Value = float | None


def end_of(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def back(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def share(some: float, whole: float) -> Value:
    return 100 * some / whole if whole else None


def average(values: Iterable[float]) -> Value:
    told = list(values)
    return mean(told) if told else None


def filed(rows: Iterable[Row], *names: str) -> dict[tuple[Any, ...], list[Row]]:
    found: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in names)].append(row)
    return found


def within(row: Row, group: Row) -> bool:
    return all(row[name] == code for name, code in group.items())


def asked_of(row: Row) -> Row:
    return {"sex": row["sex"] or "U", "department": row["department_code"] or "?"}


def age_of(post: Row, month: date) -> int | None:
    born = post["birth_month"]
    return None if born is None else (month.year - born.year) - (month.month < born.month)


def levels(post: Row, month: date) -> Row:
    """The groups that a post stands in at the end of a month; what is not known is a group of its own."""
    age = age_of(post, month)
    health = "?" if age is None else "-29" if age <= 29 else "30-49" if age <= 49 else "50-"
    return {
        "sex": post["sex"] or "U",
        "department": post["department_code"] or "?",
        "unit": post["unit_code"] or "?",
        "occupation_group": post["occupation_group"] or "?",
        "management_level": str(post["management_level"] or 0),
        "employment_form": post["employment_form"] or "?",
        "age_group": band(age),
        "age_group_health": health,
    }


def duncan(persons: list[Row]) -> float:
    women, men = (
        Counter(one["occupation_group"] for one in persons if one["sex"] == sex) for sex in ("K", "M")
    )
    return 50 * sum(
        abs(women[group] / women.total() - men[group] / men.total()) for group in women.keys() | men.keys()
    )


def entropy(counts: Iterable[float]) -> float:
    counts = [count for count in counts if count]
    return -sum(count / sum(counts) * math.log(count / sum(counts)) for count in counts)


def theil(persons: list[Row]) -> float:
    known = [one for one in persons if one["sex"] in {"K", "M"}]
    whole = entropy(Counter(one["sex"] for one in known).values())
    inside = sum(
        len(own) / len(known) * entropy(Counter(one["sex"] for one in own).values())
        for department in {one["department"] for one in known}
        if (own := [one for one in known if one["department"] == department])
    )
    return 100 * (whole - inside) / whole


def band(age: int | None) -> str:
    if age is None:
        return "?"
    return "-34" if age <= 34 else "35-54" if age <= 54 else "55-64" if age <= 64 else "65-"


def quarters(persons: list[Row]) -> list[float]:
    """Women in each quarter, percent: every place at a border is held by all who are tied for it."""
    ranked = sorted((one for one in persons if one["sex"] in {"K", "M"}), key=lambda one: one["pay"])
    tied = defaultdict(list)
    for one in ranked:
        tied[one["pay"]].append(one["sex"] == "K")
    womanly = [Fraction(sum(tied[one["pay"]]), len(tied[one["pay"]])) for one in ranked]
    size, more = divmod(len(ranked), 4)
    found, begins = [], 0
    for quarter in range(4):
        ends = begins + size + (quarter < more)
        found.append(float(100 * sum(womanly[begins:ends]) / (ends - begins)))
        begins = ends
    return found
