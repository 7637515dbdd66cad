"""The outsider's attack: what can be worked out from published releases, and nothing else.

Belongs here: the sums that anybody can write down from the tables of a release, what follows from them, and what several
releases tell together. It reads what is published and shares no code with the protection.
Does not belong here: anything that only the municipality knows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import highspy
import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from pipelines.disclosure.primary import RULES, Rule
from pipelines.disclosure.solver import quiet_solver
from warehouse.release import HIDDEN, SHOWN, Release

COUNTED = ("n", "numerator", "denominator")
CLOSE = 1e-6
WIDE = 50.0
"""A number that may lie further apart than this is not asked about any more."""

UNSTATED = Rule(5)
Place = tuple[str, str, str, tuple[tuple[str, str], ...]]
"""Figure, period, number, group: dimension and code, sorted."""


@dataclass(frozen=True)
class Guess:
    """What the outsider says of one hidden number: it lies between two values."""

    place: Place
    low: float
    high: float

    @property
    def is_exact(self) -> bool:
        """Whether only one value is possible."""
        return self.high - self.low < CLOSE * max(1.0, abs(self.high))


@dataclass(frozen=True)
class Attack:
    """What came of an attack.

    Attributes:
        guesses: every hidden number that is limited from both sides, the narrowest first.
        given_away: numbers that one release hides and another shows.
        changed: numbers that two releases show with different values.
        hidden: how many numbers are hidden in all.
        breaches: guesses that a rule forbids: whatever the number is, few persons are behind it.
    """

    guesses: list[Guess]
    given_away: list[Place]
    changed: list[tuple[Place, float]] = field(default_factory=list)
    hidden: int = 0
    breaches: list[Guess] = field(default_factory=list)

    @property
    def derived(self) -> list[Guess]:
        """Hidden numbers that are known exactly."""
        return [guess for guess in self.guesses if guess.is_exact]


def attack(releases: Sequence[Release], figures: Iterable[str] | None = None) -> Attack:
    """Play the outsider.

    Args:
        releases: one or several, in the order they were published.
        figures: limit to these; default all.

    Returns:
        What can be worked out.
    """
    wanted = set(figures) if figures is not None else None
    known: dict[Place, float] = {}
    hidden: set[Place] = set()
    ever_hidden: set[Place] = set()
    changed: list[tuple[Place, float]] = []
    for release in releases:
        for place, value in _numbers(release, wanted):
            if value is None:
                hidden.add(place)
                ever_hidden.add(place)
            else:
                if place in known and abs(known[place] - value) > CLOSE:
                    changed.append((place, value - known[place]))
                known[place] = value
    given_away = sorted(place for place in ever_hidden if place in known)
    hidden -= set(known)
    counting = {figure for figure in releases[-1].by_figure if _counts_persons(releases[-1], figure)}
    overlapping = _overlapping(releases[-1], counting)
    sums = [
        (whole, parts, kind)
        for whole, parts, kind in _sums(releases[-1], {*known, *hidden})
        if kind not in overlapping
    ]
    sensitive = {figure for figure, entry in releases[-1].figures.items() if entry.get("sensitive")}
    guesses = _solve(_that_hold(sums, known), known, hidden, sensitive)
    guesses.sort(key=lambda one: (one.high - one.low, one.place))
    exact = known | {guess.place: guess.low for guess in guesses if guess.is_exact}
    told = [*guesses, *(Guess(place, known[place], known[place]) for place in given_away)]
    breaches = [guess for guess in told if _is_breach(guess, exact, releases[-1], counting)]
    return Attack(guesses, given_away, changed, len(hidden), breaches)


def _is_breach(
    guess: Guess, exact: Mapping[Place, float], release: Release, counting: Collection[str]
) -> bool:
    """Whether all that a number can be is few persons: itself, or what it leaves of its group."""
    figure, period, number, group = guess.place
    entry = release.figures.get(figure, {})
    rule = RULES.get(str(entry.get("protection")), UNSTATED)
    smallest = rule.smallest_size if number == "n" else rule.smallest
    if number != "n" and figure not in counting:
        return False
    whole = exact.get((figure, period, "denominator", group))
    ends = [(guess.low, guess.high)]
    if number == "numerator" and entry.get("value") == "share" and whole is not None:
        ends.append((whole - guess.high, whole - guess.low))
    return any(np.ceil(low - CLOSE) >= 1 and np.floor(high + CLOSE) < smallest for low, high in ends)


def _counts_persons(release: Release, figure: str) -> bool:
    """Whether a figure's sums look like counts: nobody outside knows more."""
    cells = release.by_figure[figure]
    sums = [cells[name].drop_nulls() for name in ("numerator", "denominator")]
    return all(bool((one == one.round(0)).all()) for one in sums)


