"""The subject hr: employment by month, and absence.

Belongs here: the columns, types, keys, allowed values and row rules of `hr_employment` and `hr_absence`.
Does not belong here: how an export is translated to them (the settings' mappings), plausibility of whole deliveries
(expectations).

A row rule says what can not be true; what is merely unlikely passes here and is judged by the expectations.
"""

from __future__ import annotations

import dataframely as dy
import polars as pl

from warehouse.contracts.contract import Contract, told

HOURS_IN_A_MONTH = 744
DAYS_IN_A_MONTH = 31
YOUNGEST, OLDEST = 13, 100


def _month_end() -> pl.Expr:
    return pl.col("month").dt.month_end()


class HrEmployment(dy.Schema):
    """One row per employment and month."""

    month = dy.Date(
        primary_key=True,
        metadata=told(
            "Månaden raden står för, dess första dag", "The month the row stands for, its first day"
        ),
    )
    employment_key = dy.String(
        primary_key=True,
        metadata=told(
            "Anställningens nummer", "The employment's number", delivered="employment_id", identity=True
        ),
    )
    person_key = dy.String(
        nullable=False,
        metadata=told(
            "Personnummer, samordningsnummer, interimsnummer eller arbetsgivarens eget nummer; ersätts av en nycklad hash",
            "Personnummer, coordination number, interim number or the employer's own number; replaced by a keyed hash",
            delivered="person_id",
            identity=True,
        ),
    )
    is_linked = dy.Bool(
        nullable=False,
        metadata=told(
            "Falskt när leveransen saknar personnyckel: varje rad är då en person som inte kan följas över tid",
            "False where the delivery has no person key: each row is then a person who cannot be followed over time",
            made=True,
        ),
    )
    birth_month = dy.Date(
        nullable=True,
        metadata=told(
            "Födelsedatum, eller härlett ur personnumret; bara månaden lagras",
            "Date of birth, or derived from the personnummer; only the month is stored",
            delivered="birth_date",
        ),
    )
    sex = dy.Enum(
        ["K", "M"],
        nullable=True,
        metadata=told(
            "Juridiskt kön; levererat värde går före det som följer av personnumret, tomt = okänt eller annat",
            "Legal sex; the delivered value wins over the derived one, empty = unknown or other",
        ),
    )
    department_code = dy.String(nullable=False, metadata=told("Förvaltningens kod", "The department's code"))
    department_name = dy.String(nullable=True, metadata=told("Förvaltningens namn", "The department's name"))
    unit_code = dy.String(nullable=True, metadata=told("Enhetens kod", "The unit's code"))
    unit_name = dy.String(nullable=True, metadata=told("Enhetens namn", "The unit's name"))
    occupation_code = dy.String(
        nullable=True, metadata=told("Yrkeskod, AID eller SSYK 2012", "Occupation code, AID or SSYK 2012")
    )
    occupation_name = dy.String(nullable=True, metadata=told("Yrkets namn", "The occupation's name"))
    occupation_group = dy.String(nullable=True, metadata=told("Yrkesgrupp", "Occupation group"))
    responsibility_code = dy.Enum(
        ["A", "B", "C", "L", "F", "M"],
        nullable=True,
        metadata=told("Ansvarskod enligt AID", "Responsibility code according to AID"),
    )
    management_level = dy.Int32(
        nullable=True,
        min=1,
        max=9,
        metadata=told(
            "Chefsnivå: 1 = högsta ledningen, 2 … ; tomt = inte chef",
            "Level of management: 1 = top, 2 …; empty = none",
            unit="level",
        ),
    )
    employment_form = dy.Enum(
        ["tillsvidare", "sva", "vikariat", "ovrig_visstid"],
        nullable=True,
        metadata=told(
            "Anställningsform (sva = särskild visstidsanställning)",
            "Form of employment (sva = special fixed term)",
        ),
    )
    pay_form = dy.Enum(
        ["manadsavlonad", "timavlonad"],
        nullable=False,
        metadata=told("Avlöningsform", "Paid by the month or by the hour"),
    )
    is_full_time = dy.Bool(
        nullable=True,
        metadata=told(
            "Heltid enligt avtal, när sysselsättningsgraden inte levereras",
            "Full time as agreed, where the percentage is not delivered",
        ),
    )
    fte_agreed = dy.Float64(
        nullable=True,
        min=0,
        max=100,
        metadata=told("Avtalad sysselsättningsgrad", "Agreed percentage of full time", unit="percent"),
    )
    fte_actual = dy.Float64(
        nullable=True,
        min=0,
        max=100,
        metadata=told(
            "Faktisk sysselsättningsgrad", "Percentage of full time actually worked", unit="percent"
        ),
    )
    monthly_pay = dy.Float64(
        nullable=True, min=0, metadata=told("Månadslön som den betalas", "Monthly pay as paid", unit="kr")
    )
    monthly_pay_fte = dy.Float64(
        nullable=True,
        min=0,
        metadata=told("Månadslön uppräknad till heltid", "Monthly pay as for full time", unit="kr"),
    )
    # No lower limit: a negative supplement is a correction of an earlier month.
    variable_pay_fte = dy.Float64(
        nullable=True,
        metadata=told(
            "Rörliga tillägg uppräknade till heltid", "Variable supplements as for full time", unit="kr"
        ),
    )
    ordinary_hours = dy.Float64(
        nullable=True,
        min=0,
        max=HOURS_IN_A_MONTH,
        metadata=told("Ordinarie arbetstid i månaden", "Ordinary hours of the month", unit="hours"),
    )
    hire_date = dy.Date(nullable=True, metadata=told("Anställd från", "Employed from"))
    end_date = dy.Date(nullable=True, metadata=told("Anställningens sista dag", "Last day of the employment"))
    end_reason = dy.String(nullable=True, metadata=told("Avgångsorsak (kod)", "Reason for leaving (code)"))
    has_full_leave = dy.Bool(
        nullable=True, metadata=told("Helt ledig hela månaden", "On leave full time for the whole month")
    )
    previous_person_key = dy.String(
        nullable=True,
        metadata=told(
            "Personens förra nummer, när det har ändrats",
            "The person's former number, where it changed",
            delivered="previous_person_id",
            identity=True,
        ),
    )
    work_value_level = dy.Int32(
        nullable=True,
        min=0,
        metadata=told("Nivå enligt arbetsvärderingen", "Level in the work evaluation", unit="level"),
    )
    delivery_id = dy.String(
        nullable=False, metadata=told("Leveransen raden kom med", "The delivery the row came with", made=True)
    )
    row_number = dy.Int32(
        nullable=False,
        min=1,
        metadata=told("Rad i den levererade filen", "Row in the delivered file", made=True),
    )

    @dy.rule()
    def month_is_first_day(cls) -> pl.Expr:
        """A month is written as its first day."""
        return pl.col("month").dt.day() == 1

    @dy.rule()
    def hired_in_time(cls) -> pl.Expr:
        """Nobody in the month was hired later than the month after it.

        Exports are often drawn a few weeks after the month they stand for, and then hold those hired in between.
        """
        return pl.col("hire_date") <= _month_end().dt.offset_by("1mo").dt.month_end()

    @dy.rule()
    def ends_after_hire(cls) -> pl.Expr:
        """An employment ends on or after the day it began."""
        return pl.col("end_date") >= pl.col("hire_date")

    @dy.rule()
    def age_is_possible(cls) -> pl.Expr:
        """Everybody is between 13 and 100 years old."""
        years = pl.col("month").dt.year() - pl.col("birth_month").dt.year()
        return years.is_between(YOUNGEST, OLDEST)


