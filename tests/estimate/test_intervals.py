"""Intervals by other roads, at their edges, and what they refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.errors import DesignError

SHARES = ("logit", "xlogit", "likelihood", "asin", "beta", "wilson")
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
    for method in ("mean", *SHARES):
        bounds = [estimate.interval(est, method=method, level=level)[:2] for level in (0.5, 0.9, 0.99)]
        assert bounds[2][0] < bounds[1][0] < bounds[0][0] < bounds[0][1] < bounds[1][1] < bounds[2][1]


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"method": "wald"}, "no interval is called 'wald'", "'mean', 'fisher', 'logit'"),
        ({"method": "wilson"}, "'wilson' is an interval of shares, and a value is 3.5", "estimate a share"),
        ({"df": "kenward"}, "no rule of degrees of freedom is called 'kenward'", '"own", "design" or a number'),
        ({"df": -2}, "-2 degrees of freedom give no interval", "a number above 0"),
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


@pytest.mark.parametrize("method", SHARES)
def test_thousands_of_shares_are_as_one_by_one(method: str) -> None:
    """Each domain's interval is the one it has alone, inside (0, 1) and around the share, from rare to common."""
    rng = np.random.default_rng(2)
    frame = pd.DataFrame({"g": np.repeat(np.arange(1500), 12), "psu": np.tile(np.arange(4), 4500)})
    frame["v"] = (rng.random(len(frame)) < np.repeat(rng.uniform(0.02, 0.98, 1500), 12)).astype(float)
    est = estimate.mean(Design(frame, psu="psu"), "v", by=["g"])
    lower, upper, notes = estimate.interval(est, method=method)
    assert ((lower >= 0) & (lower <= est.values) & (est.values <= upper) & (upper <= 1)).all()
    sided = (est.values == 0) | (est.values == 1)
    assert sided.any()
    assert sided.tolist() == [note.startswith("all answers on one side") for note in notes]
    for row in range(0, 1500, 250):
        alone = estimate.interval(est.select([row]), method=method)
        np.testing.assert_allclose([lower[row], upper[row]], [alone[0][0], alone[1][0]], rtol=1e-13)


@pytest.mark.parametrize(
    ("method", "level"), [("wilson", 0.9), ("wilson", 0.999), ("likelihood", 0.9), ("likelihood", 0.999)]
)
def test_bounds_solve_their_equation(method: str, level: float) -> None:
    """Wilson's and the likelihood's bounds are where the test statistic is t squared."""
    frame = pd.DataFrame({"v": np.repeat([0.0, 1.0], [37, 3]), "w": np.linspace(1, 2, 40), "psu": np.arange(40) % 9})
    est = estimate.mean(Design(frame, weight="w", psu="psu"), "v")
    p, n, t = est.values, est.values * (1 - est.values) / est.variance, stats.t.ppf((1 + level) / 2, est.df)
    for q in estimate.interval(est, method=method, level=level)[:2]:
        score = n * (p - q) ** 2 / (q * (1 - q))
        deviance = 2 * n * (p * np.log(p / q) + (1 - p) * np.log((1 - p) / (1 - q)))
        np.testing.assert_allclose(score if method == "wilson" else deviance, t**2, rtol=1e-10)


def test_a_simple_random_share_has_the_textbook_intervals() -> None:
    """Normal quantiles and n - 1 effective answers: scipy's Wilson; t of n - 1 df: Clopper and Pearson of n - 1 answers."""
    est = estimate.mean(Design(pd.DataFrame({"v": np.repeat([0.0, 1.0], [32, 9])})), "v")
    lower, upper, _ = estimate.interval(est, method="wilson", df=np.inf)
    n, z = 40, stats.norm.ppf(0.975)
    np.testing.assert_allclose((lower + upper) / 2, (est.values + z**2 / (2 * n)) / (1 + z**2 / n), rtol=1e-12)
    lower, upper, _ = estimate.interval(est, method="beta")
    k = n * est.values
    np.testing.assert_allclose(
        [lower, upper], [stats.beta.ppf(0.025, k, n - k + 1), stats.beta.ppf(0.975, k + 1, n - k)], rtol=1e-10
    )


@pytest.mark.parametrize("method", SHARES)
def test_a_census_has_no_doubt(method: str) -> None:
    """A share with error 0 is its own interval; without degrees of freedom there is none."""
    frame = pd.DataFrame({"v": [0.0, 1, 1, 0, 1], "N": 5, "psu": 1})
    lower, upper, notes = estimate.interval(estimate.mean(Design(frame, fpc="N"), "v"), method=method)
    np.testing.assert_allclose([lower[0], upper[0]], 0.6, rtol=1e-15)
    assert notes == ("",)
    lower, upper, notes = estimate.interval(
        estimate.mean(Design(frame, psu="psu", lonely_psu="remove"), "v"), method=method
    )
    assert np.isnan([lower[0], upper[0]]).all()
    assert notes == ("no degrees of freedom",)


def test_degrees_of_freedom_are_chosen() -> None:
    """The value's own, those of all psus behind a difference of audiences, a number, or infinitely many."""
    rng = np.random.default_rng(1)
    sizes = {"customers": 40, "employees": 5}
    sides = {name: Design(pd.DataFrame({"x": rng.normal(size=n) * n})) for name, n in sizes.items()}
    gap = estimate.contrast(estimate.mean(stack(sides, units="apart"), "x", by=["audience"]), {"gap": {0: 1, 1: -1}})
    for df, expected in (("own", gap.df[0]), ("design", 43), (7, 7), (np.inf, np.inf)):
        upper = estimate.interval(gap, df=df)[1]
        np.testing.assert_allclose(upper, gap.values + stats.t.ppf(0.975, expected) * gap.se, rtol=1e-10)
    assert gap.df[0] < 43


def test_a_correlation_has_fishers_interval() -> None:
    """On the inverse hyperbolic tangent, inside (-1, 1); a perfect one is its own interval."""
    frame = FRAME.assign(y=[2.0, 2, 5, 4, 5, 1, 2, 5, 3, 5], z=2 * FRAME["x"])
    table = estimate.correlation(Design(frame), ["x", "y", "z"]).table()
    r, se, t = table["estimate"][0], table["se"][0], stats.t.ppf(0.975, 9)
    bounds = np.tanh(np.arctanh(r) + np.array([-1, 1]) * t * se / (1 - r**2))
    np.testing.assert_allclose(table[["lower", "upper"]].iloc[0].to_numpy(float), bounds, rtol=1e-10)
    np.testing.assert_allclose(table[["lower", "upper"]].iloc[1].to_numpy(float), 1.0, rtol=1e-7)


def test_shares_outside_their_range_take_the_plain_interval() -> None:
    """Calibrated weights below 0 may push a share under 0: value ± t·se, and a note, beside shares that are inside."""
    frame = pd.DataFrame({"x": [5.0, 1, 1, 2, 5, 1, 4, 2, 3], "w": [1.0] * 9, "g": list("aaaabbbbb")})
    est = estimate.favourable(Design(frame, weight="w"), "x", at_least=4, by=["g"])
    moved = replace(est, values=est.values - np.array([0.3, 0.0]))
    lower, upper, notes = estimate.interval(moved, method="beta")
    assert (notes[0], notes[1]) == ("outside 0 to 1: value ± t·se", "")
    np.testing.assert_allclose((lower[0] + upper[0]) / 2, -0.05, rtol=1e-12)
