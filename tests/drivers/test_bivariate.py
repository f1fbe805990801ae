"""Normal integrals and correlations of tables: scipy's integrals and minimiser, polycor on a printed table."""

from __future__ import annotations

import numpy as np
from scipy import optimize, stats

from symmetry.drivers.outcomes.bivariate import correlations_of, normal_below, thresholds_of
from tests.golden.reading import golden


def test_the_bivariate_normal_agrees_with_scipy() -> None:
    """Below 300 random points, correlations to ±.999, to 1e-14; and at the origin, 1/4 + asin(ρ)/2π."""
    rng = np.random.default_rng(0)
    h, k = 2 * rng.normal(size=(2, 300))
    rho = rng.uniform(-0.999, 0.999, 300)
    expected = [stats.multivariate_normal.cdf([a, b], cov=[[1, r], [r, 1]]) for a, b, r in zip(h, k, rho, strict=True)]
    np.testing.assert_allclose(normal_below(h, k, rho), expected, rtol=0, atol=1e-14)
    np.testing.assert_allclose(normal_below(0.0, 0.0, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), rtol=0, atol=1e-15)


def test_the_bivariate_normal_at_its_limits() -> None:
    """Far out it is the other's margin or nothing, on an axis it is the limit, near a perfect correlation the smaller margin."""
    k = np.array([-2.0, 0.0, 1.5])
    np.testing.assert_allclose(normal_below(40.0, k, 0.3), stats.norm.cdf(k), atol=1e-15)
    np.testing.assert_allclose(normal_below(-40.0, k, 0.3), 0.0, atol=1e-15)
    np.testing.assert_allclose(normal_below(0.0, k, 0.6), normal_below(1e-12, k, 0.6), atol=1e-12)
    np.testing.assert_allclose(normal_below(1.0, k, 1 - 1e-12), stats.norm.cdf(np.minimum(1.0, k)), atol=1e-6)


def test_a_printed_table() -> None:
    """Lambs of 227 ewes (Tallis 1962): polycor's thresholds to 1e-7, its ρ to the 1e-4 at which optimize() stops."""
    expected = golden("polychoric", "lambs")
    shares = np.array([[58.0, 52, 1], [26, 58, 3], [8, 12, 9]]) / 227
    cuts = [expected["1952", "1953", f"threshold_{which}"] for which in (1, 2)]
    np.testing.assert_allclose(thresholds_of(shares.sum(axis=1)), cuts, rtol=1e-7)
    np.testing.assert_allclose(correlations_of(shares[None])[0], expected["1952", "1953", "value"], atol=1e-4)


def test_an_empty_cell_is_left_empty() -> None:
    """A table of 3 × 3 with nobody in two cells: the likelihood's own maximum, by scipy, no half respondents added."""
    shares = np.array([[20.0, 9, 0], [8, 15, 6], [0, 7, 22]]) / 87
    h = np.array([-40.0, *stats.norm.ppf(np.cumsum(shares.sum(axis=1))[:-1]), 40.0])
    k = np.array([-40.0, *stats.norm.ppf(np.cumsum(shares.sum(axis=0))[:-1]), 40.0])

    def unlikely(rho: float) -> float:
        corners = np.array([[stats.multivariate_normal.cdf([x, y], cov=[[1, rho], [rho, 1]]) for y in k] for x in h])
        cells = np.diff(np.diff(corners, axis=0), axis=1)
        return -float((shares[shares > 0] * np.log(cells[shares > 0])).sum())

    expected = optimize.minimize_scalar(unlikely, bounds=(0.1, 0.95), method="bounded", options={"xatol": 1e-9}).x
    np.testing.assert_allclose(correlations_of(shares[None])[0], expected, atol=1e-7)
