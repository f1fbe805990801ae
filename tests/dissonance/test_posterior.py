"""Posteriors against R's dense matrices and Simpson's rule (`golden/units.R`), scipy's quadrature, limits known by hand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from symmetry.dissonance.posterior import Posterior, integrated, plugged_in
from symmetry.errors import DesignError
from tests.golden.reading import data, wide

SCHOOLS = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18])


def case(name: str) -> tuple[Posterior, np.ndarray, list[str]]:
    """A posterior of units.R, its margins, and the names of its units."""
    if name == "schools":
        return integrated(SCHOOLS[0], SCHOOLS[1] ** 2, np.ones((8, 1))), np.full(8, 10.0), list("ABCDEFGH")
    if name == "alike":
        y, s = np.round(np.sin(np.arange(1, 16)) / 5, 3), np.tile([0.3, 0.5, 0.4], 5)
        return integrated(y, s**2, np.ones((15, 1))), np.full(15, 0.3), [str(unit) for unit in range(1, 16)]
    milk = data("milk")
    x = np.column_stack([np.ones(43), *(milk["region"] == region for region in (2, 3, 4))])
    found = integrated(milk["y"].to_numpy(), milk["sd"].to_numpy() ** 2, x)
    return found, np.full(43, 0.9), milk["area"].astype(str).tolist()


@pytest.mark.parametrize("name", ["schools", "milk", "alike"])
def test_posteriors_are_those_of_dense_matrices(name: str) -> None:
    """R, by another quadrature and Henderson's equations: means, deviations, quantiles, chances, expected variance."""
    found, margin, units = case(name)
    theirs = wide("units", name).loc["posterior"]
    ours = {"mean": found.mean(), "sd": found.sd(), "beyond": found.ways(margin).sum(axis=0)}
    ours |= {"q0.05": found.quantile(0.05), "q0.95": found.quantile(0.95)}
    for what, values in ours.items():
        np.testing.assert_allclose(values, theirs.loc[units, what], rtol=1e-8, atol=1e-10, err_msg=what)
    np.testing.assert_allclose(found.between, theirs.loc["", "between"], rtol=1e-8)


def test_the_variance_is_integrated_over_to_the_last_digits() -> None:
    """Eight schools: the mean of the first and the expected variance, by scipy's adaptive quadrature over τ, flat in τ²."""
    y, s = SCHOOLS

    def height(tau: float) -> float:
        w = 1 / (tau**2 + s**2)
        mu = (w * y).sum() / w.sum()
        return float(1e8 * tau * np.sqrt(np.prod(w) / w.sum()) * np.exp(-0.5 * (w * (y - mu) ** 2).sum()))

    def first(tau: float) -> float:
        w = 1 / (tau**2 + s**2)
        own = tau**2 * w[0]
        return float(own * y[0] + (1 - own) * (w * y).sum() / w.sum())

    def over(what: object) -> float:
        value: float = integrate.quad(what, 0, np.inf, epsabs=0, epsrel=1e-12, limit=500)[0]
        return value

    found = integrated(y, s**2, np.ones((8, 1)))
    np.testing.assert_allclose(found.mean()[0], over(lambda t: height(t) * first(t)) / over(height), rtol=1e-11)
    np.testing.assert_allclose(found.between, over(lambda t: height(t) * t**2) / over(height), rtol=1e-9)


@pytest.mark.parametrize("units", [6, 40, 2000])
@pytest.mark.parametrize("between", [0.0, 0.3, 5.0])
def test_quantiles_and_chances_agree(units: int, between: float) -> None:
    """The chance to lie below a quantile is its own p, whether few units or many, alike or not."""
    rng = np.random.default_rng(units)
    psi = rng.uniform(0.02, 0.5, units)
    found = integrated(rng.normal(0, between, units) + rng.normal(0, np.sqrt(psi)), psi, np.ones((units, 1)))
    for p in (0.05, 0.5, 0.975):
        np.testing.assert_allclose(found.below(found.quantile(p)), p, rtol=1e-9)
    np.testing.assert_allclose(found.chance.sum(), 1.0, rtol=1e-12)
    margin = np.full(units, 0.3)
    np.testing.assert_allclose(
        found.ways(margin).sum(axis=0), found.below(-margin) + 1 - found.below(margin), atol=1e-12
    )
    np.testing.assert_allclose(found.ways(np.zeros(units)).sum(axis=0), 1.0, rtol=1e-12)


