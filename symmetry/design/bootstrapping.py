"""Bootstrap factors: psus drawn again from those in the sample, from a seed.

A block of replicates is drawn from a seed of its own, so that what is not kept (a byte a psu and replicate, up to 16 MB) is drawn
again, the same, whenever it is needed.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from symmetry.design.factors import Factors
from symmetry.errors import DesignError

__all__ = ["bootstrap", "canty_davison"]

_KEPT = 2**24  # draws of at most so many psus × replicates are kept, at a byte each; more are drawn anew for each use
_CHUNK = 2**21  # psus × replicates drawn in one go


def bootstrap(
    stratum: np.ndarray,
    population: np.ndarray,
    replicates: int,
    rng: np.random.Generator,
    *,
    draws: np.ndarray | int | None = None,
) -> Factors:
    """Rescaled bootstrap: m psus of the n of a stratum drawn with replacement, rescaled to the variance of the textbook.

    Parameters
    ----------
    stratum, population : as for `jackknife`; strata of one psu stay as they are.
    replicates : R, at least 2.
    rng : the source of chance; it is asked for seeds only, so that a block of replicates can be drawn again.
    draws : m of every stratum, or (H,) one for each; none for n - 1, whose factors are m_i n/(n - 1), never negative [1]_.

    Returns
    -------
    Factors 1 + λ (m_i n/m - 1) with λ² = m (1 - n/N) / (n - 1), m_i how often the psu was drawn [2]_; scale 1/(R - 1).  A
    mean factor is 1, and the variance of a total is the textbook's, in expectation.

    Notes
    -----
    R twin: ``as.svrepdesign(design, type = "subbootstrap")``, which however leaves the fpc out.

    References
    ----------
    .. [1] Rao, Wu (1988). Resampling inference with complex survey data. JASA 83, 231-241.
    .. [2] Rao, Wu, Yue (1992). Some recent work on resampling methods for complex surveys. Survey Methodology 18, 209-217.
    """
    count = np.bincount(stratum, minlength=len(population))
    wanted = np.broadcast_to(count - 1 if draws is None else draws, count.shape)
    if (wanted[count > 1] < 1).any():
        raise DesignError(
            "a bootstrap draws at least one psu of a stratum", mend="give draws of 1 or more, or None for n - 1"
        )
    m = np.where(count > 1, wanted, 0)
    shrink = np.sqrt(m * (1 - count / population) / np.maximum(count - 1, 1))
    slope = (shrink * count / np.maximum(m, 1))[stratum][:, None]
    level = (1 - shrink)[stratum][:, None]
    drawn = _repeated(len(stratum), replicates, rng, lambda r, own: _with_replacement(stratum, count, m, r, own))
    return Factors(
        lambda which: level + slope * drawn[0](which), replicates, 1 / (replicates - 1), np.ones(replicates), drawn[1]
    )


def canty_davison(stratum: np.ndarray, population: np.ndarray, replicates: int, rng: np.random.Generator) -> Factors:
    """Bootstrap of n psus of the n of a stratum, with one scale for all strata [1]_.

    Parameters
    ----------
    stratum, population, replicates, rng : as for `bootstrap`.

    Returns
    -------
    Factors m_i, how often the psu was drawn: with replacement or, with fpc, without it from N psus, copies of the n;
    scale k / ((k - 1)(R - 1)) where k is the harmonic mean of n over strata.

    Notes
    -----
    Its variance is the textbook's where strata have equal n, and off by (k/(k - 1)) (n - 1)/n where they have not: prefer
    `bootstrap`.  Where N is no multiple of n, which psus have one copy more is drawn anew for each replicate (R draws it once for
    all, so that its factors do not have mean 1).
    R twin: ``as.svrepdesign(design, type = "bootstrap")``

    References
    ----------
    .. [1] Canty, Davison (1999). Resampling-based variance estimation for labour force surveys. The Statistician 48, 379-391.
    """
    count = np.bincount(stratum, minlength=len(population))
    several = count[count > 1]
    k = 1 / (1 / several).mean() if len(several) else np.inf
    drawn = _repeated(
        len(stratum), replicates, rng, lambda r, own: _from_population(stratum, count, population, r, own)
    )
    scale = (k / (k - 1) if np.isfinite(k) else 1.0) / (replicates - 1)
    return Factors(lambda which: drawn[0](which).astype(float), replicates, scale, np.ones(replicates), drawn[1])


def _repeated(
    psus: int, replicates: int, rng: np.random.Generator, draw: Callable[[int, np.random.Generator], np.ndarray]
) -> tuple[Callable[[slice], np.ndarray], int]:
    """Draw counts (psus, r) by chunks of replicates, each from a seed of its own; give how to have a block, and the chunk."""
    if replicates < 2:
        raise DesignError(f"{replicates} replicates have no variance", mend="200 to 1,000 are usual")
    step = int(np.clip(_CHUNK // psus, 1, 64))
    seeds = rng.integers(0, 2**63, size=-(-replicates // step))
    kept: dict[int, np.ndarray] = {}

    def chunk(number: int) -> np.ndarray:
        if number in kept:
            return kept[number]
        found = draw(min(step, replicates - number * step), np.random.default_rng(seeds[number]))
        if psus * replicates <= _KEPT:
            kept[number] = found = found.astype(np.uint8 if found.max() < 256 else np.int32)
        return found

    def block(which: slice) -> np.ndarray:
        start, stop, _ = which.indices(replicates)
        parts = [
            chunk(number)[:, max(start - number * step, 0) : stop - number * step]
            for number in range(start // step, -(-stop // step))
        ]
        return parts[0] if len(parts) == 1 else np.hstack([np.empty((psus, 0), np.uint8), *parts])

    return block, step


def _with_replacement(
    stratum: np.ndarray, count: np.ndarray, m: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each psu is among the m draws of its stratum (P, r); strata of equal n and m are drawn together."""
    sorted_ = np.argsort(stratum, kind="stable")
    start = np.cumsum(count) - count
    places = [np.zeros(0, np.int64)]
    for n, draws in np.unique(np.column_stack([count, m]), axis=0):
        same = start[(count == n) & (m == draws)]
        if n < 2:
            continue
        picks = rng.integers(0, n, (len(same), draws, replicates), dtype=np.int32) + same[:, None, None]
        np.multiply(picks, replicates, out=(where := np.empty(picks.shape, np.int64)))
        where += np.arange(replicates)
        places.append(where.ravel())
    found = np.bincount(np.concatenate(places), minlength=len(stratum) * replicates)
    out = np.empty((len(stratum), replicates), np.int64)
    out[sorted_] = found.reshape(len(stratum), replicates)
    return out


def _from_population(
    stratum: np.ndarray, count: np.ndarray, population: np.ndarray, replicates: int, rng: np.random.Generator
) -> np.ndarray:
    """How often each psu is among n draws from the population its stratum stands for (P, r)."""
    endless = (population >= 1e9) | (count == 1)
    out = _with_replacement(stratum, count, np.where(endless, count, 0), replicates, rng)
    out[(count == 1)[stratum]] = 1
    sorted_ = np.argsort(stratum, kind="stable")
    start = np.cumsum(count) - count
    for h in np.flatnonzero(~endless & (count > 0)):
        n, size = int(count[h]), int(population[h])
        copies = size // n + (np.arange(n) < size % n)
        drawn = rng.multivariate_hypergeometric(copies, n, size=replicates, method="marginals")
        if size % n:
            drawn = rng.permuted(drawn, axis=1)
        out[sorted_[start[h] : start[h] + n]] = drawn.T
    return out
