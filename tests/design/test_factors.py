"""Factors of replicates: against R's `as.svrepdesign` where they are certain, against exact moments where they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from symmetry.design import bootstrapping
from symmetry.design.bootstrapping import bootstrap, canty_davison
from symmetry.design.factors import Factors, half_samples, jackknife, successive_differences
from symmetry.errors import DesignError

ENDLESS = np.full(4, np.inf)
MIXED = np.array([0, 1, 0, 2, 2, 2, 1, 1, 0, 2, 3, 3])
"""Twelve psus in four strata of 3, 3, 4 and 2, out of order."""


def covariance_of_totals(made: Factors, factor: np.ndarray | None = None) -> np.ndarray:
    """The matrix Q of V = y'Qy for the replicate variance of a total of psu totals y, around the mean of the factors."""
    found = made.all() if factor is None else factor
    centred = found - found.mean(axis=1, keepdims=True)
    return made.scale * (centred * made.rscales) @ centred.T


def textbook(stratum: np.ndarray, population: np.ndarray) -> np.ndarray:
    """The same matrix for the textbook's variance, Σ (1 - n/N) n/(n - 1) Σ (y - ȳ)²."""
    found = np.zeros((len(stratum),) * 2)
    for h, size in enumerate(np.bincount(stratum)):
        inside = np.flatnonzero(stratum == h)
        scale = (1 - size / population[h]) * size / max(size - 1, 1)
        found[np.ix_(inside, inside)] = scale * (np.eye(size) - 1 / size)
    return found


def test_half_samples_are_those_of_r() -> None:
    """``as.svrepdesign(svydesign(~1, strata = ~ESA, data = scd), type = "BRR")``: R's matrix of order 4 is ours."""
    stratum = np.repeat([0, 1, 2], 2)
    expected = np.array([[2, 0, 2, 0], [0, 2, 0, 2], [2, 2, 0, 0], [0, 0, 2, 2], [2, 0, 0, 2], [0, 2, 2, 0]])
    made = half_samples(stratum)
    np.testing.assert_array_equal(made.all(), expected)
    assert made.scale == 1 / 4
    fay = half_samples(stratum, rho=0.3)
    np.testing.assert_allclose(fay.all(), 1 + 0.7 * (expected - 1), rtol=1e-15)
    np.testing.assert_allclose(fay.scale, 1 / (4 * 0.49), rtol=1e-15)


