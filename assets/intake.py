"""What every asset that takes deliveries has in common: its checks, and telling what was refused.

Belongs here: the three checks of a contract and their results.
Does not belong here: the assets themselves (hr.py, subjects.py), judging (pipelines/validation).
"""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from assets import describe
from assets.resources import Night
from pipelines.intake import Taken
from pipelines.validation.accounting import account
from warehouse.contracts import Contract
from warehouse.private import without_numbers


def check_specs(contract: Contract) -> list[dg.AssetCheckSpec]:
    """The checks of one contract's asset."""
    return [
        dg.AssetCheckSpec(
            "contract",
            asset=describe.delivery_key(contract),
            description="Every delivery met its contract; none was refused whole.",
        ),
        dg.AssetCheckSpec(
            "quarantine",
            asset=describe.delivery_key(contract),
            description="No row of a loaded delivery broke a rule.",
        ),
        dg.AssetCheckSpec(
            "accounting",
            asset=describe.delivery_key(contract),
            blocking=True,
            description="Delivered = loaded + superseded + quarantined + refused + repeats: no row is lost or doubled.",
        ),
    ]


def tell_refusals(night: Night, contract: Contract, taken: Sequence[Taken]) -> None:
    """Note what was refused, by whom and why, among the night's problems; and count what was taken."""
    for delivery in taken:
        if delivery.reason is not None:
            if not delivery.file_name and delivery.source in night.settings.servers:
                # The server itself: what it gave before stands, and is told to be old.
                night.unreached[contract.name] = delivery.reason
            file, reason = without_numbers(delivery.file_name), delivery.reason
            name, key = file or delivery.source, f"refused:{delivery.source}/{file}"
            night.problem(f"{name}: avvisad. {reason.sv}", f"{name}: refused. {reason.en}", key)
    night.count(taken)


def check_results(contract: Contract, night: Night, taken: Sequence[Taken]) -> list[dg.AssetCheckResult]:
    """How the checks of one contract went."""
    with night.store.read() as con:
        sums = account(con, contract).to_dicts()
    closes = all(line["closes"] for line in sums)
    if not closes:
        night.failed.append(f"{contract.name} accounting")
        night.problem(
            f"{contract.name}: raderna går inte ihop.",
            f"{contract.name}: the rows do not add up.",
            key=f"accounting:{contract.name}",
        )
    refused = [delivery for delivery in taken if delivery.status == "refused"]
    broken = sum(delivery.rows_quarantined for delivery in taken if delivery.status == "loaded")
    return [
        dg.AssetCheckResult(
            check_name="contract",
            asset_key=describe.delivery_key(contract),
            passed=not refused,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={
                without_numbers(each.file_name) or each.source: each.reason.en
                for each in refused
                if each.reason
            },
        ),
        dg.AssetCheckResult(
            check_name="quarantine",
            asset_key=describe.delivery_key(contract),
            passed=broken == 0,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"rows": broken},
        ),
        dg.AssetCheckResult(
            check_name="accounting",
            asset_key=describe.delivery_key(contract),
            passed=closes,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata=sums[0] if sums else {},
        ),
    ]
