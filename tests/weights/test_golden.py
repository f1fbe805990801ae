"""Fitted weights, and errors that know of them, agree with R: postStratify, rake, calibrate of every kind, trimWeights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design
from tests.golden.reading import agree, data, golden

CLOSED = 1e-10
ITERATED = 1e-9
"""Relative; R fits to 1e-13 of the totals, we to 1e-10 or better, and weights of a dozen schools move by ten times that."""
STARTS = ("stratified", "one_stage", "two_stage")
TYPES = {"E": 4421, "H": 755, "M": 1018}
"""Schools in the population of apipop; `test_the_population_is_apipop` holds them to the golden file."""


def start(name: str) -> tuple[pd.DataFrame, dict[str, object]]:
    """Rows with their starting weights in `start`, and the roles but the weight."""
    if name == "stratified":
        return data("apistrat").rename(columns={"pw": "start"}), {"stratum": "stype", "fpc": "fpc"}
    if name == "one_stage":
        return data("apiclus1").rename(columns={"pw": "start"}), {"psu": "dnum", "fpc": "fpc"}
    rows, roles = data("apiclus2"), {"psu": ["dnum", "snum"], "fpc": ["fpc1", "fpc2"]}
    return rows.assign(start=Design(rows, **roles).layout.weight), roles


def known(item: str) -> dict[str, float]:
    """Counts of the population by category."""
    return golden("weighting", "population")[item, :, "total"].to_dict()


def fitted(name: str, fit: str) -> pd.DataFrame:
    """The rows with weights fitted as weighting.R fits them."""
    rows, _ = start(name)
    types, met = known("stype"), known("met")
    numeric = {"stype": types, "api99": golden("weighting", "population")["api99", "", "total"]}
    both = {"stype": types, "met": met}
    facts = golden("weighting", f"{name}.{fit}")
    pupils = golden("weighting", "population")["enroll", "", "total"]
    if fit == "poststratified":
        return weights.poststratify(rows, types, by="stype", weight="start")
    if fit in ("rake", "raked"):
        return weights.rake(rows, both, weight="start")
    if fit.startswith("trimmed"):
        return weights.trim(fitted(name, "poststratified"), upper=facts["", "", "cap"], spread="equal")
    options = {
        "linear": {"totals": numeric},
        "linear_bounded": {"totals": both},
        "logit": {"totals": numeric, "method": "logit", "bounds": (0.3, 3.5)},
        "raking_numeric": {"totals": numeric, "method": "raking"},
        "enroll": {"totals": {"enroll": pupils}, "total": 6194},
        "enroll_bounded": {"totals": {"enroll": pupils}, "total": 6194, "bounds": (0.6, 1.5)},
        "enroll_alone": {"totals": {"enroll": pupils}},
    }[fit]
    if fit == "linear_bounded":
        options["bounds"] = (facts["", "", "lower"], facts["", "", "upper"])
    return weights.calibrate(rows, weight="start", **options)


def test_the_population_is_apipop() -> None:
    """The margins the samples are fitted to are those of the 6,194 schools of the population."""
    assert known("stype") == TYPES
    assert (
        sum(known("met").values())
        == sum(known("stype*met").values())
        == golden("weighting", "population")["", "", "total"]
        == 6194
    )


FITS = ("poststratified", "rake", "raked", "linear", "linear_bounded", "logit", "raking_numeric", "trimmed_strictly")


NUMERIC = ("enroll", "enroll_bounded", "enroll_alone")
PAIRS = [(name, fit) for name in STARTS for fit in FITS] + [("one_stage", fit) for fit in NUMERIC]
CLOSED_FITS = ("poststratified", "linear", "enroll", "enroll_alone")


@pytest.mark.parametrize(("name", "fit"), PAIRS)
def test_weights_agree_with_r(name: str, fit: str) -> None:
    """A dozen weights of each fit, their sum and the sum of their squares, are R's."""
    found = fitted(name, fit)["weight"].to_numpy()
    ours = {(str(row + 1), "", "weight"): found[row] for row in range(0, len(found), 15)}
    ours |= {("", "", "sum"): found.sum(), ("", "", "sum_of_squares"): found @ found}
    theirs = golden("weighting", f"{name}.{fit}")
    theirs = theirs[theirs.index.get_level_values("what").isin(["weight", "sum", "sum_of_squares"])]
    agree(theirs, ours, rtol=CLOSED if fit in CLOSED_FITS else ITERATED)


