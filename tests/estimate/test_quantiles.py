"""Quantiles against numpy's types and a loop; their intervals at the edges; what is refused (R: test_golden_quantiles)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.errors import DesignError
from symmetry.estimate.quantiles.rules import RULES

RNG = np.random.default_rng(21)
N = 200
FRAME = pd.DataFrame(
    {
        "code": np.where(RNG.random(N) < 0.1, np.nan, RNG.integers(0, 11, N)),
        "y": RNG.normal(10, 3, N).round(2),
        "psu": np.arange(N) % 25,
        "h": np.arange(N) % 25 // 13,
        "w": RNG.uniform(0.5, 3, N) * (RNG.random(N) > 0.1),
        "g": RNG.choice(["a", "b", "c"], N),
        "skewed": RNG.choice([4, 5], N, p=[0.2, 0.8]),
    }
)
DESIGN = Design(FRAME, weight="w", stratum="h", psu="psu")
TYPES = {
    "math": "inverted_cdf", "school": "averaged_inverted_cdf", "hf1": "inverted_cdf", "hf2": "averaged_inverted_cdf",
    "hf4": "interpolated_inverted_cdf", "hf5": "hazen", "hf6": "weibull", "hf7": "linear", "hf8": "median_unbiased",
    "hf9": "normal_unbiased",
}  # fmt: skip
POINTS = [0.0, 0.003, 0.25, 0.5, 0.61, 0.9, 1.0]


@pytest.mark.parametrize(("rule", "method"), TYPES.items())
@pytest.mark.parametrize("n", [2, 3, 7, 40])
def test_with_equal_weights_rules_are_numpys_types(rule: str, method: str, n: int) -> None:
    """Hyndman and Fan's types, at any sample size, from the smallest answer to the largest."""
    frame = FRAME.iloc[:n].assign(w=0.7)
    found = estimate.quantile(Design(frame, weight="w"), "y", POINTS, rule=rule).values
    np.testing.assert_allclose(found, np.quantile(frame["y"], POINTS, method=method), rtol=1e-12)


def test_the_first_answer_that_reaches_the_share() -> None:
    """By domain and item, against a loop over sorted rows; rows without answer, weight or domain are out."""
    found = estimate.quantile(DESIGN, ["code", "y"], [0.5, 0.1], by=["g"]).labels
    values = estimate.quantile(DESIGN, ["code", "y"], [0.5, 0.1], by=["g"]).values
    expected = []
    for item, p, group in found[["item", "probability", "g"]].itertuples(index=False):
        rows = FRAME[(FRAME["g"] == group) & (FRAME["w"] > 0) & FRAME[item].notna()].sort_values(item)
        share = rows["w"].cumsum() / rows["w"].sum()
        expected.append(rows[item][share >= p].iloc[0])
    assert expected == values.tolist()
    assert [0.5] * 3 + [0.1] * 3 == found["probability"].tolist()[:6]


@pytest.mark.parametrize("rule", RULES)
def test_codes_and_numbers_take_two_roads_to_one_place(rule: str) -> None:
    """Whole numbers of a short range are counted, others sorted; halves of them are the same answers, halved."""
    halves = Design(FRAME.assign(half=FRAME["code"] / 2), weight="w", stratum="h", psu="psu")
    counted = estimate.quantile(DESIGN, "code", POINTS[1:-1], by=["g"], rule=rule, interval="xlogit").table()
    sorted_ = estimate.quantile(halves, "half", POINTS[1:-1], by=["g"], rule=rule, interval="xlogit").table()
    for column in ("estimate", "se", "lower", "upper"):
        np.testing.assert_allclose(sorted_[column] * 2, counted[column], rtol=1e-10)


