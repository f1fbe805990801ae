"""Quadrants: names, and probabilities against draws from the joint law and against scipy's trivariate normal."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from symmetry import dissonance
from symmetry.design import Design, stack
from symmetry.dissonance import Gap, Pair
from symmetry.dissonance.quadrants import QUADRANTS, chances, named_quadrants

ITEMS = ["a", "b", "c", "d", "e"]


def survey(
    units: int = 40, *, literal: bool = True, spread: float = 1.0, seed: int = 4, items: list[str] = ITEMS
) -> Gap:
    """Shared units; customers and employees agree on some items and not on others."""
    rng = np.random.default_rng(seed)
    quality = rng.normal(size=(units, len(items)))
    level = np.array([4.0, 3.0, 3.2, 3.8, 3.5])[: len(items)]
    shift = np.array([0.0, 0.05, 0.5, -0.5, -0.1])[: len(items)]
    sides = {}
    for name, each, moved in (("customers", 6, 0.0), ("employees", 3, shift)):
        unit = np.repeat(np.arange(units), each)
        x = level + moved + spread * (0.5 * quality[unit] + rng.normal(size=(len(unit), len(items))))
        sides[name] = Design(pd.DataFrame(x, columns=items).assign(unit=unit), psu="unit")
    mirror = "literal" if literal else "parallel"
    pairs = [Pair(x, ("customers", x), ("employees", x), "f", mirror, "mean", 0.3) for x in items]
    return dissonance.gap(stack(sides), pairs)


def joint(gap: Gap, row: int) -> tuple[np.ndarray, np.ndarray]:
    """Value and covariance of (g, α, β) of a row, by the whole covariance of the levels."""
    labels = gap.estimate.labels
    family = np.flatnonzero(labels["reading"] == labels["reading"][row])
    weights = np.zeros((3, len(gap.levels)))
    for place, side in ((1, "a"), (2, "b")):
        at = gap.sides[side].to_numpy()
        weights[place, at[row]] += 1
        weights[place, at[family]] -= 1 / len(family)
    if labels["reading"][row] == "absolute":
        weights[0, gap.sides["a"][row]], weights[0, gap.sides["b"][row]] = 1, -1
    else:
        weights[0] = weights[1] - weights[2]
    return weights @ gap.levels.values, weights @ gap.levels.covariance() @ weights.T


@pytest.mark.parametrize("row", range(10))
def test_probabilities_are_those_of_the_joint_law(row: int) -> None:
    """Absolute and relative gaps of five items: 100,000 draws with the design's covariance and t margins on the gap's df, four
    errors of which are .006."""
    gap = survey()
    centre, spread = joint(gap, row)
    error = np.sqrt(np.diag(spread))
    rng = np.random.default_rng(row)
    z = rng.multivariate_normal(np.zeros(3), spread / np.outer(error, error), 100_000, method="eigh")
    g, a, b = (centre + error * stats.t.ppf(stats.norm.cdf(z), gap.estimate.df[row])).T
    inside = np.abs(g) < 0.3
    drawn = [g <= -0.3, g >= 0.3, inside & (a >= 0) & (b >= 0), inside & (a < 0) & (b < 0)]
    expected = [one.mean() for one in drawn]
    found = chances(gap, np.full(10, 0.3), np.array([row]))[0]
    np.testing.assert_allclose(found[:4], expected, atol=0.006)
    np.testing.assert_allclose(found.sum(), 1.0, rtol=1e-12)


def test_a_large_sample_is_the_trivariate_normal() -> None:
    """With many units t is normal, and the orthant in the band is scipy's multivariate normal, which is right to about 1e-5."""
    gap = survey(3000, spread=8.0)
    found = chances(gap, np.full(10, 0.3), np.arange(5))
    for row in range(5):
        centre, spread = joint(gap, row)
        orthant = [
            stats.multivariate_normal.cdf(
                [0.3, 0.0, 0.0],
                centre * way,
                spread * np.outer(way, way),
                lower_limit=[-0.3, -np.inf, -np.inf],
                abseps=1e-6,
            )
            for way in (np.array([1, -1, -1]), np.array([1, 1, 1]))
        ]
        np.testing.assert_allclose(found[row, 2:4], orthant, atol=2e-4)


