"""Which covariance matrices bear a regression: one rule for every decomposition, in the sample and in each replicate.

In a replicate a driver may not vary at all, as when it was used in one psu and that psu is out.  It then explains nothing: its
share is 0 and the others' shares are those without it.  That is a value, and the very one that carries the driver's variance; a
jackknife that left it out would have too small an error.  Drivers that vary and determine each other exactly are another matter:
what they share has no one answer, and there is none.
"""

from __future__ import annotations

import numpy as np

__all__ = ["borne", "varies"]

_FLAT = 1e-12  # of a column standardised in the sample: below it is rounding
_SINGULAR = 1e-9


def varies(covariance: np.ndarray) -> np.ndarray:
    """Which columns vary (..., k), of covariance matrices (..., k, k) of columns standardised in the sample.

    Examples
    --------
    >>> varies(np.array([[1.0, 0.0], [0.0, 1e-17]]))
    array([ True, False])
    """
    return ~(np.diagonal(covariance, axis1=-2, axis2=-1) < _FLAT)


def borne(covariance: np.ndarray) -> np.ndarray:
    """Correlations (..., k, k) that bear a regression of the last column on the others.

    Parameters
    ----------
    covariance : (..., k, k) of columns standardised in the sample, the outcome last.

    Returns
    -------
    The correlations, those of a driver that does not vary (a variance below 1e-12) being 0: it adds nothing to any subset.  NaN
    all over where a number is not finite, where the outcome does not vary, and where the drivers that vary determine each other
    (their smallest eigenvalue is not above 1e-9).

    Examples
    --------
    >>> borne(np.array([[4.0, 1e-17, 2.0], [1e-17, 1e-17, 0.0], [2.0, 0.0, 4.0]]))
    array([[1. , 0. , 0.5],
           [0. , 1. , 0. ],
           [0.5, 0. , 1. ]])
    """
    moving = varies(covariance)
    good = np.isfinite(covariance).all(axis=(-2, -1)) & moving[..., -1]
    pairs = moving[..., :, None] & moving[..., None, :]
    safe = np.where(good[..., None, None] & pairs, covariance, np.eye(covariance.shape[-1]))
    deviation = np.sqrt(np.diagonal(safe, axis1=-2, axis2=-1))
    found = safe / (deviation[..., :, None] * deviation[..., None, :])
    if covariance.shape[-1] > 1:
        good = good & (np.linalg.eigvalsh(found[..., :-1, :-1])[..., 0] > _SINGULAR)
    return np.asarray(np.where(good[..., None, None], found, np.nan))
