"""Pay figures: the worked examples of the definitions, and the regression against statsmodels."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from pipelines.measures.regression import adjusted_gap, least_squares, student_t
from tests.unit.measures.municipality import NOVEMBER, cell, figures_of


def paid(*persons: tuple[str, float, float], **also: Any) -> list[dict[str, Any]]:
    """Persons of a sex with base pay and supplements."""
    return [
        {
            "month": NOVEMBER,
            "person": f"p{number}-{also}",
            "sex": sex,
            "monthly_pay_fte": base,
            "variable_pay_fte": more,
            **also,
        }
        for number, (sex, base, more) in enumerate(persons)
    ]


EIGHT = (
    ("K", 2600.0, 200.0),
    ("M", 2600.0, 200.0),
    ("K", 2600.0, 200.0),
    ("M", 2800.0, 400.0),
    ("K", 3100.0, 300.0),
    ("M", 3400.0, 600.0),
    ("K", 4100.0, 500.0),
    ("M", 5200.0, 800.0),
)


def test_quartiles_share_the_tied_and_the_mean_gap_of_the_worked_example(tmp_path: Path) -> None:
    cells = figures_of(tmp_path, paid(*EIGHT))
    quarters = [cell(cells, "pay_quartiles", "2022", pay_quartile=str(quarter)) for quarter in range(1, 5)]
    assert [round(quarter["value"], 2) for quarter in quarters] == [66.67, 33.33, 50.0, 50.0]
    assert [quarter["denominator"] for quarter in quarters] == [2, 2, 2, 2]
    # The fewest women, and the fewest men, of any quarter: two thirds of one.
    assert quarters[0]["tested"] == [8, 4, 4, 1, 1]
    gap = cell(cells, "pay_gap_mean", "2022")
    assert gap["value"] == pytest.approx(15.0)
    assert gap["tested"] == [4, 4]


def test_the_remainder_goes_to_the_lower_quarters(tmp_path: Path) -> None:
    cells = figures_of(tmp_path, paid(*(("K" if n % 2 else "M", 20_000.0 + n, 0.0) for n in range(10))))
    sizes = [cell(cells, "pay_quartiles", "2022", pay_quartile=str(n))["denominator"] for n in range(1, 5)]
    assert sizes == [3, 3, 2, 2]


def test_medians_and_what_is_made_of_them(tmp_path: Path) -> None:
    cells = figures_of(tmp_path, paid(*EIGHT))
    # Women 2800, 2800, 3400, 4600; men 2800, 3200, 4000, 6000.
    assert cell(cells, "pay_median", "2022", sex="K")["value"] == 3100.0
    assert cell(cells, "pay_median", "2022", sex="M")["value"] == 3600.0
    assert cell(cells, "pay_difference_median", "2022")["value"] == -500.0
    assert cell(cells, "pay_ratio_median", "2022")["value"] == pytest.approx(100 * 3100 / 3600)
    gap = cell(cells, "pay_gap_median", "2022")
    assert gap["value"] == pytest.approx(100 * 500 / 3600)
    assert gap["low"] < gap["value"] < gap["high"]


def test_who_is_paid_by_age_by_form_and_once(tmp_path: Path) -> None:
    from datetime import date

    rows = [
        *paid(("K", 30_000.0, 0.0), ("M", 40_000.0, 0.0)),
        *paid(("K", 99_000.0, 0.0), birth_month=date(1955, 11, 1)),  # 67 years: left out
        *paid(("K", 30_000.0, 0.0), birth_month=None),  # the age is not known: counted
        *paid(("K", 33_000.0, 0.0), pay_form="timavlonad", employment_form="ovrig_visstid", fte_agreed=None),
        *paid(("M", 0.0, 0.0), unit_code="U9"),  # nothing paid
        # Two posts: one person, with the pay of the larger.
        {
            "month": NOVEMBER,
            "person": "two",
            "employment_key": "a",
            "fte_agreed": 60.0,
            "monthly_pay_fte": 31_000.0,
        },
        {
            "month": NOVEMBER,
            "person": "two",
            "employment_key": "b",
            "fte_agreed": 40.0,
            "monthly_pay_fte": 70_000.0,
        },
    ]
    cells = figures_of(tmp_path, rows)
    women = cell(cells, "pay_median", "2022", sex="K")
    assert (women["n"], women["value"]) == (4, 30_500.0)
    assert cell(cells, "pay_median", "2022", sex="M")["n"] == 1


def work(number: int, seed: int) -> pl.DataFrame:
    """Made-up persons whose pay follows from their work, age and, by 4 percent, sex."""
    random = np.random.default_rng(seed)
    woman = random.random(number) < 0.7
    level = random.integers(1, 6, number)
    age = random.integers(20, 66, number)
    group = random.integers(0, 8, number)
    tenure = random.uniform(0, 30, number)
    logarithm = 10 + 0.1 * level + 0.01 * age - 0.0001 * age**2 + 0.02 * group + 0.002 * tenure - 0.04 * woman
    return pl.DataFrame(
        {
            "sex": ["K" if own else "M" for own in woman],
            "fte_pay": np.exp(logarithm + random.normal(0, 0.05, number)),
            "age": age,
            "tenure": tenure,
            "work_value_level": level,
            "occupation_group": [f"G{own}" for own in group],
            "responsibility_code": [None if own < 0.9 else "B" for own in random.random(number)],
        }
    )


def design_of(rows: pl.DataFrame) -> np.ndarray:
    """The same design, written anew: woman, one, age, age squared, tenure, and dummies."""
    columns = [
        (rows["sex"] == "K").cast(pl.Float64).to_numpy(),
        np.ones(rows.height),
        *(rows[name].cast(pl.Float64).to_numpy() for name in ("age", "tenure")),
        rows["age"].cast(pl.Float64).to_numpy() ** 2,
    ]
    for name in ("work_value_level", "occupation_group", "responsibility_code"):
        codes = rows[name].cast(pl.String).fill_null("-")
        columns += [(codes == level).cast(pl.Float64).to_numpy() for level in sorted(codes.unique())[1:]]
    return np.column_stack(columns)


def test_the_unexplained_gap_agrees_with_statsmodels() -> None:
    import statsmodels.api as sm

    rows = work(600, seed=1)
    fit = sm.OLS(rows["fte_pay"].log().to_numpy(), design_of(rows)).fit()
    b, error = fit.params[0], fit.bse[0]
    gap = adjusted_gap(rows)
    assert gap.value == pytest.approx(-100 * (np.exp(b) / np.exp(error**2 / 2) - 1), rel=1e-8)
    low, high = fit.conf_int()[0]
    assert gap.low == pytest.approx(-100 * (np.exp(high) - 1), rel=1e-5)
    assert gap.high == pytest.approx(-100 * (np.exp(low) - 1), rel=1e-5)


@pytest.mark.filterwarnings("ignore:The design matrix is rank-deficient")
def test_a_design_without_full_rank_uses_its_rank() -> None:
    import statsmodels.api as sm

    rows = work(300, seed=2)
    design = design_of(rows)
    deficient = np.column_stack([design, design[:, 5] + design[:, 6], np.ones(300)])
    outcome = rows["fte_pay"].log().to_numpy()
    fit = sm.OLS(outcome, deficient).fit()
    own = least_squares(outcome, [deficient[:100], deficient[100:]])
    assert own is not None
    assert (own.rank, own.free) == (np.linalg.matrix_rank(design), 300 - np.linalg.matrix_rank(design))
    assert own.coefficient == pytest.approx(fit.params[0], rel=1e-7)
    assert own.error == pytest.approx(fit.bse[0], rel=1e-7)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (work(200, seed=3).with_columns(sex=pl.lit("K")), "too_few_of_one_sex"),
        (work(15, seed=3), "too_few_of_one_sex"),
        (
            work(200, seed=3).with_columns(occupation_group=pl.col("sex")),
            "sex_follows_from_the_rest",
        ),
        (
            work(34, seed=4).with_columns(
                sex=pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("K")).otherwise(pl.lit("M")),
                occupation_group=pl.concat_str(pl.lit("G"), pl.int_range(pl.len()) // 2),
            ),
            "too_few_persons",
        ),
    ],
)
def test_where_no_gap_can_be_told_there_is_a_reason_and_no_number(rows: pl.DataFrame, reason: str) -> None:
    gap = adjusted_gap(rows)
    assert (gap.value, gap.low, gap.high, gap.reason) == (None, None, None, reason)


@pytest.mark.parametrize(("free", "quantile"), [(10, 2.228139), (30, 2.042272), (1000, 1.962339)])
def test_students_t(free: int, quantile: float) -> None:
    assert student_t(0.975, free) == pytest.approx(quantile, abs=2e-5)
