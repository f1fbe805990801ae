"""Covariances of statistics that rest on different rows, as two columns of a table do, without looking at rows again.

Where each row is a psu, rows that bear on one statistic alone add nothing to a covariance but through the means of strata,

    cov(a, b) = -Σ_h scale_h Z_ah Z_bh / n_h        (Z_h the influence summed over a stratum, scale_h = (1 - f_h) n_h / (n_h - 1))

which is the formula of `variance` with the products z_ai z_bi left out, all of them 0; with calibrated weights, whose influence
is a residual that everybody has, the products of what is fitted stay (see `calibrated`).
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from symmetry.design.calibrated import lessened, products_apart
from symmetry.design.influence import Fit, Influence, Summed
from symmetry.design.nouns import Design
from symmetry.design.variance import variances

__all__ = ["covariances_apart"]


def covariances_apart(design: Design, influence: Influence, a: np.ndarray, b: np.ndarray) -> np.ndarray | None:
    """Covariances of pairs of statistics no row bears on both of, where each row is a psu.

    Parameters
    ----------
    influence : of D statistics.
    a, b : numbers of the statistics of G pairs (G,).  The two of a pair rest on different rows: two domains by one column.

    Returns
    -------
    Covariances (G,), or None where units hold several rows (or there are replicates): there the influence itself is small, and
    `variances` of the differences is the road.

    Examples
    --------
    >>> frame = pd.DataFrame({"side": list("aabab"), "x": [1.0, 2, 4, 3, 2], "stratum": [1, 1, 1, 2, 2]})
    >>> sides = estimate.mean(Design(frame, stratum="stratum"), "x", by=["side"])
    >>> covariances_apart(sides.design, sides.influence, np.array([0]), np.array([1])).round(4)
    array([0.25])
    """
    summed = influence.summed
    if not design.element or summed is None:
        return None
    if summed.fit is not None:
        return _fitted(design, influence, summed, summed.fit, a, b)
    stage, sums = design.layout.stages[0], summed.strata
    return np.asarray(-(sums[:, a] * sums[:, b]).T @ (stage.scale / stage.count))


def _fitted(design: Design, influence: Influence, summed: Summed, fit: Fit, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The same with calibrated weights; pairs of which the fit leaves next to nothing as (V(a + b) - V(a - b)) / 4, by rows."""
    found, close = products_apart(design.layout, summed, fit, a, b), lessened(design.layout, summed, fit)[1]
    rows = np.flatnonzero(close[a] | close[b])
    if len(rows):
        unit = sparse.csr_array(sparse.eye_array(influence.shape[1], format="csr"))
        one, other = unit[a[rows]], unit[b[rows]]
        plus, minus = (
            variances(design, influence.combine(sparse.csr_array(both))) for both in (one + other, one - other)
        )
        found[rows] = (plus - minus) / 4
    return found
