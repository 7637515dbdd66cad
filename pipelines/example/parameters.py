"""What a run of the example is made from.

Belongs here: size, first and last month, the calibrated November, the seed; the same parameters give the same
people and files.
Does not belong here: the settings file (warehouse/settings.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warehouse.settings import Example

NOVEMBER = 10


@dataclass(frozen=True)
class Parameters:
    """One run. Months are numbered year × 12 + month − 1."""

    size: int
    first: int
    months: int
    calibrated: int
    seed: int

    @property
    def last(self) -> int:
        """The last month."""
        return self.first + self.months - 1


def parameters(example: Example, today: date) -> Parameters:
    """The parameters that the settings ask for.

    Args:
        example: the section `example` of the settings.
        today: decides the last full month where the settings do not name the last month.
    """
    end = example.ends
    last = today.year * 12 + today.month - 2 if end is None else end.year * 12 + end.month - 1
    return Parameters(
        size=example.size,
        first=last - example.months + 1,
        months=example.months,
        calibrated=last - (last - NOVEMBER) % 12,
        seed=example.seed,
    )
