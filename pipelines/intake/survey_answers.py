"""A survey's codes become rounds, items, invited and answers.

Belongs here: what a LimeSurvey answer code, background question and participant mean, for the server and its CSV export alike.
Does not belong here: asking the server (limesurvey.py) and reading the file (limesurvey_export.py).

What could join an answer to a person is dropped here: token, name, address, IP, time. Written answers are never picked up,
because only the columns of known items and background questions are.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipelines.intake.pulled import Pulled, month_text, table_of
from warehouse.servers import Background, Item, Round, SurveyForm

HME_SUB_INDICES = ("motivation",) * 3 + ("leadership",) * 3 + ("governance",) * 3
YES_NO = {"Y": 1, "N": 0}
SCALE_CODE = re.compile(r"A?([1-5])")
SEXES = ("K", "M", "U")
NOT_DONE = ("", "N")


@dataclass(frozen=True)
class Survey:
    """What was found of one round.

    Attributes:
        id: the survey's id.
        title: its title.
        opens, closes: as the survey system has them.
        answers: one per response: column code → answer code; `id` and `submitdate` among them.
        participants: one per invited; None = open invitation or not known.
        wordings: language → column code → wording of the item.
    """

    id: str
    title: str | None
    opens: date | None
    closes: date | None
    answers: Sequence[Mapping[str, Any]]
    participants: Sequence[Mapping[str, Any]] | None = None
    wordings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def deliveries(form: SurveyForm, survey: Survey) -> list[Pulled]:
    """The four tables of one round; none before the first answer has been sent in.

    Args:
        form: what the codes mean.
        survey: what was found.
    """
    done = [answer for answer in survey.answers if str(answer.get("submitdate") or "").strip()]
    if not done:
        return []
    stated = form.rounds.get(survey.id, Round())
    days = sorted(str(answer["submitdate"])[:10] for answer in done)
    closes = str(stated.closes or survey.closes or days[-1])
    opens = str(stated.opens or survey.opens or days[0])
    whose = {"round_id": survey.id, "month": month_text(closes)}
    items = {code: item for code, item in known_items(form).items() if code in _columns(done)}
    rows: dict[str, list[dict[str, Any]]] = {
        "survey_round": [
            {
                "round_name": survey.title,
                "opens_date": min(opens, closes),
                "closes_date": closes,
                "survey_kind": stated.survey_kind,
            }
        ],
        "survey_item": [_item(code, item, survey.wordings) for code, item in items.items()],
        "survey_invited": _invited(form, survey, stated),
        "survey_answer": [
            {
                **_who(form, survey.id, answer),
                "item_code": code,
                "value": answer_value(form, item, answer.get(_found(answer, code))),
            }
            for answer in done
            for code, item in items.items()
        ],
    }
    return [
        Pulled(contract, survey.id, table_of(contract, [{**whose, **row} for row in listed]))
        for contract, listed in rows.items()
        if listed
    ]


def known_items(form: SurveyForm) -> dict[str, Item]:
    """Column code → item: HME's nine and the settings' own."""
    hme = {}
    if form.hme:
        hme = {
            f"{form.hme}[SQ{number:03}]": Item(hme_number=number, sub_index=sub_index)
            for number, sub_index in enumerate(HME_SUB_INDICES, 1)
        }
    return {**hme, **form.items}


def answer_value(form: SurveyForm, item: Item, stated: Any) -> int | str | None:
    """An answer code as 1–5, or 1 and 0 for yes and no; None = missing. An unknown code stays, and goes to quarantine."""
    code = str(stated if stated is not None else "").strip()
    if not code:
        return None
    if code in form.values:
        return form.values[code]
    if item.scale == "yes_no" and code in YES_NO:
        return YES_NO[code]
    if code in form.missing:
        return None
    on_scale = SCALE_CODE.fullmatch(code)
    return int(on_scale[1]) if on_scale and item.scale == "1-5" else code


def _columns(answers: Iterable[Mapping[str, Any]]) -> set[str]:
    return {normal(column) for answer in answers for column in answer}


def normal(column: str) -> str:
    """A column's code: some exports write HME_SQ001 for HME[SQ001]."""
    return re.sub(r"^(\w+)_(SQ\w+)$", r"\1[\2]", column)


def _found(answer: Mapping[str, Any], code: str) -> str:
    return code if code in answer else code.replace("[", "_").replace("]", "")


def _item(code: str, item: Item, wordings: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    return {
        "item_code": code,
        "hme_number": item.hme_number,
        "question_sv": wordings.get("sv", {}).get(code),
        "question_en": wordings.get("en", {}).get(code),
        "sub_index": item.sub_index,
        "scale": item.scale,
        "is_reversed": item.is_reversed,
    }


def _who(form: SurveyForm, round_id: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "respondent_id": f"R:{round_id}:{answer.get('id')}",
        "department_code": _background(form.department, answer.get(form.department.question or "")),
        "sex": sex_code(form.sex, answer.get(form.sex.question or "")),
        "age_group": _background(form.age_group, answer.get(form.age_group.question or "")),
    }


def _background(background: Background, stated: Any) -> str | None:
    code = str(stated if stated is not None else "").strip()
    return background.codes.get(code, code) or None


def sex_code(background: Background, stated: Any) -> str | None:
    """K, M, or U for every other answer; None = not answered."""
    code = _background(background, stated)
    if code is None:
        return None
    return code if code in SEXES else "U"


def _invited(form: SurveyForm, survey: Survey, stated: Round) -> list[dict[str, Any]]:
    if survey.participants is None:
        return [{"invited": stated.invited}] if stated.invited is not None else []
    invited: Counter[tuple[str | None, ...]] = Counter()
    completed: Counter[tuple[str | None, ...]] = Counter()
    for participant in survey.participants:
        group = (
            _background(form.department, participant.get(form.department.attribute or "")),
            sex_code(form.sex, participant.get(form.sex.attribute or "")),
            _background(form.age_group, participant.get(form.age_group.attribute or "")),
        )
        invited[group] += 1
        completed[group] += str(participant.get("completed") or "").strip() not in NOT_DONE
    # Where nobody is marked, the marks are not kept (an anonymous survey): how many answered is then counted from the answers.
    is_marked = bool(completed.total())
    return [
        {
            "department_code": department,
            "sex": sex,
            "age_group": age_group,
            "invited": count,
            "completed": completed[department, sex, age_group] if is_marked else None,
        }
        for (department, sex, age_group), count in sorted(invited.items(), key=str)
    ]
