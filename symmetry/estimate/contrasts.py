"""Differences between estimates of one design, with their covariance and honest degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from symmetry.design import degrees_of_freedom, variances
from symmetry.errors import DesignError
from symmetry.estimate.nouns import Estimate

__all__ = ["contrast"]


def contrast(est: Estimate, weights: Mapping[str, Mapping[int, float]] | np.ndarray) -> Estimate:
    """Linear combinations of the values of an estimate.

    Parameters
    ----------
    est : D values.
    weights : name → {row of the estimate's table: coefficient}, or an array (G, D).

    Returns
    -------
    Estimate of G values.  Its n is the sum over the rows used.  Its df: within one audience, the smallest df of the rows used;
    across audiences, Satterthwaite's over them, never above psus minus strata of the rows used together [1]_.

    Raises
    ------
    DesignError : a row the estimate does not have.

    Notes
    -----
    R twin: ``svycontrast(x, list(name = c(...)))`` for value and standard error.

    References
    ----------
    .. [1] Satterthwaite (1946). An approximate distribution of estimates of variance components. Biometrics 2, 110-114.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "side": list("cecece"), "trust": [5, 4, 3, 2, 4, 1]})
    >>> sides = mean(Design(answers, psu="branch"), "trust", by=["side"])
    >>> contrast(sides, {"c - e": {0: 1, 1: -1}}).table()[["item", "estimate", "se", "df"]].round(4)
        item  estimate      se   df
    0  c - e    1.6667  0.6667  2.0
    """
    if isinstance(weights, np.ndarray):
        matrix, names = np.asarray(weights, float), [str(row) for row in range(len(weights))]
    else:
        matrix, names = np.zeros((len(weights), len(est))), list(weights)
        for row, terms in enumerate(weights.values()):
            for column, coefficient in terms.items():
                if not 0 <= column < len(est):
                    raise DesignError(
                        f"contrast {names[row]!r} uses row {column} of an estimate of {len(est)} rows",
                        mend="rows count from 0, in the order of the estimate's table",
                    )
                matrix[row, column] = coefficient
    used = matrix != 0
    parts = [set(est.part[row]) for row in used]
    return Estimate(
        design=est.design,
        labels=pd.DataFrame({"statistic": "contrast", "item": names}),
        values=matrix @ est.values,
        influence=est.influence @ matrix.T,
        present=(est.present.astype(float) @ used.T) > 0,
        part=np.array([found.pop() if len(found) == 1 else -1 for found in parts]),
        n=used @ est.n,
        df=_satterthwaite(est, matrix),
        deff=np.full(len(matrix), np.nan),
    )


def _satterthwaite(est: Estimate, matrix: np.ndarray) -> np.ndarray:
    """Degrees of freedom of each row of a contrast, (G,)."""
    used = matrix != 0
    pooled = degrees_of_freedom(est.design, (est.present.astype(float) @ used.T) > 0)
    top, bottom = np.zeros(len(matrix)), np.zeros(len(matrix))
    for part in np.unique(est.part):
        inside = used & (est.part == part)
        share = variances(est.design, est.influence @ np.where(inside, matrix, 0.0).T)
        own = np.where(inside, est.df, np.inf).min(axis=1)
        top += share
        bottom += np.divide(share**2, own, out=np.zeros(len(matrix)), where=own > 0)
        pooled = np.where(own <= 0, 0.0, pooled)
    found = np.divide(top**2, bottom, out=np.full(len(matrix), np.inf), where=bottom > 0)
    return np.asarray(np.minimum(found, pooled))
