"""Differences of columns that share no respondent, without looking at rows, agree with contrasts that do."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, covariances_apart, replicate, stack
from symmetry.estimate.banners.pairing import differences

ROADS = 1e-10


def sample(seed: int = 2, n: int = 900) -> pd.DataFrame:
    """Answers with missing ones, strata of different sizes, persons in branches."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        {"stratum": rng.integers(0, 6, n), "side": rng.choice(list("abc"), n), "w": rng.lognormal(0, 1, n)}
    )
    frame["branch"] = frame["stratum"] * 10 + rng.integers(0, 10, n)
    frame["x"] = np.where(rng.random(n) < 0.1, np.nan, rng.integers(0, 6, n) + (frame["side"] == "a"))
    frame["people"] = frame.groupby("stratum")["w"].transform("size") * 3
    return frame


DESIGNS = {
    "persons": {"weight": "w", "stratum": "stratum"},
    "persons of a known number": {"weight": "w", "stratum": "stratum", "fpc": "people"},
    "weights alone": {"weight": "w"},
    "branches": {"weight": "w", "stratum": "stratum", "psu": "branch"},
}


def agree_with_contrasts(est: estimate.Estimate) -> None:
    """Values, errors and degrees of freedom of all pairs."""
    a, b = np.triu_indices(3, 1)
    value, se, df = differences(est, a, b)
    pairs = {f"{one} {other}": {int(one): 1, int(other): -1} for one, other in zip(a, b, strict=True)}
    slow = estimate.contrast(est, pairs)
    np.testing.assert_allclose(value, slow.values, rtol=ROADS)
    np.testing.assert_allclose(se, slow.se, rtol=ROADS)
    np.testing.assert_allclose(df, slow.df, rtol=ROADS)


@pytest.mark.parametrize("name", list(DESIGNS))
@pytest.mark.parametrize("statistic", ["mean", "share", "csat", "two items"])
def test_differences_are_contrasts(name: str, statistic: str) -> None:
    """By persons through sums of strata, by branches through the influence: the same numbers."""
    design = Design(sample(), **DESIGNS[name])
    asked = {
        "mean": lambda: estimate.mean(design, "x", by=["side"]),
        "share": lambda: estimate.share(design, "x", by=["side"]).select([3, 4, 5]),
        "csat": lambda: estimate.csat(design, "x", by=["side"]),
        "two items": lambda: estimate.join([estimate.mean(design, ["w", "x"], by=["side"])]).select([3, 4, 5]),
    }
    agree_with_contrasts(asked[statistic]())


def test_replicates_take_the_long_road() -> None:
    """A bootstrap knows no sums of strata; the differences are made in its replicates."""
    design = replicate(Design(sample(), **DESIGNS["branches"]), "jackknife")
    found = estimate.mean(design, "x", by=["side"])
    assert covariances_apart(found.design, found.influence, np.array([0]), np.array([1])) is None
    agree_with_contrasts(found)


@pytest.mark.parametrize("roles", [{"psu": "branch"}, {}])
def test_audiences_take_satterthwaite(roles: dict[str, str]) -> None:
    """Columns of two audiences have degrees of freedom of their own, whether they share branches or nothing."""
    sides = {
        name: Design(sample(seed).query("side == @side"), weight="w", stratum="stratum", **roles)
        for seed, (name, side) in enumerate({"customers": "a", "employees": "b", "managers": "c"}.items())
    }
    agree_with_contrasts(estimate.mean(stack(sides), "x", by=["audience"]))


def test_a_difference_without_error_has_none() -> None:
    """Where all answers are alike on both sides, rounding is no error."""
    frame = sample().assign(x=lambda told: np.where(told["side"] == "a", 0.1, 0.3))
    for roles in DESIGNS.values():
        _, se, _ = differences(
            estimate.mean(Design(frame, **roles), "x", by=["side"]), np.array([0, 0]), np.array([1, 2])
        )
        np.testing.assert_array_equal(se, 0.0)
