"""Funnels against R's, written from the paper (`golden/units.R`), and special cases known by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, stack
from symmetry.dissonance import Pair, gap
from symmetry.dissonance.funnels import funnel, spread_around
from symmetry.dissonance.shrinking import shrink
from symmetry.errors import DesignError
from tests.golden.reading import data, wide

LIMITS = ["lower_95", "upper_95", "lower_998", "upper_998"]


def agree(found: pd.DataFrame, units: list[str], design: str) -> None:
    """A funnel has R's target, φ, τ², distances and limits."""
    theirs = wide("units", design).loc["funnel"]
    for what in ("target", "phi", "tau2"):
        np.testing.assert_allclose(found[what], theirs.loc["", what], rtol=1e-10, err_msg=what)
    for what in ("z", "z_adjusted", *LIMITS):
        np.testing.assert_allclose(found[what], theirs.loc[units, what], rtol=1e-9, atol=1e-12, err_msg=what)


@pytest.mark.parametrize(
    ("design", "options"),
    [("milk_funnel", {}), ("milk_target", {"target": 0.9}), ("milk_plain", {"winsorise": 0})],
)
def test_funnels_are_those_of_the_paper(design: str, options: dict[str, Any]) -> None:
    """Spiegelhalter's φ, τ² and limits, with and without a target of one's own, winsorised or not."""
    milk = data("milk").rename(columns={"y": "estimate", "sd": "se"})
    agree(funnel(milk, **options), milk["area"].astype(str).tolist(), design)


def test_units_as_alike_as_chance_has_it_keep_plain_limits() -> None:
    """Eight schools: φ below 1, so τ² = 0 and limits of target ± 1.96 and 3.09 standard errors."""
    y, s = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])
    found = funnel(pd.DataFrame({"unit": list("ABCDEFGH"), "estimate": y, "se": s}))
    agree(found, list("ABCDEFGH"), "schools_funnel")
    assert (found["tau2"] == 0).all()
    np.testing.assert_allclose(found["upper_95"] - found["target"], 1.959963984540054 * s, rtol=1e-12)
    np.testing.assert_allclose(found["target"] - found["lower_998"], 3.090232306167813 * s, rtol=1e-12)
    assert [""] * 8 == found["outside"].tolist()


@pytest.mark.parametrize(("design", "target"), [("branches_arcsine", None), ("branches_target", 0.5)])
def test_shares_are_drawn_on_the_arcsine_scale(design: str, target: float | None) -> None:
    """Limits turned back from the angle, inside 0 and 1; read off an estimate by domain, and off a plain frame."""
    customers = data("bank_customers").dropna(subset=["channel"])
    customers["inside"] = (customers["channel"] == "branch").astype(float)
    squares = customers.groupby("branch")["inside"].agg(["mean", "size"])
    frame = pd.DataFrame({"branch": squares.index, "estimate": squares["mean"], "se": 0.1, "n": squares["size"]})
    found = funnel(frame, target=target, transform="arcsine")
    agree(found, frame["branch"].tolist(), design)
    assert found[LIMITS].to_numpy().min() >= 0
    assert found[LIMITS].to_numpy().max() <= 1
    est = estimate.favourable(Design(customers, stratum="branch"), "inside", at_least=1, by=["branch"])
    read = funnel(est, target=target, transform="arcsine")
    np.testing.assert_allclose(read["estimate"], found["estimate"], rtol=1e-12)
    n_eff = est.n_eff  # an answer's variance over n - 1
    np.testing.assert_allclose(
        read["z"],
        2 * np.sqrt(n_eff) * (np.arcsin(np.sqrt(est.values)) - np.arcsin(np.sqrt(read["target"]))),
        rtol=1e-10,
    )


