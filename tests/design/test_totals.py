"""The one pass: totals by psu and domain are those of a loop over rows, and calibration takes out what margins explain."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from symmetry import estimate
from symmetry.design import Design, domains, gather, influence
from symmetry.errors import DesignError
from tests.golden.reading import raked_customers

RNG = np.random.default_rng(11)
FRAME = pd.DataFrame(
    {
        "psu": RNG.integers(0, 4, 40),
        "w": RNG.uniform(0, 2, 40) * (RNG.random(40) > 0.1),
        "g": RNG.choice(["b", "a", None], 40),
        "h": RNG.choice(["x", "y"], 40),
        "y": np.where(RNG.random(40) < 0.2, np.nan, RNG.normal(size=40)),
        "z": RNG.normal(size=40),
    }
)


def test_totals_are_those_of_a_loop() -> None:
    """Weighted sums and counts per psu and domain; rows without weight, domain or answer are out of every column."""
    design = Design(FRAME, weight="w", psu="psu")
    keys = domains(design, ["g", "h"]).keys
    found = gather(design, [["y", "z"], ["z", "z"]], lambda columns: [columns[0], columns[1] ** 2], by=["g", "h"])
    psus = sorted(FRAME["psu"].unique())
    expected, n = np.zeros((2, len(psus), len(keys), 3)), np.zeros((2, len(keys)), int)
    for row in FRAME.itertuples():
        match = [k for k, key in keys.iterrows() if (key["g"], key["h"]) == (row.g, row.h)]
        for item, answered in enumerate([not np.isnan(row.y), True]):
            if match and row.w > 0 and answered:
                first = row.y if item == 0 else row.z
                expected[item, psus.index(row.psu), match[0]] += row.w * np.array([1.0, first, row.z**2])
                n[item, match[0]] += 1
    full = np.zeros(expected.shape)
    full[:, found.cells.group, found.cells.domain] = found.entries
    np.testing.assert_allclose(full, expected, atol=1e-12)
    np.testing.assert_allclose(found.sums, expected.sum(axis=1), atol=1e-12)
    assert n.tolist() == found.n.tolist()


def test_domains_are_sorted_and_leave_out_what_is_missing() -> None:
    """Crossed values in sorted order; a row that lacks one of them is in no domain."""
    found = domains(Design(FRAME), ["g", "h"])
    assert [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")] == list(found.keys.itertuples(index=False, name=None))
    assert (found.code[FRAME["g"].isna()] == found.size).all()


def test_domains_need_columns_that_exist() -> None:
    """A breakdown by an unknown column names it."""
    with pytest.raises(DesignError, match="no column `sector` to make domains of") as caught:
        domains(Design(FRAME), ["g", "sector"])
    assert "name a column" in caught.value.problems[0].mend


def test_calibrated_influence_is_a_residual() -> None:
    """The calibrated influence is w·residual of the regression on margins by starting weights, found here row by row."""
    raked = raked_customers()
    raked["level"] = raked["listened"].fillna(0.0)
    design = Design(raked, weight="fitted", psu="branch")
    w, start = raked["fitted"].to_numpy(), raked["fitted.starting"].to_numpy()
    z = (raked["level"] - np.average(raked["level"], weights=w)).to_numpy() / w.sum()
    margins = np.hstack([pd.get_dummies(raked[name], dtype=float).to_numpy() for name in ("region", "channel")])
    root = np.sqrt(start)
    slope = np.linalg.lstsq(margins * root[:, None], z * root)[0]
    by_row = pd.Series(w * (z - margins @ slope)).groupby(raked["branch"].to_numpy()).sum()
    found = estimate.mean(design, "level").influence.dense()[:, 0]
    np.testing.assert_allclose(found, by_row.to_numpy(), rtol=1e-8, atol=1e-14)


def test_several_statistics_of_one_domain_come_at_once() -> None:
    """A gradient with a third axis gives that many statistics, each as if asked alone."""
    design = Design(raked_customers(), weight="fitted", psu="branch")
    sums = gather(design, [["listened", "kept"]], by=["age"])
    gradient = np.random.default_rng(3).normal(size=(1, sums.sums.shape[1], 3, 2))
    together, variance = influence(sums, gradient)
    for k in range(2):
        alone, own = influence(sums, gradient[..., [k]])
        mine = slice(k * alone.shape[1], (k + 1) * alone.shape[1])
        np.testing.assert_allclose(together.dense(mine), alone.dense(), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(variance[mine], own, rtol=1e-9)
