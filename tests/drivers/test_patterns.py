"""The likelihood of incomplete answers: scipy's density row by row, numeric derivatives, EM's textbook step, and its climb."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from symmetry.drivers.missing import climbing
from symmetry.drivers.missing.climbing import climbed, followed
from symmetry.drivers.missing.patterns import At, Patterns, vech
from symmetry.errors import ConvergenceError

MEAN = np.array([0.1, -0.2, 0.3])
COVARIANCE = np.array([[1.0, 0.4, 0.2], [0.4, 1.2, -0.3], [0.2, -0.3, 0.9]])
FIRST, SECOND = np.triu_indices(3)


def rows(n: int = 60, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Answers (n, 3) with NaN and weights (n,)."""
    rng = np.random.default_rng(seed)
    x = rng.multivariate_normal(MEAN, COVARIANCE, n)
    x[rng.random((n, 3)) < 0.3] = np.nan
    x = x[np.isfinite(x).any(axis=1)]
    return x, rng.uniform(0.5, 2.0, len(x))


def summed(x: np.ndarray, *weights: np.ndarray) -> Patterns:
    """Sums by pattern under several weights."""
    observed, code = np.unique(np.isfinite(x), axis=0, return_inverse=True)
    filled = np.nan_to_num(x)
    columns = [np.ones(len(x)), *filled.T, *(filled[:, a] * filled[:, b] for a, b in zip(FIRST, SECOND, strict=True))]
    sums = [
        np.stack([np.bincount(code.ravel(), w * column, len(observed)) for column in columns], axis=1) for w in weights
    ]
    return Patterns.of(observed, np.stack(sums))


def likelihood(x: np.ndarray, w: np.ndarray, theta: np.ndarray) -> float:
    """By scipy, row by row; theta holds means and the upper triangle of the covariance matrix."""
    mean, covariance = theta[:3], (vech(3) @ theta[3:]).reshape(3, 3)
    total = 0.0
    for row, weight in zip(x, w, strict=True):
        o = np.isfinite(row)
        total += weight * stats.multivariate_normal(mean[o], covariance[np.ix_(o, o)]).logpdf(row[o])
    return total


THETA = np.concatenate([MEAN, COVARIANCE[FIRST, SECOND]])


def test_the_likelihood_is_scipys_but_for_a_constant() -> None:
    """Differences between two places agree."""
    x, w = rows()
    other = THETA * 1.1
    sums = summed(x, w)
    here, there = (
        At(sums, theta[None, :3], (vech(3) @ theta[3:]).reshape(1, 3, 3)).likelihood[0] for theta in (THETA, other)
    )
    assert here - there == pytest.approx(likelihood(x, w, THETA) - likelihood(x, w, other), rel=1e-10)


def test_derivatives_are_those_of_the_likelihood() -> None:
    """First ones by central differences of scipy's density, second ones by central differences of the first."""
    x, w = rows()
    sums, step = summed(x, w), 1e-5 * np.eye(9)

    def at(theta: np.ndarray) -> At:
        return At(sums, theta[None, :3], (vech(3) @ theta[3:]).reshape(1, 3, 3))

    slope = [(likelihood(x, w, THETA + e) - likelihood(x, w, THETA - e)) / 2e-5 for e in step]
    np.testing.assert_allclose(at(THETA).slope[0], slope, rtol=1e-6, atol=1e-6)
    second = [(at(THETA + e).slope[0] - at(THETA - e).slope[0]) / 2e-5 for e in step]
    np.testing.assert_allclose(at(THETA).information()[0], -np.array(second), rtol=1e-6, atol=1e-6)


def test_a_step_of_em_is_the_textbooks() -> None:
    """Expected answers and products row by row, then weighted means and covariances."""
    x, w = rows()
    total, square = np.zeros(3), np.zeros((3, 3))
    for row, weight in zip(x, w, strict=True):
        o, m = np.flatnonzero(np.isfinite(row)), np.flatnonzero(~np.isfinite(row))
        slope = COVARIANCE[np.ix_(m, o)] @ np.linalg.inv(COVARIANCE[np.ix_(o, o)])
        filled, rest = row.copy(), np.zeros((3, 3))
        filled[m] = MEAN[m] + slope @ (row[o] - MEAN[o])
        rest[np.ix_(m, m)] = COVARIANCE[np.ix_(m, m)] - slope @ COVARIANCE[np.ix_(o, m)]
        total += weight * filled
        square += weight * (np.outer(filled, filled) + rest)
    mean = total / w.sum()
    found = At(summed(x, w), MEAN[None], COVARIANCE[None]).expected()
    np.testing.assert_allclose(found[0][0], mean, rtol=1e-12)
    np.testing.assert_allclose(found[1][0], square / w.sum() - np.outer(mean, mean), rtol=1e-12)


def test_samples_follow_to_where_each_would_climb_alone() -> None:
    """Fifty bootstraps, started at the sample's own solution, end where a climb from afar ends."""
    x, w = rows(200)
    rng = np.random.default_rng(2)
    mean, covariance = climbed(summed(x, w), np.zeros((1, 3)), np.eye(3)[None])
    at = At(summed(x, w), mean, covariance)
    np.testing.assert_allclose(at.slope, 0.0, atol=1e-8)
    many = summed(x, *(w * rng.poisson(1.0, len(w)) for _ in range(50)))
    found = followed(many, mean[0], covariance[0], np.linalg.inv(at.information()[0]) * w.sum())
    _, expected = climbed(many, np.zeros((50, 3)), np.tile(np.eye(3), (50, 1, 1)))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert np.ptp(expected[:, 0, 1]) > 0.1


def test_samples_without_a_solution_are_empty() -> None:
    """A sample in which nobody answered two items together has none; the others are not touched by it."""
    x, w = rows(200)
    both = np.isfinite(x[:, 0]) & np.isfinite(x[:, 1])
    sums = summed(x, w, np.where(both, 0.0, w))
    mean, covariance = climbed(sums, np.zeros((2, 3)), np.tile(np.eye(3), (2, 1, 1)))
    assert np.isfinite(covariance[0]).all()
    assert np.isnan(covariance[1]).all()
    inverse = np.linalg.inv(At(sums, mean, covariance).information()[0]) * w.sum()
    assert [True, False] == np.isfinite(followed(sums, mean[0], covariance[0], inverse)).all(axis=(1, 2)).tolist()


def test_samples_that_do_not_settle_climb(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped after one step, they end at the same place by the other road."""
    x, w = rows(200)
    sums = summed(x, w, w * np.random.default_rng(2).poisson(1.0, len(w)))
    mean, covariance = climbed(sums, np.zeros((2, 3)), np.tile(np.eye(3), (2, 1, 1)))
    inverse = np.linalg.inv(At(sums, mean, covariance).information()[0]) * w.sum()
    monkeypatch.setattr(climbing, "_FOLLOWED", 1)
    np.testing.assert_allclose(followed(sums, mean[0], covariance[0], inverse), covariance, atol=1e-9)


def test_a_climb_that_does_not_end_says_how_far_it_still_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the steps allowed: how many, and the size of the last."""
    monkeypatch.setattr(climbing, "_MOST", 2)
    x, w = rows()
    with pytest.raises(ConvergenceError, match=r"still moves by 0\.\d+ of a deviation after 2 steps"):
        climbed(summed(x, w), np.zeros((1, 3)), np.eye(3)[None])
