"""Laws of imputation and of Rubin's rules on random designs; by simulation, combined intervals cover as often as they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from symmetry import estimate
from symmetry.design import Design
from tests.strategies import FEW, Sample, samples

LEVEL = {"a": 2.6, "b": 3.2, "c": 3.9}
ANSWERS = {"a": 0.5, "b": 0.7, "c": 0.85}
SHARE = (0.3, 0.3, 0.4)


def imputed(sample: Sample, seed: int) -> list[Design]:
    """Four imputations of a random sample's x."""
    return estimate.impute(sample.design(), "x", by="group", imputations=4, seed=seed)


@FEW
@given(samples(), st.integers(0, 99), st.permutations(range(4)))
def test_the_order_of_imputations_never_matters(sample: Sample, seed: int, order: list[int]) -> None:
    """Combined values, errors, df and covariances do not depend on which imputation came first."""
    parts = [estimate.mean(one, ["x", "y"]) for one in imputed(sample, seed)]
    one, other = estimate.combine(parts), estimate.combine([parts[k] for k in order])
    for field in ("values", "se", "df"):
        np.testing.assert_allclose(getattr(one, field), getattr(other, field), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-9, atol=1e-12)


@FEW
@given(samples(), st.integers(0, 99))
def test_what_is_missing_never_adds_information(sample: Sample, seed: int) -> None:
    """Total variance is no smaller than the variance within, df no more than complete data's, missing information in [0, 1]."""
    parts = [estimate.mean(one, "x") for one in imputed(sample, seed)]
    both = estimate.combine(parts)
    told = estimate.missing_information(both)
    assert (both.variance >= np.mean([part.variance for part in parts], axis=0) * (1 - 1e-12)).all()
    assert (both.df <= parts[0].df).all()
    assert told["missing"].between(0, 1).all()


@FEW
@given(samples(weight=True), st.integers(0, 99), st.sampled_from([0.25, 0.5, 4.0, 64.0]))
def test_the_unit_of_weights_draws_the_same_donors(sample: Sample, seed: int, factor: float) -> None:
    """Weights in another unit give the same answers, and so the same combination."""
    more = sample.with_frame(sample.frame.assign(weight=factor * sample.frame["weight"]))
    for one, other in zip(imputed(sample, seed), imputed(more, seed), strict=True):
        pd.testing.assert_series_equal(one.data["x"], other.data["x"])


@FEW
@given(samples(), st.integers(0, 99))
def test_the_line_goes_through_combination(sample: Sample, seed: int) -> None:
    """A combined difference of domains is the difference of the combined domains."""
    made = imputed(sample, seed)
    both = estimate.combine([estimate.mean(one, "x", by=["group"]) for one in made])
    if len(both) < 2:
        return
    gap = estimate.contrast(both, {"gap": {0: 1.0, 1: -1.0}})
    cov = both.covariance()
    np.testing.assert_allclose(gap.values, both.values[0] - both.values[1], atol=1e-12)
    np.testing.assert_allclose(gap.variance, cov[0, 0] + cov[1, 1] - 2 * cov[0, 1], rtol=1e-9, atol=1e-12)


def drawn(rng: np.random.Generator, *, clustered: bool) -> Design:
    """A survey of 300 persons, or of 40 branches with 15 each: who answers depends on the group alone, weights on the answer."""
    psu = np.repeat(np.arange(40), 15) if clustered else np.arange(300)
    group = rng.choice(list(LEVEL), len(psu), p=SHARE)
    weight = rng.choice([1.0, 2.0, 3.0], len(psu))
    latent = np.array([LEVEL[g] for g in group]) + 0.25 * (weight - 2) + rng.normal(size=len(psu))
    latent += 0.5 * rng.normal(size=psu.max() + 1)[psu] if clustered else 0.0
    answered = rng.random(len(psu)) < np.array([ANSWERS[g] for g in group])
    frame = pd.DataFrame({"psu": psu, "group": group, "weight": weight, "near": latent + rng.normal(size=len(psu))})
    frame["x"] = np.where(answered, np.clip(np.round(latent), 1, 5), np.nan)
    return Design(frame, weight="weight", psu="psu")


def truth(*, clustered: bool) -> float:
    """The weighted mean of the rounded and clipped normal answers, from the normal distribution."""
    from scipy.stats import norm

    spread, total, size = np.hypot(1.0, 0.5 * clustered), 0.0, 0.0
    for group, share in zip(LEVEL, SHARE, strict=True):
        for weight in (1.0, 2.0, 3.0):
            above = norm.sf((np.array([1.5, 2.5, 3.5, 4.5]) - LEVEL[group] - 0.25 * (weight - 2)) / spread)
            total, size = total + share * weight * (1 + above.sum()), size + share * weight
    return total / size


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clustered", "options", "times"),
    [
        (False, {"by": "group"}, 1000),
        (False, {"method": "chained", "by": "group", "predictors": "near"}, 400),
        (True, {"by": ["group", "psu"], "at_least": 2}, 1000),
        (True, {"method": "chained", "by": ["group", "psu"]}, 400),
    ],
)
def test_combined_intervals_cover_under_missing_at_random(
    clustered: bool, options: dict[str, object], times: int
) -> None:
    """Half of one group and a seventh of another are missing: 95% intervals cover 93 to 97.5%, those of who answered miss."""
    right, hits, naive = truth(clustered=clustered), 0, 0
    for rep in range(times):
        design = drawn(np.random.default_rng([2025, rep]), clustered=clustered)
        made = estimate.impute(design, "x", imputations=10, seed=rep, **options)
        table = estimate.combine([estimate.mean(one, "x") for one in made]).table()
        hits += bool(table["lower"][0] <= right <= table["upper"][0])
        alone = estimate.mean(design, "x").table()
        naive += bool(alone["lower"][0] <= right <= alone["upper"][0])
    print(
        f"clustered={clustered} {options}: {100 * hits / times:.1f}% cover, of who answered {100 * naive / times:.1f}%"
    )
    slack = 2.6 * np.sqrt(0.95 * 0.05 / times)
    assert 0.93 - slack <= hits / times <= 0.975 + slack
    assert naive / times < 0.9
