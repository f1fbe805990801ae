"""Replicates agree with R: jackknives, half samples, Fay's, supplied weights of every kind, weights fitted again on each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate, replicated
from tests.golden.reading import agree, data, golden, school_designs

TOLERANCE = 1e-10
"""Relative; closed forms on both sides."""
FITTED = 1e-9
"""Weights fitted on every replicate, by iteration (1e-13): the differences between replicates magnify what is left."""
CENTRES = ("estimate", "mean")
"""R's mse = TRUE and mse = FALSE."""
RSCALES = np.round(np.linspace(0.4, 1.6, 16), 2)
GIVEN: dict[str, dict[str, object]] = {
    "other": {"scale": 0.11, "rscales": RSCALES},
    "bootstrap": {"method": "bootstrap"},
    "brr": {"method": "brr"},
    "fay": {"method": "fay", "rho": 0.4},
    "jk1": {"method": "jk1"},
    "jkn": {"method": "jkn", "rscales": RSCALES},
    "acs": {"method": "acs"},
    "sdr": {"method": "sdr"},
}
HALVES = 2.0 * np.array([[1, 1, 0, 0], [0, 0, 1, 1], [1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 0, 1], [0, 1, 1, 0]])
"""The half samples of Levy and Lemeshow, an ambulance station a row."""


def measured(
    design: Design,
    items: list[str],
    ratio: tuple[str, str] | None = None,
    by: str | None = None,
    names: dict[str, str] | None = None,
) -> dict[tuple[str, str, str], float]:
    """Means, totals and a ratio, of all and by domain, under R's names; `names` tells R's name of each domain kept."""
    ours = {}
    for domain in [[], [by]] if by else [[]]:
        found = [("mean", estimate.mean(design, items, by=domain)), ("total", estimate.total(design, items, by=domain))]
        if ratio:
            found.append(("ratio", estimate.ratio(design, *ratio, by=domain)))
        for statistic, est in found:
            for row, labels in enumerate(est.labels.to_dict("records")):
                where = str(labels[by]) if domain else ""
                key = (labels["item"].replace(" / ", "/"), names.get(where, where) if names and domain else where)
                ours |= {(*key, f"{statistic}.value"): est.values[row], (*key, f"{statistic}.se"): est.se[row]}
                ours["", "", "df"] = ours.get(("", "", "df"), est.df[row])
    return ours


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("name", ["one_stage", "stratified", "ultimate_cluster"])
def test_jackknives_of_schools_agree_with_r(name: str, centre: str) -> None:
    """JK1 without strata and JKn with, the fpc in their scale, for all schools and by type, with missing answers."""
    design = replicate(school_designs()[name], "jackknife", centre=centre)
    ours = measured(design, ["api00", "enroll"], ("tested", "enroll"), "stype")
    agree(golden("replicates", f"jackknife_{name}.{centre}"), ours, rtol=TOLERANCE)


@pytest.mark.parametrize("centre", CENTRES)
def test_jackknives_of_books_agree_with_r(centre: str) -> None:
    """Levy and Lemeshow's hospitals and ambulances; the houses of VPLX's manual, without strata (example 1-1) and with (1-2)."""
    hospital = Design(data("hospital"), weight="weight", stratum="oblevel", psu="hospno", fpc="tothosp")
    found = measured(replicate(hospital, "jackknife", centre=centre), ["births"])
    agree(golden("replicates", f"jackknife_hospital.{centre}"), found, rtol=TOLERANCE)
    ambulances = data("scd").assign(stations=5, weight=1)
    stations = Design(ambulances, weight="weight", stratum="ESA", psu="ambulance", fpc="stations")
    found = measured(replicate(stations, "jackknife", centre=centre), ["alive", "arrests"], ("alive", "arrests"))
    agree(golden("replicates", f"jackknife_scd.{centre}"), found, rtol=TOLERANCE)
    houses = data("crowd").assign(
        share=lambda c: c["rooms"] / c["person"], crowded=lambda c: np.where(c["person"] > c["rooms"], "crowded", "no")
    )
    for name, roles in (("crowd", {}), ("crowd_strata", {"stratum": "stratum"})):
        design = replicate(Design(houses, weight="weight", psu="cluster", **roles), "jackknife", centre=centre)
        ours = measured(design, ["rooms", "person", "share"], ("rooms", "person"), "crowded")
        agree(golden("replicates", f"{name}.{centre}"), ours, rtol=TOLERANCE, atol=1e-13)


