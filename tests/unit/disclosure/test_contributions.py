"""Contributions: the persons behind a number, in the terms of the catalogue's formulas."""

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from pipelines.disclosure.contributions import BETWEEN, group_of, name_of, read, roll_up, told
from tests.fixtures.contributed import END, SALT, group, source, warehouse
from warehouse.key_figures.catalogue import catalogue

FOUND = catalogue()
MONTHS = {"2026-10": (END, [END.replace(day=1)])}


@pytest.mark.parametrize(
    ("figure", "tests", "counts", "sums"),
    [
        # A count tells of everybody in it; a share of everybody, those who count, and those who do not.
        ("employees", ["is_monthly"], 1, 0),
        ("full_time_share", ["is_monthly", "is_full_time", "is_monthly less is_full_time"], 2, 0),
        ("full_time_equivalents", ["is_monthly"], 0, 1),
        # The parts of a whole are tested against their whole in the union.
        ("age_distribution", ["is_monthly or is_hourly"], 1, 0),
    ],
)
def test_a_figure_tells_of_these_persons(figure: str, tests: list[str], counts: int, sums: int) -> None:
    found = told(FOUND, FOUND.figures[figure], mark="_x")
    said = [
        " less ".join(formula.parts[0].conditions[-1] for formula in test.formulas) for test in found.tests
    ]
    assert said == tests
    assert (len(found.counts), len(found.sums)) == (counts, sums)
    assert found.test(0) == f"t_{figure}_x_0"


def test_what_the_catalogue_lists_is_tested_after_everybody() -> None:
    figure = FOUND.figures["pay_gap_mean"]
    found = told(FOUND, figure)
    assert len(found.tests) == 1 + len(figure.tested)
    # Everybody, women, men: those of the population with pay.
    conditions = [test.parts[0].conditions for test in found.tests]
    assert [len(own) for own in conditions] == [1, 2, 2]
    assert [own[-1] for own in conditions[1:]] == ["sex = 'K'", "sex = 'M'"]
    # Two sums of pay; the numbers of women and men count persons. A median is neither.
    assert (len(found.sums), len(found.counts)) == (2, 2)
    median = told(FOUND, FOUND.figures["pay_ratio_median"])
    assert (len(median.sums), len(median.counts), len(median.parts)) == (0, 0, 2)


def test_a_part_has_the_same_column_whatever_figure_it_stands_in() -> None:
    employees, share = (told(FOUND, FOUND.figures[name]) for name in ("employees", "full_time_share"))
    assert {name_of(part) for part in employees.parts} < {name_of(part) for part in share.parts}
    own = source(["employees", "full_time_share"])
    assert [one.mark for one in own.variants("employees")] == ["", "_known"]
    assert own.variants("gone") == []
    assert own.levels == ["d_department", "d_unit", "d_age_group", "d_sex"]
    # The conditions of known sex make two more parts.
    assert len(own.parts) == 4


def test_persons_are_read_under_tokens_with_their_levels_and_parts() -> None:
    own = source(["full_time_share", "full_time_equivalents"])
    september, october = date(2026, 9, 1), date(2026, 10, 1)
    con = warehouse(
        {
            september: list(group("a")),
            october: [*group("a", "U1", fte_agreed=75.0), *group("b", "V2", birth_month=None, sex="M")],
        }
    )
    pieces = read(con, FOUND, own, {"2026-10": (END, [october])}, SALT)
    assert pieces.select("period", "d_department", "d_unit", "d_age_group", "d_sex").rows() == [
        ("2026-10", "U", "U1", "35-54", "K"),
        # Where nothing is known there is a level of its own.
        ("2026-10", "V", "V2", "?", "M"),
    ]
    agreed = name_of(told(FOUND, FOUND.figures["full_time_equivalents"]).parts[0])
    assert pieces[agreed].to_list() == [75.0, 100.0]
    both = read(con, FOUND, own, {"q": (END, [september, october])}, SALT)
    tokens = both["who"].to_list()
    assert tokens.count(tokens[0]) == 2
    assert len(set(tokens)) == 2
    assert {len(token) for token in tokens} == {16}
    assert "a" not in tokens
    # Another ledger has other tokens.
    assert not set(tokens) & set(read(con, FOUND, own, {"q": (END, [october])}, "other")["who"].to_list())
    assert con.sql("SELECT 1 FROM duckdb_tables() WHERE table_name = 'wanted_month'").fetchall() == []


def test_a_person_adds_to_every_group_once() -> None:
    own = source(["full_time_share"])
    con = warehouse({END.replace(day=1): [*group("ab"), *group("c", "U2", fte_agreed=50.0)]})
    pieces = read(con, FOUND, own, {"2026-10": (END, [END.replace(day=1)])}, SALT)
    rolled = roll_up(con, own, pieces, ("department", "unit"))
    assert sorted(rolled["group"].to_list()) == [f"U{BETWEEN}U1", f"U{BETWEEN}U1", f"U{BETWEEN}U2"]
    tests = [f"t_full_time_share_{place}" for place in range(3)]
    counted = rolled.filter(pl.col("group") == f"U{BETWEEN}U2").select(tests).row(0)
    assert counted == (True, False, True)
    assert roll_up(con, own, pieces, ())["group"].to_list() == ["", "", ""]


def test_where_a_person_has_several_rows_they_are_pieces_that_add_up() -> None:
    """Ann works half time in each of two units and twice in one of them: three rows, two pieces, one person of the whole."""
    pieces_of = FOUND.subjects["person_month"].model_copy(update={"row": "piece"})
    own = replace(source(["full_time_equivalents", "full_time_share"]), subject=pieces_of)
    rows = [
        *group("a", fte_agreed=50.0),
        *group("a", fte_agreed=30.0),
        *group("a", "V2", fte_agreed=50.0),
        *group("b"),
    ]
    pieces = read(warehouse({END.replace(day=1): rows}), FOUND, own, MONTHS, SALT)
    agreed = name_of(told(FOUND, FOUND.figures["full_time_equivalents"]).parts[0])
    assert sorted(pieces.select("d_unit", agreed).rows()) == [("U1", 80.0), ("U1", 100.0), ("V2", 50.0)]
    con = warehouse({END.replace(day=1): rows})
    whole = roll_up(con, own, pieces, ())
    assert sorted(whole[agreed].to_list()) == [100.0, 130.0]
    assert whole["who"].n_unique() == whole.height == 2
    counted = [name_of(part) for part in told(FOUND, FOUND.figures["full_time_share"]).parts]
    # Three rows of Ann's, none of which is full time; one of the other's, which is.
    assert sorted(whole.select(sorted(counted)).rows()) == sorted(
        tuple({counted[0]: full, counted[1]: every}[name] for name in sorted(counted))
        for full, every in ((0.0, 3.0), (1.0, 1.0))
    )


def test_a_group_is_named_by_its_levels() -> None:
    frame = pl.DataFrame({"d_unit": ["U1"], "d_sex": ["K"], "unit": ["x"]})
    assert frame.select(group_of(["unit", "sex"])).item() == f"U1{BETWEEN}K"
    assert frame.select(group_of(["unit"], column=str)).item() == "x"
    assert frame.select(group_of([])).item() == ""