def test_many_unlike_units_keep_their_own() -> None:
    """Units far apart for their errors keep nearly their own value and error; exact units move nobody off their place."""
    rng = np.random.default_rng(1)
    y = rng.normal(0, 50, 200)
    found = integrated(y, np.full(200, 0.01), np.ones((200, 1)))
    np.testing.assert_allclose(found.mean(), y, atol=1e-3)
    np.testing.assert_allclose(found.sd(), 0.1, rtol=1e-4)
    assert (found.own > 0.9999).all()


def test_the_unit_of_measurement_never_matters() -> None:
    """Values × c and shifted: the posterior is shifted and × c, its chances unmoved."""
    y, s = SCHOOLS
    one, two = (integrated(c * y + shift, (c * s) ** 2, np.ones((8, 1))) for c, shift in ((1.0, 0.0), (0.01, 7.0)))
    np.testing.assert_allclose(two.mean(), 0.01 * one.mean() + 7, rtol=1e-10)
    np.testing.assert_allclose(two.sd(), 0.01 * one.sd(), rtol=1e-10)
    np.testing.assert_allclose(two.quantile(0.1), 0.01 * one.quantile(0.1) + 7, rtol=1e-10)


def test_draws_are_from_the_posterior() -> None:
    """Means, deviations and the correlation that units have through their common mean, within Monte Carlo error."""
    y, psi = np.array([0.0, 0.1, -0.1, 0.05, 0.0, 0.02]), np.full(6, 0.25)
    found = integrated(y, psi, np.ones((6, 1)))
    drawn = found.draws(40_000, np.random.default_rng(4))
    np.testing.assert_allclose(drawn.mean(axis=0), found.mean(), atol=4 * found.sd().max() / 200)
    np.testing.assert_allclose(drawn.std(axis=0), found.sd(), rtol=0.03)
    total = drawn.sum(axis=1)
    np.testing.assert_allclose(total.mean(), y.sum(), atol=0.03)
    np.testing.assert_allclose(total.var(), psi.sum(), rtol=0.03)  # equal errors: the sum is known by the direct one


def test_the_plug_in_is_one_normal() -> None:
    """A predictor with its squared error: normal quantiles and chances, and independent draws."""
    found = plugged_in(np.array([1.0, -2.0]), np.array([0.25, 4.0]), np.array([0.5, 0.1]), 0.3)
    np.testing.assert_allclose(
        found.quantile(0.95), [1 + 0.5 * 1.6448536269514722, -2 + 2 * 1.6448536269514722], rtol=1e-12
    )
    expected = stats.norm.sf([1.5, 1.5], [1.0, -2.0], [0.5, 2.0]) + stats.norm.cdf(
        [-1.5, -1.5], [1.0, -2.0], [0.5, 2.0]
    )
    np.testing.assert_allclose(found.ways(np.full(2, 1.5)).sum(axis=0), expected, rtol=1e-12)
    drawn = found.draws(20_000, np.random.default_rng(1))
    np.testing.assert_allclose(np.cov(drawn.T), np.diag([0.25, 4.0]), atol=0.1)


def test_one_direction_is_the_likelier_of_two_tails() -> None:
    """The larger of both tails of the mixture, never their sum; of little known it tends to a half, not to 1."""
    y, s = SCHOOLS
    found, margin = integrated(y - 8, s**2, np.ones((8, 1))), np.full(8, 3.0)
    above, below = 1 - found.below(margin), found.below(-margin)
    np.testing.assert_allclose(found.ways(margin).max(axis=0), np.maximum(above, below), rtol=1e-12)
    assert (found.ways(margin).max(axis=0) < found.ways(margin).sum(axis=0)).all()
    unknown = plugged_in(np.zeros(1), np.full(1, 1e6), np.ones(1), 1.0)
    np.testing.assert_allclose(unknown.ways(np.ones(1)).sum(axis=0), 1.0, atol=1e-3)
    np.testing.assert_allclose(unknown.ways(np.ones(1)).max(axis=0), 0.5, atol=1e-3)


def test_too_few_units_are_refused() -> None:
    """The expected variance needs five units more than coefficients."""
    with pytest.raises(DesignError, match="5 units for 1 coefficients"):
        integrated(np.arange(5.0), np.ones(5), np.ones((5, 1)))
