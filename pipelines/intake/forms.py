"""What the forms ask: stated once for the XLSForms, the Excel template, and the check of a filled-in template.

Belongs here: fields, repeats, choices and their words in Swedish and English.
Does not belong here: writing the files (forms/make.py, template.py), what a submission becomes (submissions.py).

Fields are called as the contracts call them in a delivery, so that no form needs a mapping. What only some forms ask in words
(`description`, `responsible`, `title`) is judged at the door and goes no further.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from warehouse.contracts.organisation import PLAN_KINDS
from warehouse.contracts.plans import AREAS, GROUNDS, STEPS

Choice = tuple[str, str, str]
Kind = Literal["text", "date", "integer", "decimal", "one", "many", "yes_no"]

YES_NO: tuple[Choice, ...] = (("yes", "Ja", "Yes"), ("no", "Nej", "No"))
LEVELS: tuple[Choice, ...] = (
    ("0", "0 Ingen", "0 None"),
    ("1", "1 Grund", "1 Basic"),
    ("2", "2 God", "2 Good"),
    ("3", "3 Hög", "3 High"),
    ("4", "4 Expert", "4 Expert"),
)
COMPETENCE: tuple[Choice, ...] = (
    ("leadership", "Ledarskap", "Leadership"),
    ("digital", "Digital kompetens", "Digital skills"),
    ("equality", "Jämställdhet och mångfald", "Equality and diversity"),
    ("service", "Bemötande och service", "Service"),
    ("methods", "Yrkets metoder", "Methods of the profession"),
    ("law", "Juridik och handläggning", "Law and case work"),
    ("language", "Språk", "Languages"),
    ("improvement", "Ständiga förbättringar", "Continuous improvement"),
)
GOALS: tuple[Choice, ...] = (
    ("M1", "Trygg uppväxt", "Safe childhood"),
    ("M2", "Lärande hela livet", "Lifelong learning"),
    ("M3", "Hållbart samhälle", "Sustainable society"),
    ("M4", "Attraktiv arbetsgivare", "Attractive employer"),
)
ACTIVITY: tuple[Choice, ...] = (
    ("course", "Kurs", "Course"),
    ("leave", "Studieledighet", "Study leave"),
    ("coaching", "Handledning", "Coaching"),
    ("practice", "Praktik eller auskultation", "Practice"),
    ("other", "Annat", "Other"),
)
TAKING_PART: tuple[Choice, ...] = (
    ("network", "Nätverk", "Network"),
    ("workshop", "Verkstad", "Workshop"),
    ("development_group", "Utvecklingsgrupp", "Development group"),
    ("safety_round", "Skyddsrond", "Safety round"),
)
IDEA_STATUS: tuple[Choice, ...] = (
    ("new", "Ny", "New"),
    ("decided", "Beslutad", "Decided"),
    ("implemented", "Genomförd", "Implemented"),
    ("declined", "Avslagen", "Declined"),
)
_STEP_WORDS = (
    ("Undersök", "Investigate"),
    ("Analysera", "Analyse"),
    ("Åtgärda", "Act"),
    ("Följ upp", "Follow up"),
)
_AREA_WORDS = (
    ("Arbetsförhållanden", "Working conditions"),
    ("Löner och villkor", "Pay and terms"),
    ("Rekrytering och befordran", "Recruitment and promotion"),
    ("Utbildning och utveckling", "Training and development"),
    ("Arbete och föräldraskap", "Work and parenthood"),
)
_GROUND_WORDS = (
    ("Kön", "Sex"),
    ("Könsöverskridande identitet eller uttryck", "Transgender identity or expression"),
    ("Etnisk tillhörighet", "Ethnicity"),
    ("Religion eller annan trosuppfattning", "Religion or other belief"),
    ("Funktionsnedsättning", "Disability"),
    ("Sexuell läggning", "Sexual orientation"),
    ("Ålder", "Age"),
)
_PLAN_WORDS = (
    ("Lärande organisation", "Learning organisation"),
    ("Mål och uppföljning", "Goals"),
    ("Jämställdhet", "Gender equality"),
)


def _choices(codes: list[str], words: tuple[tuple[str, str], ...]) -> tuple[Choice, ...]:
    return tuple((code, sv, en) for code, (sv, en) in zip(codes, words, strict=True))


@dataclass(frozen=True)
class Question:
    """One field of a form.

    Attributes:
        name: as the contract calls it in a delivery.
        kind: how it is answered.
        sv, en: the words.
        is_required: whether it must be answered.
        choices: for `one` and `many`.
        rule: an XLSForm constraint.
    """

    name: str
    kind: Kind
    sv: str
    en: str
    is_required: bool = False
    choices: tuple[Choice, ...] = ()
    rule: str | None = None


@dataclass(frozen=True)
class Repeat:
    """Fields that are asked several times."""

    name: str
    sv: str
    en: str
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Form:
    """A form: its fields, then its repeats."""

    name: str
    sv: str
    en: str
    questions: tuple[Question, ...]
    repeats: tuple[Repeat, ...] = ()


# Ten or twelve digits, an interim number's letter, or the employer's own number.
PERSON = Question(
    "person_id", "text", "Personnummer eller anställningsnummer", "Personnummer or employee number", True
)
COMPETENCE_AREA = Question("competence_area", "one", "Kompetensområde", "Competence area", True, COMPETENCE)
DUE = Question("due_date", "date", "Ska vara klart", "To be done by")
DONE = Question("done_date", "date", "Blev klart", "Done")
MEMBERS = Repeat("members", "Medlemmar", "Members", (PERSON,))

FORMS: dict[str, Form] = {
    form.name: form
    for form in (
        Form(
            "individual_plan",
            "Min tvåårsplan",
            "My two-year plan",
            (
                PERSON,
                Question("period_start", "date", "Planen gäller från", "The plan holds from", True),
                Question(
                    "period_end",
                    "date",
                    "Planen gäller till",
                    "The plan holds until",
                    True,
                    rule=". > ${period_start}",
                ),
                Question(
                    "goals",
                    "many",
                    "Kommunens mål som planen bidrar till",
                    "Municipal goals that the plan serves",
                    choices=GOALS,
                ),
                Question(
                    "says_no_need",
                    "yes_no",
                    "Jag har inget utvecklingsbehov",
                    "I have no need of development",
                    choices=YES_NO,
                ),
            ),
            (
                Repeat(
                    "needs",
                    "Behov",
                    "Needs",
                    (
                        COMPETENCE_AREA,
                        Question("current_level", "one", "Nivå nu", "Level now", True, LEVELS),
                        Question("target_level", "one", "Nivå som behövs", "Level needed", True, LEVELS),
                        Question(
                            "priority",
                            "integer",
                            "Prioritet, 1 = först",
                            "Priority, 1 = first",
                            rule=". >= 1 and . <= 9",
                        ),
                    ),
                ),
                Repeat(
                    "activities",
                    "Aktiviteter",
                    "Activities",
                    (
                        COMPETENCE_AREA,
                        Question("kind", "one", "Slag av aktivitet", "Kind of activity", choices=ACTIVITY),
                        DUE,
                        DONE,
                    ),
                ),
            ),
        ),
        Form(
            "leader_plan",
            "Ledarplan",
            "Leader's plan",
            (
                Question("unit_code", "text", "Enhetens kod", "The unit's code", True),
                PERSON,
            ),
            (
                Repeat(
                    "measures",
                    "Åtgärder",
                    "Measures",
                    (
                        Question(
                            "step",
                            "one",
                            "Steg i det aktiva arbetet",
                            "Step of the active work",
                            True,
                            _choices(STEPS, _STEP_WORDS),
                        ),
                        Question("area", "one", "Område", "Area", choices=_choices(AREAS, _AREA_WORDS)),
                        Question(
                            "ground",
                            "one",
                            "Diskrimineringsgrund",
                            "Ground of discrimination",
                            choices=_choices(GROUNDS, _GROUND_WORDS),
                        ),
                        Question(
                            "description",
                            "text",
                            "Vad ska göras? (skriv inga namn)",
                            "What is to be done? (write no names)",
                        ),
                        Question("responsible", "text", "Ansvarig (roll)", "Responsible (role)"),
                        DUE,
                        DONE,
                        Question(
                            "points_at",
                            "text",
                            "Nyckeltal som ska påverkas (id)",
                            "Key figure to be moved (id)",
                        ),
                    ),
                ),
            ),
        ),
        Form(
            "organisation_plan",
            "Kommunens plan",
            "Plan of the municipality",
            (
                Question(
                    "kind", "one", "Slag av plan", "Kind of plan", True, _choices(PLAN_KINDS, _PLAN_WORDS)
                ),
                Question("decided_at", "date", "Beslutad", "Decided"),
            ),
            (
                Repeat(
                    "milestones",
                    "Delmål",
                    "Milestones",
                    (
                        Question(
                            "milestone_code", "text", "Delmålets nummer", "The milestone's number", True
                        ),
                        Question("name", "text", "Delmålets rubrik", "Title of the milestone"),
                        Question("due_date", "date", "Ska vara klart", "To be done by", True),
                        DONE,
                    ),
                ),
            ),
        ),
        Form(
            "idea",
            "Idé",
            "Idea",
            (
                Question("created", "date", "Lämnad", "Put forward", True),
                Question("title", "text", "Idén i korthet", "The idea in brief"),
                Question("status", "one", "Läge", "Status", True, IDEA_STATUS),
                Question("decided_at", "date", "Beslutad", "Decided"),
            ),
            (MEMBERS,),
        ),
        Form(
            "joint_project",
            "Gemensamt projekt",
            "Joint project",
            (
                Question("started", "date", "Startade", "Started", True),
                Question("title", "text", "Projektet i korthet", "The project in brief"),
            ),
            (MEMBERS,),
        ),
        Form(
            "participation",
            "Deltagande",
            "Participation",
            (
                PERSON,
                Question("activity", "one", "Aktivitet", "Activity", True, TAKING_PART),
                Question("date", "date", "Dag", "Day", True),
                Question("hours", "decimal", "Timmar", "Hours", True, rule=". > 0 and . <= 24"),
            ),
        ),
    )
}
