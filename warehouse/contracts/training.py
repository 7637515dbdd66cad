"""The subject hr: training, and dialogues between employees and their managers.

Belongs here: the columns, types, keys, allowed values and row rules of `hr_training` and `hr_dialogue`.
Does not belong here: what was said in a dialogue, which is never asked for; needs and plans (plans.py).
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told
from warehouse.contracts.shared import MONTHLY_RULES, Monthly, delivery, person, row

HOURS_IN_A_MONTH = 744


class HrTraining(Monthly):
    """One row per person and training occasion."""

    person_key = person(primary_key=True)
    training_date = dy.Date(
        primary_key=True, metadata=told("Utbildningens dag", "Day of the training", delivered="date")
    )
    course = dy.String(nullable=True, metadata=told("Kursens namn eller kod", "Name or code of the course"))
    competence_area = dy.String(nullable=True, metadata=told("Kompetensområde", "Competence area"))
    hours = dy.Float64(
        nullable=False, min=0, max=HOURS_IN_A_MONTH, metadata=told("Timmar", "Hours", unit="hours")
    )
    kind = dy.Enum(
        ["course", "leave", "coaching", "other"],
        nullable=False,
        metadata=told(
            "Slag: kurs, studieledighet, handledning, annat", "Kind: course, study leave, coaching, other"
        ),
    )
    delivery_id = delivery()
    # Two equal rows may be two sessions of one course on one day.
    row_number = row(primary_key=True)

    @dy.rule()
    def happened_in_month(cls) -> pl.Expr:
        """A training belongs to the month in which it was held."""
        return pl.col("training_date").dt.truncate("1mo") == pl.col("month")


class HrDialogue(Monthly):
    """One row per person and dialogue."""

    person_key = person(primary_key=True)
    dialogue_date = dy.Date(
        primary_key=True, metadata=told("Samtalets dag", "Day of the dialogue", delivered="date")
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def happened_in_month(cls) -> pl.Expr:
        """A dialogue belongs to the month in which it was held."""
        return pl.col("dialogue_date").dt.truncate("1mo") == pl.col("month")


HR_TRAINING = Contract(
    name="hr_training",
    subject="hr",
    version=1,
    title={"sv": "Utbildning", "en": "Training"},
    grain={
        "sv": "En rad per person och utbildningstillfälle.",
        "en": "One row per person and training occasion.",
    },
    schema=HrTraining,
    schema_in_duckdb="raw",
    rule_columns={**MONTHLY_RULES, "happened_in_month": "training_date"},
    # Courses follow the terms: July has next to none.
    size_change_share=1_000.0,
)

HR_DIALOGUE = Contract(
    name="hr_dialogue",
    subject="hr",
    version=1,
    title={"sv": "Medarbetarsamtal", "en": "Dialogues"},
    grain={"sv": "En rad per person och samtal.", "en": "One row per person and dialogue."},
    schema=HrDialogue,
    schema_in_duckdb="raw",
    rule_columns={**MONTHLY_RULES, "happened_in_month": "dialogue_date"},
    size_change_share=1_000.0,
)
