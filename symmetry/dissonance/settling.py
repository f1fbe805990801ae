"""How many more answers would settle a gap: the sample with which its verdict has power .8, were it what it seems.

Sizing of a planned sample is `design.sample_size`; here thousands of gaps at once start from the errors they have.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import special

__all__ = ["growth"]

_MOST = 1000.0
_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(5)
_STEPS = 11
_TIMES = np.array([1.0, 2.0, 6.0, _MOST])


def growth(
    size: np.ndarray,
    smallest: np.ndarray,
    se: np.ndarray,
    df: np.ndarray,
    *,
    zero: np.ndarray,
    beyond: np.ndarray,
    power: float = 0.8,
) -> np.ndarray:
    """Say by how much samples must grow for gaps to be settled.

    Parameters
    ----------
    size : (n,) absolute gaps, taken as the truth.  smallest : (n,) smallest gaps of interest.  se, df : (n,) of the sample.
    zero : (n,) what p of a zero gap must fall below.  beyond : (n,) the same for the p of two one-sided tests.
    power : wanted chance of the verdict.

    Returns
    -------
    (n,) times the answers and psus at hand, at least 1: with them a gap of at least `smallest` is found not to be zero *and*
    comes out at least that large, and a smaller one is found equivalent, with the wanted chance.  NaN where even a thousand times
    would not do: so close to the smallest gap of interest itself that no verdict is likely, whatever the sample.

    Notes
    -----
    With c times the sample the variance is se² / c and there are c·df degrees of freedom.  The chance is that of
    `design.power(smallest=…)` and `design.power(equivalence=…)`: normal gaps, averaged over the error's own distribution, here by
    Wilson and Hilferty's cube root and five nodes.

    Examples
    --------
    A gap of half a point ± 0.25, of which 0.3 matter, and one of 0 ± 0.2:

    >>> bar = np.array([0.05, 0.05])
    >>> m, df = np.array([0.3, 0.3]), np.array([50.0, 50.0])
    >>> growth(np.array([0.5, 0.0]), m, np.array([0.25, 0.2]), df, zero=bar, beyond=bar).round(2)
    array([2.  , 3.84])
    """
    facts = np.broadcast_arrays(*(np.asarray(one, float) for one in (size, smallest, se, df, zero, beyond)))
    out = np.full(facts[0].shape, np.nan)
    fit = np.isfinite(facts[0]) & (facts[2] > 0) & (facts[3] > 0)
    large = fit & (facts[0] >= facts[1])
    for rows, chance, share in ((large, _different, facts[4] / 2), (fit & ~large, _equivalent, facts[5])):
        if rows.any():
            out[rows] = _least(chance, *(one[rows] for one in (*facts[:4], share)), power=power)
    return out


Chance = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def _least(
    chance: Chance, size: np.ndarray, m: np.ndarray, se: np.ndarray, df: np.ndarray, share: np.ndarray, *, power: float
) -> np.ndarray:
    """Halve the way between samples too small and large enough."""
    low, high = np.zeros(len(size)), np.full(len(size), np.log(_MOST))
    steps = np.log([-special.stdtrit(df * times, share) for times in _TIMES])

    def enough(log: np.ndarray) -> np.ndarray:
        times = np.exp(log)
        step = np.exp(np.einsum("kn,kn->n", _between(times), steps))
        return _averaged(chance, size, m, se / np.sqrt(times), step, df * times) >= power

    reached, already = enough(high), enough(low)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        done = enough(middle)
        low, high = np.where(done, low, middle), np.where(done, middle, high)
    return np.where(already, 1.0, np.where(reached, np.exp(high), np.nan))


def _between(times: np.ndarray) -> np.ndarray:
    """Weights (4, n) that give the log of a quantile of t at many times the df from those at four: a cubic in 1 / df."""
    x, nodes = 1 / times, 1 / _TIMES
    others = [[other for other in nodes if other != node] for node in nodes]
    return np.array(
        [np.prod([(x - o) / (node - o) for o in rest], axis=0) for node, rest in zip(nodes, others, strict=True)]
    )


def _averaged(
    chance: Chance, size: np.ndarray, m: np.ndarray, se: np.ndarray, step: np.ndarray, df: np.ndarray
) -> np.ndarray:
    """Mean of a chance over how far the estimated error may be from the true one."""
    spread = 2 / (9 * df)
    total = np.zeros(len(size))
    for node, weight in zip(_NODES, _WEIGHTS / _WEIGHTS.sum(), strict=True):
        estimated = np.maximum(1 - spread + node * np.sqrt(spread), 0.0) ** 1.5
        total += weight * chance(size, m, se, step * estimated)
    return total


def _different(size: np.ndarray, m: np.ndarray, se: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Chance to be found and to be at least m, given t times the estimated error over the true one."""
    bar = np.maximum(step, m / se)
    return np.asarray(special.ndtr(size / se - bar) + special.ndtr(-size / se - bar))


def _equivalent(size: np.ndarray, m: np.ndarray, se: np.ndarray, step: np.ndarray) -> np.ndarray:
    """Chance that both one-sided tests find the gap to lie inside ± m."""
    bar = np.maximum(m / se - step, 0.0)
    return np.asarray(special.ndtr(bar - size / se) - special.ndtr(-bar - size / se))
