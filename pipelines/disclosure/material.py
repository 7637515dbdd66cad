"""What the union is made of: contributions of every source and period, rolled up by breakdown and cut into groups.

Belongs here: looking up the persons, and the pieces of sums, behind one group of one table.
Does not belong here: SQL (contributions.py), lines and masks (union.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import polars as pl

from pipelines.disclosure.contributions import BETWEEN, Source, Told, group_of, level_of, roll_up

NOBODY = np.zeros(0, dtype=np.int64)
NEAR = level_of("department")


class Table:
    """One breakdown of one source in one period, cut into its groups."""

    def __init__(self, rolled: pl.DataFrame, people: int) -> None:
        """`rolled`: the columns of contributions.roll_up for one period; persons are whole numbers, real ones below `people`."""
        self._people = people
        ordered = rolled.sort("group", maintain_order=True)
        self.columns = {
            name: ordered[name].to_numpy() for name in ordered.columns if name not in {"group", "period"}
        }
        groups = ordered["group"].rle()
        ends = groups.struct.field("len").cast(pl.Int64).cum_sum().to_numpy()
        begins = np.concatenate([[0], ends])[:-1]
        names = groups.struct.field("value").to_list()
        self.groups = {name: slice(int(a), int(b)) for name, a, b in zip(names, begins, ends, strict=True)}

    def _of(self, group: str, column: str) -> np.ndarray:
        return self.columns[column][self.groups.get(group, slice(0, 0))]

    def members(self, group: str, test: str) -> np.ndarray:
        """The persons of a group who meet a test."""
        return self._of(group, "who")[self._of(group, test)]

    def holding(self, group: str, part: str) -> np.ndarray:
        """The persons of a group who add anything to a part."""
        return self._of(group, "who")[np.nan_to_num(self._of(group, part)) != 0]

    def total(self, group: str, part: str) -> float:
        """The sum of a part over a group's real persons."""
        return float(np.nansum(self._of(group, part)[self._of(group, "who") < self._people]))

    def count(self, members: np.ndarray) -> int:
        """How many of some persons are real."""
        return int((members < self._people).sum())

    def without(self, place: int) -> dict[str, list[str]]:
        """For every group, the groups that are the same but for one dimension, itself among them."""
        rest = {
            name: BETWEEN.join(code for at, code in enumerate(name.split(BETWEEN)) if at != place)
            for name in self.groups
        }
        alike: dict[str, list[str]] = {}
        for name, other in rest.items():
            alike.setdefault(other, []).append(name)
        return {name: alike[other] for name, other in rest.items()}


