"""Generalised linear models agree with svyglm: coefficients, errors, covariances, degrees of freedom, on seven designs."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate
from tests.golden.reading import data, golden, school_designs

MODELS = {
    "gaussian": ("api00 ~ ell + meals", "gaussian", None),
    "classes": ("api00 ~ ell + C(stype)", "gaussian", None),
    "missing": ("enroll ~ meals", "gaussian", None),
    "binomial": ("yes ~ ell + meals", "binomial", None),
    "probit": ("yes ~ ell + meals", "binomial", "probit"),
    "cloglog": ("yes ~ ell + meals", "binomial", "cloglog"),
    "poisson": ("tested ~ ell + meals", "poisson", None),
    "gamma": ("api00 ~ ell + meals", "gamma", None),
    "gamma_log": ("api00 ~ ell + meals", "gamma", "log"),
}
TIGHT, ITERATED = 1e-9, 1e-6
"""Closed forms; and fits, of which R takes the working weights of the last step but one."""


def with_yes(design: Design) -> Design:
    """The same design with the award as 0 and 1."""
    frame = design.data.assign(yes=(design.data["award"] == "Yes").astype(float))
    roles = {role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")}
    return Design(frame, **roles)


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of models.R, under the same names."""
    found = {name: with_yes(design) for name, design in school_designs().items() if name != "nhanes"}
    one = data("apiclus1").assign(yes=lambda frame: (frame["award"] == "Yes").astype(float))
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    fitted = weights.calibrate(one, totals, weight="pw", name="greg")
    return found | {
        "jackknife": replicate(found["one_stage"], "jackknife"),
        "calibrated": Design(fitted, weight="greg", psu="dnum", fpc="fpc"),
    }


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize(
    "name", ["srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife", "calibrated"]
)
def test_models_agree_with_r(designs: dict[str, Design], name: str, model: str) -> None:
    """Four families and their links, factors, missing answers, replicates and calibrated weights."""
    formula, family, link = MODELS[model]
    found = estimate.glm(designs[name], formula, family=family, link=link)
    theirs, rtol = golden("models", name)[model], TIGHT if family == "gaussian" else ITERATED
    est = found.estimate
    for row, term in enumerate(est.labels["item"]):
        np.testing.assert_allclose(est.values[row], theirs[term, "value"], rtol=rtol)
        np.testing.assert_allclose(est.se[row], theirs[term, "se"], rtol=rtol)
        for column, other in enumerate(est.labels["item"]):
            size = est.se[row] * est.se[column]
            got, asked = est.covariance()[row, column], theirs[f"{term}:{other}", "covariance"]
            np.testing.assert_allclose(got, asked, rtol=rtol, atol=rtol * size)
    assert [theirs["", "df"]] * len(est) == est.df.tolist()


@pytest.mark.parametrize(
    "name", ["srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife", "calibrated"]
)
def test_joint_tests_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """All levels of a factor at once: regTermTest's F, degrees of freedom and p."""
    found = estimate.glm(designs[name], "api00 ~ ell + meals + C(stype)").estimate
    told = estimate.wald(found.select(found.labels["item"].str.startswith("C(").to_numpy())).iloc[0]
    theirs = golden("models", name)["wald", "stype"]
    ours = {"Ftest": told["statistic"], "df": told["df"], "ddf": told["df2"], "p": told["p"]}
    for what, value in ours.items():
        np.testing.assert_allclose(value, theirs[what], rtol=1e-8)


@pytest.mark.parametrize("model", ["gaussian", "poisson"])
@pytest.mark.parametrize("name", ["srs", "stratified", "one_stage", "two_stage", "jackknife", "calibrated"])
def test_models_by_domain_agree_with_r(designs: dict[str, Design], name: str, model: str) -> None:
    """One pass over all domains gives what svyglm does on a subset after the other."""
    formula, family, link = MODELS[model]
    found = estimate.glm_by(designs[name], formula, ["stype"], family=family, link=link)
    theirs, rtol = golden("models", name), TIGHT if family == "gaussian" else ITERATED
    for row, (item, level) in enumerate(found.labels[["item", "stype"]].itertuples(index=False)):
        if level == "H":
            continue
        np.testing.assert_allclose(found.values[row], theirs[f"by {model} {item}", level, "value"], rtol=rtol)
        np.testing.assert_allclose(found.se[row], theirs[f"by {model} {item}", level, "se"], rtol=rtol)
        assert theirs[f"by {model}", level, "df"] == found.df[row]


@pytest.mark.parametrize("method", ["BH", "BY", "holm", "hochberg", "bonferroni"])
def test_families_agree_with_r(method: str) -> None:
    """p.adjust on nine p-values."""
    p = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.9]
    theirs = golden("models", "family")[method]
    expected = [theirs[str(row), "p"] for row in range(1, 10)]
    np.testing.assert_allclose(estimate.adjust(p, method=method.lower()), expected, rtol=1e-12)
