"""Least squares of answers in units, with a random intercept of the unit or without: slopes, and what each unit moves them.

With θ = variance of units / variance of persons, a unit of n answers has V⁻¹ = I - θ/(1 + nθ) J, so that everything is sums of
units, and the restricted likelihood is a function of θ alone, whose slope is exact by a complex step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symmetry.errors import DesignError

__all__ = ["Nested", "cluster_fit", "random_intercepts"]

_GRID = np.linspace(-16.0, 10.0, 105)  # of log θ


@dataclass(frozen=True, eq=False)
class Nested:
    """A regression of people in G units.

    slopes (q,), the intercept's first; moved (G, q), what a unit of weight of each unit moves them; model (q,), errors if the
    model were true; between and within, variances of units and persons (NaN without random intercepts).
    """

    slopes: np.ndarray
    moved: np.ndarray
    model: np.ndarray
    between: float
    within: float


def cluster_fit(x: np.ndarray, y: np.ndarray, weight: np.ndarray, place: np.ndarray) -> Nested:
    """Weighted least squares of y (m,) on x (m, q), errors by unit, whose numbers (m,) run from 0."""
    curve = (x * weight[:, None]).T @ x
    slopes = np.linalg.solve(curve, x.T @ (weight * y))
    scores = _by_unit(x * (weight * (y - x @ slopes))[:, None], place)
    return Nested(slopes, np.linalg.solve(curve, scores.T).T, np.full(len(slopes), np.nan), np.nan, np.nan)


def random_intercepts(x: np.ndarray, y: np.ndarray, place: np.ndarray) -> Nested:
    """The model y = x b + unit + person by restricted maximum likelihood; no weights.

    Notes
    -----
    Slopes are generalised least squares at the likeliest θ ≥ 0.  R twin: ``lme4::lmer(y ~ x + (1 | unit), REML = TRUE)``.

    Examples
    --------
    >>> place = np.repeat(np.arange(4), 3)
    >>> y = np.array([1.0, 2.0, 3.0, 3.0, 4.0, 5.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0])
    >>> found = random_intercepts(np.ones((12, 1)), y, place)
    >>> found.slopes.round(6), round(found.within, 6), round(found.between, 6)  # between: 42/9 less 1/3
    (array([4.]), 1.0, 4.333333)
    """
    n = np.bincount(place).astype(float)
    both = np.column_stack([x, y])
    products, sums, q = both.T @ both, _by_unit(both, place), x.shape[1]

    def curved(theta: complex) -> np.ndarray:
        return np.asarray(products - (sums * (theta / (1 + n * theta))[:, None]).T @ sums)

    def left(curve: np.ndarray) -> complex:
        return complex(curve[q, q] - curve[q, :q] @ np.linalg.solve(curve[:q, :q], curve[:q, q]))

    def deviance(theta: complex) -> complex:
        """-2 × the restricted log-likelihood, up to a constant."""
        curve = curved(theta)
        logs = np.log(1 + n * theta).sum() + np.log(np.linalg.det(curve[:q, :q] / len(y)))
        return complex(logs + (len(y) - q) * np.log(left(curve)))

    theta = _lowest(deviance)
    curve = curved(theta).real
    slopes = np.linalg.solve(curve[:q, :q], curve[:q, q])
    within = float(np.real(left(curve)) / (len(y) - q))
    away = y - x @ slopes
    shrunk = away - (theta / (1 + n * theta) * np.bincount(place, away))[place]
    inverse = np.linalg.inv(curve[:q, :q])
    moved = _by_unit(x * shrunk[:, None], place) @ inverse
    return Nested(slopes, moved, np.sqrt(np.diag(inverse) * within), theta * within, within)


def _by_unit(rows: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Sums of rows (m, q) by unit (G, q)."""
    return np.column_stack([np.bincount(place, column) for column in rows.T])


def _lowest(deviance: Callable[[complex], complex]) -> float:
    """The θ ≥ 0 at which a deviance is least: the best of a grid, then the root of its slope by log θ."""
    from scipy.optimize import brentq

    values = [deviance(0.0).real, *(deviance(float(np.exp(log))).real for log in _GRID)]
    best = int(np.argmin(values)) - 1
    if best == len(_GRID) - 1:
        raise DesignError(
            "customers of one unit all but agree, and units differ", mend='take the units themselves: level="unit"'
        )
    if best < 1:
        return 0.0

    def slope(log: float) -> float:
        return deviance(complex(np.exp(log + 1e-20j))).imag / 1e-20

    return float(np.exp(brentq(slope, _GRID[best - 1], _GRID[best + 1], xtol=1e-14, rtol=1e-14)))