@pytest.mark.parametrize("pairs", [1, 2, 3, 4, 7, 11, 12, 30, 52])
@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_half_samples_are_balanced(pairs: int, rho: float) -> None:
    """The variance of every total is the textbook's, exactly, and the mean of the factors of each psu is 1."""
    stratum = np.repeat(np.arange(pairs), 2)
    made = half_samples(stratum, rho=rho)
    np.testing.assert_allclose(made.all().mean(axis=1), 1.0, atol=1e-14)
    np.testing.assert_allclose(covariance_of_totals(made), textbook(stratum, np.full(pairs, np.inf)), atol=1e-13)
    assert made.size <= 4 * (pairs // 4 + 2)


def test_larger_strata_become_pairs_or_halves() -> None:
    """R's ``large = "split"`` and ``large = "merge"``, whose factors these are; larger strata come first, as R has them."""
    split = half_samples(np.repeat([0, 1], [4, 2]), uneven="split").all()
    np.testing.assert_array_equal(split[[0, 2, 4]] + split[[1, 3, 5]], 2.0)
    np.testing.assert_array_equal(split[0], [2, 0, 2, 0])
    np.testing.assert_array_equal(split[2], [2, 2, 0, 0])
    merged = half_samples(np.repeat([0, 1], [5, 2]), uneven="merge").all()
    np.testing.assert_array_equal(merged[:2], np.broadcast_to(merged[0], (2, 4)))
    np.testing.assert_array_equal(merged[2:5], np.broadcast_to(2 - merged[0], (3, 4)))


@pytest.mark.parametrize(
    ("stratum", "options", "words"),
    [
        ([0, 0, 1], {}, "1 strata have one"),
        ([0, 0, 0, 1, 1], {}, "an odd number"),
        ([0, 0, 0, 0], {"uneven": "fail"}, "have more"),
        ([0, 0], {"uneven": "guess"}, "unknown"),
        ([0, 0], {"rho": 1.0}, "not between 0 and 1"),
    ],
)
def test_half_samples_refuse_what_is_not_in_pairs(stratum: list[int], options: dict[str, Any], words: str) -> None:
    """A stratum of one psu or of an odd number, and a rho that leaves nothing, are refused in words."""
    with pytest.raises(DesignError, match=words):
        half_samples(np.array(stratum), **options)


def test_too_many_pairs_for_half_samples() -> None:
    """Beyond 8,191 pairs there is a better method, which the message names."""
    with pytest.raises(DesignError, match="jackknife"):
        half_samples(np.repeat(np.arange(9000), 2))


@pytest.mark.parametrize("population", [ENDLESS, np.array([10.0, 3, 8, np.inf])])
def test_the_jackknife_of_a_total_is_the_textbook(population: np.ndarray) -> None:
    """Squares around the whole are exact for every total, with fpc and without; a stratum taken whole adds nothing."""
    made = jackknife(MIXED, population)
    away = made.all() - 1
    np.testing.assert_allclose(made.scale * (away * made.rscales) @ away.T, textbook(MIXED, population), atol=1e-13)


@pytest.mark.parametrize(
    ("lonely", "size", "scale", "rscales"),
    [
        ("keep", 5, 1.0, [1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3]),
        ("average", 5, 6 / 5, [1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3]),
        ("delete", 6, 1.0, [1 / 2, 1 / 2, 2 / 3, 2 / 3, 2 / 3, 2 / 3]),
    ],
)
def test_lonely_strata_of_a_jackknife_are_as_in_r(lonely: Any, size: int, scale: float, rscales: list[float]) -> None:
    """``as.svrepdesign(type = "JKn")`` with survey.lonely.psu "remove", "average" and "adjust", strata of 2, 1 and 3 psus."""
    made = jackknife(np.array([0, 0, 1, 2, 2, 2]), ENDLESS[:3], lonely=lonely)
    assert (made.size, made.scale) == (size, scale)
    np.testing.assert_allclose(made.rscales, rscales, rtol=1e-14)
    lonely_psu = made.all()[2]
    if lonely == "delete":
        np.testing.assert_allclose(made.all()[:, 2], [1.5, 1.5, 0, 1.5, 1.5, 1.5])
        lonely_psu = np.delete(lonely_psu, 2)
    np.testing.assert_array_equal(lonely_psu, 1.0)


def test_the_short_road_of_a_jackknife_is_the_product() -> None:
    """Sums over psus turned into sums in replicates without the factors are those with them, lonely strata included."""
    values = np.random.default_rng(1).normal(size=(7, 3))
    made = jackknife(np.array([0, 0, 1, 2, 2, 2, 0]), ENDLESS[:3], lonely="delete")
    assert made.sums is not None
    np.testing.assert_allclose(made.sums(values)(slice(1, 6)), made.block(slice(1, 6)).T @ values, rtol=1e-13)


def test_a_jackknife_needs_a_stratum_of_two() -> None:
    """Where every stratum has one psu there is nobody to leave out."""
    with pytest.raises(DesignError, match="one psu"):
        jackknife(np.array([0, 1]), ENDLESS[:2])


@pytest.mark.parametrize(("strata", "least"), [([9], None), ([3, 4, 2], None), ([3, 4, 2], 40), ([1, 5], None)])
def test_successive_differences_are_exact_while_rows_last(strata: list[int], least: int | None) -> None:
    """The variance of a total is Σ (1 - n/N) ½ Σ (y_i - y_next)², circular, in the order given, stratum by stratum [Fay,
    Train]."""
    rng = np.random.default_rng(5)
    stratum, population = np.repeat(np.arange(len(strata)), strata), np.full(len(strata), 50.0)
    order, y = rng.permutation(len(stratum)), rng.normal(size=len(stratum))
    made = successive_differences(stratum, population, order, replicates=least)
    expected = 0.0
    for h, size in enumerate(strata):
        inside = np.flatnonzero(stratum == h)
        mine = y[inside[np.argsort(order[inside])]]
        expected += (1 - size / 50) * 0.5 * ((mine - np.roll(mine, -1)) ** 2).sum()
    away = y @ (made.all() - 1)
    np.testing.assert_allclose(made.scale * (away**2).sum(), expected, rtol=1e-12)
    assert made.scale == 4 / made.size


def test_successive_differences_beyond_the_rows_stay_close() -> None:
    """With 1,000 psus on 80 rows no neighbour is its own, factors stay in (0.29, 1.71), and a variance is within a fifth or
    so."""
    y = np.cumsum(np.random.default_rng(2).normal(size=1000)) + np.random.default_rng(3).normal(size=1000) * 5
    made = successive_differences(np.zeros(1000, int), ENDLESS[:1], np.arange(1000))
    factors = made.all()
    assert made.size == 80
    assert np.unique(factors.round(12)).tolist() == pytest.approx([1 - 0.5**0.5, 1, 1 + 0.5**0.5])
    assert (factors != 1).any(axis=1).all()
    found = made.scale * ((y @ (factors - 1)) ** 2).sum()
    np.testing.assert_allclose(found, 0.5 * ((y - np.roll(y, -1)) ** 2).sum(), rtol=0.35)


@pytest.mark.parametrize("draws", [None, 1, 5, np.array([2, 1, 4, 1])])
@pytest.mark.parametrize("population", [ENDLESS, np.array([10.0, 3, 8, np.inf])])
def test_the_bootstrap_has_the_moments_of_the_textbook(draws: Any, population: np.ndarray) -> None:
    """Over all draws the mean factor is 1 and the variance of a total the textbook's, whatever m and N: moments of a
    multinomial."""
    made = bootstrap(MIXED, population, 100_000, np.random.default_rng(11), draws=draws)
    factors = made.all()
    np.testing.assert_allclose(factors.mean(axis=1), 1.0, atol=0.02)
    np.testing.assert_allclose(covariance_of_totals(made, factors), textbook(MIXED, population), atol=0.05)


def test_the_usual_bootstrap_multiplies_by_whole_numbers_of_n_over_n_minus_1() -> None:
    """n - 1 draws: factors are counts times n/(n - 1), never negative, and each stratum's counts add up to n - 1 (Rao, Wu
    1988)."""
    factors = bootstrap(MIXED, ENDLESS, 300, np.random.default_rng(0)).all()
    for h, size in enumerate(np.bincount(MIXED)):
        counts = factors[MIXED == h] * (size - 1) / size
        np.testing.assert_allclose(counts, counts.round(), atol=1e-12)
        np.testing.assert_allclose(counts.sum(axis=0), size - 1, atol=1e-12)
        assert (counts >= 0).all()


@pytest.mark.parametrize(
    ("size", "copies"), [(np.inf, "with replacement"), (6.0, "two of each"), (9.0, "three of each")]
)
def test_canty_davison_has_its_moments(size: float, copies: str) -> None:
    """Counts add up to n; their covariance, scaled, is n/(n - 1) (I - 1/n) times (N - n)/(N - 1), of the hypergeometric law."""
    stratum, population = np.repeat([0, 1], 3), np.full(2, size)
    made = canty_davison(stratum, population, 100_000, np.random.default_rng(4))
    factors = made.all()
    np.testing.assert_array_equal(factors[:3].sum(axis=0), 3)
    np.testing.assert_allclose(factors.mean(axis=1), 1.0, atol=0.02)
    shrink = 1.0 if np.isinf(size) else (size - 3) / (size - 1)
    np.testing.assert_allclose(covariance_of_totals(made), shrink * textbook(stratum, ENDLESS[:2]), atol=0.03)


def test_canty_davison_of_a_population_that_does_not_divide() -> None:
    """Seven places for three psus: who has the third copy is drawn anew, so that the mean factor stays 1; a census never
    varies."""
    factors = canty_davison(np.repeat([0, 1], 3), np.array([7.0, 3.0]), 50_000, np.random.default_rng(4)).all()
    np.testing.assert_allclose(factors.mean(axis=1), 1.0, atol=0.02)
    np.testing.assert_array_equal(factors[3:], 1.0)


def test_blocks_of_draws_are_the_same_however_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kept or drawn again, a few replicates or all: the same factors from the same seed, others from another."""
    whole = bootstrap(MIXED, ENDLESS, 300, np.random.default_rng(7)).all()
    monkeypatch.setattr(bootstrapping, "_KEPT", 0)
    again = bootstrap(MIXED, ENDLESS, 300, np.random.default_rng(7))
    np.testing.assert_array_equal(again.block(slice(37, 211)), whole[:, 37:211])
    assert (bootstrap(MIXED, ENDLESS, 300, np.random.default_rng(8)).all() != whole).any()


def test_strata_of_one_psu_stay_as_they_are() -> None:
    """Every bootstrap leaves them at 1."""
    stratum = np.array([0, 1, 1, 1])
    for made in (bootstrap, canty_davison):
        np.testing.assert_array_equal(made(stratum, ENDLESS[:2], 20, np.random.default_rng(0)).all()[0], 1.0)


def test_a_bootstrap_needs_draws_and_replicates() -> None:
    """No draw from a stratum, or a single replicate, are refused."""
    with pytest.raises(DesignError, match="at least one psu"):
        bootstrap(MIXED, ENDLESS, 20, np.random.default_rng(0), draws=0)
    with pytest.raises(DesignError, match="no variance"):
        bootstrap(MIXED, ENDLESS, 1, np.random.default_rng(0))
