"""Differences between estimates of one design, with their covariance and honest degrees of freedom."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import degrees_of_freedom, variances
from symmetry.errors import DesignError
from symmetry.estimate.nouns import Estimate

__all__ = ["contrast"]


def contrast(est: Estimate, weights: Mapping[str, Mapping[int, float]] | sparse.csr_array) -> Estimate:
    """Linear combinations of the values of an estimate.

    Parameters
    ----------
    est : D values.
    weights : name → {row of the estimate's table: coefficient}, or a sparse array (G, D).

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
    matrix, names = _matrix(est, weights)
    used = matrix.astype(bool).astype(float)
    low, high = (_over_rows(matrix, est.part, way) for way in (np.minimum, np.maximum))
    present = (used @ est.present.T.astype(float)).T > 0
    return Estimate(
        design=est.design,
        labels=pd.DataFrame({"statistic": "contrast", "item": names}),
        values=matrix @ est.values,
        influence=(matrix @ est.influence.T).T,
        present=present,
        part=np.where(low == high, low, -1).astype(int),
        n=used @ est.n,
        df=_satterthwaite(est, matrix, present),
        deff=np.full(len(names), np.nan),
    )


def _matrix(
    est: Estimate, weights: Mapping[str, Mapping[int, float]] | sparse.csr_array
) -> tuple[sparse.csr_array, list[str]]:
    """Coefficients as a sparse matrix (G, D) without stored zeros, and the names of its rows."""
    if not isinstance(weights, Mapping):
        matrix = sparse.csr_array(weights, dtype=float)
        matrix.eliminate_zeros()
        return matrix, [str(row) for row in range(matrix.shape[0])]
    terms_of: list[tuple[int, int, float]] = []
    for row, (name, terms) in enumerate(weights.items()):
        for column, coefficient in terms.items():
            if not 0 <= column < len(est):
                raise DesignError(
                    f"contrast {name!r} uses row {column} of an estimate of {len(est)} rows",
                    mend="rows count from 0, in the order of the estimate's table",
                )
            terms_of.append((row, column, float(coefficient)))
    rows, columns, values = zip(*terms_of, strict=True)
    matrix = sparse.csr_array((values, (rows, columns)), shape=(len(weights), len(est)))
    matrix.eliminate_zeros()
    return matrix, list(weights)


def _over_rows(
    matrix: sparse.csr_array, values: np.ndarray, way: np.ufunc, where: np.ndarray | None = None
) -> np.ndarray:
    """Smallest or largest of the values (D,) that each row of a contrast uses, infinite where it uses none."""
    terms = matrix.tocoo()
    kept = slice(None) if where is None else where[terms.col]
    out = np.full(matrix.shape[0], np.inf if way is np.minimum else -np.inf)
    way.at(out, terms.row[kept], values[terms.col][kept])
    return out


def _satterthwaite(est: Estimate, matrix: sparse.csr_array, present: np.ndarray) -> np.ndarray:
    """Degrees of freedom of each row of a contrast, (G,)."""
    pooled = degrees_of_freedom(est.design, present)
    top, bottom = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[0])
    for part in np.unique(est.part):
        inside = est.part == part
        own_terms = matrix @ sparse.diags_array(inside.astype(float))
        share = variances(est.design, (own_terms @ est.influence.T).T)
        own = _over_rows(matrix, est.df, np.minimum, inside)
        top += share
        bottom += np.divide(share**2, own, out=np.zeros(len(top)), where=own > 0)
        pooled = np.where(own <= 0, 0.0, pooled)
    found = np.divide(top**2, bottom, out=np.full(len(top), np.inf), where=bottom > 0)
    return np.asarray(np.minimum(found, pooled))
