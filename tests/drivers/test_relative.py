"""Relative weights: rwa's published mtcars example, R by singular values on rows, gradients and a jackknife, laws, bad input."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry.design import Design, replicate
from symmetry.drivers.estimating import gradient_of
from symmetry.drivers.importance import importance
from symmetry.drivers.sharing.relative import johnson, relative_weights
from symmetry.drivers.sharing.roots import car, car_slopes, johnson_slopes
from symmetry.errors import DesignError
from tests.drivers.decompositions import CARS, SWISS, THREE, cases, covariances, expected
from tests.golden.reading import data, sample_designs
from tests.strategies import FEW


def test_the_published_weights_of_mtcars() -> None:
    """Raw relative weights of mpg on four columns, as the documentation of the R package rwa prints them, to its last digit."""
    values = relative_weights(Design(data("mtcars")), "mpg", CARS).values
    np.testing.assert_allclose(values[1:], [0.2096904, 0.1883043, 0.1799590, 0.2706812], atol=5.1e-8)


@pytest.mark.parametrize("name", ["swiss", "swiss_always", "mtcars", "bank", "bank_no_fpc", "employees"])
def test_weights_and_errors_agree_with_r(name: str) -> None:
    """Weights as Johnson made them, by singular values of the rows; errors by a numeric gradient on vcov(svytotal)."""
    design, outcome, predictors, always = cases()[name]
    est = relative_weights(design, outcome, predictors, always=always)
    np.testing.assert_allclose(est.values, expected(name, "johnson", "value"), rtol=1e-10)
    np.testing.assert_allclose(est.se, expected(name, "johnson", "se"), rtol=1e-8)
    assert est.labels["statistic"].tolist() == ["r2", *["johnson"] * len(predictors), *["always"] * bool(always)]
    assert est.labels["item"].tolist() == [outcome, *predictors, *([" + ".join(always)] if always else [])]


def test_a_jackknife_makes_the_weights_again() -> None:
    """A design with replicates has R's errors: withReplicates over as.svrepdesign(type = "JKn", mse = TRUE)."""
    design, outcome, predictors, _ = cases()["bank_no_fpc"]
    est = relative_weights(replicate(design, "jackknife"), outcome, predictors)
    np.testing.assert_allclose(est.values, expected("bank_no_fpc", "johnson", "value"), rtol=1e-10)
    np.testing.assert_allclose(est.se, expected("bank_no_fpc", "johnson", "jackknife"), rtol=1e-8)


@pytest.mark.parametrize(("value", "slopes"), [(johnson, johnson_slopes), (car, car_slopes)])
def test_derivatives_agree_with_differences(value: Any, slopes: Any) -> None:
    """The Sylvester road gives what central differences give, to their eight digits, from correlations and covariances alike."""
    for covariance in covariances(3):
        numeric = gradient_of(value, covariance)
        np.testing.assert_allclose(slopes(covariance), numeric, atol=2e-8 * np.abs(numeric).max())


@FEW
@given(st.integers(0, 10_000), st.integers(2, 8))
def test_weights_are_parts_of_r2(seed: int, p: int) -> None:
    """Weights are not negative and sum to R² to twelve digits; their derivatives sum likewise."""
    rng = np.random.default_rng(seed)
    covariance = np.cov(rng.normal(size=(p + 1, p + 1)) @ rng.normal(size=(p + 1, 40)))
    weights = johnson(covariance)
    b = np.linalg.solve(covariance[:-1, :-1], covariance[:-1, -1])
    r2 = b @ covariance[:-1, -1] / covariance[-1, -1]
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(), r2, atol=1e-12 * max(1.0, np.linalg.cond(covariance[:-1, :-1]) / 1e3))
    slopes = johnson_slopes(covariance).sum(axis=0)
    e = np.append(b, -1.0)
    theirs = -np.outer(e, e)
    theirs[-1, -1] += 1.0 - r2
    np.testing.assert_allclose(
        slopes, theirs / covariance[-1, -1], rtol=1e-5, atol=1e-8 * np.abs(theirs).max() / covariance[-1, -1]
    )


@FEW
@given(st.integers(0, 10_000), st.permutations(range(4)))
def test_order_unit_and_shift_never_matter(seed: int, order: list[int]) -> None:
    """Each driver keeps its weight and error wherever it stands, in other units, upside down and from another zero."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(80, 4)) + rng.normal(size=(80, 1))
    names = ["a", "b", "c", "d"]
    frame = pd.DataFrame(x, columns=names).assign(y=x.sum(axis=1) + rng.normal(size=80), w=rng.uniform(1, 3, 80))
    other = frame.assign(a=7 - 100 * frame["a"], c=0.01 * frame["c"], y=3 - 5 * frame["y"], w=9 * frame["w"])
    one = relative_weights(Design(frame, weight="w"), "y", names).table().set_index("item")
    two = relative_weights(Design(other, weight="w"), "y", [names[place] for place in order]).table().set_index("item")
    np.testing.assert_allclose(two.loc[one.index, "estimate"], one["estimate"], rtol=1e-9)
    np.testing.assert_allclose(two.loc[one.index, "se"], one["se"], rtol=1e-8)


def test_two_drivers_share_as_lmg_has_it() -> None:
    """With two drivers relative weights and LMG are one and the same, with their errors."""
    design = sample_designs()["bank"]
    one, two = relative_weights(design, "recommend", THREE[:2]), importance(design, "recommend", THREE[:2])
    np.testing.assert_allclose(one.values, two.values, rtol=1e-12)
    np.testing.assert_allclose(one.se, two.se, rtol=1e-10)


def test_a_group_has_the_sum_of_its_members() -> None:
    """A group's weight, and its influence, are those of its members together."""
    design = Design(data("swiss"))
    alone = relative_weights(design, "fertility", SWISS)
    together = relative_weights(design, "fertility", SWISS, groups={"school": ["examination", "education"]})
    assert together.labels["item"].tolist() == ["fertility", "agriculture", "school", "catholic", "infant_mortality"]
    np.testing.assert_allclose(together.values[2], alone.values[2] + alone.values[3], rtol=1e-12)
    spread = alone.influence.dense()
    np.testing.assert_allclose(together.influence.dense()[:, 2], spread[:, 2] + spread[:, 3], atol=1e-12)