def test_names_say_who_sees_it_better() -> None:
    """Dissonant: over where employees are higher, under where customers are; aligned: strength or weakness where both sides agree
    on which side of their mean item it lies; everything else has no name."""
    gap = survey()
    verdict = ["dissonant", "dissonant", "undetermined", "aligned", "aligned", *["misjudged"] * 5]
    named = named_quadrants(gap, verdict)
    table = gap.table()
    g = table["estimate"].to_numpy()
    assert ["over" if g[row] < 0 else "under" for row in (0, 1)] == named[:2].tolist()
    assert ["over" if g[row] < 0 else "under" for row in range(5, 10)] == named[5:].tolist()
    assert "" == named[2]
    levels = table[["level_a", "level_b"]].to_numpy()[:5]
    above = levels >= levels.mean(axis=0)
    for row in (3, 4):
        expected = ("strength" if above[row, 0] else "weakness") if above[row, 0] == above[row, 1] else ""
        assert expected == named[row]


def test_detect_prints_the_chance_of_the_quadrant_it_names() -> None:
    """`quadrant_chance` is that of the quadrant named; NaN without a name; a material gap is surely above .975."""
    gap = survey(200)
    found = dissonance.detect(gap)
    every = chances(gap, np.full(10, 0.3))
    for row in range(10):
        name = found["quadrant"].iloc[row]
        expected = every[row, QUADRANTS.index(name)] if name else np.nan
        np.testing.assert_allclose(found["quadrant_chance"].iloc[row], expected, rtol=1e-12)
    assert found["quadrant"].ne("").sum() >= 3
    material = found[found["grade"] == "material"]
    assert len(material)
    assert (material["quadrant_chance"] > 0.975).all()


def test_another_margin_moves_the_bounds_of_the_quadrants() -> None:
    """The larger the smallest gap of interest, the less probable are over and under."""
    gap = survey()
    small, large = (chances(gap, np.full(10, m)) for m in (0.1, 0.6))
    assert (large[:, :2] <= small[:, :2]).all()
    assert (large[:, 2:4] >= small[:, 2:4]).all()


def test_a_pair_alone_is_no_strength() -> None:
    """An item without company is not above its mean item: no quadrant where aligned, and the probabilities of both sides' places
    are unknown, those of over and under are not."""
    gap = survey(items=["a"])
    found = chances(gap, np.array([0.3]))
    assert [False, False, True, True, True] == np.isnan(found[0]).tolist()
    assert [""] == named_quadrants(gap, ["aligned"]).tolist()
    assert ["over" if gap.estimate.values[0] < 0 else "under"] == named_quadrants(gap, ["dissonant"]).tolist()


def test_without_error_all_is_certain() -> None:
    """Answers equal inside every item: each probability is 0 or 1; without degrees of freedom none is known."""
    flat = {
        name: Design(pd.DataFrame({x: np.full(20, value) for x, value in zip("abcd", values, strict=True)}))
        for name, values in (("customers", [4.0, 2.0, 3.0, 3.1]), ("employees", [4.1, 2.0, 4.0, 2.9]))
    }
    pairs = [Pair(x, ("customers", x), ("employees", x), "f", "literal", "mean", 0.3) for x in "abcd"]
    gap = dissonance.gap(stack(flat), pairs)
    found = chances(gap, np.full(len(gap.estimate), 0.3), np.arange(4))
    assert ["strength", "weakness", "over", "between"] == [QUADRANTS[k] for k in found.argmax(axis=1)]
    np.testing.assert_allclose(found.max(axis=1), 1.0, atol=1e-9)
