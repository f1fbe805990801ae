"""Laws of weights (house style, section 9, laws 9 and 10): raking hits its margins, Kish's effect is at least 1."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate, weights
from symmetry.design import Design
from symmetry.errors import ConvergenceError
from tests.strategies import FEW, margins

Margins = tuple[pd.DataFrame, dict[str, dict[str, float]]]


@given(margins())
def test_raking_hits_its_margins_and_keeps_the_total(case: Margins) -> None:
    """Law 9: every margin is met to 1e-12 and the weights sum to what they did."""
    frame, targets = case
    raked = weights.rake(frame, targets, weight="start")
    total = raked["weight"].sum()
    np.testing.assert_allclose(total, frame["start"].sum(), rtol=1e-12)
    for name, target in targets.items():
        shares = raked.groupby(name)["weight"].sum() / total
        np.testing.assert_allclose(shares[list(target)], list(target.values()), atol=1e-11)


@given(margins())
def test_raking_keeps_zeros_and_never_goes_below(case: Margins) -> None:
    """Law 9: who starts with no weight ends with none, and no weight is negative."""
    frame, targets = case
    start = frame["start"].where(np.arange(len(frame)) != len(frame) - 1, 0.0)
    doubled = pd.concat([frame.assign(start=start), frame], ignore_index=True)
    raked = weights.rake(doubled, targets, weight="start")
    assert raked["weight"].iloc[len(frame) - 1] == 0.0
    assert (raked["weight"] >= 0).all()


@given(margins())
def test_raking_again_changes_nothing(case: Margins) -> None:
    """Law 9: raked weights are raking's fixed point."""
    frame, targets = case
    once = weights.rake(frame, targets, weight="start")
    again = weights.rake(once, targets, weight="weight", name="again")
    np.testing.assert_allclose(again["again"], once["weight"], rtol=1e-9)


@given(margins())
def test_the_order_of_margins_never_matters(case: Margins) -> None:
    """Law 9: margins in another order, and categories in another order, give the same weights."""
    frame, targets = case
    turned = {name: dict(reversed(targets[name].items())) for name in reversed(targets)}
    one, two = (weights.rake(frame, order, weight="start")["weight"] for order in (targets, turned))
    np.testing.assert_allclose(one, two, rtol=1e-9)


@given(margins(), st.floats(0.01, 100))
def test_the_unit_of_starting_weights_only_scales(case: Margins, c: float) -> None:
    """Law 1: starting weights in another unit give weights in that unit."""
    frame, targets = case
    one = weights.rake(frame, targets, weight="start")["weight"]
    other = weights.rake(frame.assign(start=c * frame["start"]), targets, weight="start")["weight"]
    np.testing.assert_allclose(other, c * one, rtol=1e-9)


@given(margins())
def test_one_margin_alone_is_poststratification(case: Margins) -> None:
    """Law 9: with one margin each weight is multiplied by target over sample share."""
    frame, targets = case
    raked = weights.rake(frame, {"a": targets["a"]}, weight="start")
    sample = frame.groupby("a")["start"].sum() / frame["start"].sum()
    expected = frame["start"] * frame["a"].map(targets["a"]) / frame["a"].map(sample)
    np.testing.assert_allclose(raked["weight"], expected, rtol=1e-12)


@FEW
@given(margins())
def test_what_the_margins_explain_has_no_error(case: Margins) -> None:
    """Calibrated: the mean of a margin's own indicator is its target, with no sampling error left."""
    frame, targets = case
    raked = weights.rake(frame, targets, weight="start")
    raked["is_first"] = (raked["a"] == "a0").astype(float)
    found = estimate.mean(Design(raked, weight="weight"), "is_first")
    np.testing.assert_allclose(found.values, targets["a"]["a0"], atol=1e-11)
    np.testing.assert_allclose(found.se, 0.0, atol=1e-9)


@given(st.lists(st.floats(0.01, 50), min_size=1, max_size=60), st.floats(0.01, 100))
def test_kish_is_at_least_one(values: list[float], c: float) -> None:
    """Law 10: deff ≥ 1 and n_eff ≤ n, equal only for equal weights, whatever the unit of weights."""
    told = weights.describe(pd.DataFrame({"weight": values})).set_index("measure")["value"]
    assert told["kish_deff"] >= 1 - 1e-12
    assert told["n_eff"] <= len(values) * (1 + 1e-12)
    if max(values) > 1.01 * min(values):
        assert told["n_eff"] < len(values)
    other = weights.describe(pd.DataFrame({"weight": np.array(values) * c})).set_index("measure")["value"]
    np.testing.assert_allclose(other[["kish_deff", "n_eff"]], told[["kish_deff", "n_eff"]], rtol=1e-10)
    np.testing.assert_allclose(other["cv"], told["cv"], atol=1e-7)  # a square root near 0 keeps half the digits


def test_margins_that_contradict_each_other_are_told() -> None:
    """Two margins that no weights can meet together stop with the distance left, not with quiet weights."""
    frame = pd.DataFrame({"a": ["x", "y"], "b": ["x", "y"]})
    with pytest.raises(ConvergenceError, match=r"still 0\.[0-9]+ from its target"):
        weights.rake(frame, {"a": {"x": 0.3, "y": 0.7}, "b": {"x": 0.6, "y": 0.4}})
