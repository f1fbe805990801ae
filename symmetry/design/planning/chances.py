"""Chances that a claim will be made: power of tests whose standard error is itself estimated.

What will be found is normal around the truth with standard error se; its estimated error is s·se, with s² a chi-squared over
its df, apart from what is found.  A claim's chance is that of the normal given s, averaged over s: noncentral t where it is
a test against 0, Owen's Q where it is equivalence, and whatever else is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
from scipy import special

__all__ = ["critical_value", "different", "equivalent"]

_TAIL = 1e-17
_NODES = 200


def different(
    truth: float, se: float, df: float, *, level: float, sides: int, smallest: float = 0.0, null_se: float | None = None
) -> float:
    """Chance that a test at 1 - level finds a difference, and one of at least `smallest`.

    Parameters
    ----------
    truth : the difference there is.  se : standard error of what will be found.  df : its degrees of freedom, infinite for a
        normal test.
    sides : 2, or 1 for a test that looks on the side where the truth lies.
    null_se : the standard error that the test takes, if it is not se.

    Examples
    --------
    >>> round(different(0.5, 0.2, 38, level=0.95, sides=2), 4)
    0.6831
    """
    size = abs(truth)
    if se == 0:
        return float(size > 0 and size >= smallest)
    step = critical_value(df, 1 - (1 - level) / sides) * (se if null_se is None else null_se)

    def given(s: np.ndarray) -> np.ndarray:
        bar = np.maximum(step * s, smallest)
        found = special.ndtr((size - bar) / se)
        return np.asarray(found + special.ndtr((-size - bar) / se) if sides == 2 else found)

    return _averaged(given, df, smallest / step if step > 0 else 0.0)


def equivalent(truth: float, se: float, df: float, *, level: float, within: float) -> float:
    """Chance that two one-sided tests, each at 1 - level, both find the difference to lie inside ± within.

    Examples
    --------
    >>> round(equivalent(0.0, 0.1, 38, level=0.95, within=0.3), 4)
    0.8068
    """
    if se == 0:
        return float(abs(truth) < within)
    step = critical_value(df, level) * se

    def given(s: np.ndarray) -> np.ndarray:
        bar = np.maximum(within - step * s, 0.0)
        return np.asarray(special.ndtr((bar - truth) / se) - special.ndtr((-bar - truth) / se))

    return _averaged(given, df, within / step if step > 0 else 0.0)


def critical_value(df: float, share: float) -> float:
    """Quantile of t, of the normal where df is infinite."""
    return float(special.stdtrit(df, share) if np.isfinite(df) else special.ndtri(share))


def _averaged(given: Callable[[np.ndarray], np.ndarray], df: float, bend: float) -> float:
    """Mean of a function of s, s² a chi-squared over df, by Gauss and Legendre on log s in pieces."""
    if not np.isfinite(df):
        return float(given(np.array([1.0]))[0])
    ends = [special.gammaincinv(df / 2, _TAIL), special.gammainccinv(df / 2, _TAIL)]
    low, high = 0.5 * np.log(2 * np.maximum(ends, 1e-300) / df)
    cuts = sorted(np.clip([low, -4.0, np.log(bend) if bend > 0 else low, high], low, high))
    nodes, weights = _legendre()
    total = mass = 0.0
    for start, stop in pairwise(cuts):
        half = (stop - start) / 2
        x = start + half * (nodes + 1)
        density = half * weights * np.exp(df * (x + 0.5 - 0.5 * np.exp(2 * x)))
        total += float(density @ given(np.exp(x)))
        mass += float(density.sum())
    return total / mass


@cache
def _legendre() -> tuple[np.ndarray, np.ndarray]:
    """Nodes on (-1, 1) and their weights."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    return nodes, weights
