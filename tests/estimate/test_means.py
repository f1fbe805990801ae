"""Means by other roads in Python, and what a mean refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design
from symmetry.errors import DesignError
from tests.golden.reading import data, sample_designs

FRAME = pd.DataFrame(
    {"x": [1.0, 2, 4, 5], "word": ["a", "b", "c", "d"], "empty": [None] * 4, "g": ["u", "u", "v", None]}
)


def test_the_mean_is_statsmodels_intercept() -> None:
    """Weighted least squares on a constant with cluster-robust errors: the same value, and the same error but for the
    factor of small samples, which statsmodels counts with rows too."""
    from statsmodels.api import WLS

    two = data("apiclus2")
    est = estimate.mean(sample_designs()["ultimate_cluster"], "api00")
    groups = pd.factorize(two["dnum"])[0]
    fit = WLS(two["api00"], np.ones(len(two)), weights=two["pw"]).fit(
        cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False}
    )
    psus = groups.max() + 1
    np.testing.assert_allclose(est.values, fit.params, rtol=1e-12)
    np.testing.assert_allclose(est.se, fit.bse * np.sqrt(psus / (psus - 1)), rtol=1e-10)


def test_weights_without_clusters_are_statsmodels_robust_errors() -> None:
    """Each row its own psu: HC1's factor n/(n-1) exactly."""
    from statsmodels.api import WLS

    strat = data("apistrat")
    est = estimate.mean(sample_designs()["weights_alone"], "api00")
    fit = WLS(strat["api00"], np.ones(len(strat)), weights=strat["pw"]).fit(cov_type="HC1")
    np.testing.assert_allclose(est.se, fit.bse, rtol=1e-10)


def test_the_nps_of_a_simple_sample_has_its_textbook_variance() -> None:
    """10⁴ (p₊ + p₋ - (p₊ - p₋)²) / (n - 1): n would be the population's variance, n - 1 is the sample's."""
    codes = np.array([10, 9, 9, 8, 7, 7, 6, 3, 10, 0], float)
    est = estimate.nps(Design(pd.DataFrame({"code": codes})), "code")
    up, down = 0.4, 0.3
    np.testing.assert_allclose(est.values, 100 * (up - down), rtol=1e-12)
    np.testing.assert_allclose(est.se**2, 1e4 * (up + down - (up - down) ** 2) / 9, rtol=1e-12)


def test_a_missing_answer_leaves_its_psu_in_the_design() -> None:
    """A branch where nobody answered an item still counts as drawn, as in R's subset."""
    frame = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "x": [1.0, 2, 4, 5, np.nan, np.nan]})
    est = estimate.mean(Design(frame, psu="branch"), "x")
    # u = (-1.5, 1.5, 0) · 2/4 over three psus
    np.testing.assert_allclose(est.se, np.sqrt(3 / 2 * (2 * 0.75**2)), rtol=1e-12)
    assert ([1.0], [4]) == (est.df.tolist(), est.n.tolist())


def test_a_domain_of_one_psu_has_a_value_and_no_error() -> None:
    """Its linearised error would be 0, which is not true: the table has none, nor an interval, and says why."""
    frame = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "region": list("nnnnss"), "x": [1.0, 2, 4, 5, 3, 4]})
    table = estimate.mean(Design(frame, psu="branch"), "x", by=["region"]).table().set_index("region")
    assert table.loc["s", "estimate"] == 3.5
    assert table.loc["s", ["se", "lower", "upper", "deff", "n_eff"]].isna().all()
    assert table.loc["s", "note"] == "no degrees of freedom"
    assert table.loc["n", "se"] > 0


def test_two_answers_have_a_design_effect() -> None:
    """The design effect of a simple random sample is 1, from two answers on; one answer has none."""
    found = estimate.mean(Design(pd.DataFrame({"x": [1.0, 4.0], "y": [2.0, None]})), ["x", "y"])
    np.testing.assert_allclose(found.deff, [1.0, np.nan], rtol=1e-12)


def test_domains_without_answers_have_no_row() -> None:
    """Values of `by` nobody with an answer has are left out, and so are rows without a value."""
    est = estimate.mean(Design(FRAME.assign(y=[None, None, 2.0, 3.0])), ["x", "y"], by=["g"])
    assert [("x", "u"), ("x", "v"), ("y", "v")] == list(est.labels[["item", "g"]].itertuples(index=False, name=None))


def test_estimates_refuse_bare_arithmetic() -> None:
    """Sums and differences of estimates need their covariance: the operators point to `contrast`."""
    est = estimate.mean(Design(FRAME), "x")
    for wrong in (lambda: est - est, lambda: est + 1, lambda: 2 * est, lambda: est / est, lambda: 1 - est):
        with pytest.raises(TypeError, match="use estimate.contrast"):
            wrong()


def test_values_can_be_selected() -> None:
    """Rows by number or by mask, with everything they carry."""
    est = estimate.mean(Design(data("apistrat"), weight="pw"), ["api00", "api99"], by=["stype"])
    by_mask, by_number = est.select(np.array(est.labels["stype"] == "M")), est.select([2, 5])
    pd.testing.assert_frame_equal(by_mask.table(), by_number.table())
    np.testing.assert_allclose(by_mask.covariance(), est.covariance()[np.ix_([2, 5], [2, 5])], rtol=1e-12)
    pd.testing.assert_frame_equal(est.table(), estimate.join([est.select([k]) for k in range(6)]).table())


def test_the_table_has_the_houses_columns() -> None:
    """statistic, item, the `by` columns, then the columns of the house in order."""
    table = estimate.mean(Design(FRAME), "x", by=["g"]).table()
    assert ["statistic", "item", "g", *estimate.COLUMNS] == list(table.columns)


@pytest.mark.parametrize(
    ("call", "message", "mend"),
    [
        (lambda d: estimate.mean(d, []), "no item was named", "at least one column"),
        (lambda d: estimate.mean(d, "y"), "no column `y`", "name one of its columns"),
        (lambda d: estimate.mean(d, "word"), "column `word` is not numeric", "score the answers first"),
        (lambda d: estimate.mean(d, "empty"), "nobody answered empty", "check the columns"),
        (lambda d: estimate.mean(d, "x", by=["h"]), "no column `h` to make domains of", "name a column"),
        (lambda d: estimate.nps(d, "half"), "4.5 is not an answer to a 0-10 question", "score the answers first"),
        (lambda d: estimate.nps(d, "eleven"), "11 is not an answer to a 0-10 question", "score the answers first"),
    ],
)
def test_what_cannot_be_estimated_is_refused(call: Any, message: str, mend: str) -> None:
    """Each fault of items and domains is told with its remedy."""
    design = Design(FRAME.assign(half=[4.5, 1, 2, 3], eleven=[1, 2, 11, 3]))
    with pytest.raises(DesignError) as caught:
        call(design)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend
