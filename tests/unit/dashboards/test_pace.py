"""Whether a target is reached at this pace: by hand for every case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from dashboards.pace import pace


def cell(value: float, year: int, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    return {"value": value, "period_end": date(year, 12, 31), "low": low, "high": high}


def entry(
    target: float, direction: str = "higher", year: int = 2027, baseline: float | None = None
) -> dict[str, Any]:
    stated = {"value": target, "date": f"{year}-12-31", "baseline": baseline}
    return {"direction": direction, "target": stated, "decimals": 1}


@pytest.mark.parametrize(
    ("stated", "now", "before", "is_noise", "expected"),
    [
        # 70 → 72 in a year: 74 a year later.
        (entry(74), cell(72, 2026), cell(70, 2025), False, "in_time"),
        (entry(74.1), cell(72, 2026), cell(70, 2025), False, "late"),
        (entry(74), cell(72, 2026), cell(70, 2025), True, "unsure"),
        (entry(74), cell(72, 2026), cell(70, 2025), None, None),
        (entry(90), cell(72, 2026), cell(70, 2025), True, "late"),
        (entry(72), cell(72, 2026), cell(70, 2025), True, "reached"),
        (entry(74), cell(72, 2026), None, True, None),
        (entry(74), cell(70, 2026), cell(72, 2025), False, "late"),
        # The date has passed.
        (entry(74, year=2026), cell(72, 2026), cell(60, 2025), False, "late"),
        # Downwards: 9 → 8, 7 a year later.
        (entry(7, "lower"), cell(8, 2026), cell(9, 2025), False, "in_time"),
        (entry(6.9, "lower"), cell(8, 2026), cell(9, 2025), False, "late"),
        (entry(8.5, "lower"), cell(8, 2026), cell(9, 2025), False, "reached"),
        # Towards a balance, from either side.
        (entry(1, "balance", baseline=0.9), cell(0.95, 2026), cell(0.9, 2025), False, "in_time"),
        (entry(1, "balance"), cell(1.2, 2026), cell(1.3, 2025), False, "above"),
        # Past the balance is not at it, whichever side it began from.
        (entry(1, "balance", baseline=0.9), cell(1.2, 2026), cell(1.0, 2025), False, "above"),
        (entry(1, "balance", baseline=0.9), cell(1.04, 2026), cell(0.8, 2025), False, "reached"),
        (entry(1, "balance", baseline=0.7), cell(0.8, 2026), cell(0.8, 2025), True, "below"),
        (entry(1, "balance"), cell(1.2, 2026, 0.98, 1.4), cell(1.3, 2025), False, "within"),
    ],
)
def test_pace(
    stated: dict[str, Any],
    now: dict[str, Any],
    before: dict[str, Any] | None,
    is_noise: bool | None,
    expected: str,
) -> None:
    assert pace(stated, now, before, is_noise=is_noise) == expected


@pytest.mark.parametrize(("path", "expected"), [(72, "ahead"), (72.1, "late"), (None, "late")])
def test_a_pace_that_is_too_slow_is_told_apart_from_being_behind(path: float | None, expected: str) -> None:
    now, before = cell(72, 2026), cell(70, 2025)
    assert pace(entry(90), now, before, is_noise=False, path=path) == expected


def test_without_a_target_there_is_no_pace() -> None:
    assert (
        pace(
            {"target": None, "direction": "higher", "decimals": 1},
            cell(1, 2026),
            cell(2, 2025),
            is_noise=False,
        )
        is None
    )
