"""Rubin's arithmetic on plain arrays: what m imputations of the same numbers say together.

With Ū the mean of the m variances and B the variance of the m values, the variance of their mean is T = Ū + (1 + 1/m) B (Rubin
1987).  Which estimates are combined, and how contrasts of them are made, is told in `symmetry.estimate.missing.combining`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["Pooled", "joint_test", "moving", "pool", "total_covariance"]


@dataclass(frozen=True)
class Pooled:
    """D values pooled over m imputations: within Ū, between B and total T variances, increase r = (1 + 1/m) B / Ū, df."""

    values: np.ndarray
    within: np.ndarray
    between: np.ndarray
    total: np.ndarray
    increase: np.ndarray
    df: np.ndarray

    @property
    def missing(self) -> np.ndarray:
        """Fraction of missing information (D,): (r + 2 / (df + 3)) / (r + 1), 0 where the imputations agree, NaN without df."""
        with np.errstate(invalid="ignore"):
            r = self.increase
            found = np.where(np.isinf(r), 1.0, (r + 2 / (self.df + 3)) / (r + 1))
        return np.where(self.between == 0, 0.0, np.where(self.df > 0, found, np.nan))


def pool(values: np.ndarray, variances: np.ndarray, complete: np.ndarray) -> Pooled:
    """Pool values (m, D) and their variances (m, D); `complete` (D,) holds the df the complete data would have.

    df are Barnard and Rubin's (1999), 1/df = 1/a + 1/b with a = (m - 1) (T / (1 + 1/m) B)² and b = (ν + 1) ν Ū / ((ν + 3) T),
    where ν is `complete`; ν itself where the imputations agree, and where it is 0 or less.
    """
    m, away = len(values), values - values[0]
    within, between = variances.mean(axis=0), away.var(axis=0, ddof=1)
    added = (1 + 1 / m) * between
    total = within + added
    with np.errstate(divide="ignore", invalid="ignore"):
        many = (m - 1) * (total / added) ** 2
        few = np.where(np.isinf(complete), np.inf, (complete + 1) / (complete + 3) * complete * within / total)
        df = np.where((between == 0) | (complete <= 0), complete, 1 / (1 / many + 1 / few))
        increase = np.where(between == 0, 0.0, added / within)
    return Pooled(values[0] + away.mean(axis=0), within, between, total, increase, df)


def moving(values: np.ndarray) -> np.ndarray:
    """Covariance of D values (m, D) over the imputations, the matrix B (D, D)."""
    away = values - values[0]
    away = away - away.mean(axis=0)
    return np.asarray(away.T @ away / (len(values) - 1))


def total_covariance(values: Sequence[np.ndarray], covariances: Sequence[np.ndarray]) -> np.ndarray:
    """T = Ū + (1 + 1/m) B of D values, as matrices (D, D)."""
    return np.asarray(sum(covariances) / len(covariances) + (1 + 1 / len(values)) * moving(np.array(values)))


def joint_test(values: np.ndarray, within: np.ndarray, complete: float, df: np.ndarray) -> tuple[float, float]:
    """Average relative increase of variance r and second df of F = θ' Ū⁻¹ θ / (k (1 + r)) for k values (m, k).

    r = (1 + 1/m) tr(B Ū⁻¹) / k (Li, Raghunathan, Rubin 1991).  df are Reiter's (2007) for k values of a sample of few psus, and
    where these do not exist, k (m - 1) or the complete data's df being too few, the fewest of the values' own `df`; of one value,
    its own.
    """
    m, k = values.shape
    r = (1 + 1 / m) * float(np.trace(np.linalg.solve(within, moving(values)))) / k
    t, few = k * (m - 1), float(np.min(df))
    if r == 0 or k == 1 or t <= 4 or few <= 0:
        return r, few
    a = r * t / (t - 2)
    if np.isinf(complete):
        return r, 4 + (t - 4) * (1 + 1 / a) ** 2
    large = (complete + 1) / (complete + 3) * complete
    two, four, one = large - 2 * (1 + a), large - 4 * (1 + a), 1 + a
    if four <= 0:
        return r, few
    terms = two / (one**2 * four) + 8 * two / (one * four**2) + 4 / (one * four)
    terms += 4 / (four * two) + 16 * two / four**3 + 8 / four**2
    return r, 4 + 1 / (1 / four + a**2 * terms / (t - 4))
