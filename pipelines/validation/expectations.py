"""Judging tables by plausibility: the declared expectations, run by Great Expectations.

Belongs here: making the small frame a suite needs (one row per month, aggregates only), having it judged, plain results.
Does not belong here: the rules themselves (warehouse/expectations/*.yaml), what a single row must be (warehouse/contracts/), and
Great Expectations itself (judge.py, in a process of its own).

Results are kept in log.judgement with a fingerprint of what was judged: a table that has not changed is not judged again,
but a failure stays a failure until the table changes.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from pipelines.validation.judging import the_judge
from warehouse import clock
from warehouse.plain_yaml import read_yaml

if TYPE_CHECKING:
    import duckdb
    import pandas as pd

    from warehouse.settings import Settings
    from warehouse.store import Store

FOLDER = Path(__file__).parents[2] / "warehouse" / "expectations"

AGE = "days_since_month_end"

JUDGEMENT_DDL = """
CREATE TABLE IF NOT EXISTS log.judgement (
    table_name VARCHAR NOT NULL,
    fingerprint VARCHAR NOT NULL,
    results VARCHAR NOT NULL
)
"""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Expectation(_Part):
    """One rule: which Great Expectations class, with which arguments, and the sentence that people read."""

    name: str
    type: str = Field(pattern="^Expect")
    arguments: dict[str, Any]
    severity: Literal["error", "warning"]
    blocking: bool = False
    text: dict[str, str]


class Against(_Part):
    """Another table whose months are set beside this one's, so that sums can be reconciled."""

    table: str
    columns: dict[str, str]


class Suite(_Part):
    """The expectations of one table. The frame they see has one row per month.

    Its columns: every one of `columns` and `against.columns`; `<name>_change` for each of `changes` (percent, points or count
    against the month before); each of `ratios` (percent of one column in another); `days_since_month_end` in the last month,
    where an expectation names it.
    """

    table: str
    asset: str
    columns: dict[str, str]
    changes: dict[str, Literal["percent", "points", "count"]] = {}
    against: Against | None = None
    ratios: dict[str, tuple[str, str]] = {}
    expectations: list[Expectation]


@dataclass(frozen=True)
class Judged:
    """What one expectation came to. `observed` holds aggregates of whole months only."""

    name: str
    table: str
    type: str
    severity: str
    blocking: bool
    passed: bool
    observed: str
    text: Mapping[str, str]

    def record(self) -> dict[str, Any]:
        """The result as plain data, as it stands in `quality.json`."""
        return asdict(self)


@functools.cache
def suites() -> Mapping[str, Suite]:
    """Every declared suite, by the asset it judges.

    Raises:
        pydantic.ValidationError: a suite that is not well formed.
    """
    read = [Suite.model_validate(read_yaml(path)) for path in sorted(FOLDER.glob("*.yaml"))]
    return {suite.asset: suite for suite in read}


def judge(store: Store, settings: Settings, asset: str, today: date | None = None) -> list[Judged]:
    """Judge one table.

    Args:
        store: the warehouse.
        settings: for the limits that a suite takes from the settings.
        asset: the asset whose table is judged; see `suites`.
        today: the day freshness is counted from; default today.

    Returns:
        One result per declared expectation, in the declared order. An empty table passes: there is nothing implausible in it.

    Raises:
        JudgementError: an expectation crashed.
    """
    suite = suites()[asset]
    with store.write() as con:
        con.execute(JUDGEMENT_DDL)
        frame = month_frame(con, suite, today or clock.today())
        fingerprint = _fingerprint(suite, settings, frame)
        known = con.execute(
            "SELECT fingerprint, results FROM log.judgement WHERE table_name = ?", [suite.table]
        ).fetchall()
        if known and known[0][0] == fingerprint:
            return [Judged(**record) for record in json.loads(known[0][1])]
        results = run(suite, frame, settings)
        text = json.dumps([result.record() for result in results], ensure_ascii=False)
        with store.transaction(con):
            con.execute("DELETE FROM log.judgement WHERE table_name = ?", [suite.table])
            con.execute("INSERT INTO log.judgement VALUES (?, ?, ?)", [suite.table, fingerprint, text])
    return results


