"""Every key figure once more, plainly and slowly: loops over rows, no SQL, nothing shared with the engine.

Belongs here: a value for a figure, a period and a group, from the delivered rows. Does not belong here: speed.

A rule is written from the definition (key_figures), not from the catalogue, so that a slip in one shows in the comparison.
"""

from __future__ import annotations

import calendar
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from statistics import mean, median
from typing import Any

Row = dict[str, Any]
Value = float | None
ENOUGH_HOURS = 8.0


def end_of(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def back(month: date, months: int) -> date:
    number = month.year * 12 + month.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def share(some: float, whole: float) -> Value:
    return 100 * some / whole if whole else None


class Plain:
    """The delivered rows, asked for figures."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = tables
        self.posts = defaultdict(list)
        for row in tables["hr_employment"]:
            self.posts[row["month"]].append(row)
        self.months = sorted(self.posts)
        self.people = cache(self._people)
        self.spells = self._spells()

    # ---- persons

    def _people(self, month: date) -> list[Row]:
        """Each person of a month in the larger post."""
        by_person = defaultdict(list)
        for post in self.posts[month]:
            by_person[post["person_key"]].append(post)
        found = []
        for own in by_person.values():
            main = min(
                own, key=lambda post: (-(post["fte_agreed"] or 0), post["hire_date"], post["employment_key"])
            )
            agreed = min(sum(post["fte_agreed"] or 0 for post in own), 100)
            actual = min(sum(post["fte_actual"] or 0 for post in own), 100)
            born = main["birth_month"]
            age = None if born is None else (month.year - born.year) - (month.month < born.month)
            monthly = main["pay_form"] == "manadsavlonad"
            found.append(
                {
                    **main,
                    "sex": main["sex"] or "U",
                    "department": main["department_code"],
                    "agreed": agreed,
                    "actual": actual,
                    "age": age,
                    "monthly": monthly,
                    "active": monthly and not all(post["has_full_leave"] for post in own),
                    "permanent": monthly and main["employment_form"] == "tillsvidare",
                    "manager": main["responsibility_code"] in {"A", "B", "C", "L"},
                    "pay": main["monthly_pay_fte"] + (main["variable_pay_fte"] or 0),
                }
            )
        return found

    def counted(self, month: date, group: Row, *conditions: str) -> list[Row]:
        return [
            one
            for one in self.people(month)
            if all(one[name] == code for name, code in group.items())
            and all(one[name] for name in conditions)
        ]

    def paid(self, month: date, group: Row) -> list[Row]:
        return [one for one in self.counted(month, group) if one["age"] is None or 18 <= one["age"] <= 66]

    # ---- absence

    def _spells(self) -> dict[int, tuple[date, date]]:
        """For each row of absence its whole spell: rows of one post and kind that touch belong together."""
        by_post = defaultdict(list)
        for row in self.tables["hr_absence"]:
            by_post[row["employment_key"], row["absence_type"]].append(row)
        found = {}
        for rows in by_post.values():
            chains: list[list[Row]] = []
            for row in sorted(rows, key=lambda row: row["spell_start"]):
                last = max((self.known_end(one) for one in chains[-1]), default=None) if chains else None
                if last is not None and row["spell_start"] <= last + timedelta(days=1):
                    chains[-1].append(row)
                else:
                    chains.append([row])
            for chain in chains:
                ends = (min(row["spell_start"] for row in chain), max(self.known_end(row) for row in chain))
                for row in chain:
                    found[id(row)] = ends
        return found

    @staticmethod
    def known_end(row: Row) -> date:
        return row["spell_end"] or end_of(row["month"])

    def time(self, months: list[date], group: Row) -> Row:
        """Hours and days of a period's posts."""
        posts = {
            (post["month"], post["employment_key"]): post
            for month in months
            for post in self.posts[month]
            if all(
                (post["sex"] or "U") == code if name == "sex" else post["department_code"] == code
                for name, code in group.items()
            )
        }
        absent = [row for row in self.tables["hr_absence"] if (row["month"], row["employment_key"]) in posts]
        sick = [row for row in absent if row["absence_type"] == "sjuk"]
        end = end_of(months[-1])
        long = [
            row
            for row in sick
            if (min(self.spells[id(row)][1], end) - self.spells[id(row)][0]).days + 1 >= 60
        ]

        def days(kind: str, sexes: tuple[str, ...]) -> float:
            return sum(
                row["absence_days"]
                for row in absent
                if row["absence_type"] == kind and posts[row["month"], row["employment_key"]]["sex"] in sexes
            )

        return {
            "ordinary": sum(post["ordinary_hours"] for post in posts.values()),
            "sick": sum(row["absence_hours"] for row in sick),
            "long": sum(row["absence_hours"] for row in long),
            "days": days,
        }

    # ---- change

    def change(self, month: date, group: Row) -> Row:
        earlier = {one["person_key"]: one for one in self.people(back(month, 12))}
        later = {one["person_key"]: one for one in self.people(month)}
        found = []
        for key in earlier.keys() | later.keys():
            was, now = earlier.get(key), later.get(key)
            of = was or now or {}
            if all(of[name] == code for name, code in group.items()):
                found.append((was, now))
        before = [pair for pair in found if pair[0] and pair[0]["permanent"]]
        after = [pair for pair in found if pair[1] and pair[1]["permanent"]]
        stayed = [
            now
            for was, now in found
            if was and now and was["monthly"] and now["monthly"] and not was["manager"]
        ]
        return {
            "before": len(before),
            "after": len(after),
            "new": sum(not (was and was["permanent"]) for was, _ in after),
            "gone": sum(not (now and now["permanent"]) for _, now in before),
            "stayed": len(stayed),
            "promoted": sum(one["manager"] for one in stayed),
        }

    # ---- plans

    def valid_plans(self, month: date) -> list[Row]:
        by_submission = defaultdict(list)
        for plan in self.tables["individual_plan"]:
            if plan["status"] in {"accepted", "withdrawn"} and plan["submitted_at"].date() <= end_of(month):
                by_submission[plan["submission_id"]].append(plan)
        newest = [max(own, key=lambda plan: plan["version"]) for own in by_submission.values()]
        return [
            plan
            for plan in newest
            if plan["status"] == "accepted" and plan["period_start"] <= end_of(month) <= plan["period_end"]
        ]

    def children(self, name: str, parent: Row) -> list[Row]:
        key = ("submission_id", "version")
        return [row for row in self.tables[name] if all(row[part] == parent[part] for part in key)]

    def needs(self, month: date, group: Row) -> list[tuple[Row, bool]]:
        active = {one["person_key"] for one in self.counted(month, group, "active")}
        found = []
        for plan in self.valid_plans(month):
            done = {
                row["competence_area"]
                for row in self.children("plan_activity", plan)
                if row["done_date"] and row["done_date"] <= end_of(month)
            }
            if plan["person_key"] in active:
                found += [
                    (need, need["competence_area"] in done) for need in self.children("plan_need", plan)
                ]
        return found

    def lately(self, name: str, month: date, whose: Iterable[Row]) -> dict[str, list[Row]]:
        """The events of twelve months, by person."""
        keys = {one["person_key"] for one in whose}
        found = defaultdict(list)
        for row in self.tables[name]:
            if back(month, 11) <= row["month"] <= month and row["person_key"] in keys:
                found[row["person_key"]].append(row)
        return found

    def leader_plans(self, month: date, group: Row) -> list[Row | None]:
        """For every expected plan, the accepted one or nothing."""
        newest = max(row["month"] for row in self.tables["leader_plan_expected"] if row["month"] <= month)
        where: dict[str, str] = {}
        for one in sorted(self.people(month), key=lambda one: one["department"]):
            where.setdefault(one["unit_code"], one["department"])
        found: list[Row | None] = []
        for row in self.tables["leader_plan_expected"]:
            if row["month"] != newest or any(where.get(row["unit_code"]) != code for code in group.values()):
                continue
            own = [
                plan
                for plan in self.tables["leader_plan"]
                if plan["unit_code"] == row["unit_code"]
                and plan["status"] == "accepted"
                and plan["submitted_at"].date() <= end_of(month)
            ]
            found.append(max(own, key=lambda plan: plan["version"]) if own else None)
        return found

    def measures(self, month: date, group: Row) -> list[Row]:
        plans = [plan for plan in self.leader_plans(month, group) if plan]
        return [row for plan in plans for row in self.children("leader_measure", plan) if row["ground"]]

    # ---- forum

    def forum(self, month: date) -> Row:
        members = defaultdict(set)
        for row in self.tables["idea_member"]:
            members["i", row["idea_id"]].add(row["person_key"])
        for row in self.tables["project_member"]:
            members["j", row["project_id"]].add(row["person_key"])
        is_recent: Callable[[date], bool] = lambda day: back(month, 11) <= day <= end_of(month)  # noqa: E731
        ideas = [row for row in self.tables["idea"] if is_recent(row["month"])]
        decided = [
            row for row in self.tables["idea"] if row["decided_date"] and is_recent(row["decided_date"])
        ]
        projects = [row for row in self.tables["joint_project"] if is_recent(row["month"])]

        def departments(idea: Row) -> set[str]:
            there = {one["person_key"]: one["department"] for one in self.people(idea["month"])}
            return {there[key] for key in members["i", idea["idea_id"]] if key in there}

        now = {one["person_key"]: one["department"] for one in self.people(month)}
        links: dict[tuple[str, str], set[str]] = defaultdict(set)
        for thing in [("i", row["idea_id"]) for row in ideas] + [
            ("j", row["project_id"]) for row in projects
        ]:
            own = {key: now[key] for key in members[thing] if key in now}
            for first, second in ((a, b) for a in set(own.values()) for b in set(own.values()) if a < b):
                links[first, second] |= {
                    key for key, department in own.items() if department in {first, second}
                }
        number = len(set(now.values()))
        return {
            "ideas": len(ideas),
            "cross": sum(len(departments(idea)) >= 2 for idea in ideas),
            "decided": len(decided),
            "implemented": sum(row["status"] == "implemented" for row in decided),
            "lead": median((row["decided_date"] - row["created_date"]).days for row in decided)
            if decided
            else None,
            "projects": len(projects),
            "links": sum(map(len, links.values())),
            "density": share(len(links), number * (number - 1) / 2),
        }

    # ---- survey

    def index(self, name: str, group: Row, codes: list[str]) -> Value:
        """Mean of items' indices; a reversed item is turned."""
        items = {row["item_code"]: row for row in self.tables["survey_item"] if row["round_id"] == name}
        indices = []
        for code in codes:
            own = [
                6 - row["value"] if items[code]["is_reversed"] else row["value"]
                for row in self.answers(name, group, [code])
            ]
            indices.append((mean(own) - 1) * 25)
        return mean(indices)

    def answers(self, name: str, group: Row, codes: list[str]) -> list[Row]:
        delivered = {"sex": "sex", "department": "department_code"}
        return [
            row
            for row in self.tables["survey_answer"]
            if row["round_id"] == name
            and row["item_code"] in codes
            and row["value"] is not None
            and all(row[delivered[part]] == code for part, code in group.items())
        ]


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
