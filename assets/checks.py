"""Asset checks: what Great Expectations says of every table.

Belongs here: one Dagster check for each declared expectation, run right after its table and before anything that is made from it.
Does not belong here: the rules (warehouse/expectations) and running them (pipelines/validation/expectations.py); the checks that
belong to taking a delivery in (contract, quarantine, accounting) are told by its asset.
"""

from collections.abc import Iterator

import dagster as dg

from assets.resources import Night
from pipelines.validation.expectations import Judged, Suite, judge, suites

SEVERITY = {"error": dg.AssetCheckSeverity.ERROR, "warning": dg.AssetCheckSeverity.WARN}


def checks() -> list[dg.AssetChecksDefinition]:
    """The checks of every suite."""
    return [plausible(suite) for suite in suites().values()]


def plausible(suite: Suite) -> dg.AssetChecksDefinition:
    """The checks of one table, run in one step."""

    @dg.multi_asset_check(
        name=f"{suite.asset}_is_plausible",
        specs=[
            dg.AssetCheckSpec(
                rule.name,
                asset=suite.asset,
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
        asset_key=suite.asset,
        check_name=result.name,
        passed=result.passed,
        severity=SEVERITY[result.severity],
        description=result.text["en"],
        metadata={"observed": result.observed, "text_sv": result.text["sv"]},
    )
