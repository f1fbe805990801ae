"""Any function of weights and answers: the same numbers as the estimators that have a name, and what is no function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate, replicated
from symmetry.errors import DesignError


@pytest.fixture(scope="module")
def design() -> Design:
    """A jackknife of 40 rows in 8 psus of 2 strata."""
    rng = np.random.default_rng(4)
    frame = pd.DataFrame({"psu": np.repeat(np.arange(8), 5), "x": rng.normal(5, 1, 40), "y": rng.normal(3, 1, 40)})
    return replicate(Design(frame.assign(s=frame["psu"] % 2), stratum="s", psu="psu"), "jackknife")


def both_means(weights: np.ndarray, answers: pd.DataFrame) -> np.ndarray:
    """Means of x and y."""
    return np.array([np.average(answers[item], weights=weights) for item in ("x", "y")])


def test_a_function_is_as_good_as_a_name(design: Design) -> None:
    """Means by a function have the values, covariance and df of `estimate.mean` on the same replicates."""
    ours, named = estimate.statistic(design, both_means, names=["x", "y"]), estimate.mean(design, ["x", "y"])
    np.testing.assert_allclose(ours.values, named.values, rtol=1e-12)
    np.testing.assert_allclose(ours.covariance(), named.covariance(), rtol=1e-9)
    assert ours.df.tolist() == named.df.tolist() == [6.0, 6.0]
    assert ours.table()["item"].tolist() == ["x", "y"]
    gap = estimate.contrast(ours, {"gap": {0: 1, 1: -1}})
    np.testing.assert_allclose(gap.se, estimate.contrast(named, {"gap": {0: 1, 1: -1}}).se, rtol=1e-9)


def test_names_follow_from_the_function(design: Design) -> None:
    """Numbered where there are several, as given where they are given."""
    assert estimate.statistic(design, both_means).labels["item"].tolist() == ["both_means 1", "both_means 2"]
    assert estimate.statistic(design, lambda w, d: w.sum(), "size").labels["item"].tolist() == ["size"]
    with pytest.raises(DesignError, match="1 names for 2 values"):
        estimate.statistic(design, both_means, names="one")


def test_a_median_has_an_error_by_bootstrap(design: Design) -> None:
    """What has no gradient has replicates: the error of a median of 40 is near 1.25 σ/√n, clusters aside."""

    def median(weights: np.ndarray, answers: pd.DataFrame) -> float:
        order = answers["x"].to_numpy().argsort()
        return float(answers["x"].to_numpy()[order][np.searchsorted(weights[order].cumsum(), weights.sum() / 2)])

    est = estimate.statistic(replicate(design, "bootstrap", replicates=400), median)
    assert 0.08 < est.se[0] < 0.4


def test_supplied_replicates_serve_any_function(design: Design) -> None:
    """A function asks no more of a design than replicates: supplied ones have their own df."""
    made = design.layout.replicates
    assert made is not None
    given = replicated(
        design.data.assign(w=1.0), weight="w", replicates=made.weights(slice(0, 8)), method="jkn", rscales=made.rscales
    )
    np.testing.assert_allclose(
        estimate.statistic(given, both_means).se, estimate.statistic(design, both_means).se, rtol=1e-10
    )


def test_replicates_without_a_value_are_counted(design: Design) -> None:
    """NaN leaves a replicate out of that value alone, and the note says how many; with fewer than two left there is no error."""
    first = design.layout.psu == 0

    def some(weights: np.ndarray, answers: pd.DataFrame) -> np.ndarray:
        mean = np.average(answers["x"], weights=weights)
        return np.array([mean, mean if weights[first].sum() else np.nan, mean if weights.min() == 1 else np.nan])

    table = estimate.statistic(design, some).table()
    assert table["note"].tolist() == [
        "",
        "1 of 8 replicates gave no value and were left out",
        "8 of 8 replicates gave no value and were left out",
    ]
    assert table["se"][1] < table["se"][0]
    assert np.isnan(table["se"][2])


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda weights, answers: "five", "returned a str and not numbers"),
        (lambda weights, answers: np.ones(1 + int(weights[0] == 0)), "returned 1 values, and 2 in replicate 1"),
    ],
)
def test_what_returns_no_numbers_is_refused(design: Design, function: Callable[..., Any], words: str) -> None:
    """Words, and arrays that change their length, are refused."""
    with pytest.raises(DesignError, match=words):
        estimate.statistic(design, function)


def test_a_design_without_replicates_is_told_how_to_have_some(design: Design) -> None:
    """The message names `replicate` and `replicated`."""
    with pytest.raises(DesignError, match="replicate"):
        estimate.statistic(Design(design.data), both_means)
