"""Systems that deliver when they are asked: databases, survey servers, form servers, Kolada, and folders with their exports.

Belongs here: the keys of one entry under `servers` in the settings, and where its secrets are kept.
Does not belong here: a folder with exports that a mapping translates (`sources`, settings.py), and the asking itself
(pipelines/intake).

A secret is never written in the settings: an entry names the environment variable or the file that holds it.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from warehouse.private import UnsafeModeError, demand_private

SURVEY_CONTRACTS = ("survey_round", "survey_item", "survey_invited", "survey_answer")
FORM_CONTRACTS: dict[str, tuple[str, ...]] = {
    "individual_plan": ("individual_plan", "plan_need", "plan_activity"),
    "leader_plan": ("leader_plan", "leader_measure"),
    "organisation_plan": ("organisation_plan", "organisation_milestone"),
    "idea": ("idea", "idea_member"),
    "joint_project": ("joint_project", "project_member"),
    "participation": ("participation",),
}
READY_CONTRACTS = (
    "hr_training",
    "hr_dialogue",
    *SURVEY_CONTRACTS,
    *(contract for contracts in FORM_CONTRACTS.values() for contract in contracts),
    "leader_plan_expected",
    "unit",
    "external_figure",
)
FormName = Literal[
    "individual_plan", "leader_plan", "organisation_plan", "idea", "joint_project", "participation"
]


class SecretMissingError(RuntimeError):
    """A server's secret is not where the settings say; the message names the place, never the secret."""


class Part(BaseModel):
    """A section of the settings: an unknown key is an error, not a silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Secret(Part):
    """Where a secret is kept."""

    env: str | None = Field(None, description="Name of the environment variable that holds it.")
    file: Path | None = Field(None, description="File that holds it, readable by the system only.")

    @model_validator(mode="after")
    def _one_place(self) -> Self:  # noqa: N804 - "after" gets the model, not the class
        if (self.env is None) == (self.file is None):
            raise ValueError("say exactly one of env and file")
        return self

    def read(self) -> str:
        """The secret.

        Raises:
            SecretMissingError: it is not there.
        """
        if self.env is not None:
            stated = os.environ.get(self.env, "")
            where = f"the environment variable {self.env}"
        else:
            where = f"the file {self.file}"
            try:
                demand_private(Path(self.file or ""))
                stated = Path(self.file or "").read_text(encoding="utf-8")
            except OSError as error:
                raise SecretMissingError(f"{where} cannot be read: {error.strerror}") from error
            except UnsafeModeError as error:
                raise SecretMissingError(str(error)) from error
        if not stated.strip():
            raise SecretMissingError(f"{where} holds nothing")
        return stated.strip()


class Asked(Part):
    """What every system that is asked has."""

    timeout_seconds: float = Field(
        60.0, gt=0, description="How long one question may take, all attempts together."
    )
    attempts: int = Field(
        4, ge=1, le=10, description="How often a question is put before the system counts as down."
    )
    person_numbers: Literal["personnummer", "own"] = Field(
        "personnummer",
        description="own = person_id is the employer's own number and is not checked as a personnummer.",
    )


class Database(Asked):
    """The reporting database of the HR system."""

    kind: Literal["database"]
    contract: str = Field(description="Which contract the rows must meet, e.g. hr_employment.")
    url: Secret = Field(
        description="postgresql://user:password@host:port/database, or another driver's address."
    )
    table: str = Field(description="Table or view, with its schema.")
    again_months: int = Field(2, ge=0, description="Months asked for again each night, for corrections.")
    mapping: dict[str, Any] = Field(
        default_factory=dict, description="As for files: headings are the table's columns."
    )

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return (self.contract,)


class Background(Part):
    """A background question of a survey, and what its answers are called here."""

    question: str | None = Field(None, description="The question's code in the survey.")
    attribute: str | None = Field(
        None, description="The participants' attribute with the same, e.g. attribute_1."
    )
    codes: dict[str, str] = Field(
        default_factory=dict, description="The survey's answer → department code, K|M|U, or age group."
    )


class Item(Part):
    """One item of a survey."""

    hme_number: int | None = Field(None, ge=1, le=9, description="1–9 for HME's items.")
    sub_index: str | None = Field(
        None, description="motivation, leadership, governance, inclusion, accessibility, or own."
    )
    scale: Literal["1-5", "yes_no"] = Field("1-5", description="Scale of answers.")
    is_reversed: bool = Field(False, description="True where a high answer is bad.")


class Round(Part):
    """What the survey system does not know of a round."""

    opens: date | None = Field(None, description="First day for answers.")
    closes: date | None = Field(
        None, description="Last day for answers; else the survey's, else that of the last answer."
    )
    survey_kind: Literal["hme", "climate"] = Field("hme", description="Kind of survey.")
    invited: int | None = Field(
        None, ge=0, description="Number of invited, where the survey system does not know (open invitation)."
    )


class SurveyForm(Part):
    """How a survey's codes become rounds, items and answers."""

    hme: str | None = Field(
        "HME", description="Code of the array question whose SQ001–SQ009 are HME's nine items."
    )
    items: dict[str, Item] = Field(
        default_factory=dict, description="Own items: column in the export, e.g. INK[SQ001] → what it is."
    )
    values: dict[str, int | None] = Field(
        default_factory=dict,
        description="Answer code → 1–5, yes = 1, no = 0, empty = missing; 1–5, Y and N are known.",
    )
    missing: tuple[str, ...] = Field(
        ("0", "A0", "-oth-", "N/A"), description="Answer codes that mean do not know."
    )
    department: Background = Background(question="FORV", attribute="attribute_1")
    sex: Background = Background(question="KON", attribute="attribute_2")
    age_group: Background = Background(question="ALDER")
    rounds: dict[str, Round] = Field(
        default_factory=dict, description="Survey id → what the survey system does not know."
    )


