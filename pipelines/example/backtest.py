"""The back test: the example municipality of December 2022 through the whole system, beside what Eslöv has published.

Belongs here: matching a release's cells with Kolada's values, the table in docs/backtest.md, and the run that
makes both.
Does not belong here: how figures are computed, and the example's own check of itself (calibration.py).
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.core import build_core
from pipelines.disclosure.few import too_few
from pipelines.example.writing import write_example
from pipelines.intake import take
from pipelines.measures.compute import compute
from warehouse.contracts import CONTRACTS
from warehouse.key_figures.catalogue import catalogue
from warehouse.release import SHOWN, Release
from warehouse.settings import Example, read_settings
from warehouse.store import Store

ROOT = Path(__file__).parents[2]
PUBLISHED = ROOT / "../shared/data/kolada/eslov_personnel_1994_2022.csv"
REPORT = ROOT / "docs/backtest.md"
YEAR = 2022
TOLERANCE_POINTS = 0.5
# The answers to a survey are drawn one by one: chance alone moves the index of some hundred men by half a point.
TOLERANCE_INDEX = 1.0
COUNT = "count"
_SEX_WORDS = {"T": "all", "K": "women", "M": "men"}
# A distribution has one KPI for each band. N00214 is the two oldest bands together.
_BANDS = {
    "N00212": ("-34",),
    "N00213": ("35-54",),
    "N00245": ("55-64",),
    "N00246": ("65-",),
    "N00214": ("55-64", "65-"),
    "N00219": ("55-64", "65-"),
}
EXPLAINED = {
    (
        "U00205",
        "M",
    ): "the example draws its answers so that each sex' total index (U00200) is met; how far an item lies "
    "from the total is the same for women and men, so that men's motivation comes out too high",
}
"""Differences that are outside the promise, and why."""

FETCHED = "external_figure"
"""The subject of figures that come from Kolada: nothing of ours to compare. The example's copy is made up."""


def kolada_ids(figure: Mapping[str, Any]) -> dict[str, str]:
    """The KPIs that a figure's catalogue entry names, each with what it publishes of the figure: value or numerator."""
    reference = figure.get("reference") or {}
    found = dict.fromkeys(re.findall(r"[NU]\d{5}", str(reference.get("kolada") or "")), "value")
    return found | ({str(reference["numerator"]): "numerator"} if reference.get("numerator") else {})


