"""The subject plans: two-year plans of employees, leaders' plans, ideas, joint projects, participation.

Belongs here: the columns, types, keys, allowed values and row rules of what employees and leaders send in.
Does not belong here: the municipality's own plans (organisation.py), and any written text: a text is judged at the door
("concrete or not") and not stored.

A submission arrives several times. Each of its versions is replaced as a whole by the newest delivery that holds it; the others
stay.
`withdrawn` is what a submission becomes that its system no longer has.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told
from warehouse.contracts.shared import MONTHLY_RULES, Monthly, delivery, person, row

STATUSES = ["draft", "submitted", "accepted", "withdrawn"]
LEVELS = 4
STEPS = ["investigate", "analyse", "act", "follow_up"]
AREAS = [
    "working_conditions",
    "pay_and_terms",
    "recruitment_and_promotion",
    "training_and_development",
    "work_and_parenthood",
]
# The seven grounds of the Discrimination Act. They say what a measure is about, never what a person is.
GROUNDS = ["sex", "transgender_identity", "ethnicity", "religion", "disability", "sexual_orientation", "age"]


def _submission() -> dy.String:
    return dy.String(primary_key=True, metadata=told("Inlämningens id", "Id of the submission"))


def _version() -> dy.Int32:
    return dy.Int32(
        primary_key=True,
        min=1,
        metadata=told(
            "Version: 1, och en till för varje ändring", "Version: 1, and one more for every change"
        ),
    )


def _status() -> dy.Enum:
    return dy.Enum(
        STATUSES,
        nullable=False,
        metadata=told(
            "Utkast, inlämnad, godkänd, eller borttagen", "Draft, submitted, accepted, or withdrawn"
        ),
    )


def _submitted() -> dy.Datetime:
    return dy.Datetime(nullable=False, metadata=told("Tid för inlämningen (UTC)", "Time of submission (UTC)"))


def _number(sv: str, en: str) -> dy.Int32:
    return dy.Int32(primary_key=True, min=1, metadata=told(sv, en))


def _due() -> dy.Date:
    return dy.Date(nullable=True, metadata=told("Ska vara klart", "To be done by"))


def _done() -> dy.Date:
    return dy.Date(nullable=True, metadata=told("Blev klart; tomt = inte klart", "Done; empty = not done"))


def _level(sv: str, en: str) -> dy.Int32:
    return dy.Int32(nullable=False, min=0, max=LEVELS, metadata=told(sv, en, unit="level"))


def _area() -> dy.String:
    return dy.String(nullable=False, metadata=told("Kompetensområde", "Competence area"))


class IndividualPlan(Monthly):
    """One row per version of an employee's plan; its month is that of the submission."""

    submission_id = _submission()
    version = _version()
    person_key = person()
    submitted_at = _submitted()
    status = _status()
    period_start = dy.Date(nullable=False, metadata=told("Planen gäller från", "The plan holds from"))
    period_end = dy.Date(nullable=False, metadata=told("Planens sista dag", "The plan's last day"))
    goals = dy.List(
        dy.String(),
        nullable=True,
        metadata=told(
            "Koder för kommunens mål som planen bidrar till",
            "Codes of the municipal goals that the plan serves",
        ),
    )
    says_no_need = dy.Bool(
        nullable=True,
        metadata=told(
            "Sant när planen säger att inget behov finns", "True where the plan says there is no need"
        ),
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def period_has_order(cls) -> pl.Expr:
        """A plan ends after it begins."""
        return pl.col("period_end") > pl.col("period_start")


class PlanNeed(Monthly):
    """One row per version of a plan and need in it."""

    submission_id = _submission()
    version = _version()
    need_number = _number("Behovets nummer i planen", "The need's number in the plan")
    competence_area = _area()
    current_level = _level("Nivå nu, 0–4", "Level now, 0–4")
    target_level = _level("Nivå som behövs, 0–4", "Level needed, 0–4")
    priority = dy.Int32(
        nullable=True, min=1, max=9, metadata=told("Prioritet, 1 = först", "Priority, 1 = first")
    )
    delivery_id = delivery()
    row_number = row()


class PlanActivity(Monthly):
    """One row per version of a plan and activity in it."""

    submission_id = _submission()
    version = _version()
    activity_number = _number("Aktivitetens nummer i planen", "The activity's number in the plan")
    competence_area = _area()
    kind = dy.String(nullable=True, metadata=told("Aktivitetens slag (kod)", "Kind of activity (code)"))
    due_date = _due()
    done_date = _done()
    delivery_id = delivery()
    row_number = row()


class LeaderPlan(Monthly):
    """One row per version of a leader's plan for a unit."""

    submission_id = _submission()
    version = _version()
    unit_code = dy.String(nullable=False, metadata=told("Enhetens kod", "The unit's code"))
    person_key = person(nullable=True)
    submitted_at = _submitted()
    status = _status()
    delivery_id = delivery()
    row_number = row()


class LeaderMeasure(Monthly):
    """One row per version of a leader's plan and measure in it."""

    submission_id = _submission()
    version = _version()
    measure_number = _number("Åtgärdens nummer i planen", "The measure's number in the plan")
    step = dy.Enum(
        STEPS, nullable=False, metadata=told("Steg i det aktiva arbetet", "Step of the active work")
    )
    area = dy.Enum(
        AREAS,
        nullable=True,
        metadata=told("Område enligt diskrimineringslagen", "Area according to the Discrimination Act"),
    )
    ground = dy.Enum(
        GROUNDS,
        nullable=True,
        metadata=told(
            "Diskrimineringsgrund som åtgärden gäller", "Ground of discrimination that the measure is about"
        ),
    )
    is_concrete = dy.Bool(
        nullable=False,
        metadata=told(
            "Beskriven, med ansvarig och slutdag",
            "Described, with somebody responsible and a day to be done by",
        ),
    )
    due_date = _due()
    done_date = _done()
    points_at = dy.String(
        nullable=True,
        metadata=told(
            "Nyckeltalets id som åtgärden ska flytta", "Id of the key figure that the measure is to move"
        ),
    )
    delivery_id = delivery()
    row_number = row()


class LeaderPlanExpected(Monthly):
    """One row per month and unit that is expected to have a leader's plan."""

    month = dy.Date(primary_key=True, metadata=told("Månaden, dess första dag", "The month, its first day"))
    unit_code = dy.String(primary_key=True, metadata=told("Enhetens kod", "The unit's code"))
    person_key = person(nullable=True)
    delivery_id = delivery()
    row_number = row()


class Idea(Monthly):
    """One row per idea, as it stands now; its month is that of its creation."""

    idea_id = dy.String(primary_key=True, metadata=told("Idéns id", "Id of the idea"))
    created_date = dy.Date(
        nullable=False,
        metadata=told("Dag då idén lämnades", "Day the idea was put forward", delivered="created"),
    )
    status = dy.Enum(
        ["new", "decided", "implemented", "declined"], nullable=False, metadata=told("Läge", "Status")
    )
    decided_date = dy.Date(
        nullable=True, metadata=told("Dag för beslut", "Day of decision", delivered="decided_at")
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def decided_after_creation(cls) -> pl.Expr:
        """An idea is decided on or after the day it was put forward."""
        return pl.col("decided_date") >= pl.col("created_date")


class IdeaMember(Monthly):
    """One row per idea and person behind it."""

    idea_id = dy.String(primary_key=True, metadata=told("Idéns id", "Id of the idea"))
    person_key = person(primary_key=True)
    delivery_id = delivery()
    row_number = row()


class JointProject(Monthly):
    """One row per project over department borders; its month is that of its start."""

    project_id = dy.String(primary_key=True, metadata=told("Projektets id", "Id of the project"))
    started_date = dy.Date(
        nullable=False,
        metadata=told("Projektets första dag", "First day of the project", delivered="started"),
    )
    delivery_id = delivery()
    row_number = row()


class ProjectMember(Monthly):
    """One row per project and person in it."""

    project_id = dy.String(primary_key=True, metadata=told("Projektets id", "Id of the project"))
    person_key = person(primary_key=True)
    delivery_id = delivery()
    row_number = row()


class Participation(Monthly):
    """One row per person and activity taken part in."""

    participation_id = dy.String(
        primary_key=True, metadata=told("Deltagandets id", "Id of the participation")
    )
    person_key = person()
    activity = dy.String(nullable=False, metadata=told("Aktivitetens slag (kod)", "Kind of activity (code)"))
    participation_date = dy.Date(
        nullable=False, metadata=told("Dag för deltagandet", "Day of the participation", delivered="date")
    )
    hours = dy.Float64(nullable=False, min=0, max=744, metadata=told("Timmar", "Hours", unit="hours"))
    delivery_id = delivery()
    row_number = row()


def _contract(
    name: str,
    sv: tuple[str, str],
    en: tuple[str, str],
    schema: type[dy.Schema],
    by: tuple[str, ...],
    **rules: str,
) -> Contract:
    return Contract(
        name=name,
        subject="plans",
        version=1,
        title={"sv": sv[0], "en": en[0]},
        grain={"sv": sv[1], "en": en[1]},
        schema=schema,
        schema_in_duckdb="raw",
        rule_columns={**MONTHLY_RULES, **rules},
        replaced_by=by,
    )


_BY_VERSION = ("submission_id", "version")
PLAN_CONTRACTS: tuple[Contract, ...] = (
    _contract(
        "individual_plan",
        ("Tvåårsplaner", "En rad per version av en medarbetares plan."),
        ("Two-year plans", "One row per version of an employee's plan."),
        IndividualPlan,
        _BY_VERSION,
        period_has_order="period_end",
    ),
    _contract(
        "plan_need",
        ("Behov i planerna", "En rad per planversion och behov."),
        ("Needs in the plans", "One row per version and need."),
        PlanNeed,
        _BY_VERSION,
    ),
    _contract(
        "plan_activity",
        ("Aktiviteter i planerna", "En rad per planversion och aktivitet."),
        ("Activities in the plans", "One row per version and activity."),
        PlanActivity,
        _BY_VERSION,
    ),
    _contract(
        "leader_plan",
        ("Ledarplaner", "En rad per version av en ledares plan."),
        ("Leaders' plans", "One row per version of a leader's plan."),
        LeaderPlan,
        _BY_VERSION,
    ),
    _contract(
        "leader_measure",
        ("Åtgärder i ledarplanerna", "En rad per planversion och åtgärd."),
        ("Measures in leaders' plans", "One row per version and measure."),
        LeaderMeasure,
        _BY_VERSION,
    ),
    _contract(
        "leader_plan_expected",
        ("Väntade ledarplaner", "En rad per månad och enhet."),
        ("Expected leaders' plans", "One row per month and unit."),
        LeaderPlanExpected,
        ("month",),
    ),
    _contract(
        "idea",
        ("Idéer", "En rad per idé."),
        ("Ideas", "One row per idea."),
        Idea,
        ("idea_id",),
        decided_after_creation="decided_date",
    ),
    _contract(
        "idea_member",
        ("Idéernas medlemmar", "En rad per idé och person."),
        ("Members of ideas", "One row per idea and person."),
        IdeaMember,
        ("idea_id",),
    ),
    _contract(
        "joint_project",
        ("Gemensamma projekt", "En rad per projekt."),
        ("Joint projects", "One row per project."),
        JointProject,
        ("project_id",),
    ),
    _contract(
        "project_member",
        ("Projektens medlemmar", "En rad per projekt och person."),
        ("Members of projects", "One row per project and person."),
        ProjectMember,
        ("project_id",),
    ),
    _contract(
        "participation",
        ("Deltagande", "En rad per person och aktivitet."),
        ("Participation", "One row per person and activity."),
        Participation,
        ("participation_id",),
    ),
)
