"""The area-level model of Fay and Herriot on plain arrays: how far domains differ, and what each borrows from the others.

D direct estimates y with known error variances ψ: y = x'β + v + e, v of variance A between domains, e of variance ψ.  Given A, β
is found by weights 1/(A + ψ), and the best linear unbiased predictor of x'β + v is γ y + (1 - γ) x'β with γ = A / (A + ψ).  A is
where the likelihood, that of contrasts free of β (REML) or the plain one (ML), is highest.  Mean squared errors are of second
order: g1, what would be left with A and β known; g2, for β; 2 g3, for A (Prasad and Rao 1990; Datta and Lahiri 2000).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

__all__ = ["AreaFit", "Method", "fit_areas"]

Method = Literal["reml", "adjusted_reml", "ml"]
_GRID = 120
_STEPS = 200


@dataclass(frozen=True)
class AreaFit:
    """A fitted model of D domains and p columns.

    between : A.  beta (p,), beta_covariance (p, p).  own (D,) γ, each domain's share of its own.  values (D,).  apart (D,) the
    part of the mean squared errors that domains do not have in common, g1 + 2 g3; away (D, p) what β does to each value.
    likelihood : the logarithm of what was made highest.
    """

    between: float
    beta: np.ndarray
    beta_covariance: np.ndarray
    own: np.ndarray
    values: np.ndarray
    apart: np.ndarray
    away: np.ndarray
    likelihood: float

    @property
    def squared_errors(self) -> np.ndarray:
        """Mean squared errors of the values (D,)."""
        return np.asarray(self.apart + ((self.away @ self.beta_covariance) * self.away).sum(axis=1))

    @property
    def errors(self) -> np.ndarray:
        """Mean squared errors and products of errors of the values (D, D)."""
        return np.asarray(self.away @ self.beta_covariance @ self.away.T + np.diag(self.apart))


def fit_areas(y: np.ndarray, psi: np.ndarray, x: np.ndarray, method: Method = "reml") -> AreaFit:
    """Fit y (D,) with error variances psi (D,) above 0 on columns x (D, p) of full rank, D at least p + 3."""
    between, likelihood = _highest(y, psi, x, method)
    total = between + psi
    inverse = np.linalg.inv((x.T / total) @ x)
    beta = inverse @ (x.T @ (y / total))
    own = between / total
    g1, away = own * psi, (1 - own)[:, None] * x
    spread = 2 / (1 / total**2).sum()
    g3 = psi**2 / total**3 * spread
    apart = g1 + 2 * g3
    if method == "ml":
        apart += (1 - own) ** 2 * 0.5 * spread * np.trace(inverse @ ((x.T / total**2) @ x))
    return AreaFit(between, beta, inverse, own, own * y + (1 - own) * (x @ beta), apart, away, likelihood)


def _highest(y: np.ndarray, psi: np.ndarray, x: np.ndarray, method: Method) -> tuple[float, float]:
    """Where the likelihood of the variance between domains is highest, among all places where its slope changes sign, and 0."""
    rest = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    top = 10 * float(rest @ rest) / (len(y) - x.shape[1]) + float(psi.max())
    grid = np.concatenate([[0.0], np.geomspace(1e-10 * top, top, _GRID)])

    def slope(at: float) -> float:
        return _profile(at, y, psi, x, method)[1]

    slopes = [slope(at) if at > 0 or method != "adjusted_reml" else np.inf for at in grid]
    peaks = [
        _root(slope, float(low), float(high))
        for (low, up), (high, down) in pairwise(zip(grid, slopes, strict=True))
        if up > 0 >= down
    ]
    peaks += [0.0] if slopes[0] <= 0 or not peaks else []
    return max(((at, _profile(at, y, psi, x, method)[0]) for at in peaks), key=lambda pair: pair[1])


def _root(slope: Callable[[float], float], low: float, high: float) -> float:
    """Where a slope falls through 0 between two places, by halving to the last digit."""
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if slope(middle) > 0 else (low, middle)
    return (low + high) / 2


def _profile(at: float, y: np.ndarray, psi: np.ndarray, x: np.ndarray, method: Method) -> tuple[float, float]:
    """Logarithm of the likelihood of a variance between domains, up to a constant, and its slope."""
    total = at + psi
    inside = (x.T / total) @ x
    rest = y - x @ np.linalg.solve(inside, x.T @ (y / total))
    height = -0.5 * float(np.log(total).sum() + (rest**2 / total).sum())
    slope = -0.5 * float((1 / total).sum() - ((rest / total) ** 2).sum())
    if method != "ml":
        height -= 0.5 * float(np.linalg.slogdet(inside)[1])
        slope += 0.5 * float(np.trace(np.linalg.solve(inside, (x.T / total**2) @ x)))
    if method == "adjusted_reml":
        height += float(np.log(at)) if at > 0 else -np.inf
        slope += 1 / at
    return height, slope
