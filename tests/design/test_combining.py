"""Combinations seen row by row have the variances, psus and degrees of freedom of their influence, written out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from symmetry import estimate
from symmetry.design import Design, combinations, degrees_of_freedom, stack, variances
from symmetry.estimate import Estimate

ITEMS = ["x", "y", "z"]


def audience(seed: int, n: int, *, level: float = 3.0) -> pd.DataFrame:
    """Coded answers with gaps, weights of which some are 0, four units in two regions, and an item that is no code."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"unit": rng.integers(0, 4, n), "weight": rng.uniform(0.5, 3, n)})
    frame["region"] = frame["unit"] // 2
    frame["town"] = rng.choice(["a", "b", None], n)
    for name in ITEMS:
        frame[name] = np.clip(np.round(rng.normal(level, 1, n)), 1, 5)
        frame.loc[rng.random(n) < 0.2, name] = np.nan
    frame["z"] += rng.normal(0, 0.1, n)
    frame.loc[rng.random(n) < 0.1, "weight"] = 0.0
    return frame


def stacked(stratum: str | None, units: str, fpc: float | None = None) -> Design:
    """Two audiences whose persons are psus; their strata are shared or not."""
    sides = {"customers": audience(1, 300), "employees": audience(2, 90, level=3.5)}
    frames = {name: frame.assign(size=fpc) for name, frame in sides.items()}
    if units == "shared":
        for name, frame in frames.items():
            frame["person"] = [f"{name}{row}" for row in range(len(frame))]
    options = {"stratum": stratum, "weight": "weight", "fpc": "size" if fpc else None, "lonely_psu": "remove"}
    psu = "person" if units == "shared" else None
    return stack({name: Design(frame, psu=psu, **options) for name, frame in frames.items()}, units=units)


def known(levels: Estimate) -> dict[str, np.ndarray]:
    """What is known of each statistic alone."""
    return {"variance": levels.variance, "psus": levels.psus}


def matrix(seed: int, rows: int, columns: int) -> sparse.csr_array:
    """Random coefficients, half of them 0."""
    return sparse.csr_array(sparse.random_array((rows, columns), density=0.5, rng=np.random.default_rng(seed)))


@pytest.mark.parametrize("by", [[], ["unit"], ["town"], ["region", "town"]])
@pytest.mark.parametrize(
    ("stratum", "units", "fpc"),
    [(None, "apart", None), ("unit", "apart", None), ("region", "shared", None), ("unit", "apart", 400.0)],
)
def test_variances_are_those_of_the_influence(
    stratum: str | None, units: str, fpc: float | None, by: list[str]
) -> None:
    """Domains that are strata, parts of them or several; strata of one audience or of both; with and without fpc."""
    design = stacked(stratum, units, fpc)
    levels = estimate.join([estimate.mean(design, ITEMS, by=["audience", *by]),
                            estimate.favourable(design, "x", at_least=4, by=["audience", *by])])  # fmt: skip
    for coefficients in (matrix(5, 12, len(levels)), sparse.csr_array(np.eye(len(levels)))):
        found = combinations(design, levels.influence, coefficients, **known(levels))
        assert found is not None
        spread = levels.influence.combine(coefficients)
        np.testing.assert_allclose(found.variance, variances(design, spread), rtol=1e-10)
        np.testing.assert_array_equal(found.psus, (spread.presence != 0).sum(axis=0))
        np.testing.assert_allclose(found.psus - found.strata, degrees_of_freedom(design, spread.presence))
        for row, part in enumerate(found.parts):
            own = sparse.csr_array(coefficients @ sparse.diags_array((levels.part == part).astype(float)))
            expected = variances(design, levels.influence.combine(own))
            np.testing.assert_allclose(found.by_part[row], expected, rtol=1e-10, atol=1e-18)


def test_some_of_the_statistics_in_another_order() -> None:
    """An estimate of which rows were picked and reordered is combined as they stand."""
    levels = estimate.mean(stacked("unit", "apart"), ITEMS, by=["audience", "unit"])
    some = levels.select([7, 3, 20, 11])
    coefficients = sparse.csr_array([[1.0, -1.0, 0.5, 0.0], [0.0, 1.0, 0.0, -2.0]])
    found = combinations(some.design, some.influence, coefficients, **known(some))
    assert found is not None
    np.testing.assert_allclose(found.variance, variances(some.design, some.influence.combine(coefficients)), rtol=1e-10)


def test_equal_answers_leave_nothing() -> None:
    """A combination of answers that are all equal has no variance, to the last digits."""
    frame = pd.DataFrame({"side": list("ab") * 40, "x": 4.0, "y": 4.0})
    levels = estimate.mean(Design(frame), ["x", "y"], by=["side"])
    found = combinations(levels.design, levels.influence, sparse.csr_array([[1.0, -1.0, 1.0, -1.0]]), **known(levels))
    assert found is not None
    np.testing.assert_allclose(found.variance, 0.0, atol=1e-30)


def test_the_road_is_closed_where_rows_are_no_psus() -> None:
    """Psus of several rows and few rows a cell go by the influence itself."""
    frame = audience(3, 60)
    clustered = estimate.mean(Design(frame, psu="unit", weight="weight"), ["x"])
    thin = estimate.mean(Design(frame.assign(one=range(60)), weight="weight"), ["x"], by=["one"])
    for levels in (clustered, thin):
        assert (
            combinations(levels.design, levels.influence, sparse.csr_array(np.eye(len(levels))), **known(levels))
            is None
        )
