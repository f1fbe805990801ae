"""Intervals by other roads, at their edges, and what they refuse."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import DesignError

FRAME = pd.DataFrame({"x": [1.0, 2, 4, 5, 5, 3, 2, 4, 4, 5]})


@pytest.mark.parametrize("level", [0.8, 0.9, 0.95, 0.99])
def test_a_simple_mean_has_students_interval(level: float) -> None:
    """scipy's interval of a one-sample t test."""
    lower, upper, notes = estimate.interval(estimate.mean(Design(FRAME), "x"), level=level)
    expected = stats.ttest_1samp(FRAME["x"], 0).confidence_interval(level)
    np.testing.assert_allclose([lower[0], upper[0]], expected, rtol=1e-12)
    assert notes == ("",)


@pytest.mark.parametrize(("answers", "share"), [([4, 5, 4, 5, 5, 4, 5], 1.0), ([1, 2, 3, 1, 2], 0.0)])
def test_a_share_all_on_one_side_has_the_exact_binomial_interval(answers: list[int], share: float) -> None:
    """With no variance to speak of: Clopper and Pearson's interval, as scipy has it, and a note."""
    table = estimate.favourable(Design(pd.DataFrame({"x": answers})), "x", at_least=4).table()
    exact = stats.binomtest(int(share * len(answers)), len(answers)).proportion_ci(method="exact")
    assert share == table["estimate"][0]
    np.testing.assert_allclose(table[["lower", "upper"]].iloc[0], [exact.low, exact.high], rtol=1e-10, atol=1e-12)
    assert table["note"][0] == "all answers on one side: exact binomial interval of the psus"


def test_a_domain_all_on_one_side_is_seen_as_such() -> None:
    """A domain where all are favourable is exactly 1 beside domains that are not, whatever the weights round to."""
    rng = np.random.default_rng(9)
    for _ in range(60):
        frame = pd.DataFrame(
            {"x": rng.integers(1, 6, 60), "g": rng.choice(list("ab"), 60), "w": rng.uniform(0.3, 4, 60)}
        )
        frame.loc[frame["g"] == "b", "x"] = 5
        table = estimate.favourable(Design(frame, weight="w"), "x", at_least=4, by=["g"]).table()
        assert (table["estimate"][1], table["upper"][1]) == (1.0, 1.0)
        assert 0.8 < table["lower"][1] < 1.0


def test_a_wider_level_is_a_wider_interval() -> None:
    """Intervals of every method are nested in the level."""
    est = estimate.favourable(Design(FRAME), "x", at_least=4)
    for method in ("mean", "logit"):
        bounds = [estimate.interval(est, method=method, level=level)[:2] for level in (0.5, 0.9, 0.99)]
        assert bounds[2][0] < bounds[1][0] < bounds[0][0] < bounds[0][1] < bounds[1][1] < bounds[2][1]


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"method": "wilson"}, "no interval is called 'wilson'", '"mean" or "logit"'),
        ({"level": 95}, "a confidence level of 95 is not between 0 and 1", "0.95 is usual"),
        ({"level": 0}, "a confidence level of 0 is not between 0 and 1", "0.95 is usual"),
    ],
)
def test_intervals_that_are_not_are_refused(options: dict[str, object], message: str, mend: str) -> None:
    """An unknown method, or a level outside (0, 1), is told with its remedy."""
    with pytest.raises(DesignError) as caught:
        estimate.interval(estimate.mean(Design(FRAME), "x"), **options)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend
