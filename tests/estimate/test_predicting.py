"""Predictions, margins and effects by other roads: numeric differences, domain means, models fitted again in replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.errors import DesignError

RNG = np.random.default_rng(9)
N = 240
FRAME = pd.DataFrame({"psu": np.repeat(np.arange(24), 10), "a": RNG.normal(size=N), "g": RNG.choice(["l", "m"], N)})
FRAME["w"] = RNG.uniform(0.5, 3, N)
FRAME["yes"] = (RNG.random(N) < 1 / (1 + np.exp(-FRAME["a"] - (FRAME["g"] == "m")))).astype(float)
FRAME["y"] = 2 + FRAME["a"] ** 2 + (FRAME["g"] == "m") + RNG.normal(size=N)
DESIGN = Design(FRAME, weight="w", psu="psu")
LOGIT = estimate.glm(DESIGN, "yes ~ a + g", family="binomial")
ORDERED = estimate.ordinal(DESIGN, "yes ~ a + g")


def test_the_average_of_predictions_is_the_mean_of_a_canonical_model() -> None:
    """With an intercept and the usual link, averaging what is expected gives the survey's mean, error and all."""
    mean, margin = estimate.mean(DESIGN, "yes"), estimate.margins(LOGIT)
    np.testing.assert_allclose([margin.values, margin.se], [mean.values, mean.se], rtol=1e-10)


def test_margins_of_a_saturated_model_are_domain_means() -> None:
    """One factor alone: everybody set to a level is expected to answer as those of the level."""
    fit = estimate.glm(DESIGN, "yes ~ g", family="binomial")
    means, found = estimate.mean(DESIGN, "yes", by=["g"]), estimate.margins(fit, {"g": ["l", "m"]})
    np.testing.assert_allclose([found.values, found.se], [means.values, means.se], rtol=1e-9)
    change = estimate.marginal_effects(fit, "g")
    gap = estimate.contrast(means, {"m - l": "m - l"})
    np.testing.assert_allclose([change.values, change.se], [gap.values, gap.se], rtol=1e-9)
    assert ["m - l"] == change.labels["change"].tolist()


def test_effects_are_slopes_of_margins() -> None:
    """Squares and interactions move along; a linear term's effect is its coefficient."""
    fit = estimate.glm(DESIGN, "y ~ a * g + I(a**2)")
    found = estimate.marginal_effects(fit, ["a", "g"])
    b = dict(zip(fit.estimate.labels["item"], fit.estimate.values, strict=True))
    w, a, m = FRAME["w"] / FRAME["w"].sum(), FRAME["a"], FRAME["g"] == "m"
    expected = [
        b["a"] + (w * m).sum() * b["a:g[T.m]"] + 2 * (w * a).sum() * b["I(a ** 2)"],
        b["g[T.m]"] + (w * a).sum() * b["a:g[T.m]"],
    ]
    np.testing.assert_allclose(found.values, expected, rtol=1e-9)
    alone = estimate.glm(DESIGN, "y ~ a")
    one = estimate.marginal_effects(alone, "a", covariates="fixed")
    np.testing.assert_allclose([one.values[0], one.se[0]], [alone.estimate.values[1], alone.estimate.se[1]], rtol=1e-9)


def test_margins_on_replicates_make_the_model_again() -> None:
    """Fits and averages by hand with every replicate's weights, against the verb."""
    design = replicate(DESIGN, "jackknife")
    found = estimate.margins(estimate.glm(design, "yes ~ a + g", family="binomial"), {"g": ["m"]})

    def margin(weights: np.ndarray, data: pd.DataFrame) -> float:
        kept = data.assign(w=weights)[weights > 0]
        fit = estimate.glm(Design(kept, weight="w"), "yes ~ a + g", family="binomial")
        return float(np.average(estimate.predict(fit, kept.assign(g="m")).values, weights=kept["w"]))

    hand = estimate.statistic(design, margin)
    np.testing.assert_allclose([found.values, found.se], [hand.values, hand.se], rtol=1e-9)


def test_predictions_of_the_sample_are_those_of_its_frame() -> None:
    """Without a frame the rows of the fit are predicted, told by their place; missing variables make no value, and a note."""
    own, given = estimate.predict(LOGIT), estimate.predict(LOGIT, FRAME)
    np.testing.assert_allclose(own.values, given.values, rtol=1e-12)
    table = estimate.predict(LOGIT, FRAME.assign(a=FRAME["a"].where(FRAME.index > 0)).head(3)).table()
    assert [True, False, False] == table["estimate"].isna().tolist()
    assert "misses a variable" in table["note"][0]
    assert [0, 1, 2] == table["row"].tolist()