class LimeSurvey(Asked):
    """A LimeSurvey server, through RemoteControl 2."""

    kind: Literal["limesurvey"]
    url: str = Field(
        description="Address of RemoteControl, e.g. https://enkat.example.se/index.php/admin/remotecontrol."
    )
    user: str = Field(description="A user who may read the surveys and nothing else.")
    password: Secret = Field(description="The user's password.")
    surveys: tuple[int, ...] = Field(description="Ids of the surveys, one for each round.")
    survey: SurveyForm = SurveyForm()

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return SURVEY_CONTRACTS


class LimeSurveyExport(Asked):
    """A folder with LimeSurvey's CSV exports (answer codes, question codes); the survey's id is in each file's name."""

    kind: Literal["limesurvey_export"]
    path: Path = Field(description="Folder with the exports.")
    pattern: str = Field("*.csv", description="Which files in it.")
    survey: SurveyForm = SurveyForm()

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return SURVEY_CONTRACTS


class Forms(Asked):
    """What every form server has."""

    url: str = Field(description="Address of the server, e.g. https://odk.example.se.")
    is_reviewed: bool = Field(
        True, description="False: a submission counts as accepted without anybody's approval."
    )

    @property
    def forms(self) -> dict[FormName, str]:
        """Our form → the server's id of it."""
        raise NotImplementedError

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return tuple(contract for form in self.forms for contract in FORM_CONTRACTS[form])


class Odk(Forms):
    """ODK Central."""

    kind: Literal["odk"]
    project: int = Field(description="The project's number.")
    user: str = Field(description="E-mail address of a web user with the role Project Viewer.")
    password: Secret = Field(description="The user's password.")
    form_ids: dict[FormName, str] = Field(description="Our form → its form id in the project.")

    @property
    def forms(self) -> dict[FormName, str]:
        """Our form → the server's id of it."""
        return self.form_ids


class Kobo(Forms):
    """KoboToolbox."""

    kind: Literal["kobo"]
    token: Secret = Field(description="API key of an account that may view the submissions.")
    assets: dict[FormName, str] = Field(description="Our form → its asset uid.")

    @property
    def forms(self) -> dict[FormName, str]:
        """Our form → the server's id of it."""
        return self.assets


class Template(Asked):
    """A folder with filled-in Excel templates."""

    kind: Literal["template"]
    path: Path = Field(description="Folder with the workbooks.")
    pattern: str = Field("*.xlsx", description="Which files in it.")
    is_reviewed: bool = Field(
        False, description="True: a submission counts only when its sheet says accepted."
    )

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return tuple(contract for contracts in FORM_CONTRACTS.values() for contract in contracts)


class ReadyFiles(Asked):
    """A folder with files that are in the contracts' own terms already, and need no mapping: one folder in it for each contract.

    Every column of the contract is in every file, under its delivered name, `month` among them; the day of delivery stands last
    in the file's name: `unit/unit_2026-11-05.parquet`.
    """

    kind: Literal["ready_files"]
    path: Path = Field(description="Folder with a folder for each contract.")
    only: tuple[str, ...] = Field(
        (), description="Contracts to take from it; empty = all but employments and absence."
    )

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return self.only or READY_CONTRACTS


class Kolada(Asked):
    """Kolada's API, version 3."""

    kind: Literal["kolada"]
    url: str = Field("https://api.kolada.se/v3", description="Address of the API.")
    kpis: tuple[str, ...] = Field(description="Ids of the figures.")
    municipalities: tuple[str, ...] = Field(
        description="Ids of the municipalities; the own and those compared with."
    )
    from_year: int = Field(2010, description="First year.")

    @property
    def contracts(self) -> tuple[str, ...]:
        """Contracts that this system delivers to."""
        return ("external_figure",)


Server = Annotated[
    Database | LimeSurvey | LimeSurveyExport | Odk | Kobo | Template | ReadyFiles | Kolada,
    Field(discriminator="kind"),
]
