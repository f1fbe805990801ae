"""Trimmed weights keep their total and their limits, by hand and by one equation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError, SymmetryError

SAMPLE = pd.DataFrame({"g": ["a", "a", "a", "b", "b", "b"], "w": [1.0, 2.0, 9.0, 1.0, 1.0, 4.0]})


def trimmed(**options: Any) -> list[float]:
    """The trimmed weights of the sample."""
    return weights.trim(SAMPLE, weight="w", **options)["weight"].round(10).tolist()


def test_what_is_cut_goes_to_the_others() -> None:
    """9 is cut to 6: its 3 go to the others, in proportion (9/3 = a third more) or equally (0.6 each)."""
    grown = [round(value * 12 / 9, 10) for value in (1.0, 2.0, 1.0, 1.0, 4.0)]
    assert [*grown[:2], 6.0, *grown[2:]] == trimmed(upper=6)
    assert [1.6, 2.6, 6.0, 1.6, 1.6, 4.6] == trimmed(upper=6, spread="equal")


def test_who_is_pushed_to_the_cap_is_cut_in_turn() -> None:
    """Cut at 5, the share of 9 pushes 4 over the cap: both end there, and the others hold what is left, 8 in place of 5."""
    assert [1.6, 3.2, 5.0, 1.6, 1.6, 5.0] == trimmed(upper=5)


def test_limits_may_follow_the_median_or_the_mean() -> None:
    """The median weight is 1.5 and the mean 3; inside groups they are 2 and 4, 1 and 2."""
    assert trimmed(upper=6) == trimmed(upper=4, relative_to="median") == trimmed(upper=2, relative_to="mean")
    assert [2.0, 4.0, 6.0, 1.5, 1.5, 3.0] == trimmed(upper=1.5, relative_to="mean", by="g")
    assert [2.0, 4.0, 6.0, 1.5, 1.5, 3.0] == trimmed(upper=3, relative_to="median", by=["g"])


def test_both_limits_are_one_factor_cut_at_both() -> None:
    """Proportional trimming is w → min(max(c w, floor), cap), where c keeps the total."""
    w = np.random.default_rng(5).lognormal(0, 1.2, 200)
    found = weights.trim(pd.DataFrame({"w": w}), weight="w", lower=0.5, upper=3.0)["weight"]
    factor = brentq(lambda c: np.clip(c * w, 0.5, 3.0).sum() - w.sum(), 0.01, 100, xtol=1e-14)
    np.testing.assert_allclose(found, np.clip(factor * w, 0.5, 3.0), rtol=1e-10)


def test_zero_stays_zero_and_the_counts_are_told() -> None:
    """Who has no weight gets none; the description says how many were cut and raised."""
    found = weights.trim(pd.DataFrame({"w": [0.0, 1.0, 3.0, 8.0, 4.0]}), weight="w", upper=6, lower=2)
    assert 0 == found["weight"].iloc[0]
    assert "trimming: 1 weights cut to the cap, 1 raised to the floor, of 4" in weights.describe(found)["note"].tolist()


def test_nothing_outside_changes_nothing() -> None:
    """Limits that hold every weight leave them as they are."""
    assert SAMPLE["w"].tolist() == trimmed(upper=9, lower=1)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({}, DataError, "trimming has no limit"),
        ({"upper": 1, "lower": 2}, DataError, "limits are lower=2 and upper=1"),
        ({"upper": "5"}, DataError, "upper='5'"),
        ({"upper": float("nan")}, DataError, "upper=nan"),
        ({"upper": 2, "relative_to": "mode"}, DataError, "relative_to='mode' is unknown"),
        ({"upper": 2, "spread": "evenly"}, DataError, "spread='evenly' is unknown"),
        ({"upper": 2.5}, ConvergenceError, "cannot keep the total 18 of 6 weights between 0 and 2.5: together they hold 0 to 15"),
        ({"lower": 3.5}, ConvergenceError, "together they hold 21 to inf"),
        ({"upper": 5, "by": "region"}, DataError, "trimming needs the column `region`"),
    ],
)  # fmt: skip
def test_limits_that_cannot_be_kept_are_refused(
    options: dict[str, Any], error: type[SymmetryError], message: str
) -> None:
    """Each fault of the limits is told."""
    with pytest.raises(error) as caught:
        trimmed(**options)
    assert message in caught.value.problems[0].what
