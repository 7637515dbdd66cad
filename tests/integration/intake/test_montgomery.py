"""Real records: nine yearly exports through one settings file and no code."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipelines.intake import Taken, take
from pipelines.validation.accounting import account
from warehouse.settings import read_settings
from warehouse.store import Store

SETTINGS = Path(__file__).parents[3] / "examples" / "montgomery.yaml"


@pytest.fixture(scope="module")
def taken(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Store, list[Taken]]]:
    """Everything taken once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORDEL_HOME", str(tmp_path_factory.mktemp("montgomery")))
        patch.setenv("FORDEL_KEY", "5a" * 32)
        settings = read_settings(SETTINGS)
        assert settings.sources["hr_employment"].path == shared_data / "hr_montgomery"
        store = Store(settings)
        yield store, take(settings, store, "hr_employment")


def rows(taken: tuple[Store, list[Taken]], sql: str) -> list[tuple[Any, ...]]:
    with taken[0].read() as con:
        return con.execute(sql).fetchall()


def test_every_year_is_loaded_whole(taken: tuple[Store, list[Taken]]) -> None:
    loaded = {result.months[0].year: result.rows_loaded for result in taken[1] if result.status == "loaded"}

    assert loaded == {
        2014: 9100, 2015: 9101, 2016: 9228, 2017: 9398, 2019: 10105, 2020: 9958, 2021: 9907, 2022: 10052, 2023: 10291,
    }  # fmt: skip
    assert all(result.rows_delivered == result.rows_loaded + result.rows_quarantined for result in taken[1])
    with taken[0].read() as con:
        assert account(con)["closes"].to_list() == [True]


def test_2016_is_as_was_checked_independently(taken: tuple[Store, list[Taken]]) -> None:
    ((unknown, women, women_part_time, men_part_time),) = rows(
        taken,
        """
        SELECT
            COUNT(*) FILTER (sex IS NULL),
            ROUND(100.0 * COUNT(*) FILTER (sex = 'K') / COUNT(sex), 1),
            ROUND(100.0 * COUNT(*) FILTER (sex = 'K' AND NOT is_full_time) / COUNT(*) FILTER (sex = 'K'), 1),
            ROUND(100.0 * COUNT(*) FILTER (sex = 'M' AND NOT is_full_time) / COUNT(*) FILTER (sex = 'M'), 1)
        FROM raw.hr_employment
        WHERE month = DATE '2016-11-01'
        """,
    )
    assert (unknown, women, women_part_time, men_part_time) == (17, 40.5, 17.9, 3.0)
    ((median_gap, mean_gap),) = rows(
        taken,
        """
        SELECT
            ROUND(100 - 100 * MEDIAN(monthly_pay_fte) FILTER (sex = 'K') / MEDIAN(monthly_pay_fte) FILTER (sex = 'M'), 1),
            ROUND(100 - 100 * AVG(monthly_pay_fte) FILTER (sex = 'K') / AVG(monthly_pay_fte) FILTER (sex = 'M'), 1)
        FROM raw.hr_employment
        WHERE month = DATE '2016-11-01'
        """,
    )
    assert (median_gap, mean_gap) == (2.7, 5.4)


def test_twenty_persons_of_2015_have_two_posts_the_second_without_salary(
    taken: tuple[Store, list[Taken]],
) -> None:
    posts = rows(
        taken,
        """
        SELECT COUNT(*), COUNT(DISTINCT employment_key), COUNT(monthly_pay_fte)
        FROM raw.hr_employment
        WHERE month = DATE '2015-11-01'
        GROUP BY person_key
        HAVING COUNT(*) > 1
        """,
    )
    assert posts == [(2, 2, 1)] * 20


def test_the_first_post_has_the_same_key_as_the_persons_only_post_of_other_years(
    taken: tuple[Store, list[Taken]],
) -> None:
    ((paid, unpaid),) = rows(
        taken,
        """
        WITH doubles AS (
            SELECT *
            FROM raw.hr_employment
            WHERE month = DATE '2015-11-01'
            QUALIFY COUNT(*) OVER (PARTITION BY person_key) > 1
        ),

        of_2016 AS (
            SELECT employment_key
            FROM raw.hr_employment
            WHERE month = DATE '2016-11-01'
        )

        SELECT
            COUNT(*) FILTER (doubles.monthly_pay_fte IS NOT NULL),
            COUNT(*) FILTER (doubles.monthly_pay_fte IS NULL)
        FROM doubles
        INNER JOIN of_2016 ON doubles.employment_key = of_2016.employment_key
        """,
    )
    assert paid > 10
    assert unpaid == 0


def test_identical_rows_of_2019_to_2023_are_different_people(
    taken: tuple[Store, list[Taken]], shared_data: Path
) -> None:
    counted = rows(
        taken,
        """
        SELECT YEAR(month), COUNT(*), COUNT(DISTINCT person_key), BOOL_OR(is_linked)
        FROM raw.hr_employment
        WHERE month >= DATE '2019-01-01'
        GROUP BY month
        ORDER BY month
        """,
    )
    assert [row[1] for row in counted] == [row[2] for row in counted] == [10105, 9958, 9907, 10052, 10291]
    assert not any(row[3] for row in counted)


def test_what_the_county_does_not_have_is_said(taken: tuple[Store, list[Taken]]) -> None:
    missing = dict(rows(taken, "SELECT YEAR(months[1]), missing_columns FROM log.delivery"))

    assert {"management_level", "fte_agreed", "birth_date"} <= set(missing[2016])
    assert "person_id" not in missing[2016]
    assert {"person_id", "is_full_time"} <= set(missing[2019])


def test_a_second_run_takes_nothing(taken: tuple[Store, list[Taken]]) -> None:
    store = taken[0]

    assert take(store.settings, store, "hr_employment") == []
    assert rows(taken, "SELECT MIN(month), MAX(month) FROM raw.hr_employment") == [
        (date(2014, 11, 1), date(2023, 11, 1))
    ]
