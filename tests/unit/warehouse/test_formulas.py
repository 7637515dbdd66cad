"""Formulas: what a catalogue entry may say, and the SQL it becomes."""

import pytest

from warehouse.key_figures.formulas import FormulaError, parse

COLUMNS = {"sex", "is_monthly", "is_manager", "fte_agreed"}


def test_a_filtered_count_is_limited_to_the_population() -> None:
    formula = parse("count(*) filter (where sex = 'K')", COLUMNS, population="is_monthly")
    assert [part.row for part in formula.parts] == ["CASE WHEN is_monthly AND sex = 'K' THEN 1 ELSE 0 END"]
    assert formula.parts[0].is_count
    assert formula.columns == {"sex", "is_monthly"}


def test_a_population_with_or_keeps_its_brackets() -> None:
    formula = parse("count(*) filter (where sex = 'K')", COLUMNS, population="is_monthly or is_manager")
    assert formula.parts[0].row == "CASE WHEN (is_monthly OR is_manager) AND sex = 'K' THEN 1 ELSE 0 END"


def test_a_formula_becomes_arithmetic_over_the_parts_columns() -> None:
    formula = parse("sum(fte_agreed) / 100", COLUMNS)
    assert formula.sql(lambda part: "part_7") == "part_7 / 100"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("count(*) filter (where shoe_size > 40)", "unknown column shoe_size"),
        ("avg(fte_agreed)", "add up"),
        ("stddev(fte_agreed)", "add up"),
        ("list_sum([1])", "other engines"),
        ("count(distinct sex)", "add up"),
        ("fte_agreed", "inside one"),
        ("sum(fte_agreed) / count(*)", "what happens at zero"),
        ("sum(fte_agreed", "is not SQL"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(text: str, says: str) -> None:
    with pytest.raises(FormulaError, match=says):
        parse(text, COLUMNS)


def test_a_median_leaves_out_what_the_condition_leaves_out() -> None:
    formula = parse("median(fte_agreed) filter (where sex = 'K')", COLUMNS)
    assert [(part.row, part.quantile) for part in formula.parts] == [
        ("CASE WHEN sex = 'K' THEN fte_agreed END", 0.5)
    ]
