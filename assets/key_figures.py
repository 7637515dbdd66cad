"""The key figures.

Belongs here: one asset for each theme of the catalogue, all computed in one step because one pass over a subject serves them all.
Does not belong here: what a figure is (warehouse/key_figures) and how it is computed (pipelines/measures).
"""

from collections.abc import Collection, Iterator

import dagster as dg

from assets import describe
from assets.resources import Night
from pipelines.core import CoreTable
from pipelines.disclosure.few import too_few
from pipelines.measures.compute import compute
from pipelines.preview import cells_by_figure
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Theme

GROUP = "key_figures"


def themes() -> list[Theme]:
    """The themes that have figures; each is an asset of this name."""
    used = {figure.theme for figure in catalogue().figures.values()}
    return [theme for theme in catalogue().themes if theme.id in used]


def _made_from(theme: Theme, shown: Collection[CoreTable]) -> list[dg.AssetKey]:
    subjects = {figure.subject for figure in catalogue().figures.values() if figure.theme == theme.id}
    read = {catalogue().subjects[subject].table for subject in subjects}
    return [describe.core_key(table.name) for table in shown if table.name in read]


def assets(shown: Collection[CoreTable]) -> dg.AssetsDefinition:
    """The themes, made from those core tables that are assets."""

    @dg.multi_asset(
        name="key_figure_cells",
        specs=[
            dg.AssetSpec(
                theme.id,
                deps=_made_from(theme, shown),
                group_name=GROUP,
                kinds={"duckdb", "yaml"},
                owners=["team:data"],
                description=f"{theme.name.en}: every catalogued figure and breakdown, one row per cell, unprotected.",
                metadata={
                    "dagster/table_name": "figures.cell",
                    "dagster/column_schema": describe.cell_schema(is_protected=False),
                },
            )
            for theme in themes()
        ],
    )
    def key_figure_cells(night: dg.ResourceParam[Night]) -> Iterator[dg.MaterializeResult]:
        """Bring the cells up to date: only the periods whose core tables or definitions have changed."""
        with night.step("Key figures") as done:
            computed = compute(night.store, night.settings, too_few=too_few)
            seconds = done(
                f"{describe.number(computed.cells)} cells, {len(computed.figures)} figures, {len(computed.periods)} periods"
            )
            for theme in themes():
                figures = cells_by_figure(night.store, theme.id)
                lines = [
                    f"| {figure} | {describe.number(cells)} | {periods} |"
                    for figure, (cells, periods) in figures.items()
                ]
                is_computed = bool(set(computed.figures) & set(figures))
                yield dg.MaterializeResult(
                    asset_key=theme.id,
                    metadata={
                        "dagster/row_count": sum(cells for cells, _ in figures.values()),
                        "periods_computed": len(computed.periods) if is_computed else 0,
                        "figures": dg.MetadataValue.md(
                            "| figure | cells | periods |\n|---|---:|---:|\n" + "\n".join(lines)
                        ),
                        **seconds,
                    },
                )

    return key_figure_cells
