"""The release: what people see.

Belongs here: taking the figures through the gate and publishing, in the same run as the checks that may forbid it.
Does not belong here: what is hidden (pipelines/disclosure), what a release holds (pipelines/publication.py) and how it is
written (warehouse/release.py).
"""

from datetime import date

import dagster as dg

from assets import describe
from assets.key_figures import themes
from assets.resources import Night, NotPublishableError
from pipelines.disclosure.gate import GateClosedError
from pipelines.publication import gate_closed, publish_release
from pipelines.validation.expectations import remembered
from warehouse.manifest import current_id
from warehouse.release import SHOWN, open_current

GROUP = "release"
STEP = "Release"


@dg.asset(
    deps=[theme.id for theme in themes()],
    group_name=GROUP,
    kinds={"parquet", "json"},
    owners=["team:data"],
    description="Protected cells, the catalogue and what is known of their quality, in a folder that is never changed again, "
    "and the pointer that people's pages follow. Content that is already the current one makes no new release.",
    metadata={"dagster/column_schema": describe.cell_schema(is_protected=True)},
)
def release(night: dg.ResourceParam[Night]) -> dg.MaterializeResult:
    """Protect, audit and publish; refuse while a blocking check stands failed, also when its asset was made in another run."""
    with night.step(STEP) as done:
        checks = remembered(night.store)
        standing = [check for check in checks if check.blocking and not check.passed]
        if standing:
            raise NotPublishableError.of_checks(standing)
        audited: list[date] = []

        def progress(last_day: date, seconds: float, left: int) -> None:
            audited.append(last_day)
            night.tell(STEP, f"{last_day} protected and audited ({seconds:.1f} s), {left} dates left")

        if current_id(night.settings.releases) is None:
            night.tell(
                STEP,
                "a first history is protected and audited; its newest date comes first and takes minutes",
            )
        try:
            published = publish_release(
                night.store, night.settings, [check.record() for check in checks], progress
            )
        except GateClosedError as closed:
            night.gate = {
                "passed": False,
                "period_end": str(closed.period_end),
                "tables": [list(name) for name in closed.tables],
            }
            told = gate_closed(closed, "sv"), gate_closed(closed, "en")
            raise NotPublishableError(told, key="gate") from closed
        night.published, night.gate = published, {"passed": True}
        current = open_current(night.settings.releases)
        assert current is not None
        audit = current.audit
        line = f"{published.id}, {describe.number(audit['cells'][SHOWN])} cells shown"
        return dg.MaterializeResult(
            metadata={
                "release": published.id,
                "is_new": published.is_new,
                "as_of": str(current.manifest["as_of"]),
                "dagster/row_count": sum(audit["cells"].values()),
                **{f"cells_{status}": count for status, count in audit["cells"].items()},
                "dates_audited": ", ".join(map(str, audited)) or "none: nothing has changed",
                "audit_seconds": audit["seconds"],
                "secrets": audit["secrets"],
                "derivable": audit["derivable"],
                "narrowest_persons": audit["narrowest_persons"],
                "narrowest_sums_percent": audit["narrowest_sums_percent"],
                **done(line if published.is_new else f"unchanged: {line}"),
            }
        )
