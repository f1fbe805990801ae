"""The score cube gives what the rows give: the same item as codes, as text and shifted off the whole numbers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, cube_of, cubes, replicate
from symmetry.errors import DesignError
from symmetry.estimate import Estimate

N = 3000
RNG = np.random.default_rng(12)
FRAME = pd.DataFrame(
    {
        "s": RNG.integers(0, 4, N),
        "psu": RNG.integers(0, 6, N),
        "g": RNG.choice(["a", "b", None], N),
        "w": RNG.uniform(0.1, 3, N),
    }
)
FRAME["x"] = np.where(RNG.random(N) < 0.1, np.nan, RNG.integers(0, 11, N))
FRAME["off"] = FRAME["x"] + 0.25
FRAME["text"] = FRAME["x"].map(lambda code: None if np.isnan(code) else f"{code:02.0f}")
FRAME.loc[::50, "w"] = 0.0
DESIGNS = {
    "psus": Design(FRAME, weight="w", stratum="s", psu="psu"),
    "rows": Design(FRAME, weight="w", stratum="s"),
    "replicates": replicate(Design(FRAME, weight="w", stratum="s", psu="psu"), "jackknife"),
}


def has_cube(design: Design, item: str) -> bool:
    """Whether an item is summed by code."""
    return cube_of(design, item, ["g"]) is not None


def alike(one: Estimate, other: Estimate, shift: float = 0.0) -> None:
    """Values, errors, effects, counts and covariances are the same."""
    np.testing.assert_allclose(one.values + shift, other.values, rtol=1e-12)
    np.testing.assert_allclose(one.se, other.se, rtol=1e-10)
    np.testing.assert_allclose(one.deff, other.deff, rtol=1e-10)
    np.testing.assert_allclose(one.covariance(), other.covariance(), rtol=1e-9, atol=1e-15)
    assert (one.n.tolist(), one.df.tolist()) == (other.n.tolist(), other.df.tolist())


@pytest.mark.parametrize("name", list(DESIGNS))
def test_codes_and_rows_agree(name: str) -> None:
    """Means and variances of an item with a cube and of the same shifted by a quarter, which has none."""
    design = DESIGNS[name]
    assert (True, False) == (has_cube(design, "x"), has_cube(design, "off"))
    alike(estimate.mean(design, "x", by=["g"]), estimate.mean(design, "off", by=["g"]), shift=0.25)
    alike(estimate.variance(design, "x", by=["g"]), estimate.variance(design, "off", by=["g"]))


@pytest.mark.parametrize("name", list(DESIGNS))
def test_shares_of_codes_and_of_texts_agree(name: str) -> None:
    """The shares of a coded item and of its codes as text."""
    one, other = (estimate.share(DESIGNS[name], item, by=["g"]) for item in ("x", "text"))
    alike(one, other)
    assert [f"{code:02.0f}" for code in one.labels["category"]] == other.labels["category"].tolist()


def test_small_samples_and_wide_scales_go_without() -> None:
    """A cube larger than the sample, a scale of more than 32 codes or a code far from 0 is not made."""
    few = Design(FRAME.head(20), psu="psu")
    wide = Design(FRAME.assign(x=np.arange(N) % 40, far=1e9 + FRAME["x"]))
    assert not has_cube(few, "x")
    assert not has_cube(wide, "x")
    assert not has_cube(wide, "far")


def test_threads_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cubes of several items made side by side, in blocks of a few rows, are those made one after the other."""
    items, alone = ["x", "g2"], FRAME.assign(g2=np.arange(N) % 3)
    expected = estimate.mean(Design(alone, weight="w", stratum="s", psu="psu"), items, by=["g"]).table()
    monkeypatch.setattr(cubes, "_MANY", 1)
    monkeypatch.setattr(cubes, "_BLOCK", 100)
    found = estimate.mean(Design(alone, weight="w", stratum="s", psu="psu"), items, by=["g"]).table()
    pd.testing.assert_frame_equal(expected, found)


@pytest.mark.parametrize("late", [99.0, -3.0, 4.5, np.nan, np.inf])
def test_what_the_first_rows_do_not_show_is_found(monkeypatch: pytest.MonkeyPatch, late: float) -> None:
    """A rare code, a fraction, a missing or an infinite answer further down than the rows that are looked at first."""
    monkeypatch.setattr(cubes, "_MANY", 1)
    monkeypatch.setattr(cubes, "_FIRST", 50)
    frame = pd.DataFrame({"x": np.arange(N) % 5.0, "w": np.ones(N)})
    frame.loc[N - 1, "x"] = late
    if np.isinf(late):
        with pytest.raises(DesignError, match="infinite on row 3000"):
            estimate.mean(Design(frame, weight="w"), "x")
        return
    assert (late not in (99.0, 4.5)) == (cube_of(Design(frame, weight="w"), "x") is not None)
    found = estimate.mean(Design(frame, weight="w"), "x")
    np.testing.assert_allclose(found.values, [frame["x"].mean()], rtol=1e-14)
