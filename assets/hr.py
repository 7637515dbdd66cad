"""The subject HR: taking in deliveries.

Belongs here: one asset for each HR contract, and the example municipality's exports where the settings ask for them.
Does not belong here: reading, judging and storing (pipelines/intake), rules (warehouse/contracts, warehouse/expectations).
"""

import dagster as dg

from assets import describe, intake
from assets.partitions import key, wanted
from assets.resources import Night
from pipelines.intake import Taken, take
from pipelines.preview import filled_shares, rows_by_month
from warehouse.contracts import CONTRACTS, Contract
from warehouse.settings import Settings, delivered_contracts

GROUP = "intake"
EXAMPLE = "example_exports"


def assets(settings: Settings, months: dg.PartitionsDefinition) -> list[dg.AssetsDefinition]:
    """The intake assets that these settings call for."""
    # Employment is asked for even where nobody delivers it, so that its absence is told.
    wanted_contracts = {"hr_employment", "hr_absence", *delivered_contracts(settings)}
    contracts = [
        contract
        for contract in CONTRACTS.values()
        if contract.subject == "hr" and contract.name in wanted_contracts
    ]
    example = [example_exports] if settings.example else []
    return [
        *example,
        *(delivered(contract, months, deps=[EXAMPLE] if example else []) for contract in contracts),
    ]


@dg.asset(
    name=EXAMPLE,
    group_name=GROUP,
    kinds={"python", "csv"},
    owners=["team:data"],
    description="The exports of the example municipality: made-up people, written as an HR system would write them.",
    metadata={"dagster/column_schema": describe.files_schema()},
)
def example_exports(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """The example municipality's exports; nothing is written when they are there already."""
    from pipelines.example.writing import write_example

    with night.step("Example municipality") as done:
        written = write_example(night.settings)
        line = (
            f"{written.files} export files, {describe.number(written.rows)} rows"
            if written.files
            else "exports are there"
        )
        return dg.MaterializeResult(
            metadata={"files_written": written.files, "dagster/row_count": written.rows, **done(line)}
        )


def delivered(contract: Contract, months: dg.PartitionsDefinition, deps: list[str]) -> dg.AssetsDefinition:
    """The asset of one contract: its newest delivery of every month."""

    @dg.asset(
        name=contract.name,
        partitions_def=months,
        backfill_policy=dg.BackfillPolicy.single_run(),
        deps=deps,
        group_name=GROUP,
        kinds={"polars", "parquet", "duckdb"},
        owners=["team:data"],
        description=f"{contract.title['en']}: the newest delivery of every month. {contract.grain['en']}",
        metadata={
            "dagster/column_schema": describe.contract_schema(contract),
            "dagster/table_name": contract.table,
        },
        check_specs=intake.check_specs(contract),
    )
    def deliveries(context: dg.AssetExecutionContext, night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
        with night.step(contract.name) as done:
            taken = take(
                night.settings, night.store, contract.name, months=wanted(context), pulls=night.pulls
            )
            intake.tell_refusals(night, contract, taken)
            rows = rows_by_month(night.store, contract.table)
            _tell_months(context, contract.name, taken, rows)
            seconds = done(describe.taken_line(taken))
            return dg.MaterializeResult(
                metadata={
                    **describe.months_made(rows),
                    **describe.taken(taken),
                    **describe.filled(filled_shares(night.store, contract.table)),
                    **seconds,
                },
                check_results=intake.check_results(contract, night, taken),
            )

    return deliveries


def _tell_months(
    context: dg.AssetExecutionContext, asset: str, taken: list[Taken], rows: dict[str, int]
) -> None:
    """Mark the months as made: exactly those that came when the run was not asked for any; else all that it was asked for."""
    asked = wanted(context)
    if asked is not None:
        # Dagster marks every month of a range; a month without a delivery says so with its rows.
        for month in asked:
            context.add_asset_metadata(
                {"rows": rows.get(key(month)[:7], 0)}, asset_key=asset, partition_key=key(month)
            )
        return
    loaded = {month for delivery in taken if delivery.status == "loaded" for month in delivery.months}
    for month in sorted(loaded):
        context.log_event(
            dg.AssetMaterialization(
                asset, partition=key(month), metadata={"rows": rows.get(key(month)[:7], 0)}
            )
        )