def test_twice_the_chance_is_told() -> None:
    """Distances of exactly ±1 and equal errors: φ = I/I, no excess; of ±√2: τ² = (2 I - (I - 1)) / (S1 - S2 / S1)."""
    s = np.full(10, 0.5)
    one = spread_around(np.tile([0.5, -0.5], 5), s, target=0.0, winsorise=0)
    np.testing.assert_allclose(one.phi, 1.0, rtol=1e-14)
    np.testing.assert_allclose(one.tau2, 1 / (10 * 4 - 4), rtol=1e-12)  # (I - (I - 1)) / (S1 - S2 / S1)
    two = spread_around(np.tile([0.5, -0.5], 5) * np.sqrt(2), s, target=0.0, winsorise=0)
    np.testing.assert_allclose(two.tau2, 11 / 36, rtol=1e-12)
    less = spread_around(np.tile([0.4, -0.4], 5), s, target=0.0, winsorise=0)
    assert (0.0, 0.5) == (less.tau2, less.wide[0])


def test_a_unit_far_out_does_not_hide_itself() -> None:
    """Drawn in, one wild unit in twenty hardly widens the limits, and lies outside them; not drawn in, it widens them."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame({"unit": range(20), "estimate": rng.normal(0, 1, 20), "se": 1.0})
    frame.loc[0, "estimate"] = 9.0
    kept, wild = funnel(frame, target=0.0), funnel(frame, target=0.0, winsorise=0)
    assert "above 99.8" == kept["outside"][0]
    assert kept["tau2"][0] < 1 < wild["tau2"][0]
    assert ["above 99.8", *[""] * 19] == kept["outside"].tolist()
    low = funnel(frame.assign(estimate=-frame["estimate"]), target=0.0)
    assert "below 99.8" == low["outside"][0]
    between = funnel(pd.DataFrame({"estimate": [2.5, -2.5, 0, 0, 0, 0, 0, 0, 0, 0.0], "se": 1.0}), target=0.0)
    assert ["above 95", "below 95"] == between["outside"][:2].tolist()


def test_each_item_has_a_funnel_of_its_own() -> None:
    """Families are read apart, as if each were alone; levels give their names to the limits."""
    rng = np.random.default_rng(6)
    frame = pd.DataFrame({"item": np.repeat(["x", "y"], 12), "estimate": rng.normal(0, 2, 24), "se": 0.5})
    both = funnel(frame, levels=[0.9])
    for item, rows in frame.groupby("item"):
        alone = funnel(rows, levels=[0.9])
        np.testing.assert_allclose(both.loc[both["item"] == item, "upper_90"], alone["upper_90"], rtol=1e-12)
    assert both["tau2"].nunique() == 2
    assert "lower_95" not in both


def test_gaps_and_shrunken_units_have_the_same_funnel() -> None:
    """From the gaps, or from what `shrink` made of them: direct gaps, pooled errors, each pair and reading apart."""
    rng = np.random.default_rng(7)
    unit = np.repeat(np.arange(12), 10)
    sides = {}
    for side in ("customers", "employees"):
        frame = pd.DataFrame({"unit": unit, **{name: rng.integers(1, 6, 120) for name in ("p", "q", "r")}})
        sides[side] = Design(frame, stratum="unit")
    pairs = [Pair(name, ("customers", name), ("employees", name), "c - e", "literal", "mean", 0.3) for name in "pqr"]
    gaps = gap(stack(sides, units="apart"), pairs, by=["unit"])
    one, two = funnel(gaps), funnel(shrink(gaps))
    pd.testing.assert_frame_equal(one.drop(columns="note"), two.drop(columns="note"))
    assert 6 == len(one.groupby(["item", "reading"])["tau2"].first())
    table = shrink(gaps).table()
    np.testing.assert_allclose(table["funnel_z"], one["z_adjusted"], rtol=1e-12)
    assert table["funnel"].tolist() == one["outside"].tolist()
    own = funnel(gaps, variances="own")
    np.testing.assert_allclose(own["se"], gaps.estimate.se, rtol=1e-12)


def test_units_without_error_stand_outside_and_say_so() -> None:
    """No error, or an error of 0: no limits, a note, and the others are as if it were not there; few units are noted."""
    frame = pd.DataFrame(
        {"unit": list("abcdef"), "estimate": [1.0, 2, 3, 2, 9, np.nan], "se": [1.0, 1, 1, 1, 0, np.nan]}
    )
    found = funnel(frame)
    assert ["no error: outside the funnel"] * 2 == found["note"][4:].tolist()
    assert found.loc[4:, ["z", "lower_95", "tau2"]].isna().all(axis=None)
    np.testing.assert_allclose(found["target"][:4], funnel(frame[:4])["target"], rtol=1e-12)
    assert "fewer than 3 units" in funnel(frame[:2])["note"][0]
    alone = funnel(frame[:1], target=0.0)
    np.testing.assert_allclose(alone["upper_95"], 1.959963984540054, rtol=1e-12)


@pytest.mark.parametrize(
    ("changed", "options", "message", "mend"),
    [
        ({}, {"winsorise": 0.5}, "winsorise=0.5 is no share below a half", "0.1 draws in"),
        ({}, {"levels": [1.2]}, "are no levels", "between 0 and 1"),
        ({}, {"transform": "logit"}, "no transform is called 'logit'", "arcsine"),
        ({}, {"transform": "arcsine"}, "needs the number of answers", "a column `n`"),
        ({"n": 5, "estimate": 1.2}, {"transform": "arcsine"}, "for shares between 0 and 1", "leave transform out"),
        ({"n": 5}, {"transform": "arcsine", "target": 3.0}, "for shares between 0 and 1", "leave transform out"),
        ({"se": 0.0}, {}, "no unit has a value and an error", "more than one answer"),
        ({}, {"target": float("nan")}, "target=nan is no number", "None for the units' own mean"),
        ({}, {"target": float("inf")}, "target=inf is no number", "None for the units' own mean"),
        ({}, {"target": "x"}, "target='x' is no number", "None for the units' own mean"),
        ({}, {"levels": 0.95}, "levels=0.95 are no levels", "such as"),
        ({}, {"levels": "0.95"}, "are no levels", "such as"),
        ({}, {"levels": []}, "are no levels", "such as"),
        ({}, {"winsorise": "x"}, "winsorise='x' is no share", "0.1 draws in"),
        ({"estimate": "high"}, {}, "`estimate` holds 'high', which is no number", "as NaN"),
        ({"se": "small"}, {}, "`se` holds 'small', which is no number", "as NaN"),
        ({}, {"variances": "smooth"}, "variances='smooth' is unknown", '"pooled" or "own"'),
    ],
)
def test_what_has_no_funnel_is_refused(
    changed: dict[str, Any], options: dict[str, Any], message: str, mend: str
) -> None:
    """Options out of range and values without errors are told, with the remedy."""
    frame = pd.DataFrame({"unit": range(6), "estimate": 0.5, "se": 0.1}).assign(**changed)
    with pytest.raises(DesignError, match=message) as caught:
        funnel(frame, **options)
    assert mend in str(caught.value)
    with pytest.raises(DesignError, match="drawn of values with errors"):
        funnel(frame.drop(columns="se"))


@pytest.mark.parametrize("given", [1, None, "units", [1.0]])
def test_what_is_no_frame_is_refused(given: Any) -> None:
    """It is told what was given, and what is wanted."""
    with pytest.raises(DesignError, match=f"a {type(given).__name__} was given") as caught:
        funnel(given)
    assert "`estimate` and `se`" in str(caught.value)


def test_frames_of_other_libraries_are_read() -> None:
    """A polars frame is taken through its own `to_pandas`; missing numbers of pandas' own kinds are missing."""
    polars = pytest.importorskip("polars")
    frame = pd.DataFrame({"unit": range(6), "estimate": np.linspace(0.2, 0.9, 6), "se": 0.1, "n": 20})
    pd.testing.assert_frame_equal(funnel(polars.from_pandas(frame)), funnel(frame))
    nullable = frame.assign(estimate=frame["estimate"].astype("Float64").mask(frame["unit"] == 2))
    found = funnel(nullable)
    assert ["no error: outside the funnel"] == found.loc[found["estimate"].isna(), "note"].tolist()
