"""The distribution function is the share of answers up to a number, at every answer or where asked."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.errors import DesignError

RNG = np.random.default_rng(8)
N = 120
FRAME = pd.DataFrame(
    {
        "x": np.where(RNG.random(N) < 0.1, np.nan, RNG.integers(1, 6, N)),
        "y": RNG.normal(size=N),
        "psu": RNG.integers(0, 15, N),
        "w": RNG.uniform(0.5, 2, N),
        "g": RNG.choice(["a", "b"], N),
    }
)
DESIGN = Design(FRAME, weight="w", psu="psu")


@pytest.mark.parametrize("design", [DESIGN, Design(FRAME, weight="w"), replicate(DESIGN, "jackknife")])
def test_the_distribution_is_one_less_the_share_above(design: Design) -> None:
    """At every answer, by domain: value and error are those of the favourable share from the next answer on."""
    found = estimate.cdf(design, "x", by=["g"])
    assert [1.0, 2.0, 3.0, 4.0, 5.0] == sorted(found.labels["at"].unique())
    for at, rows in found.labels.groupby("at").groups.items():
        above = estimate.favourable(design, "x", at_least=at + 1, by=["g"])
        np.testing.assert_allclose(found.values[rows], 1 - above.values, rtol=1e-12)
        np.testing.assert_allclose(found.se[rows], above.se, rtol=1e-9, atol=1e-15)


def test_steps_of_the_distribution_are_the_shares() -> None:
    """Differences along the curve are the shares of the answers, with their errors: the covariance is that of the whole curve."""
    curve, shares = estimate.cdf(DESIGN, "x"), estimate.share(DESIGN, "x")
    steps = estimate.contrast(curve, {str(k): {k: 1, **({k - 1: -1} if k else {})} for k in range(5)})
    np.testing.assert_allclose(steps.values, shares.values, rtol=1e-12)
    np.testing.assert_allclose(steps.se, shares.se, rtol=1e-10)


def test_numbers_are_asked_in_any_order_of_several_items() -> None:
    """Every item has a row for each number, in the order given, also where the numbers are many."""
    found = estimate.cdf(DESIGN, ["x", "y"], at=[3, 0.5])
    assert [("x", 3.0), ("x", 0.5), ("y", 3.0), ("y", 0.5)] == list(
        found.labels[["item", "at"]].itertuples(index=False, name=None)
    )
    points = np.linspace(-3, 3, 5000)
    expected = [FRAME.loc[FRAME["y"] <= point, "w"].sum() / FRAME["w"].sum() for point in points[::500]]
    np.testing.assert_allclose(estimate.cdf(DESIGN, "y", at=points).values[::500], expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("at", "item", "message"),
    [(None, "many", "more than 200 distinct answers"), ([], "x", "asked at no number"), (np.nan, "x", "asked at no number"),
     (None, "none", "nobody answered none")],
)  # fmt: skip
def test_a_curve_without_end_is_refused(at: object, item: str, message: str) -> None:
    """More than 200 answers need numbers to ask at; a missing number is none."""
    frame = pd.DataFrame({"many": np.arange(300.0), "x": 1.0, "none": np.nan})
    with pytest.raises(DesignError, match=message):
        estimate.cdf(Design(frame), item, at=at)
