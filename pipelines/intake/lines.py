"""Tables as lines of text, for the command line.

Belongs here: columns of equal width.
Does not belong here: what stands in them (told.py, proposed.py).
"""

from __future__ import annotations

from collections.abc import Sequence

WIDEST = 60


def table(
    head: Sequence[str], rows: Sequence[Sequence[str]], numbers: Sequence[int] = (), widest: int = WIDEST
) -> list[str]:
    """The head, a rule and the rows, aligned.

    Args:
        head: the columns' names.
        rows: their cells; the last column may be as wide as it likes, others are cut.
        numbers: places of the columns that stand to the right.
        widest: signs in a cell.
    """
    last = len(head) - 1
    cut = [
        [
            cell if place == last or len(cell) <= widest else f"{cell[: widest - 1]}…"
            for place, cell in enumerate(row)
        ]
        for row in (head, *rows)
    ]
    widths = [max(len(row[place]) for row in cut) for place in range(len(head))]
    rule = ["─" * min(width, widest) for width in widths]
    return [
        "  ".join(
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (cut[0], rule, *cut[1:])
    ]