@dataclass
class Material:
    """Sources with their pieces.

    Attributes:
        con: runs the roll-ups.
        sources: by name.
        pieces: by the source's name: all periods, `who` as a whole number below `people`.
        moments: for figure and period, the months it is made of, as one text.
        people: how many persons there are in all.
        possible: how many more there are who do not exist but could (possible.py).
    """

    con: duckdb.DuckDBPyConnection
    sources: Mapping[str, Source]
    pieces: Mapping[str, pl.DataFrame]
    moments: Mapping[tuple[str, str], tuple[str, str]]
    people: int
    possible: int = 0
    _departments: dict[str, int] = field(default_factory=dict, init=False)
    _rolled: dict[tuple[str, tuple[str, ...]], dict[str, pl.DataFrame]] = field(
        default_factory=dict, init=False
    )
    _tables: dict[tuple[str, tuple[str, ...], str], Table] = field(default_factory=dict, init=False)
    _pieces: dict[tuple[str, str], pl.DataFrame] = field(default_factory=dict, init=False)
    _chosen: dict[tuple[str, str], Told] = field(default_factory=dict)
    _places: dict[tuple[str, str, tuple[str, ...]], dict[str, np.ndarray]] = field(
        default_factory=dict, init=False
    )

    def choose_variants(self, cells: pl.DataFrame) -> None:
        """Find out, for every figure and period, whether those of unknown sex were left out: by the number of persons."""
        whole = cells.filter(pl.col("sex").is_null()) if "sex" in cells.columns else cells
        for name, period, breakdown, n in whole.select("figure", "period", "breakdown", "n").iter_rows():
            source, by = (
                self.source(name, period),
                () if breakdown == "total" else tuple(breakdown.split(",")),
            )
            told = source.variants(name) if source is not None else []
            if (
                source is None
                or len(told) < 2
                or by not in {(), (told[0].figure.across,)}
                or (name, period) in self._chosen
            ):
                continue
            table = self.table(source, (), self.moment(name, period))
            fitting = [
                one
                for one in told
                if table is not None and min(len(table.members("", one.test(place))) for place in one.n) == n
            ]
            self._chosen[(name, period)] = fitting[0] if fitting else told[0]

    def told(self, figure: str, period: str) -> Told | None:
        """What a figure tells in a period; None where the persons behind it are not known."""
        source = self.source(figure, period)
        told = source.variants(figure) if source is not None else []
        return self._chosen.get((figure, period), told[0] if told else None)

    def moment(self, figure: str, period: str) -> str:
        """The period that stands for all periods of a figure that are made of the same months."""
        return self.moments.get((figure, period), ("", period))[1]

    def source(self, figure: str, period: str) -> Source | None:
        """Where a figure's contributions in a period come from."""
        return self.sources.get(self.moments.get((figure, period), ("", ""))[0])

    def rolled(self, source: Source, by: Sequence[str]) -> dict[str, pl.DataFrame]:
        """A breakdown of a source, period by period."""
        key = (source.name, tuple(by))
        if key not in self._rolled:
            frame = roll_up(self.con, source, self.pieces[source.name], by)
            parts = frame.partition_by("period", as_dict=True)
            self._rolled[key] = {str(period): part for (period,), part in parts.items()}
        return self._rolled[key]

    def table(self, source: Source, by: Sequence[str], period: str) -> Table | None:
        """A breakdown of a source in one period; None where there are no pieces."""
        key = (source.name, tuple(by), period)
        if key not in self._tables:
            frame = self.rolled(source, by).get(period)
            if frame is None:
                return None
            self._tables[key] = Table(frame, self.people)
        return self._tables[key]

    def values(self, source: Source, period: str, part: str) -> np.ndarray:
        """What each piece of a period adds to a part."""
        return np.nan_to_num(self._of(source, period)[part].to_numpy().astype(float))

    def is_real(self, source: Source, period: str) -> np.ndarray:
        """Whether each piece of a period is a real person's, in the order of `values`."""
        return np.asarray(self._of(source, period)["who"].to_numpy() < self.people)

    def places(self, source: Source, by: Sequence[str], period: str, group: str) -> np.ndarray:
        """Which pieces of a period belong to a group, in the order of `values`."""
        key = (source.name, period, tuple(by))
        if key not in self._places:
            groups = self._of(source, period).with_columns(group_of(by)).with_row_index("place")
            self._places[key] = {
                str(name): part["place"].to_numpy().astype(np.int64)
                for (name,), part in groups.partition_by("group", as_dict=True, maintain_order=True).items()
            }
        return self._places[key].get(group, NOBODY)

    def near(self) -> np.ndarray:
        """For every person, a number that those of a department share; below zero where it is not known."""
        found = np.full(self.people + self.possible, -1, dtype=np.int64)
        for pieces in self.pieces.values():
            if NEAR in pieces.columns:
                found[pieces["who"].to_numpy()] = self._numbered(pieces)
        return found

    def near_of(self, source: Source, period: str) -> np.ndarray:
        """The same for every piece of a period, in the order of `values`."""
        pieces = self._of(source, period)
        return (
            self._numbered(pieces) if NEAR in pieces.columns else np.full(pieces.height, -1, dtype=np.int64)
        )

    def _numbered(self, pieces: pl.DataFrame) -> np.ndarray:
        for code in pieces[NEAR].unique(maintain_order=True):
            self._departments.setdefault(str(code), len(self._departments))
        return pieces[NEAR].replace_strict(self._departments, return_dtype=pl.Int64).to_numpy()

    def _of(self, source: Source, period: str) -> pl.DataFrame:
        key = (source.name, period)
        if key not in self._pieces:
            parts = self.pieces[source.name].partition_by("period", as_dict=True, maintain_order=True)
            self._pieces |= {(source.name, str(name)): part for (name,), part in parts.items()}
            self._pieces.setdefault(key, self.pieces[source.name].clear())
        return self._pieces[key]
