"""The calendar: which tables move when."""

from datetime import date

import polars as pl
import pytest

from pipelines.disclosure.calendar import Calendar, due, first_month, rules
from warehouse.key_figures.catalogue import catalogue

CALENDAR = Calendar(anchor=date(2026, 10, 31))


@pytest.mark.parametrize(
    ("figure", "by", "months"),
    [
        ("employees", (), 1),
        ("employees", ("department", "sex"), 1),
        ("employees", ("unit",), 1),
        # Age is no public record: a table by age is not one of membership, whatever the figure.
        ("employees", ("age_group",), 12),
        ("permanent_share", ("sex",), 1),
        ("permanent_share", (), 1),
        ("full_time_share", (), 3),
        ("full_time_share", ("sex",), 3),
        ("full_time_share", ("department",), 6),
        ("full_time_share", ("department", "sex"), 12),
        ("full_time_share", ("unit",), 12),
        ("sick_leave_share", (), 3),
        ("sick_leave_share", ("department",), 6),
        ("sick_leave_share", ("occupation_group",), 12),
        # The dimension that a distribution runs across makes no table finer.
        ("age_distribution", ("age_group",), 1),
        # A figure of Novembers moves with them.
        ("segregation_index", (), 12),
        # Some figures move more seldom than their class; what their own line does not speak of moves as the others do.
        ("age_distribution", ("age_group", "sex"), 6),
        ("women_among_managers", (), 6),
        ("women_among_managers", ("department",), 12),
        ("leader_plans_with_diversity", ("department",), 6),
        ("women_among_managers", ("age_group",), 12),
        ("active_work", (), 6),
    ],
)
def test_finer_tables_move_more_seldom(figure: str, by: tuple[str, ...], months: int) -> None:
    assert CALENDAR.every(catalogue().figures[figure], by) == months


def test_the_calendar_names_figures_that_there_are_and_ends_with_a_line_for_the_rest() -> None:
    figures = catalogue().figures
    for protection, lines in rules().items():
        named = [name for line in lines for name in line.get("figures", ())]
        # The classes that share their lines share these too.
        assert {figures[name].protection for name in named} <= {"workforce", "plan"}, protection
        assert lines[-1].keys() == {"every"}


def test_the_first_publications_month_is_the_last_of_the_months_not_of_the_rounds() -> None:
    def cells(*rows: tuple[str, str, date]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=["figure", "period", "period_end"], orient="row")

    survey = ("hme_total", "2026-medarbetare", date(2026, 12, 15))
    months = [("employees", f"2026-{month:02d}", date(2026, month, 28)) for month in (8, 9)]
    whole_year = ("sick_leave_share", "2026", date(2026, 12, 31))
    assert first_month(cells(survey, *months, whole_year), catalogue()) == date(2026, 9, 28)
    # Where there are no months it is the last of what there is.
    assert first_month(cells(survey), catalogue()) == date(2026, 12, 15)


def test_dates_are_counted_from_the_first_publication() -> None:
    figure = catalogue().figures["full_time_share"]
    moved = [
        month
        for month in range(1, 13)
        if CALENDAR.is_due(figure, ("department",), f"2025-{month:02d}", date(2025, month, 28))
    ]
    assert moved == [4, 10]


def test_a_yearly_table_begins_with_the_first_publication() -> None:
    figure = catalogue().figures["full_time_share"]
    moved = [
        year
        for year in (2024, 2025, 2026, 2027)
        if CALENDAR.is_due(figure, ("unit",), f"{year}-10", date(year, 10, 31))
    ]
    assert moved == [2026, 2027]
    assert CALENDAR.is_due(figure, ("department",), "2025-10", date(2025, 10, 31))


def test_years_move_as_they_come() -> None:
    figure = catalogue().figures["sick_leave_share"]
    assert CALENDAR.is_due(figure, ("occupation_group",), "2025", date(2025, 12, 31))
    assert not CALENDAR.is_due(figure, ("occupation_group",), "2025-12", date(2025, 12, 31))


def test_the_next_move_is_told() -> None:
    figures = catalogue().figures
    shown = date(2026, 10, 31)
    assert CALENDAR.next_move(figures["permanent_share"], (), shown) == date(2026, 11, 1)
    assert CALENDAR.next_move(figures["permanent_share"], ("department",), shown) == date(2027, 4, 1)
    assert CALENDAR.next_move(figures["permanent_share"], ("unit",), date(2025, 10, 31)) == date(2026, 10, 1)
    assert CALENDAR.next_move(figures["hme_total"], (), shown) is None
    assert CALENDAR.next_move(figures["segregation_index"], (), date(2025, 11, 30)) == date(2026, 11, 1)


def test_only_tables_that_are_due_are_kept() -> None:
    cells = pl.DataFrame(
        {
            "figure": ["permanent_share", "permanent_share", "gone"],
            "breakdown": ["department", "total", "total"],
            "period": ["2026-09"] * 3,
            "period_end": [date(2026, 9, 30)] * 3,
        }
    )
    assert due(cells, catalogue(), CALENDAR).rows() == [
        ("permanent_share", "total", "2026-09", date(2026, 9, 30))
    ]
