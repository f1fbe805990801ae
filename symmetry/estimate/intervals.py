"""Confidence intervals from a value, its standard error and its degrees of freedom, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import special, stats

from symmetry.errors import DesignError

if TYPE_CHECKING:
    from symmetry.estimate.nouns import Estimate

__all__ = ["interval"]


def interval(
    est: Estimate, *, method: str = "mean", level: float = 0.95
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Lower and upper bounds of every value of an estimate.

    Parameters
    ----------
    method : "mean": value ± t·se with the value's df.  "logit", for shares: the same on the log odds, back inside (0, 1); a share
        of exactly 0 or 1 has no standard error and takes the exact binomial interval of as many answers as psus answered [1]_.
    level : confidence level, between 0 and 1.

    Returns
    -------
    lower (D,), upper (D,), and a note for each value, "" where there is nothing to say.  A value with se 0 and a mean interval is
    its own interval; df of 0 or less gives NaN and the note "no degrees of freedom" (a domain that is one psu looks exact).

    Raises
    ------
    DesignError : an unknown method, or a level outside (0, 1).

    Notes
    -----
    R twins: ``confint(x, df = degf(design))`` and ``svyciprop(~x, design, method = "logit")``

    References
    ----------
    .. [1] Clopper, Pearson (1934). The use of confidence or fiducial limits. Biometrika 26, 404-413.
    """
    if method not in ("mean", "logit"):
        raise DesignError(f"no interval is called {method!r}", mend='"mean" or "logit"')
    if not 0 < level < 1:
        raise DesignError(f"a confidence level of {level:g} is not between 0 and 1", mend="0.95 is usual")
    se, values = est.se, est.values
    tail = (1 + level) / 2
    t = np.where(est.df > 0, stats.t.ppf(tail, np.where(est.df > 0, est.df, 1)), np.nan)
    notes = np.where(est.df > 0, "", "no degrees of freedom").astype(object)
    if method == "mean":
        return values - t * se, values + t * se, tuple(notes)
    inner = (values > 0) & (values < 1)
    share = np.where(inner, values, 0.5)
    centre, half = special.logit(share), t * se / (share * (1 - share))
    low, high = special.expit(centre - half), special.expit(centre + half)
    psus = est.present.sum(axis=0)
    edge = np.where(est.df > 0, (1 - tail) ** (1 / np.maximum(psus, 1)), np.nan)
    notes = np.where(inner | (est.df <= 0), notes, "all answers on one side: exact binomial interval of the psus")
    lower = np.where(inner, low, np.where(values <= 0, 0.0 * edge, edge))
    upper = np.where(inner, high, np.where(values >= 1, 1.0 + 0.0 * edge, 1 - edge))
    return lower, upper, tuple(notes)
