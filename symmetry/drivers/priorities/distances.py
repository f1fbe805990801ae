"""How far two sets of priorities are apart: total variation and rank correlation of shares, and what chance makes of them.

Total variation ½ Σ|a_j - b_j| is the share of explained variance that would have to move from one driver to another.  It is never
below 0 and so too large on average; beside it stands its mean where priorities are equal, and the probability that equal
priorities look as far apart.  Draws from the joint distribution of the shares (t with their degrees of freedom) make both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.estimate import Estimate

__all__ = ["Joint", "joint_of", "kendall", "spearman", "total_variation"]

_DRAWS = 9_999
_TIES = 1e-12


@dataclass(frozen=True, eq=False)
class Joint:
    """What the joint distribution of the shares says of P differences and three distances.

    p (P,) max-T probabilities of the differences.  distances (3,) : total variation, Spearman, Kendall; se, lower, upper (3,).
    The interval of total variation is it, give or take what equal shares
    stay below: |TV(g) - TV(γ)| ≤ TV(g - γ).  p_total, null : probability and mean of total variation where the shares are equal.
    """

    p: np.ndarray
    distances: np.ndarray
    se: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    p_total: float
    null: float


def total_variation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Half the sum of absolute differences of shares (..., P).

    Examples
    --------
    >>> total_variation(np.array([0.5, 0.5]), np.array([0.8, 0.2])).round(6)
    np.float64(0.3)
    """
    return np.asarray(np.abs(a - b).sum(axis=-1) / 2)[()]


def spearman(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Correlation of the ranks of shares (..., P), ties at the middle of their ranks; NaN where all of a side are equal."""
    x, y = (_ranks(side) for side in (a, b))
    x, y = x - x.mean(axis=-1, keepdims=True), y - y.mean(axis=-1, keepdims=True)
    return _ratio((x * y).sum(axis=-1), np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1)))


def kendall(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Kendall's tau b of shares (..., P): pairs of drivers in the same order less those in the other; NaN as `spearman`."""
    x, y = (_signs(side) for side in (a, b))
    return _ratio((x * y).sum(axis=-1), np.sqrt((x**2).sum(axis=-1) * (y**2).sum(axis=-1)))


def joint_of(shares: Estimate, gaps: Estimate, rng: np.random.Generator, level: float) -> Joint:
    """Draw the shares of both audiences from their joint distribution, and their differences from that of equal shares."""
    p = len(gaps)
    a, b = shares.values[:p], shares.values[p:]
    chi = _chi(float(np.min(gaps.df)), rng)
    none = _drawn(gaps.covariance(), rng) * chi
    se = np.where(gaps.se > 0, gaps.se, np.inf)
    largest, seen = np.abs(none / se).max(axis=1), np.abs(gaps.values) / se
    hits = (largest[:, None] >= seen - _TIES).sum(axis=0)
    exact = (gaps.se == 0) & (np.abs(gaps.values) > _TIES)
    at_random = np.abs(none).sum(axis=1) / 2
    found = np.array([total_variation(a, b), spearman(a, b), kendall(a, b)])
    drawn = shares.values + _drawn(shares.covariance(), rng) * chi
    again = np.stack([one(drawn[:, :p], drawn[:, p:]) for one in (total_variation, spearman, kendall)])
    tail = (1 - level) / 2
    low, high = np.quantile(again, [tail, 1 - tail], axis=1)
    reach = np.quantile(at_random, level)
    low[0], high[0] = max(0.0, found[0] - reach), min(1.0, found[0] + reach)
    return Joint(
        p=np.where(exact, 1.0 / (_DRAWS + 1), (1 + hits) / (_DRAWS + 1)),
        distances=found,
        se=again.std(axis=1),
        lower=low,
        upper=high,
        p_total=float((1 + (at_random >= found[0] - _TIES).sum()) / (_DRAWS + 1)),
        null=float(at_random.mean()),
    )


def _chi(df: float, rng: np.random.Generator) -> np.ndarray:
    """What makes normal draws t with df (draws, 1)."""
    if not (df > 0 and np.isfinite(df)):
        return np.ones((_DRAWS, 1))
    return np.asarray(np.sqrt(df / rng.chisquare(df, size=(_DRAWS, 1))))


def _drawn(covariance: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Normal draws (draws, m) around 0, of any covariance (m, m), singular too."""
    values, vectors = np.linalg.eigh((covariance + covariance.T) / 2)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(rng.standard_normal((_DRAWS, len(values))) @ root.T)


def _signs(x: np.ndarray) -> np.ndarray:
    """Order of each pair of drivers (..., pairs): -1, 0 or 1."""
    first, second = np.triu_indices(x.shape[-1], 1)
    apart = x[..., first] - x[..., second]
    return np.where(np.abs(apart) < _TIES, 0.0, np.sign(apart))


def _ranks(x: np.ndarray) -> np.ndarray:
    """Ranks (..., P), ties at the middle."""
    apart = x[..., :, None] - x[..., None, :]
    return np.asarray(np.where(np.abs(apart) < _TIES, 0.0, np.sign(apart)).sum(axis=-1) / 2)


def _ratio(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    """Their ratio, NaN where there is nothing to divide by."""
    top, bottom = np.asarray(top), np.asarray(bottom)
    return np.asarray(np.divide(top, bottom, out=np.full(top.shape, np.nan), where=bottom > 0))[()]