def measured(design: Design) -> dict[tuple[str, str, str], float]:
    """Means, totals and a ratio of all schools, of those with an award, and of primary schools."""
    ours = {}
    for domain, by in (("", []), ("award", ["award"]), ("E", ["stype"])):
        wanted = {"": None, "award": "Yes", "E": "E"}[domain]
        for statistic, est in (
            ("mean", estimate.mean(design, ["api00"], by=by)),
            ("total", estimate.total(design, ["api00"], by=by)),
            ("mean", estimate.mean(design, ["enroll"], by=by)),
            ("total", estimate.total(design, ["enroll"], by=by)),
            ("ratio", estimate.ratio(design, "tested", "enroll", by=by)),
        ):
            for row, labels in enumerate(est.labels.to_dict("records")):
                if not by or labels[by[0]] == wanted:
                    key = (labels["item"].replace(" / ", "/"), domain)
                    ours |= {(*key, f"{statistic}.value"): est.values[row], (*key, f"{statistic}.se"): est.se[row]}
    return ours


@pytest.mark.parametrize(
    ("name", "fit"), [pair for pair in PAIRS if pair[1] != "rake" and not pair[1].startswith("trimmed")]
)
def test_errors_after_fitting_agree_with_r(name: str, fit: str) -> None:
    """Means, totals, ratios and domains of calibrated designs, of one stage and of two, have R's values and standard errors."""
    _, roles = start(name)
    ours = measured(Design(fitted(name, fit), weight="weight", **roles))
    theirs = golden("weighting", f"{name}.{fit}")
    theirs = theirs[theirs.index.get_level_values("what").str.contains("value|se$")]
    size = pd.Series([ours[*key[:2], key[2].replace(".se", ".value")] for key in theirs.index], theirs.index)
    exact = theirs.abs() < 1e-9 * size  # a total that was calibrated to is known: its error is rounding, in R and here
    assert all(ours[key] < 1e-9 * size[key] for key in theirs.index[exact])
    agree(theirs[~exact], ours, rtol=CLOSED if fit in CLOSED_FITS else ITERATED)


@pytest.mark.parametrize(("name", "most"), [("stratified", 0.04), ("one_stage", 0.0), ("two_stage", 0.23)])
def test_the_two_roads_of_r_to_raked_weights_differ_in_their_errors_alone(name: str, most: float) -> None:
    """R's `rake` and `calibrate(calfun = "raking")` give one set of weights and values, and errors that differ where starting
    weights do: `rake` takes unweighted means of each margin, `calibrate` the regression by the starting weights, as we do."""
    rake, calibrate = (golden("weighting", f"{name}.{fit}") for fit in ("rake", "raked"))
    errors = rake.index.get_level_values("what").str.endswith(".se")
    np.testing.assert_allclose(rake[~errors], calibrate[~errors], rtol=1e-11)
    apart = float(np.abs(rake[errors] / calibrate[errors] - 1).max())
    assert apart < 1e-11 if most == 0 else most / 10 < apart < most


@pytest.mark.parametrize("fit", ["enroll", "enroll_bounded"])
def test_the_printed_range_of_calibrated_weights(fit: str) -> None:
    """The smallest and largest ratio to the starting weights that the survey package's own tests print, to seven digits."""
    rows = fitted("one_stage", fit)
    ratio = rows["weight"] / rows["start"]
    printed = golden("weighting", f"one_stage.{fit}")["g", "published"]
    np.testing.assert_allclose([ratio.min(), ratio.max()], printed[["lower", "upper"]], atol=6e-8)
