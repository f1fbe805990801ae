"""Contrasts by other roads: two-sample and paired t tests, and what a contrast refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.errors import DesignError

RNG = np.random.default_rng(8)
ONE, TWO = RNG.normal(3.5, 0.8, 30), RNG.normal(3.1, 1.6, 12)


def test_independent_samples_give_welchs_test() -> None:
    """Two audiences as simple samples: the gap's error and df are Welch's, as pingouin and scipy have them."""
    import pingouin

    both = stack({"c": Design(pd.DataFrame({"x": ONE})), "e": Design(pd.DataFrame({"x": TWO}))}, units="apart")
    found = estimate.contrast(estimate.mean(both, "x", by=["audience"]), {"gap": {0: 1, 1: -1}})
    welch = pingouin.ttest(ONE, TWO, correction=True)
    t = found.values[0] / found.se[0]
    np.testing.assert_allclose([t, found.df[0]], [welch["T"].iloc[0], welch["dof"].iloc[0]], rtol=1e-10)
    np.testing.assert_allclose(
        2 * stats.t.sf(abs(t), found.df[0]), stats.ttest_ind(ONE, TWO, equal_var=False).pvalue, rtol=1e-10
    )


def test_one_row_per_unit_and_audience_gives_the_paired_test() -> None:
    """Units with one figure from each audience (the schools of New York): the gap is the paired t test, n - 1 df."""
    import pingouin

    parents = RNG.normal(4, 0.5, 25)
    teachers = 0.6 * parents + RNG.normal(1.4, 0.4, 25)
    sides = {
        name: Design(pd.DataFrame({"school": np.arange(25), "x": x}), psu="school")
        for name, x in (("customers", parents), ("employees", teachers))
    }
    found = estimate.contrast(estimate.mean(stack(sides), "x", by=["audience"]), {"gap": {0: 1, 1: -1}})
    paired = pingouin.ttest(parents, teachers, paired=True)
    np.testing.assert_allclose(found.values[0] / found.se[0], paired["T"].iloc[0], rtol=1e-10)
    assert [24.0] == found.df.tolist()
    np.testing.assert_allclose(found.se[0], np.std(parents - teachers, ddof=1) / 5, rtol=1e-10)


def test_a_contrast_is_the_sandwich_of_the_covariance() -> None:
    """a'Va, from names and rows or from an array alike."""
    frame = pd.DataFrame({"g": RNG.choice(list("abc"), 60), "x": RNG.normal(size=60), "psu": RNG.integers(0, 9, 60)})
    est = estimate.mean(Design(frame, psu="psu"), "x", by=["g"])
    a = np.array([[1.0, -0.5, -0.5], [0.0, 1.0, -1.0]])
    by_array = estimate.contrast(est, a)
    by_name = estimate.contrast(est, {"0": {0: 1, 1: -0.5, 2: -0.5}, "1": {1: 1, 2: -1}})
    np.testing.assert_allclose(by_array.covariance(), a @ est.covariance() @ a.T, rtol=1e-10)
    pd.testing.assert_frame_equal(by_array.table(), by_name.table())


def test_a_side_without_degrees_of_freedom_leaves_none() -> None:
    """A gap one of whose sides rests on a single psu has no df, whatever the other side has."""
    sides = {
        "c": Design(pd.DataFrame({"psu": range(9), "x": range(9)}), psu="psu"),
        "e": Design(pd.DataFrame({"psu": [1, 1], "x": [2.0, 3.0]}), psu="psu"),
    }
    est = estimate.mean(stack(sides), "x", by=["audience"])
    assert [0.0] == estimate.contrast(est, {"gap": {0: 1, 1: -1}}).df.tolist()


def test_rows_that_are_not_there_are_refused() -> None:
    """A contrast that names a row beyond the table is told how rows count."""
    est = estimate.mean(Design(pd.DataFrame({"x": [1.0, 2.0]})), "x")
    with pytest.raises(DesignError, match="there is no row 1 in an estimate of 1 rows") as caught:
        estimate.contrast(est, {"gap": {0: 1, 1: -1}})
    assert "rows count from 0" in caught.value.problems[0].mend


