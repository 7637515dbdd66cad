"""Submissions of forms become plans, ideas, projects and participation.

Belongs here: what each form's fields and repeats become, and how a text is judged; for ODK Central, KoboToolbox and Excel.
Does not belong here: asking a server (odk.py, kobo.py) and reading a workbook (template.py).

Texts end here. A measure's description and whoever is responsible become one truth value: concrete or not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pipelines.intake.pulled import Held, Pulled, groups_of, month_text, table_of
from warehouse.contracts import CONTRACTS
from warehouse.servers import FORM_CONTRACTS, FormName

Fields = Mapping[str, Any]
Tables = dict[str, list[dict[str, Any]]]
# Shorter than this says nothing: "ja", "se ovan", "-".
SHORTEST_DESCRIPTION = 15


@dataclass(frozen=True)
class Submission:
    """One version of one submission.

    Attributes:
        id: the same for every version.
        version: 1, and one more for every edit.
        submitted_at: UTC, without zone; of this version.
        status: draft, submitted or accepted.
        fields: the form's fields.
        repeats: repeat → its entries, in order.
    """

    id: str
    version: int
    submitted_at: datetime
    status: str
    fields: Fields
    repeats: Mapping[str, Sequence[Fields]] = field(default_factory=dict)


def deliveries(
    form: FormName, submissions: Iterable[Submission], name: str, within: tuple[str, ...] = ("",)
) -> list[Pulled]:
    """The tables of one form, a delivery for each table and month.

    What was held before and is not any more has been withdrawn, and so have the entries of a submission that has none any more.

    Args:
        form: which form.
        submissions: every submission, in any order.
        name: what the delivery is called.
        within: what the ids begin with of which these are all; default every id.
    """
    tables: Tables = {contract: [] for contract in FORM_CONTRACTS[form]}
    submissions = list(submissions)
    # A report of a month stands: what the municipality said of its own plans then is not unsaid.
    is_all = form != "organisation_plan"
    ids = frozenset(submission.id for submission in submissions) if is_all else None
    for submission in sorted(submissions, key=lambda each: (each.submitted_at, each.id, each.version)):
        for contract, rows in _FORMS[form](submission).items():
            tables[contract] += rows
    found: list[Pulled] = []
    (main, *_) = tables
    for contract, listed in tables.items():
        stated, filled = (groups_of(CONTRACTS[contract], rows) for rows in (tables[main], listed))
        held = Held(ids, within, frozenset(stated) - frozenset(filled))
        found += [
            Pulled(contract, f"{name} {month[:7]}" if month else name, table_of(contract, rows), held)
            for month, rows in _by_month(listed).items()
        ]
    return found


def _by_month(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    months: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        months.setdefault(row["month"], []).append(row)
    # A server that holds nothing any more must still be able to say so.
    return dict(sorted(months.items())) or {"": []}


def is_concrete(measure: Fields) -> bool:
    """Whether a measure is described, somebody is responsible, and a day is set."""
    described = len(" ".join(str(measure.get("description") or "").split())) >= SHORTEST_DESCRIPTION
    return described and bool(str(measure.get("responsible") or "").strip()) and bool(measure.get("due_date"))


def _version(submission: Submission) -> dict[str, Any]:
    return {
        "submission_id": submission.id,
        "version": submission.version,
        "month": month_text(submission.submitted_at),
    }


def _head(submission: Submission) -> dict[str, Any]:
    return {**_version(submission), "submitted_at": submission.submitted_at, "status": submission.status}


def _chosen(contract: str, entry: Fields) -> dict[str, Any]:
    """The fields of an entry that the contract has; no others get further."""
    return {name: entry.get(name) for name in CONTRACTS[contract].delivered if name in entry}


def _individual_plan(submission: Submission) -> Tables:
    head = {**_chosen("individual_plan", submission.fields), **_head(submission)}
    return {
        "individual_plan": [head],
        "plan_need": [
            {**_chosen("plan_need", need), **_version(submission), "need_number": number}
            for number, need in enumerate(submission.repeats.get("needs", []), 1)
        ],
        "plan_activity": [
            {**_chosen("plan_activity", activity), **_version(submission), "activity_number": number}
            for number, activity in enumerate(submission.repeats.get("activities", []), 1)
        ],
    }


def _leader_plan(submission: Submission) -> Tables:
    return {
        "leader_plan": [{**_chosen("leader_plan", submission.fields), **_head(submission)}],
        "leader_measure": [
            {
                **_chosen("leader_measure", measure),
                **_version(submission),
                "measure_number": number,
                "is_concrete": is_concrete(measure),
            }
            for number, measure in enumerate(submission.repeats.get("measures", []), 1)
        ],
    }


def _organisation_plan(submission: Submission) -> Tables:
    whose = {"month": month_text(submission.submitted_at), "kind": submission.fields.get("kind")}
    return {
        "organisation_plan": [{**_chosen("organisation_plan", submission.fields), **whose}],
        "organisation_milestone": [
            {**_chosen("organisation_milestone", milestone), **whose, "name_sv": milestone.get("name")}
            for milestone in submission.repeats.get("milestones", [])
        ],
    }


def _with_members(
    contract: str, members: str, id_name: str, date_name: str
) -> Callable[[Submission], Tables]:
    def tables(submission: Submission) -> Tables:
        day = submission.fields.get(date_name) or submission.submitted_at
        whose = {id_name: submission.id, "month": month_text(day)}
        people = {str(member.get("person_id")): member for member in submission.repeats.get("members", [])}
        return {
            contract: [{**_chosen(contract, submission.fields), date_name: str(day)[:10], **whose}],
            members: [{"person_id": member.get("person_id"), **whose} for member in people.values()],
        }

    return tables


def _participation(submission: Submission) -> Tables:
    day = submission.fields.get("date") or submission.submitted_at
    return {
        "participation": [
            {
                **_chosen("participation", submission.fields),
                "participation_id": submission.id,
                "date": str(day)[:10],
                "month": month_text(day),
            }
        ]
    }


_FORMS: dict[str, Callable[[Submission], Tables]] = {
    "individual_plan": _individual_plan,
    "leader_plan": _leader_plan,
    "organisation_plan": _organisation_plan,
    "idea": _with_members("idea", "idea_member", "idea_id", "created"),
    "joint_project": _with_members("joint_project", "project_member", "project_id", "started"),
    "participation": _participation,
}


def newest_reports(submissions: Iterable[Submission]) -> list[Submission]:
    """Of the municipality's own plans, the last report of each kind and month."""
    last: dict[tuple[str, str], Submission] = {}
    for submission in sorted(submissions, key=lambda each: (each.submitted_at, each.version, each.id)):
        last[str(submission.fields.get("kind")), month_text(submission.submitted_at)] = submission
    return list(last.values())
