"""Everything in Dagster's graph tells what it is, who answers for it, and what its columns hold."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest
import yaml
from dagster._utils.schedules import schedule_execution_time_iterator

from assets.checks import asset_key
from assets.definitions import assemble
from assets.describe import CORE, core_schema
from assets.instance import end_dead_runs, prepare_home, process_tag
from assets.partitions import first_month, key, monthly
from assets.schedules import every_night
from pipelines.core import TABLES
from pipelines.validation.expectations import suites
from warehouse.settings import Example, Settings
from warehouse.store import Store, prepare


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", example=Example(size=300, months=14))


@pytest.fixture
def definitions(settings: Settings) -> dg.Definitions:
    return assemble(settings)


def test_every_asset_describes_itself(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    keys = [one for one in graph.get_all_asset_keys() if graph.get(one).is_executable]
    assert len(keys) >= 9
    for one in keys:
        node = graph.get(one)
        told = {
            "group": node.group_name not in (None, "default"),
            "kinds": bool(node.kinds),
            "owner": bool(node.owners),
            "description": bool(node.description) and len(node.description or "") > 20,
            "columns": bool(node.metadata.get("dagster/column_schema")),
        }
        assert all(told.values()), f"{one.to_user_string()}: {told}"
        schema = node.metadata["dagster/column_schema"]
        assert all(column.description for column in schema.columns), one.to_user_string()


def test_dagster_can_load_everything(definitions: dg.Definitions):
    """As its code server does: two definitions of one name are found only then."""
    definitions.get_repository_def().load_all_definitions()


def test_nothing_hangs_loose(definitions: dg.Definitions):
    """A dependency on an asset that no settings make would show up as an external node."""
    graph = definitions.resolve_asset_graph()
    assert all(graph.get(one).is_executable for one in graph.get_all_asset_keys())


def test_example_only_where_settings_ask_for_it(tmp_path: Path):
    graph = assemble(Settings(home=tmp_path)).resolve_asset_graph()
    assert dg.AssetKey("example_exports") not in graph.get_all_asset_keys()
    assert all(graph.get(one).is_executable for one in graph.get_all_asset_keys())


def test_deliveries_are_partitioned_by_month_and_run_a_range_at_once(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    for name in ("hr_employment", "hr_absence"):
        node = graph.get(dg.AssetKey(name))
        assert isinstance(node.partitions_def, dg.MonthlyPartitionsDefinition)
        assert node.backfill_policy == dg.BackfillPolicy.single_run()


def test_checks_are_in_the_job_and_block_where_they_must(definitions: dg.Definitions):
    graph = definitions.resolve_asset_graph()
    checks = {(one.asset_key.to_user_string(), one.name): graph.get(one) for one in graph.asset_check_keys}
    job = definitions.resolve_job_def("nightly")
    assert {
        (one.asset_key.to_user_string(), one.name) for one in job.asset_layer.asset_graph.asset_check_keys
    } == set(checks)
    for name in ("hr_employment", "hr_absence"):
        assert {"contract", "quarantine", "accounting"} <= {check for asset, check in checks if asset == name}
        assert checks[name, "accounting"].blocking
    for suite in suites().values():
        for rule in suite.expectations:
            assert checks[asset_key(suite).to_user_string(), rule.name].blocking == rule.blocking
    assert sum(node.blocking for node in checks.values()) >= 10


def test_one_process_runs_everything(definitions: dg.Definitions):
    job = definitions.resolve_job_def("nightly")
    assert job.executor_def.name == "in_process"
    assert int(job.tags["dagster/max_runtime"]) > 0


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 1, 0, tzinfo=UTC)),
        (date(2026, 6, 1), datetime(2026, 6, 1, 0, 0, tzinfo=UTC)),
        (date(2026, 12, 1), datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
    ],
)
def test_dagsters_clock_strikes_once_a_night(day: date, expected: datetime):
    """In March 02:00 does not exist, in October it comes twice; the night's run comes once."""
    schedule = every_night(Settings())
    zone = ZoneInfo("Europe/Stockholm")
    start = datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()
    ticks = []
    for tick in schedule_execution_time_iterator(
        start, str(schedule.cron_schedule), schedule.execution_timezone
    ):
        if tick.date() != day:
            break
        ticks.append(tick)
    assert [tick.astimezone(UTC) for tick in ticks] == [expected]


