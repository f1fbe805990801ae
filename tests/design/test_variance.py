"""The one linearised variance: lonely psus as in R, certainty strata, degrees of freedom, and what it refuses."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design, covariance, degrees_of_freedom, variances
from symmetry.errors import DesignError
from tests.golden.reading import data, golden

RULES = {"remove": "remove", "certainty": "certainty", "centre": "adjust", "average": "average"}
"""Our names → R's options(survey.lonely.psu)."""


def few_branches() -> pd.DataFrame:
    """Customers of the bank, with one branch left in the west and one in the east."""
    customers = data("bank_customers")
    west, east = customers["region"] == "west", customers["region"] == "east"
    return customers[~(west & (customers["branch"] != "b23")) & ~(east & (customers["branch"] != "b17"))]


def lonely(rule: str, fpc: str) -> Design:
    """The design of lonely.R."""
    return Design(
        few_branches(), weight="weight", stratum="region", psu="branch",
        fpc="branches" if fpc == "fpc" else None, lonely_psu=rule,
    )  # fmt: skip


@pytest.mark.parametrize("fpc", ["fpc", "no_fpc"])
@pytest.mark.parametrize("rule", list(RULES))
def test_lonely_psus_count_as_in_r(rule: str, fpc: str) -> None:
    """Every rule gives R's standard error of a mean, with and without fpc, and by domain too where R keeps all strata."""
    expected = golden("lonely", fpc).xs(f"{RULES[rule]}.se", level="what")["listened"]
    design = lonely(rule, fpc)
    np.testing.assert_allclose(estimate.mean(design, "listened").se, expected[[""]], rtol=1e-10)
    if rule != "average":
        by_age = estimate.mean(design, "listened", by=["age"])
        np.testing.assert_allclose(by_age.se, expected[by_age.labels["age"]], rtol=1e-10)


def test_a_psu_that_is_its_whole_stratum_is_not_lonely() -> None:
    """One psu of one: the stratum is known without sampling error, and no rule is needed."""
    few = few_branches()
    few["branches"] = few["branches"].where(~few["region"].isin(["east", "west"]), 1)
    found = estimate.mean(Design(few, weight="weight", stratum="region", psu="branch", fpc="branches"), "listened")
    np.testing.assert_allclose(found.se, golden("lonely", "certain")["listened", "", "fail.se"], rtol=1e-10)


def test_lonely_psus_are_refused_unless_a_rule_is_chosen() -> None:
    """The default refuses, names the strata, and gives the choices."""
    with pytest.raises(DesignError, match="2 strata have one psu: 'east', 'west'") as caught:
        _ = estimate.mean(lonely("fail", "no_fpc"), "listened").se
    assert 'lonely_psu="remove", "certainty", "centre" or "average"' in caught.value.problems[0].mend


def test_there_must_be_a_stratum_to_average() -> None:
    """With one psu in every stratum, "average" has nothing to take."""
    frame = pd.DataFrame({"stratum": ["a", "b"], "x": [1.0, 2.0]})
    with pytest.raises(DesignError, match="every stratum has one psu") as caught:
        _ = estimate.mean(Design(frame, stratum="stratum", lonely_psu="average"), "x").se
    assert "merge strata" in caught.value.problems[0].mend


def test_a_variance_by_hand() -> None:
    """Two strata of two psus, one with half its population: Σ (1 - f) n/(n-1) Σ (u - ū)²."""
    frame = pd.DataFrame({"stratum": ["a", "a", "b", "b"], "N": [4, 4, 1000, 1000]})
    influence = np.array([[1.0, 0.0], [3.0, 2.0], [0.0, 5.0], [4.0, 1.0]])
    design = Design(frame, stratum="stratum", fpc="N")
    a = 0.5 * 2 * np.array([[2.0, 2.0], [2.0, 2.0]])
    b = 0.998 * 2 * np.array([[8.0, -8.0], [-8.0, 8.0]])
    np.testing.assert_allclose(covariance(design, influence), a + b, rtol=1e-12)
    np.testing.assert_allclose(variances(design, influence), np.diag(a + b), rtol=1e-12)


def test_a_lonely_psu_is_centred_on_all_psus() -> None:
    """For a total, whose influences do not sum to 0, "centre" takes the distance to the mean of all psu totals."""
    frame = pd.DataFrame({"stratum": ["a", "a", "b"]})
    influence = np.array([[1.0], [3.0], [8.0]])
    design = Design(frame, stratum="stratum", lonely_psu="centre")
    np.testing.assert_allclose(variances(design, influence), 2 * (1 + 1) + (8 - 4) ** 2, rtol=1e-12)


def test_degrees_of_freedom_count_what_holds_answers() -> None:
    """Psus with answers minus strata with answers; a domain of one psu has none."""
    design = Design(pd.DataFrame({"stratum": ["a", "a", "a", "b", "b"]}), stratum="stratum")
    present = np.array([[1, 1, 0], [1, 0, 0], [1, 0, 0], [1, 0, 1], [1, 0, 0]], bool)
    held = sparse.csc_array(present.astype(float))
    assert [3.0, 0.0, 0.0] == degrees_of_freedom(design, held).tolist()


def test_a_stratum_taken_whole_is_never_lonely_by_domain() -> None:
    """A domain in one of two psus of a stratum of two adds no variance there and does not thin the average."""
    frame = pd.DataFrame({"s": list("aabbbccc"), "N": [2, 2, 30, 30, 30, 30, 30, 30], "x": [1.0, 2, 3, 5, 4, 7, 6, 9]})
    frame["g"] = ["in", "out", "in", "in", "in", "in", "out", "out"]
    roles = {"stratum": "s", "fpc": "N", "lonely_psu": "average", "lonely_domain": "apply"}
    found = estimate.total(Design(frame, **roles), "x", by=["g"])
    inside = (frame["g"] == "in") * frame["x"] * np.array([1, 1] + [10] * 6)
    b = 0.9 * 3 * np.var(inside[2:5], ddof=1)
    np.testing.assert_allclose(found.variance[0], b * 3 / 2, rtol=1e-12)
