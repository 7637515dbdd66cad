"""The core tables.

Belongs here: one asset for each core table, all built in one step because one transaction builds them.
Does not belong here: their SQL (warehouse/core) and which months must be built (pipelines/core.py).
"""

from collections.abc import Iterator

import dagster as dg

from assets import describe
from assets.resources import Night
from pipelines.core import TABLES, build_core
from pipelines.preview import rows_by_month

GROUP = "core"


@dg.multi_asset(
    name="core_tables",
    specs=[
        dg.AssetSpec(
            table.name.split(".")[1],
            deps=describe.made_from(table),
            group_name=GROUP,
            kinds={"duckdb", "sql"},
            owners=["team:data"],
            description=describe.sql_header(table.file),
            metadata={"dagster/table_name": table.name, "dagster/column_schema": describe.core_schema(table)},
        )
        for table in TABLES
    ],
)
def core_tables(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
    """Bring the core tables up to date: only the months whose deliveries have changed are built again."""
    with night.step("Core tables") as done:
        built = build_core(night.store, night.settings)
        seconds = done(f"{len(built.months)} months built, {describe.number(sum(built.rows.values()))} rows")
        for table in TABLES:
            rows = rows_by_month(night.store, table.name)
            yield dg.MaterializeResult(
                asset_key=table.name.split(".")[1],
                metadata={**describe.months_made(rows), "months_built": len(built.months), **seconds},
            )
