"""t tests and rank tests agree with svyttest and svyranktest, small samples with clubSandwich, on thirteen designs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate, replicated
from tests.golden.reading import data, golden, school_designs

SCHOOLS = [
    "srs",
    "stratified",
    "one_stage",
    "two_stage",
    "ultimate_cluster",
    "jackknife",
    "jackknife_strata",
    "calibrated",
]
LINEAR = [name for name in SCHOOLS if not name.startswith("jackknife")]
TIGHT = 1e-8


def savage(r: np.ndarray, total: float) -> np.ndarray:
    """Savage's scores."""
    return np.asarray(-np.log(1 - r / total))


SCORES: dict[str, str | Callable[[np.ndarray, float], np.ndarray]] = {
    "wilcoxon": "wilcoxon",
    "normal": "normal",
    "median": "median",
    "savage": savage,
}


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of ranks.R, under the same names."""
    found = school_designs()
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    fitted = weights.calibrate(data("apiclus1"), totals, weight="pw", name="greg")
    given = data("replicated")
    names = [f"r{number}" for number in range(1, 17)]
    return found | {
        "jackknife": replicate(found["one_stage"], "jackknife"),
        "jackknife_strata": replicate(found["stratified"], "jackknife", centre="mean"),
        "calibrated": Design(fitted, weight="greg", psu="dnum", fpc="fpc"),
        "pps_brewer": Design(data("election"), probability="p", joint="brewer"),
        "pps_poisson": Design(data("election"), probability="p", joint="poisson", pps="horvitz_thompson"),
        "given": replicated(given, weight="weight", replicates=names, method="bootstrap", centre="estimate"),
    }


def compare(told: pd.Series, theirs: pd.Series, what: dict[str, str]) -> None:
    """Each of ours, by the name of R's."""
    for ours, name in what.items():
        np.testing.assert_allclose(told[ours], theirs[name], rtol=TIGHT, atol=1e-12, err_msg=name)


T = {"estimate": "t.estimate", "statistic": "t.t", "p": "t.p", "lower": "t.lower", "upper": "t.upper"}


@pytest.mark.parametrize(
    ("name", "item", "by"),
    [(name, item, "met") for name in SCHOOLS for item in ("api00", "enroll")]
    + [("nhanes", "cholesterol", "sex"), ("pps_brewer", "kerry", "half"), ("pps_poisson", "kerry", "half")]
    + [("given", "y", "group")],
)
def test_two_groups_agree_with_r(designs: dict[str, Design], name: str, item: str, by: str) -> None:
    """Difference, t, its degrees of freedom, p and interval."""
    told, theirs = estimate.t_test(designs[name], item, by=by).iloc[0], golden("ranks", name)[item, by]
    assert theirs["t.df"] == told["df"]
    compare(told, theirs, T)


@pytest.mark.parametrize("name", SCHOOLS)
@pytest.mark.parametrize(("item", "domain"), [("api00", "600"), ("api00", "api99"), ("enroll", "tested")])
def test_one_mean_and_pairs_agree_with_r(designs: dict[str, Design], name: str, item: str, domain: str) -> None:
    """A mean against a number and the mean of differences; R counts one degree of freedom fewer for them."""
    theirs = golden("ranks", name)[item, domain]
    pair = {} if domain == "600" else {"paired": domain}
    own = estimate.t_test(designs[name], item, against=600.0 if domain == "600" else 0.0, **pair).iloc[0]
    told = estimate.t_test(
        designs[name], item, against=600.0 if domain == "600" else 0.0, df=theirs["t.df"], **pair
    ).iloc[0]
    away = {"estimate": told["estimate"] - told["null"], "lower": told["lower"] - told["null"]}
    compare(pd.Series(told.to_dict() | away), theirs, {key: T[key] for key in ("estimate", "statistic", "p", "lower")})
    assert (
        theirs["t.df"] + 1 == own["df"] or item == "enroll"
    )  # of enroll, R counts the psus of those who did not answer


