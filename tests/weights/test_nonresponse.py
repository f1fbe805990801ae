"""Respondents stand for those like them: classes by hand, propensities by statsmodels."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from symmetry import weights
from symmetry.errors import ConvergenceError, DataError, SymmetryError

SAMPLE = pd.DataFrame(
    {"region": ["n", "n", "n", "s", "s"], "x": [1.0, 2, 3, 4, 5], "w": [1.0, 2, 3, 4, 5], "answered": [1, 0, 1, 1, 0]}
)


def drawn() -> pd.DataFrame:
    """People drawn with unequal weights, who answer more often the older they are."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {"age": rng.uniform(18, 80, 600), "sex": rng.choice(["f", "m"], 600), "w": rng.uniform(1, 4, 600)}
    )
    chance = 1 / (1 + np.exp(1.5 - 0.04 * frame["age"] - 0.5 * (frame["sex"] == "f")))
    return frame.assign(answered=rng.uniform(size=600) < chance)


def test_classes_give_their_weight_to_their_respondents() -> None:
    """In the north 6 is held by weights 1 and 3, in the south 9 by weight 4; without classes 15 by 8."""
    found = weights.adjust_nonresponse(SAMPLE, "answered", classes="region", weight="w")
    assert [1.5, 0.0, 4.5, 9.0, 0.0] == found["weight"].tolist()
    assert SAMPLE["w"].tolist() == found["weight.starting"].tolist()
    whole = weights.adjust_nonresponse(SAMPLE, "answered", weight="w")["weight"]
    np.testing.assert_allclose(whole, [15 / 8, 0, 45 / 8, 60 / 8, 0], rtol=1e-12)


def test_propensities_are_those_of_a_weighted_logistic_regression() -> None:
    """Each respondent's factor is the inverse of statsmodels' fitted probability, with the weights as frequencies."""
    frame = drawn()
    x = sm.add_constant(np.column_stack([frame["age"], frame["sex"] == "m"]).astype(float))
    model = sm.GLM(frame["answered"].astype(float), x, family=sm.families.Binomial(), freq_weights=frame["w"])
    chance = model.fit(tol=1e-14, tol_criterion="params").fittedvalues
    found = weights.adjust_nonresponse(frame, "answered", covariates=["age", "sex"], weight="w")
    np.testing.assert_allclose(found["weight"], frame["w"] * frame["answered"] / chance, rtol=1e-8)


def test_quantiles_make_classes_of_propensity() -> None:
    """Five classes of the fitted propensity, each keeping its total."""
    frame = drawn()
    chance = frame["w"] / weights.adjust_nonresponse(frame.assign(answered=frame["answered"]), "answered",
                                                     covariates="age", weight="w")["weight"]  # fmt: skip
    found = weights.adjust_nonresponse(frame, "answered", covariates="age", quantiles=5, weight="w")
    np.testing.assert_allclose(found["weight"].sum(), frame["w"].sum(), rtol=1e-12)
    factor = (found["weight"] / frame["w"])[frame["answered"]].round(9)
    assert 5 == factor.nunique()
    assert chance[frame["answered"]].groupby(factor).mean().is_monotonic_decreasing


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"answered": [1, 0, 2, 1, 0]}, DataError, "who answered `answered` is 2 on row 3"),
        ({"answered": list("ynyny")}, DataError, "is 'y' (text) on row 1"),
        ({"answered": [1, None, 1, 1, 0]}, DataError, "is missing on row 2"),
        ({"answered": [0] * 5}, ConvergenceError, "nobody answered"),
        ({"answered": [1, 1, 1, 0, 0]}, ConvergenceError, "nobody answered in the class s (2 people; 1 such classes)"),
        ({"region": ["n", "n", None, "s", "s"]}, DataError, "the class `region` is missing for 1 people (first row 3)"),
        ({"x": [1.0, 2, np.nan, 4, 5], "by": {"covariates": "x"}}, DataError, "the covariate `x` is missing on row 3"),
        ({"region": ["n", None, "n", "s", "s"], "by": {"covariates": "region"}}, DataError, "missing for 1 people"),
        ({"answered": [0, 0, 1, 1, 1], "by": {"covariates": "x"}}, ConvergenceError, "tell for certain who answers"),
        ({"by": {"covariates": "x", "classes": "region"}}, DataError, "classes or covariates, not both"),
        ({"by": {"quantiles": 5}}, DataError, "quantiles=5 needs covariates: it cuts the propensities"),
        ({"by": {"quantiles": 5, "classes": "region"}}, DataError, "quantiles=5 needs covariates: it cuts"),
        ({"by": {"quantiles": 0, "covariates": "x"}}, DataError, "quantiles=0 is no number of classes"),
        ({"by": {"quantiles": 2.5, "covariates": "x"}}, DataError, "quantiles=2.5 is no number of classes"),
    ],
)
def test_nonresponse_that_cannot_be_adjusted_is_refused(
    options: dict[str, Any], error: type[SymmetryError], message: str
) -> None:
    """Each fault is told with its row or class."""
    how = options.pop("by", {"classes": "region"})
    with pytest.raises(error) as caught:
        weights.adjust_nonresponse(SAMPLE.assign(**options), "answered", **how)
    assert message in caught.value.problems[0].what
