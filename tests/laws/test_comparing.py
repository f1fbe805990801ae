"""Laws of tests of groups: swapped groups flip a sign, units change nothing, p is a chance and never 0; small samples."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from tests.strategies import FEW, Sample, samples


@FEW
@given(samples(), st.floats(-50, 50), st.floats(0.01, 100))
def test_units_change_no_test(sample: Sample, shift: float, scale: float) -> None:
    """a + b·y has the same t and p as y, and the same ranks; the difference moves by b alone."""
    frame = sample.frame.assign(other=shift + scale * sample.frame["y"])
    design = sample.design(frame)
    if frame["group"].nunique() < 2:
        return
    one, two = (estimate.t_test(design, item, by="group").iloc[0] for item in ("y", "other"))
    np.testing.assert_allclose(scale * one["estimate"], two["estimate"], rtol=1e-7, atol=1e-9 * (abs(shift) + scale))
    if one["se"] > 1e-6:
        np.testing.assert_allclose(one["statistic"], two["statistic"], rtol=1e-6, atol=1e-6)
        assert 0 < one["p"] <= 1
    ranks = [estimate.rank_test(design, item, by="group").iloc[0] for item in ("y", "other")]
    np.testing.assert_allclose(*(told["p"] for told in ranks), rtol=1e-6)


@FEW
@given(samples())
def test_swapped_groups_flip_the_sign(sample: Sample) -> None:
    """The other way round: the difference and t turn their sign; error, degrees of freedom and p stay."""
    groups = sorted(sample.frame["group"].unique())
    if len(groups) < 2:
        return
    design = sample.design()
    for test in (estimate.t_test, estimate.rank_test):
        one, two = (test(design, "y", by="group", groups=order).iloc[0] for order in (groups, groups[::-1]))
        np.testing.assert_allclose(one["estimate"], -two["estimate"], rtol=1e-12, atol=1e-14)
        for what in ("se", "df", "p"):
            np.testing.assert_allclose(one[what], two[what], rtol=1e-7, atol=1e-12)


@FEW
@given(samples())
def test_small_samples_promise_no_more_than_the_count(sample: Sample) -> None:
    """Degrees of freedom of a mean by any method lie between 0 and the number of psus; the value does not move."""
    mean = estimate.mean(sample.design(), "y")
    for method in ("bell_mccaffrey", "imbens_kolesar", "satterthwaite"):
        found = estimate.small_sample(mean, method=method)
        assert mean.values.tolist() == found.values.tolist()
        most = mean.df[0] if method == "satterthwaite" else mean.psus[0]  # the reduced scores need not add up to 0
        assert 0 <= found.df[0] <= most + 1e-6