def three() -> estimate.Estimate:
    """Means of three groups in clusters."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {"g": rng.choice(["a", "b", "the rest"], 60), "x": rng.uniform(2, 5, 60), "psu": rng.integers(0, 9, 60)}
    )
    return estimate.mean(Design(frame, psu="psu"), "x", by=["g"])


@pytest.mark.parametrize(
    ("made", "value", "slope"),
    [
        ("a / b", lambda v: v[0] / v[1], lambda v: [1 / v[1], -v[0] / v[1] ** 2, 0]),
        (
            "log(a) - 2 * sqrt(`the rest`)",
            lambda v: np.log(v[0]) - 2 * np.sqrt(v[2]),
            lambda v: [1 / v[0], 0, -1 / np.sqrt(v[2])],
        ),
        (lambda v: v["b"] ** 3, lambda v: v[1] ** 3, lambda v: [0, 3 * v[1] ** 2, 0]),
        (lambda v: float(v[0]) * v[1], lambda v: v[0] * v[1], lambda v: [v[1], v[0], 0]),
        ({"a": 1, "the rest": -1}, lambda v: v[0] - v[2], lambda v: [1, 0, -1]),
    ],
    ids=["quotient", "log and root", "function", "function with floats", "rows by name"],
)
def test_what_is_not_linear_takes_the_delta_method(made: object, value: object, slope: object) -> None:
    """Value f(x) and variance ∇f' V ∇f, from text, a Python function or names of rows."""
    est = three()
    found = estimate.contrast(est, {"it": made})
    gradient = np.array(slope(est.values), float)
    np.testing.assert_allclose(found.values, [value(est.values)], rtol=1e-12)
    np.testing.assert_allclose(found.covariance(), [[gradient @ est.covariance() @ gradient]], rtol=1e-10)
    assert [est.df[gradient != 0].min()] == found.df.tolist()


@pytest.mark.parametrize(
    ("made", "message", "mend"),
    [
        ("a /", "is not a formula", "write one such as"),
        ("__import__('os')", "holds something that is no formula", "use + - * / **"),
        ("a.real", "holds something that is no formula", "row names"),
        ("north / a", "no row is called 'north'", "use a row number from 0, or one of 'a', 'b', 'the rest'"),
        ("log(a - a)", "no finite value or slope", "a division by 0"),
    ],
)
def test_formulas_that_mean_nothing_are_refused(made: str, message: str, mend: str) -> None:
    """Text is read as a formula of rows and nothing else."""
    with pytest.raises(DesignError, match=message) as caught:
        estimate.contrast(three(), {"it": made})
    assert mend in caught.value.problems[0].mend


def test_a_contrast_of_nothing_is_refused() -> None:
    """An empty request says what to give."""
    with pytest.raises(DesignError, match="no contrast was asked for"):
        estimate.contrast(three(), {})


def test_what_each_audience_adds_to_a_difference_is_told() -> None:
    """Apart, variances of both sides add up to that of a difference; where they share psus, the covariance is missing."""
    rng = np.random.default_rng(3)
    frames = {
        side: pd.DataFrame({"unit": rng.integers(0, 9, n), "x": rng.normal(size=n)}).sort_values("unit")
        for side, n in (("customers", 90), ("employees", 40))
    }
    for units in ("apart", "shared"):
        both = stack({side: Design(frame, psu="unit") for side, frame in frames.items()}, units=units)
        sides = estimate.mean(both, "x", by=["audience"])
        gap = estimate.contrast(sides, {"gap": {0: 1, 1: -1}, "twice": {0: 2}})
        assert gap.by_part is not None
        np.testing.assert_allclose(gap.by_part[:, 0], sides.variance, rtol=1e-12)
        np.testing.assert_allclose(gap.by_part[:, 1], [4 * sides.variance[0], 0], rtol=1e-12)
        cross = sides.covariance()[0, 1]
        np.testing.assert_allclose(gap.variance[0], gap.by_part[:, 0].sum() - 2 * cross, rtol=1e-12)
        assert (cross == pytest.approx(0, abs=1e-18)) == (units == "apart")


def test_what_has_no_error_has_no_rounding() -> None:
    """Every answer of both sides a third: the contrast, its error and each audience's part are 0, not rounding of terms."""
    rng = np.random.default_rng(3)
    frames = [
        pd.DataFrame({"x": 1 / 3, "y": 0.1, "z": rng.normal(size=n), "w": rng.uniform(0.1, 3, n)}) for n in (37, 19)
    ]
    frames[1]["z"] = 0.7
    both = stack({name: Design(frame, weight="w") for name, frame in zip("ab", frames, strict=True)})
    found = estimate.contrast(estimate.mean(both, ["x", "y", "z"], by=["audience"]), {
        "x": {0: 1, 1: -1}, "y": {2: 1, 3: -1}, "z": {4: 1, 5: -1}, "apart": {0: 1, 3: -1}})  # fmt: skip
    assert [0.0, 0.0] == found.values[:2].tolist()
    np.testing.assert_allclose(found.values[3], 1 / 3 - 0.1, rtol=1e-12)
    assert [0.0, 0.0, 0.0] == found.variance[[0, 1, 3]].tolist()
    assert [0.0, 0.0, 0.0, 0.0] == found.by_part[1].tolist()
    assert found.by_part[0, 2] == found.variance[2] > 0
    assert 36 == found.df[2]
