"""The subjects plans and organisation: the municipality's own plans, and its units.

Belongs here: the columns, types, keys, allowed values and row rules of `organisation_plan`, `organisation_milestone` and `unit`.
Does not belong here: plans of persons and leaders (plans.py).
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told
from warehouse.contracts.shared import MONTHLY_RULES, Monthly, delivery, row

PLAN_KINDS = ["learning_organisation", "goals", "gender_equality"]


def reported() -> dy.Date:
    """The month of a report; it is part of the key because each report is a whole."""
    return dy.Date(
        primary_key=True,
        metadata=told("Rapportens månad, dess första dag", "The month of the report, its first day"),
    )


def _kind() -> dy.Enum:
    return dy.Enum(PLAN_KINDS, primary_key=True, metadata=told("Planens slag", "Kind of plan"))


class OrganisationPlan(Monthly):
    """One row per kind of plan and month of report."""

    month = reported()
    kind = _kind()
    decided_date = dy.Date(
        nullable=True,
        metadata=told(
            "Dag för beslut; tomt = inte beslutad",
            "Day of decision; empty = not decided",
            delivered="decided_at",
        ),
    )
    delivery_id = delivery()
    row_number = row()


class OrganisationMilestone(Monthly):
    """One row per milestone of a plan and month of report."""

    month = reported()
    kind = _kind()
    milestone_code = dy.String(
        primary_key=True, metadata=told("Delmålets kod eller nummer", "The milestone's code or number")
    )
    name_sv = dy.String(nullable=True, metadata=told("Delmålets rubrik", "Title of the milestone"))
    due_date = dy.Date(nullable=False, metadata=told("Ska vara klart", "To be done by"))
    done_date = dy.Date(
        nullable=True, metadata=told("Blev klart; tomt = inte klart", "Done; empty = not done")
    )
    delivery_id = delivery()
    row_number = row()


class Unit(Monthly):
    """One row per unit and period of validity, as of the month of the delivery."""

    month = reported()
    unit_code = dy.String(primary_key=True, metadata=told("Enhetens kod", "The unit's code"))
    unit_name = dy.String(nullable=True, metadata=told("Enhetens namn", "The unit's name"))
    department_code = dy.String(nullable=False, metadata=told("Förvaltningens kod", "The department's code"))
    valid_from = dy.Date(primary_key=True, metadata=told("Gäller från", "Valid from"))
    valid_to = dy.Date(
        nullable=True,
        metadata=told("Sista giltiga dag; tomt = gäller", "Last valid day; empty = still valid"),
    )
    successor_code = dy.String(
        nullable=True,
        metadata=told(
            "Enheten som fortsätter serien när denna upphör",
            "The unit that continues the series when this one ends",
        ),
    )
    delivery_id = delivery()
    row_number = row()

    @dy.rule()
    def valid_in_order(cls) -> pl.Expr:
        """A unit ends on or after the day it began."""
        return pl.col("valid_to") >= pl.col("valid_from")

    @dy.rule()
    def succeeded_by_another(cls) -> pl.Expr:
        """A unit is not its own successor."""
        return pl.col("successor_code") != pl.col("unit_code")


ORGANISATION_PLAN = Contract(
    name="organisation_plan",
    subject="plans",
    version=1,
    title={"sv": "Kommunens planer", "en": "Plans of the municipality"},
    grain={
        "sv": "En rad per slag av plan och rapportmånad.",
        "en": "One row per kind of plan and month of report.",
    },
    schema=OrganisationPlan,
    schema_in_duckdb="raw",
    rule_columns=MONTHLY_RULES,
    replaced_by=("month", "kind"),
)

ORGANISATION_MILESTONE = Contract(
    name="organisation_milestone",
    subject="plans",
    version=1,
    title={"sv": "Planernas delmål", "en": "Milestones of the plans"},
    grain={"sv": "En rad per delmål och rapportmånad.", "en": "One row per milestone and month of report."},
    schema=OrganisationMilestone,
    schema_in_duckdb="raw",
    rule_columns=MONTHLY_RULES,
    replaced_by=("month", "kind"),
)

UNIT = Contract(
    name="unit",
    subject="organisation",
    version=1,
    title={"sv": "Enheter", "en": "Units"},
    grain={
        "sv": "En rad per enhet och giltighetstid; hela registret i varje leverans.",
        "en": "One row per unit and validity; each delivery is the whole register.",
    },
    schema=Unit,
    schema_in_duckdb="raw",
    rule_columns={**MONTHLY_RULES, "valid_in_order": "valid_to", "succeeded_by_another": "successor_code"},
)
