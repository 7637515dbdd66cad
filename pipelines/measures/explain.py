"""Explaining a key figure: its question, its definition, the SQL it becomes, where its data come from, its latest values.

Belongs here: gathering these for the command line. Does not belong here: values that have not been published.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlglot

from pipelines.core import CORE, TABLES
from pipelines.measures.asked import rows_of
from pipelines.measures.compiled import Columns, compile_figure
from pipelines.measures.ranking import quartiles_sql
from warehouse.key_figures.catalogue import catalogue
from warehouse.key_figures.entries import Catalogue, Figure, Target, Text, Unit
from warehouse.key_figures.history import read_history
from warehouse.release import Release

LATEST = 3
DIRECTIONS = {"higher": "higher", "lower": "lower", "balance": "balance between the sexes", "none": "neither"}
VALUES = {
    "count": "the numerator",
    "index": "the numerator",
    "share": "numerator of denominator, percent",
    "ratio": "numerator divided by denominator",
    "difference": "numerator minus denominator",
    "gap": "how far the numerator falls short of the denominator, percent",
}


Value = tuple[str, str, str, str]
"""A published cell as text: period, group, value with its unit or why there is none, interval."""


@dataclass(frozen=True)
class Explained:
    """A figure in words, numbers and SQL. `facts` are pairs of name and text; `values` the latest published cells."""

    id: str
    name: Text
    question: Text
    definition: Text
    values: tuple[Value, ...]
    facts: tuple[tuple[str, str], ...]
    lineage: tuple[str, ...]
    sql: str

    def text(self) -> str:
        """All of it, as the command line prints it: what people ask for first, the SQL last."""
        lines = [f"{self.name.sv} ({self.name.en}) – {self.id}", ""]
        lines += [self.question.sv, self.definition.sv, "", self.question.en, self.definition.en, ""]
        if self.values:
            columns = [list(column) for column in zip(*self.values, strict=True)]
            widths = [max(map(len, column)) for column in columns]
            lines.append("Latest published values:")
            for period, group, said, interval in self.values:
                row = f"  {period:{widths[0]}}  {group:{widths[1]}}  {said:>{widths[2]}}  {interval}"
                lines.append(row.rstrip())
        else:
            lines.append("No published value.")
        width = max(len(name) for name, _ in self.facts)
        lines += ["", *(f"{name:{width}}  {text}" for name, text in self.facts)]
        lines += ["", "Where it comes from:", *(f"  {step}" for step in self.lineage)]
        return "\n".join(
            [*lines, "", "As SQL, for the whole and all periods that are asked for:", "", self.sql]
        )


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
    population = found.populations[figure.population]
    facts = [
        ("Population", f"{population.name.en} ({population.where})"),
        *_formula(figure),
        ("Period", ", ".join(figure.period)),
        ("Unit", found.units[figure.unit].en),
        ("Better is", DIRECTIONS[figure.direction]),
        ("Protection", f"class {figure.protection}"),
        ("Owner", found.owners[figure.owner].en),
        ("Target", _target(target) if target else "none"),
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
        values=tuple(_values(found, release, figure)) if release is not None else (),
    )


def _formula(figure: Figure) -> list[tuple[str, str]]:
    if figure.method:
        return [("Method", figure.method)]
    parts = [("Numerator", figure.numerator), ("Denominator", figure.denominator)]
    return [(name, text) for name, text in parts if text] + [("Value", VALUES[figure.value])]


def _target(target: Target) -> str:
    path = f", from {target.baseline:g} on {target.baseline_date}" if target.baseline is not None else ""
    return f"{target.value:g} by {target.date}{path}"


def sql_of(found: Catalogue, figure_id: str) -> str:
    """The one statement that the figure's value for the whole amounts to.

    The engine does not run it like this: it sums each part once for all figures (cube.py). The result is the same.
    """
    figure = found.figures[figure_id]
    if figure.made_of:
        return f"-- {figure.method}, made of the published values of: {', '.join(figure.made_of)}"
    subject = found.subjects[figure.subject]
    if figure.method == "quartiles":
        where = found.populations[figure.population].where
        ranked = quartiles_sql(rows_of(subject), ["period"], f"({where}) AND sex IN ('K', 'M')")
        said = f"SELECT period, quarter, 100.0 * women / members AS value FROM ({ranked}) ORDER BY period, quarter"
        return sqlglot.transpile(said, "duckdb", pretty=True)[0]
    columns = Columns()
    compiled = compile_figure(found, figure, subject, columns)
    value = compiled.value(compiled.denominator)
    # The counts of persons that protection looks at are no part of the value.
    sums = [
        f"{f'SUM({part.row})' if part.quantile is None else f'QUANTILE_CONT({part.row}, {part.quantile})'} AS {name}"
        for part, name in {**columns.parts, **columns.quantiles}.items()
        if re.search(rf"\b{name}\b", value)
    ]
    group = f", {found.dimensions[figure.over].sql} AS {figure.over}, sex" if figure.over else ""
    inner = f"SELECT period{group}, {', '.join(sums)} FROM {rows_of(subject)} AS subject GROUP BY ALL"
    if figure.method:
        return f"-- then the method {figure.method}\n" + sqlglot.transpile(inner, "duckdb", pretty=True)[0]
    said = f"SELECT period, {value} AS value FROM ({inner}) AS summed ORDER BY period"
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
    told = " ".join(line.removeprefix("-- ") for line in header.splitlines() if line.startswith("--"))
    sources = re.findall(r"Sources?: [^.]*(?:\.\w+[^.]*)*\.", told)
    needs = ["|".join(need) for need in found.needs(figure)]
    return [
        f"deliveries: {', '.join(subject.contracts)} (needs {', '.join(needs)})",
        f"core table: {subject.table} (warehouse/core/{table.file}). {' '.join(sources)}".strip(),
        *(f"made of: {other}" for other in figure.made_of),
        f"figure: {figure.id}, theme {figure.theme}",
    ]


def _values(found: Catalogue, release: Release, figure: Figure) -> Iterator[Value]:
    """The last published periods, newest first, of the whole and by sex."""
    if figure.id not in release.figures:
        return
    unit = found.units[figure.unit]
    across = [figure.across] if figure.across else []
    for period in reversed(release.periods(figure.id)[-LATEST:]):
        for by in (across, [*across, "sex"]):
            for cell in release.cells(figure.id, period, by).iter_rows(named=True):
                group = release.group(cell)
                names = (release.label(dimension, code, "en") for dimension, code in group.items())
                yield (period, ", ".join(names) or "All", *_said(cell, unit))


def _said(cell: Mapping[str, Any], unit: Unit) -> tuple[str, str]:
    """The value with its unit, and the interval."""
    if cell["value"] is None:
        return str(cell["status"]), ""
    # A value that rounds to nothing has no sign.
    shown = f"{round(cell['value'], unit.decimals) + 0.0:,.{unit.decimals}f}" + (
        f" {unit.en}" if unit.is_said else ""
    )
    if cell["low"] is None:
        return shown, ""
    return shown, f"({cell['low']:,.{unit.decimals}f} to {cell['high']:,.{unit.decimals}f})"
