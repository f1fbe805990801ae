"""Laws of driver shares (house style, section 9, laws 1, 2, 3 and 12), on random designs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from symmetry import drivers
from symmetry.estimate import Estimate
from tests.strategies import FEW, Sample, samples

NAMES = ["x", "y", "z"]


def shares(sample: Sample, frame: pd.DataFrame | None = None, names: list[str] = NAMES) -> Estimate:
    """Shares of x, y and z in the variance of the code."""
    return drivers.importance(sample.design(sample.frame if frame is None else frame), "code", names)


def enough(sample: Sample) -> Sample:
    """The sample four times over with noise, so that three predictors always can be told apart."""
    rng = np.random.default_rng(len(sample.frame))
    frame = pd.concat([sample.frame] * 4, ignore_index=True)
    for name in ("y", "z", "code"):
        frame[name] = frame[name] + rng.normal(0, 0.5, len(frame))
    frame["x"] = frame["x"] + rng.integers(0, 3, len(frame))
    frame["population"] = frame["population"] + 4 * len(frame)
    return sample.with_frame(frame)


@FEW
@given(samples().map(enough))
def test_shares_are_parts_of_r2(sample: Sample) -> None:
    """Law 12: shares are not negative and sum to R², itself between 0 and 1; their errors sum likewise."""
    est = shares(sample)
    assert (est.values >= -1e-12).all()
    assert 0 <= est.values[0] <= 1 + 1e-12
    np.testing.assert_allclose(est.values[1:].sum(), est.values[0], rtol=1e-12)
    spread = est.influence.dense()
    np.testing.assert_allclose(spread[:, 1:].sum(axis=1), spread[:, 0], atol=1e-12)


@FEW
@given(samples().map(enough))
def test_r2_is_that_of_weighted_least_squares(sample: Sample) -> None:
    """The r2 row is the R² of statsmodels' weighted regression."""
    from statsmodels.api import WLS, add_constant

    frame = sample.frame.dropna(subset=NAMES)
    design = sample.design()
    w = pd.Series(design.layout.weight, index=sample.frame.index)[frame.index]
    fit = WLS(frame["code"], add_constant(frame[NAMES]), weights=w).fit()
    np.testing.assert_allclose(shares(sample).values[0], fit.rsquared, rtol=1e-9, atol=1e-12)


@FEW
@given(samples().map(enough), st.permutations(NAMES))
def test_the_order_of_predictors_never_matters(sample: Sample, names: list[str]) -> None:
    """Law 12: each predictor keeps its share and its error wherever it stands in the list."""
    one, two = shares(sample).table().set_index("item"), shares(sample, names=names).table().set_index("item")
    pd.testing.assert_frame_equal(
        one[["estimate", "se"]], two.loc[one.index, ["estimate", "se"]], rtol=1e-8, atol=1e-12
    )


@FEW
@given(samples().map(enough), st.floats(0.001, 1000), st.floats(-100, 100))
def test_unit_and_shift_never_matter(sample: Sample, unit: float, shift: float) -> None:
    """Law 12: predictors and outcome in other units, upside down or from another zero, have the same shares and errors."""
    other = sample.frame.assign(
        y=shift + unit * sample.frame["y"], z=-sample.frame["z"], code=shift - unit * sample.frame["code"]
    )
    one, two = shares(sample), shares(sample, other)
    np.testing.assert_allclose(two.values, one.values, rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(two.se, one.se, rtol=1e-6, atol=1e-9)


@FEW
@given(samples(weight=True, psu=True).map(enough), st.floats(0.01, 100))
def test_the_unit_of_weights_and_twins_never_matter(sample: Sample, c: float) -> None:
    """Laws 1 and 3: weights times a number, or every row twice inside its psu, leave shares and errors as they were."""
    one = shares(sample)
    scaled = shares(sample, sample.frame.assign(weight=c * sample.frame["weight"]))
    twins = shares(sample, pd.concat([sample.frame, sample.frame], ignore_index=True))
    for other in (scaled, twins):
        np.testing.assert_allclose(other.values, one.values, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(other.se, one.se, rtol=1e-8, atol=1e-12)


@FEW
@given(samples().map(enough))
def test_equal_predictors_share_alike(sample: Sample) -> None:
    """Two predictors that play the same part by symmetry have the same share."""
    rng = np.random.default_rng(1)
    noise = rng.normal(0, 1, (len(sample.frame), 2))
    frame = sample.frame.assign(y=sample.frame["code"] + noise[:, 0], z=sample.frame["code"] + noise[:, 1])
    swapped = frame.assign(y=frame["z"], z=frame["y"])
    one, two = shares(sample, frame, ["y", "z"]), shares(sample, swapped, ["y", "z"])
    np.testing.assert_allclose(one.values[[0, 1, 2]], two.values[[0, 2, 1]], rtol=1e-9)
