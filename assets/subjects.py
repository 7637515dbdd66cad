"""The subjects beside HR: surveys, plans, the organisation, figures of others.

Belongs here: one step for each subject that the settings have a source or server for, with one asset for each of its contracts.
Does not belong here: asking, reading, judging and storing (pipelines/intake), rules (warehouse/contracts).

A subject is one step, so that a server that delivers to several contracts is asked once, and one that is down costs its own
subject only.
"""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg

from assets import describe, intake
from assets.resources import Night
from pipelines.intake import Taken, take
from pipelines.preview import rows_by_month
from warehouse.contracts import CONTRACTS, Contract
from warehouse.settings import Settings, delivered_contracts

GROUP = "intake"
SUBJECTS = ("survey", "plans", "organisation", "external")


def assets(settings: Settings, deps: list[str]) -> list[dg.AssetsDefinition]:
    """The intake assets that these settings call for.

    Args:
        settings: with the sources and servers.
        deps: assets that write exports.
    """
    wanted = delivered_contracts(settings)
    by_subject = {
        subject: [each for each in CONTRACTS.values() if each.subject == subject and each.name in wanted]
        for subject in SUBJECTS
    }
    return [delivered(subject, contracts, deps) for subject, contracts in by_subject.items() if contracts]


def delivered(subject: str, contracts: list[Contract], deps: list[str]) -> dg.AssetsDefinition:
    """The assets of one subject, made in one step."""

    @dg.multi_asset(
        name=f"{subject}_deliveries",
        specs=[
            dg.AssetSpec(
                describe.delivery_key(contract),
                deps=deps,
                group_name=GROUP,
                kinds={"polars", "parquet", "duckdb"},
                owners=["team:data"],
                description=f"{contract.title['en']}. {contract.grain['en']}",
                metadata={
                    "dagster/column_schema": describe.contract_schema(contract),
                    "dagster/table_name": contract.table,
                },
            )
            for contract in contracts
        ],
        check_specs=[spec for contract in contracts for spec in intake.check_specs(contract)],
    )
    def deliveries(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
        """Take what is new, contract by contract."""
        everything: list[Taken] = []
        with night.step(subject.capitalize()) as done:
            for contract in contracts:
                taken = take(night.settings, night.store, contract.name, pulls=night.pulls)
                everything += taken
                intake.tell_refusals(night, contract, taken)
                yield dg.MaterializeResult(
                    asset_key=describe.delivery_key(contract),
                    metadata={
                        **describe.months_made(rows_by_month(night.store, contract.table)),
                        **describe.taken(taken),
                    },
                    check_results=intake.check_results(contract, night, taken),
                )
            done(describe.taken_line(everything))

    return deliveries
