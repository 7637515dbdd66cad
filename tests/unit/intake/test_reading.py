"""From bytes to a table: every trap that a real export has set."""

import io
from collections.abc import Sequence

import polars as pl
import pytest
import xlsxwriter

from pipelines.intake.reading import ROW, Form, Table, read
from pipelines.intake.reasons import RefusalError


def csv(text: str, encoding: str = "utf-8", form: Form | None = None) -> Table:
    return read("export.csv", text.encode(encoding), form or Form())


def refusal(name: str, data: bytes, form: Form | None = None) -> RefusalError:
    with pytest.raises(RefusalError) as refused:
        read(name, data, form or Form())
    return refused.value


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1"])
def test_swedish_letters_survive_every_encoding_that_can_hold_them(encoding: str) -> None:
    table = csv(
        "Förvaltning;Kön\r\nVård och omsorg;K\r\nBarn & utbildning – ÅÄÖ é;M\r\n".replace("–", "-"), encoding
    )

    assert table.frame.columns == [ROW, "Förvaltning", "Kön"]
    assert table.frame["Förvaltning"].to_list() == ["Vård och omsorg", "Barn & utbildning - ÅÄÖ é"]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_the_separator_is_found_in_the_headings(separator: str) -> None:
    table = csv(f"a{separator}b\n1{separator}2\n")

    assert table.frame.rows() == [(2, "1", "2")]


def test_text_stays_text() -> None:
    table = csv("nr;lön;datum\n0012;34 567,50;20261031\n")

    assert table.frame.row(0) == (2, "0012", "34 567,50", "20261031")


def test_row_numbers_are_the_files_own_across_empty_lines_and_quoted_line_breaks() -> None:
    table = csv('\na;b\n1;"två\nrader"\n\n2;x\n')

    assert table.frame[ROW].to_list() == [3, 6]


def test_lines_above_the_headings_are_counted() -> None:
    table = csv("Utdrag 2026-10\n\na;b\n1;2\n", form=Form(rows_before_header=2))

    assert table.frame.rows() == [(4, "1", "2")]


def test_empty_rows_at_the_end_are_no_rows() -> None:
    assert csv("a;b\n1;2\n;\n;;\n\n\n").frame.height == 1


def test_a_million_empty_rows_at_the_end_are_no_rows() -> None:
    parquet = io.BytesIO()
    pl.DataFrame({"a": ["x", None, "y", *[None] * 1_500_000]}).write_parquet(parquet)
    assert read("x.parquet", parquet.getvalue(), Form()).frame.height == 3


def test_rows_with_more_or_fewer_fields_are_told() -> None:
    table = csv("a;b;c\n1;2;3\n4;5\n6;7;8;9\n10;11;12\n13;1")

    assert table.ragged == (3, 4, 6)
    assert table.frame.height == 5


def test_a_separator_inside_quotes_is_no_field() -> None:
    assert csv('a;b\n"x;y";"säger ""hej"""\n').frame.row(0) == (2, "x;y", 'säger "hej"')


def test_headings_that_occur_twice_are_told() -> None:
    table = csv("Lön;Kön;Lön\n1;K;2\n")

    assert table.doubled == ("Lön",)
    assert table.frame["Lön"].to_list() == ["1"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty_file"),
        (b"  \r\n \n", "empty_file"),
        (b"a;b\n", "no_rows"),
        (b"a;b\n;\n", "no_rows"),
        ("a;b\nö;2\n".encode("utf-16"), "wrong_encoding"),
        ("a;b\nö;2\n".encode("utf-16-le"), "wrong_encoding"),
        (b"a;b\n1;\x81\n", "not_text"),
        (b"a;b\n1;2\x003\n", "not_text"),
        ("a;b\nö;".encode() + "å\n".encode("cp1252"), "damaged_letters"),
        ("a;b\n1;K�n\n".encode(), "damaged_letters"),
        ("a;b\nvård;2\n".encode("cp850"), "wrong_encoding"),
        (b'a;b\n1;"2\n3;4\n', "open_quote"),
        (b"PK\x03\x04rest", "disguised"),
        (b"%PDF-1.7", "disguised"),
    ],
)
def test_what_is_not_clean_text_is_refused_with_the_cause(data: bytes, reason: str) -> None:
    assert refusal("export.csv", data).reason.id == reason


