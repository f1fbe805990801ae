"""Laws of models on random designs: units of weights, order, lines, two groups, domains."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate import Estimate
from tests.strategies import FEW, Sample, samples


def slopes(sample: Sample, frame: pd.DataFrame | None = None, formula: str = "x ~ y") -> Estimate | None:
    """The model of x by y; None where the sample cannot bear one."""
    try:
        return estimate.glm(sample.design(frame), formula).estimate
    except (DesignError, ConvergenceError):
        return None


def assert_same(one: Estimate, other: Estimate, turn: np.ndarray) -> None:
    """Coefficients and covariance are the same once turned (p, p), beside their own size."""
    size = np.abs(one.values).max() + 1.0
    np.testing.assert_allclose(turn @ one.values, other.values, rtol=1e-7, atol=1e-7 * size)
    np.testing.assert_allclose(turn @ one.covariance() @ turn.T, other.covariance(), rtol=1e-6, atol=1e-8 * size**2)


@FEW
@given(samples(weight=True), st.floats(0.01, 100), st.randoms(use_true_random=False))
def test_neither_the_unit_of_weights_nor_the_order_of_rows_matters(sample: Sample, c: float, random: Random) -> None:
    """Laws 1 and 2 for coefficients and their covariance."""
    one = slopes(sample)
    order = list(range(len(sample.frame)))
    random.shuffle(order)
    other = slopes(sample, sample.frame.assign(weight=sample.frame["weight"] * c).iloc[order])
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert_same(one, other, np.eye(2))


@FEW
@given(samples(), st.floats(-20, 20), st.sampled_from([-2.0, 0.5, 3.0]))
def test_a_line_through_the_outcome_is_a_line_through_the_coefficients(sample: Sample, a: float, b: float) -> None:
    """Law 7: a + b·x as outcome moves the intercept by a, and multiplies slopes and errors."""
    one = slopes(sample)
    other = slopes(sample, sample.frame.assign(x=a + b * sample.frame["x"]))
    if one is not None and other is not None:
        np.testing.assert_allclose(b * one.values + [a, 0], other.values, rtol=1e-7, atol=1e-7 * (abs(a) + 10))
        np.testing.assert_allclose(abs(b) * one.se, other.se, rtol=1e-6, atol=1e-7)


@FEW
@given(samples())
def test_two_groups_are_a_difference_of_domains(sample: Sample) -> None:
    """Law 5: a gaussian model of two groups is the difference of their means; swapping the levels turns its sign."""
    first = sample.frame["group"].iloc[0]
    frame = sample.frame.assign(here=(sample.frame["group"] == first).astype(float))
    one, turned = slopes(sample, frame, "x ~ here"), slopes(sample, frame.assign(here=1 - frame["here"]), "x ~ here")
    if one is None or turned is None:
        return
    gap = estimate.contrast(estimate.mean(sample.design(frame), "x", by=["here"]), {"gap": {1: 1, 0: -1}})
    for sign, fit in ((1, one), (-1, turned)):
        np.testing.assert_allclose(sign * fit.values[1], gap.values[0], rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(fit.se[1], gap.se[0], rtol=1e-6, atol=1e-7)


@FEW
@given(samples())
def test_a_model_of_every_domain_is_a_model_with_interactions(sample: Sample) -> None:
    """One intercept a domain gives the domain means, their errors and their covariance."""
    design = sample.design()
    try:
        found = estimate.glm_by(design, "x ~ 1", ["group"])
    except DesignError:
        return
    kept = np.flatnonzero(np.isfinite(found.values))
    means = estimate.mean(design, "x", by=["group"])
    same = means.select(np.flatnonzero(means.labels["group"].isin(found.labels["group"].iloc[kept]).to_numpy()))
    np.testing.assert_allclose(found.values[kept], same.values, rtol=1e-9, atol=1e-9)
    covariance = found.covariance()[np.ix_(kept, kept)]
    np.testing.assert_allclose(covariance, same.covariance(), rtol=1e-7, atol=1e-10)
