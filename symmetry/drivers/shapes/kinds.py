"""Which kind a driver is, from its penalty and reward: Kano's words, each given only to what is shown.

With penalty p (of low ratings, usually negative) and reward r (of high ones), both are coefficients of one model, so every claim
is a test of a linear combination of them with a covariance that is known:

    larger penalty or reward    r + p ≠ 0
    alike, and not both 0       |r + p| < δ (r - p)      two one-sided tests, of r + p - δ (r - p) and r + p + δ (r - p)
    both small                  |r| < m and |p| < m      four one-sided tests

The asymmetry (r + p) / (r - p) takes Fieller's interval, which stays honest where its denominator may be 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from symmetry.estimate import adjust as adjusted

__all__ = ["Sides", "asymmetry", "kinds"]


@dataclass(frozen=True, eq=False)
class Sides:
    """Penalty p and reward r of P drivers (P,), their variances and covariance, and degrees of freedom; NaN for none."""

    p: np.ndarray
    r: np.ndarray
    of_p: np.ndarray
    of_r: np.ndarray
    both: np.ndarray
    df: np.ndarray

    def combined(self, a: np.ndarray | float, b: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
        """Values and standard errors of a r + b p."""
        variance = a * a * self.of_r + 2 * a * b * self.both + b * b * self.of_p
        return a * self.r + b * self.p, np.sqrt(np.maximum(variance, 0.0))

    def above(self, a: float, b: float, least: float = 0.0) -> np.ndarray:
        """One-sided p-values of a r + b p ≤ least (P,): small where it is shown to be more."""
        from scipy import stats

        value, se = self.combined(a, b)
        with np.errstate(divide="ignore", invalid="ignore"):
            tail = stats.t.sf((value - least) / se, np.where(self.df > 0, self.df, np.nan))
        exact = np.where(value > least, 0.0, 1.0)
        return np.where(np.isnan(value) | ~(self.df > 0), np.nan, np.where(se > 0, tail, exact))

    def apart(self, a: float, b: float) -> np.ndarray:
        """Two-sided p-values of a r + b p = 0 (P,)."""
        return np.asarray(np.minimum(2 * np.minimum(self.above(a, b), self.above(-a, -b)), 1.0))


def asymmetry(sides: Sides, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(r + p) / (r - p) between -1 (all penalty) and 1 (all reward), and its interval.

    Returns
    -------
    Values, lower and upper bounds (P,), and whether the interval is all there can be since r - p may be 0.  Where r - p is not
    above 0 there is no value.

    References
    ----------
    .. [1] Fieller (1954). Some problems in interval estimation. JRSS B 16, 175-185.

    Examples
    --------
    >>> two = Sides(*np.array([[-0.6, 0.0], [0.2, 0.0], [0.01, 0.01], [0.01, 0.01], [0.0, 0.0], [50, 50]]))
    >>> np.round(asymmetry(two, 0.95)[:3], 2)
    array([[-0.5 ,   nan],
           [-1.  , -1.  ],
           [-0.14,  1.  ]])
    """
    from scipy import stats

    top, se_top = sides.combined(1.0, 1.0)
    bottom, se_bottom = sides.combined(1.0, -1.0)
    t2 = stats.t.ppf((1 + level) / 2, np.where(sides.df > 0, sides.df, np.nan)) ** 2
    a, b, c = bottom**2 - t2 * se_bottom**2, top * bottom - t2 * (sides.of_r - sides.of_p), top**2 - t2 * se_top**2
    known = (a > 0) & (bottom > 0)
    value = np.clip(np.divide(top, bottom, out=np.full(len(top), np.nan), where=bottom > 0), -1.0, 1.0)
    root = np.sqrt(np.maximum(b**2 - a * c, 0.0))
    safe = np.where(known, a, 1.0)
    open_ = np.where(np.isnan(top) | np.isnan(t2), np.nan, 1.0)
    lower = np.where(known, np.clip((b - root) / safe, -1.0, 1.0), -open_)
    upper = np.where(known, np.clip((b + root) / safe, -1.0, 1.0), open_)
    return value, lower, upper, np.asarray(~known & ~np.isnan(open_))


def kinds(
    sides: Sides, *, equal: float, small: float, few: np.ndarray, alpha: float, adjust: str
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Kinds of P drivers, p-values of "penalty and reward are alike", these adjusted, and what is to be said (P,).

    Parameters
    ----------
    equal : the largest |asymmetry| of a driver that is called symmetric.
    small : the largest penalty or reward of a driver that is called indifferent, in the outcome's units.
    few : drivers too rarely rated low or high for any word.
    alpha : of each test after it is adjusted inside its family, the P drivers.
    adjust : see `symmetry.estimate.adjust`, or "none".
    """
    apart = sides.apart(1.0, 1.0)
    alike = np.maximum(sides.above(-1 + equal, -1 - equal), sides.above(1 + equal, 1 - equal))
    weak = np.maximum.reduce([sides.above(a, b, -small) for a, b in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0))])
    contrary = sides.above(-1.0, 1.0)
    told_apart = apart if adjust == "none" else adjusted(apart, method=adjust)
    is_apart = np.nan_to_num(told_apart, nan=1.0) < alpha
    is_alike, is_weak, is_contrary = (_shown(p, alpha, adjust) for p in (alike, weak, contrary))
    total, span = sides.r + sides.p, sides.r - sides.p
    named = np.select(
        [
            few | np.isnan(apart),
            is_weak,
            is_alike,
            is_apart & (span > 0) & (total < 0),
            is_apart & (span > 0) & (total > 0),
        ],
        ["undetermined", "indifferent", "performance", "basic", "excitement"],
        "undetermined",
    ).astype(object)
    silent = (named == "undetermined") & ~few & (np.minimum(sides.apart(0.0, 1.0), sides.apart(1.0, 0.0)) >= alpha)
    told = np.select(
        [is_contrary & ~few, silent],
        ["rated high, the outcome is lower than rated low", "neither its penalty nor its reward can be told from 0"],
        "",
    ).astype(object)
    return named, apart, told_apart, told


def _shown(p: np.ndarray, alpha: float, adjust: str) -> np.ndarray:
    """Which of a family's claims hold after their p-values are adjusted, which never makes one smaller."""
    possible = np.nan_to_num(p, nan=1.0) < alpha
    if adjust == "none" or not possible.any():
        return np.asarray(possible)
    return np.asarray(possible & (np.nan_to_num(adjusted(p, method=adjust), nan=1.0) < alpha))
