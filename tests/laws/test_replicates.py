"""Laws of replicates on random designs: jackknife and linearisation, row order, units, every estimator."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design, replicate, replicated
from symmetry.estimate import Estimate
from tests.strategies import FEW, Sample, samples

METHODS = st.sampled_from(["jackknife", "bootstrap", "canty_davison", "sdr"])


def estimates(design: Design) -> dict[str, Estimate]:
    """Several statistics of a design."""
    return {
        "mean": estimate.mean(design, ["x", "y"], by=["group"]),
        "total": estimate.total(design, "y"),
        "ratio": estimate.ratio(design, "y", "code"),
        "nps": estimate.nps(design, "code"),
        "favourable": estimate.favourable(design, "x", at_least=4),
        "contrast": estimate.contrast(estimate.mean(design, ["y", "z"]), {"gap": {0: 1, 1: -1}}),
    }


@FEW
@given(samples(fpc=False))
def test_the_jackknife_of_a_total_is_its_linearisation(sample: Sample) -> None:
    """Law 8: for a total under stratified psus without fpc, the jackknife is the linearised variance exactly, by domain too."""
    design = sample.design()
    for by in ([], ["group"]):
        linear, jackknife = (
            estimate.total(one, ["y", "code"], by=by) for one in (design, replicate(design, "jackknife"))
        )
        np.testing.assert_allclose(jackknife.covariance(), linear.covariance(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(jackknife.values, linear.values, rtol=1e-12)
        assert jackknife.df.tolist() == linear.df.tolist()


@FEW
@given(samples(psu=True, fpc=True))
def test_the_jackknife_knows_the_fpc(sample: Sample) -> None:
    """With the fpc of the first stage in its scale, the jackknife of a total is still the linearised variance."""
    design = sample.design()
    linear, jackknife = (estimate.total(one, "y") for one in (design, replicate(design, "jackknife")))
    np.testing.assert_allclose(jackknife.variance, linear.variance, rtol=1e-9, atol=1e-9)


@FEW
@given(samples(), METHODS, st.sampled_from(["estimate", "mean"]))
def test_sums_of_units_and_weights_of_rows_agree(sample: Sample, method: Any, centre: Any) -> None:
    """Every statistic has the value and the error that its replicate weights, written out and supplied, give it."""
    design = replicate(sample.design(), method, replicates=12, centre=centre)
    made = design.layout.replicates
    assert made is not None
    full = sample.frame.assign(full=design.layout.weight)
    weights = made.weights(slice(0, made.size))
    given = replicated(full, weight="full", replicates=weights, scale=made.scale, rscales=made.rscales, centre=centre)
    for name, theirs in estimates(given).items():
        ours = estimates(design)[name]
        np.testing.assert_allclose(ours.values, theirs.values, rtol=1e-10, atol=1e-10, err_msg=name)
        lost = np.array(
            ["left out" in note for note in ours.note or [""] * len(ours)]
        )  # draws make up for what is left out
        np.testing.assert_allclose(ours.se[~lost], theirs.se[~lost], rtol=1e-7, atol=1e-7, err_msg=name)


@FEW
@given(samples(psu=True), METHODS.filter(lambda name: name != "sdr"), st.integers(0, 99), st.floats(0.01, 100))
def test_order_and_unit_of_weights_never_matter(sample: Sample, method: Any, seed: int, c: float) -> None:
    """Laws 1 and 2: shuffled rows change nothing, and weights times a number leave means and their errors alone."""
    frame = sample.frame.assign(v=sample.design().layout.weight)
    shuffled = frame.sample(frac=1, random_state=seed).assign(v=lambda rows: c * rows["v"])
    ours, theirs = (
        estimate.mean(
            replicate(sample.design(one, weight="v"), method, replicates=15, seed=seed), ["x", "y"], by=["group"]
        )
        for one in (frame, shuffled)
    )
    np.testing.assert_allclose(theirs.values, ours.values, rtol=1e-9)
    np.testing.assert_allclose(theirs.se, ours.se, rtol=1e-7, atol=1e-9)


@FEW
@given(samples(), METHODS)
def test_replicates_keep_the_values(sample: Sample, method: Any) -> None:
    """Whatever makes the errors, values, counts and rows are those of the design without replicates."""
    design = sample.design()
    plain, made = estimates(design), estimates(replicate(design, method, replicates=8))
    for name, ours in made.items():
        np.testing.assert_allclose(ours.values, plain[name].values, rtol=1e-10, atol=1e-12, err_msg=name)
        assert ours.n.tolist() == plain[name].n.tolist()
        assert (ours.df <= plain[name].df).all()


@pytest.mark.parametrize("method", ["bootstrap", "jackknife"])
def test_errors_of_both_roads_are_near_on_a_usual_sample(method: Any) -> None:
    """With 60 psus, linearised and replicated errors of every statistic are within a sixth of one another."""
    rng = np.random.default_rng(8)
    psu = np.repeat(np.arange(60), 10)
    effect = rng.normal(0, 0.5, 60)[psu]
    frame = pd.DataFrame(
        {"psu": psu, "stratum": psu % 4, "weight": rng.uniform(1, 3, 600), "group": rng.choice(["a", "b"], 600)}
    )
    frame["x"] = np.clip(np.round(3 + effect + rng.normal(0, 1, 600)), 1, 5)
    frame["y"], frame["z"] = 5 + effect + rng.normal(0, 1, 600), rng.normal(0, 1, 600)
    frame["code"] = np.clip(np.round(7 + 2 * effect + rng.normal(0, 2, 600)), 0, 10)
    design = Design(frame, weight="weight", stratum="stratum", psu="psu")
    plain, made = estimates(design), estimates(replicate(design, method, replicates=600))
    for name, ours in made.items():
        np.testing.assert_allclose(ours.se, plain[name].se, rtol=1 / 6, err_msg=name)
