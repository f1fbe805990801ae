"""Rubin's rules against R: mitools, mice's degrees of freedom, mitml's joint test, on eight designs of schools and adults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate, weights
from symmetry.design import Design, replicate
from symmetry.estimate import Estimate
from tests.golden.reading import agree, data, golden, school_designs

M = 5
SCHOOLS = ["srs", "stratified", "one_stage", "two_stage", "ultimate_cluster", "jackknife", "calibrated"]
ASKS: dict[str, Callable[[Design], Estimate]] = {
    "mean": lambda d: estimate.mean(d, ["api00", "meals"]),
    "total": lambda d: estimate.total(d, "meals"),
    "award": lambda d: estimate.mean(d, "yes"),
    "ratio": lambda d: estimate.ratio(d, "api00", "api99"),
    "log": lambda d: estimate.contrast(estimate.mean(d, ["api00", "meals"]), {"log": "log(api00 / meals)"}),
    "stype": lambda d: estimate.mean(d, "api00", by=["stype"]),
    "gaps": lambda d: estimate.contrast(estimate.mean(d, "api00", by=["stype"]), {"EH": "E - H", "HM": "H - M"}),
    "model": lambda d: estimate.glm(d, "api00 ~ ell + meals").estimate,
}


def filled(frame: pd.DataFrame, items: list[str], k: int) -> pd.DataFrame:
    """Every fourth row with the values of another, as mitools.R does it."""
    rows = np.arange(0, len(frame), 4)
    out = frame.copy()
    out.loc[rows, items] = frame[items].to_numpy()[(rows + 1 + 7 * k) % len(frame)]
    return out


def imputed(name: str) -> list[Design]:
    """The imputed designs of mitools.R."""
    designs = school_designs()
    one = designs["one_stage"]
    if name == "calibrated":
        totals = {"stype": {"E": 4421, "H": 755, "M": 1018}, "api99": 3914069}
        one = Design(weights.calibrate(one.data, totals, weight="pw", name="g"), weight="g", psu="dnum", fpc="fpc")
    design = {**designs, "calibrated": one, "jackknife": replicate(one, "jackknife")}[name]
    frame = design.data
    if name == "nhanes":
        items = ["cholesterol"]
    else:
        frame, items = frame.assign(yes=(frame["award"] == "Yes").astype(float)), ["api00", "meals", "yes"]
    given = design.layout if name in ("calibrated", "jackknife") else None
    return [replace(design, data=filled(frame, items, k), given=given) for k in range(1, M + 1)]


def complete(parts: list[Estimate], df: float) -> list[Estimate]:
    """The parts with R's degrees of freedom, which are those of the whole design for its domains too."""
    return [replace(part, df=np.full(len(part), df)) for part in parts]


def r_labels(est: Estimate) -> list[str]:
    """R's names of the values."""
    return est.labels["stype"].tolist() if "stype" in est.labels else est.labels["item"].tolist()


@pytest.mark.parametrize("name", SCHOOLS)
def test_combinations_agree_with_mitools_and_mice(name: str) -> None:
    """Values, errors, covariances, df of large and of small samples and missing information of eight statistics are R's."""
    designs = imputed(name)
    whole = float(estimate.mean(designs[0], "api00").df[0])
    ours: dict[tuple[str, str, str], float] = {}
    for item, ask in ASKS.items():
        found = [ask(design) for design in designs]
        df = whole - 2 if item == "model" else whole
        small, large = (estimate.combine(complete(found, nu)) for nu in (df, np.inf))
        told = {rule: estimate.missing_information(est) for rule, est in (("small", small), ("large", large))}
        labels = [label.replace("yes", 'I(1 * (award == "Yes"))') for label in r_labels(small)]
        labels = [{"api00 / api99": "ratio", "Intercept": "(Intercept)"}.get(label, label) for label in labels]
        for place, label in enumerate(labels):
            ours[item, label, "value"] = small.values[place]
            ours[item, label, "se"] = small.se[place]
            ours[item, label, "df"] = small.df[place]
            ours[item, label, "df.large"] = large.df[place]
            ours[item, label, "missing"] = told["small"]["missing"][place]
            ours[item, label, "missing.large"] = told["large"]["missing"][place]
            for other, cov in zip(labels, small.covariance()[place], strict=True):
                ours[item, f"{label}:{other}", "covariance"] = cov
            ours[item, label, "df.mitools"] = mitools_df(told["small"].iloc[place], df)
    for rule, df in (("small", whole), ("large", np.inf)):
        test = estimate.wald(estimate.combine(complete([ASKS["gaps"](design) for design in designs], df)))
        ours |= {("test", rule, what): test[column][0] for what, column in TEST.items()}
    agree(golden("mitools", name), ours, rtol=1e-8, atol=1e-9)


TEST = {"F": "statistic", "df2": "df2", "p": "p"}


def mitools_df(told: pd.Series, df: float) -> float:
    """What mitools 2.4 makes of Barnard and Rubin: without the 1 + 1/m."""
    m, within, between = told["imputations"], told["within"], told["between"]
    many = (m - 1) * (1 + within / ((1 + 1 / m) * between)) ** 2
    few = (df + 1) / (df + 3) * df * within / (within + between)
    return float(1 / (1 / many + 1 / few))


def test_missing_answers_weights_and_domains_agree_with_mitools() -> None:
    """On the survey of cholesterol, with missing answers left in, too."""
    designs = imputed("nhanes")
    r = golden("mitools", "nhanes")
    for item, by in (("mean", ()), ("race", ("race",))):
        both = estimate.combine([estimate.mean(design, "cholesterol", by=by) for design in designs])
        labels = both.labels["race"].astype(str) if by else ["cholesterol"]
        np.testing.assert_allclose(both.values, [r[item, label, "value"] for label in labels], rtol=1e-10)
        np.testing.assert_allclose(both.se, [r[item, label, "se"] for label in labels], rtol=1e-8)


def test_a_list_of_frames_is_the_same() -> None:
    """Designs made one by one on imputed frames, as mitools' imputationList, give what one design imputed gives."""
    frames = [filled(data("apiclus1"), ["api00"], k) for k in range(1, M + 1)]
    both = estimate.combine([estimate.mean(Design(f, weight="pw", psu="dnum", fpc="fpc"), "api00") for f in frames])
    r = golden("mitools", "imputation_list")
    np.testing.assert_allclose(
        [both.values[0], both.se[0]], [r["mean", "api00", what] for what in ("value", "se")], rtol=1e-10
    )
