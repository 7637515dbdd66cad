"""Datakvalitet: what was delivered, what became of every row, what was checked, and what is old.

Belongs here: the release's quality.json and status.json as people read them. Does not belong here: values of figures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.figures import wrapper
from dashboards.figures.drawing import Table
from dashboards.pages import parts, protection
from dashboards.view import View
from warehouse.contracts.rules import RULES

LAST = 12
NOTHING = "–"


def render(view: View) -> html.Div:
    """The page."""
    words = view.words
    checks = view.status.get("checks") or view.release.quality.get("checks", ())
    return parts.page(
        view,
        words("quality.lead"),
        _state(view, checks),
        _section(view, "disclosure", protection.render(view)),
        _section(view, "stale", _stale(view)),
        _section(view, "deliveries", _deliveries(view)),
        _section(view, "accounting", _accounting(view)),
        _section(view, "quarantine", _quarantine(view)),
        _section(view, "checks", _checks(view, checks)),
    )


def _heading(view: View, problems: int, failed: int) -> str:
    old = len(view.status.get("stale", ()))
    if old and not problems:
        return view.words.count("quality.state.old", old, n=view.numbers.plain(old))
    if failed and not problems:
        return view.words.count("quality.state.warned", failed, n=view.numbers.plain(failed))
    return view.words.count("quality.state.heading", problems, n=view.numbers.plain(problems))


def _section(view: View, name: str, content: Sequence[Any]) -> html.Section:
    words = view.words
    return html.Section(
        [
            html.H2(words(f"quality.{name}.heading"), id=name),
            html.P(words(f"quality.{name}.lead"), className="under"),
            *content,
        ],
        className="part",
        **{"aria-labelledby": name},
    )


def _state(view: View, checks: Sequence[Mapping[str, Any]]) -> html.Section:
    """The state in one paragraph and a few lines: release, last run, checks, problems."""
    words, numbers = view.words, view.numbers
    run = view.status.get("run") or {}
    failed = sum(not check["passed"] for check in checks)
    lines = [
        words(
            "quality.state.release",
            moment=numbers.moment(view.release.manifest.get("created_at")),
            id=view.release.id,
        )
    ]
    if run.get("ended_at"):
        outcome = run.get("outcome", "")
        known = f"quality.outcomes.{outcome}"
        lines.append(
            words(
                "quality.state.run",
                moment=numbers.moment(run["ended_at"]),
                outcome=words(known) if words.has(known) else str(outcome),
            )
        )
    of = numbers.plain(len(checks))
    lines.append(
        words.count("quality.state.checks", failed, n=numbers.plain(failed), of=of)
        if checks
        else words("quality.checks.nothing")
    )
    problems = [view.said(problem) for problem in view.status.get("problems", ())]
    return html.Section(
        [
            html.H2(_heading(view, len(problems), failed), id="state"),
            html.Ul([html.Li(problem) for problem in problems], className="problems") if problems else None,
            html.Ul([html.Li(line) for line in lines], className="plain"),
        ],
        className="part state",
        **{"aria-labelledby": "state"},
    )


def _nothing(view: View, name: str) -> list[Any]:
    return [html.P(view.words(f"quality.{name}.nothing"), className="absent")]


def _stale(view: View) -> list[Any]:
    words = view.words
    missing = [
        (view.said(entry["name"]), NOTHING, view.said(entry["missing"]))
        for entry in view.release.figures.values()
        if entry.get("missing")
    ]
    stale = []
    for entry in view.status.get("stale", ()):
        what = str(entry.get("figure") or entry.get("contract") or "")
        name = view.name(what) if what in view.release.figures else view.source(what)
        since = view.numbers.period(str(entry["since"])[:7]) if entry.get("since") else NOTHING
        stale.append((name[:1].upper() + name[1:], since, view.said(entry["reason"])))
    rows = tuple(
        dict.fromkeys([*stale, *[row for row in missing if row[0] not in {name for name, _, _ in stale}]])
    )
    if not rows:
        return _nothing(view, "stale")
    columns = (0, 1, 2) if any(since != NOTHING for _, since, _ in rows) else (0, 2)
    head = tuple(words(f"quality.stale.{('what', 'since', 'why')[place]}") for place in columns)
    kept = tuple(tuple(row[place] for place in columns) for row in rows)
    table = wrapper.grid(Table(words("quality.stale.caption"), head, kept), is_wide=True)
    return (
        [table, html.P([words("quality.stale.ask"), " ", html.Code("fordel sources")])] if stale else [table]
    )


def _deliveries(view: View) -> list[Any]:
    words, numbers = view.words, view.numbers
    every = sorted(view.release.quality.get("deliveries", ()), key=_newest, reverse=True)
    if not every:
        return _nothing(view, "deliveries")
    columns = ("file", "contract", "taken_at", "months", "delivered", "loaded", "quarantined", "status")
    rows = [
        (
            str(delivery.get("file_name") or delivery.get("source") or delivery["delivery_id"]),
            view.source(delivery["contract"]),
            numbers.moment(delivery.get("taken_at")),
            _months(view, delivery.get("months") or ()),
            numbers.plain(delivery["rows_delivered"]),
            numbers.plain(delivery["rows_loaded"]),
            numbers.plain(delivery["rows_quarantined"]),
            _status(view, delivery),
        )
        for delivery in every
    ]
    head = tuple(words(f"quality.deliveries.{name}") for name in columns)
    last = Table(words("quality.deliveries.caption"), head, tuple(rows[:LAST]))
    shown: list[Any] = [wrapper.grid(last, is_wide=True)]
    if len(rows) > LAST:
        earlier = Table(words("quality.deliveries.earlier"), head, tuple(rows[LAST:]))
        summary = words("quality.deliveries.more", n=numbers.plain(len(rows) - LAST))
        shown.append(
            html.Details([html.Summary(summary), wrapper.grid(earlier, is_wide=True)], className="as-table")
        )
    return shown


def _newest(delivery: Mapping[str, Any]) -> tuple[str, str]:
    return str(delivery.get("delivered_at") or ""), str(delivery.get("file_name") or "")


def _months(view: View, months: Sequence[Any]) -> str:
    said = list(dict.fromkeys(view.numbers.short_period(str(month)[:7]) for month in months if month))
    return NOTHING.join([said[0], said[-1]]) if len(said) > 1 else said[0] if said else NOTHING


def _status(view: View, delivery: Mapping[str, Any]) -> str:
    known = f"quality.statuses.{delivery['status']}"
    word = view.words(known) if view.words.has(known) else str(delivery["status"])
    reason = delivery.get("reason")
    return f"{word}: {view.said(reason)}" if reason else word


def _accounting(view: View) -> list[Any]:
    words, numbers = view.words, view.numbers
    lines = view.release.quality.get("accounting", ())
    if not lines:
        return _nothing(view, "accounting")
    columns = ("delivered", "loaded", "superseded", "quarantined", "refused", "repeats")
    rows = tuple(
        (
            view.source(line["contract"]),
            *[numbers.plain(line[column] or 0) for column in columns],
            words("quality.accounting.yes" if line["closes"] else "quality.accounting.no"),
        )
        for line in lines
    )
    head = tuple(words(f"quality.accounting.{name}") for name in ("contract", *columns, "closes"))
    return [wrapper.grid(Table(words("quality.accounting.caption"), head, rows), is_wide=True)]


def _quarantine(view: View) -> list[Any]:
    words, numbers = view.words, view.numbers
    lines = view.release.quality.get("quarantine", ())
    if not lines:
        return _nothing(view, "quarantine")
    counted: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for line in lines:
        what = (str(line["rule"]), str(line.get("column") or NOTHING), str(line["contract"]))
        counted.setdefault(what, []).append(line)
    ordered = sorted(counted.items(), key=lambda entry: (-sum(line["rows"] for line in entry[1]), entry[0]))
    rows = tuple(
        (
            _rule(view, rule),
            column,
            view.source(contract),
            _months(view, sorted(str(line["month"]) for line in found if line.get("month"))),
            numbers.plain(sum(line["rows"] for line in found)),
        )
        for (rule, column, contract), found in ordered
    )
    head = tuple(
        words(f"quality.quarantine.{name}") for name in ("rule", "column", "contract", "months", "rows")
    )
    return [wrapper.grid(Table(words("quality.quarantine.caption"), head, rows), is_wide=True)]


def _rule(view: View, rule: str) -> str:
    return RULES[rule][view.lang] if rule in RULES else rule.replace("_", " ").replace("|", ": ")


def _checks(view: View, checks: Sequence[Mapping[str, Any]]) -> list[Any]:
    words = view.words
    if not checks:
        return _nothing(view, "checks")
    ordered = sorted(
        checks, key=lambda check: (bool(check["passed"]), str(check.get("table")), str(check.get("name")))
    )
    rows = tuple(
        (
            view.said(check.get("text") or check["name"]),
            words("quality.checks.passed" if check["passed"] else "quality.checks.failed"),
            _observed(view, check.get("observed")),
            words(f"quality.severities.{check['severity']}")
            if words.has(f"quality.severities.{check['severity']}")
            else str(check["severity"]),
            str(check.get("table") or NOTHING),
        )
        for check in ordered
    )
    head = tuple(
        words(f"quality.checks.{name}") for name in ("check", "result", "observed", "severity", "table")
    )
    return [wrapper.grid(Table(words("quality.checks.caption"), head, rows), is_wide=True)]


def _observed(view: View, observed: Any) -> str:
    if observed is None or observed == "":
        return NOTHING
    if isinstance(observed, str):
        return view.numbers.within(observed)
    if isinstance(observed, int | float) and not isinstance(observed, bool):
        return view.numbers.plain(observed, 0 if float(observed).is_integer() else 2)
    return (
        ", ".join(f"{name} {value}" for name, value in observed.items())
        if isinstance(observed, Mapping)
        else str(observed)
    )
