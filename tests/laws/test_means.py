"""Laws of means, shares and NPS (house style, section 9, laws 1 to 8), on random designs."""

from __future__ import annotations

from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design, covariance, gather, influence
from symmetry.estimate import Estimate
from tests.strategies import FEW, Sample, samples


def all_of(design: Design, by: list[str] | None = None) -> list[Estimate]:
    """Every statistic of the room."""
    by = by or []
    return [
        estimate.mean(design, ["x", "y"], by=by),
        estimate.favourable(design, "x", at_least=4, by=by),
        estimate.nps(design, "code", by=by),
    ]


def assert_same(one: Estimate, other: Estimate, *, scale: float = 1.0, rtol: float = 1e-10) -> None:
    """Two estimates have the same values and covariance, up to rounding beside their own size."""
    size = float(np.abs(one.values).max()) + 1.0
    np.testing.assert_allclose(one.values * scale, other.values, rtol=rtol, atol=rtol * size)
    np.testing.assert_allclose(one.covariance() * scale**2, other.covariance(), rtol=1e-8, atol=1e-12 * size**2)


@FEW
@given(samples(weight=True), st.floats(0.01, 100))
def test_the_unit_of_weights_never_matters(sample: Sample, c: float) -> None:
    """Law 1: multiplying every weight by one number changes no mean, share or NPS, nor their errors."""
    other = sample.design(sample.frame.assign(weight=sample.frame["weight"] * c))
    for one, two in zip(all_of(sample.design(), ["group"]), all_of(other, ["group"]), strict=True):
        assert_same(one, two)
        np.testing.assert_allclose(one.deff, two.deff, rtol=1e-8, atol=1e-12)


@FEW
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_respondents_never_matters(sample: Sample, random: Random) -> None:
    """Law 2: shuffled rows and renamed strata and psus give the same numbers."""
    order = list(range(len(sample.frame)))
    random.shuffle(order)
    renamed = {f"{kind}{k}": f"{kind}{9 - k}" for kind in "sp" for k in range(10)}
    frame = sample.frame.iloc[order].replace({"stratum": renamed, "psu": renamed})
    for one, two in zip(all_of(sample.design(), ["group"]), all_of(sample.design(frame), ["group"]), strict=True):
        assert_same(one, two)
        assert one.df.tolist() == two.df.tolist()


@FEW
@given(samples(psu=True))
def test_twins_inside_a_psu_change_nothing(sample: Sample) -> None:
    """Law 3: every row twice inside its own psu leaves means and their errors as they were."""
    twice = pd.concat([sample.frame, sample.frame], ignore_index=True)
    for one, two in zip(all_of(sample.design(), ["side"]), all_of(sample.design(twice), ["side"]), strict=True):
        assert_same(one, two)
        assert (2 * one.n).tolist() == two.n.tolist()


@given(st.lists(st.integers(1, 5), min_size=2, max_size=40), st.integers(0, 30))
def test_a_simple_random_sample_is_the_textbook(answers: list[int], more: int) -> None:
    """Law 4: s/√n exactly, with (1 - n/N) when the population is finite; a census has no error and is its own interval."""
    frame = pd.DataFrame({"x": np.array(answers, float), "N": len(answers) + more})
    plain = estimate.mean(Design(frame), "x")
    np.testing.assert_allclose(plain.se, np.std(answers, ddof=1) / np.sqrt(len(answers)), rtol=1e-12, atol=1e-15)
    finite = estimate.mean(Design(frame, fpc="N"), "x")
    np.testing.assert_allclose(finite.se, plain.se * np.sqrt(more / (len(answers) + more)), rtol=1e-12, atol=1e-15)
    if not more:
        table = finite.table()
        assert finite.values[0] == table["lower"][0] == table["upper"][0]
        assert [0.0] == finite.se.tolist()


@FEW
@given(samples(fpc=False))
def test_three_roads_to_a_domain_mean(sample: Sample) -> None:
    """Law 5: by subset (weight 0 outside), by ratio of totals, and by regression with errors robust to psus: all the same."""
    design = sample.design()
    by_domain = estimate.mean(design, "y", by=["group"])
    w = design.layout.weight
    y = sample.frame["y"].to_numpy()
    groups = list(by_domain.labels["group"])
    x = np.column_stack([(sample.frame["group"] == name).to_numpy(float) for name in groups])
    # the regression's sandwich: bread (X'WX)⁻¹, scores summed by psu
    bread = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = bread @ (x.T @ (w * y))
    scores = x * (w * (y - x @ beta))[:, None]
    by_psu = np.zeros((len(design.layout.psus), len(groups)))
    np.add.at(by_psu, design.layout.psu, scores)
    regression = covariance(design, by_psu @ bread)
    np.testing.assert_allclose(by_domain.values, beta, rtol=1e-10)
    np.testing.assert_allclose(by_domain.covariance(), regression, rtol=1e-9, atol=1e-14)
    for row, name in enumerate(groups):
        inside = sample.frame["group"] == name
        subset = sample.design(sample.frame.assign(weight=np.where(inside, w, 0.0)), weight="weight")
        alone = estimate.mean(subset, "y")
        np.testing.assert_allclose(alone.values, by_domain.values[[row]], rtol=1e-10)
        np.testing.assert_allclose(alone.se, by_domain.se[[row]], rtol=1e-9, atol=1e-14)
        assert alone.df.tolist() == by_domain.df[[row]].tolist()


