"""Judging rows and deliveries; the contract's own statements."""

from datetime import date

import dataframely as dy
import polars as pl
import pytest

from pipelines.intake.reasons import RefusalError
from pipelines.validation.deliveries import SizeLimit, judge_period, judge_rows, judge_size, size_limit
from pipelines.validation.quarantine import sift
from warehouse.contracts import CONTRACTS, Contract
from warehouse.contracts.contract import ContractError, told
from warehouse.settings import Settings

MONTH = date(2026, 10, 1)
HR = CONTRACTS["hr_employment"]


def rows(count: int = 6) -> pl.DataFrame:
    """Good rows with the fault columns of `translate`."""
    return HR.sample(count, MONTH).with_columns(pl.lit(None, dtype=pl.String).alias("!monthly_pay"))


@pytest.mark.parametrize(
    ("column", "value", "rule"),
    [
        ("monthly_pay", -1.0, "too_low"),
        ("fte_agreed", 100.5, "too_high"),
        ("fte_actual", -0.1, "too_low"),
        ("department_code", None, "missing"),
        ("hire_date", date(2026, 12, 1), "hired_in_time"),
        ("birth_month", date(2020, 1, 1), "age_is_possible"),
        ("management_level", 0, "too_low"),
        ("ordinary_hours", 800.0, "too_high"),
    ],
)
def test_a_row_that_can_not_be_true_goes_to_quarantine(column: str, value: object, rule: str) -> None:
    frame = rows()
    changed = frame.with_columns(
        pl.when(pl.col("row_number") == 4)
        .then(pl.lit(value, dtype=frame.schema[column]))
        .otherwise(column)
        .alias(column)
    )
    sifted = sift(HR, changed)

    assert sifted.good["row_number"].to_list() == [2, 3, 5, 6, 7]
    assert sifted.faults.select("row_number", "rule").rows() == [(4, rule)]
    assert sifted.bad["rules"].to_list() == [[f"{HR.field(column).delivered}:{rule}"]]


def test_a_negative_supplement_is_a_correction_and_right() -> None:
    sifted = sift(HR, rows().with_columns(variable_pay_fte=pl.lit(-412.5)))

    assert sifted.bad.is_empty()


def test_all_rows_of_a_key_that_occurs_twice_are_set_aside_although_one_is_bad_in_another_way() -> None:
    frame = rows().with_columns(
        pl.when(pl.col("row_number").is_in([3, 5]))
        .then(pl.lit("same"))
        .otherwise("employment_key")
        .alias("employment_key"),
        pl.when(pl.col("row_number") == 5).then(pl.lit("not_a_number")).alias("!monthly_pay"),
        pl.when(pl.col("row_number") == 5).then(None).otherwise("monthly_pay").alias("monthly_pay"),
    )
    sifted = sift(HR, frame)

    assert sifted.faults.select("row_number", "column_name", "rule").rows() == [
        (3, "employment_id", "duplicate_key"),
        (5, "employment_id", "duplicate_key"),
        (5, "monthly_pay", "not_a_number"),
    ]
    assert sifted.good.height == 4


def test_an_unreadable_value_is_not_also_missing() -> None:
    frame = rows().with_columns(
        pl.when(pl.col("row_number") == 2).then(pl.lit("not_a_personnummer")).alias("!person_key"),
        pl.when(pl.col("row_number") == 2).then(None).otherwise("person_key").alias("person_key"),
    )

    assert sift(HR, frame).faults["rule"].to_list() == ["not_a_personnummer"]


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=lambda contract: contract.name)
def test_a_bad_row_of_any_contract_goes_to_quarantine_and_brings_no_run_down(contract: Contract) -> None:
    # A required column without a value: what is broken is told, and every other rule has a name too.
    required = next(
        each.stored
        for each in contract.fields
        if each.is_required and each.stored not in ("month", "row_number")
    )
    good = contract.sample(2, MONTH)
    first = pl.int_range(pl.len()) == 0
    bad = good.with_columns(
        pl.when(~first).then(required).alias(required), pl.lit(None, pl.String).alias(f"!{required}")
    )

    assert "missing" in sift(contract, bad).faults["rule"].to_list()


