"""Linear and smooth contrasts agree with svycontrast: values, errors and covariances."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicate
from symmetry.estimate import Estimate
from tests.golden.reading import agree, golden, school_designs

TOLERANCE = 1e-9
"""Relative; R differentiates the formula, we may take a numeric slope: 1e-9 is its accuracy."""
NAMES = ("stratified", "one_stage", "two_stage", "ultimate_cluster")


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The samples of schools, and the jackknife of one."""
    found = school_designs()
    return found | {"jackknife": replicate(found["one_stage"], "jackknife", centre="mean")}


def kept(item: str, kind: str, est: Estimate) -> dict[tuple[str, str, str], float]:
    """Values and errors under R's names."""
    names = est.labels["item"]
    values = {(item, "", f"{kind}.{name}.value"): value for name, value in zip(names, est.values, strict=True)}
    return values | {(item, "", f"{kind}.{name}.se"): se for name, se in zip(names, est.se, strict=True)}


@pytest.mark.parametrize("name", NAMES)
def test_contrasts_agree_with_r(designs: dict[str, Design], name: str) -> None:
    """Between items, between domains with missing answers, of totals and of shares, written as coefficients or as formulas."""
    design = designs[name]
    scores = estimate.mean(design, ["api00", "api99"])
    smooth = {"ratio": "api00 / api99", "log": "log(api00) - log(api99)", "square": "api00**2 - api99 * sqrt(api00)"}
    ours = kept(
        "scores", "linear", estimate.contrast(scores, {"growth": {0: 1, 1: -1}, "mix": {"api00": 0.25, "api99": 0.75}})
    )
    bent = estimate.contrast(scores, smooth)
    ours |= kept("scores", "smooth", bent)
    labels, cov = list(smooth), bent.covariance()
    ours |= {
        ("scores", f"{a}:{b}", "smooth.covariance"): cov[i, j]
        for i, a in enumerate(labels)
        for j, b in enumerate(labels)
    }
    kinds = estimate.mean(design, "agree", by=["stype"])
    e, h, m = (list(kinds.labels["stype"]).index(kind) for kind in "EHM")
    ours |= kept(
        "agree", "linear", estimate.contrast(kinds, {"E-H": {e: 1, h: -1}, "E-rest": {"E": 1, "H": -0.5, "M": -0.5}})
    )
    ours |= kept("agree", "smooth", estimate.contrast(kinds, {"relative": lambda v: (v[e] - v[h]) / v[m]}))
    both = design.data[["tested", "enroll"]].notna().all(axis=1)
    columns = {column: design.data[column].where(both) for column in ("tested", "enroll")}
    sums = estimate.total(Design(design.data.assign(**columns), **roles(design)), ["tested", "enroll"])
    ours |= kept("sums", "smooth", estimate.contrast(sums, {"ratio": "tested / enroll"}))
    met = estimate.share(design, "met")
    ours |= kept("met", "smooth", estimate.contrast(met, {"odds": "Yes / No", "log_odds": "log(Yes / (1 - Yes))"}))
    theirs = golden("contrasts", name).drop("growth", level=0, errors="ignore")
    agree(theirs, ours, rtol=TOLERANCE)


def roles(design: Design) -> dict[str, object]:
    """The columns behind a design."""
    return {role: getattr(design, role) for role in ("weight", "stratum", "psu", "fpc")}


def test_a_difference_of_differences_agrees_with_r(designs: dict[str, Design]) -> None:
    """Growth of primary against high schools: four means of one design, one covariance."""
    est = estimate.mean(designs["two_stage"], ["api00", "api99"], by=["stype"])
    place = {(row.item, row.stype): i for i, row in enumerate(est.labels.itertuples())}
    terms = {("api00", "E"): 1, ("api99", "E"): -1, ("api00", "H"): -1, ("api99", "H"): 1}
    ours = kept("growth", "linear", estimate.contrast(est, {"E-H": {place[key]: sign for key, sign in terms.items()}}))
    agree(golden("contrasts", "two_stage").loc[["growth"]], ours, rtol=TOLERANCE)


def test_contrasts_of_replicated_means_agree_with_r(designs: dict[str, Design]) -> None:
    """Of a jackknife too, the error of a formula is the delta method's on the covariance of its replicates."""
    scores = estimate.mean(designs["jackknife"], ["api00", "api99"])
    ours = kept("scores", "linear", estimate.contrast(scores, {"growth": {0: 1, 1: -1}}))
    ours |= kept("scores", "smooth", estimate.contrast(scores, {"ratio": "api00 / api99"}))
    theirs = golden("contrasts", "jackknife")
    assert isinstance(theirs, pd.Series)
    assert np.isfinite(list(ours.values())).all()
    agree(theirs, ours, rtol=TOLERANCE)