def _overlapping(release: Release, counting: Iterable[str]) -> set[tuple[str, str, str]]:
    """Kinds of sums in which anybody can see that a person may be in several parts: figure, number, dimension.

    A figure that counts more than it has persons counts things of theirs, measures say. What divides the things, and not those
    who work in the municipality, divides no persons.
    """
    of_persons = {
        dimension
        for figure, cells in release.by_figure.items()
        if release.figures.get(figure, {}).get("protection") == "membership"
        for dimension in release.dimensions
        if dimension in cells.columns and cells[dimension].is_not_null().any()
    }
    is_more = pl.max_horizontal("numerator", "denominator") > pl.col("n")
    return {
        (figure, "n", dimension)
        for figure in counting
        if not release.by_figure[figure].filter(is_more).is_empty()
        for dimension in set(release.dimensions) - of_persons
    }


def _numbers(release: Release, wanted: set[str] | None) -> Iterable[tuple[Place, float | None]]:
    """Every number of a release that counts something; None for one that is hidden."""
    for figure, cells in release.by_figure.items():
        if wanted is not None and figure not in wanted:
            continue
        told = [number for number in COUNTED if cells[number].is_not_null().any()]
        for cell in cells.filter(pl.col("status").is_in([SHOWN, HIDDEN])).iter_rows(named=True):
            group = tuple(sorted(release.group(cell).items()))
            for number in told:
                yield (figure, cell["period"], number, group), cell[number]


def _sums(release: Release, places: set[Place]) -> list[tuple[Place, list[Place], tuple[str, ...]]]:
    """Every whole with its parts: the groups that differ in one dimension only, and the units of a department.

    The last item names the kind of sum: figure, number, dimension.
    """
    parents = {
        name: {level["code"]: level["parent"] for level in dimension["levels"]}
        for name, dimension in release.dimensions.items()
        if dimension.get("parent")
    }
    parts: dict[tuple[Place, str], list[Place]] = {}
    for place in sorted(places):
        figure, period, number, group = place
        for dimension, code in group:
            rest = tuple(one for one in group if one[0] != dimension)
            parts.setdefault(((figure, period, number, rest), dimension), []).append(place)
            above = parents.get(dimension, {}).get(code)
            if above is not None:
                name = str(release.dimensions[dimension]["parent"])
                higher = tuple(sorted((*rest, (name, above))))
                parts.setdefault(((figure, period, number, higher), dimension), []).append(place)
    return [
        (whole, own, (whole[0], whole[2], dimension))
        for (whole, dimension), own in parts.items()
        if whole in places
    ]


def _that_hold(
    sums: Sequence[tuple[Place, list[Place], tuple[str, ...]]], known: Mapping[Place, float]
) -> list[tuple[Place, list[Place]]]:
    """Sums of the kinds that never fail where all is told: anybody can see where persons are counted in two groups."""
    failing = {
        kind
        for whole, parts, kind in sums
        if whole in known
        and all(part in known for part in parts)
        and abs(known[whole] - sum(known[part] for part in parts)) > CLOSE * max(1.0, abs(known[whole]))
    }
    return [(whole, parts) for whole, parts, kind in sums if kind not in failing]


