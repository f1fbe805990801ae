"""Models by other roads, domain differences and statsmodels, and on bad input: separation, columns that determine each other."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import ConvergenceError, DesignError

RNG = np.random.default_rng(6)
N = 240
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(24), 10), "a": RNG.normal(size=N), "g": RNG.choice(["l", "m"], N)})
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["y"] = 2 + FRAME["a"] + (FRAME["g"] == "m") + RNG.normal(size=N)
FRAME["yes"] = (RNG.random(N) < 1 / (1 + np.exp(-FRAME["a"]))).astype(float)
FRAME["count"] = RNG.poisson(np.exp(0.3 * FRAME["a"] + 1)).astype(float)
DESIGN = Design(FRAME, weight="w", psu="psu")


def test_two_groups_are_a_difference_of_domains() -> None:
    """A gaussian model of two groups has the difference of their means, its error and its sign turned when the levels are."""
    fit = estimate.glm(DESIGN, "y ~ C(g)").estimate.select([1])
    gap = estimate.contrast(estimate.mean(DESIGN, "y", by=["g"]), {"m - l": "m - l"})
    np.testing.assert_allclose([fit.values, fit.se], [gap.values, gap.se], rtol=1e-10)
    turned = estimate.glm(DESIGN, "y ~ C(g, contr.treatment('m'))").estimate.select([1])
    np.testing.assert_allclose([turned.values, turned.se], [-gap.values, gap.se], rtol=1e-10)


@pytest.mark.parametrize(("family", "outcome"), [("gaussian", "y"), ("binomial", "yes"), ("poisson", "count")])
def test_coefficients_are_those_of_statsmodels(family: str, outcome: str) -> None:
    """With weights as frequencies the coefficients are the maximum of the same likelihood."""
    import statsmodels.api as sm

    kinds = {"gaussian": sm.families.Gaussian(), "binomial": sm.families.Binomial(), "poisson": sm.families.Poisson()}
    x = sm.add_constant(FRAME[["a"]])
    other = sm.GLM(FRAME[outcome], x, family=kinds[family], freq_weights=FRAME["w"]).fit(tol=1e-14, maxiter=200)
    np.testing.assert_allclose(
        estimate.glm(DESIGN, f"{outcome} ~ a", family=family).estimate.values, other.params, rtol=1e-9
    )


@pytest.mark.parametrize("family", ["gaussian", "binomial", "poisson", "gamma"])
def test_the_unit_of_a_column_moves_its_coefficient_alone(family: str) -> None:
    """Ten times the column, a tenth of the coefficient and of its error; weights in another unit change nothing."""
    outcome = {"gaussian": "y", "binomial": "yes", "poisson": "count", "gamma": "up"}[family]
    frame = FRAME.assign(up=np.exp(0.2 * FRAME["y"]), ten=10 * FRAME["a"], w=7 * FRAME["w"])
    link = "log" if family == "gamma" else None
    one = estimate.glm(Design(frame, weight="w", psu="psu"), f"{outcome} ~ a", family=family, link=link).estimate
    design = Design(frame.assign(w=FRAME["w"]), weight="w", psu="psu")
    ten = estimate.glm(design, f"{outcome} ~ ten", family=family, link=link).estimate
    np.testing.assert_allclose(10 * ten.values[1], one.values[1], rtol=1e-9)
    np.testing.assert_allclose(10 * ten.se[1], one.se[1], rtol=1e-8)
    np.testing.assert_allclose(ten.values[0], one.values[0], rtol=1e-9)


def test_who_lacks_a_variable_is_out_and_told() -> None:
    """A missing column leaves its rows out; psus stay, and the note counts."""
    frame = FRAME.assign(a=FRAME["a"].where(FRAME.index >= 10))
    found = estimate.glm(Design(frame, weight="w", psu="psu"), "y ~ a")
    assert ("230 of 240 respondents have every variable", 230) == (found.estimate.note[0], found.n)
    assert [21.0, 21.0] == found.estimate.df.tolist()


@pytest.mark.parametrize(
    ("formula", "options", "message", "mend"),
    [
        ("y ~ nobody", {}, "cannot be read", "name columns of the frame"),
        ("~ a", {}, "has no outcome", "outcome ~ columns"),
        ("y ~ a + twice", {}, "`a`, `twice` determine each other exactly", "leave one of them out"),
        ("y ~ nothing", {}, "nobody has every variable", "missing everywhere"),
        ("y ~ a", {"family": "binomial"}, "a binomial model takes 0, 1 or shares between", "another family"),
        ("y ~ a", {"family": "normal"}, "no family is called 'normal'", "'gaussian'"),
        ("y ~ a", {"link": "logit"}, "has no link 'logit'", "'identity'"),
        ("g ~ a", {}, "makes 2 columns", "one numeric column"),
    ],
)
def test_models_that_cannot_be_are_refused(formula: str, options: dict[str, str], message: str, mend: str) -> None:
    """Absent and collinear columns, outcomes and families that do not fit: each with its remedy."""
    frame = FRAME.assign(twice=2 * FRAME["a"], nothing=np.nan)
    with pytest.raises(DesignError, match=message) as caught:
        estimate.glm(Design(frame, weight="w", psu="psu"), formula, **options)
    assert mend in caught.value.problems[0].mend


def test_separation_is_explained() -> None:
    """A column that tells 0 from 1 has no finite coefficient: it is named."""
    frame = FRAME.assign(sure=FRAME["yes"] + 0.1 * FRAME["a"].clip(-1, 1))
    with pytest.raises(ConvergenceError, match="`sure` separates the outcomes") as caught:
        estimate.glm(Design(frame, weight="w", psu="psu"), "yes ~ sure", family="binomial")
    assert "no finite coefficient" in caught.value.problems[0].mend


def test_p_values_do_not_underflow_and_stay_between_0_and_1() -> None:
    """A difference of hundreds of errors has a p above 0; one without degrees of freedom has none, and says so."""
    frame = FRAME.assign(y=FRAME["y"] + 500 * (FRAME["g"] == "m"))
    means = estimate.mean(Design(frame, psu="psu"), "y", by=["g"])
    p = estimate.wald(means, {"gap": "m - l"})["p"].iloc[0]
    assert 0 < p < 1e-30
    alone = estimate.mean(Design(FRAME.head(10), psu="psu", lonely_psu="remove"), "y")
    with pytest.raises(DesignError, match="has no error"):
        estimate.wald(alone)
    assert np.isnan(estimate.adjust([0.1, np.nan])[1])
    with pytest.raises(DesignError, match="not between 0 and 1"):
        estimate.adjust([1.2])
    with pytest.raises(DesignError, match="no adjustment is called 'fdr'"):
        estimate.adjust([0.2], method="fdr")
