"""Kolada: the municipality's published figures and those of others, through API version 3.

Belongs here: which addresses are asked, page after page, and reading their shape; what has been revised since the last time.
Does not belong here: asking again and giving up (asking.py).

Källa: Kolada (RKA). Missing values have a status instead of a value; a figure without data answers 404.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import duckdb
import httpx
import polars as pl

from pipelines.intake.asking import get_json
from pipelines.intake.pulled import Pulled, month_text, table_of
from pipelines.intake.reasons import RefusalError
from warehouse.servers import Kolada

IDS_A_SEGMENT = 25
ROWS_A_PAGE = 5000
MOST_PAGES = 10_000
GENDERS = ("T", "K", "M")
# Told as a missing value, so that what was retrieved before does not stand.
DELETED = "Deleted"


def pull(name: str, server: Kolada, today: date | None = None) -> list[Pulled]:
    """Every value of the settings' figures, municipalities and years.

    Args:
        name: the server's name in the settings.
        server: what to ask for.
        today: decides the last year and the month of retrieval; default now.

    Returns:
        One delivery of `external_figure`; none where nothing is published.

    Raises:
        RefusalError: Kolada is down, slow, or answers nonsense: what was taken before stays.
    """
    today = today or datetime.now(UTC).date()
    years = [str(year) for year in range(server.from_year, today.year + 1)]
    rows: dict[tuple[str, str, int, str], dict[str, Any]] = {}
    with httpx.Client(follow_redirects=False, headers={"accept": "application/json"}) as client:
        for kpis, municipalities, some_years in product(
            _parts(server.kpis), _parts(server.municipalities), _parts(years)
        ):
            url = (
                f"{server.url.rstrip('/')}/data/kpi/{','.join(kpis)}/municipality/{','.join(municipalities)}"
                f"/year/{','.join(some_years)}?per_page={ROWS_A_PAGE}"
            )
            for row in _pages(name, server, client, url):
                rows[row["kpi"], row["municipality"], row["period"], row["gender"]] = row
    if not rows:
        return []
    month = month_text(today)
    listed = [{**rows[key], "month": month} for key in sorted(rows)]
    return [Pulled("external_figure", f"kolada {month[:7]}", table_of("external_figure", listed))]


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + IDS_A_SEGMENT] for start in range(0, len(ids), IDS_A_SEGMENT)]


def _pages(name: str, server: Kolada, client: httpx.Client, url: str) -> Iterator[dict[str, Any]]:
    home = urlsplit(server.url)
    for _ in range(MOST_PAGES):
        page = get_json(name, server, client, url)
        if page is None:
            return
        try:
            yield from _values(page)
            following = page.get("next_url")
        except (AttributeError, KeyError, TypeError, ValueError):
            raise RefusalError("nonsense", server=name) from None
        if not following:
            return
        there = urlsplit(str(following))
        # An answer may not send us to another server; behind a proxy it may call itself http.
        if there.netloc and there.hostname != home.hostname:
            raise RefusalError("nonsense", server=name)
        url = str(httpx.URL(url).join(there._replace(scheme=home.scheme, netloc=home.netloc).geturl()))
    raise RefusalError("nonsense", server=name)


def _values(page: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for each in page["values"]:
        # What is deleted first: where a value stands beside it, that one counts.
        for value in sorted(each["values"], key=lambda value: not value.get("isdeleted")):
            if value["gender"] not in GENDERS:
                continue
            is_deleted = bool(value.get("isdeleted"))
            number = None if is_deleted else value["value"]
            yield {
                "kpi": str(each["kpi"]),
                "municipality": str(each["municipality"]),
                "period": int(each["period"]),
                "gender": value["gender"],
                "value": None if number is None else float(number),
                "status": DELETED if is_deleted else value.get("status") or None,
            }


def revisions(con: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """Published values that have changed between the newest month of retrieval and the one before.

    Args:
        con: the warehouse.

    Returns:
        One row per figure, municipality, year and gender whose value was another one the last time: kpi, municipality, period,
        gender, before, after.
    """
    return con.sql(
        """
        WITH told AS (
            SELECT
                kpi, municipality, period, gender, month, value AS after,
                LAG(value) OVER figure AS before,
                LAG(month) OVER figure AS earlier
            FROM raw.external_figure
            WINDOW figure AS (PARTITION BY kpi, municipality, period, gender ORDER BY month)
        )
        SELECT kpi, municipality, period, gender, before, after
        FROM told
        WHERE
            month = (SELECT MAX(month) FROM raw.external_figure)
            AND earlier IS NOT NULL
            AND before IS DISTINCT FROM after
        ORDER BY kpi, municipality, period, gender
        """
    ).pl()