@FEW
@given(samples())
def test_parts_make_the_whole(sample: Sample) -> None:
    """Law 6: shares of all codes sum to 1 and their covariances to 0; weighted domain means rebuild the mean."""
    codes = {f"is{k}": np.where(sample.frame["x"].isna(), np.nan, sample.frame["x"] == k) for k in range(1, 6)}
    shares = estimate.mean(sample.design(sample.frame.assign(**codes)), list(codes))
    np.testing.assert_allclose(shares.values.sum(), 1.0, rtol=1e-12)
    np.testing.assert_allclose(shares.covariance().sum(axis=0), 0.0, atol=1e-14)
    design = sample.design()
    parts, whole = estimate.mean(design, "y", by=["side"]), estimate.mean(design, "y")
    held = pd.Series(design.layout.weight).groupby(sample.frame["side"]).sum()
    np.testing.assert_allclose(parts.values @ held[parts.labels["side"]] / held.sum(), whole.values[0], rtol=1e-12)


@FEW
@given(samples(), st.floats(-50, 50), st.floats(-20, 20))
def test_a_mean_is_linear(sample: Sample, a: float, b: float) -> None:
    """Law 7: the mean of a + b·y is a + b·mean(y), its error |b| times."""
    line = estimate.mean(sample.design(sample.frame.assign(line=a + b * sample.frame["y"])), "line", by=["group"])
    y = estimate.mean(sample.design(), "y", by=["group"])
    np.testing.assert_allclose(line.values, a + b * y.values, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(line.se, abs(b) * y.se, rtol=1e-8, atol=1e-11)


@FEW
@given(samples(psu=True, fpc=False))
def test_the_jackknife_of_a_total_is_the_linearisation(sample: Sample) -> None:
    """Law 8: for a total under stratified psus without fpc, leaving psus out one by one gives the same variance exactly."""
    design = sample.design()
    sums = gather(design, [["y"]])
    linear = influence(sums, np.array([0.0, 1.0]).reshape(1, 1, 2, 1))[1][0]
    totals, jackknife = sums.entries[0, :, 1], 0.0
    for stratum in range(len(design.layout.strata)):
        mine = totals[design.layout.stratum == stratum]
        left = np.array([(mine.sum() - total) * len(mine) / (len(mine) - 1) for total in mine])
        jackknife += (len(mine) - 1) / len(mine) * ((left - mine.sum()) ** 2).sum()
    np.testing.assert_allclose(linear, jackknife, rtol=1e-10)


@FEW
@given(samples())
def test_a_share_stays_between_its_bounds(sample: Sample) -> None:
    """Favourable shares and their intervals lie in [0, 1]; a share of exactly 0 or 1 is found to be exactly that."""
    table = estimate.favourable(sample.design(), "x", at_least=4, by=["side"]).table().dropna(subset=["lower"])
    assert table["lower"].between(0, 1).all()
    assert table["upper"].between(0, 1).all()
    # without error the interval is the share itself, up to the last digit of a logit and back
    assert (table["lower"] <= table["estimate"] + 1e-12).all()
    assert (table["estimate"] <= table["upper"] + 1e-12).all()
    high = sample.frame["x"].where(sample.frame["side"] != "u", sample.frame["x"].clip(lower=4))
    shares = estimate.favourable(sample.design(sample.frame.assign(high=high)), "high", at_least=4, by=["side"])
    assert all(value == 1.0 for value in shares.values[shares.labels["side"] == "u"])


@pytest.mark.parametrize("items", [["x"], ["x", "y"], ["y", "x", "code"]])
def test_items_do_not_disturb_each_other(items: list[str]) -> None:
    """An item's numbers are the same asked alone or among others, each with its own missing answers."""
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(rng.integers(1, 6, (60, 3)).astype(float), columns=["x", "y", "code"])
    frame = frame.mask(rng.random(frame.shape) < 0.2)
    together = estimate.mean(Design(frame), items).table().set_index("item")
    for item in items:
        alone = estimate.mean(Design(frame), item).table().set_index("item")
        pd.testing.assert_frame_equal(together.loc[[item]], alone, rtol=1e-12)
