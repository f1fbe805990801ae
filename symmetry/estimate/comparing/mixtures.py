"""The exact upper tail of a weighted sum of chi-squares, or of its ratio to a chi-square, with fractional degrees of freedom.

Quadratic forms of a survey's tables and models follow Q = Σ λ χ²₁ where the data were a simple random sample they would follow
χ² (Rao, Scott 1981); with variances estimated on ν degrees of freedom, Q is set against χ²_ν / ν.  Either way the tail is

    P = 1/(2πi) ∫ exp(K(s)) / s ds,   K(s) = -½ Σ log(1 - 2 λ s) - ½ ν log(1 + 2 x s / ν)    (-x s where ν is infinite)

(Imhof 1961 along the imaginary axis).  Here the line of integration goes through the saddlepoint of the integrand, where nothing
cancels, and is stepped by sinh u, which makes the trapezoid rule converge exponentially: small tails keep their digits too.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import special

from symmetry.errors import ConvergenceError, DesignError
from symmetry.estimate.tails import SMALLEST, f_tail

__all__ = ["mixture_tail"]

_PRECISION = 1e-10
_MOST_POINTS = 1 << 23
_COARSE = np.arange(150.0)


def mixture_tail(
    statistic: float, weights: Sequence[float] | np.ndarray, *, df: float | np.ndarray = 1.0, df2: float = np.inf
) -> float:
    """Chance that Σ λ χ²(df) / (χ²(df2) / df2) exceeds a statistic.

    Parameters
    ----------
    statistic : x, a finite number.
    weights : λ of each term, usually above 0; zeros drop out.
    df : degrees of freedom of each term, not necessarily whole.
    df2 : degrees of freedom of the denominator, not necessarily whole; infinite for none.

    Returns
    -------
    Upper tail in (0, 1], to ten digits of its own; the smallest positive float where it underflows; NaN without degrees of
    freedom or where anything is missing.

    Raises
    ------
    DesignError : no weight is above 0.
    ConvergenceError : the integral does not settle.

    Notes
    -----
    R twin: ``survey:::pFsum(x, df, a, ddf, method = "integration")``, which cuts fractional degrees of freedom to whole ones.

    References
    ----------
    .. [1] Imhof (1961). Computing the distribution of quadratic forms in normal variables. Biometrika 48, 419-426.
    .. [2] Rice (1980). Distribution of quadratic forms in normal random variables: evaluation by numerical integration. SIAM
       Journal on Scientific and Statistical Computing 1, 438-448.

    Examples
    --------
    >>> round(mixture_tail(9.0, [2.0, 1.0, 0.5]), 6), round(mixture_tail(9.0, [2.0, 1.0, 0.5], df2=20.92), 6)
    (0.064794, 0.089554)
    """
    terms = np.asarray(weights, float)
    freedom = np.broadcast_to(np.asarray(df, float), terms.shape)
    if not (np.isfinite(terms).all() and np.isfinite(statistic) and df2 > 0):
        return float("nan")
    kept = (terms != 0) & (freedom > 0)
    terms, freedom = terms[kept], freedom[kept]
    if not (terms > 0).any():
        raise DesignError("no weight of the sum is above 0", mend="a sum without positive terms has no upper tail")
    if statistic <= 0 and (terms > 0).all():
        return 1.0
    x, most, whole = float(statistic), float(terms.max()), float(freedom[terms > 0].sum())
    if f_tail(x / (most * whole), whole, df2) <= SMALLEST:  # were all positive terms the largest: an upper bound
        return SMALLEST
    if np.isfinite(df2):
        terms, freedom, x = np.append(terms, -x / df2), np.append(freedom, df2), 0.0
    if terms @ freedom >= x:  # below the mean: the complement keeps its digits, and its integral settles sooner
        return max(1.0 - _inverted(-terms, freedom, -x), SMALLEST)
    return min(_inverted(terms, freedom, x), 1.0)


def _inverted(terms: np.ndarray, df: np.ndarray, x: float) -> float:
    """Tail above x of Σ λ χ²(df): the integral through the saddlepoint."""
    scale = np.abs(terms).max()
    terms, x = terms / scale, x / scale
    saddle, bend = _saddle(terms, df, x), _bend(terms, df, x)
    top = -0.5 * df @ np.log1p(-2 * terms * saddle) - saddle * x
    width = 1 / np.sqrt(2 * df @ (terms / (1 - 2 * terms * saddle)) ** 2 + 1 / saddle**2)

    def height(u: np.ndarray) -> np.ndarray:
        s = saddle + width * (1j * np.sinh(u) + bend * (np.cosh(u) - 1))
        k = -0.5 * special.log1p(-2 * np.multiply.outer(s, terms)) @ df - s * x
        return np.asarray(np.exp(k - top) / s * width * (1j * np.cosh(u) + bend * np.sinh(u)))

    coarse = np.abs(height(_COARSE))
    far, step = float(_COARSE[np.flatnonzero(coarse > 1e-17 * coarse.max())[-1]]) + 1.0, 0.5
    total = float(height(np.arange(1, int(far / step) + 1) * step).imag.sum() + height(np.zeros(1)).imag[0] / 2)
    before = total * step
    while far / step < _MOST_POINTS / len(terms):
        total += float(height((np.arange(int(far / step) + 1) + 0.5) * step).imag.sum())
        step /= 2
        now = total * step
        if abs(now - before) <= _PRECISION * abs(now):
            return max(float(np.exp(top + np.log(now / np.pi))), SMALLEST)
        before = now
    raise ConvergenceError(
        f"the tail of a sum of {len(terms)} chi-squares has not settled",
        mend='ask for statistic="F", its approximation',
    )


def _saddle(terms: np.ndarray, df: np.ndarray, x: float) -> float:
    """Where K(s) - log s is least between 0 and the first singularity, if any: its slope grows from -∞ to ∞ there."""

    def rising(s: float) -> bool:
        return bool(df @ (terms / (1 - 2 * terms * s)) - x - 1 / s > 0)

    low, high = 0.0, 1.0
    if (terms > 0).any():
        high = 0.5 / float(terms.max())
    else:
        while not rising(high):
            low, high = high, 2 * high
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high or high - low < 1e-10 * middle:
            break
        low, high = (low, middle) if rising(middle) else (middle, high)
    return (low + high) / 2


def _bend(terms: np.ndarray, df: np.ndarray, x: float) -> int:
    """Which way the line may be bent (1 right, -1 left, 0 neither) so that the integrand falls off and does not first grow.

    Singularities attract it, those of more degrees of freedom more (the pole at 0 counts as 2); a term exp(-x s) outdoes all.
    """
    right, left = df[terms > 0].sum(), df[terms < 0].sum() + 2
    if x:
        return 1 if x > 0 else -1
    return 1 if left >= right else -1
