"""The core tables.

Belongs here: one asset for each core table that the settings have sources for, all built in one step because one transaction
builds them.
Does not belong here: their SQL (warehouse/core) and which months must be built (pipelines/core.py).
"""

from collections.abc import Collection, Iterator

import dagster as dg

from assets import describe
from assets.resources import Night
from pipelines.core import HR, TABLES, CoreTable, build_core
from pipelines.preview import rows_by_month
from warehouse.settings import Settings, delivered_contracts

GROUP = "core"


def tables(settings: Settings) -> list[CoreTable]:
    """The core tables to be shown: those of HR, and those of which at least one other contract is delivered."""
    delivered = delivered_contracts(settings)
    return [table for table in TABLES if not (others := set(table.contracts) - set(HR)) or others & delivered]


def assets(shown: Collection[CoreTable], deliveries: Collection[dg.AssetKey]) -> dg.AssetsDefinition:
    """The core tables, made from those deliveries that are assets."""
    known = {*deliveries, *(describe.core_key(table.name) for table in shown)}

    @dg.multi_asset(
        name="core_tables",
        specs=[
            dg.AssetSpec(
                describe.core_key(table.name),
                deps=[source for source in describe.made_from(table) if source in known],
                group_name=GROUP,
                kinds={"duckdb", "sql"},
                owners=["team:data"],
                description=describe.sql_header(table.file),
                metadata={
                    "dagster/table_name": table.name,
                    "dagster/column_schema": describe.core_schema(table),
                },
            )
            for table in shown
        ],
    )
    def core_tables(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
        """Bring the core tables up to date: only the months whose deliveries have changed are built again."""
        with night.step("Core tables") as done:
            built = build_core(night.store, night.settings)
            seconds = done(
                f"{len(built.months)} months built, {describe.number(sum(built.rows.values()))} rows"
            )
            for table in shown:
                rows = rows_by_month(night.store, table.name)
                yield dg.MaterializeResult(
                    asset_key=describe.core_key(table.name),
                    metadata={
                        **describe.months_made(rows),
                        "dagster/row_count": built.rows.get(table.name, 0),
                        "months_built": len(built.months),
                        **seconds,
                    },
                )

    return core_tables
