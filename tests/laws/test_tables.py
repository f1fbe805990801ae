"""Laws of tests of tables on random designs: unit of weights, order; p between 0 and 1; and the level they promise (slow)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design
from tests.strategies import FEW, Sample, samples

STATISTICS = ("F", "chisq", "lincom", "wald", "adjusted_wald")
NUMBERS = ["statistic", "df", "df2", "p"]


def every_test(design: Design) -> np.ndarray:
    """Every statistic of a table of two columns and of the fit of one."""
    found = [estimate.chisq(design, "side", "high", statistic=name) for name in STATISTICS]
    found += [estimate.goodness_of_fit(design, "high", {0: 0.4, 1: 0.6}, statistic=name) for name in STATISTICS]
    return pd.concat(found)[NUMBERS].to_numpy(float)


def with_columns(sample: Sample) -> Sample:
    """The sample with two columns of two categories each, every cell held."""
    row = np.arange(len(sample.frame))
    side = np.where(row < 4, row % 2, sample.frame["z"].fillna(0) > 0)
    high = np.where(row < 4, row // 2, sample.frame["y"].fillna(0) > 0)
    return sample.with_frame(sample.frame.assign(side=side.astype(int), high=high.astype(int)))


@FEW
@given(samples(weight=True), st.floats(0.01, 100), st.randoms())
def test_unit_of_weights_and_order_never_matter(sample: Sample, c: float, random: object) -> None:
    """Laws 1 and 2: weights times one number, and rows in another order, change no test."""
    sample = with_columns(sample)
    found = every_test(sample.design())
    order = random.sample(range(len(sample.frame)), len(sample.frame))
    other = sample.frame.assign(weight=sample.frame["weight"] * c).iloc[order].reset_index(drop=True)
    np.testing.assert_allclose(every_test(sample.design(other)), found, rtol=1e-6, atol=1e-9)


@FEW
@given(samples())
def test_p_lies_between_0_and_1(sample: Sample) -> None:
    """p is above 0 and at most 1, or missing with a note; the exact tail is near its approximation by F."""
    design = with_columns(sample).design()
    for statistic in STATISTICS:
        found = estimate.chisq(design, "side", "high", statistic=statistic).iloc[0]
        assert 0 < found["p"] <= 1 or (np.isnan(found["p"]) and found["note"])
    one, other = (estimate.chisq(design, "side", "high", statistic=name)["p"].iloc[0] for name in ("F", "lincom"))
    np.testing.assert_allclose(one, other, rtol=1e-7, equal_nan=True)


@pytest.mark.slow
def test_tests_hold_their_level() -> None:
    """Where clusters differ and columns are independent, 5 % of 2,000 tests reject, less or more one and a half."""
    rng, size, judged = np.random.default_rng(21), 2000, ("F", "lincom", "adjusted_wald")
    rejected = np.zeros(len(judged))
    for _ in range(size):
        branch = np.repeat(np.arange(40), 15)
        a = (rng.normal(size=40)[branch] + rng.normal(size=600) > 0).astype(int)
        b = np.digitize(rng.normal(size=40)[branch] * 0.6 + rng.normal(size=600), [-0.5, 0.5])
        design = Design(pd.DataFrame({"branch": branch, "a": a, "b": b}), psu="branch")
        rejected += [estimate.chisq(design, "a", "b", statistic=one)["p"].iloc[0] < 0.05 for one in judged]
    assert ((0.035 < rejected / size) & (rejected / size < 0.065)).all(), rejected / size
