"""Every key figure once more, plainly and slowly: loops over rows, no SQL, nothing shared with the engine.

Belongs here: a value for a figure, a period and a group, from the delivered rows. Does not belong here: speed.

A rule is written from the definition (key_figures), not from the catalogue, so that a slip in one shows in the comparison.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache
from statistics import mean, median
from typing import Any

from tests.integration.measures.arithmetic import (
    Row,
    Value,
    age_of,
    asked_of,
    back,
    band,
    end_of,
    filed,
    levels,
    share,
    within,
)

ENOUGH_HOURS = 8.0


class Plain:
    """The delivered rows, asked for figures."""

    def __init__(self, tables: dict[str, list[Row]]) -> None:
        self.tables = tables
        self.posts = defaultdict(list)
        for row in tables["hr_employment"]:
            self.posts[row["month"]].append(row)
        self.months = sorted(self.posts)
        for name in ("people", "grouped", "grouped_posts", "valid_plans", "events", "expected", "forum"):
            setattr(self, name, cache(getattr(self, name)))
        self.away = self._away()
        self.spells = self._spells()
        self.absences = filed(tables["hr_absence"], "month", "employment_key")
        self.parents = {
            name: filed(tables[name], "submission_id", "version")
            for name in ("plan_need", "plan_activity", "leader_measure")
        }
        renamed = (row for row in tables["hr_employment"] if row.get("previous_person_key"))
        self.renamed = {
            row["previous_person_key"]: row["person_key"]
            for row in sorted(renamed, key=lambda row: row["person_key"])
        }

    # ---- persons

    def people(self, month: date) -> list[Row]:
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
            monthly = main["pay_form"] == "manadsavlonad"
            found.append(
                {
                    **main,
                    **levels(main, month),
                    "agreed": agreed,
                    "actual": actual,
                    "age": age_of(main, month),
                    "full": agreed >= 99.995 or any(post.get("is_full_time") for post in own),
                    "working_full": actual >= 99.995,
                    "monthly": monthly,
                    "active": monthly and not all(self.is_away(post) for post in own),
                    "permanent": monthly and main["employment_form"] == "tillsvidare",
                    "manager": main["responsibility_code"] in {"A", "B", "C", "L"},
                    "pay": (main["monthly_pay_fte"] or 0) + (main["variable_pay_fte"] or 0),
                }
            )
            is_told = any(
                post["fte_agreed"] is not None or post.get("is_full_time") is not None for post in own
            )
            found[-1]["working_time"] = "full" if found[-1]["full"] else "part" if is_told else "?"
        return found

    def _away(self) -> dict[tuple[date, str], int]:
        """The days of full absence of a post in a month."""
        days: dict[tuple[date, str], int] = defaultdict(int)
        for row in self.tables["hr_absence"]:
            if (row["extent"] or 0) >= 100:
                month = row["month"]
                first, last = max(row["spell_start"], month), min(self.known_end(row), end_of(month))
                days[month, row["employment_key"]] += (last - first).days + 1
        return days

    def is_away(self, post: Row) -> bool:
        own = self.away.get((post["month"], post["employment_key"]), 0)
        return bool(post["has_full_leave"]) or own >= end_of(post["month"]).day

    def grouped(self, month: date, names: tuple[str, ...]) -> dict[tuple[Any, ...], list[Row]]:
        return filed(self.people(month), *names)

    def counted(self, month: date, group: Row, *conditions: str) -> list[Row]:
        own = self.grouped(month, tuple(group))[tuple(group.values())]
        return [one for one in own if all(one[name] for name in conditions)]

    def paid(self, month: date, group: Row) -> list[Row]:
        return [
            one
            for one in self.counted(month, group)
            if one["pay"] > 0 and (one["age"] is None or 18 <= one["age"] <= 66)
        ]

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

    def grouped_posts(
        self, months: tuple[date, ...], names: tuple[str, ...]
    ) -> dict[tuple[Any, ...], list[Row]]:
        posts = (post for month in months for post in self.posts[month])
        return filed(({**post, **levels(post, months[-1])} for post in posts), *names)

    def time(self, months: list[date], group: Row) -> Row:
        """Hours and days of a period's posts."""
        own = self.grouped_posts(tuple(months), tuple(group))[tuple(group.values())]
        posts = {(post["month"], post["employment_key"]): post for post in own}
        absent = [row for key in posts for row in self.absences[key]]
        sick = [row for row in absent if row["absence_type"] == "sjuk"]
        end = end_of(months[-1])
        long = [
            row
            for row in sick
            if (min(self.spells[id(row)][1], end) - self.spells[id(row)][0]).days + 1 >= 60
        ]

        def days(kind: str, sexes: tuple[str, ...]) -> float:
            return sum(
                row["absence_days"] or 0
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
        there = {one["person_key"] for one in self.people(month)}

        def by_number(people: list[Row]) -> dict[Any, Row]:
            newest: dict[Any, Any] = {old: new for old, new in self.renamed.items() if new in there}
            return {newest.get(one["person_key"], one["person_key"]): one for one in people}

        earlier, later = by_number(self.people(back(month, 12))), by_number(self.people(month))
        found = []
        for key in earlier.keys() | later.keys():
            was, now = earlier.get(key), later.get(key)
            of = was or now or {}
            if within({**of, "age_group": band(age_of(of, month))}, group):
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
        return self.parents[name][parent["submission_id"], parent["version"]]

    def needs(self, month: date, group: Row) -> list[tuple[Row, bool]]:
        whose = {name: code for name, code in group.items() if name != "competence_area"}
        area = group.get("competence_area")
        active = {one["person_key"] for one in self.counted(month, whose, "active")}
        found = []
        for plan in self.valid_plans(month):
            done = {
                row["competence_area"]
                for row in self.children("plan_activity", plan)
                if row["done_date"] and row["done_date"] <= end_of(month)
            }
            if plan["person_key"] in active:
                found += [
                    (need, need["competence_area"] in done)
                    for need in self.children("plan_need", plan)
                    if area in {None, need["competence_area"]}
                ]
        return found

    def events(self, name: str, month: date) -> dict[tuple[Any, ...], list[Row]]:
        recent = [row for row in self.tables[name] if back(month, 11) <= row["month"] <= month]
        return filed(recent, "person_key")

    def lately(self, name: str, month: date, whose: Iterable[Row]) -> dict[str, list[Row]]:
        """The events of twelve months, by person."""
        events = self.events(name, month)
        return {one["person_key"]: events[one["person_key"],] for one in whose}

    def expected(self, month: date) -> list[tuple[str, Row | None]]:
        """For every expected plan its department, and the accepted plan or nothing."""
        newest = max(row["month"] for row in self.tables["leader_plan_expected"] if row["month"] <= month)
        where: dict[str, str] = {}
        for one in sorted(self.people(month), key=lambda one: str(one["department"])):
            where.setdefault(one["unit_code"], one["department"])
        judged = [
            plan
            for plan in self.tables["leader_plan"]
            if plan["status"] in {"accepted", "withdrawn"} and plan["submitted_at"].date() <= end_of(month)
        ]
        last = {
            key: max(own, key=lambda plan: plan["version"])
            for key, own in filed(judged, "submission_id").items()
        }
        by_unit = filed([plan for plan in last.values() if plan["status"] == "accepted"], "unit_code")
        return [
            (
                where.get(row["unit_code"], "?"),
                max(by_unit[row["unit_code"],], key=lambda plan: plan["submitted_at"], default=None),
            )
            for row in self.tables["leader_plan_expected"]
            if row["month"] == newest
        ]

    def leader_plans(self, month: date, group: Row) -> list[Row | None]:
        return [
            plan for department, plan in self.expected(month) if within({"department": department}, group)
        ]

    def measures(self, month: date, group: Row) -> list[Row]:
        of_plan = {name: code for name, code in group.items() if name == "department"}
        of_measure = {name: code for name, code in group.items() if name != "department"}
        return [
            row
            for plan in self.leader_plans(month, of_plan)
            if plan
            for row in self.children("leader_measure", plan)
            if row["ground"] and within(row, of_measure)
        ]

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
            "links": {pair: len(own) for pair, own in links.items()},
            "density": share(len(links), number * (number - 1) / 2),
        }

    # ---- survey

    def item(self, name: str, number: int) -> str:
        """The code of a numbered HME item in a round."""
        (code,) = (
            row["item_code"]
            for row in self.tables["survey_item"]
            if row["round_id"] == name and row["hme_number"] == number
        )
        return str(code)

    def items(self, name: str, sub_index: str, scale: str) -> list[str]:
        """The codes of a round's items of a kind."""
        asked = (row for row in self.tables["survey_item"] if row["round_id"] == name)
        return [row["item_code"] for row in asked if (row["sub_index"], row["scale"]) == (sub_index, scale)]

    def told(self, name: str, group: Row, codes: list[str]) -> list[float]:
        """The answers to some items; those to a reversed 1–5 item are turned."""
        turned = {
            row["item_code"]
            for row in self.tables["survey_item"]
            if row["round_id"] == name and row["is_reversed"] and row["scale"] == "1-5"
        }
        return [
            6 - row["value"] if row["item_code"] in turned else row["value"]
            for row in self.tables["survey_answer"]
            if row["round_id"] == name
            and row["item_code"] in codes
            and row["value"] is not None
            and within(asked_of(row), group)
        ]

    def index(self, name: str, group: Row, numbers: tuple[int, ...]) -> Value:
        """Mean of items' indices."""
        told = [self.told(name, group, [self.item(name, number)]) for number in numbers]
        return mean((mean(own) - 1) * 25 for own in told) if all(told) else None
