"""Two audiences in one design: what they share is shared, what they do not is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.errors import DesignError
from tests.golden.reading import bank_stacked, data


def frame(**columns: Any) -> pd.DataFrame:
    """Six rows in three branches of two regions."""
    rows = {
        "branch": [1, 1, 2, 2, 3, 3],
        "region": ["n", "n", "n", "n", "s", "s"],
        "x": [1.0, 2, 3, 4, 5, 4],
        **columns,
    }
    return pd.DataFrame(rows)


def test_a_branch_both_have_is_one_psu() -> None:
    """Shared: the psus are the branches; apart: each audience has its own, in its own strata."""
    side = Design(frame(), psu="branch")
    shared, apart = (stack({"c": side, "e": side}, units=units) for units in ("shared", "apart"))
    assert (3, 1) == (len(shared.layout.psus), len(shared.layout.strata))
    assert (6, 2) == (len(apart.layout.psus), len(apart.layout.strata))
    assert ["c"] * 6 + ["e"] * 6 == shared.data["audience"].tolist()


@pytest.mark.parametrize("units", ["shared", "apart"])
def test_persons_share_nothing(units: str) -> None:
    """Without a psu column each person is one, in strata of their own audience: levels keep their own errors and df."""
    rng = np.random.default_rng(5)
    sides = {}
    for name, n in (("c", 60), ("e", 25)):
        regions = rng.choice(["n", "s"], n)
        x = rng.normal(size=n) + 2 * (regions == "n")
        sides[name] = Design(pd.DataFrame({"region": regions, "x": x, "N": n * 2}), stratum="region")
    both = estimate.mean(stack(sides, units=units), "x", by=["audience"])
    alone = [estimate.mean(design, "x") for design in sides.values()]
    np.testing.assert_allclose(both.se, [one.se[0] for one in alone], rtol=1e-12)
    assert [one.df[0] for one in alone] == both.df.tolist()


def test_persons_of_one_stratum_may_have_two_populations() -> None:
    """Customers and employees drawn as persons from one region have each their own population."""
    sides = {name: Design(frame(N=size), fpc="N") for name, size in (("c", 600), ("e", 12))}
    assert [600.0, 12.0] == stack(sides).layout.population.tolist()


def test_columns_of_one_audience_are_missing_in_the_other() -> None:
    """An item only customers have gives no row for employees."""
    both = stack({"c": Design(frame()), "e": Design(frame().rename(columns={"x": "z"}))})
    assert ["c"] == list(estimate.mean(both, "x", by=["audience"]).labels["audience"])


def test_calibration_stays_with_its_audience() -> None:
    """Raked customers keep their calibrated error inside the stack; employees keep theirs."""
    both = bank_stacked()["raked"]
    own = both.layout.fitted.columns.toarray()
    customers = (both.data["audience"] == "customers").to_numpy()
    assert (6 + 4) == own.shape[1]
    assert not own[customers][:, 6:].any()
    assert not own[~customers][:, :6].any()
    assert len(data("bank_customers")) == customers.sum()


def test_the_frames_given_are_left_as_they_were() -> None:
    """Stacking works on copies: no column is added to an audience's own frame."""
    side = Design(frame())
    stack({"c": side, "e": side})
    assert "audience" not in side.data


@pytest.mark.parametrize(
    ("other", "roles", "message", "mend"),
    [
        (frame(), {"lonely_psu": "remove"}, "different lonely_psu rules", "the same lonely_psu"),
        (frame(region=["s", "s", "n", "n", "s", "s"]), {}, "psu '1' lies in several strata: n, s", 'units="apart"'),
        (
            frame(N=[5, 5, 5, 5, 6, 6]),
            {"fpc": "N"},
            "stratum 'n' has 4 psus for one audience and 5 for another",
            "one fpc",
        ),
    ],
)
def test_audiences_that_disagree_are_refused(
    other: pd.DataFrame, roles: dict[str, Any], message: str, mend: str
) -> None:
    """Each disagreement about shared units is told with its remedy."""
    first = frame(N=[4, 4, 4, 4, 6, 6])
    common = {"stratum": "region", "psu": "branch"}
    sides = {
        "c": Design(first, **common, fpc="N" if "fpc" in roles else None),
        "e": Design(other, **common, **roles),
    }
    with pytest.raises(DesignError) as caught:
        stack(sides)
    assert message in caught.value.problems[0].what
    assert mend in caught.value.problems[0].mend


def two_stage(units: str, each: int, population: float) -> Design:
    """A sample of units in two stages, each unit with as many answers as it has letters."""
    data = pd.DataFrame({"p": list(units), "id": range(len(units)), "N1": 6, "N2": population})
    data["y"] = np.array([1.0, 2, 3, 5, 2, 6, 4, 9])[: len(data)] if each == 4 else np.array([2.0, 3, 1, 5, 7, 1])
    return Design(data.assign(w=6 / each * 2.5), psu=["p", "id"], fpc=["N1", "N2"], weight="w")


def test_later_stages_take_the_fraction_of_psus_of_the_stack() -> None:
    """Customers of four units of six, managers of three of these: R's errors of the rows bound, psu × audience at stage two."""
    both = stack({"c": two_stage("aabbccdd", 4, 5), "m": two_stage("aabbcc", 3, 4)})
    np.testing.assert_allclose(estimate.total(both, "y", by=["audience"]).se, [23.9008368, 28.7711275], rtol=1e-8)


def test_labels_that_an_audience_reuses_across_strata_are_matched_by_stratum() -> None:
    """Psus 1 and 2 of each stratum are four units, in both audiences the same four."""
    data = pd.DataFrame({"h": [1, 1, 2, 2], "p": [1, 2, 1, 2], "y": [1.0, 2, 4, 3]})
    design = Design(data, psu="p", stratum="h")
    assert (4, 2) == (len(stack({"a": design, "b": design}).layout.psus), 2)


@pytest.mark.parametrize("role", ["psu", "stratum"])
def test_units_of_unlike_kinds_are_refused(role: str) -> None:
    """Branch 1 is not branch "1": numbers in one audience and text in another would never meet; apart they need not."""
    frame = pd.DataFrame({"branch": [1, 2, 3, 4], "zone": [1, 1, 2, 2], "x": [1.0, 2, 3, 4]})
    column = {"psu": "branch", "stratum": "zone"}[role]
    other = frame.assign(**{column: frame[column].astype(str)})
    roles = {"psu": "branch", "stratum": "zone"}
    with pytest.raises(DesignError) as caught:
        stack({"customers": Design(frame, **roles), "employees": Design(other, **roles)})
    what = caught.value.problems[0].what
    assert f"the {role} labels of customers are numbers (1) and those of employees are text ('1')" in what
    assert "astype(str)" in caught.value.problems[0].mend
    designs = {"customers": Design(frame, **roles), "employees": Design(other, **roles)}
    assert 8 == len(stack(designs, units="apart").layout.psus)
    decimal = Design(frame.assign(branch=frame["branch"].astype(float)), **roles)
    assert 4 == len(stack({"customers": Design(frame, **roles), "employees": decimal}).layout.psus)


def test_audiences_are_named_by_text() -> None:
    """A year is no name of an audience, its text is."""
    with pytest.raises(DesignError, match="named by text, not by 2026"):
        stack({2026: Design(pd.DataFrame({"x": [1.0, 2]}))})
