"""Tests of tables and of nested models agree with R: svychisq in all its statistics, svygofchisq, regTermTest's LRT and anova."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate, stack, two_phase
from symmetry.estimate.comparing.mixtures import mixture_tail
from symmetry.estimate.tails import chi2_tail
from tests.golden.reading import BANK, data, golden, school_designs

CLOSED, ITERATED, INTEGRATED = 1e-8, 1e-6, 1e-9
"""Closed forms; fits, which R stops by the deviance; and R's integrate(), which promises an absolute error."""
SCHOOLS = ("srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife", "calibrated")
TABLES = [
    *((name, *pair) for name in SCHOOLS for pair in (("stype", "met"), ("met", "award"))),
    *((name, "race", other) for name in ("nhanes", "jackknife_strata") for other in ("cholesterol", "age")),
    *((f"case_control_{method}", "histology", "stage") for method in ("full", "approx")),
    *((name, "winner", "half") for name in ("brewer", "joint_yg")),
]
STATISTICS = {"F": "F", "chisq": "Chisq", "wald": "Wald", "adjusted_wald": "adjWald"}
FITS = [
    *(
        (name, "stype", {"E": 4421, "H": 755, "M": 1018})
        for name in SCHOOLS
        if name not in ("stratified", "calibrated")
    ),
    *((name, "award", {"No": 0.35, "Yes": 0.65}) for name in ("srs", "stratified", "calibrated")),
    ("nhanes", "race", {1: 0.15, 2: 0.65, 3: 0.12, 4: 0.08}),
]
MODELS = {
    "gaussian": ("api00 ~ ell + meals + C(stype)", "api00 ~ ell + meals", "gaussian", None),
    "binomial": ("yes ~ ell + meals + C(stype)", "yes ~ C(stype)", "binomial", None),
    "binomial_one": ("yes ~ ell + meals", "yes ~ ell", "binomial", None),
    "poisson": ("tested ~ ell + meals + C(stype)", "tested ~ meals", "poisson", None),
    "gamma": ("api00 ~ ell + meals", "api00 ~ meals", "gamma", "log"),
}


