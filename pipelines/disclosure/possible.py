"""Possible persons: those who do not exist, but whom nobody outside can rule out.

Belongs here: adding a few of them to the material of a union, in the groups that are hidden by themselves.
Does not belong here: what is hidden (primary.py), and what an outsider makes of it (outsider.py).

A small group holds few kinds of persons. An outsider does not know which, so the audit must not know it either: that the only
man of a unit is too old for a figure would otherwise pass for something that everybody knows, and hide a total that gives nothing
away. Each hidden group is given a few persons from nearby, moved into it with all else that is known of them; they count as
nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from pipelines.disclosure.calendar import dimensions_of
from pipelines.disclosure.contributions import level_of
from pipelines.disclosure.material import NEAR, Material
from pipelines.disclosure.primary import SEXES

OF_EACH_SEX = 1
"""How many persons of each sex are moved into a hidden group. Two show hardly more, and take a fifth longer."""

SEX = level_of("sex")
BELONGING = (NEAR, level_of("unit"))
"""Where somebody works: both of one person who is in the group, for a unit of another department would loosen what is tied."""

OCCUPATION = level_of("occupation_group")
MOVABLE = {*BELONGING, OCCUPATION}
"""What may be another's. Age, form of employment, working time and level are also counted by figures: nobody gets another's."""

SEED = 0
MOVES = {"number": pl.Int64, "who": pl.Int64, "base": pl.Int64}
"""One row per possible person: its number, the person that it is made of, and the one whose place of work it takes, if any."""


def with_possible(material: Material, cells: pl.DataFrame) -> Material:
    """The material with possible persons in every group that is hidden by itself.

    Args:
        material: of real persons only.
        cells: judged cells of one last day.

    Returns:
        Material of its own: possible persons have numbers from `people` on.
    """
    moves = _moves(material, cells)
    pieces = {
        source: pl.concat([rows, _copies(rows, moves)]) if moves.height else rows
        for source, rows in material.pieces.items()
    }
    return replace(material, pieces=pieces, possible=moves.height)


def _moves(material: Material, cells: pl.DataFrame) -> pl.DataFrame:
    """MOVES, and the occupation that the person is given, if any."""
    rng, rows = np.random.default_rng(SEED), list[dict[str, object]]()
    for name, place in dict.fromkeys(_hidden_groups(material, cells)):
        given = {_given(OCCUPATION): dict(place).get(OCCUPATION)}
        for person, base in _moved(material.pieces[name], dict(place), rng):
            rows.append({"number": material.people + len(rows), "who": person, "base": base, **given})
    return pl.DataFrame(rows, schema={**MOVES, _given(OCCUPATION): pl.String})


def _given(column: str) -> str:
    return f"given_{column}"


def _copies(rows: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """One source's pieces of possible persons: those of the person, at the base's place of work in that period."""
    own = moves.join(rows, on="who", maintain_order="left")
    work = [name for name in BELONGING if name in rows.columns]
    if work:
        bases = rows.select(
            pl.col("who").alias("base"), "period", *(pl.col(name).alias(_given(name)) for name in work)
        )
        bases = bases.unique(["base", "period"], keep="first", maintain_order=True)
        own = own.join(bases, on=["base", "period"], how="left", maintain_order="left")
        own = own.filter(pl.col("base").is_null() | pl.col(_given(work[0])).is_not_null())
    given = [
        pl.coalesce(_given(name), name).alias(name) for name in (*work, OCCUPATION) if name in rows.columns
    ]
    return own.with_columns(pl.col("number").alias("who"), *given).select(rows.columns)


def _hidden_groups(
    material: Material, cells: pl.DataFrame
) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    """The source and the codes of every group that is hidden by itself."""
    hidden = cells.filter(pl.col("_hide"))
    for (figure, period, breakdown), rows in hidden.partition_by(
        ["figure", "period", "breakdown"], as_dict=True, maintain_order=True
    ).items():
        source = material.source(figure, period)
        by = [name for name in dimensions_of(breakdown) if source is not None and name in source.dimensions]
        if source is not None and source.name in material.pieces and by:
            for codes in rows.select(by).drop_nulls().iter_rows():
                yield source.name, tuple(zip(map(level_of, by), codes, strict=True))


def _moved(
    pieces: pl.DataFrame, place: Mapping[str, str], rng: np.random.Generator
) -> Iterator[tuple[int, int | None]]:
    """Persons of other groups, of the same department where there are any, and one of the group where that is a place of work."""
    is_here, is_alike = (
        pl.all_horizontal(
            pl.lit(value=True), *(pl.col(name) == code for name, code in place.items() if name not in without)
        )
        for without in ((), MOVABLE)
    )
    here, elsewhere = pieces.filter(is_here), pieces.filter(is_alike & ~is_here)
    if here.is_empty() or SEX not in pieces.columns:
        return
    base = (
        here.row(int(rng.integers(here.height)), named=True) if not set(BELONGING).isdisjoint(place) else {}
    )
    for sex in [place[SEX]] if SEX in place else SEXES:
        own = elsewhere.filter(pl.col(SEX) == sex)
        near = own.filter(pl.col(NEAR) == base[NEAR]) if NEAR in base else own
        who = (own if near.is_empty() else near)["who"].unique(maintain_order=True).to_numpy()
        for person in rng.permutation(who)[:OF_EACH_SEX]:
            yield int(person), base.get("who")
