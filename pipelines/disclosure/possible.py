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

OF_EACH_SEX = 1
"""How many persons of each sex are moved into a hidden group. Two show hardly more, and take a fifth longer."""

SEX, SEXES = level_of("sex"), ("K", "M")
SEED = 0


def with_possible(material: Material, cells: pl.DataFrame) -> Material:
    """The material with possible persons in every group that is hidden by itself.

    Args:
        material: of real persons only.
        cells: judged cells of one last day.

    Returns:
        Material of its own: possible persons have numbers from `people` on.
    """
    rng, copies = np.random.default_rng(SEED), dict[str, list[pl.DataFrame]]()
    number = material.people
    for name, place in dict.fromkeys(_hidden_groups(material, cells)):
        for person, levels in _moved(material.pieces[name], dict(place), rng):
            for source, rows in material.pieces.items():
                own = rows.filter(pl.col("who") == person)
                codes = [
                    pl.lit(code).alias(column) for column, code in levels.items() if column in rows.columns
                ]
                copies.setdefault(source, []).append(
                    own.with_columns(pl.lit(number, pl.Int64).alias("who"), *codes)
                )
            number += 1
    pieces = {source: pl.concat([rows, *copies.get(source, [])]) for source, rows in material.pieces.items()}
    return replace(material, pieces=pieces, possible=number - material.people)


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
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Some persons of other groups, of the same department where there are any, and the codes that they are given."""
    is_here = pl.all_horizontal(pl.col(column) == code for column, code in place.items())
    here, elsewhere = pieces.filter(is_here), pieces.filter(~is_here)
    if here.is_empty():
        return
    levels = dict(place)
    if NEAR in pieces.columns:
        levels.setdefault(NEAR, str(here[NEAR][0]))
    sexes = [levels[SEX]] if SEX in levels else SEXES
    for sex in sexes if SEX in pieces.columns else ():
        own = elsewhere.filter(pl.col(SEX) == sex)
        near = own.filter(pl.col(NEAR) == levels[NEAR]) if NEAR in levels else own
        who = (own if near.is_empty() else near)["who"].unique(maintain_order=True).to_numpy()
        for person in rng.permutation(who)[:OF_EACH_SEX]:
            yield int(person), levels
