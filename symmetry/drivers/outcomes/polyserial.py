"""The correlation of a number and a normal variable of which only categories are seen, by the second step of two.

With z the number, standardised, and τ the thresholds of the categories (quantiles of their shares, the first step), ρ maximises

    Σ w log [Φ(u_a) - Φ(u_{a-1})],   u_a = (τ_a - ρ z) / s,   s² = 1 - ρ²

(Olsson, Drasgow, Dorans 1982, Psychometrika 47, 337-347: the two-step estimator by maximum likelihood, not the closed formula of
the same paper).  What a respondent moves ρ by counts what the mean, the deviation and the thresholds owe to him.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import special

from symmetry.drivers.outcomes.bivariate import thresholds_of

__all__ = ["polyserial"]

_STEPS = 60
_SETTLED = 1e-7  # Newton's next step would be of the order of its square
_FAR = 37.0


def polyserial(values: np.ndarray, which: np.ndarray, code: np.ndarray, share: np.ndarray) -> tuple[float, np.ndarray]:
    """Correlation of a number and a category, and what a unit more of each row, the whole being 1, moves it by.

    Parameters
    ----------
    values : (v,) different numbers, of mean 0 and deviation 1 by share.
    which : (n,) the number of each row, by its place among them.
    code : (n,) category, from 0, each held by somebody.
    share : (n,) weights, summing to 1.

    Returns
    -------
    ρ, beyond ±(1 - 1e-6) where the likelihood grows up to a perfect one, and (n,) which averages 0.
    """
    count = int(code.max()) + 1
    cell = which * count + code
    mass = np.bincount(cell, weights=share, minlength=len(values) * count)
    held = np.flatnonzero(mass > 0)
    cells = _Cells(values[held // count], held % count, mass[held], count)
    rho = cells.solve()
    found = np.zeros(len(mass))
    found[held] = cells.moved(rho)
    return rho, found[cell]


@dataclass(frozen=True)
class _Cells:
    """Different pairs of number and category: z, code and share of each, of K categories."""

    z: np.ndarray
    code: np.ndarray
    share: np.ndarray
    count: int

    @cached_property
    def margin(self) -> np.ndarray:
        """Shares of the categories (K,)."""
        return np.bincount(self.code, weights=self.share, minlength=self.count)

    @cached_property
    def edges(self) -> np.ndarray:
        """Thresholds above and below each cell (2, c)."""
        tau = np.concatenate([[-_FAR], thresholds_of(self.margin), [_FAR]])
        return np.stack([tau[self.code + 1], tau[self.code]])

    def score(self, rho: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Derivative by ρ of each cell's log-likelihood (c,); u, the slopes of u, and densities over chances (2, c)."""
        s = np.sqrt((1 - rho) * (1 + rho))
        u = (self.edges - rho * self.z) / s
        side = np.where(u[1] > 0, -1.0, 1.0)  # both in the upper half: the difference of upper tails keeps its digits
        tails = special.ndtr(u * side)
        chance = np.maximum((tails[0] - tails[1]) * side, 1e-300)
        dense = _normal(u) / chance
        slope = (self.edges * rho - self.z) / s**3
        return _across(dense * slope), u, slope, dense

    def solve(self) -> float:
        """Newton's steps on the score, from the closed formula, held between bounds that close in on its root."""
        tau = thresholds_of(self.margin)
        codes = self.code - self.share @ self.code
        start = self.share @ (codes * self.z) / _normal(tau).sum()
        rho, low, high = float(np.clip(start, -0.95, 0.95)), -1 + 1e-9, 1 - 1e-9
        for _ in range(_STEPS):
            first, u, slope, dense = self.score(rho)
            s2 = (1 - rho) * (1 + rho)
            bend = self.edges / s2**1.5 + 3 * rho * slope / s2
            mean, spread = self.share @ first, self.share @ first**2
            curve = self.share @ _across(dense * (bend - u * slope**2)) - spread
            low, high = (rho, high) if mean > 0 else (low, rho)
            step = rho + mean / (-curve if curve < 0 else max(spread, 1e-300))
            before, rho = rho, float(step if low < step < high else (low + high) / 2)
            if abs(rho - before) <= _SETTLED:
                break
        return rho

    def moved(self, rho: float) -> np.ndarray:
        """What a unit of each cell moves ρ by (c,)."""
        first, u, slope, dense = self.score(rho)
        s = np.sqrt((1 - rho) * (1 + rho))
        bend = self.edges / s**3 + 3 * rho * slope / s**2
        curve = self.share @ (_across(dense * (bend - u * slope**2)) - first**2)

        def by(of_u: float, of_slope: float) -> np.ndarray:
            """Derivative of the score through either threshold, where it moves u and its slope so much."""
            return np.asarray(dense * (of_slope - (u * slope + first) * of_u))

        by_z = _across(by(-rho / s, -1 / s**3))
        by_edge = by(1 / s, rho / s**3) * self.share / np.maximum(_normal(self.edges), 1e-300)
        upper, lower = np.where(np.abs(self.edges) < _FAR, by_edge, 0.0)
        steps = np.bincount(self.code, weights=upper, minlength=self.count)[:-1]
        steps = steps - np.bincount(self.code, weights=lower, minlength=self.count)[1:]
        below = np.cumsum(self.margin)[:-1]
        through = np.concatenate([np.cumsum(steps[::-1])[::-1], [0.0]]) - steps @ below
        mean, deviation = -self.share @ by_z, -self.share @ (by_z * self.z)
        total = first + mean * self.z + deviation * (self.z**2 - 1) / 2 + through[self.code]
        return np.asarray(-total / curve)


def _normal(u: np.ndarray) -> np.ndarray:
    """The normal density."""
    return np.asarray(np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi))


def _across(sides: np.ndarray) -> np.ndarray:
    """The upper side less the lower one."""
    return np.asarray(sides[0] - sides[1])
