"""Quantiles by every rule and their intervals on every scale agree with svyquantile; where R slips, with the rule as written."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, replicated
from tests.golden.reading import agree, data, designs_in, golden, school_designs

TOLERANCE = 1e-10
"""Relative; closed forms on both sides."""
RULES = ["math", "school", "shahvaish", *(f"hf{number}" for number in range(1, 10))]
MENDED = {"shahvaish_scaled": "shahvaish", "hf4_inside": "hf4"}
SCALES = ["mean", "beta", "xlogit", "asin"]


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """The samples of schools and the survey of cholesterol."""
    return school_designs()


def table(name: str) -> pd.DataFrame:
    """R's values: item, domain, rule, p, what, value; Shah and Vaish's rule and hf4 as quantiles.R mends them."""
    theirs = golden("quantiles", name).rename("value").reset_index()
    parts = theirs["what"].str.extract(r"^(?P<rule>[a-z0-9_]+)\.(?P<p>0\.\d+)\.(?P<rest>.*)$")
    found = theirs.drop(columns="what").join(parts)
    return found[~found["rule"].isin(MENDED.values())].replace({"rule": MENDED})


def asked(name: str, scales: list[str]) -> pd.DataFrame:
    """The rows of some scales, and the quantiles themselves, which go with the scale "mean"."""
    rows = table(name)
    kept = rows["rest"].str.split(".").str[0].isin([*scales, *(["value"] if "mean" in scales else [])])
    return rows[kept]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("name", [name for name in designs_in("quantiles") if name != "smallest"])
def test_quantiles_agree_with_r(designs: dict[str, Design], name: str, scale: str, rule: str) -> None:
    """Quantiles, limits and standard errors, of items with ties and missing answers, overall and by type of school."""
    rows = asked(name, [scale]).query("rule == @rule")
    ours = {}
    for (item, grouped), some in rows.groupby(["item", rows["domain"] != ""]):
        by = ["stype"] if grouped else []
        probabilities = sorted(some["p"].astype(float).unique())
        found = estimate.quantile(designs[name], item, probabilities, rule=rule, interval=scale, by=by).table()
        for row in found.to_dict("records"):
            key = (item, row["stype"] if grouped else "", f"{row['probability']:g}")
            ours |= {(*key, "value"): row["estimate"], (*key, f"{scale}.lower"): row["lower"]}
            ours |= {(*key, f"{scale}.upper"): row["upper"], (*key, f"{scale}.se"): row["se"]}
    agree(rows.set_index(["item", "domain", "p", "rest"])["value"], ours, rtol=TOLERANCE)


@pytest.mark.parametrize("name", ["stratified", "one_stage", "two_stage", "srs"])
def test_score_intervals_invert_the_score_test(designs: dict[str, Design], name: str) -> None:
    """The limits are the answers where the score test changes its mind, found by trying every answer in R."""
    rows = table(name)
    rows = rows[rows["rest"].str.startswith("score.") & rows["rest"].str.endswith(".right")]
    for p, some in rows.groupby("p"):
        found = estimate.quantile(designs[name], "api00", [float(p)], rule="math", interval="score").table()
        np.testing.assert_array_equal(found[["lower", "upper"]].to_numpy()[0], some.sort_values("rest")["value"])


def test_shah_and_vaish_weights_are_of_mean_one(designs: dict[str, Design]) -> None:
    """R halves weights in their own unit, so that weights times 2 move its quantiles; ours stay where they are."""
    theirs = golden("quantiles", "stratified")
    assert theirs["api00", "", "shahvaish.0.1.value"] != theirs["api00", "", "shahvaish_scaled.0.1.value"]
    design = designs["stratified"]
    doubled = Design(design.data.assign(pw=2 * design.data["pw"]), weight="pw", stratum="stype", fpc="fpc")
    one, two = (estimate.quantile(each, "api00", [0.1, 0.5], rule="shahvaish").values for each in (design, doubled))
    np.testing.assert_array_equal(one, two)


def test_the_smallest_quantiles_are_the_smallest_answer(designs: dict[str, Design]) -> None:
    """Below the first answer's share svyquantile takes the second answer or leaves the range; R's `quantile` does not, nor we."""
    theirs = golden("quantiles", "smallest")["enroll", ""]
    for rule in ("math", "hf4"):
        ours = estimate.quantile(designs["one_stage"], "enroll", [0.002], rule=rule).values
        np.testing.assert_array_equal(ours, theirs[f"{rule}.stats"])
        assert theirs[f"{rule}.survey"] != theirs[f"{rule}.stats"]


GIVEN: dict[str, dict[str, object]] = {
    "acs": {"method": "acs"},
    "bootstrap": {"method": "bootstrap"},
    "fay": {"method": "fay", "rho": 0.4},
}


@pytest.mark.parametrize("scale", ["mean", "xlogit", "replicates"])
@pytest.mark.parametrize("rule", ["math", "hf7"])
@pytest.mark.parametrize("centre", ["estimate", "mean"])
@pytest.mark.parametrize("kind", list(GIVEN))
def test_quantiles_of_replicates_agree_with_r(kind: str, centre: str, rule: str, scale: str) -> None:
    """Woodruff's interval from the replicated share at or below the quantile, or the quantile made again on every replicate."""
    columns = [f"r{number}" for number in range(1, 17)]
    design = replicated(data("replicated"), weight="weight", replicates=columns, centre=centre, **GIVEN[kind])
    theirs, ours = golden("replicates", f"given_{kind}.{centre}"), {}
    for row in estimate.quantile(design, "y", [0.25, 0.5], rule=rule, interval=scale).table().to_dict("records"):
        what = f"quantile.{rule}.{row['probability']:g}"
        ours |= {("y", "", f"{what}.value"): row["estimate"]}
        theirs_of = "quantile" if scale == "replicates" else scale
        ours |= {("y", "", f"{what}.{theirs_of}.{limit}"): row[limit] for limit in ("lower", "upper", "se")}
    agree(theirs[theirs.index.isin(list(ours))], ours, rtol=TOLERANCE)
