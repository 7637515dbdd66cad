"""A made-up municipality over two years, in which every key figure has something to count.

Belongs here: rows of every contract, drawn with a seed. Does not belong here: any figure.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

Rows = list[dict[str, Any]]
MONTHS = [date(2021 + (10 + n) // 12, (10 + n) % 12 + 1, 1) for n in range(25)]
DEPARTMENTS = ("D1", "D2", "D3")
GROUPS = ("Vård", "Skola", "Teknik", "Ledning")
AREAS = ("Digitalt", "Bemötande")
BANDS = ("-34", "35-54", "55-64", "65-")


def last_day(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def municipality(seed: int = 1, size: int = 130) -> dict[str, Rows]:
    """Rows of every contract, by its name."""
    chance = random.Random(seed)
    persons = [_person(chance, number) for number in range(size)]
    employment = [post for month in MONTHS for person in persons for post in _posts(chance, person, month)]
    employed = sorted({row["person_key"] for row in employment})
    return {
        "hr_employment": employment,
        "hr_absence": _absences(chance, employment),
        **_training(chance, employed),
        **_plans(chance, employed),
        **_leaders(chance, employed),
        **_forum(chance, employed),
        **_organisation(),
        **_survey(chance),
    }


def _person(chance: random.Random, number: int) -> dict[str, Any]:
    begins = chance.choice([0, 0, 0, 0, 3, 12, 13])
    return {
        "person_key": f"p{number:03d}",
        "sex": chance.choices(["K", "M", None], [66, 30, 4])[0],
        "birth_month": chance.choices(
            [date(chance.randint(1955, 2001), chance.randint(1, 12), 1), None], [97, 3]
        )[0],
        "department_code": chance.choice(DEPARTMENTS),
        "occupation_group": chance.choice(GROUPS),
        "responsibility_code": chance.choices([None, "B", "C", "F"], [80, 10, 6, 4])[0],
        "employment_form": chance.choices(["tillsvidare", "vikariat"], [85, 15])[0],
        "pay_form": chance.choices(["manadsavlonad", "timavlonad"], [88, 12])[0],
        "fte_agreed": chance.choice([50.0, 74.0, 75.0, 80.0, 100.0, 100.0, 100.0]),
        "monthly_pay_fte": float(chance.randint(240, 520)) * 100,
        "variable_pay_fte": chance.choice([None, 0.0, 500.0, 1200.0]),
        "work_value_level": chance.randint(1, 4),
        "hire_date": date(chance.randint(2000, 2021), chance.randint(1, 10), 1),
        "begins": begins,
        "ends": chance.choice([25, 25, 25, 25, 11, 20]),
    }


def _posts(chance: random.Random, person: dict[str, Any], month: date) -> Rows:
    place = MONTHS.index(month)
    if not person["begins"] <= place < person["ends"]:
        return []
    code = person["responsibility_code"]
    if person["person_key"].endswith("7") and place >= 14:
        code = "B"  # promoted
    if person["person_key"].endswith("3") and place >= 12:
        person = {**person, "employment_form": "tillsvidare"}
    is_hourly = person["pay_form"] == "timavlonad"
    post = {
        **{name: value for name, value in person.items() if name not in {"begins", "ends"}},
        "month": month,
        "employment_key": f"{person['person_key']}-1",
        "is_linked": True,
        "unit_code": f"{person['department_code']}-U",
        "responsibility_code": code,
        "management_level": 1
        if person["person_key"] in {"p001", "p002", "p003"}
        else 2
        if code == "B"
        else None,
        "fte_agreed": None if is_hourly else person["fte_agreed"],
        "fte_actual": None if is_hourly else chance.choice([person["fte_agreed"], 50.0]),
        "ordinary_hours": chance.choice([160.0, 120.5]),
        "has_full_leave": chance.random() < 0.05,
    }
    if is_hourly or not person["person_key"].endswith("5"):
        return [post]
    second = {**post, "employment_key": f"{person['person_key']}-2", "fte_agreed": 30.0, "fte_actual": 30.0}
    return [post, {**second, "department_code": "D2", "monthly_pay_fte": 20_000.0}]


def _absences(chance: random.Random, employment: Rows) -> Rows:
    rows = []
    for post in employment:
        kind = chance.choices([None, "sjuk", "foraldraledig", "vab"], [70, 18, 6, 6])[0]
        is_long = post["employment_key"][1:4] in {"010", "020", "030", "041", "052"}
        if is_long:
            kind = "sjuk"
        if kind is None:
            continue
        first = post["month"] if is_long else post["month"].replace(day=chance.randint(1, 20))
        rows.append(
            {
                "month": post["month"],
                "person_key": post["person_key"],
                "employment_key": post["employment_key"],
                "absence_type": kind,
                "spell_start": first,
                "spell_end": None if is_long else first + timedelta(days=chance.randint(0, 7)),
                "extent": 50.0 if is_long else chance.choice([100.0, 25.0]),
                "absence_hours": float(chance.randint(1, 60)),
                "absence_days": float(chance.randint(1, 10)),
            }
        )
    return rows


def _training(chance: random.Random, employed: list[str]) -> dict[str, Rows]:
    def events(share: float) -> list[tuple[date, str]]:
        return [(month, person) for month in MONTHS for person in employed if chance.random() < share]

    return {
        "hr_training": [
            {
                "month": month,
                "person_key": person,
                "training_date": month,
                "hours": float(chance.randint(1, 16)),
                "kind": chance.choice(["course", "coaching", "other"]),
            }
            for month, person in events(0.1)
        ],
        "hr_dialogue": [
            {"month": month, "person_key": person, "dialogue_date": month} for month, person in events(0.05)
        ],
        "participation": [
            {
                "month": month,
                "participation_id": f"{person}-{month}",
                "person_key": person,
                "activity": "forum",
                "participation_date": month,
                "hours": float(chance.randint(1, 6)),
            }
            for month, person in events(0.1)
        ],
    }


def _plans(chance: random.Random, employed: list[str]) -> dict[str, Rows]:
    plans, needs, activities = [], [], []
    for person in employed:
        for version in range(1, chance.randint(0, 3) + 1):
            month = MONTHS[min(version * 5 - 5 + chance.randint(0, 8), 24)]
            key = {"month": month, "submission_id": f"s-{person}", "version": version}
            begins = month - timedelta(days=chance.randint(0, 40))
            plans.append(
                {
                    **key,
                    "person_key": person,
                    "submitted_at": datetime(month.year, month.month, 5, 12),
                    "status": chance.choices(["draft", "submitted", "accepted", "withdrawn"], [1, 1, 8, 1])[
                        0
                    ],
                    "period_start": begins,
                    "period_end": begins + timedelta(days=chance.choice([400, 735, 900])),
                    "goals": chance.choice([[], ["G1"], ["G1", "G2"]]),
                    "says_no_need": chance.random() < 0.2,
                }
            )
            for number in range(chance.randint(0, 2)):
                area = chance.choice(AREAS)
                current = chance.randint(0, 3)
                needs.append(
                    {
                        **key,
                        "need_number": number + 1,
                        "competence_area": area,
                        "current_level": current,
                        "target_level": chance.randint(current, 4),
                        "priority": 1,
                    }
                )
                activities.append(
                    {
                        **key,
                        "activity_number": number + 1,
                        "competence_area": chance.choice(AREAS),
                        "kind": "course",
                        "due_date": month,
                        "done_date": chance.choice([None, month + timedelta(days=40)]),
                    }
                )
    return {"individual_plan": plans, "plan_need": needs, "plan_activity": activities}


def _leaders(chance: random.Random, employed: list[str]) -> dict[str, Rows]:
    units = [(f"{department}-U", employed[place]) for place, department in enumerate(DEPARTMENTS)] + [
        ("D9-U", employed[9])
    ]
    expected = [
        {"month": month, "unit_code": unit, "person_key": leader}
        for month in (MONTHS[0], MONTHS[12])
        for unit, leader in units
    ]
    plans, measures = [], []
    for place, (unit, leader) in enumerate(units):
        for version in (1, 2):
            month = MONTHS[place * 4 + version]
            key = {"month": month, "submission_id": f"l-{unit}", "version": version}
            plans.append(
                {
                    **key,
                    "unit_code": unit,
                    "person_key": leader,
                    "submitted_at": datetime(month.year, month.month, 7),
                    "status": "accepted" if place < 3 else "submitted",
                }
            )
            steps = ["investigate", "analyse", "act", "follow_up"][: 2 + version if place else 4]
            measures += [
                {
                    **key,
                    "measure_number": number,
                    "step": step,
                    "area": "pay_and_terms",
                    "ground": chance.choice(["sex", "age", None]),
                    "is_concrete": chance.random() < 0.6,
                    "due_date": month + timedelta(days=60),
                    "done_date": chance.choice([None, month + timedelta(days=90)]),
                }
                for number, step in enumerate(steps, start=1)
            ]
    return {"leader_plan_expected": expected, "leader_plan": plans, "leader_measure": measures}


def _forum(chance: random.Random, employed: list[str]) -> dict[str, Rows]:
    ideas, members, projects, colleagues = [], [], [], []
    for number in range(60):
        month = MONTHS[number % 25]
        status = chance.choice(["new", "decided", "implemented", "declined"])
        ideas.append(
            {
                "month": month,
                "idea_id": f"i{number}",
                "created_date": month,
                "status": status,
                "decided_date": None if status == "new" else month + timedelta(days=chance.randint(5, 200)),
            }
        )
        members += [
            {"month": month, "idea_id": f"i{number}", "person_key": person}
            for person in chance.sample(employed, chance.randint(1, 4))
        ]
    for number in range(10):
        month = MONTHS[number * 2]
        projects.append({"month": month, "project_id": f"j{number}", "started_date": month})
        colleagues += [
            {"month": month, "project_id": f"j{number}", "person_key": person}
            for person in chance.sample(employed, 3)
        ]
    return {
        "idea": ideas,
        "idea_member": members,
        "joint_project": projects,
        "project_member": colleagues,
    }


def _organisation() -> dict[str, Rows]:
    kinds = ("learning_organisation", "goals", "gender_equality")
    # The second report is silent on the first kind, whose first report stands.
    reports = {MONTHS[0]: kinds, MONTHS[14]: kinds[1:]}
    return {
        "organisation_plan": [
            {"month": month, "kind": kind, "decided_date": None if kind == "goals" else MONTHS[2]}
            for month, reported in reports.items()
            for kind in reported
        ],
        "organisation_milestone": [
            {
                "month": month,
                "kind": kind,
                "milestone_code": f"m{number}",
                "name_sv": "Delmål",
                "due_date": MONTHS[number * 5],
                "done_date": MONTHS[number * 6] if number < 3 and month == MONTHS[14] else None,
            }
            for month, reported in reports.items()
            for kind in reported
            for number in range(4)
        ],
        "external_figure": [
            {
                "month": MONTHS[20],
                "kpi": kpi,
                "municipality": code,
                "period": year,
                "gender": "T",
                "value": value + year / 10_000,
            }
            for kpi in ("N00217", "N00220")
            for year in (2021, 2022)
            for code, value in (("1285", 0.9), ("0192", 0.8), ("0662", 1.1))
        ],
    }


def _survey(chance: random.Random) -> dict[str, Rows]:
    tables: dict[str, Rows] = {
        name: [] for name in ("survey_round", "survey_item", "survey_invited", "survey_answer")
    }
    for name, month in (("2022", MONTHS[12]), ("2023", MONTHS[24])):
        key = {"month": month, "round_id": name}
        tables["survey_round"].append(
            {
                **key,
                "round_name": name,
                "opens_date": month,
                "closes_date": last_day(month),
                "survey_kind": "hme",
            }
        )
        items: list[tuple[str, int | None, str, str, bool]] = [
            (f"Q{n}", n, "hme", "1-5", False) for n in range(1, 10)
        ]
        items += [("I1", None, "inclusion", "1-5", False), ("I2", None, "inclusion", "1-5", True)]
        items.append(("A1", None, "accessibility", "yes_no", True))
        tables["survey_item"] += [
            {
                **key,
                "item_code": code,
                "hme_number": n,
                "sub_index": sub,
                "scale": scale,
                "is_reversed": turned,
            }
            for code, n, sub, scale, turned in items
        ]
        tables["survey_invited"] += [
            {
                **key,
                "department_code": department,
                "sex": sex,
                "invited": 30,
                "completed": chance.randint(10, 28),
            }
            for department in DEPARTMENTS
            for sex in ("K", "M")
        ]
        tables["survey_answer"] += _answers(chance, key, items)
    return tables


def _answers(
    chance: random.Random, key: dict[str, Any], items: list[tuple[str, int | None, str, str, bool]]
) -> Rows:
    rows: Rows = []
    for number in range(70):
        who = {
            "respondent_key": f"{key['round_id']}-{number}",
            "department_code": chance.choice(DEPARTMENTS),
            "sex": chance.choice(["K", "M", "U"]),
        }
        for code, _, _, scale, _ in items:
            value = chance.randint(0, 1) if scale == "yes_no" else chance.randint(1, 5)
            rows.append({**key, **who, "item_code": code, "value": None if chance.random() < 0.15 else value})
    return rows
