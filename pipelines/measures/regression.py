"""The unexplained pay gap: what is left between women and men when work, age, years employed and responsibility are told.

Belongs here: least squares that survive any design, and the gap made of the coefficient.
Does not belong here: choosing whose pay (the catalogue's population), and hiding.

The design is multiplied out piece by piece, so that a million employees take no more memory than a thousand.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import numpy.typing as npt
import polars as pl
from threadpoolctl import threadpool_limits

Matrix = npt.NDArray[np.float64]

SMALLEST_SEX = 10
"""Fewer women or men than this and no gap is told."""

FEWEST_FREE = 10
"""Fewer degrees of freedom than this and the standard error means nothing."""

PIECE = 50_000

NOTHING = 1e-11
"""A direction of the design that holds less than this of the largest one's square is none: columns follow from each other."""

NUMBERS = ("age", "age_squared", "tenure")
CATEGORIES = ("work_value_level", "occupation_group", "responsibility_code")


@dataclass(frozen=True)
class Fit:
    """Least squares: the first column's coefficient and its standard error, residual degrees of freedom, rank."""

    coefficient: float
    error: float
    free: int
    rank: int


@dataclass(frozen=True)
class AdjustedGap:
    """The gap in percent of men's pay with its 95 percent interval; or why there is none."""

    value: float | None
    low: float | None
    high: float | None
    women: int
    men: int
    reason: str | None = None


def adjusted_gap(rows: pl.DataFrame) -> AdjustedGap:
    """The unexplained gap: −100 × k, k = exp(b) / exp(se² / 2) − 1 (Kennedy 1981), b the coefficient of `woman` on log pay.

    Args:
        rows: one per person: sex (K or M), fte_pay (> 0), age and tenure (years), and the categories work_value_level,
            occupation_group, responsibility_code, whose empty value is a category of its own. Rows without age or tenure
            are left out.

    Returns:
        The gap, positive where women have less; without a value, and with the reason, where a sex is too few, too few rows
        are left over, or sex cannot be told from the other columns.
    """
    rows = rows.drop_nulls(["sex", "fte_pay", "age", "tenure"])
    women = rows.filter(pl.col("sex") == "K").height
    men = rows.height - women
    if min(women, men) < SMALLEST_SEX:
        return AdjustedGap(None, None, None, women, men, "too_few_of_one_sex")
    rows = rows.with_columns(age_squared=pl.col("age") ** 2)
    # The pieces are small: several threads wait for each other longer than they work, ten times so on a busy machine.
    with threadpool_limits(limits=1, user_api="blas"):
        outcome = rows["fte_pay"].log().to_numpy()
        fit = least_squares(outcome - outcome.mean(), _columns(rows))
    if fit is None:
        return AdjustedGap(None, None, None, women, men, "sex_follows_from_the_rest")
    if fit.free < FEWEST_FREE:
        return AdjustedGap(None, None, None, women, men, "too_few_persons")
    half = student_t(0.975, fit.free) * fit.error
    return AdjustedGap(
        value=-100 * (math.exp(fit.coefficient - fit.error**2 / 2) - 1),
        low=-100 * (math.exp(fit.coefficient + half) - 1),
        high=-100 * (math.exp(fit.coefficient - half) - 1),
        women=women,
        men=men,
    )


def _columns(rows: pl.DataFrame) -> Iterator[Matrix]:
    """The design in pieces: woman first, then the constant, numbers (centred, so that age and its square differ), categories."""
    coded = {}
    for name in CATEGORIES:
        codes = rows[name].cast(pl.String).fill_null("")
        known = codes.unique().sort()
        coded[name] = (codes.cast(pl.Enum(known)).to_physical().to_numpy().astype(np.intp), len(known))
    numbers = {name: rows[name].cast(pl.Float64).to_numpy() for name in NUMBERS}
    scaled = [(values - values.mean()) / (values.std() or 1.0) for values in numbers.values()]
    woman = (rows["sex"] == "K").cast(pl.Float64).to_numpy()
    for begins in range(0, rows.height, PIECE):
        here = slice(begins, begins + PIECE)
        first = np.column_stack(
            [woman[here], np.ones(len(woman[here])), *(values[here] for values in scaled)]
        )
        # The first level of every category is what the others are compared with.
        yield np.hstack([first, *(np.eye(size)[codes[here], 1:] for codes, size in coded.values())])


def least_squares(outcome: Matrix, design: Iterator[Matrix] | Sequence[Matrix]) -> Fit | None:
    """Least squares for the first column of a design that may be rank-deficient.

    Args:
        outcome: n values.
        design: the n rows in pieces.

    Returns:
        The fit; None where the first column follows from the others, so that its coefficient means nothing.
    """
    products: Matrix | None = None
    begun = 0
    for piece in design:
        # All that least squares need is what the columns come to multiplied with each other, and that adds up over pieces.
        block = np.column_stack([piece, outcome[begun : begun + len(piece)]])
        begun += len(piece)
        products = block.T @ block if products is None else products + block.T @ block
    if products is None:
        return None
    scale = np.sqrt(np.diag(products)[:-1])
    scale[scale == 0] = 1.0
    values, vectors = np.linalg.eigh(products[:-1, :-1] / np.outer(scale, scale))
    keep = values > values[-1] * NOTHING
    values, vectors = values[keep], vectors[:, keep]
    rank, free = len(values), begun - len(values)
    # The first coefficient is told by the data only if its unit vector lies in the row space.
    if float((vectors[0] ** 2).sum()) < 1 - 1e-6:
        return None
    if free <= 0:
        return Fit(math.nan, math.nan, free, rank)
    weights = vectors[0] / values
    projected = vectors.T @ (products[:-1, -1] / scale)
    residual = float(products[-1, -1] - projected @ (projected / values))
    variance = max(residual, 0.0) / free
    error = math.sqrt(variance * float(vectors[0] @ weights))
    return Fit(float(weights @ projected) / scale[0], error / scale[0], free, rank)


def student_t(share: float, free: int) -> float:
    """The quantile of Student's t (Hill's expansion of the normal one; right to four digits from ten degrees of freedom on)."""
    z = NormalDist().inv_cdf(share)
    terms = (
        z,
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return sum(term / free**power for power, term in enumerate(terms))
