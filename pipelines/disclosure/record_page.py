"""The audit's record as a document that people read: one HTML file per language, which needs nothing beside it.

Belongs here: putting `audit.json` into words and tables. Does not belong here: what is in it (record.py), and the words
themselves (warehouse/texts/audit.yaml).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html import escape
from itertools import zip_longest
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal

from pipelines.disclosure.calendar import dimensions_of
from warehouse.key_figures.entries import Catalogue
from warehouse.release import HIDDEN, MISSING, SHOWN
from warehouse.texts import Words

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
NOTHING = "–"
STYLE = """
body { font: 1rem/1.5 "Liberation Sans", "DejaVu Sans", sans-serif; color: #1d1b20; background: #fff;
  max-width: 60rem; margin: 0 auto; padding: 1.5rem; }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0; } h2 { font-size: 1.25rem; margin: 2rem 0 .25rem; }
p, ul, ol { margin: .5rem 0; } .verdict { border-left: .3rem solid #1d6b3a; padding-left: 1rem; }
.verdict.failed { border-color: #9b1c1c; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: #57545e; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #d9d5ce;
  font-weight: normal; }
thead th { font-weight: bold; } .number { text-align: right; }
@media print { body { max-width: none; padding: 0; } tr { break-inside: avoid; } }
"""


def render(audit: Mapping[str, Any], lang: str, municipality: str, found: Catalogue) -> str:
    """The document.

    Args:
        audit: what `record.document` gives.
        lang: sv or en.
        municipality: its name.
        found: the catalogue, for names of figures and dimensions.
    """
    page = _Page(audit, lang, found)
    words = page.words
    dates = audit["dates"]
    as_of = page.day(max((one["period_end"] for one in dates), default=audit["calendar"]["counted_from"]))
    title = escape(words("audit.title"))
    parts = [page.verdict(), page.method(), page.rules(), page.classes(), page.dates(), page.tables()]
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n"
        f"<p>{escape(words('audit.about', municipality=municipality, as_of=as_of))}</p>\n"
        f"{''.join(parts)}</main></body></html>\n"
    )


def table_name(found: Catalogue, figure: str, breakdown: str, lang: str) -> str:
    """A table as people call it: the figure, and by what."""
    name = getattr(found.figures[figure].name, lang) if figure in found.figures else figure
    return Words(lang)("audit.named", figure=name, breakdown=breakdown_name(found, breakdown, lang))


def breakdown_name(found: Catalogue, breakdown: str, lang: str) -> str:
    """A breakdown as people call it."""
    words = Words(lang)
    names = [getattr(found.dimensions[name].name, lang).lower() for name in dimensions_of(breakdown)]
    return _listed(names, words) or words("audit.total")


def _listed(names: Sequence[str], words: Words) -> str:
    return words("audit.and").join([", ".join(names[:-1]), names[-1]] if names[1:] else names)


class _Page:
    """The parts of the document, in one language."""

    def __init__(self, audit: Mapping[str, Any], lang: str, found: Catalogue) -> None:
        self.audit, self.lang, self.found, self.words = audit, lang, found, Words(lang)

    def verdict(self) -> str:
        """What came of it, in four sentences."""
        audit, words = self.audit, self.words
        is_passed = audit["passed"]
        said = [
            words("audit.verdict.passed", secrets=self.number(audit["secrets"]))
            if is_passed
            else words("audit.verdict.failed", derivable=self.number(audit["derivable"]))
        ]
        said += [
            words(f"audit.verdict.{name}", width=self.number(audit[key]))
            for name, key in (("persons", "narrowest_persons"), ("sums", "narrowest_sums_percent"))
            if audit[key] is not None
        ]
        cells = {name: self.number(count) for name, count in audit["cells"].items()}
        every = self.number(sum(audit["cells"].values()))
        counted = {name: cells[name] for name in (SHOWN, HIDDEN, MISSING)}
        said += [
            words("audit.verdict.cells", all=every, **counted),
            words("audit.verdict.seconds", seconds=self.number(audit["seconds"])),
        ]
        paragraphs = "".join(f"<p>{escape(line)}</p>" for line in said)
        return self._section(
            "verdict", f'<div class="verdict{"" if is_passed else " failed"}">{paragraphs}</div>'
        )

    def method(self) -> str:
        """How it was done."""
        steps = ("calendar", "rules", "changes", "beside", "audits")
        items = "".join(f"<li>{escape(self.words(f'audit.method.steps.{step}'))}</li>" for step in steps)
        return self._section("method", f"<ol>{items}</ol>")

    def rules(self) -> str:
        """The rules and the calendar that were applied."""
        rows = [
            (
                self.protection(name),
                self.number(rule["smallest"]) if rule["smallest"] > 1 else self.words("audit.rules.always"),
                self.words("audit.rules.may" if rule["is_broken_down"] else "audit.rules.may_not"),
                "; ".join(self._moves(self.audit["calendar"]["lines"].get(name, ()))),
            )
            for name, rule in self.audit["rules"].items()
        ]
        head = ("protection", "smallest", "broken_down", "calendar")
        return self._section("rules", self._table("rules", head, rows))

    def _moves(self, lines: Sequence[Mapping[str, Any]]) -> Iterable[str]:
        for line in lines:
            when = self.words.count("audit.rules.every", line["every"], n=str(line["every"]))
            if line.get("only"):
                by = breakdown_name(self.found, ",".join(line["only"]), self.lang)
                moves = self.words("audit.rules.only", when=when, by=by)
            elif "only" in line:
                moves = self.words("audit.rules.whole", when=when)
            else:
                moves = self.words("audit.rules.rest", when=when) if lines[1:] else when
            figures = _listed([self.figure(name) for name in line.get("figures", ())], self.words)
            yield self.words("audit.rules.figures", figures=figures, moves=moves) if figures else moves

    def classes(self) -> str:
        """How much is shown."""
        rows = [
            (
                self.protection(line["protection"]),
                breakdown_name(self.found, line["breakdown"], self.lang),
                line[SHOWN],
                line[HIDDEN],
                self._share(line),
            )
            for line in self.audit["classes"]
        ]
        head = ("rules.protection", "breakdown", "shown", "hidden", "share")
        return self._section("classes", self._table("classes", head, rows))

    def dates(self) -> str:
        """Every last day, the newest first."""
        rows = [
            (
                one["period_end"],
                self.words(f"audit.dates.{'passed' if one['passed'] else 'failed'}"),
                len(one["tables"]),
                sum(table[SHOWN] for table in one["tables"]),
                sum(table[HIDDEN] for table in one["tables"]),
                one["seconds"],
                ", ".join(self.figure(name) for name in one["not_understood"]) or NOTHING,
                one["fingerprint"],
            )
            for one in reversed(self.audit["dates"])
        ]
        head = (
            "period_end",
            "verdict",
            "tables",
            "classes.shown",
            "classes.hidden",
            "seconds",
            "withheld",
            "fingerprint",
        )
        return self._section("dates", self._table("dates", head, rows))

    def tables(self) -> str:
        """Every table at its latest date."""
        latest: dict[tuple[str, str, str], tuple[str, Mapping[str, Any]]] = {}
        for one in self.audit["dates"]:
            for table in one["tables"]:
                latest[table["protection"], table["figure"], table["breakdown"]] = (one["period_end"], table)
        rows = [
            (
                self.figure(figure),
                breakdown_name(self.found, breakdown, self.lang),
                self.protection(protection),
                period_end,
                table[SHOWN],
                table[HIDDEN],
            )
            for (protection, figure, breakdown), (period_end, table) in sorted(latest.items())
        ]
        head = (
            "figure",
            "classes.breakdown",
            "rules.protection",
            "period_end",
            "classes.shown",
            "classes.hidden",
        )
        return self._section("tables", self._table("tables", head, rows))

    def figure(self, name: str) -> str:
        """What people call a figure."""
        return str(getattr(self.found.figures[name].name, self.lang)) if name in self.found.figures else name

    def protection(self, name: str) -> str:
        """What people call a protection class."""
        return self.words(f"audit.protections.{name}")

    def number(self, value: float) -> str:
        """A number as the language writes it."""
        return format_decimal(value, format="#,##0.#", locale=LOCALES[self.lang])

    def day(self, day: str) -> str:
        """A day as the language writes it."""
        return format_date(date.fromisoformat(day), "long", locale=LOCALES[self.lang])

    def _share(self, line: Mapping[str, int]) -> str:
        every = line[SHOWN] + line[HIDDEN]
        return f"{self.number(round(100.0 * line[SHOWN] / every))}\N{NO-BREAK SPACE}%" if every else NOTHING

    def _section(self, name: str, content: str) -> str:
        heading = escape(self.words(f"audit.{name}.heading"))
        return f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>{content}</section>\n'

    def _table(self, name: str, head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
        keys = [key if "." in key else f"{name}.{key}" for key in head]
        kinds = (
            [' class="number"' if isinstance(value, int | float) else "" for value in rows[0]] if rows else []
        )
        columns = "".join(
            f'<th scope="col"{kind}>{escape(self.words(f"audit.{key}"))}</th>'
            for key, kind in zip_longest(keys, kinds, fillvalue="")
        )
        lines = "".join(f"<tr>{''.join(map(self._cell, row))}</tr>" for row in rows)
        caption = escape(self.words(f"audit.{name}.lead"))
        return (
            f'<div class="wide" tabindex="0" role="region" aria-labelledby="{name}"><table>'
            f"<caption>{caption}</caption><thead><tr>{columns}</tr></thead><tbody>{lines}</tbody></table></div>"
        )

    def _cell(self, value: Any) -> str:
        if isinstance(value, int | float):
            return f'<td class="number">{self.number(value)}</td>'
        return f"<td>{escape(str(value))}</td>"