def test_too_many_bad_rows_refuse_the_delivery_with_the_most_common_rule_and_an_example() -> None:
    sifted = sift(
        HR, rows(10).with_columns(monthly_pay=pl.when(pl.col("row_number") > 8).then(-1.0).otherwise(1.0))
    )

    judge_rows(sifted, limit=30)
    with pytest.raises(RefusalError) as refused:
        judge_rows(sifted, limit=29)
    assert refused.value.reason.parameters == {
        "bad": 3, "rows": 10, "limit": "29", "rule": "too_low", "column": "monthly_pay", "count": 3, "example": 9,
    }  # fmt: skip


LIMIT = SizeLimit(25, "judgement.size_change_share")


def test_half_and_double_of_the_month_before_are_refused_and_the_first_month_is_not() -> None:
    september = {date(2026, 9, 1): 100}

    judge_size({MONTH: 10}, {}, LIMIT)
    judge_size({MONTH: 75}, september, LIMIT)
    judge_size({MONTH: 133}, september, LIMIT)
    judge_size({MONTH: 10}, {date(2025, 9, 1): 100}, LIMIT)
    for count in (50, 74, 134, 200):
        with pytest.raises(RefusalError, match=f"2026-10 has {count} rows against 100 in 2026-09"):
            judge_size({MONTH: count}, september, LIMIT)


def test_a_size_that_is_refused_names_the_setting_that_was_used() -> None:
    source = {"contract": "hr_absence", "path": "."}
    sources = {"open": source, "own": {**source, "size_change_share": 90}}
    settings = Settings.model_validate({"sources": sources})
    absence = CONTRACTS["hr_absence"]
    assert size_limit(absence, "own", settings) == (90, "sources.own.size_change_share")
    assert size_limit(absence, "open", settings) == (85, "sources.open.size_change_share")
    assert size_limit(absence, "server", settings).setting.startswith("hr_absence.")
    assert size_limit(HR, "server", settings) == LIMIT
    with pytest.raises(RefusalError, match=r"raise sources\.own\.size_change_share"):
        judge_size({MONTH: 1}, {date(2026, 9, 1): 100}, size_limit(absence, "own", settings))


def test_months_of_one_delivery_are_compared_with_each_other() -> None:
    with pytest.raises(RefusalError, match="2026-10 has 40 rows"):
        judge_size({date(2026, 9, 1): 100, MONTH: 40}, {}, LIMIT)


def test_a_month_that_has_not_begun_is_refused() -> None:
    judge_period([MONTH], date(2026, 10, 1))
    with pytest.raises(RefusalError, match="2026-10, which has not begun"):
        judge_period([MONTH], date(2026, 9, 30))
    with pytest.raises(RefusalError, match="before 1970"):
        judge_period([date(1026, 10, 1)], date(2026, 9, 30))


@pytest.mark.parametrize("name", ["last_name", "religion", "union_member", "comment", "email", "person_id"])
def test_a_contract_cannot_declare_what_must_never_be_stored(name: str) -> None:
    schema = type("Bad", (dy.Schema,), {name: dy.String(primary_key=True, metadata=told("x", "x"))})

    with pytest.raises(ContractError, match=name):
        Contract("bad", "hr", 1, {}, {}, schema, "raw", {})


def test_a_column_without_words_in_both_languages_is_refused() -> None:
    schema = type("Bad", (dy.Schema,), {"pay": dy.Float64(metadata=told("Lön", ""))})

    with pytest.raises(ContractError, match="needs a description"):
        Contract("bad", "hr", 1, {}, {}, schema, "raw", {})


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS)
def test_a_sample_keeps_the_contracts_own_rules_and_the_words_name_every_column(contract: Contract) -> None:
    sample = contract.sample(5, MONTH)

    assert contract.schema.is_valid(sample)
    for language in ("sv", "en"):
        assert all(f"`{each.stored}`" in contract.describe(language) for each in contract.fields)
    assert all(f" {each.stored} {each.duckdb_type}" in contract.ddl() for each in contract.fields)