def our_values(release: Release, year: int) -> pl.DataFrame:
    """What a release says of every figure that names a KPI, for the whole and by sex.

    Args:
        release: with November of the year, and the year.
        year: the published year.

    Returns:
        figure, unit, kpi, gender (T, K, M), value (null where hidden or missing), numerator, denominator.
    """
    rows: list[dict[str, Any]] = []
    for name, figure in release.figures.items():
        if figure.get("subject") == FETCHED:
            continue
        for kpi, what in kolada_ids(figure).items():
            period = _period(release, name, year)
            if period is not None:
                rows += _values(release, name, period, kpi, what)
    schema = {
        "figure": pl.String,
        "unit": pl.String,
        "kpi": pl.String,
        "gender": pl.String,
        "value": pl.Float64,
        "numerator": pl.Float64,
        "denominator": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def _period(release: Release, figure: str, year: int) -> str | None:
    """The calendar year where the figure has one, else November, else the survey round that ended in the year."""
    periods = release.periods(figure)
    rounds = [period for period in periods if period.endswith(f"-{year}")]
    return next((period for period in (str(year), f"{year}-11", *rounds) if period in periods), None)


def _values(release: Release, name: str, period: str, kpi: str, what: str) -> list[dict[str, Any]]:
    """One row for the whole and one for each sex; bands of a distribution are added up."""
    figure = release.figures[name]
    across = figure.get("across")
    bands = _BANDS.get(kpi, ()) if across else ()
    rows = []
    for gender, by in (("T", ()), ("K", ("sex",)), ("M", ("sex",))):
        wanted = tuple(by) + ((str(across),) if across else ())
        cells = release.cells(name, period, wanted).filter(pl.col("status") == SHOWN)
        if by:
            cells = cells.filter(pl.col("sex") == gender)
        if bands:
            cells = cells.filter(pl.col(str(across)).is_in(list(bands)))
        whole = cells.height == max(len(bands), 1)
        numerator = cells["numerator"].sum() if whole else None
        rows.append(
            {
                "figure": name,
                "unit": figure["unit"] if what == "value" else COUNT,
                "kpi": kpi,
                "gender": gender,
                "value": cells[what].sum() if whole else None,
                "numerator": numerator if what == "value" else None,
                "denominator": cells["denominator"].first() if whole else None,
            }
        )
    return rows


def compare(release: Release, published: Path, municipality: str = "1285", year: int = YEAR) -> pl.DataFrame:
    """Ours beside the published values.

    Args:
        release: with November of the year.
        published: Kolada's values as CSV: kpi, municipality, gender, period, value.
        municipality: id in Kolada.
        year: the published year.

    Returns:
        As `our_values`, with published and difference (ours − published); one row per KPI and sex that both have.
    """
    theirs = pl.read_csv(published, schema_overrides={"municipality": pl.String}).filter(
        (pl.col("municipality") == municipality) & (pl.col("period") == year)
    )
    return (
        our_values(release, year)
        .join(theirs.select("kpi", "gender", pl.col("value").alias("published")), on=["kpi", "gender"])
        .with_columns((pl.col("value") - pl.col("published")).alias("difference"))
        .sort("kpi", _by_sex(), "figure")
    )


def outside(compared: pl.DataFrame) -> pl.DataFrame:
    """The rows that are not within the promise: half a percentage point for shares, half a percent for counts."""
    limit = (
        pl.when(pl.col("unit") == "percent")
        .then(TOLERANCE_POINTS)
        .when(pl.col("unit") == "index")
        .then(TOLERANCE_INDEX)
        .otherwise(pl.col("published").abs() * 0.005)
    )
    return compared.filter(pl.col("difference").is_null() | (pl.col("difference").abs() > limit))


def _by_sex() -> pl.Expr:
    return pl.col("gender").replace_strict({"T": 0, "K": 1, "M": 2}, return_dtype=pl.Int8)


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return "–"
    return f"{value:.2f}" if unit in {"percent", "index"} else f"{value:,.0f}".replace(",", " ")


def table(compared: pl.DataFrame) -> str:
    """The comparison as a markdown table."""
    lines = [
        "| figure | sex | Kolada | published | ours | difference | ours: numerator / denominator |",
        "|---|---|---|---:|---:|---:|---:|",
    ]
    for row in compared.iter_rows(named=True):
        unit = row["unit"]
        difference = (
            "–"
            if row["difference"] is None
            else f"{row['difference'] + 0.0:+.2f}".replace("+0.00", "0.00").replace("-0.00", "0.00")
        )
        parts = (
            ""
            if row["numerator"] is None or row["denominator"] is None
            else f"{row['numerator']:.0f} / {row['denominator']:.0f}"
        )
        lines.append(
            f"| {row['figure']} | {_SEX_WORDS[row['gender']]} | {row['kpi']} | {_number(row['published'], unit)} "
            f"| {_number(row['value'], unit)} | {difference} | {parts} |"
        )
    return "\n".join(lines)


def not_compared(release: Release, compared: pl.DataFrame, published: Path) -> list[tuple[str, str, str]]:
    """Every KPI that the catalogue names and the table lacks: KPI, figure, why."""
    there = set(pl.read_csv(published, columns=["kpi"])["kpi"])
    lacking = []
    for name, figure in release.figures.items():
        for kpi in kolada_ids(figure):
            if figure.get("subject") == FETCHED:
                lacking.append((kpi, name, "fetched from Kolada, nothing is computed"))
            elif kpi not in there:
                lacking.append((kpi, name, "not among the published values of Eslöv at hand"))
            elif kpi not in set(compared["kpi"]):
                lacking.append((kpi, name, "the example has no value of the year"))
    return sorted(lacking)


def _lacking(rows: list[tuple[str, str, str]]) -> str:
    lines = (f"| {kpi} | {figure} | {why} |" for kpi, figure, why in rows)
    return "\n".join(["| Kolada | figure | why |", "|---|---|---|", *lines])


def unexplained(compared: pl.DataFrame) -> pl.DataFrame:
    """The rows outside the promise for which no reason is known."""
    known = pl.DataFrame(list(EXPLAINED), schema=["kpi", "gender"], orient="row")
    return outside(compared).join(known, on=["kpi", "gender"], how="anti")


def _told(kpi: str, gender: str) -> str:
    return f"{kpi} {_SEX_WORDS[gender]}: {EXPLAINED.get((kpi, gender), 'no reason is known')}"


def _report(compared: pl.DataFrame, lacking: list[tuple[str, str, str]], rows: pl.DataFrame) -> str:
    """The text of docs/backtest.md."""
    missed = outside(compared)
    verdict = (
        "All differences are within the promise."
        if missed.is_empty()
        else f"{compared.height - missed.height} of {compared.height} differences are within the promise; the others are: "
        + "; ".join(_told(row["kpi"], row["gender"]) for row in missed.iter_rows(named=True))
        + "."
    )
    return f"""# Back test: November {YEAR}

Made by `fordel backtest`; do not edit. The example municipality with the default size and seed, run to
December {YEAR}, went through the whole system (export files with their faults, intake, core tables, key
figures); *ours* is what is computed, before disclosure control. Published: Kolada (RKA), from
the personnel statistics of SKR and SCB, municipality 1285. Shares are percent and are promised within
{TOLERANCE_POINTS} percentage points, counts and kronor within half a percent, survey indices
within {TOLERANCE_INDEX:.0f} point. {verdict}

{table(compared)}

A number of persons (N00223, N00233 and so on) is compared with the numerator of the share that it belongs to.

## Figures that name a KPI and are not compared

{_lacking(lacking)}

## How the denominators compare

- **N00200, N00201, N00202** (permanent, temporary, hourly): all employees, hourly staff included (women 2
  290 + 280, men 634 + 95), although the first two KPIs name only the monthly-paid. `permanent_share` and
  `temporary_share` use the same denominator (population *all*).
- **N00206** (full time as agreed): the monthly-paid, on leave or not (population *monthly*).
- **N00209** (working full time): the monthly-paid who are not on full-time leave, 2 111 women and 604 men
  of {YEAR} (population *active*): not the denominator of N00206, so that the two shares cannot be
  subtracted.
- **N00214** (55 or older): all employees, hourly staff included; here the sum of the two oldest bands of
  `age_distribution`.
- **N00053, N00222**: the monthly-paid, on leave or not.
- **N00090** (sick leave): sick hours of the calendar year in percent of ordinary hours, all employees.
  Eslöv publishes one decimal.
- **N00098** (full-time equivalents) is not compared: it counts worked time and hourly staff,
  `full_time_equivalents` the agreed time of the monthly-paid.
- The totals that the table calls *all* count persons of unknown sex too; the example has none of them in
  {YEAR}.

## The example's own rows

The same KPIs and some that no key figure covers, counted directly from the generated rows before they are
written, without the system (`pipelines/example/calibration.py`).

{table(rows)}
"""


def _own_rows(published: Path) -> pl.DataFrame:
    """The example's rows of the year beside the published values."""
    from pipelines.example.calibration import month_facts, sick_facts
    from pipelines.example.municipality import Municipality
    from pipelines.example.parameters import parameters

    run = parameters(Example.model_validate({"ends": date(YEAR, 12, 31)}), date(YEAR + 1, 1, 1))
    months = [month for month in Municipality(run).months() if month.first_day.year == YEAR]
    november = next(month for month in months if month.number == run.calibrated)
    ours = pl.concat([month_facts(november.employment), sick_facts(months)])
    theirs = pl.read_csv(published, schema_overrides={"municipality": pl.String})
    theirs = theirs.filter((pl.col("municipality") == "1285") & (pl.col("period") == YEAR))
    is_count = pl.col("kpi").is_in(["N00053", "N00230", "N00232", "N00951"])
    title = pl.col("kpi_name").str.replace(", kommun, andel (%)", "", literal=True)
    return (
        ours.join(
            theirs.select("kpi", "gender", title, pl.col("value").alias("published")), on=["kpi", "gender"]
        )
        .with_columns(
            title.alias("figure"),
            (pl.col("value") - pl.col("published")).alias("difference"),
            pl.when(is_count).then(pl.lit("count")).otherwise(pl.lit("percent")).alias("unit"),
            pl.lit(None, pl.Float64).alias("numerator"),
            pl.lit(None, pl.Float64).alias("denominator"),
        )
        .sort("kpi", _by_sex())
    )


def computed(home: Path) -> Release:
    """What is computed for the example municipality of December of the year, as a release before protection.

    It is made in a home of its own and never leaves the process: definitions are compared here, and what is hidden would only be
    missing from the comparison.
    """
    stated = read_settings(ROOT / "fordel.yaml", home)
    example = Example.model_validate({"ends": date(YEAR, 12, 31)})
    settings = stated.model_copy(update={"example": example})
    write_example(settings)
    store = Store(settings)
    with store.write() as con:
        for contract in CONTRACTS:
            take(settings, store, contract)
        build_core(store, settings)
        compute(store, settings, too_few=too_few)
        cells = con.sql("SELECT * FROM figures.cell").pl()
    known = cells.with_columns(
        status=pl.when(pl.col("value").is_null()).then(pl.lit("missing")).otherwise(pl.lit(SHOWN))
    )
    found = catalogue()
    return Release(
        folder=home,
        manifest={},
        figures={figure.id: figure.model_dump(mode="json") for figure in found.figures.values()},
        dimensions={name: {"id": name} for name in found.dimensions},
        themes=[],
        quality={},
        by_figure={str(name): part for (name,), part in known.partition_by(["figure"], as_dict=True).items()},
    )


def main(published: Path = PUBLISHED, report: Path = REPORT) -> int:
    """Run the back test and write the report.

    Args:
        published: Kolada's values as CSV.
        report: the markdown file to write.

    Returns: The exit code: 0 all within the promise or explained, 1 something outside it, 2 the published values are not there.
    """
    if not published.is_file():
        sys.stderr.write(f"{published}: not there; the back test needs Kolada's values as CSV\n")
        return 2
    with tempfile.TemporaryDirectory(prefix="fordel-backtest-") as folder:
        release = computed(Path(folder) / "home")
        compared = compare(release, published)
        lacking = not_compared(release, compared, published)
    report.write_text(_report(compared, lacking, _own_rows(published)), encoding="utf-8")
    sys.stdout.write(f"{table(compared)}\n\nWritten to {report}\n")
    return 0 if unexplained(compared).is_empty() else 1
