"""Cumulative models by other roads, a logistic regression and statsmodels, and on categories that cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.errors import ConvergenceError, DesignError

RNG = np.random.default_rng(8)
N = 300
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(30), 10), "a": RNG.normal(size=N), "g": RNG.choice(["l", "m"], N)})
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["trust"] = np.digitize(FRAME["a"] + RNG.logistic(size=N), [-1, 0, 1.5]) + 1
DESIGN = Design(FRAME, weight="w", psu="psu")


def test_two_categories_are_a_logistic_regression() -> None:
    """One threshold, the intercept with its sign turned; the same slopes and errors."""
    design = Design(FRAME.assign(high=(FRAME["trust"] > 2).astype(int)), weight="w", psu="psu")
    one = estimate.ordinal(design, "high ~ a + g").estimate
    two = estimate.glm(design, "high ~ a + g", family="binomial").estimate
    np.testing.assert_allclose(one.values, [two.values[1], two.values[2], -two.values[0]], rtol=1e-10)
    np.testing.assert_allclose(one.se, two.se[[1, 2, 0]], rtol=1e-9)
    assert one.df.tolist() == two.df.tolist()


@pytest.mark.parametrize("link", ["logit", "probit"])
def test_coefficients_are_those_of_statsmodels(link: str) -> None:
    """With equal weights they are the maximum of the same likelihood."""
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    other = (
        OrderedModel(FRAME["trust"], FRAME[["a"]], distr=link).fit(method="newton", tol=1e-14, disp=0).params.to_numpy()
    )
    theirs = [other[0], *np.cumsum([other[1], *np.exp(other[2:])])]
    found = estimate.ordinal(Design(FRAME, psu="psu"), "trust ~ a", link=link).estimate
    np.testing.assert_allclose(found.values, theirs, rtol=1e-8)


@pytest.mark.parametrize(("link", "mirror"), [("logit", "logit"), ("probit", "probit"), ("cloglog", "loglog")])
def test_turning_the_scale_turns_slopes_and_thresholds(link: str, mirror: str) -> None:
    """Categories counted from the other end: the same errors, every sign turned, thresholds in the other order."""
    one = estimate.ordinal(DESIGN, "trust ~ a", link=link).estimate
    two = estimate.ordinal(
        Design(FRAME.assign(trust=-FRAME["trust"]), weight="w", psu="psu"), "trust ~ a", link=mirror
    ).estimate
    np.testing.assert_allclose(two.values, [-one.values[0], *-one.values[:0:-1]], rtol=1e-9)
    np.testing.assert_allclose(two.se, [one.se[0], *one.se[:0:-1]], rtol=1e-8)


def test_codes_and_ordered_categories_are_the_same() -> None:
    """Numbers and pandas' ordered categories give one fit; a category nobody has makes no threshold and a note."""
    words = pd.Categorical.from_codes(FRAME["trust"] - 1, ["no", "so", "fine", "good", "divine"], ordered=True)
    one = estimate.ordinal(DESIGN, "trust ~ a")
    two = estimate.ordinal(Design(FRAME.assign(trust=words), weight="w", psu="psu"), "trust ~ a")
    np.testing.assert_allclose(two.estimate.values, one.estimate.values, rtol=1e-12)
    assert ["a", "no|so", "so|fine", "fine|good"] == two.estimate.labels["item"].tolist()
    assert "nobody has 'divine'" == two.estimate.note[0]
    assert (1, 2, 3, 4) == one.levels


def test_replicates_fit_the_model_again() -> None:
    """A jackknife's error is near the linearised one, and made of as many fits as psus."""
    found = estimate.ordinal(replicate(DESIGN, "jackknife"), "trust ~ a").estimate
    linear = estimate.ordinal(DESIGN, "trust ~ a").estimate
    np.testing.assert_allclose(found.values, linear.values, rtol=1e-12)
    np.testing.assert_allclose(found.se, linear.se, rtol=0.15)
    assert linear.df.tolist() == found.df.tolist()


def test_chances_add_up_to_one_and_the_error_of_their_sum_is_nothing() -> None:
    """Predicted chances of all categories, and cumulative ones by the thresholds themselves."""
    fit = estimate.ordinal(DESIGN, "trust ~ a + g")
    found = estimate.predict(fit, pd.DataFrame({"a": [-1.0, 2.0], "g": ["l", "m"]}))
    np.testing.assert_allclose(found.values.reshape(2, 4).sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(found.covariance()[:4, :4].sum(), 0.0, atol=1e-15)
    low = estimate.predict(fit, pd.DataFrame({"a": [-1.0], "g": ["l"]}), kind="link")
    first = estimate.contrast(fit.estimate, {"odds": lambda v: 1 / (1 + np.exp(-v[2] - v[0]))})
    np.testing.assert_allclose(
        [found.values[0], found.se[0]], [first.values[0], first.se[0]], rtol=1e-5
    )  # numeric slope
    np.testing.assert_allclose(low.values, -fit.estimate.values[0], rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "options", "error", "message"),
    [
        ("trust ~ a", {"link": "log"}, DesignError, "has no link 'log'"),
        ("g ~ a", {}, DesignError, "`g` is text, which has no order"),
        ("kind ~ a", {}, DesignError, "categories of `kind` have no order"),
        ("a ~ g", {}, DesignError, "has 300 different values"),
        ("nobody ~ a", {}, DesignError, "is no column of the frame"),
        ("trust ~ nobody", {}, DesignError, "names `nobody`"),
        ("one ~ a", {}, DesignError, "has one category"),
        ("nothing ~ a", {}, DesignError, "nobody has every variable"),
        ("trust ~ a + twice", {}, DesignError, "`a`, `twice` determine each other"),
        ("trust ~ sure", {}, ConvergenceError, "`sure` separates the categories: 300 of 300"),
    ],
)
def test_ordinal_models_that_cannot_be_are_refused(
    formula: str, options: dict[str, str], error: type[Exception], message: str
) -> None:
    """Outcomes without order, absent and collinear columns, separation: each told."""
    frame = FRAME.assign(kind=pd.Categorical(FRAME["g"]), one=3, nothing=np.nan, twice=2 * FRAME["a"])
    frame["sure"] = frame["trust"] + 0.3 * np.tanh(frame["a"])
    with pytest.raises(error, match=message):
        estimate.ordinal(Design(frame, weight="w", psu="psu"), formula, **options)
