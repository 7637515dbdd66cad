"""Persons whose sex is not known, where they are too few to be shown.

Belongs here: leaving them out of a figure and period altogether.
Does not belong here: what is too few (the caller knows), and hiding cells (pipelines/disclosure).

A total that holds a few persons of unknown sex, beside women and men, tells of those few by subtraction. Hiding women
and men would protect them and leave no figure by sex. So the few are left out instead: of the total and every group of
that figure and period.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import duckdb

from pipelines.measures.asked import Wanted
from pipelines.measures.cube import make_cells
from warehouse.key_figures.entries import Catalogue, Figure, Population, Subject

TooFew = Callable[[Figure, Sequence[int]], bool]

KNOWN = "sex IN ('K', 'M')"


def leave_out_the_few(
    con: duckdb.DuckDBPyConnection,
    found: Catalogue,
    subject: Subject,
    wanted: Sequence[Wanted],
    too_few: TooFew,
) -> int:
    """Compute those figures and periods again whose persons of unknown sex are too few to be shown in the whole municipality.

    Args:
        con: the warehouse, in the transaction that made the cells.
        found: the catalogue.
        subject: the subject of all `wanted`.
        wanted: what was just computed.
        too_few: whether the numbers of persons behind a cell are too few.

    Returns:
        By how many cells `figures.cell` has changed (fewer than before: at most zero).
    """
    periods = _touched(con, found, wanted, too_few)
    again = [
        Wanted(
            item.figure,
            item.by,
            tuple(period for period in item.periods if period in periods[item.figure.id]),
        )
        for item in wanted
        if periods.get(item.figure.id)
    ]
    again = [item for item in again if item.periods]
    if not again:
        return 0
    gone = 0
    for figure, of_figure in periods.items():
        (rows,) = con.execute(
            "DELETE FROM figures.cell WHERE figure = ? AND period IN (SELECT UNNEST(?))",
            [figure, sorted(of_figure)],
        ).fetchall()[0]
        gone += int(rows)
    # Only these periods' months are looked at again.
    con.execute(
        "DELETE FROM wanted_month WHERE period NOT IN (SELECT UNNEST(?))",
        [sorted({period for item in again for period in item.periods})],
    )
    return make_cells(con, with_known_sex(found), subject, again) - gone


def with_known_sex(found: Catalogue) -> Catalogue:
    """The catalogue with every population limited to persons whose sex is known."""
    limited = {
        name: Population(where=f"({population.where}) AND {KNOWN}", name=population.name)
        for name, population in found.populations.items()
    }
    return found.model_copy(update={"populations": limited})


def _touched(
    con: duckdb.DuckDBPyConnection, found: Catalogue, wanted: Sequence[Wanted], too_few: TooFew
) -> dict[str, set[str]]:
    """Figure → the periods in which its persons of unknown sex are too few.

    A figure that is not broken down by sex goes with the others of its subject: its total beside theirs would tell the few.
    """
    by_sex = {
        item.figure.id: ",".join(item.by) for item in wanted if set(item.by) - {item.figure.across} == {"sex"}
    }
    cells = con.execute(
        "SELECT figure, period, breakdown, tested FROM figures.cell WHERE sex = 'U' AND figure IN (SELECT UNNEST(?))",
        [sorted(by_sex)],
    ).fetchall()
    touched: dict[str, set[str]] = {}
    others = {item.figure.id for item in wanted} - set(by_sex)
    for figure, period, breakdown, tested in cells:
        if breakdown != by_sex[figure]:
            continue
        if too_few(found.figures[figure], tested):
            touched.setdefault(figure, set()).add(period)
        # Of the other figures, only how many they are about stands beside this one.
        for other in others if too_few(found.figures[figure], tested[:1]) else ():
            touched.setdefault(other, set()).add(period)
    return touched
