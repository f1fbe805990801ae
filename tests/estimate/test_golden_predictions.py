"""Predictions agree with predict.svyglm, predictive margins with svypredmeans and with influence functions added up in R."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from tests.estimate.test_golden_models import with_yes
from tests.golden.reading import golden, school_designs

MODELS = {
    "gaussian": ("api00 ~ ell + meals + stype", "gaussian"),
    "binomial": ("yes ~ ell + meals + stype", "binomial"),
    "poisson": ("tested ~ ell + meals + stype", "poisson"),
}
ROWS = pd.DataFrame({"ell": [0, 20, 55.5], "meals": [80.0, 10, 33], "stype": ["E", "H", "M"]})
FITTED = 1e-6
"""Fits of which R takes the working weights of the last step but one; the gaussian one agrees to 1e-9."""


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of predictions.R, under the same names."""
    return {name: with_yes(school_designs()[name]) for name in ("srs", "stratified", "one_stage", "two_stage")}


@pytest.mark.parametrize("kind", ["link", "response"])
@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("name", ["srs", "stratified", "one_stage", "two_stage"])
def test_predictions_agree_with_r(designs: dict[str, Design], name: str, model: str, kind: str) -> None:
    """Values and joint covariance of three made-up schools, on either scale."""
    formula, family = MODELS[model]
    found = estimate.predict(estimate.glm(designs[name], formula, family=family), ROWS, kind=kind)
    theirs, rtol = golden("predictions", name)[model], 1e-9 if family == "gaussian" else FITTED
    covariance = found.covariance()
    np.testing.assert_allclose(found.variance, np.diag(covariance), rtol=1e-10)
    for i in range(3):
        np.testing.assert_allclose(found.values[i], theirs[str(i + 1), f"{kind}.value"], rtol=rtol)
        for j in range(3):
            size = found.se[i] * found.se[j]
            asked = theirs[f"{i + 1}:{j + 1}", f"{kind}.covariance"]
            np.testing.assert_allclose(covariance[i, j], asked, rtol=rtol, atol=rtol * size)


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("name", ["srs", "stratified", "one_stage", "two_stage"])
def test_margins_agree_with_r(designs: dict[str, Design], name: str, model: str) -> None:
    """Value and first part of svypredmeans; the whole error as influence functions say it."""
    formula, family = MODELS[model]
    fit = estimate.glm(designs[name], formula, family=family)
    theirs, rtol = golden("predictions", name)[model], 1e-9 if family == "gaussian" else FITTED
    for covariates, told in (("fixed", ["margin.fixed", "margin.fixed.r"]), ("sampled", ["margin.sampled"])):
        found = estimate.margins(fit, {"stype": ["E", "H", "M"]}, covariates=covariates)
        for row, level in enumerate("EHM"):
            for what in ("margin", "margin.r"):
                np.testing.assert_allclose(found.values[row], theirs[level, what], rtol=rtol)
            for what in told:
                np.testing.assert_allclose(found.se[row], theirs[level, what], rtol=rtol)
