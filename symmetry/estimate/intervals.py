"""Confidence intervals from a value, its standard error and its degrees of freedom, by name.

The methods for shares are worked out in `symmetry.estimate.share_intervals`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special

from symmetry.design import degrees_of_freedom
from symmetry.errors import DesignError
from symmetry.estimate.share_intervals import SHARES, Facts, of_one_sided, of_shares

if TYPE_CHECKING:
    from symmetry.estimate.nouns import Estimate

__all__ = ["critical", "interval"]

Bounds = tuple[np.ndarray, np.ndarray, tuple[str, ...]]


def interval(est: Estimate, *, method: str | None = None, level: float = 0.95, df: str | float = "own") -> Bounds:
    """Lower and upper bounds of every value of an estimate.

    Parameters
    ----------
    method : none takes the estimate's own.  "mean": value ± t·se.  "fisher", for correlations: the same on Fisher's z.  For
        shares, with n = p (1 - p) / se² answers' worth of a simple random sample:
        "logit" and "xlogit": p ± t·se on the log odds, back inside (0, 1); the error of the log odds is the delta method's,
        but for "logit" where there are replicates, whose own log odds make it;
        "asin": the same on the arcsine of the root;
        "wilson": shares q with (p - q)² ≤ t² q (1 - q) / n [2]_;
        "likelihood": shares q with 2n (p log(p/q) + (1 - p) log((1 - p)/(1 - q))) ≤ t² [3]_;
        "beta": exact binomial interval of n (t of answers - 1 df / t)² answers [4]_.
    level : confidence level, between 0 and 1.
    df : degrees of freedom of t.  "own" takes each value's (its table prints them); "design" psus minus strata of what holds the
        answers, also for differences between audiences; a number takes that many, infinity the normal distribution.

    Returns
    -------
    lower (D,), upper (D,), and a note for each value, "" where there is nothing to say.  A value with se 0 is its own interval; a
    share of exactly 0 or 1 has no standard error and takes, by every method for shares, the exact binomial interval of as many
    answers as psus answered [1]_; df of 0 or less gives NaN and the note "no degrees of freedom" (a domain that is one psu looks
    exact).

    Raises
    ------
    DesignError : an unknown method, a method for shares and values that are none, a level outside (0, 1).

    Notes
    -----
    R twins: ``confint(x, df = degf(design))`` and ``svyciprop(~x, design, method = "logit", df = degf(design))``.  R's
    "likelihood" divides the deviance by the dispersion n / (n - 1) of its fit too, and reads a spline: the difference is of
    the fourth digit. R's "asin" reflects bounds that fall below 0 or above 1, ours stop there; its "beta" counts rows of
    weight 0 among the answers of a calibrated design's domain.  R has no "wilson" before 4.5.

    References
    ----------
    .. [1] Clopper, Pearson (1934). The use of confidence or fiducial limits. Biometrika 26, 404-413.
    .. [2] Wilson (1927). Probable inference. JASA 22, 209-212; Dean, Pagano (2015). J. Survey Statistics and Methodology 3,
    484-503.
    .. [3] Rao, Scott (1984). On chi-squared tests for multiway tables. Annals of Statistics 12, 46-60.
    .. [4] Korn, Graubard (1998). Confidence intervals for proportions with small expected number of positive counts estimated
       from survey data. Survey Methodology 24, 193-201.

    Examples
    --------
    >>> import pandas as pd
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> pleased = mean(Design(pd.DataFrame({"pleased": [1, 1, 0, 1, 1, 0, 1, 1]})), "pleased")
    >>> for method in ("mean", "wilson"):
    ...     lower, upper, _ = interval(pleased, method=method)
    ...     print(method, lower.round(3), upper.round(3))
    mean [0.363] [1.137]
    wilson [0.33] [0.948]
    """
    method = est.method if method is None else method
    known = ("mean", "fisher", *SHARES)
    if not isinstance(level, (int, float)) or not 0 < level < 1:
        raise DesignError(f"a confidence level of {level!r} is not between 0 and 1", mend="0.95 is usual")
    if est.bounds is not None and method == est.method:
        return est.bounds(level)
    if method not in known:
        raise DesignError(f"no interval is called {method!r}", mend=f"one of {', '.join(repr(name) for name in known)}")
    free = _degrees(est, df)
    tail = (1 + level) / 2
    t = critical(free, tail)
    values, se = est.values, est.se
    notes = np.where(free > 0, "", "no degrees of freedom").astype(object)
    if method == "fisher":
        return *_fisher(values, se, t), tuple(notes)
    lower, upper = values - t * se, values + t * se
    if method == "mean":
        return lower, upper, tuple(notes)
    share = (values >= 0) & (values <= 1)
    if est.method not in SHARES and not share.all() and np.isfinite(values[~share]).any():
        raise DesignError(
            f"{method!r} is an interval of shares, and a value is {values[~share][0]:g}",
            mend='choose "mean", or estimate a share',
        )
    inner = (values > 0) & (values < 1)
    se = _replicated_logits(est) if method == "logit" and est.influence.middle is not None else se
    p, known_se = np.where(inner, values, 0.5), np.where(inner, se, 0.1)
    inside = of_shares(method, Facts(p, known_se, t, est.n, tail))
    edge = of_one_sided(values, est.psus, tail, t)
    lower, upper = (
        np.where(inner, one, np.where(share, two, three))
        for one, two, three in zip(inside, edge, (lower, upper), strict=True)
    )
    told = np.where(
        share, "all answers on one side: exact binomial interval of the psus", "outside 0 to 1: value ± t·se"
    )
    return lower, upper, tuple(np.where(inner | (free <= 0) | np.isnan(values), notes, told))


def critical(df: np.ndarray, tail: float) -> np.ndarray:
    """Quantile of Student's t at probability `tail` (D,), the normal's for infinite df, NaN for df of 0 or less."""
    usable = (df > 0) & np.isfinite(df)
    known, place = np.unique(np.where(usable, df, 1.0), return_inverse=True)
    t = special.stdtrit(known, tail)[place]
    return np.asarray(np.where(usable, t, np.where(df > 0, special.ndtri(tail), np.nan)))


def _degrees(est: Estimate, df: str | float) -> np.ndarray:
    """Degrees of freedom of every value under a rule."""
    if isinstance(df, str):
        if df not in ("own", "design"):
            raise DesignError(f"no rule of degrees of freedom is called {df!r}", mend='"own", "design" or a number')
        return est.df if df == "own" else degrees_of_freedom(est.design, est.influence.presence)
    if not df > 0:
        raise DesignError(
            f"{df:g} degrees of freedom give no interval", mend="a number above 0, infinity for the normal distribution"
        )
    return np.full(len(est), float(df))


def _fisher(values: np.ndarray, se: np.ndarray, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """tanh(atanh(r) ± t·se / (1 - r²)); a correlation of ±1 is its own interval."""
    inner = np.abs(values) < 1
    r = np.where(inner, values, 0.0)
    centre, half = np.arctanh(r), t * se / (1 - r**2)
    own = np.where(np.isnan(t), np.nan, values)
    return np.where(inner, np.tanh(centre - half), own), np.where(inner, np.tanh(centre + half), own)


def _replicated_logits(est: Estimate) -> np.ndarray:
    """Standard errors of shares (D,) that the log odds of every replicate imply: that of the log odds, times p (1 - p).

    Where a replicate's share is 0 or 1, or is not known, the error of the share itself.
    """
    made, middle, found = est.design.layout.replicates, est.influence.middle, est.se
    if made is None or middle is None:
        return found
    factor = made.scale * made.rscales
    for columns, away in est.influence.blocks():
        p, shares = est.values[columns], away + middle[columns]
        known = ((shares > 0) & (shares < 1)).all(axis=0) & (p > 0) & (p < 1)
        p, odds = np.where(known, p, 0.5), special.logit(np.where(known, shares, 0.5))
        centre = special.logit(p) if made.centre == "estimate" else odds[made.rscales > 0].mean(axis=0)
        own = np.sqrt(factor @ (odds - centre) ** 2) * p * (1 - p)
        found[columns] = np.where(known, own, found[columns])
    return found
