"""Correlations of normal variables of which only categories are seen, from many two-way tables at once.

With h, k the thresholds of two standard normal variables of correlation ρ, the chance of a cell is a difference of

    Φ₂(h, k; ρ) = [Φ(h) + Φ(k)] / 2 - T(h, (k - ρh) / (h s)) - T(k, (h - ρk) / (k s)) - δ,   s² = 1 - ρ²,

T being Owen's function and δ 1/2 where h and k have different signs, else 0 [1]_; its slope by ρ is the bivariate density.  The
thresholds are the quantiles of the margins (first step), ρ maximises Σ p log π(ρ) (second step) [2]_.  What a respondent moves ρ
by depends on the cell alone, thresholds included: the score in ρ is a function of the shares of the cells, and the implicit
function theorem does the rest.

.. [1] Owen (1956). Tables for computing bivariate normal probabilities. Annals of Mathematical Statistics 27, 1075-1090.
.. [2] Olsson (1979). Maximum likelihood estimation of the polychoric correlation coefficient. Psychometrika 44, 443-460.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

__all__ = ["EDGE", "correlations_of", "movements_of", "normal_below", "thresholds_of"]

EDGE = 1 - 1e-6  # a correlation beyond it is taken as perfect
_FAR = 37.0  # where a normal tail is 0
_NEAR = 1e-300
_STEPS = 60
_SETTLED = 1e-7  # Newton's next step would be of the order of its square
_FLAT = (
    1e-8  # information below it: an empty corner, and a likelihood that grows, ever slower, up to a perfect correlation
)
_BLOCK = 1 << 13


def normal_below(h: ArrayLike, k: ArrayLike, rho: ArrayLike) -> np.ndarray:
    """Chance that two standard normal variables of correlation ρ (|ρ| < 1) stay below h and k, all broadcast.

    Examples
    --------
    >>> normal_below(0.0, 0.0, 0.5).round(12) == round(1 / 4 + np.arcsin(0.5) / (2 * np.pi), 12)
    np.True_
    """
    x, y = (np.clip(np.asarray(one, float), -_FAR, _FAR) for one in (h, k))
    x, y = (np.where(np.abs(one) < _NEAR, _NEAR, one) for one in (x, y))
    r = np.asarray(rho, float)
    s = np.sqrt((1 - r) * (1 + r))
    with np.errstate(over="ignore"):
        tails = special.owens_t(x, (y / x - r) / s) + special.owens_t(y, (x / y - r) / s)
    apart = np.where((x > 0) == (y > 0), 0.0, 0.5)
    return np.asarray((special.ndtr(x) + special.ndtr(y)) / 2 - tails - apart)


def thresholds_of(margin: np.ndarray) -> np.ndarray:
    """Thresholds (..., K - 1) between categories of shares (..., K); far out where there is nobody beyond."""
    below = np.cumsum(margin, axis=-1)[..., :-1]
    above = np.cumsum(margin[..., ::-1], axis=-1)[..., -2::-1]
    middle = np.where(below <= above, special.ndtri(below), -special.ndtri(above))
    return np.asarray(np.clip(middle, -_FAR, _FAR))


def correlations_of(shares: np.ndarray) -> np.ndarray:
    """Correlations (P,) that make the tables (P, K, L) of shares, each summing to 1, most likely.

    NaN where all of a table is in one row or column, ±1 (to the last digits) where the likelihood grows up to a perfect one.
    """
    found = np.empty(len(shares))
    for start in range(0, len(shares), _BLOCK):
        here = slice(start, start + _BLOCK)
        found[here] = _solved(shares[here])
    return found


def movements_of(shares: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """What a unit more of each cell, the whole being 1, moves each correlation by: tables (P, K, L) that average 0 by share."""
    found = np.empty(shares.shape)
    for start in range(0, len(shares), _BLOCK):
        here = slice(start, start + _BLOCK)
        found[here] = _Tables(shares[here]).moved(rho[here])
    return found


@dataclass(frozen=True)
class _Tables:
    """Tables of shares (P, K, L) and the normal chances behind them."""

    shares: np.ndarray

    @cached_property
    def thresholds(self) -> tuple[np.ndarray, np.ndarray]:
        """Thresholds of rows (P, K-1, 1) and of columns (P, 1, L-1)."""
        rows, columns = thresholds_of(self.shares.sum(axis=2)), thresholds_of(self.shares.sum(axis=1))
        return rows[:, :, None], columns[:, None, :]

    @cached_property
    def edges(self) -> tuple[np.ndarray, np.ndarray]:
        """Chances of being below each threshold, (P, K-1) and (P, L-1)."""
        h, k = self.thresholds
        return special.ndtr(h[:, :, 0]), special.ndtr(k[:, 0, :])

    def take(self, rows: np.ndarray) -> _Tables:
        """Some of the tables."""
        found = _Tables(self.shares[rows])
        found.__dict__["thresholds"] = tuple(one[rows] for one in self.thresholds)
        found.__dict__["edges"] = tuple(one[rows] for one in self.edges)
        return found

    def chances(self, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Chances of the cells (P, K, L) and their slopes by ρ."""
        h, k = self.thresholds
        left, right = self.edges
        below = np.zeros((len(h), h.shape[1] + 2, k.shape[2] + 2))
        below[:, 1:-1, 1:-1] = normal_below(h, k, rho[:, None, None])
        below[:, 1:-1, -1], below[:, -1, 1:-1], below[:, -1, -1] = left, right, 1.0
        return np.maximum(_cells(below), 1e-18), _cells(_padded(self.density(rho)))

    def density(self, rho: np.ndarray) -> np.ndarray:
        """Bivariate density at each pair of thresholds (P, K-1, L-1)."""
        h, k = self.thresholds
        rho = rho[:, None, None]
        s2 = (1 - rho) * (1 + rho)
        return np.asarray(np.exp(-((h - rho * k) ** 2 / s2 + k**2) / 2) / (2 * np.pi * np.sqrt(s2)))

    def bent(self, rho: np.ndarray) -> np.ndarray:
        """Second derivatives of the chances by ρ (P, K, L)."""
        h, k = self.thresholds
        r = rho[:, None, None]
        s2 = (1 - r) * (1 + r)
        factor = r / s2 + (h * k * (1 + r**2) - r * (h**2 + k**2)) / s2**2
        return _cells(_padded(self.density(rho) * factor))

    def score(self, rho: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Score of each cell (P, K, L), slope of the mean score, and expected information (P,)."""
        chance, slope = self.chances(rho)
        ratio = np.where(self.shares > 0, slope / chance, 0.0)
        curve = (self.shares * (np.where(self.shares > 0, self.bent(rho) / chance, 0.0) - ratio**2)).sum(axis=(1, 2))
        information = np.where(chance > 1e-15, slope**2 / chance, 0.0).sum(axis=(1, 2))
        return ratio, curve, information

    def moved(self, rho: np.ndarray) -> np.ndarray:
        """What a unit of each cell moves ρ by."""
        ratio, curve, _ = self.score(rho)
        total = ratio + self._by_margin(rho, *self.edges, *self.thresholds)
        other = _Tables(self.shares.swapaxes(1, 2))
        h, k = other.thresholds
        total += other._by_margin(rho, *other.edges, h, k).swapaxes(1, 2)
        return np.asarray(-total / curve[:, None, None])

    def _by_margin(
        self, rho: np.ndarray, left: np.ndarray, right: np.ndarray, h: np.ndarray, k: np.ndarray
    ) -> np.ndarray:
        """What a unit of each row moves the mean score by, through the thresholds of the rows (P, K, 1)."""
        chance, slope = self.chances(rho)
        one = np.where(self.shares > 0, self.shares / chance, 0.0)
        two = one * slope / chance
        r = rho[:, None, None]
        s = np.sqrt((1 - r) * (1 + r))
        inner = (k - r * h) / s
        size = (len(h), h.shape[1], right.shape[1] + 2)
        below, dense = np.zeros(size), np.zeros(size)
        below[:, :, 1:-1], below[:, :, -1] = special.ndtr(inner), 1.0
        dense[:, :, 1:-1] = -np.exp(-(inner**2) / 2) / np.sqrt(2 * np.pi) * (h - r * k) / s**3
        by_edge = (np.diff(dense) * -np.diff(one, axis=1) + np.diff(below) * np.diff(two, axis=1)).sum(axis=2)
        beyond = np.cumsum(by_edge[:, ::-1], axis=1)[:, ::-1]
        found = np.concatenate([beyond, np.zeros((len(h), 1))], axis=1) - (by_edge * left).sum(axis=1, keepdims=True)
        return np.asarray(found[:, :, None])


def _padded(inside: np.ndarray) -> np.ndarray:
    """A margin of zeros around tables."""
    return np.pad(inside, ((0, 0), (1, 1), (1, 1)))


def _cells(corners: np.ndarray) -> np.ndarray:
    """Differences over the four corners of each cell."""
    return np.asarray(np.diff(np.diff(corners, axis=1), axis=2))


def _solved(shares: np.ndarray) -> np.ndarray:
    """Newton's steps on the score, held between bounds that close in on its root; Fisher's where the curve bends up."""
    tables = _Tables(shares)
    flat = np.minimum((shares.sum(axis=1) > 0).sum(axis=1), (shares.sum(axis=2) > 0).sum(axis=1)) < 2
    rho = np.clip(np.nan_to_num(_scored(shares)), -0.95, 0.95)
    low, high = np.full(len(rho), -1 + 1e-9), np.full(len(rho), 1 - 1e-9)
    active = np.flatnonzero(~flat)
    for _ in range(_STEPS):
        if not len(active):
            break
        now = tables.take(active)
        ratio, curve, information = now.score(rho[active])
        mean = (now.shares * ratio).sum(axis=(1, 2))
        at = rho[active]
        low[active], high[active] = np.where(mean > 0, at, low[active]), np.where(mean > 0, high[active], at)
        with np.errstate(all="ignore"):
            step = at + mean / np.where(curve < 0, -curve, information)
        inside = (step > low[active]) & (step < high[active])
        rho[active] = np.where(inside, step, (low[active] + high[active]) / 2)
        rho[active[information < _FLAT]] = np.sign(at[information < _FLAT])
        active = active[(np.abs(rho[active] - at) > _SETTLED) & (information >= _FLAT)]
    rho[flat] = np.nan
    return np.asarray(rho)


def _scored(shares: np.ndarray) -> np.ndarray:
    """Correlations of the numbers of the categories (P,): where to begin."""
    rows, columns = np.arange(shares.shape[1]), np.arange(shares.shape[2])
    first, second = shares.sum(axis=2), shares.sum(axis=1)
    x, y = rows - (first @ rows)[:, None], columns - (second @ columns)[:, None]
    with np.errstate(all="ignore"):
        spread = np.sqrt((first * x**2).sum(axis=1) * (second * y**2).sum(axis=1))
        return np.asarray(np.einsum("pkl,pk,pl->p", shares, x, y) / spread)
