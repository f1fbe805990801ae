"""Supplied replicate weights: scales by method, degrees of freedom by rank, and what does not look like them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate, replicated, resumming
from symmetry.errors import DesignError


@pytest.fixture(scope="module")
def sample() -> pd.DataFrame:
    """60 rows in 12 psus of 3 strata."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame({"psu": np.repeat(np.arange(12), 5), "w": rng.uniform(1, 3, 60), "x": rng.normal(size=60)})
    return frame.assign(stratum=frame["psu"] % 3)


def weights_of(sample: pd.DataFrame, method: Any) -> tuple[Design, np.ndarray]:
    """A replicated design, and its weights for every row."""
    design = replicate(Design(sample, weight="w", stratum="stratum", psu="psu"), method, replicates=40)
    made = design.layout.replicates
    assert made is not None
    return design, made.weights(slice(0, made.size))


@pytest.mark.parametrize("method", ["jackknife", "bootstrap", "brr"])
def test_weights_handed_back_are_the_design_they_came_from(sample: pd.DataFrame, method: Any) -> None:
    """Written out as columns and supplied, replicates give the same errors and, by rank, the same degrees of freedom."""
    design, weights = weights_of(sample, method)
    made = design.layout.replicates
    assert made is not None
    names = [f"r{number}" for number in range(made.size)]
    frame = pd.concat([sample, pd.DataFrame(weights, columns=names)], axis=1)
    given = replicated(frame, weight="w", replicates=names, scale=made.scale, rscales=made.rscales)
    ours, theirs = (estimate.mean(one, "x", by=["stratum"]) for one in (design, given))
    np.testing.assert_allclose(theirs.se, ours.se, rtol=1e-10)
    assert theirs.df.tolist() == [6.0 if method == "brr" else 9.0] * 3
    factors = replicated(
        sample, weight="w", replicates=weights / sample["w"].to_numpy()[:, None], scale=made.scale, rscales=made.rscales,
        weights="factors",
    )  # fmt: skip
    np.testing.assert_allclose(estimate.total(factors, "x").se, estimate.total(design, "x").se, rtol=1e-10)
    assert estimate.mean(replicated(frame, weight="w", replicates=names, scale=1.0, df=5), "x").df.tolist() == [5.0]


@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_the_rank_of_many_rows_is_found_in_buckets(method: Any) -> None:
    """Of 6,000 rows summed in 4 R buckets the rank is that of the rows: psus minus strata and one."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"psu": rng.integers(0, 12, 6000), "w": rng.uniform(1, 3, 6000), "x": 1.0})
    _, weights = weights_of(frame.assign(stratum=frame["psu"] % 3), method)
    given = replicated(frame, weight="w", replicates=weights, scale=1.0)
    assert given.layout.replicates is not None
    assert given.layout.replicates.df == np.linalg.matrix_rank(weights) - 1 == 9


@pytest.mark.parametrize(
    ("method", "options", "scale"),
    [
        ("jk1", {}, 3 / 4),
        ("jk1", {"scale": 0.6}, 0.6),
        ("jk2", {}, 1.0),
        ("jkn", {"rscales": [0.5] * 4}, 0.5),
        ("brr", {}, 1 / 4),
        ("fay", {"rho": 0.5}, 1.0),
        ("bootstrap", {}, 1 / 3),
        ("sdr", {}, 1.0),
        ("acs", {}, 1.0),
        (None, {"scale": 0.2}, 0.2),
        (None, {"rscales": [0.3] * 4}, 0.3),
    ],
)
def test_the_method_says_the_scale(method: Any, options: dict[str, Any], scale: float) -> None:
    """With four replicates of a total, V = scale · Σ (θ_r - θ)², by each method's own scale."""
    frame = pd.DataFrame({"w": [1.0, 1, 1, 1], "x": [1.0, 2, 3, 4]})
    weights = np.array([[1.5, 1, 1, 0.5], [1, 1.5, 0.5, 1], [0.5, 1, 1, 1.5], [1, 0.5, 1.5, 1]])
    design = replicated(frame, weight="w", replicates=weights, method=method, **options)
    away = weights.T @ frame["x"] - 10
    np.testing.assert_allclose(estimate.total(design, "x").variance[0], scale * (away**2).sum(), rtol=1e-12)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"replicates": ["a"], "scale": 1.0}, "no variance"),
        ({"replicates": "a", "scale": 1.0}, "one name"),
        ({"replicates": ["a", "zz"], "scale": 1.0}, "no column `zz`"),
        ({"replicates": ["a", "text"], "scale": 1.0}, "not numeric"),
        ({"replicates": ["a", "gone"], "scale": 1.0}, "replicate 2 is missing or infinite on row 2"),
        ({"replicates": ["a", "b"]}, "scale of the replicates is unknown"),
        ({"replicates": ["a", "b"], "method": "jkn"}, "needs rscales"),
        ({"replicates": ["a", "b"], "method": "brr", "scale": 3.0}, "have scale 0.5"),
        ({"replicates": ["a", "b"], "method": "fay"}, "needs rho"),
        ({"replicates": ["a", "b"], "method": "brr", "rho": 0.3}, "only Fay"),
        ({"replicates": ["a", "b"], "method": "jack"}, "no replicates are called"),
        ({"replicates": ["a", "b"], "scale": -1.0}, "negative"),
        ({"replicates": ["a", "b"], "rscales": [1.0, 1, 1]}, "3 rscales for 2"),
        ({"replicates": ["f", "f"], "scale": 1.0}, "do not stand for the same population"),
        ({"replicates": ["a", "b"], "scale": 1.0, "weights": "factors"}, "not about 1"),
        ({"replicates": np.ones((2, 2)), "scale": 1.0}, "2 rows of replicate weights for 3"),
    ],
)
def test_what_does_not_look_like_replicates_is_refused(options: dict[str, Any], words: str) -> None:
    """Columns that are not there, not whole or not numbers; scales unknown, said twice or negative; weights that are factors."""
    frame = pd.DataFrame(
        {
            "w": [9.0, 8, 7],
            "a": [12.0, 0, 12],
            "b": [0.0, 20, 4],
            "f": [1.0, 2, 0],
            "text": list("xyz"),
            "gone": [1, np.nan, 2],
        }
    )
    with pytest.raises(DesignError, match=words):
        replicated(frame, weight="w", **options)


