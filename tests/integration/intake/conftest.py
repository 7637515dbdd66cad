"""A small town whose exports are written by hand.

Belongs here: its settings, a file of its HR system, and a look into its warehouse.
Does not belong here: the faults; each test makes its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.intake import Taken, take
from pipelines.validation.accounting import account
from warehouse.settings import Settings
from warehouse.store import Store

HEADINGS = ("Anst.nr", "Personnummer", "Förvaltning", "Grad", "Lön")
COLUMNS = {
    "employment_id": "Anst.nr",
    "person_id": "Personnummer",
    "sex": {"from": "person_id"},
    "birth_date": {"from": "person_id"},
    "department_code": "Förvaltning",
    "pay_form": {"value": "manadsavlonad"},
    "fte_agreed": "Grad",
    "monthly_pay": "Lön",
}
# The tax agency's test numbers; they belong to nobody.
NUMBERS = (
    "195801082743", "195802232636", "195805133138", "195807112643", "195809092652", "195810302868",
    "195812092830", "195902010353", "195903302783", "195905143391", "195907142599", "195909122821",
)  # fmt: skip
Row = dict[str, Any]


def mapping(**more: Any) -> dict[str, Any]:
    """The town's mapping; `more` replaces keys."""
    from warehouse.contracts import CONTRACTS

    missing = {
        name: "Finns inte."
        for name in CONTRACTS["hr_employment"].delivered
        if name not in (*COLUMNS, "month")
    }
    stated: dict[str, Any] = {
        "month": {"file_name": r"hr_(?P<year>\d{4})-(?P<month>\d\d)"},
        "delivered_at": {"file_name": r"lev(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)"},
        "columns": COLUMNS,
        "not_delivered": missing,
    }
    return stated | more


def people(count: int = 10) -> list[Row]:
    """Honest rows: one employment per person."""
    return [
        dict(
            zip(
                HEADINGS,
                (
                    f"A{number}",
                    NUMBERS[number],
                    "Vård" if number % 2 else "Skola",
                    "75,5",
                    f"{30 + number} 000,50",
                ),
                strict=True,
            )
        )
        for number in range(count)
    ]


def csv(rows: Sequence[Row], headings: Sequence[str] = HEADINGS) -> bytes:
    """As the town's HR system writes it."""
    lines = [";".join(headings), *(";".join(str(row[heading]) for heading in headings) for row in rows)]
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


@dataclass
class Town:
    """A home folder, an export folder and what is in them."""

    settings: Settings

    @property
    def folder(self) -> Path:
        return self.settings.sources["hr"].path

    @property
    def store(self) -> Store:
        return Store(self.settings)

    def deliver(self, name: str, content: bytes | Sequence[Row]) -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else csv(content))
        return path

    def take(self, **more: Any) -> list[Taken]:
        return take(self.settings, self.store, "hr_employment", **more)

    def with_mapping(self, **more: Any) -> Town:
        source = self.settings.sources["hr"].model_copy(update={"mapping": mapping(**more)})
        return Town(self.settings.model_copy(update={"sources": {"hr": source}}))

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        with self.store.read() as con:
            return con.execute(sql).fetchall()

    def rows(self) -> list[tuple[Any, ...]]:
        return self.query("SELECT * FROM raw.hr_employment ORDER BY ALL")

    def quarantine(self) -> list[tuple[Any, ...]]:
        return self.query(
            """
            SELECT delivery.file_name, quarantine.row_number, quarantine.column_name, quarantine.rule
            FROM log.quarantine AS quarantine
            INNER JOIN log.delivery AS delivery ON quarantine.delivery_id = delivery.delivery_id AND delivery.status = 'loaded'
            ORDER BY ALL
            """
        )

    def account(self) -> dict[str, Any]:
        with self.store.read() as con:
            return _one(account(con))


def _one(frame: pl.DataFrame) -> dict[str, Any]:
    return frame.row(0, named=True)


def make_town(home: Path, **judgement: Any) -> Town:
    """A town with an empty export folder; a few bad rows do not refuse its small deliveries."""
    (home / "exports").mkdir(parents=True)
    return Town(
        Settings.model_validate(
            {
                "home": home / "home",
                "judgement": {"bad_rows_share": 50} | judgement,
                "sources": {
                    "hr": {"contract": "hr_employment", "path": home / "exports", "mapping": mapping()}
                },
            }
        )
    )


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town, with a key."""
    monkeypatch.setenv("FORDEL_KEY", "5a" * 32)
    return make_town(tmp_path)