def test_the_error_and_the_influence_agree() -> None:
    """The variance of the influence is the square of half Woodruff's interval over t, whatever is selected or joined."""
    from symmetry.design import variances

    est = estimate.quantile(DESIGN, ["y", "code"], by=["g"])
    table = est.table()
    from scipy import stats

    half = (table["upper"] - table["lower"]) / (2 * stats.t.ppf(0.975, table["df"]))
    np.testing.assert_allclose(table["se"], half, rtol=1e-10)
    np.testing.assert_allclose(variances(DESIGN, est.influence), est.variance, rtol=1e-9)
    some = estimate.join([est.select([4, 1]), estimate.mean(DESIGN, "y")]).table()
    pd.testing.assert_frame_equal(
        some[["estimate", "lower", "upper"]].iloc[:2],
        table[["estimate", "lower", "upper"]].iloc[[4, 1]].reset_index(drop=True),
    )
    assert estimate.mean(DESIGN, "y").table()["upper"][0] == some["upper"][2]


def test_quantiles_can_be_compared() -> None:
    """Domains that share no psu are independent: the variance of a difference is the sum; within one design they covary."""
    est = estimate.median(DESIGN, "y", by=["h"])
    gap = estimate.contrast(est, {"gap": {0: 1, 1: -1}})
    np.testing.assert_allclose(gap.se[0] ** 2, est.variance.sum(), rtol=1e-9)
    spread = estimate.contrast(estimate.quantile(DESIGN, "y", [0.25, 0.75]), {"quartiles": {1: 1, 0: -1}})
    assert 0 < spread.se[0] < np.sqrt(estimate.quantile(DESIGN, "y", [0.25, 0.75]).variance.sum())


@pytest.mark.parametrize("interval", ["mean", "beta", "xlogit", "asin", "score"])
def test_other_levels_are_nested(interval: str) -> None:
    """A table at another level goes back to the distribution; the standard error stays that of the level it was made at."""
    est = estimate.median(DESIGN, "y", by=["g"], interval=interval)
    narrow, usual, wide = (est.table(level=level) for level in (0.5, 0.95, 0.99))
    assert (wide["lower"] <= usual["lower"]).all()
    assert (usual["lower"] <= narrow["lower"]).all()
    assert (narrow["upper"] <= usual["upper"]).all()
    assert (usual["upper"] <= wide["upper"]).all()
    assert (narrow["upper"] < wide["upper"]).any()
    assert usual["se"].tolist() == narrow["se"].tolist()
    made_at = estimate.median(DESIGN, "y", by=["g"], interval=interval, level=0.5)
    assert narrow["lower"].tolist() == made_at.table(level=0.5)["lower"].tolist()


def test_the_largest_answer_has_the_exact_interval_of_the_psus() -> None:
    """Four in five answer 5, the largest: the median is 5 for sure; a high quantile of few psus is not."""
    table = estimate.median(DESIGN, "skewed").table()
    assert (5.0, 5.0, 0.0) == (table["lower"][0], table["upper"][0], table["se"][0])
    high = estimate.quantile(DESIGN, "y", 0.999, interval="mean").table()
    assert high["lower"][0] < high["estimate"][0] == high["upper"][0] == FRAME.loc[FRAME["w"] > 0, "y"].max()
    for told in (table, high):
        assert "the quantile is the largest answer" in told["note"][0]
    assert np.isnan(high["se"][0])


def test_bounds_beyond_the_answers_are_told() -> None:
    """On the plain scale a bound of the share may pass 0 or 1: no bound, no error, and a note that names a way out."""
    few = Design(FRAME.iloc[:12], psu="psu")
    low = estimate.quantile(few, "y", 0.1).table()
    assert np.isnan(low[["lower", "se"]].to_numpy(float)).all()
    assert 'the interval passes the smallest answer; interval="xlogit" stays inside' == low["note"][0]
    assert np.isfinite(
        estimate.quantile(few, "y", 0.1, interval="xlogit").table()[["lower", "se", "upper"]].to_numpy(float)
    ).all()


