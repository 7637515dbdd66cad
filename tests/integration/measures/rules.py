"""The rule of every key figure, as plain Python over `Plain`: figure → function of (plain, when, group) → value.

Belongs here: the definitions once more. Does not belong here: reading rows (plain.py).

`when` is the last month of the period, or the name of a survey round or year.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import date
from statistics import mean, median
from typing import Any

from tests.integration.measures.arithmetic import (
    Row,
    Value,
    asked_of,
    average,
    back,
    band,
    duncan,
    end_of,
    entropy,
    quarters,
    share,
    theil,
    within,
)
from tests.integration.measures.methods import Rule, ages, balanced, links, published, unexplained
from tests.integration.measures.plain import ENOUGH_HOURS, Plain

INFLUENCE, TREATMENT = "N00217", "N00220"


def of_persons(population: tuple[str, ...], holds: Callable[[Row], Any]) -> Rule:
    """Share of a population for whom something holds; None from it leaves the person out."""

    def rule(plain: Plain, month: date, group: Row) -> Value:
        told = [holds(one) for one in plain.counted(month, group, *population)]
        known = [bool(answer) for answer in told if answer is not None]
        return share(sum(known), len(known))

    return rule


def of_sexes(rule: Rule) -> Rule:
    """Men's value minus women's."""

    def difference(plain: Plain, month: date, group: Row) -> Value:
        men, women = (rule(plain, month, {**group, "sex": sex}) for sex in ("M", "K"))
        return None if men is None or women is None else men - women

    return difference


def of_pay(made: Callable[[list[float], list[float]], float]) -> Rule:
    """Something made of women's and men's pay."""

    def rule(plain: Plain, month: date, group: Row) -> Value:
        women, men = (
            [one["pay"] for one in plain.paid(month, group) if one["sex"] == sex] for sex in ("K", "M")
        )
        return made(women, men) if women and men else None

    return rule


def of_time(made: Callable[[Row], Value]) -> Rule:
    """Something made of the hours and days of twelve months."""

    def rule(plain: Plain, month: date, group: Row) -> Value:
        months = [back(month, n) for n in range(11, -1, -1)]
        return made(plain.time(months, group)) if months[0] in plain.months else None

    return rule


def of_change(made: Callable[[Row], Value]) -> Rule:
    return lambda plain, month, group: made(plain.change(month, group))


def of_forum(made: Callable[[Row], Value]) -> Rule:
    return lambda plain, month, group: made(plain.forum(month))


def parity(plain: Plain, month: date, group: Row) -> Value:
    among = of_persons(("monthly",), lambda one: None if one["sex"] == "U" else one["sex"] == "K")
    managing = of_persons(
        ("monthly", "manager"), lambda one: None if one["sex"] == "U" else one["sex"] == "K"
    )
    everybody, managers = among(plain, month, group), managing(plain, month, group)
    return managers / everybody if everybody and managers is not None else None


def plan_rule(holds: Callable[[Plain, Row], bool]) -> Rule:
    """Share of those at work who have a valid plan of a kind."""

    def rule(plain: Plain, month: date, group: Row) -> Value:
        own = {plan["person_key"] for plan in plain.valid_plans(month) if holds(plain, plan)}
        active = plain.counted(month, group, "active")
        return share(sum(one["person_key"] in own for one in active), len(active))

    return rule


def spans_two_years(plan: Row) -> bool:
    begins = plan["period_start"]
    leap = (begins.month, begins.day) == (2, 29)
    return bool(
        plan["period_end"]
        >= begins.replace(year=begins.year + 2, day=28 if leap else begins.day) - date.resolution
    )


def goal_linked(plain: Plain, month: date, group: Row) -> Value:
    active = {one["person_key"] for one in plain.counted(month, group, "active")}
    plans = [plan for plan in plain.valid_plans(month) if plan["person_key"] in active]
    return share(sum(bool(plan["goals"]) for plan in plans), len(plans))


def hours(name: str, population: str, counts: Callable[[Row], bool] = lambda row: True) -> Rule:
    def rule(plain: Plain, month: date, group: Row) -> Value:
        persons = plain.counted(month, group, population)
        events = plain.lately(name, month, persons)
        told = sum(row["hours"] for own in events.values() for row in own if counts(row))
        return told / len(persons) if persons else None

    return rule


def happened(name: str, holds: Callable[[list[Row]], bool] = bool) -> Rule:
    def rule(plain: Plain, month: date, group: Row) -> Value:
        active = plain.counted(month, group, "active")
        events = plain.lately(name, month, active)
        return share(sum(holds(events[one["person_key"]]) for one in active), len(active))

    return rule


def leaders(holds: Callable[[list[Row]], bool]) -> Rule:
    def rule(plain: Plain, month: date, group: Row) -> Value:
        plans = plain.leader_plans(month, group)
        good = sum(plan is not None and holds(plain.children("leader_measure", plan)) for plan in plans)
        return share(good, len(plans))

    return rule


def measures_done(plain: Plain, month: date, group: Row) -> Value:
    due = [row for row in plain.measures(month, group) if row["due_date"] <= end_of(month)]
    return share(sum(bool(row["done_date"] and row["done_date"] <= end_of(month)) for row in due), len(due))


def measures_late(plain: Plain, month: date, group: Row) -> Value:
    every = plain.measures(month, group)
    late = [
        row
        for row in every
        if row["due_date"] <= end_of(month) and not (row["done_date"] and row["done_date"] <= end_of(month))
    ]
    return share(len(late), len(every))


def of(row: Row, group: Row) -> bool:
    return not group or row["kind"] == group["plan_kind"]


def reported(rows: list[Row], month: date) -> list[Row]:
    """The newest report on each kind of plan."""
    newest = {
        kind: max(row["month"] for row in rows if row["kind"] == kind and row["month"] <= month)
        for kind in {row["kind"] for row in rows if row["month"] <= month}
    }
    return [row for row in rows if row["month"] == newest.get(row["kind"])]


def milestones(made: Callable[[int, int, int, int], Value]) -> Rule:
    """Something made of all milestones, those due, done and late."""

    def rule(plain: Plain, month: date, group: Row) -> Value:
        own = [row for row in reported(plain.tables["organisation_milestone"], month) if of(row, group)]
        done = [row for row in own if row["done_date"] and row["done_date"] <= end_of(month)]
        due = [row for row in own if row["due_date"] <= end_of(month)]
        return made(len(own), len(due), len(done), len([row for row in due if row not in done]))

    return rule


def decided(plain: Plain, month: date, group: Row) -> Value:
    own = [row for row in reported(plain.tables["organisation_plan"], month) if of(row, group)]
    return sum(bool(row["decided_date"] and row["decided_date"] <= end_of(month)) for row in own)


def item(*numbers: int) -> Rule:
    return lambda plain, name, group: plain.index(name, group, numbers)


def inclusion(plain: Plain, name: str, group: Row) -> Value:
    told = plain.told(name, group, plain.items(name, "inclusion", "1-5"))
    return (mean(told) - 1) * 25 if told else None


def barriers(plain: Plain, name: str, group: Row) -> Value:
    told = plain.told(name, group, plain.items(name, "accessibility", "yes_no"))
    return share(sum(told), len(told))


def responded(plain: Plain, name: str, group: Row) -> Value:
    own = [
        row
        for row in plain.tables["survey_invited"]
        if row["round_id"] == name and within(asked_of(row), group)
    ]
    marked = [row for row in own if row["completed"] is not None]
    if marked:
        return share(sum(row["completed"] for row in marked), sum(row["invited"] for row in marked))
    answers = {row["respondent_key"] for row in plain.tables["survey_answer"] if row["round_id"] == name}
    return share(len(answers), sum(row["invited"] for row in own)) if answers else None


def open_index(plain: Plain, month: date, group: Row) -> Value:
    """Nine components between 0 and 1, averaged."""

    def alike(first: float, second: float) -> float:
        return min(first, second) / max(first, second) if max(first, second) else 1.0

    def of_whole(figure: str, made: Callable[[float], float]) -> Value:
        value = RULES[figure](plain, month, {})
        return None if value is None else made(value)

    def of_both(figure: str) -> Value:
        women, men = (RULES[figure](plain, month, {"sex": sex}) for sex in ("K", "M"))
        return None if women is None or men is None else alike(women, men)

    told = [
        of_whole("balanced_occupations_share", lambda share: share / 100),
        of_whole("women_in_top_management", lambda share: alike(share, 100 - share)),
        of_whole("manager_parity", lambda ratio: alike(ratio, 1)),
        of_whole("pay_ratio_median", lambda ratio: alike(ratio, 100)),
        of_both("long_term_sick_leave"),
        of_both("full_time_share"),
        of_both("permanent_share"),
        of_whole("parental_leave_men_share", lambda share: min(share, 50) / 50),
        of_whole("active_work", lambda share: share / 100),
    ]
    return None if None in told else 100 * mean(value for value in told if value is not None)


MONTHLY, ALL, ACTIVE, PERMANENT = ("monthly",), (), ("active",), ("permanent",)

RULES: dict[str, Rule] = {
    "employees": lambda plain, month, group: len(plain.counted(month, group, "monthly")),
    "full_time_equivalents": lambda plain, month, group: (
        sum(one["agreed"] for one in plain.counted(month, group, "monthly")) / 100
    ),
    "permanent_share": of_persons(ALL, lambda one: one["permanent"]),
    "temporary_share": of_persons(ALL, lambda one: one["monthly"] and not one["permanent"]),
    "hourly_share": of_persons(ALL, lambda one: not one["monthly"]),
    "full_time_share": of_persons(MONTHLY, lambda one: one["full"]),
    "part_time_75_99_share": of_persons(MONTHLY, lambda one: one["agreed"] >= 75 and not one["full"]),
    "part_time_1_74_share": of_persons(MONTHLY, lambda one: one["agreed"] < 75 and not one["full"]),
    "full_time_working_share": of_persons(ACTIVE, lambda one: one["working_full"]),
    "part_time_working_75_99_share": of_persons(
        ACTIVE, lambda one: one["actual"] >= 75 and not one["working_full"]
    ),
    "part_time_working_1_74_share": of_persons(ACTIVE, lambda one: one["actual"] < 75),
    "mean_fte": lambda plain, month, group: average(
        one["actual"] for one in plain.counted(month, group, "active")
    ),
    "new_permanent_rate": of_change(lambda told: share(told["new"], told["before"])),
    "leaver_rate": of_change(lambda told: share(told["gone"], told["before"])),
    "replacement_turnover": of_change(
        lambda told: share(min(told["new"], told["gone"]), (told["before"] + told["after"]) / 2)
    ),
    "promotion_rate": of_change(lambda told: share(told["promoted"], told["stayed"])),
    "employees_per_manager": lambda plain, month, group: (
        sum(not one["manager"] for one in plain.counted(month, group, "monthly"))
        / len(plain.counted(month, group, "monthly", "manager"))
        if plain.counted(month, group, "monthly", "manager")
        else None
    ),
    "retiring_within_5_years": of_persons(
        PERMANENT, lambda one: None if one["age"] is None else one["age"] >= 61
    ),
    "women_share": of_persons(MONTHLY, lambda one: None if one["sex"] == "U" else one["sex"] == "K"),
    "women_among_managers": of_persons(
        (*MONTHLY, "manager"), lambda one: None if one["sex"] == "U" else one["sex"] == "K"
    ),
    "women_in_top_management": of_persons(
        MONTHLY,
        lambda one: None if one["management_level"] != "1" or one["sex"] == "U" else one["sex"] == "K",
    ),
    "manager_parity": parity,
    "balanced_occupations_share": balanced,
    "segregation_index": lambda plain, month, group: duncan(plain.counted(month, group, "monthly")),
    "department_information_index": lambda plain, month, group: theil(plain.counted(month, group, "monthly")),
    "age_evenness": lambda plain, month, group: (
        100
        * entropy(
            Counter(
                band(one["age"]) for one in plain.counted(month, group, "monthly") if one["age"] is not None
            ).values()
        )
        / entropy([1, 1, 1, 1])
    ),
    "full_time_gap": of_sexes(of_persons(MONTHLY, lambda one: one["full"])),
    "permanent_gap": of_sexes(of_persons(ALL, lambda one: one["permanent"])),
    "age_distribution": ages,
    "pay_quartiles": lambda plain, month, group: quarters(
        plain.paid(month, {name: code for name, code in group.items() if name != "pay_quartile"})
    )[int(group["pay_quartile"]) - 1],
    "pay_gap_adjusted": unexplained,
    "equality_index": open_index,
    "pay_median": lambda plain, month, group: median(one["pay"] for one in plain.paid(month, group)),
    "pay_difference_median": of_pay(lambda women, men: median(women) - median(men)),
    "pay_ratio_median": of_pay(lambda women, men: 100 * median(women) / median(men)),
    "pay_gap_median": of_pay(lambda women, men: 100 - 100 * median(women) / median(men)),
    "pay_gap_mean": of_pay(lambda women, men: 100 - 100 * mean(women) / mean(men)),
    "long_term_sick_leave": of_time(lambda told: share(told["long"], told["ordinary"])),
    "sick_leave_share": of_time(lambda told: share(told["sick"], told["ordinary"])),
    "sick_leave_long_share": of_time(lambda told: share(told["long"], told["sick"])),
    "parental_leave_men_share": of_time(
        lambda told: share(told["days"]("foraldraledig", ("M",)), told["days"]("foraldraledig", ("K", "M")))
    ),
    "child_care_leave_men_share": of_time(
        lambda told: share(told["days"]("vab", ("M",)), told["days"]("vab", ("K", "M")))
    ),
    "active_work": leaders(lambda rows: len({row["step"] for row in rows}) == 4),
    "leader_plans_with_diversity": leaders(
        lambda rows: any(row["is_concrete"] and row["ground"] for row in rows)
    ),
    "diversity_measures_done": measures_done,
    "diversity_measures_late": measures_late,
    "plan_coverage": plan_rule(lambda plain, plan: spans_two_years(plan)),
    "mapped_needs": plan_rule(
        lambda plain, plan: bool(plan["says_no_need"] or plain.children("plan_need", plan))
    ),
    "goal_linked_plans": goal_linked,
    "development_need": lambda plain, month, group: len(plain.needs(month, group)),
    "development_need_levels": lambda plain, month, group: sum(
        need["target_level"] - need["current_level"] for need, _ in plain.needs(month, group)
    ),
    "need_met_rate": lambda plain, month, group: share(
        sum(is_met for _, is_met in plain.needs(month, group)), len(plain.needs(month, group))
    ),
    "training_hours": hours("hr_training", "monthly", lambda row: row["kind"] != "coaching"),
    "dialogue_coverage": happened("hr_dialogue"),
    "participation_rate": happened("participation"),
    "participation_hours": hours("participation", "active"),
    "participation_time_share": happened(
        "participation", lambda rows: sum(row["hours"] for row in rows) >= ENOUGH_HOURS
    ),
    "ideas_per_100": lambda plain, month, group: (
        100 * plain.forum(month)["ideas"] / len(plain.counted(month, {}, "monthly"))
    ),
    "cross_department_ideas": of_forum(lambda told: share(told["cross"], told["ideas"])),
    "joint_projects": of_forum(lambda told: told["projects"]),
    "idea_implementation_rate": of_forum(lambda told: share(told["implemented"], told["decided"])),
    "idea_lead_time": of_forum(lambda told: told["lead"]),
    "department_links": links,
    "collaboration_density": of_forum(lambda told: told["density"]),
    "organisation_plan_progress": milestones(lambda every, due, done, late: share(done, every)),
    "organisation_milestones_due": milestones(lambda every, due, done, late: due),
    "organisation_milestones_done": milestones(lambda every, due, done, late: done),
    "organisation_milestones_late": milestones(lambda every, due, done, late: late),
    "organisation_plan_decided": decided,
    "hme_total": item(*range(1, 10)),
    "hme_motivation": item(1, 2, 3),
    "hme_leadership": item(4, 5, 6),
    "hme_governance": item(7, 8, 9),
    **{f"hme_item_{number}": item(number) for number in range(1, 10)},
    "inclusion": inclusion,
    "accessibility_gap": barriers,
    "response_rate": responded,
    "foreign_born_parity": published("1285"),
    "foreign_born_parity_compared": published(),
    # The settings of the tests choose these.
    "citizen_influence": published("1285", kpi=INFLUENCE),
    "citizen_treatment": published("1285", kpi=TREATMENT),
}
