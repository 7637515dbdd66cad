"""What disclosure control came to, on Datakvalitet: the verdict on the release, and a night that it stopped.

Belongs here: the audit of the release and the gate of the last night, in words. Does not belong here: values of figures, and the
record itself (the release's own file).
"""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards.view import View
from warehouse.release import HIDDEN, SHOWN


def render(view: View) -> list[Any]:
    """The content of the section."""
    words, audit = view.words, view.release.audit
    gate = view.status.get("gate") or {}
    content: list[Any] = []
    if gate.get("passed") is False:
        tables = [_table(view, figure, breakdown) for figure, breakdown in gate.get("tables", ())]
        lead = words("quality.disclosure.closed", day=view.numbers.day(gate.get("period_end")))
        content += [
            html.P(lead, className="absent"),
            html.Ul([html.Li(table) for table in tables], className="problems"),
        ]
    if "secrets" not in audit:
        return content or [html.P(words("quality.disclosure.nothing"), className="absent")]
    plain = view.numbers.plain
    cells = {name: plain(audit["cells"][name]) for name in (SHOWN, HIDDEN)}
    said = [
        words("quality.disclosure.passed", secrets=plain(audit["secrets"]), dates=plain(len(audit["dates"]))),
        words("quality.disclosure.cells", **cells),
    ]
    if audit["narrowest_persons"] is not None:
        said.append(words("audit.verdict.persons", width=plain(audit["narrowest_persons"])))
    if audit["narrowest_sums_percent"] is not None:
        said.append(words("audit.verdict.sums", width=plain(audit["narrowest_sums_percent"], 1)))
    content += [
        html.Ul([html.Li(line) for line in said], className="plain"),
        html.P(links(view)),
    ]
    return content


def links(view: View) -> list[Any]:
    """The record, to read and for programs."""
    return [
        html.A(view.words("quality.disclosure.record"), href=f"/download/{view.lang}/audit.html"),
        " ",
        html.A("JSON", href=f"/download/{view.lang}/audit.json"),
    ]


def _table(view: View, figure: str, breakdown: str) -> str:
    names = {name: view.said(entry["name"]).lower() for name, entry in view.release.dimensions.items()}
    by = [names.get(name, name) for name in breakdown.split(",") if breakdown != "total"]
    return view.words(
        "audit.named",
        figure=view.name(figure),
        breakdown=view.words("audit.and").join([", ".join(by[:-1]), by[-1]] if by[1:] else by)
        or view.words("audit.total"),
    )
