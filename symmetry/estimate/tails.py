"""Upper tails: the chance of a statistic as large as the one found, if nothing were there.

All come from survival functions, never from 1 minus a cumulative share, so that a small p-value keeps its digits.  Where the
tail itself is below what floating point can hold, p is the smallest positive float: a bound, and no more is claimed.  Without
degrees of freedom there is no tail but NaN, which whoever asks must explain in a note.  Weighted sums of chi-squares have theirs
in `mixtures.py`.
"""

from __future__ import annotations

from typing import overload

import numpy as np
from scipy import special

__all__ = ["SMALLEST", "chi2_tail", "f_tail", "held", "t_tail"]

SMALLEST = float(np.finfo(float).smallest_subnormal)
_Number = float | np.ndarray


@overload
def f_tail(statistic: float, df: float, df2: float) -> float: ...
@overload
def f_tail(statistic: _Number, df: _Number, df2: _Number) -> _Number: ...
def f_tail(statistic: _Number, df: _Number, df2: _Number) -> _Number:
    """Chance that F exceeds a statistic; numbers give a float, arrays an array of their broadcast shape.

    Parameters
    ----------
    statistic : value of F; below 0 counts as 0.
    df, df2 : degrees of freedom above and below, not necessarily whole; an infinite df2 makes it chi-squared over df.

    Returns
    -------
    Upper tail in (0, 1]; NaN where a degree of freedom is not positive or anything is missing.

    Examples
    --------
    >>> round(f_tail(4.0, 2, 20), 6), round(f_tail(4.0, 2, np.inf), 6), f_tail(1e9, 40, 400) > 0
    (0.034572, 0.018316, True)
    """
    x, a, b = np.broadcast_arrays(np.maximum(statistic, 0.0), np.asarray(df, float), np.asarray(df2, float))
    bounded = np.isfinite(b)
    under = np.where(bounded & (b > 0), b, 1.0)
    with np.errstate(over="ignore", invalid="ignore"):
        z, rest = a * x / (under + a * x), under / (under + a * x)
    # the smaller of the two arguments keeps the digits (scipy's fdtrc loses them where df2 is large)
    beta = np.where(rest > 0.5, special.betaincc(a / 2, under / 2, z), special.betainc(under / 2, a / 2, rest))
    tail = np.where(bounded, beta, special.chdtrc(a, a * x))
    return held(np.where((a > 0) & (b > 0), tail, np.nan))


@overload
def t_tail(t: float, df: float) -> float: ...
@overload
def t_tail(t: _Number, df: _Number) -> _Number: ...
def t_tail(t: _Number, df: _Number) -> _Number:
    """Chance that Student's t is as far from 0 as t, on either side; numbers give a float, arrays an array.

    Parameters
    ----------
    t : a value over its error.
    df : degrees of freedom, not necessarily whole; infinite makes it normal.

    Returns
    -------
    Two-sided tail in (0, 1]; NaN where df is not positive or anything is missing.

    Examples
    --------
    >>> round(t_tail(-2.0, 10), 6), round(t_tail(2.0, np.inf), 6), t_tail(2.0, 0)
    (0.073388, 0.0455, nan)
    """
    far, nu = np.broadcast_arrays(-np.abs(np.asarray(t, float)), np.asarray(df, float))
    bounded = np.isfinite(nu)
    tail = np.where(bounded, special.stdtr(np.where(bounded, nu, 1.0), far), special.ndtr(far))
    return held(np.where(nu > 0, 2 * tail, np.nan))


@overload
def chi2_tail(statistic: float, df: float) -> float: ...
@overload
def chi2_tail(statistic: _Number, df: _Number) -> _Number: ...
def chi2_tail(statistic: _Number, df: _Number) -> _Number:
    """Chance that chi-squared exceeds a statistic; numbers give a float, arrays an array.

    Parameters
    ----------
    statistic : value of chi-squared; below 0 counts as 0.
    df : degrees of freedom, not necessarily whole.

    Returns
    -------
    Upper tail in (0, 1]; NaN where df is not positive or anything is missing.

    Examples
    --------
    >>> round(chi2_tail(3.841459, 1), 6)
    0.05
    >>> chi2_tail(np.array([1.0, 1e6]), 2.5) > 0
    array([ True,  True])
    """
    x, nu = np.broadcast_arrays(np.maximum(statistic, 0.0), np.asarray(df, float))
    return held(np.where(nu > 0, special.chdtrc(nu, x), np.nan))


def held(tail: np.ndarray) -> _Number:
    """A tail kept in (0, 1]: where it underflows, the smallest positive float; a single number as a float."""
    kept = np.clip(tail, SMALLEST, 1.0)
    return kept if kept.ndim else float(kept)