class HrAbsence(dy.Schema):
    """One row per spell of absence, extent and month."""

    month = dy.Date(
        primary_key=True,
        metadata=told(
            "Månaden raden står för, dess första dag", "The month the row stands for, its first day"
        ),
    )
    employment_key = dy.String(
        primary_key=True,
        metadata=told(
            "Anställningens nummer", "The employment's number", delivered="employment_id", identity=True
        ),
    )
    person_key = dy.String(
        nullable=False,
        metadata=told(
            "Samma personnyckel som i hr_employment",
            "The same person key as in hr_employment",
            delivered="person_id",
            identity=True,
        ),
    )
    absence_type = dy.Enum(
        ["sjuk", "foraldraledig", "vab", "ovrig"],
        primary_key=True,
        metadata=told("Frånvarons slag", "Kind of absence"),
    )
    spell_start = dy.Date(primary_key=True, metadata=told("Frånvarons första dag", "First day of the spell"))
    spell_end = dy.Date(
        nullable=True,
        metadata=told("Frånvarons sista dag; tomt = pågår", "Last day of the spell; empty = still going"),
    )
    extent = dy.Float64(
        primary_key=True,
        min_exclusive=0,
        max=100,
        metadata=told("Frånvarons omfattning", "Extent of the absence", unit="percent"),
    )
    absence_hours = dy.Float64(
        nullable=True,
        min=0,
        max=HOURS_IN_A_MONTH,
        metadata=told("Frånvarotimmar i månaden", "Hours absent in the month", unit="hours"),
    )
    absence_days = dy.Float64(
        nullable=True,
        min=0,
        max=DAYS_IN_A_MONTH,
        metadata=told("Nettodagar i månaden", "Net days absent in the month", unit="days"),
    )
    delivery_id = dy.String(
        nullable=False, metadata=told("Leveransen raden kom med", "The delivery the row came with", made=True)
    )
    row_number = dy.Int32(
        nullable=False,
        min=1,
        metadata=told("Rad i den levererade filen", "Row in the delivered file", made=True),
    )

    @dy.rule()
    def month_is_first_day(cls) -> pl.Expr:
        """A month is written as its first day."""
        return pl.col("month").dt.day() == 1

    @dy.rule()
    def spell_has_order(cls) -> pl.Expr:
        """A spell ends on or after the day it began."""
        return pl.col("spell_end") >= pl.col("spell_start")

    @dy.rule()
    def spell_begins_in_time(cls) -> pl.Expr:
        """A spell that is told for a month began before the month was over."""
        return pl.col("spell_start") <= _month_end()

    @dy.rule()
    def spell_reaches_month(cls) -> pl.Expr:
        """A spell that is told for a month had not ended before it."""
        return pl.col("spell_end") >= pl.col("month")


HR_EMPLOYMENT = Contract(
    name="hr_employment",
    subject="hr",
    version=1,
    title={"sv": "Anställningar", "en": "Employments"},
    grain={"sv": "En rad per anställning och månad.", "en": "One row per employment and month."},
    schema=HrEmployment,
    schema_in_duckdb="raw",
    rule_columns={
        "month_is_first_day": "month",
        "hired_in_time": "hire_date",
        "ends_after_hire": "end_date",
        "age_is_possible": "birth_month",
    },
    may_be_unlinked=True,
)

HR_ABSENCE = Contract(
    name="hr_absence",
    subject="hr",
    version=1,
    title={"sv": "Frånvaro", "en": "Absence"},
    grain={
        "sv": "En rad per frånvaroperiod, omfattning och månad.",
        "en": "One row per spell, extent and month.",
    },
    schema=HrAbsence,
    schema_in_duckdb="absence",
    rule_columns={
        "month_is_first_day": "month",
        "spell_has_order": "spell_end",
        "spell_begins_in_time": "spell_start",
        "spell_reaches_month": "spell_end",
    },
    # July has a third of February's spells and an influenza doubles them: the employment contract's limit would
    # refuse honest files.
    size_change_share=85.0,
)
