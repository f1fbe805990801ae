"""Differences between columns of a table: every pair of columns on every line, with the covariance between them.

The columns of one head share no respondent, but they share strata and psus, and so are not independent; their differences take
the design's covariance, by `contrast`, and where each row is a psu by the sums of strata, which is the same without the rows.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from symmetry.design import covariances_apart, variances
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.nouns import Estimate

__all__ = ["differences"]

_ROUNDING = 1e-24


def differences(est: Estimate, a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Differences between values that rest on different respondents.

    Parameters
    ----------
    est : D values.
    a, b : numbers of the values of G pairs (G,), from 0; no respondent is behind both of a pair.

    Returns
    -------
    Value a minus value b, its standard error and its degrees of freedom, (G,) each, as `contrast` gives them.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> frame = pd.DataFrame({"side": list("aabbab"), "x": [1.0, 2, 4, 3, 3, 2], "stratum": [1, 1, 1, 2, 2, 2]})
    >>> sides = mean(Design(frame, stratum="stratum"), "x", by=["side"])
    >>> [found.round(4).tolist() for found in differences(sides, [0], [1])]
    [[-1.0], [0.4714], [1.0]]
    """
    a, b = np.asarray(a, int), np.asarray(b, int)
    if est.imputed or (len(est.design.layout.parts) > 1 and not est.design.element):
        found = contrast(est, _signs(a, b, len(est)))
        return found.values, found.se, found.df
    shared = covariances_apart(est.design, est.influence, a, b)
    if shared is None:
        variance = variances(est.design, est.influence.combine(_signs(a, b, len(est))))
    else:
        variance = est.variance[a] + est.variance[b] - 2 * shared
    apart = est.variance[a] + est.variance[b]
    known = np.isnan(variance) | ((apart > 0) & (variance > _ROUNDING * apart))
    df = np.where(est.part[a] == est.part[b], np.minimum(est.df[a], est.df[b]), _satterthwaite(est, a, b))
    return est.values[a] - est.values[b], np.sqrt(np.where(known, variance, 0.0)), df


def _signs(a: np.ndarray, b: np.ndarray, size: int) -> sparse.csr_array:
    """Coefficients 1 and -1 of each pair (G, size)."""
    pair, ones = np.arange(len(a)), np.ones(len(a))
    coo = (np.concatenate([ones, -ones]), (np.tile(pair, 2), np.concatenate([a, b])))
    return sparse.csr_array(sparse.coo_array(coo, shape=(len(a), size)))


def _satterthwaite(est: Estimate, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Degrees of freedom across two audiences that share no psu; 0 where one has none."""
    below = sum(est.variance[one] ** 2 / np.where(est.df[one] > 0, est.df[one], np.nan) for one in (a, b))
    found = np.divide((est.variance[a] + est.variance[b]) ** 2, below, out=np.full(len(a), np.inf), where=below > 0)
    return np.where((est.df[a] > 0) & (est.df[b] > 0), found, 0.0)
