"""Means, favourable shares and NPS agree with R's survey package: value, error, df, interval, design effect, covariance."""

from __future__ import annotations

import numpy as np
import pytest

from symmetry import estimate
from symmetry.design import Design
from tests.golden.reading import data, golden, sample_designs

DESIGNS = (
    *("srs", "stratified", "weights_alone", "one_stage", "ultimate_cluster"),
    *("bank", "bank_no_fpc", "bank_raked", "bank_raked_alone"),
)
ASKED = {
    "api": ("stype", ["api00", "agree"], "agree", "likely"),
    "bank": ("age", ["listened", "kept"], "listened", "recommend"),
}
TOLERANCE = 1e-10
"""Relative; closed forms on both sides (raked weights are fitted to 1e-13 in R and to 1e-12 here)."""
WHATS = {"value": "estimate", "se": "se", "df": "df", "deff": "deff", "lower": "lower", "upper": "upper"}


@pytest.fixture(scope="module")
def designs() -> dict[str, Design]:
    """Every design of means.R."""
    return sample_designs()


def found(design: Design, statistic: str, name: str, by: list[str]) -> estimate.Estimate:
    """The estimate of ours that answers a golden statistic."""
    _, means, share, score = ASKED["bank" if name.startswith("bank") else "api"]
    if statistic == "mean":
        return estimate.mean(design, means, by=by)
    return (
        estimate.favourable(design, share, at_least=4, by=by)
        if statistic == "favourable"
        else estimate.nps(design, score, by=by)
    )


@pytest.mark.parametrize("statistic", ["mean", "favourable", "nps"])
@pytest.mark.parametrize("name", DESIGNS)
def test_statistics_agree_with_r(designs: dict[str, Design], name: str, statistic: str) -> None:
    """Every number of the table, overall and by domain, is R's."""
    expected = golden("means", name)
    by = ASKED["bank" if name.startswith("bank") else "api"][0]
    seen = 0
    for domain in ([], [by]):
        table = found(designs[name], statistic, name, domain).table()
        for row in table.to_dict("records"):
            key = (row["item"], row[by] if domain else "")
            theirs = [expected[(*key, f"{statistic}.{what}")] for what in WHATS]
            np.testing.assert_allclose([row[ours] for ours in WHATS.values()], theirs, rtol=TOLERANCE, err_msg=str(key))
            seen += len(WHATS)
    assert seen == expected.index.get_level_values("what").str.startswith(f"{statistic}.").sum()


@pytest.mark.parametrize("name", DESIGNS)
def test_domains_covary_as_in_r(designs: dict[str, Design], name: str) -> None:
    """The covariance between the means of domains is R's; where it is 0, it is 0 beside the variances."""
    by, (item, *_), *_ = ASKED["bank" if name.startswith("bank") else "api"]
    est = estimate.mean(designs[name], item, by=[by])
    theirs = golden("means", name)[item].xs("covariance", level="what")
    domains = list(est.labels[by])
    expected = np.array([[theirs[f"{row}:{column}"] for column in domains] for row in domains])
    np.testing.assert_allclose(est.covariance(), expected, rtol=TOLERANCE, atol=1e-12 * np.abs(expected).max())


@pytest.mark.parametrize(
    ("name", "value", "se"), [("one_stage", 644.17, 23.542), ("stratified", 662.29, 9.4089), ("srs", 656.58, 9.2497)]
)
def test_the_published_means_of_the_api_samples(designs: dict[str, Design], name: str, value: float, se: float) -> None:
    """Mean api00 as printed in Lumley (2010), Complex Surveys, and in the help pages of survey, to the digits printed."""
    table = estimate.mean(designs[name], "api00").table()
    np.testing.assert_allclose(table["estimate"], value, atol=0.006)
    np.testing.assert_allclose(table["se"], se, atol=0.0006)


def test_a_fpc_without_weights_gives_the_weights() -> None:
    """Population over sample is the weight of a simple random sample, as in svydesign(fpc =)."""
    schools = data("apistrat")
    known = estimate.mean(Design(schools, weight="pw", stratum="stype", fpc="fpc"), "api00")
    implied = estimate.mean(Design(schools, stratum="stype", fpc="fpc"), "api00")
    # the published weights are rounded to single precision
    np.testing.assert_allclose([implied.values[0], implied.se[0]], [known.values[0], known.se[0]], rtol=1e-6)
