"""Explaining a key figure: its question, its definition, the SQL it becomes, where its data come from, its latest values.

Belongs here: gathering these for the command line. Does not belong here: values that have not been published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlglot

from pipelines.core import CORE, TABLES
from pipelines.measures.asked import rows_of
from pipelines.measures.compiled import Columns, compile_figure
from warehouse.key_figures.catalogue import Catalogue, catalogue
from warehouse.key_figures.entries import Text
from warehouse.key_figures.history import read_history
from warehouse.release import Release

LATEST = 3
SOURCES_LINE = "Source"


@dataclass(frozen=True)
class Explained:
    """A figure in words, SQL and numbers. `facts` are pairs of name and text; `values` the latest published cells."""

    id: str
    name: Text
    question: Text
    definition: Text
    facts: tuple[tuple[str, str], ...]
    sql: str
    lineage: tuple[str, ...]
    values: tuple[dict[str, Any], ...]

    def text(self) -> str:
        """All of it, as the command line prints it."""
        lines = [f"{self.id} – {self.name.sv} ({self.name.en})", ""]
        lines += [self.question.sv, self.definition.sv, "", self.question.en, self.definition.en, ""]
        lines += [f"{name}: {text}" for name, text in self.facts]
        lines += ["", "Lineage:", *(f"  {step}" for step in self.lineage)]
        lines += ["", "SQL (the whole, all periods asked for):", "", self.sql, ""]
        if not self.values:
            return "\n".join([*lines, "No published value."])
        lines.append("Latest published values:")
        for cell in self.values:
            group = ", ".join(f"{name} {code}" for name, code in cell["group"].items()) or "all"
            said = cell["status"] if cell["value"] is None else f"{cell['value']:.6g}"
            interval = f" [{cell['low']:.6g}, {cell['high']:.6g}]" if cell["low"] is not None else ""
            lines.append(f"  {cell['period']}  {group}: {said}{interval}")
        return "\n".join(lines)


def explain(figure_id: str, release: Release | None) -> Explained:
    """Everything that is said of a figure.

    Args:
        figure_id: its id.
        release: where its latest values are read; None before the first release.

    Raises:
        KeyError: no such figure.
    """
    found = catalogue()
    figure = found.figures[figure_id]
    target = figure.target
    made = (figure.numerator, figure.denominator) if not figure.method else (f"method {figure.method}",)
    population = found.populations[figure.population]
    facts = [
        ("Population", f"{population.name.en} ({population.where})"),
        ("The formula", " of ".join((figure.value, " and ".join(text for text in made if text)))),
        ("Period", ", ".join(figure.period)),
        ("Unit", f"{found.units[figure.unit].en}, direction {figure.direction}"),
        ("Protection", figure.protection),
        ("Owner", found.owners[figure.owner].en),
        ("Target", f"{target.value:g} by {target.date}" if target else "none"),
        ("Breakdowns", "; ".join(" × ".join(by) or "total" for by in found.breakdowns(figure))),
        ("Reference", _reference(found, figure_id)),
        *((f"Version {line['version']}", f"from {line['valid_from']}") for line in read_history()[figure_id]),
    ]
    return Explained(
        id=figure.id,
        name=figure.name,
        question=figure.question,
        definition=figure.definition,
        facts=tuple(facts),
        sql=sql_of(found, figure_id),
        lineage=tuple(_lineage(found, figure_id)),
        values=tuple(_values(release, figure_id)) if release is not None else (),
    )


def sql_of(found: Catalogue, figure_id: str) -> str:
    """The one statement that the figure's value for the whole amounts to.

    The engine does not run it like this: it sums each part once for all figures (cube.py). The result is the same.
    """
    figure = found.figures[figure_id]
    if figure.made_of:
        return f"-- {figure.method}, made of the published values of: {', '.join(figure.made_of)}"
    subject = found.subjects[figure.subject]
    columns = Columns()
    compiled = compile_figure(found, figure, subject, columns)
    sums = [
        *(f"SUM({part.row}) AS {name}" for part, name in columns.parts.items()),
        *(
            f"QUANTILE_CONT({part.row}, {part.quantile}) AS {name}"
            for part, name in columns.quantiles.items()
        ),
    ]
    group = f", {found.dimensions[figure.over].sql} AS {figure.over}, sex" if figure.over else ""
    inner = f"SELECT period{group}, {', '.join(sums)} FROM {rows_of(subject)} AS subject GROUP BY ALL"
    if figure.method:
        return f"-- then the method {figure.method}\n" + sqlglot.transpile(inner, "duckdb", pretty=True)[0]
    whole = compiled.denominator
    said = f"SELECT period, {compiled.value(whole)} AS value FROM ({inner}) AS summed ORDER BY period"
    return sqlglot.transpile(said, "duckdb", pretty=True)[0]


def _reference(found: Catalogue, figure_id: str) -> str:
    reference = found.figures[figure_id].reference
    if reference is None:
        return "none"
    levels = ", ".join(f"{level} {kolada}" for level, kolada in reference.levels.items())
    return "; ".join(
        part
        for part in (f"Kolada {reference.kolada}" if reference.kolada else "", levels, reference.text or "")
        if part
    )


def _lineage(found: Catalogue, figure_id: str) -> list[str]:
    """From deliveries to the figure, one step a line."""
    figure = found.figures[figure_id]
    subject = found.subjects[figure.subject]
    table = next(table for table in TABLES if table.name == subject.table)
    header = (CORE / table.file).read_text(encoding="utf-8").split("\n\n")[0]
    sources = [
        line.removeprefix("-- ").strip()
        for line in header.splitlines()
        if line.startswith("--") and SOURCES_LINE in line
    ]
    needs = ["|".join(need) for need in found.needs(figure)]
    return [
        f"deliveries: {', '.join(subject.contracts)} (needs {', '.join(needs)})",
        f"core table: {subject.table} (warehouse/core/{table.file}). {' '.join(sources)}",
        *(f"made of: {other}" for other in figure.made_of),
        f"figure: {figure.id}, theme {figure.theme}",
    ]


def _values(release: Release, figure_id: str) -> list[dict[str, Any]]:
    if figure_id not in release.figures:
        return []
    cells = (
        cell
        for period in release.periods(figure_id)[-LATEST:]
        for by in ([], ["sex"])
        for cell in release.cells(figure_id, period, by).iter_rows(named=True)
    )
    shown = ("period", "value", "low", "high", "n", "status")
    return [{"group": release.group(cell), **{name: cell[name] for name in shown}} for cell in cells]