def test_a_stated_encoding_that_is_not_the_files_is_refused() -> None:
    assert refusal("export.csv", "a\nvård\n".encode(), Form(encoding="cp1252")).reason.id == "wrong_encoding"
    assert (
        refusal("export.csv", "a\nvård\n".encode("cp1252"), Form(encoding="utf-8")).reason.id
        == "wrong_encoding"
    )


def test_a_refusal_names_the_line_of_the_fault_in_both_languages() -> None:
    reason = refusal("export.csv", b'a;b\n1;2\n3;"4\n').reason

    assert "rad 3" in reason.sv
    assert "line 3" in reason.en


def test_an_unknown_ending_is_refused() -> None:
    assert refusal("export.pdf", b"x").reason.id == "unknown_kind"


def workbook(rows: Sequence[Sequence[object]], above: int = 0, sheet: str = "Uttag") -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(sheet)
        for number, row in enumerate(rows):
            page.write_row(number + above, 0, row)
    return buffer.getvalue()


def test_excel_keeps_numbers_and_dates_typed_and_counts_rows_as_the_sheet_does() -> None:
    data = workbook([["Nr", "Lön", "Kod"], ["0012", 34567.5, "a"], ["0013", 30000, 7]])
    frame = read("uttag.xlsx", data, Form()).frame

    assert frame[ROW].to_list() == [2, 3]
    assert frame["Nr"].to_list() == ["0012", "0013"]
    assert frame["Lön"].to_list() == [34567.5, 30000]
    assert frame["Kod"].to_list() == ["a", "7"]


def test_excel_with_lines_above_the_headings() -> None:
    data = workbook([["Utdrag"], ["a", "b"], [1, 2]])

    assert read("uttag.xlsx", data, Form(rows_before_header=1)).frame.rows() == [(3, 1, 2)]


def test_a_late_text_in_a_column_of_numbers_is_not_lost() -> None:
    data = workbook([["a"], *[[number] for number in range(2000)], ["saknas"]])

    assert read("uttag.xlsx", data, Form()).frame["a"].to_list()[-1] == "saknas"


def test_a_cut_off_workbook_is_refused() -> None:
    data = workbook([["a", "b"], [1, 2]])

    assert refusal("uttag.xlsx", data[: len(data) // 2]).reason.id == "unreadable"
    assert refusal("uttag.xlsx", data, Form(sheet="Blad 2")).reason.id == "no_sheet"


def test_parquet_and_json_lines_are_read_typed() -> None:
    frame = pl.DataFrame({"a": ["0012"], "b": [1.5]})
    parquet = io.BytesIO()
    frame.write_parquet(parquet)

    assert read("x.parquet", parquet.getvalue(), Form()).frame.rows() == [(1, "0012", 1.5)]
    assert read("x.jsonl", frame.write_ndjson().encode(), Form()).frame.rows() == [(1, "0012", 1.5)]


def test_cut_off_parquet_and_json_are_refused() -> None:
    parquet = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_parquet(parquet)

    assert refusal("x.parquet", parquet.getvalue()[:-9]).reason.id == "unreadable"
    assert refusal("x.jsonl", b'{"a": 1}\n{"a": ').reason.id == "unreadable"


def test_an_object_is_refused_without_its_name() -> None:
    found = refusal("x.jsonl", b'{"a": 1, "195801082743": {"b": [1, 2]}}\n').reason
    assert found.id == "nested"
    assert "2" in found.en
    assert "195801082743" not in found.sv + found.en
