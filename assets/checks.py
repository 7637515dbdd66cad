"""Asset checks: what Great Expectations says of every table.

Belongs here: one Dagster check for each declared expectation, run right after its table and before anything that is made from it.
Does not belong here: the rules (warehouse/expectations) and running them (pipelines/validation/expectations.py); the checks that
belong to taking a delivery in (contract, quarantine, accounting) are told by its asset.
"""

from collections.abc import Collection, Iterator

import dagster as dg

from assets import describe
from assets.resources import Night
from pipelines.validation.expectations import Judged, Suite, judge, suites
from warehouse.contracts import CONTRACTS

SEVERITY = {"error": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def checks(shown: Collection[dg.AssetKey]) -> list[dg.AssetChecksDefinition]:
    """The checks of every suite whose table is an asset."""
    return [plausible(suite) for suite in suites().values() if asset_key(suite) in shown]


def asset_key(suite: Suite) -> dg.AssetKey:
    """The asset that a suite judges: a contract's deliveries, or a core table."""
    return (
        describe.delivery_key(CONTRACTS[suite.asset])
        if suite.asset in CONTRACTS
        else describe.core_key(suite.table)
    )


def plausible(suite: Suite) -> dg.AssetChecksDefinition:
    """The checks of one table, run in one step."""

    @dg.multi_asset_check(
        name=f"{suite.asset}_is_plausible",
        specs=[
            dg.AssetCheckSpec(
                rule.name,
                asset=asset_key(suite),
                blocking=rule.blocking,
                description=f"{rule.text['en']} / {rule.text['sv']}",
                metadata={"expectation": rule.type, "severity": rule.severity},
            )
            for rule in suite.expectations
        ],
    )
    def is_plausible(night: dg.ResourceParam[Night]) -> Iterator[dg.AssetCheckResult]:
        with night.step(f"{suite.asset} checks") as done:
            results = judge(night.store, night.settings, suite.asset)
            failed = [result for result in results if not result.passed]
            done(f"{len(results)} expectations, {', '.join(result.name for result in failed) or 'all met'}")
        night.judged(results)
        for result in results:
            yield _result(suite, result)

    return is_plausible


def _result(suite: Suite, result: Judged) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        asset_key=asset_key(suite),
        check_name=result.name,
        passed=result.passed,
        severity=SEVERITY[result.severity],
        description=result.text["en"],
        metadata={"observed": result.observed, "text_sv": result.text["sv"], **_ends(result.observed)},
    )


def _ends(observed: str) -> dict[str, float]:
    """The lowest and the highest observed number, which Dagster then draws over the nights."""
    try:
        numbers = [float(part) for part in observed.split("–")]
    except ValueError:
        return {}
    return {"lowest": min(numbers), "highest": max(numbers)}