def with_answers(design: Design) -> Design:
    """The same schools with the award as 0 and 1, and the sum of two columns."""
    frame = design.data.assign(
        yes=(design.data["award"] == "Yes").astype(float), both=design.data["ell"] + design.data["meals"]
    )
    return Design(frame, **{role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")})


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The designs of chisq.R, under the same names."""
    found = {name: design if name == "nhanes" else with_answers(design) for name, design in school_designs().items()}
    totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
    fitted = weights.calibrate(found["one_stage"].data, totals, weight="pw", name="greg")
    children = data("nwtco").assign(
        drawn=lambda frame: frame["drawn"] == 1, relapse_by_stage=lambda frame: frame["relapse"] * 10 + frame["stage"]
    )
    counties = data("election").assign(winner=lambda frame: np.where(frame["bush"] > frame["kerry"], "bush", "kerry"))
    phases = {
        f"case_control_{name}": two_phase(Design(children), subset="drawn", stratum="relapse_by_stage", method=method)
        for name, method in (("full", "full"), ("approx", "approximate"))
    }
    return (
        found
        | phases
        | {
            "jackknife": replicate(found["one_stage"], "jackknife"),
            "jackknife_strata": replicate(found["nhanes"], "jackknife", centre="mean"),
            "calibrated": Design(fitted, weight="greg", psu="dnum", fpc="fpc"),
            "brewer": Design(counties, probability="p", joint="brewer"),
            "joint_yg": Design(counties, probability="p", joint=data("election_joint").to_numpy()),
        }
    )


@pytest.mark.parametrize("statistic", list(STATISTICS))
@pytest.mark.parametrize(("name", "rows", "columns"), TABLES)
def test_tables_agree_with_r(designs: dict[str, Design], name: str, rows: str, columns: str, statistic: str) -> None:
    """svychisq's statistic, degrees of freedom and p, of first and second order, Wald's and his adjusted one."""
    theirs = golden("chisq", name)[f"{rows} x {columns}"]
    found = estimate.chisq(designs[name], rows, columns, statistic=statistic).iloc[0]
    asked = theirs[STATISTICS[statistic]]
    np.testing.assert_allclose(found["p"], asked["p"], rtol=CLOSED)
    np.testing.assert_allclose(
        found["deff"] if statistic in ("F", "chisq") else theirs["lincom", "deff"],
        theirs["lincom", "deff"],
        rtol=CLOSED,
    )
    if (
        statistic == "chisq"
    ):  # theirs is Pearson's, of all rows; ours is what is chi-squared, and Pearson's of who answered
        every = found["n"] if "case" in name else len(designs[name].data)
        np.testing.assert_allclose(found["pearson"] * every / found["n"], asked["statistic"], rtol=CLOSED)
        np.testing.assert_allclose(found["statistic"] * found["deff"], found["pearson"], rtol=1e-12)
        assert asked["df"] == found["df"]
        return
    told = {"statistic": "statistic", "ndf": "df", "ddf": "df2"}
    for what, ours in told.items():
        np.testing.assert_allclose(found[ours], asked[what], rtol=CLOSED)


@pytest.mark.parametrize(("name", "rows", "columns"), TABLES)
def test_exact_tails_of_tables_agree_with_an_integral_in_r(
    designs: dict[str, Design], name: str, rows: str, columns: str
) -> None:
    """The tail of Σ δ χ² over χ²/df with fractional df; R's own, which cuts them, is its saddlepoint approximation of "cut"."""
    theirs = golden("chisq", name)[f"{rows} x {columns}", "lincom"]
    found = estimate.chisq(designs[name], rows, columns, statistic="lincom").iloc[0]
    np.testing.assert_allclose(found["p"], theirs["exact"], rtol=CLOSED, atol=INTEGRATED)


def test_r_cuts_fractional_degrees_of_freedom() -> None:
    """20.92 become 20 in R's lincom and saddlepoint: its p is .0264 where the tail is .0220 (2e7 draws: .02196 ± .00003)."""
    theirs = golden("chisq", "one_stage")["stype x met"]
    assert (0.0220, 0.0255, 0.0264) == tuple(
        round(theirs[key], 4) for key in (("lincom", "exact"), ("lincom", "cut"), ("saddlepoint", "p"))
    )
    table = estimate.chisq(school_designs()["one_stage"], "stype", "met", statistic="lincom").iloc[0]
    effects = table["deff"] * _two(table["df2"] / 14)
    cut = table["df2"] / np.floor(table["df2"])
    found = mixture_tail(table["pearson"], effects * cut, df2=float(np.floor(table["df2"])))
    np.testing.assert_allclose(found, theirs["lincom", "cut"], rtol=CLOSED)


def _two(order: float) -> np.ndarray:
    """Two weights of mean 1 whose squared sum over sum of squares is `order`."""
    apart = np.sqrt(2 / order - 1)
    return np.array([1 + apart, 1 - apart])


def test_stacked_audiences_have_fewer_degrees_of_freedom_than_r_gives(designs: dict[str, Design]) -> None:
    """Statistic and its first degrees of freedom are svychisq's; the second are Satterthwaite's over the audiences."""
    sides = {}
    for name in ("customers", "employees"):
        frame = data(f"bank_{name}")
        warm = np.select([frame["recommend"] >= 9, frame["recommend"] >= 7], ["warm", "mild"], "cold").astype(object)
        sides[name] = Design(
            frame.assign(warm=np.where(frame["recommend"].isna(), None, warm)), weight="weight", **BANK
        )
    both = stack(sides)
    found = estimate.chisq(both, "audience", "warm").iloc[0]
    theirs = golden("chisq", "stacked")["audience x warm", "F"]
    np.testing.assert_allclose([found["statistic"], found["df"]], [theirs["statistic"], theirs["ndf"]], rtol=CLOSED)
    assert 0 < found["df2"] < theirs["ddf"]


@pytest.mark.parametrize(("name", "item", "shares"), FITS)
def test_goodness_of_fit_agrees_with_r(
    designs: dict[str, Design], name: str, item: str, shares: dict[object, float]
) -> None:
    """Pearson's, F, χ², Wald's and the exact tail from svymean's covariance; svygofchisq where the population's size is known."""
    theirs = golden("chisq", name)[item]
    found = {
        one: estimate.goodness_of_fit(designs[name], item, shares, statistic=one).iloc[0]
        for one in (*STATISTICS, "lincom")
    }
    told = {"statistic": "statistic", "ndf": "df", "ddf": "df2", "p": "p"}
    for what, ours in told.items():
        np.testing.assert_allclose(found["F"][ours], theirs["F", what], rtol=CLOSED)
    np.testing.assert_allclose(found["F"]["pearson"], theirs["pearson", "statistic"], rtol=CLOSED)
    np.testing.assert_allclose(found["wald"]["statistic"], theirs["Wald", "statistic"], rtol=CLOSED)
    for one in ("chisq", "wald", "adjusted_wald"):
        np.testing.assert_allclose(found[one]["p"], theirs[STATISTICS[one], "p"], rtol=CLOSED)
    np.testing.assert_allclose(found["lincom"]["p"], theirs["lincom", "p"], rtol=CLOSED, atol=INTEGRATED)
    if name in ("srs", "stratified", "calibrated"):
        order = found["F"]["df"]
        assert pytest.approx(theirs["svygofchisq", "df"], rel=CLOSED) == order
        whole = chi2_tail(float(found["F"]["statistic"] * order), float(order))
        np.testing.assert_allclose(whole, theirs["svygofchisq", "p"], rtol=CLOSED)


@pytest.mark.parametrize("model", list(MODELS))
@pytest.mark.parametrize("name", SCHOOLS)
def test_likelihood_ratios_agree_with_r(designs: dict[str, Design], name: str, model: str) -> None:
    """regTermTest(method = "LRT"): the ratio over its mean scale, degrees of freedom, and the exact tail of R's own scales."""
    larger, smaller, family, link = MODELS[model]
    theirs = golden("chisq", name)[model, "LRT"]
    fit = estimate.glm(designs[name], larger, family=family, link=link)
    found = estimate.likelihood_ratio(fit, smaller).iloc[0]
    rtol = CLOSED if family == "gaussian" else ITERATED
    np.testing.assert_allclose(found["statistic"], theirs["statistic"], rtol=rtol)
    assert (theirs["df"], theirs["ddf"]) == (found["df"], found["df2"])
    np.testing.assert_allclose(found["p"], theirs["exact"], rtol=10 * rtol, atol=INTEGRATED)
    if "infinite" in theirs:
        tail = estimate.likelihood_ratio(fit, smaller, statistic="chisq")["p"].iloc[0]
        np.testing.assert_allclose(tail, theirs["infinite"], rtol=10 * rtol * max(1.0, -np.log(tail)))


@pytest.mark.parametrize("name", ["srs", "stratified", "one_stage"])
def test_models_nest_by_what_their_columns_span(designs: dict[str, Design], name: str) -> None:
    """anova() of a model of the sum of two columns inside a model of both."""
    theirs = golden("chisq", name)["disguised", "LRT"]
    found = estimate.likelihood_ratio(estimate.glm(designs[name], "api00 ~ ell + meals"), "api00 ~ both").iloc[0]
    assert (theirs["df"], theirs["ddf"]) == (found["df"], found["df2"])
    np.testing.assert_allclose(found["statistic"], theirs["statistic"], rtol=CLOSED)
    np.testing.assert_allclose(found["p"], theirs["exact"], rtol=CLOSED, atol=INTEGRATED)