@pytest.mark.parametrize("test", list(SCORES))
@pytest.mark.parametrize(
    ("name", "item", "by"),
    [(name, item, "met") for name in SCHOOLS for item in ("api00", "enroll")]
    + [("nhanes", "cholesterol", "sex"), ("pps_brewer", "kerry", "half"), ("pps_poisson", "kerry", "half")]
    + [("given", "y", "group")],
)
def test_ranks_of_two_groups_agree_with_r(designs: dict[str, Design], name: str, item: str, by: str, test: str) -> None:
    """Wilcoxon's, van der Waerden's, the median's and Savage's scores: difference, t, degrees of freedom, p."""
    if name == "nhanes" and test == "savage":
        return
    told = estimate.rank_test(designs[name], item, by=by, scores=SCORES[test]).iloc[0]
    theirs = golden("ranks", name)[item, by]
    assert theirs[f"{test}.df"] == told["df"]
    compare(told, theirs, {what: f"{test}.{what}" for what in ("estimate", "statistic", "p")})


@pytest.mark.parametrize("test", list(SCORES))
@pytest.mark.parametrize(
    ("name", "item", "by"),
    [(name, item, "stype") for name in LINEAR for item in ("api00", "enroll")] + [("nhanes", "cholesterol", "race")],
)
def test_ranks_of_several_groups_agree_with_r(
    designs: dict[str, Design], name: str, item: str, by: str, test: str
) -> None:
    """Kruskal and Wallis' test and its sisters: F, both degrees of freedom, p."""
    if name == "nhanes" and test == "savage":
        return
    told = estimate.rank_test(designs[name], item, by=by, scores=SCORES[test]).iloc[0]
    theirs = golden("ranks", name)[item, by]
    assert theirs[f"{test}.df2"] == told["df2"]
    compare(told, theirs, {"statistic": f"{test}.statistic", "p": f"{test}.p"})


MODELS = {
    "mean": "api00 ~ 1",
    "gaussian": "api00 ~ ell + meals",
    "classes": "api00 ~ C(stype)",
    "plain": "api00 ~ ell + meals",
}


@pytest.mark.parametrize("model", [*MODELS, "domains"])
@pytest.mark.parametrize(("name", "table"), [("small_one", "apiclus1"), ("small_two", "apiclus2")])
def test_small_samples_agree_with_clubsandwich(name: str, table: str, model: str) -> None:
    """Without strata and fpc: CR2 errors and Satterthwaite's degrees of freedom of weighted means, domains and models."""
    frame = data(table)
    frame["uneven"] = frame["pw"] * ((1 + (frame["snum"] % 7) / 3) if name == "small_one" else 1)
    design = Design(frame, psu="dnum", weight=None if model == "plain" else "uneven")
    made = estimate.mean(design, "api00", by=["stype"]) if model == "domains" else estimate.glm(design, MODELS[model])
    terms = [f"C(stype)[T.{kind}]" for kind in "EHM"] if model == "domains" else made.estimate.labels["item"]
    theirs = golden("ranks", name)[model]
    reduced, plain = (estimate.small_sample(made, method=method) for method in ("bell_mccaffrey", "satterthwaite"))
    np.testing.assert_allclose(reduced.se, [theirs[term, "CR2.se"] for term in terms], rtol=TIGHT)
    np.testing.assert_allclose(reduced.df, [theirs[term, "CR2.df"] for term in terms], rtol=TIGHT)
    np.testing.assert_allclose(plain.df, [theirs[term, "CR0.df"] for term in terms], rtol=TIGHT)


def test_a_logistic_model_is_near_clubsandwich() -> None:
    """Of two roots of a matrix that both take the bias away they use the other one; the sandwich's own df agree."""
    frame = data("apiclus1").assign(yes=lambda table: (table["award"] == "Yes").astype(float))
    fit = estimate.glm(Design(frame, psu="dnum"), "yes ~ ell + meals", family="binomial")
    theirs = golden("ranks", "small_one")["logistic"]
    terms = ["Intercept", "ell", "meals"]
    plain, reduced = (estimate.small_sample(fit, method=method) for method in ("satterthwaite", "bell_mccaffrey"))
    np.testing.assert_allclose(plain.df, [theirs[term, "CR0.df"] for term in terms], rtol=1e-6)
    np.testing.assert_allclose(reduced.se, [theirs[term, "CR2.se"] for term in terms], rtol=0.01)
    np.testing.assert_allclose(reduced.df, [theirs[term, "CR2.df"] for term in terms], rtol=0.01)
