"""What a page is given: the release, the address, and the language's words and numbers.

Belongs here: putting those together for one request. Does not belong here: what a page says.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.address import Address
from dashboards.numbers import MONTH, Numbers, numbers
from dashboards.reading import Reader, months
from warehouse.contracts import CONTRACTS
from warehouse.release import Release
from warehouse.texts import Words

PROPER = ("department", "other_department", "unit", "municipality")
"""Dimensions whose groups have names of their own."""


@dataclass(frozen=True)
class View:
    """One request for one page of one release."""

    release: Release
    status: Mapping[str, Any]
    address: Address
    words: Words
    numbers: Numbers
    reader: Reader
    reports: frozenset[str] = frozenset()
    before: Release | None = None

    @property
    def lang(self) -> str:
        """The language of the page."""
        return self.address.lang

    def said(self, text: Any) -> str:
        """A text of the release, which is in both languages or, for a name, the same in both."""
        return str(text.get(self.lang, "")) if isinstance(text, Mapping) else str(text)

    def name(self, figure: str) -> str:
        """What people call a figure."""
        entry = self.reader.figure(figure)
        if entry is not None:
            return self.said(entry["name"])
        known = f"common.figures.{figure}"
        return self.words(known) if self.words.has(known) else figure.replace("_", " ").capitalize()

    def period(self, figure: str, period: str | None, *, rolling: str = "rolling") -> str:
        """A figure's period as people call it: its kind is part of the name; `rolling` is the text of twelve months."""
        if not period:
            return ""
        stated = self.release.figures[figure]["period"]
        kinds = stated if isinstance(stated, list) else [stated]
        kind = "rolling" if MONTH.fullmatch(period) else "november"
        written = self.numbers.period(period)
        said = {"rolling": rolling}.get(kind, kind)
        return self.words(f"common.kinds.{said}", period=written) if kind in kinds else written

    def source(self, contract: str) -> str:
        """What people call a source, as in the middle of a sentence."""
        known = f"common.sources.{contract}"
        if self.words.has(known):
            return self.words(known)
        return CONTRACTS[contract].title[self.lang].lower() if contract in CONTRACTS else contract

    def label(self, dimension: str, code: str) -> str:
        """What people call a group."""
        return self.release.label(dimension, code, self.lang)

    def labels(self, dimension: str, codes: Sequence[str]) -> list[str]:
        """What people call several groups; those of one name are told apart by what they belong to, or else by their codes."""
        named = [self.label(dimension, code) for code in codes]
        stated = self.release.dimensions.get(dimension, {})
        parents = {level["code"]: level.get("parent") for level in stated.get("levels", ())}
        within = [
            f"{name} ({self.label(str(stated['parent']), parents[code])})"
            if named.count(name) > 1 and parents.get(code)
            else name
            for name, code in zip(named, codes, strict=True)
        ]
        return [
            f"{name} ({code})" if within.count(name) > 1 else name
            for name, code in zip(within, codes, strict=True)
        ]

    @property
    def own(self) -> str:
        """The municipality's name among those it is compared with."""
        return self.label("municipality", str(self.release.manifest["municipality"].get("kolada_id") or ""))

    def within(self, dimension: str, label: str) -> str:
        """A group's name in the middle of a sentence: only departments, units and municipalities keep their capital."""
        is_name = dimension in PROPER or label[1:2].isupper()
        return label if is_name else label[:1].lower() + label[1:]

    def reason(self, figure: str, by: Sequence[str] = ()) -> str:
        """Why a figure, or a breakdown of it, has nothing to show for the chosen period."""
        entry = self.reader.figure(figure)
        if entry is None:
            return self.words("common.reasons.not_in_release")
        if entry.get("missing"):
            return self.said(entry["missing"])
        first = self.reader.begins(figure, by)
        if first is not None:
            return self.words("common.reasons.begins", period=self.numbers.period(first))
        if self.release.has_totals_only:
            return self.words("common.reasons.totals_only")
        return self.words("common.reasons.no_period", period=self.numbers.period(self.reader.period))

    def choice(self, name: str, offered: list[str], default: str) -> str:
        """A choice in the address, if it is one of those offered; anything else is the default."""
        asked = self.address.choices.get(name, "")
        return asked if asked in offered else default


def make(
    release: Release,
    status: Mapping[str, Any],
    address: Address,
    reports: Collection[str] = (),
    before: Release | None = None,
) -> View:
    """The view of a release that an address asks for.

    Args:
        release: what the reader may see of the current one.
        status: of the last runs.
        address: the page and its choices.
        reports: those that can be had for the release.
        before: what the reader may see of the release before it, if it is kept.
    """
    offered = months(release) or [str(release.manifest.get("as_of", ""))]
    asked = address.choices.get("period", "")
    return View(
        release=release,
        status=status,
        address=address,
        words=Words(address.lang),
        numbers=numbers(address.lang),
        reader=Reader(release, asked if asked in offered else offered[0]),
        reports=frozenset(reports),
        before=before,
    )
