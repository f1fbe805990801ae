"""Likelihood ratios by other roads: statsmodels on simple samples, t tests of one coefficient, complete cases; what cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.errors import DesignError

RNG = np.random.default_rng(15)
N = 300
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(30), 10), "a": RNG.normal(size=N), "b": RNG.normal(size=N)})
FRAME["g"] = RNG.choice(["l", "m", "n"], N)
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["y"] = 1 + 0.3 * FRAME["a"] + 0.2 * (FRAME["g"] == "m") + RNG.normal(size=N)
FRAME["yes"] = (RNG.random(N) < 1 / (1 + np.exp(-0.5 * FRAME["a"]))).astype(float)
DESIGN = Design(FRAME, weight="w", psu="psu")


@pytest.mark.parametrize("statistic", ["F", "chisq"])
def test_one_coefficient_of_a_gaussian_model_is_a_t_test(statistic: str) -> None:
    """There the ratio over its scale is the square of the coefficient over its error, on the model's degrees of freedom."""
    fit = estimate.glm(DESIGN, "y ~ a + b + C(g)")
    found = estimate.likelihood_ratio(fit, "y ~ b + C(g)", statistic=statistic).iloc[0]
    at = fit.estimate.labels["item"].tolist().index("a")
    wald = estimate.wald(fit.estimate.select([at])).iloc[0]
    np.testing.assert_allclose([found["statistic"], found["df"]], [wald["statistic"], 1], rtol=1e-8)
    if statistic == "F":
        np.testing.assert_allclose([found["p"], found["df2"]], [wald["p"], 25], rtol=1e-8)


def test_simple_samples_have_the_likelihoods_ratio() -> None:
    """Without weights or psus the ratio is statsmodels' and the scales are near 1."""
    import statsmodels.api as sm

    dummies = pd.get_dummies(FRAME["g"], drop_first=True).astype(float)
    large = sm.GLM(
        FRAME["yes"], sm.add_constant(pd.concat([FRAME[["a"]], dummies], axis=1)), family=sm.families.Binomial()
    )
    small = sm.GLM(FRAME["yes"], sm.add_constant(FRAME[["a"]]), family=sm.families.Binomial())
    expected = small.fit(tol=1e-14).deviance - large.fit(tol=1e-14).deviance
    fit = estimate.glm(Design(FRAME), "yes ~ a + C(g)", family="binomial")
    found = estimate.likelihood_ratio(fit, "yes ~ a").iloc[0]
    np.testing.assert_allclose(found["statistic"] * found["deff"], expected, rtol=1e-8)
    assert pytest.approx(1, abs=0.15) == found["deff"]


def test_the_smaller_model_is_fitted_to_the_same_rows() -> None:
    """Who lacks a variable of the larger model is out of both, as among complete cases."""
    frame = FRAME.assign(a=FRAME["a"].where(FRAME.index % 7 != 0))
    fit = estimate.glm(Design(frame, weight="w", psu="psu"), "yes ~ a + b", family="binomial")
    found = estimate.likelihood_ratio(fit, "yes ~ b")
    complete = estimate.glm(Design(frame.dropna(), weight="w", psu="psu"), "yes ~ a + b", family="binomial")
    expected = estimate.likelihood_ratio(complete, "yes ~ b")
    columns = ["statistic", "df", "df2", "p", "n"]
    np.testing.assert_allclose(expected[columns].to_numpy(float), found[columns].to_numpy(float), rtol=1e-9)
    whole = estimate.glm(fit.estimate.design, "yes ~ b", family="binomial")
    assert N == whole.n
    pd.testing.assert_frame_equal(found, estimate.likelihood_ratio(fit, whole))


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson"])
def test_units_of_columns_and_weights_change_nothing(family: str) -> None:
    """Another unit, another base category and other weights of one proportion: the same test."""
    outcome = "yes" if family != "gaussian" else "y"
    fit = estimate.glm(DESIGN, f"{outcome} ~ a + b + C(g)", family=family)
    found = estimate.likelihood_ratio(fit, f"{outcome} ~ b").iloc[0]
    frame = FRAME.assign(
        a=1e4 * FRAME["a"] - 5, b=FRAME["b"] / 1e3, w=40 * FRAME["w"], g=FRAME["g"].map({"l": "z", "m": "k", "n": "c"})
    )
    other = estimate.glm(Design(frame, weight="w", psu="psu"), f"{outcome} ~ a + b + C(g)", family=family)
    again = estimate.likelihood_ratio(other, f"{outcome} ~ b").iloc[0]
    for what in ("statistic", "df", "df2", "p"):
        np.testing.assert_allclose(again[what], found[what], rtol=1e-6)


def test_stacked_and_poor_designs_have_their_say() -> None:
    """A stack of two audiences is tested; a design of as many coefficients as psus has no p, and says why."""
    half = FRAME["psu"] < 15
    both = stack(
        {"one": Design(FRAME[half], weight="w", psu="psu"), "other": Design(FRAME[~half], weight="w", psu="psu")}
    )
    found = estimate.likelihood_ratio(estimate.glm(both, "y ~ a * C(audience)"), "y ~ a").iloc[0]
    assert found["df"] == 2
    assert 0 < found["p"] < 1
    poor = Design(FRAME[FRAME["psu"] < 3], psu="psu")
    none = estimate.likelihood_ratio(estimate.glm(poor, "y ~ a + b"), "y ~ a").iloc[0]
    assert "no degrees of freedom" == none["note"]
    assert np.isnan(none["p"])


@pytest.mark.parametrize(
    ("smaller", "options", "message", "mend"),
    [
        ("y ~ w", {}, "`w` of 'y ~ w' does not follow", "leave terms of the larger model out"),
        ("y ~ a + C(g)", {}, "says the same as", "leave terms out"),
        ("b ~ a", {}, "has another outcome", "both the same"),
        ("y ~ nobody", {}, "names `nobody`", "columns of the frame"),
        ("y ~ 0", {}, "has no column at all", "outcome ~ 1"),
        ("y ~ part", {}, "variables that respondents of 'y ~ a .* lack", "names every variable"),
        (7, {}, "7 is no formula", "outcome ~ columns"),
        ("y ~ a", {"statistic": "lincom"}, "no statistic is called 'lincom'", '"F" or "chisq"'),
    ],
)
def test_models_that_do_not_nest_are_refused(smaller: object, options: dict[str, str], message: str, mend: str) -> None:
    """Columns of its own, the same columns, another outcome, rows of its own: each with its remedy."""
    frame = FRAME.assign(part=FRAME["a"].where(FRAME.index > 9))
    fit = estimate.glm(Design(frame, weight="w", psu="psu"), "y ~ a + C(g)")
    with pytest.raises(DesignError, match=message) as caught:
        estimate.likelihood_ratio(fit, smaller, **options)
    assert mend in caught.value.problems[0].mend


def test_other_families_and_things_are_refused() -> None:
    """A model of another family or link, something that is no model."""
    fit = estimate.glm(DESIGN, "yes ~ a + b", family="binomial")
    with pytest.raises(DesignError, match="different families or links"):
        estimate.likelihood_ratio(fit, estimate.glm(DESIGN, "yes ~ a", family="binomial", link="probit"))
    with pytest.raises(DesignError, match="wants a Model, and a Design was given"):
        estimate.likelihood_ratio(DESIGN, "yes ~ a")