def test_a_schedules_tick_asks_for_whatever_is_new(definitions: dg.Definitions, tmp_path: Path):
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_schedule_context(
            instance=instance,
            scheduled_execution_time=datetime(2026, 11, 2, 1, tzinfo=UTC),
            repository_def=definitions.get_repository_def(),
        )
        (request,) = every_night(Settings()).evaluate_tick(context).run_requests or []
    assert request.partition_key is None


def test_months_reach_from_the_first_delivery_to_now(settings: Settings):
    today = date(2026, 11, 23)
    assert first_month(settings, today) == date(2025, 9, 1)
    old = settings.raw / "hr_employment" / "0123456789abcdef"
    old.mkdir(parents=True)
    (old / "2015-11.parquet").touch()
    (old / "quarantine.parquet").touch()
    assert first_month(settings, today) == date(2015, 11, 1)
    with dg.partition_loading_context(effective_dt=datetime(2026, 11, 23, tzinfo=UTC)):
        keys = monthly(settings, today).get_partition_keys()
    assert (keys[0], keys[-1]) == ("2015-11-01", "2026-11-01")
    assert key(date(2026, 9, 17)) == "2026-09-01"


def test_core_columns_are_documented_as_they_are():
    """Lists and types in columns.yaml are those of the tables that the SQL makes."""
    con = duckdb.connect()
    prepare(con)
    con.execute("SET VARIABLE manager_codes = ['A']")
    con.execute("CREATE TEMP TABLE wanted_month (month DATE)")
    stated = yaml.safe_load((CORE / "columns.yaml").read_text(encoding="utf-8"))
    used = set()
    for table in TABLES:
        con.execute(f"CREATE TABLE {table.name} AS {(CORE / table.file).read_text(encoding='utf-8')}")
        described = con.execute(f"DESCRIBE {table.name}").fetchall()
        real = {name: kind for name, kind, *_ in described}
        told = {column.name: column.type for column in core_schema(table).columns}
        assert told == real, table.name
        used |= set(real)
    assert used == set(stated["columns"])
    for name, one in stated["columns"].items():
        assert "delivered" in one or (one["sv"] and one["en"]), name


def test_dagster_calls_nobody_and_runs_one_at_a_time(settings: Settings):
    stated = yaml.safe_load((prepare_home(settings) / "dagster.yaml").read_text(encoding="utf-8"))
    assert stated["telemetry"] == {"enabled": False}
    assert stated["concurrency"]["runs"]["max_concurrent_runs"] == 1
    assert stated["run_monitoring"]["enabled"] is True


def test_only_runs_of_dead_processes_are_ended(settings: Settings):
    own = process_tag("").split()
    elsewhere = f"{own[0]} {own[1]} pid:[1]"
    processes = {
        "alive": " ".join(own),
        "killed": f"999999999 {own[1]} {own[2]}",
        "another program now": f"{own[0]} 1@{own[1].partition('@')[2]} {own[2]}",
        "before the power cut": f"{own[0]} 1@nowhere {own[2]}",
        "in another container": elsewhere,
    }
    with dg.DagsterInstance.ephemeral() as instance:
        runs = {}
        for name, process in processes.items():
            run = instance.create_run_for_job(job_def=_nothing, status=dg.DagsterRunStatus.STARTED)
            instance.add_run_tags(run.run_id, {"fordel/process": f"{run.run_id} {process}"})
            runs[name] = run.run_id
        copied = {"fordel/process": f"{runs['killed']} {processes['killed']}"}
        for name, tags in (("not executed yet", {}), ("started again", copied)):
            runs[name] = instance.create_run_for_job(
                job_def=_nothing, tags=tags, status=dg.DagsterRunStatus.STARTED
            ).run_id
        with Store(settings).alone():
            ended = end_dead_runs(instance, settings)
        assert set(ended) == {
            runs[name] for name in ("killed", "another program now", "before the power cut")
        }
        # Nobody holds the warehouse: what another container ran has ended.
        assert end_dead_runs(instance, settings) == [runs["in another container"]]


@dg.job
def _nothing() -> None:
    pass