def test_many_drivers_need_no_limit() -> None:
    """Forty drivers have weights that sum to R²; LMG stops at twenty."""
    rng = np.random.default_rng(5)
    x = rng.normal(size=(300, 40)) + rng.normal(size=(300, 1))
    names = [f"x{place}" for place in range(40)]
    frame = pd.DataFrame(x, columns=names).assign(y=x @ rng.uniform(0, 1, 40) + rng.normal(size=300))
    est = relative_weights(Design(frame), "y", names)
    np.testing.assert_allclose(est.values[1:].sum(), est.values[0], rtol=1e-12)
    assert (np.diff(est.se) != 0).all()


def test_matrices_without_a_regression_have_no_weights() -> None:
    """Among many matrices, one that is singular, unknown or has nothing to explain gives NaN and leaves the others alone."""
    good = covariances(4)
    many = good.copy()
    many[1] = np.nan
    many[2] = 1.0
    many[3, -1] = many[3, :, -1] = 1e-17
    found = johnson(many)
    assert [True, False, False, False] == np.isfinite(found).all(axis=1).tolist()
    np.testing.assert_allclose(found[0], johnson(good[0]), rtol=1e-12)


def test_a_driver_that_does_not_vary_has_no_part() -> None:
    """Its part is 0 and the others' are those without it, also where its variance is not 0 for rounding alone."""
    many = covariances(3)
    less = johnson(many[:, 1:, 1:])
    many[0, 0] = many[0, :, 0] = 0.0
    many[1, 0] = many[1, :, 0] = 3e-17
    found = johnson(many)
    assert found[:2, 0].tolist() == [0.0, 0.0]
    np.testing.assert_allclose(found[:2, 1:], less[:2], rtol=1e-9)
    assert found[2, 0] != 0.0


def frame_of(**columns: list[float | None]) -> Design:
    """A design of a few rows."""
    return Design(pd.DataFrame({"y": [1.0, 2, 3, 4, 6, 5], "a": [1.0, 3, 2, 5, 4, 6], **columns}))


B: list[float | None] = [2.0, 1, 4, 3, 6, 5]


@pytest.mark.parametrize(
    ("design", "predictors", "options", "message"),
    [
        (frame_of(), ["a"], {}, "1 drivers are given"),
        (frame_of(b=B), ["a", "a"], {}, "driver `a` is named twice"),
        (frame_of(b=B), ["a", "y"], {}, "the outcome `y` is among its own drivers"),
        (frame_of(b=[2.0] * 6), ["a", "b"], {}, "same answer to `b`"),
        (frame_of(b=[2.0, 6, 4, 10, 8, 12]), ["a", "b"], {}, "a, b determine each other"),
        (frame_of(b=[2.0, 6, 4, 10, 8, 12], c=B), ["a", "c"], {"always": "b"}, "a, b determine each other"),
        (frame_of(b=[1.0, 2, 3, None, None, None]), ["a", "b"], {}, "3 respondents answered all of a, b, y"),
        (frame_of(b=[None] * 6), ["a", "b"], {}, "0 respondents answered all of a, b, y"),
        (frame_of(b=B), ["a", "b"], {"groups": {"all": ["a", "b"]}}, "cannot share R² among 1 players"),
        (frame_of(b=B), ["a", "b"], {"always": "b"}, "`b` is both driver and control"),
        (frame_of(b=B), ["a", "c"], {}, "no column `c`"),
    ],
)
def test_drivers_that_cannot_be_weighed_are_refused(
    design: Design, predictors: list[str], options: Any, message: str
) -> None:
    """Each fault of drivers is told, with its remedy."""
    with pytest.raises(DesignError) as caught:
        relative_weights(design, "y", predictors, **options)
    assert message in caught.value.problems[0].what
    assert caught.value.problems[0].mend


def test_more_drivers_than_answers_are_refused() -> None:
    """Eight drivers of six people are told as too few answers."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(rng.normal(size=(6, 9)), columns=[*"abcdefgh", "y"])
    with pytest.raises(DesignError, match="6 respondents answered all of"):
        relative_weights(Design(frame), "y", list("abcdefgh"))


def test_halo_draws_weights_together() -> None:
    """The more a common factor holds, the nearer the weights are to 1/p of R², whatever the slopes are."""
    truth = np.array([3.0, 1.0, 0.5, 0.0])
    spreads = []
    for halo in (0.2, 0.5, 0.8, 0.95):
        x = np.full((4, 4), halo) + (1 - halo) * np.eye(4)
        covariance = np.block([[x, (x @ truth)[:, None]], [(x @ truth)[None], np.array([[truth @ x @ truth + 1.0]])]])
        weights = johnson(covariance)
        spreads.append(np.ptp(weights / weights.sum()))
    assert all(before > after for before, after in pairwise(spreads))