def test_rows_that_share_factors_are_units() -> None:
    """Replicates of psus are kept by psu; one row with its own is one unit more; with a weight of 0, rows are kept."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"psu": rng.integers(0, 12, 600), "w": rng.uniform(1, 3, 600), "x": rng.normal(size=600)})
    design, weights = weights_of(frame.assign(stratum=frame["psu"] % 3), "bootstrap")
    made = design.layout.replicates
    assert made is not None
    own = weights.copy()
    own[5] *= rng.uniform(0.9, 1.1, 40)
    nothing = frame.assign(w=frame["w"].where(frame.index != 7, 0.0))
    for data, given, units in ((frame, weights, 12), (frame, own, 13), (nothing, weights, 600)):
        found = replicated(data, weight="w", replicates=given, scale=made.scale).layout.replicates
        assert found is not None
        assert found.units == units
        np.testing.assert_allclose(found.weights(slice(3, 9)), given[:, 3:9], rtol=1e-12)


@pytest.mark.parametrize("by", [[], ["stratum"], ["psu"]])
@pytest.mark.parametrize("method", ["jackknife", "bootstrap"])
def test_sums_by_units_by_blocks_and_by_the_short_road_agree(
    sample: pd.DataFrame, method: Any, by: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many units and replicates are taken at once, errors are the same."""
    design, weights = weights_of(sample, method)
    made = design.layout.replicates
    assert made is not None
    calibrated = weights * np.random.default_rng(9).uniform(0.99, 1.01, weights.shape)
    given = replicated(sample, weight="w", replicates=calibrated, scale=made.scale, rscales=made.rscales)
    at_once = [estimate.total(one, ["x", "w"], by=by).covariance() for one in (design, given)]
    monkeypatch.setattr(resumming, "_ENTRIES", 64)
    in_parts = [estimate.total(one, ["x", "w"], by=by).covariance() for one in (design, given)]
    for found, expected in zip(in_parts, at_once, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_negative_replicate_weights_are_taken(sample: pd.DataFrame) -> None:
    """Successive differences of an office may go below 0: they are weights like others; nullable columns too."""
    _, weights = weights_of(sample, "bootstrap")
    shifted = pd.DataFrame(np.round(10 * weights - 1).astype(int), columns=[f"r{k}" for k in range(weights.shape[1])])
    frame = pd.concat([sample.assign(w=10 * sample["w"]), shifted.astype("Int32")], axis=1)
    design = replicated(frame, weight="w", replicates=list(shifted), method="sdr")
    assert (shifted < 0).any(axis=None)
    assert estimate.mean(design, "x").se[0] > 0
    assert repr(design).startswith("Design: 60 rows; weight `w`\n  variances from 40 supplied replicates (sdr), ")
