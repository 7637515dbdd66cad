"""Carrying out a mapping: headings, codes, money, dates; what cannot be read is marked and never guessed."""

from datetime import date
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from pipelines.intake.mapping import Mapping, read_mapping
from pipelines.intake.numbers import parse_numbers
from pipelines.intake.reading import ROW, Form, Table, read
from pipelines.intake.reasons import RefusalError
from pipelines.intake.translate import EMPTY, FAULT, Translated, translate
from warehouse.contracts import CONTRACTS
from warehouse.settings import Source

HR = CONTRACTS["hr_employment"]


def mapping(columns: dict[str, Any], **more: Any) -> Mapping:
    """A mapping of hr_employment with these columns; the rest is not delivered, or constant where it must be there."""
    must = {
        "person_id": "Nr",
        "employment_id": "Nr",
        "department_code": {"value": "10"},
        "pay_form": {"value": "manadsavlonad"},
    }
    mapped = must | columns
    missing = {name: "Finns inte." for name in HR.delivered if name not in (*mapped, "month")}
    stated = {"month": {"value": "2026-10-15"}, "columns": mapped, "not_delivered": missing} | more
    return read_mapping("hr", Source(contract="hr_employment", path=".", mapping=stated))


def carried_out(text: str, columns: dict[str, Any], **more: Any) -> Translated:
    return translate(read("x.csv", text.encode(), Form()), mapping(columns, **more), HR, "x.csv")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("34567", 34567.0),
        ("34 567,50", 34567.5),
        ("34\u00a0567,50", 34567.5),
        ("34\u202f567,50 kr", 34567.5),
        ("34.567,50", 34567.5),
        ("1.234", 1234.0),
        ("-412,5", -412.5),
        ("\u2212412,5", -412.5),
        ("412,5-", -412.5),
        ("(412,5)", -412.5),
        ("kr 100", 100.0),
        ("75 %", 75.0),
        ("12:-", 12.0),
        ("34567.5", None),
        ("12 34", None),
        ("1,5,6", None),
        ("1e5", None),
        ("ca 100", None),
        ("+5", 5.0),
        ("5-3", None),
        ("2026-11", None),
        ("-", None),
        (None, None),
    ],
)
def test_money_with_a_decimal_comma(written: str | None, meant: float | None) -> None:
    assert parse_numbers(pl.Series([written], dtype=pl.String), ",")[0] == meant


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("$69222.18", 69222.18),
        ("71,296.74", 71296.74),
        ("-$3.5", -3.5),
        ("$-3.5", -3.5),
        ("1,2", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_money_with_a_decimal_point(written: str, meant: float | None) -> None:
    assert parse_numbers(pl.Series([written]), ".")[0] == meant


@pytest.mark.parametrize("written", ["20261031", "2026-10-31", "31/10/2026", "2026-10-31T00:00:00"])
def test_dates_in_every_stated_form(written: str) -> None:
    forms = ["%Y%m%d", "%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%S"]
    frame = carried_out(f"Nr;Datum\n1;{written}\n", {"hire_date": {"column": "Datum", "dates": forms}}).frame

    assert frame["hire_date"].to_list() == [date(2026, 10, 31)]


@pytest.mark.parametrize("written", ["31.10.2026", "2026-02-30", "26-10-31", "i går"])
def test_other_dates_are_marked(written: str) -> None:
    frame = carried_out(f"Nr;Datum\n1;{written}\n", {"hire_date": "Datum"}).frame

    assert (frame["hire_date"][0], frame[f"{FAULT}hire_date"][0]) == (None, "not_a_date")


def test_codes_unknown_codes_and_what_every_other_code_becomes() -> None:
    text = "Nr;Kön;Form\n1;Kvinna;T\n2;M;V\n3;X;?\n4;;\n"
    columns = {
        "sex": {"column": "Kön", "codes": {"Kvinna": "K", "Man": "M"}},
        "employment_form": {"column": "Form", "codes": {"T": "tillsvidare"}, "otherwise": "ovrig_visstid"},
    }
    frame = carried_out(text, columns).frame

    assert frame["sex"].to_list() == ["K", "M", None, None]
    assert frame[f"{FAULT}sex"].to_list() == [None, None, "not_allowed", None]
    assert frame[f"{EMPTY}sex"].to_list() == [False, False, False, True]
    assert frame["employment_form"].to_list() == ["tillsvidare", "ovrig_visstid", "ovrig_visstid", None]


def test_a_code_can_mean_no_value_without_being_a_fault() -> None:
    frame = carried_out("Nr;Kön\n1;O\n", {"sex": {"column": "Kön", "codes": {"O": None}}}).frame

    assert (frame["sex"][0], frame[f"{FAULT}sex"][0], frame[f"{EMPTY}sex"][0]) == (None, None, False)


def test_codes_that_are_numbers_in_yaml_are_text() -> None:
    frame = carried_out("Nr;Kön\n1;1\n2;2\n", {"sex": {"column": "Kön", "codes": {1: "M", 2: "K"}}}).frame

    assert frame["sex"].to_list() == ["M", "K"]


def test_yearly_pay_is_divided_and_shares_are_multiplied() -> None:
    columns = {
        "monthly_pay_fte": {"column": "År", "divide_by": 12},
        "fte_agreed": {"column": "Grad", "times": 100},
    }
    frame = carried_out("Nr;År;Grad\n1;360000,6;0,75\n", columns).frame

    assert (frame["monthly_pay_fte"][0], frame["fte_agreed"][0]) == (pytest.approx(30000.05), 75.0)


def test_columns_are_combined_and_empty_parts_left_out() -> None:
    frame = carried_out(
        "Nr;A;B\n1;x;y\n2;x;\n3;;\n", {"unit_code": {"combine": ["A", ["Fel", "B"]], "between": "/"}}
    ).frame

    assert frame["unit_code"].to_list() == ["x/y", "x", None]


def test_the_first_spelling_that_is_there_counts_whatever_its_case_and_spaces() -> None:
    frame = carried_out("Nr;enhets  KOD \n1;7\n", {"unit_code": ["Org.kod", "Enhets kod"]}).frame

    assert frame["unit_code"].to_list() == ["7"]


def test_truth_values() -> None:
    frame = carried_out("Nr;Ledig\n1;Ja\n2;n\n3;1\n4;kanske\n5;\n", {"has_full_leave": "Ledig"}).frame

    assert frame["has_full_leave"].to_list() == [True, False, True, None, None]
    assert frame[f"{FAULT}has_full_leave"].to_list() == [None, None, None, "not_a_truth_value", None]


def test_texts_that_mean_nothing_are_empty() -> None:
    frame = carried_out(
        "Nr;Lön;Nivå\n1;saknas;-\n",
        {"monthly_pay": {"column": "Lön", "empty": "saknas"}, "management_level": "Nivå"},
        empty=["-"],
    ).frame

    assert frame.row(0, named=True)["monthly_pay"] is None
    assert (
        frame.select(
            pl.any_horizontal(pl.col(f"{FAULT}monthly_pay", f"{FAULT}management_level").is_not_null())
        ).item()
        is False
    )


def test_a_level_must_be_whole() -> None:
    frame = carried_out("Nr;Nivå\n1;2\n2;2,5\n", {"management_level": "Nivå"}).frame

    assert frame["management_level"].to_list() == [2, None]
    assert frame[f"{FAULT}management_level"].to_list() == [None, "not_a_whole_number"]


@pytest.mark.parametrize(
    ("written", "form"), [("202610", None), ("2026-10", None), ("10/2026", "%m/%Y"), ("2026-10-31", None)]
)
def test_the_month_from_a_column(written: str, form: str | None) -> None:
    month: dict[str, Any] = {"column": "Period"} | ({"dates": form} if form else {})
    frame = carried_out(f"Nr;Period\n1;{written}\n2;okt\n", {}, month=month).frame

    assert frame["month"].to_list() == [date(2026, 10, 1), None]
    assert frame[f"{FAULT}month"].to_list() == [None, "not_a_date"]


def test_every_missing_column_is_named_with_its_spellings() -> None:
    with pytest.raises(RefusalError) as refused:
        carried_out("Nr\n1\n", {"sex": ["Kön", "Sex"], "monthly_pay": "Lön"})

    assert refused.value.reason.parameters == {"columns": "Kön / Sex (sex), Lön (monthly_pay)"}


def test_a_doubled_heading_is_refused_only_where_it_is_used() -> None:
    text = "Nr;Lön;Lön;x;x\n1;2;3;4;5\n"

    assert carried_out(text, {}).ignored == ("Lön", "x")
    with pytest.raises(RefusalError, match="Lön occurs more than once"):
        carried_out(text, {"monthly_pay": "Lön"})


def test_numbers_typed_by_the_file_do_not_depend_on_the_decimal_sign() -> None:
    data = pl.DataFrame({"Nr": [1], "Lön": [34567.5], "Från": [date(2020, 1, 2)]}).write_ndjson().encode()
    table = read("x.jsonl", data, Form())
    frame = translate(table, mapping({"monthly_pay": "Lön", "hire_date": "Från"}), HR, "x.jsonl").frame

    assert frame.row(0, named=True)["monthly_pay"] == 34567.5
    assert frame.row(0, named=True)["person_id"] == "1"


CELLS = st.sampled_from(
    [None, "", " ", "K", "M", "x", "1", "12,5", "ja", "nej", "20200102", "2020-01-02", "3,0", "30 000,50"]
)


@given(rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30))
@settings(deadline=None, max_examples=40)
def test_packed_texts_are_translated_as_if_each_row_were(rows: list[tuple[str | None, ...]]) -> None:
    """The reader packs what repeats; whether it did must not show."""
    names = ["Nr", "a", "b"]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row").with_row_index(ROW, 2)
    plain = frame.with_columns(pl.col(ROW).cast(pl.Int32))
    packed = plain.with_columns(
        pl.col(name).cast(pl.Enum(plain[name].drop_nulls().unique())) for name in names
    )
    columns = {
        "sex": {"column": "a", "codes": {"x": "K"}, "empty": "1"},
        "has_full_leave": "a",
        "monthly_pay": "b",
        "hire_date": "a",
        "management_level": {"column": "b", "times": 2},
        "unit_name": {"combine": ["a", "b"]},
        "department_name": {"column": "b", "codes": {"x": "Vård"}, "otherwise": "Annat"},
    }
    both = [
        translate(Table(each), mapping(columns, month={"column": "a", "dates": "%Y%m%d"}), HR, "x.csv").frame
        for each in (plain, packed)
    ]

    # Faults that nothing has are null whatever their type.
    one, other = (each.with_columns(pl.col(f"^{FAULT}.*$").cast(pl.String)) for each in both)
    assert_frame_equal(one, other, check_column_order=False)