def _solve(
    sums: Sequence[tuple[Place, list[Place]]],
    known: Mapping[Place, float],
    hidden: set[Place],
    sensitive: Collection[str],
) -> list[Guess]:
    """The interval of every hidden number that some sum speaks of."""
    unknown = sorted(place for place in hidden)
    column = {place: number for number, place in enumerate(unknown)}
    rows: list[dict[int, float]] = []
    right: list[float] = []
    for whole, parts in sums:
        row: dict[int, float] = {}
        total = 0.0
        for place, factor in [(whole, 1.0), *((part, -1.0) for part in parts)]:
            if place in known:
                total -= factor * known[place]
            else:
                row[column[place]] = row.get(column[place], 0.0) + factor
        if row:
            rows.append(row)
            right.append(total)
    if not rows:
        return []
    matrix = sparse.lil_matrix((len(rows), len(unknown)))
    for number, row in enumerate(rows):
        for at, factor in row.items():
            matrix[number, at] = factor
    # A group that is listed has somebody in it, even when it is hidden, unless that is what a sensitive figure hides.
    least = np.array([float(number == "n" and figure not in sensitive) for figure, _, number, _ in unknown])
    return _components(matrix.tocsr(), np.array(right), unknown, least)


def _components(
    matrix: sparse.csr_matrix, right: np.ndarray, unknown: Sequence[Place], least: np.ndarray
) -> list[Guess]:
    both = sparse.bmat([[None, matrix], [matrix.T, None]])
    count, labels = connected_components(both, directed=False)
    found = []
    order = np.argsort(labels, kind="stable")
    starts = np.searchsorted(labels[order], np.arange(count + 1))
    for label in range(count):
        members = order[starts[label] : starts[label + 1]]
        rows = members[members < matrix.shape[0]]
        columns = members[members >= matrix.shape[0]] - matrix.shape[0]
        if len(rows) and len(columns):
            places = [unknown[at] for at in columns]
            found += _Limits(matrix[rows][:, columns], right[rows], places, least[columns]).guesses()
    return found


class _Limits:
    """The smallest and largest value of every hidden number of one system of sums.

    Every answer is a table that may be the true one, so it says something of all numbers: those that are seen to be far apart
    need no question of their own.
    """

    def __init__(
        self, matrix: sparse.csr_matrix, right: np.ndarray, places: Sequence[Place], least: np.ndarray
    ) -> None:
        self._places = places
        program = highspy.HighsLp()
        program.num_row_, program.num_col_ = matrix.shape
        program.col_cost_ = np.zeros(len(places))
        program.col_lower_ = least
        program.col_upper_ = np.full(len(places), highspy.kHighsInf)
        program.row_lower_ = program.row_upper_ = right
        rows = matrix.tocsr()
        program.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        program.a_matrix_.start_ = rows.indptr.astype(np.int32)
        program.a_matrix_.index_ = rows.indices.astype(np.int32)
        program.a_matrix_.value_ = rows.data.astype(float)
        self._solver = quiet_solver()
        for option, value in (("presolve", "off"), ("simplex_strategy", 4), ("threads", 1)):
            self._solver.setOptionValue(option, value)
        self._solver.passModel(program)
        self._low = np.full(len(places), np.inf)
        self._high = np.full(len(places), -np.inf)

    def guesses(self) -> list[Guess]:
        """The numbers that are limited from both sides, but for those that are seen to be wide open."""
        found = []
        for number, place in enumerate(self._places):
            if all(self._is_open(number) or self._push(number, sign) for sign in (1.0, -1.0)) and not (
                self._is_open(number)
            ):
                found.append(Guess(place, float(self._low[number]), float(self._high[number])))
        return found

    def _is_open(self, number: int) -> bool:
        return bool(self._high[number] - self._low[number] > WIDE)

    def _push(self, number: int, sign: float) -> bool:
        """Ask for one end; False where nothing limits it, or the sums contradict each other."""
        self._solver.changeColCost(number, sign)
        self._solver.run()
        status = self._solver.getModelStatus()
        self._solver.changeColCost(number, 0.0)
        if status != highspy.HighsModelStatus.kOptimal:
            self._solver.clearSolver()
            return False
        table = np.array(self._solver.getSolution().col_value)
        np.minimum(self._low, table, out=self._low)
        np.maximum(self._high, table, out=self._high)
        return True