def remembered(store: Store) -> list[Judged]:
    """What every table was last judged to be, in the order of the suites; a table that was never judged is not there."""
    with store.write() as con:
        con.execute(JUDGEMENT_DDL)
        stored = dict(con.execute("SELECT table_name, results FROM log.judgement").fetchall())
    return [
        Judged(**record)
        for suite in suites().values()
        for record in json.loads(stored.get(suite.table, "[]"))
    ]


def month_frame(con: duckdb.DuckDBPyConnection, suite: Suite, today: date) -> pd.DataFrame:
    """The frame of a suite: one row per month of its table, oldest first.

    Numpy-backed: Great Expectations is ten times slower on Arrow-backed frames.
    """
    frame = _aggregated(con, suite.table, suite.columns)
    for name, kind in suite.changes.items():
        before = frame[name].shift(1)
        frame[f"{name}_change"] = (
            100.0 * (frame[name] / before - 1) if kind == "percent" else frame[name] - before
        )
    if AGE in {rule.arguments.get("column") for rule in suite.expectations}:
        # Only where it is named: it is another one every day, and the table would be judged anew each night.
        frame[AGE] = float("nan")
    if AGE in frame and len(frame):
        last = date.fromisoformat(f"{frame['month'].iloc[-1]}-01")
        month_end = (last.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
        frame.loc[frame.index[-1], AGE] = float((today - month_end).days)
    if suite.against is not None:
        # Outer: a month that only one of the tables has must show up as a difference.
        other = _aggregated(con, suite.against.table, suite.against.columns)
        frame = frame.merge(other, on="month", how="outer").sort_values("month", ignore_index=True)
    for name, (part, whole) in suite.ratios.items():
        frame[name] = 100.0 * frame[part] / frame[whole].where(frame[whole] > 0)
    return frame


def run(suite: Suite, frame: pd.DataFrame, settings: Settings) -> list[Judged]:
    """Run a suite on its frame, in the judge's process.

    Raises:
        JudgementError: an expectation crashed (Great Expectations reports that as a mere failure), or the judge is gone.
    """
    if frame.empty:
        return [_judged(suite, rule, passed=True, observed="–") for rule in suite.expectations]
    limits = {name: getattr(settings, name) for name in _named_settings(suite)}
    answer = the_judge().ask({"suite": suite.asset, "frame": frame.to_dict("list"), "limits": limits})
    seen = {line["name"]: line for line in answer}
    return [
        _judged(suite, rule, seen[rule.name]["passed"], seen[rule.name]["observed"])
        for rule in suite.expectations
    ]


def _judged(suite: Suite, rule: Expectation, passed: bool, observed: str) -> Judged:
    return Judged(
        rule.name, suite.table, rule.type, rule.severity, rule.blocking, passed, observed, rule.text
    )


def _named_settings(suite: Suite) -> set[str]:
    """The settings that the suite takes limits from."""
    values = [value for rule in suite.expectations for value in rule.arguments.values()]
    return {value["setting"] for value in values if isinstance(value, dict)}


def _aggregated(con: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, str]) -> pd.DataFrame:
    schema, name = table.split(".")
    there = con.execute(
        "SELECT 1 FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", [schema, name]
    ).fetchall()
    if not there:
        # Core tables are made by their first build; with nothing delivered there is nothing to judge.
        return (
            con.execute("SELECT '' AS month WHERE false").df().assign(**dict.fromkeys(columns, float("nan")))
        )
    wanted = ", ".join(f'CAST({expression} AS DOUBLE) AS "{name}"' for name, expression in columns.items())
    return con.execute(
        f"SELECT strftime(month, '%Y-%m') AS month, {wanted} FROM {table} GROUP BY ALL ORDER BY month"
    ).df()


def _fingerprint(suite: Suite, settings: Settings, frame: pd.DataFrame) -> str:
    limits = [[name, getattr(settings, name)] for name in sorted(_named_settings(suite))]
    content = f"{suite.model_dump_json()}{limits}{frame.to_csv(index=False, float_format='%.9g')}"
    return hashlib.sha256(content.encode()).hexdigest()
