"""Laws of weights (house style, section 9, laws 9 and 10): raking hits its margins, Kish's effect is at least 1."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate, weights
from symmetry.design import Design
from symmetry.errors import ConvergenceError, DataError
from symmetry.weights.distances import Method
from symmetry.weights.trimming import Spread
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


@given(margins())
def test_raking_is_calibration_by_the_raking_distance(case: Margins) -> None:
    """Two roads, proportional fitting and Newton, end at the same weights."""
    frame, targets = case
    total = frame["start"].sum()
    counts = {name: {key: share * total for key, share in target.items()} for name, target in targets.items()}
    one = weights.rake(frame, targets, weight="start")["weight"]
    other = weights.calibrate(frame, counts, method="raking", weight="start")["weight"]
    np.testing.assert_allclose(other, one, rtol=1e-8)


@given(margins(), st.sampled_from(["linear", "raking", "sinh"]), st.floats(-0.2, 0.2))
def test_calibration_meets_its_totals_whatever_the_order(case: Margins, method: Method, shift: float) -> None:
    """Totals are met, calibrating again changes nothing, and rows or totals in another order change labels only."""
    frame, targets = case
    total = frame["start"].sum()
    counts = {name: {key: share * total for key, share in target.items()} for name, target in targets.items()}
    reach = weights.rake(frame, targets, weight="start")["weight"]
    wanted = {
        **counts,
        "x": float(reach @ frame["x"]) + shift * float(reach @ np.abs(frame["x"])) * (method == "linear"),
    }
    if method == "linear" and np.ptp(frame["x"]) < 0.5:
        return
    fitted = weights.calibrate(frame, wanted, method=method, weight="start")
    np.testing.assert_allclose(fitted["weight"] @ fitted["x"], wanted["x"], atol=1e-9 * total)
    for name in targets:
        np.testing.assert_allclose(
            fitted.groupby(name)["weight"].sum()[list(counts[name])], list(counts[name].values()), atol=1e-9 * total
        )
    turned = weights.calibrate(frame.iloc[::-1], dict(reversed(wanted.items())), method=method, weight="start")
    np.testing.assert_allclose(turned["weight"][::-1], fitted["weight"], rtol=1e-6, atol=1e-7 * total)


@given(margins())
def test_bounded_calibration_stays_in_its_bounds(case: Margins) -> None:
    """Logit and truncated linear weights lie in their bounds and meet the totals, wherever some weights do."""
    frame, targets = case
    total = frame["start"].sum()
    counts = {name: {key: share * total for key, share in target.items()} for name, target in targets.items()}
    ratio = weights.rake(frame, targets, weight="start")["weight"] / frame["start"]
    bounds = (0.9 * min(ratio.min(), 0.9), 1.1 * max(ratio.max(), 1.1))
    for method in ("linear", "logit"):
        found = weights.calibrate(frame, counts, method=method, bounds=bounds, weight="start")
        moved = found["weight"] / frame["start"]
        assert bounds[0] * (1 - 1e-12) <= moved.min() <= moved.max() <= bounds[1] * (1 + 1e-12)
        np.testing.assert_allclose(
            found.groupby("a")["weight"].sum()[list(counts["a"])], list(counts["a"].values()), rtol=1e-9
        )


@given(margins())
def test_one_margin_is_the_same_by_every_road(case: Margins) -> None:
    """Post-stratification, linear and raking calibration to one margin are one."""
    frame, targets = case
    counts = {key: 100 * share for key, share in targets["a"].items()}
    post = weights.poststratify(frame, counts, by="a", weight="start")["weight"]
    for method in ("linear", "raking", "sinh"):
        np.testing.assert_allclose(
            weights.calibrate(frame, {"a": counts}, method=method, weight="start")["weight"], post, rtol=1e-9
        )
    np.testing.assert_allclose(weights.rake(frame, {"a": counts}, weight="start")["weight"], post, rtol=1e-11)


@given(
    st.lists(st.floats(0.01, 50), min_size=2, max_size=60),
    st.floats(1.05, 4),
    st.floats(0.0, 0.9),
    st.sampled_from(["proportional", "equal"]),
)
def test_trimming_keeps_the_total_and_obeys_its_limits(
    values: list[float], cap: float, floor: float, spread: Spread
) -> None:
    """Law 10: the total stays, no weight is outside, and nobody overtakes anybody."""
    frame = pd.DataFrame({"w": values})
    found = weights.trim(frame, weight="w", upper=cap, lower=floor, relative_to="mean", spread=spread)["weight"]
    mean = np.mean(values)
    np.testing.assert_allclose(found.sum(), np.sum(values), rtol=1e-10)
    assert found.max() <= cap * mean * (1 + 1e-10)
    assert found.min() >= floor * mean * (1 - 1e-10)
    if spread == "proportional":
        assert (np.diff(found[np.argsort(values, kind="stable")]) >= -1e-9 * mean).all()


@given(margins(), st.integers(0, 2**32 - 1))
def test_nonresponse_moves_weight_inside_its_class(case: Margins, seed: int) -> None:
    """Each class keeps its total, who did not answer ends with 0, and everybody answering changes nothing."""
    frame, _ = case
    answered = np.random.default_rng(seed).uniform(size=len(frame)) < 0.5
    answered |= ~frame.duplicated("a").to_numpy()
    found = weights.adjust_nonresponse(frame.assign(r=answered), "r", classes="a", weight="start")
    np.testing.assert_allclose(found.groupby("a")["weight"].sum(), frame.groupby("a")["start"].sum(), rtol=1e-12)
    assert (found["weight"] > 0).tolist() == answered.tolist()
    whole = weights.adjust_nonresponse(frame.assign(r=True), "r", classes="a", weight="start")
    np.testing.assert_allclose(whole["weight"], frame["start"], rtol=1e-12)


@given(margins(), st.randoms(use_true_random=False), st.floats(1e-6, 10))
def test_sorting_is_no_edit_and_an_edit_is_seen(case: Margins, random: Any, shift: float) -> None:
    """The memory holds through any order of rows, and through none once a weight moved."""
    frame, targets = case
    found = weights.rake(frame, targets, weight="start")
    order = random.sample(range(len(found)), len(found))
    assert weights.memory_of(found.iloc[order], "weight") == weights.memory_of(found, "weight")
    found["weight"] = found["weight"].where(np.arange(len(found)) != order[0], found["weight"] * (1 + shift))
    with pytest.raises(DataError, match="were changed after the weighting"):
        weights.memory_of(found, "weight")


@FEW
@given(margins(), st.integers(0, 2**32 - 1))
def test_replicates_play_on_cells_as_on_rows(case: Margins, seed: int) -> None:
    """A recipe replayed on the cells of a sample gives each row what it gives on rows."""
    frame, targets = case
    made = weights.Recipe([("rake", {"targets": targets}), ("rake", {"targets": {"b": targets["b"]}})], weight="start")
    steps = weights.memory_of(weights.apply(made, frame), "weight").recipe
    start = frame[["start"]].to_numpy() * np.random.default_rng(seed).uniform(0.5, 2, (len(frame), 3))
    cell, held = weights.recipe_cells(steps, frame)
    totals = np.zeros((len(held), 3))
    np.add.at(totals, cell, start)
    np.testing.assert_allclose(
        start * weights.replay_in_cells(steps, held, totals)[cell], weights.replay(steps, frame, start), rtol=1e-8
    )