@pytest.mark.parametrize("centre", CENTRES)
def test_half_samples_agree_with_r(centre: str) -> None:
    """The book's half samples handed in as factors, Fay's from them, and our own balanced ones, for totals as good as any."""
    ambulances, items = data("scd").assign(weight=1.0), ["alive", "arrests"]
    book = replicated(ambulances, weight="weight", replicates=HALVES, method="brr", centre=centre, weights="factors")
    agree(golden("replicates", f"brr_book.{centre}"), measured(book, items, ("alive", "arrests")), rtol=TOLERANCE)
    fay = replicated(
        ambulances,
        weight="weight",
        replicates=0.3 + 0.7 * HALVES,
        method="fay",
        rho=0.3,
        centre=centre,
        weights="factors",
    )
    agree(golden("replicates", f"fay_book.{centre}"), measured(fay, items, ("alive", "arrests")), rtol=TOLERANCE)
    design = Design(ambulances, weight="weight", stratum="ESA", psu="ambulance")
    for own in (replicate(design, "brr", centre=centre), replicate(design, "fay", rho=0.3, centre=centre)):
        agree(golden("replicates", f"brr_own.{centre}"), measured(own, items), rtol=TOLERANCE)


def correlation_and_total(w: np.ndarray, answers: pd.DataFrame) -> np.ndarray:
    """What replicates.R asks of withReplicates."""
    y, x = (answers[item] - np.average(answers[item], weights=w) for item in ("y", "x"))
    correlation = (w * x * y).sum() / np.sqrt((w * x * x).sum() * (w * y * y).sum())
    return np.array([correlation, np.log((w * answers["y"]).sum())])


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("kind", list(GIVEN))
def test_supplied_weights_agree_with_r(kind: str, centre: str) -> None:
    """Every kind of supplied replicates: means, totals, ratios, domains, covariances, any function of the weights, df."""
    columns = [f"r{number}" for number in range(1, 17)]
    design = replicated(data("replicated"), weight="weight", replicates=columns, centre=centre, **GIVEN[kind])
    ours = measured(design, ["y", "x"], ("y", "x"), "group")
    est = estimate.statistic(design, correlation_and_total, names=["correlation", "log_total"])
    for name, value, se in zip(est.labels["item"], est.values, est.se, strict=True):
        ours |= {(name, "", "statistic.value"): value, (name, "", "statistic.se"): se}
    means = estimate.mean(design, ["x", "y"])
    cov = means.covariance()
    ours |= {("", f"{a}:{b}", "covariance"): cov[i, j] for i, a in enumerate("xy") for j, b in enumerate("xy")}
    theirs = golden("replicates", f"given_{kind}.{centre}")
    agree(theirs[~theirs.index.get_level_values("what").str.startswith("quantile")], ours, rtol=TOLERANCE)


Fit = Callable[[pd.DataFrame], pd.DataFrame]
TYPES, MET = {"E": 4421, "H": 755, "M": 1018}, {"No": 1072, "Yes": 5122}
FITS: dict[str, Fit] = {
    "poststratified": lambda rows: weights.poststratify(rows, TYPES, by="stype", weight="pw"),
    "raked": lambda rows: weights.rake(rows, {"stype": TYPES, "met": MET}, weight="pw", tolerance=1e-14),
    "raking": lambda rows: weights.calibrate(
        rows, {"stype": TYPES, "met": MET}, method="raking", weight="pw", tolerance=1e-13
    ),
    "linear": lambda rows: weights.calibrate(
        rows, {"stype": TYPES, "api99": golden("weighting", "population")["api99", "", "total"]}, weight="pw"
    ),
    "logit": lambda rows: weights.calibrate(
        rows, {"stype": TYPES, "met": MET}, method="logit", bounds=(0.2, 4), weight="pw", tolerance=1e-13
    ),
}


@pytest.mark.parametrize("centre", CENTRES)
@pytest.mark.parametrize("fit", list(FITS))
def test_weights_fitted_again_on_every_replicate_agree_with_r(fit: str, centre: str) -> None:
    """Post-stratified, raked and calibrated jackknives: values and errors are those of the same step on R's replicate design."""
    design = Design(FITS[fit](data("apiclus1")), weight="weight", psu="dnum", fpc="fpc")
    ours = measured(
        replicate(design, "jackknife", centre=centre),
        ["api00", "enroll"],
        ("tested", "enroll"),
        "award",
        {"Yes": "award"},
    )
    agree(golden("replicates", f"fitted_{fit}.{centre}"), ours, rtol=FITTED)
