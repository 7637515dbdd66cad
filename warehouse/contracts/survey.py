"""The subject survey: rounds, their items, who was invited, and the answers.

Belongs here: the columns, types, keys, allowed values and row rules of the four survey contracts.
Does not belong here: how a survey system's codes become these (pipelines/intake/limesurvey.py), and what an index is.

An answer is never joined to a person. Its background (department, sex, age group) is what the respondent answered, and the
respondent's key is a hash within the round alone. Tokens, contact details and written answers have no column here.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told
from warehouse.contracts.shared import MONTHLY_RULES, Monthly, delivery, row

HME_ITEMS = 9
# Those of the workforce, and those of sick leave, which HME uses.
AGE_GROUPS = ["-34", "35-54", "55-64", "65-", "-29", "30-49", "50-"]
SEXES = ["K", "M", "U"]


def _round(primary_key: bool = True) -> dy.String:
    return dy.String(
        nullable=False,
        primary_key=primary_key,
        metadata=told("Enkätomgångens kod", "Code of the survey round"),
    )


def _department() -> dy.String:
    return dy.String(
        nullable=True,
        metadata=told("Förvaltningens kod, som den svarats", "The department's code, as answered"),
    )


def _sex() -> dy.Enum:
    return dy.Enum(
        SEXES,
        nullable=True,
        metadata=told(
            "Kön, som det svarats; U = annat eller vill inte svara",
            "Sex, as answered; U = other or will not say",
        ),
    )


def _age() -> dy.Enum:
    return dy.Enum(
        AGE_GROUPS, nullable=True, metadata=told("Åldersgrupp, som den svarats", "Age group, as answered")
    )


class SurveyRound(Monthly):
    """One row per survey round; its month is the month of closing."""

    round_id = _round()
    round_name = dy.String(nullable=True, metadata=told("Omgångens rubrik", "Title of the round"))
    opens_date = dy.Date(nullable=True, metadata=told("Första svarsdag", "First day for answers"))
    closes_date = dy.Date(nullable=False, metadata=told("Sista svarsdag", "Last day for answers"))
    survey_kind = dy.Enum(
        ["hme", "climate"], nullable=False, metadata=told("Slag av enkät", "Kind of survey")
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def closes_after_opening(cls) -> pl.Expr:
        """A round closes on or after the day it opens."""
        return pl.col("closes_date") >= pl.col("opens_date")

    @dy.rule()
    def month_is_of_closing(cls) -> pl.Expr:
        """A round belongs to the month in which it closes."""
        return pl.col("closes_date").dt.truncate("1mo") == pl.col("month")


class SurveyItem(Monthly):
    """One row per round and item."""

    round_id = _round()
    item_code = dy.String(
        primary_key=True, metadata=told("Frågans kod i enkäten", "The item's code in the survey")
    )
    hme_number = dy.Int32(
        nullable=True,
        min=1,
        max=HME_ITEMS,
        metadata=told(
            "HME-frågans nummer 1–9; tomt = egen fråga", "Number of the HME item 1–9; empty = own item"
        ),
    )
    question_sv = dy.String(
        nullable=True, metadata=told("Frågans ordalydelse på svenska", "The item's wording in Swedish")
    )
    question_en = dy.String(
        nullable=True, metadata=told("Frågans ordalydelse på engelska", "The item's wording in English")
    )
    sub_index = dy.String(
        nullable=True,
        metadata=told(
            "Delindex: motivation, leadership, governance, inclusion, accessibility eller eget",
            "Sub-index: motivation, leadership, governance, inclusion, accessibility or own",
        ),
    )
    scale = dy.Enum(["1-5", "yes_no"], nullable=False, metadata=told("Svarsskala", "Scale of answers"))
    is_reversed = dy.Bool(
        nullable=False, metadata=told("Sant när ett högt svar är dåligt", "True where a high answer is bad")
    )
    delivery_id = delivery()
    row_number = row()


class SurveyInvited(Monthly):
    """How many were invited and answered: one row per group of invited, or one per participant."""

    round_id = _round()
    department_code = _department()
    sex = _sex()
    age_group = _age()
    invited = dy.Int64(nullable=False, min=0, metadata=told("Inbjudna", "Invited", unit="persons"))
    completed = dy.Int64(
        nullable=True, min=0, metadata=told("Inskickade svar", "Answers sent in", unit="persons")
    )
    delivery_id = delivery()
    # One row per participant is as good as one per group: rows with the same group add up.
    row_number = row(primary_key=True)

    @dy.rule()
    def completed_at_most_invited(cls) -> pl.Expr:
        """No group has more answers than invited."""
        return pl.col("completed") <= pl.col("invited")


class SurveyAnswer(Monthly):
    """One row per round, respondent and item; missing answers are rows with an empty value."""

    round_id = _round()
    respondent_key = dy.String(
        primary_key=True,
        metadata=told(
            "Svarets löpnummer i omgången; ersätts av en nycklad hash som inte är någon persons nyckel",
            "The answer's running number in the round; replaced by a keyed hash that is no person's key",
            delivered="respondent_id",
            identity=True,
        ),
    )
    item_code = dy.String(
        primary_key=True, metadata=told("Frågans kod i enkäten", "The item's code in the survey")
    )
    value = dy.Int32(
        nullable=True,
        min=0,
        max=5,
        metadata=told(
            "1–5, eller ja = 1 och nej = 0; tomt = vet ej eller inget svar",
            "1–5, or yes = 1 and no = 0; empty = do not know or no answer",
        ),
    )
    department_code = _department()
    sex = _sex()
    age_group = _age()
    delivery_id = delivery()
    row_number = row()


def _contract(
    name: str, title: tuple[str, str], grain: tuple[str, str], schema: type[dy.Schema], rules: dict[str, str]
) -> Contract:
    return Contract(
        name=name,
        subject="survey",
        version=1,
        title={"sv": title[0], "en": title[1]},
        grain={"sv": grain[0], "en": grain[1]},
        schema=schema,
        schema_in_duckdb="raw",
        rule_columns={**MONTHLY_RULES, **rules},
        replaced_by=("round_id",),
    )


SURVEY_ROUND = _contract(
    "survey_round",
    ("Enkätomgångar", "Survey rounds"),
    ("En rad per omgång.", "One row per round."),
    SurveyRound,
    {"closes_after_opening": "closes_date", "month_is_of_closing": "closes_date"},
)
SURVEY_ITEM = _contract(
    "survey_item",
    ("Enkätfrågor", "Survey items"),
    ("En rad per omgång och fråga.", "One row per round and item."),
    SurveyItem,
    {},
)
SURVEY_INVITED = _contract(
    "survey_invited",
    ("Inbjudna till enkäten", "Invited to the survey"),
    (
        "En rad per omgång och grupp av inbjudna, eller per inbjuden.",
        "One row per round and group of invited, or per invited person.",
    ),
    SurveyInvited,
    {"completed_at_most_invited": "completed"},
)
SURVEY_ANSWER = _contract(
    "survey_answer",
    ("Enkätsvar", "Survey answers"),
    ("En rad per omgång, svarande och fråga.", "One row per round, respondent and item."),
    SurveyAnswer,
    {},
)
