"""How assets describe themselves in Dagster: column documentation, and metadata of a run.

Belongs here: turning contracts, the catalogue and results into Dagster's metadata.
Does not belong here: counting (pipelines/preview.py), and anything that tells of a person.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import dagster as dg

import warehouse
from pipelines.core import TABLES, CoreTable
from pipelines.intake import Taken
from warehouse.contracts import CONTRACTS, Contract
from warehouse.key_figures.catalogue import catalogue
from warehouse.plain_yaml import read_yaml

CORE = Path(warehouse.__file__).parent / "core"


def contract_schema(contract: Contract) -> dg.TableSchema:
    """The columns that a contract stores."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                each.stored,
                each.duckdb_type,
                description=each.en + (f" ({each.unit})" if each.unit else ""),
                constraints=dg.TableColumnConstraints(
                    nullable=not each.is_required,
                    other=[f"one of {', '.join(each.allowed)}"] if each.allowed else [],
                ),
            )
            for each in contract.fields
        ]
    )


def core_schema(table: CoreTable) -> dg.TableSchema:
    """The columns of a core table."""
    stated = _core_columns()
    # Of two contracts that deliver the same column, the first tells what it is.
    delivered = {
        name: each for contract in reversed(CONTRACTS.values()) for name, each in contract.delivered.items()
    }
    return dg.TableSchema(
        columns=[
            dg.TableColumn(name, told["type"], description=told.get("en") or delivered[told["delivered"]].en)
            for name in stated["tables"].get(table.name.split(".")[1], [])
            for told in [stated["columns"][name]]
        ]
    )


def cell_schema(is_protected: bool) -> dg.TableSchema:
    """The columns of cells: unprotected in the warehouse, protected in a release."""
    columns = [
        ("figure", "VARCHAR", "The key figure's id"),
        ("version", "INTEGER", "Version of its definition"),
        ("period", "VARCHAR", "2026-10, or 2026 for yearly figures"),
        ("period_end", "DATE", "Last day of the period"),
        ("breakdown", "VARCHAR", "The dimensions the cell is broken down by; total when none"),
        *(
            (each.id, "VARCHAR", f"{each.name.en}: code; empty when not broken down by it")
            for each in catalogue().dimensions.values()
        ),
        ("value", "DOUBLE", "The figure's value, in its unit"),
        ("numerator", "DOUBLE", "What is divided"),
        ("denominator", "DOUBLE", "What it is divided by"),
        ("n", "BIGINT", "Persons in the group"),
    ]
    if is_protected:
        columns.append(("status", "VARCHAR", "shown, hidden or missing; every number is empty unless shown"))
    else:
        columns.append(("tested", "BIGINT[]", "The counts of persons that protection looks at"))
    return dg.TableSchema(
        columns=[dg.TableColumn(name, kind, description=text) for name, kind, text in columns]
    )


def files_schema() -> dg.TableSchema:
    """The columns of the example municipality's exports are those of the contracts, under the names its mapping gives."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(f"{contract.name}.{name}", "text", description=each.en)
            for contract in CONTRACTS.values()
            for name, each in contract.delivered.items()
        ]
    )


def sql_header(file: str) -> str:
    """What a core table's SQL says of itself: the comment lines it begins with."""
    lines = (CORE / file).read_text(encoding="utf-8").splitlines()
    header = []
    for line in lines:
        if not line.startswith("--"):
            break
        header.append(line.removeprefix("--").strip())
    # The table's name stands above the description already; a list of assets has room for few words.
    said = header[0].partition(": ")[2] or header[0]
    return "\n\n".join([said[:1].upper() + said[1:], *header[1:]])


def core_key(name: str) -> dg.AssetKey:
    """The asset of a core table: `core.person_month` is core/person_month, for a contract may be called like a core table."""
    return dg.AssetKey(name.split("."))


def delivery_key(contract: Contract) -> dg.AssetKey:
    """The asset of a contract; beside HR with its schema, for a contract may be called like a theme: raw/participation."""
    return dg.AssetKey(contract.name if contract.subject == "hr" else contract.table.split("."))


def made_from(table: CoreTable) -> list[dg.AssetKey]:
    """The assets whose tables a core table's SQL reads."""
    assets = {contract.table: delivery_key(contract) for contract in CONTRACTS.values()}
    assets |= {other.name: core_key(other.name) for other in TABLES}
    text = (CORE / table.file).read_text(encoding="utf-8")
    read = set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+\.\w+)", text)) - {table.name}
    return sorted(assets[name] for name in read if name in assets)


def months_made(rows: Mapping[str, int]) -> dict[str, Any]:
    """Metadata on a table that has one row set per month: rows, months, and a plot."""
    if not rows:
        return {"dagster/row_count": 0, "months": 0}
    return {
        "dagster/row_count": sum(rows.values()),
        "months": len(rows),
        "first_month": min(rows),
        "last_month": max(rows),
        "rows_by_month": dg.MetadataValue.md(bars(rows)),
    }


def filled(shares: Mapping[str, float]) -> dict[str, Any]:
    """Metadata on how much of each column holds a value, in the latest month. No values, so no persons."""
    if not shares:
        return {}
    return {
        "preview": dg.MetadataValue.md(
            "Share of rows with a value, latest month\n\n| column | percent |\n|---|---:|\n"
            + "\n".join(f"| {name} | {share:.1f} |" for name, share in shares.items())
        )
    }


def taken(deliveries: Sequence[Taken]) -> dict[str, Any]:
    """Metadata on the deliveries of one run."""
    return {
        "deliveries_loaded": sum(delivery.status == "loaded" for delivery in deliveries),
        "deliveries_refused": sum(delivery.status == "refused" for delivery in deliveries),
        "deliveries_repeated": sum(delivery.status == "repeat" for delivery in deliveries),
        "rows_delivered": sum(delivery.rows_delivered for delivery in deliveries),
        "rows_loaded": sum(delivery.rows_loaded for delivery in deliveries),
        "rows_quarantined": sum(delivery.rows_quarantined for delivery in deliveries),
    }


def taken_line(deliveries: Sequence[Taken]) -> str:
    """The same in one line, for the terminal."""
    if not deliveries:
        return "nothing new"
    counted = taken(deliveries)
    line = f"{counted['deliveries_loaded']} deliveries, {number(counted['rows_loaded'])} rows"
    for name, word in (
        ("rows_quarantined", "rows set aside"),
        ("deliveries_refused", "refused"),
        ("deliveries_repeated", "repeated"),
    ):
        if counted[name]:
            line += f", {number(counted[name])} {word}"
    return line


def bars(rows: Mapping[str, int], most: int = 24) -> str:
    """A plot of the latest months as a markdown table: Dagster's pages show no pictures that are not on a server."""
    latest = dict(sorted(rows.items())[-most:])
    highest = max(latest.values()) or 1
    lines = [
        f"| {month} | {number(count)} | {'█' * round(24 * count / highest)} |"
        for month, count in latest.items()
    ]
    return "| month | rows | |\n|---|---:|---|\n" + "\n".join(lines)


def number(count: int) -> str:
    """A count with thin groups of three, as the pages write it."""
    return f"{count:,}".replace(",", "\u202f")


@functools.cache
def _core_columns() -> dict[str, Any]:
    content: dict[str, Any] = read_yaml(CORE / "columns.yaml")
    return content
