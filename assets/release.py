"""The release: what people see.

Belongs here: protecting and publishing, in the same run as the checks that may forbid it.
Does not belong here: what is hidden (pipelines/disclosure), what a release holds (pipelines/publication.py) and how it is
written (warehouse/release.py).
"""

import dagster as dg

from assets import describe
from assets.key_figures import themes
from assets.resources import Night, NotPublishableError
from pipelines.publication import publish_release
from pipelines.validation.expectations import remembered
from warehouse.release import SHOWN, open_current

GROUP = "release"


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
    """Protect and publish; refuse while a blocking check stands failed, also when its asset was made in another run."""
    with night.step("Release") as done:
        checks = remembered(night.store)
        standing = [check for check in checks if check.blocking and not check.passed]
        if standing:
            raise NotPublishableError(standing)
        published = publish_release(night.store, night.settings, [check.record() for check in checks])
        night.published = published
        current = open_current(night.settings.releases)
        assert current is not None
        by_status = {"shown": 0, "hidden": 0, "missing": 0}
        for cells in current.by_figure.values():
            for status, count in cells.group_by("status").len().iter_rows():
                by_status[status] += count
        line = f"{published.id}, {describe.number(by_status[SHOWN])} cells shown"
        return dg.MaterializeResult(
            metadata={
                "release": published.id,
                "is_new": published.is_new,
                "as_of": str(current.manifest["as_of"]),
                "dagster/row_count": sum(by_status.values()),
                **{f"cells_{status}": count for status, count in by_status.items()},
                **done(line if published.is_new else f"unchanged: {line}"),
            }
        )
