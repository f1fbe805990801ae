"""Differences and other functions of estimates of one design, with their covariance and honest degrees of freedom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Combined, Influence, combinations, degrees_of_freedom, variances
from symmetry.errors import DesignError
from symmetry.estimate.areas.shrinking import Shrunken
from symmetry.estimate.expressions import Rows, Values, slope
from symmetry.estimate.missing.combining import combine
from symmetry.estimate.nouns import Estimate, Fitted, estimate_of

__all__ = ["coefficients", "contrast"]

_ROUNDING = 1e-13
Term = Mapping[int, float] | Mapping[str, float] | str | Callable[[Values], Any]


def contrast(est: Estimate | Fitted, weights: Mapping[str, Term] | sparse.csr_array) -> Estimate:
    """Differences, ratios and other smooth functions of the values of an estimate, with their covariance.

    Parameters
    ----------
    est : D values, or a model, of which the coefficients are meant.
    weights : name → what to make: {row: coefficient}, rows by number (from 0, in the order of the table) or by name (see
        `Estimate.names`); a formula in text, "log(north / south)"; or a Python function of the values, `lambda v: v[0] / v[1]`.
        Or a sparse array (G, D) of coefficients.

    Returns
    -------
    Estimate of G values; of what is not linear the errors are the delta method's.  Its n is the sum over the rows used.  Its df:
    within one audience, the smallest df of the rows used; across audiences, Satterthwaite's over them, never above psus minus
    strata of the rows used together [1]_; without any error that number itself, and a value that is the rounding of its
    terms is 0.  Of a combined estimate, the contrasts of every imputation, combined; of shrunken values, with
    their mean squared errors.

    Raises
    ------
    DesignError : a row the estimate does not have, text that is no formula, a function without finite value or slope.

    Notes
    -----
    R twins: ``svycontrast(x, list(name = c(...)))`` and ``svycontrast(x, quote(log(a / b)))`` for value and standard error.

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
    >>> contrast(sides, {"c / e": "c / e"}).table()[["item", "estimate", "se"]].round(4)
        item  estimate      se
    0  c / e    1.7143  0.5207
    """
    est = estimate_of(est)
    if est.imputed:
        return combine([contrast(replace(one, labels=est.labels), weights) for one in est.imputed])
    matrix, names, values = coefficients(est, weights)
    if isinstance(est, Shrunken):
        return est.combined(matrix, values, contrast(est.direct, weights))
    used = sparse.csr_array(matrix != 0).astype(float)
    unsure = est.variance != 0
    spread = est.influence.combine(matrix)
    seen = combinations(est.design, est.influence, matrix, variance=est.variance, psus=est.psus)
    variance = variances(est.design, spread) if seen is None else seen.variance
    variance = np.where(used @ unsure, variance, 0.0)
    rounding = (variance == 0) & (np.abs(values) <= _ROUNDING * (abs(matrix) @ np.abs(est.values)))
    df, by_part = _satterthwaite(est, matrix, spread, variance, seen)
    low, high = (_over_rows(matrix, est.part, way) for way in (np.minimum, np.maximum))
    return Estimate(
        design=est.design,
        labels=pd.DataFrame({"statistic": "contrast", "item": names}),
        values=np.where(rounding, 0.0, values),
        influence=spread,
        variance=variance,
        part=np.where(low == high, low, -1).astype(int),
        n=used @ est.n,
        psus=np.asarray((spread.presence != 0).sum(axis=0)).ravel() if seen is None else seen.psus,
        df=df,
        deff=np.full(len(names), np.nan),
        by_part=by_part,
    )


def coefficients(
    est: Estimate, weights: Mapping[str, Term] | sparse.csr_array
) -> tuple[sparse.csr_array, list[str], np.ndarray]:
    """Coefficients or slopes as a sparse matrix (G, D) without stored zeros, the names of its rows, and their values."""
    if sparse.issparse(weights) or isinstance(weights, np.ndarray):
        matrix = sparse.csr_array(weights, dtype=float)
        matrix.eliminate_zeros()
        return matrix, [str(row) for row in range(matrix.shape[0])], matrix @ est.values
    if not isinstance(weights, Mapping) or not weights or not all(term != {} for term in weights.values()):
        raise DesignError("no contrast was asked for", mend='give at least one, {"a - b": {0: 1, 1: -1}}')
    known = Rows(est.names)
    rows, columns, slopes = [], [], []
    curved: dict[int, float] = {}
    for place, term in enumerate(weights.values()):
        if isinstance(term, Mapping):
            used = {known.place(key): _number(coefficient) for key, coefficient in term.items()}
        else:
            curved[place], found = slope(term, est.values, known)
            used = dict(enumerate(found))
        rows += [place] * len(used)
        columns += list(used)
        slopes += list(used.values())
    matrix = sparse.csr_array(sparse.coo_array((slopes, (rows, columns)), shape=(len(weights), len(est))))
    matrix.eliminate_zeros()
    values = np.asarray(matrix @ est.values)
    values[list(curved)] = list(curved.values())
    return matrix, list(weights), values


def _number(coefficient: Any) -> float:
    """A coefficient as a float."""
    try:
        return float(coefficient)
    except (TypeError, ValueError) as error:
        raise DesignError(f"{coefficient!r} is no coefficient", mend="give a number") from error


def _over_rows(
    matrix: sparse.csr_array, values: np.ndarray, way: np.ufunc, where: np.ndarray | None = None
) -> np.ndarray:
    """Smallest or largest of the values (D,) that each row of a contrast uses, infinite where it uses none."""
    nothing = np.inf if way is np.minimum else -np.inf
    terms = (values if where is None else np.where(where, values, nothing)).astype(float)[matrix.indices]
    out = np.full(matrix.shape[0], nothing)
    filled = np.diff(matrix.indptr) > 0
    if filled.any():
        out[filled] = way.reduceat(terms, matrix.indptr[:-1][filled])
    return out


def _satterthwaite(
    est: Estimate, matrix: sparse.csr_array, spread: Influence, variance: np.ndarray, seen: Combined | None
) -> tuple[np.ndarray, np.ndarray]:
    """Degrees of freedom of each row of a contrast, (G,), whose variances are known, and these audience by audience (A, G)."""
    pooled = (
        degrees_of_freedom(est.design, spread.presence) if seen is None else (seen.psus - seen.strata).astype(float)
    )
    top, bottom = np.zeros(matrix.shape[0]), np.zeros(matrix.shape[0])
    parts, shares, used = np.unique(est.part), [], sparse.csr_array(matrix != 0).astype(float)
    for part in parts:
        inside, share = est.part == part, variance
        if len(parts) > 1 and seen is not None:
            share = seen.by_part[seen.parts == part][0]
        elif len(parts) > 1:
            own_terms = matrix @ sparse.diags_array(inside.astype(float))
            share = variances(est.design, est.influence.combine(sparse.csr_array(own_terms)))
        share = np.where(used @ (inside & (est.variance != 0)), share, 0.0)
        own = _over_rows(matrix, est.df, np.minimum, inside)
        shares.append(share)
        top += share
        bottom += np.divide(share**2, own, out=np.zeros(len(top)), where=own > 0)
        pooled = np.where(own <= 0, 0.0, pooled)
    found = np.divide(top**2, bottom, out=np.full(len(top), np.inf), where=bottom > 0)
    return np.asarray(np.minimum(found, pooled)), np.array(shares)