def test_a_domain_of_one_psu_has_a_value_alone() -> None:
    """No degrees of freedom, no interval."""
    table = estimate.median(Design(FRAME.iloc[:30], psu="psu"), "y", by=["psu"]).table()
    one = table[table["n"] == 2]
    assert one["estimate"].notna().all()
    assert one[["se", "lower", "upper"]].isna().all(axis=None)
    assert {"no degrees of freedom"} == set(one["note"])


@pytest.mark.parametrize("method", ["bootstrap", "sdr"])
def test_every_replicate_has_its_quantiles(method: str) -> None:
    """The variance is that of a loop over replicate weights, for items that are counted and items that are sorted."""
    design = replicate(Design(FRAME, weight="w", psu="psu"), method)
    made = design.layout.replicates
    for item, by in (("code", []), ("y", []), ("code", ["g"])):
        found = estimate.quantile(design, item, [0.3, 0.5], by=by, interval="replicates", rule="school")
        thetas = [
            estimate.quantile(Design(FRAME.assign(w=weight), weight="w"), item, [0.3, 0.5], by=by, rule="school").values
            for weight in made.weights(slice(0, made.size)).T
        ]
        squares = (np.array(thetas) - found.values) ** 2
        np.testing.assert_allclose(found.variance, made.scale * made.rscales @ squares, rtol=1e-9)
        table = found.table()
        np.testing.assert_allclose(table["upper"] - table["estimate"], table["estimate"] - table["lower"], rtol=1e-9)


def test_negative_weights_leave_an_answer() -> None:
    """Calibrated weights below 0 make the distribution go down in places: the quantile is the answer after the last at most p."""
    frame = pd.DataFrame({"y": [1.0, 2, 3, 4, 5], "w": [2.0, 2.0, -1.0, 1.0, 2.0]})
    from symmetry.estimate.quantiles.rules import steps_of

    steps = steps_of(frame["y"].to_numpy(), frame["w"].to_numpy(), np.zeros(5, int), 1)
    assert [3.5] == steps.at(np.array([0]), np.array([0.5]), "hf2").tolist()
    assert [5.0] == steps.at(np.array([0]), np.array([0.7]), "math").tolist()


@pytest.mark.parametrize(
    ("options", "message", "mend"),
    [
        ({"probabilities": [0.5, 1.2]}, "probabilities [0.5, 1.2] are not all between 0 and 1", "0.5 is the median"),
        ({"probabilities": []}, "probabilities [] are not all between 0 and 1", "0.5 is the median"),
        ({"rule": "type7"}, "rule='type7' is unknown for quantiles", "hf7"),
        ({"interval": "logit"}, "interval='logit' is unknown for quantiles", "xlogit"),
        ({"level": 95}, "a confidence level of 95 is not between 0 and 1", "0.95 is usual"),
        ({"items": "none"}, "nobody answered none", "check the columns"),
        ({"items": "endless"}, "column `endless` is infinite on row 3", "leave it missing"),
        ({"interval": "replicates"}, "this needs replicates and the design has none", "replicate"),
    ],
)
def test_quantiles_that_are_not_are_refused(options: dict[str, object], message: str, mend: str) -> None:
    """What is asked that cannot be is told with its remedy."""
    frame = FRAME.assign(none=np.nan, endless=FRAME["y"].where(FRAME.index != 2, np.inf))
    with pytest.raises(DesignError) as caught:
        estimate.quantile(Design(frame), **{"items": "y", **options})
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def test_a_jackknife_says_nothing_of_quantiles() -> None:
    """Its variance is not consistent: refused by name; Woodruff's interval on the jackknifed share is fine."""
    design = replicate(DESIGN, "jackknife")
    with pytest.raises(DesignError, match="not consistent with jackknife replicates"):
        estimate.median(design, "y", interval="replicates")
    np.testing.assert_allclose(estimate.median(design, "y").se, estimate.median(DESIGN, "y").se, rtol=0.2)