def test_intervals_of_predictions_stay_in_range() -> None:
    """Made on the link's scale: between 0 and 1 for a share, above 0 for a gamma mean of inverse link."""
    far = pd.DataFrame({"a": [-30.0, 30.0], "g": ["l", "m"]})
    table = estimate.predict(LOGIT, far).table(level=0.99)
    assert table[["lower", "upper"]].agg(lambda bound: bound.between(0, 1).all()).all()
    up = Design(FRAME.assign(y=np.exp(0.1 * FRAME["a"] + 1)), weight="w", psu="psu")
    ends = estimate.predict(estimate.glm(up, "y ~ a", family="gamma"), far).table()
    assert (ends["lower"] <= ends["upper"]).all()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda: estimate.predict(LOGIT, FRAME, kind="odds"), "no prediction is called 'odds'"),
        (lambda: estimate.predict(LOGIT, FRAME[["g"]]), "has no column `a`"),
        (lambda: estimate.predict(estimate.glm(DESIGN, "y ~ a"), FRAME[["g"]]), "has no column `a`"),
        (lambda: estimate.margins(LOGIT, {"w": [1]}), "the model has no variable `w`"),
        (lambda: estimate.margins(LOGIT, {"g": "l"}), "`g` is set to no list of levels"),
        (lambda: estimate.margins(LOGIT, {"g": ["nobody"]}), "has not seen the category 'nobody'"),
        (lambda: estimate.margins(LOGIT, covariates="random"), "covariates='random' is unknown"),
        (lambda: estimate.marginal_effects(LOGIT, "nobody"), "the model has no variable `nobody`"),
        (lambda: estimate.marginal_effects(LOGIT, []), "no item was named"),
        (lambda: estimate.predict(LOGIT, {"a": [1.0]}), "from a frame, and a dict was given"),
        (lambda: estimate.predict(LOGIT.estimate, FRAME), "predictions are of a model, and a Estimate was given"),
        (lambda: estimate.predict(LOGIT, FRAME.assign(a="no")), "do not make the columns of the model"),
        (lambda: estimate.predict(LOGIT, FRAME.assign(a=np.inf)), "infinite column"),
        (lambda: estimate.predict(estimate.glm(DESIGN, "y ~ a"), FRAME.assign(a="no")), "give numbers for `a`"),
        (lambda: estimate.margins(LOGIT, {"a": 1}), "`a` is set to no list of levels"),
        (lambda: estimate.margins(LOGIT, ["a"]), "`at` is no mapping"),
        (lambda: estimate.margins(ORDERED), "margins are of a Model, and a Ordinal was given"),
        (lambda: estimate.marginal_effects(ORDERED, "a"), "margins are of a Model, and a Ordinal was given"),
        (
            lambda: estimate.margins(estimate.glm(DESIGN, "y ~ np.exp(a)"), {"a": [1e4]}),
            "makes no columns of a = 10000",
        ),
    ],
)
def test_what_cannot_be_predicted_is_refused(ask: object, message: str) -> None:
    """Unknown kinds, absent variables and levels nobody has."""
    with pytest.raises(DesignError, match=message):
        ask()


def test_a_number_is_no_category_because_another_variable_is_one() -> None:
    """C(age) makes categories of age, and `a` beside it stays a number."""
    design = Design(FRAME.assign(age=FRAME["g"]), weight="w", psu="psu")
    found = estimate.marginal_effects(estimate.glm(design, "y ~ a + C(age)"), "a")
    known = estimate.glm(design, "y ~ a + C(age)").estimate.select([1])
    assert ["dv"] == found.labels["change"].tolist()
    np.testing.assert_allclose([found.values, found.se], [known.values, known.se], rtol=1e-8)


def test_yes_and_no_are_categories() -> None:
    """The effect of a boolean is the change from no to yes, not a slope between them."""
    design = Design(FRAME.assign(m=FRAME["g"] == "m"), weight="w", psu="psu")
    model = estimate.glm(design, "yes ~ a + m", family="binomial")
    found, sides = estimate.marginal_effects(model, "m"), estimate.margins(model, {"m": [False, True]})
    known = estimate.contrast(sides, {"gap": {1: 1, 0: -1}})
    assert ["True - False"] == found.labels["change"].tolist()
    np.testing.assert_allclose([found.values, found.se], [known.values, known.se], rtol=1e-10)


def test_frames_of_other_kinds_are_predicted() -> None:
    """Rows come from any frame that turns into pandas, as the data of a design do."""
    rows = FRAME[["a", "g"]][:5]
    found = estimate.predict(LOGIT, pyarrow.table(rows.to_dict("list")))
    np.testing.assert_allclose(found.values, estimate.predict(LOGIT, rows).values, rtol=1e-12)
