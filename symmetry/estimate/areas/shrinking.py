"""Domains with few answers borrow from the others: Fay and Herriot's estimates, marked as such, and the direct ones kept.

The model is in `area_level.py`.  Here an estimate by domain is read as its data, and what comes back is one that knows its
mean squared errors instead of an influence: it is not design-based any more, and says so in every row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn, Self, get_args

import numpy as np
import pandas as pd
from scipy import sparse

from symmetry.design import Influence
from symmetry.errors import DesignError
from symmetry.estimate.areas.area_level import AreaFit, Method, fit_areas
from symmetry.estimate.areas.borrowing import columns_by_domain, families, of_full_rank
from symmetry.estimate.nouns import Estimate
from symmetry.estimate.share_intervals import SHARES

__all__ = ["Shrunken", "shrink"]

Variances = Literal["pooled", "own"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Shrunken(Estimate):
    """D shrunken numbers, and the direct ones they come from.

    direct : the estimate as it was.  errors (D, D) : mean squared errors, and products of errors.  own (D,) : the share of each
    that is its own direct value, 1 where nothing was borrowed.  between (D,) : variance between the domains it was shrunk among.
    All the rest is told at `Estimate`; `se` is the root of the mean squared error, and there is no influence.
    """

    direct: Estimate
    errors: np.ndarray
    own: np.ndarray
    between: np.ndarray

    def covariance(self) -> np.ndarray:
        """Mean squared errors and products of errors of all values, (D, D)."""
        if len(self.errors) != len(self):
            raise DesignError(
                "shrunken values set beside others have no covariance with them",
                mend="join the direct estimates, and shrink what was joined",
            )
        return self.errors

    def sparse_covariance(self) -> sparse.csr_array:
        """The same as a sparse array."""
        return sparse.csr_array(self.covariance())

    def select(self, rows: Sequence[int] | np.ndarray) -> Self:
        """Keep some values, in the order given (numbers from 0, or a mask)."""
        kept = np.flatnonzero(rows) if np.asarray(rows).dtype == bool else np.asarray(rows, int)
        return replace(
            super().select(kept),
            direct=self.direct.select(kept),
            errors=self.errors[np.ix_(kept, kept)],
            own=self.own[kept],
            between=self.between[kept],
        )

    def scaled(self, factor: np.ndarray) -> Self:
        """Every value times a factor that is no random quantity (D,)."""
        return replace(
            super().scaled(factor),
            direct=self.direct.scaled(factor),
            errors=self.errors * np.multiply.outer(factor, factor),
            between=self.between * np.square(factor),
        )

    def combined(self, matrix: sparse.csr_array, values: np.ndarray, direct: Estimate) -> Shrunken:
        """Contrasts with coefficients or slopes (G, D), beside the same contrasts of the direct values."""
        errors = np.asarray(matrix @ (matrix @ self.covariance()).T)
        used = [np.flatnonzero(row) for row in matrix.toarray()]
        return Shrunken(
            **_taken(direct),
            values=values,
            variance=np.diag(errors).copy(),
            influence=_no_influence(direct),
            df=np.array([self.df[rows].min(initial=np.inf) for rows in used]),
            note=("of shrunken values",) * len(values),
            direct=direct,
            errors=errors,
            own=np.full(len(values), np.nan),
            between=np.full(len(values), np.nan),
        )


def shrink(
    est: Estimate,
    *,
    covariates: pd.DataFrame | None = None,
    method: Method = "reml",
    variances: Variances | Sequence[float] | np.ndarray = "pooled",
    within: Sequence[str] = (),
) -> Shrunken:
    """Let domains with few answers borrow from the others (Fay and Herriot's estimates).

    Parameters
    ----------
    est : one or several statistics by domain.  Each item, category and audience is shrunk among its own domains.
    covariates : what is known of the domains from elsewhere: a frame with the columns of `by` (or some of them), and a column for
        each thing known, numbers or categories.  None shrinks to the domains' common mean.
    method : how the variance between domains is found: "reml"; "adjusted_reml", which is never 0 [4]_; "ml".
    variances : of the direct values, taken as known: "pooled" over the domains, an answer's variance over n, since that of four
        answers is no guide; "own", each domain's estimate; or D numbers.
    within : columns of `by` in whose values domains are shrunk apart, besides the audience.

    Returns
    -------
    Shrunken: an Estimate whose `se` is the root of the mean squared error, df domains minus coefficients, without design effect.
    Its `direct` gives the estimate back; every row's note says how much is its own.  Families of fewer than coefficients plus 3
    domains, and values without error, stay as they are.

    Raises
    ------
    DesignError : no domains, or too few in every family; a domain without covariates, covariates that determine each other; an
        unknown method.

    Notes
    -----
    Mean squared errors g1 + g2 + 2 g3 [2]_ [3]_; for "adjusted_reml" its bias, which makes them too large where domains hardly
    differ, is left in.  Errors of domains are taken as independent, which those of domains that share psus are not quite.
    R twins: ``sae::eblupFH(y ~ x, vardir, method = "REML")`` and ``sae::mseFH`` with variances="own", but that these stop after
    steps of 1e-4.

    References
    ----------
    .. [1] Fay, Herriot (1979). Estimates of income for small places. JASA 74, 269-277.
    .. [2] Prasad, Rao (1990). The estimation of the mean squared error of small-area estimators. JASA 85, 163-171.
    .. [3] Datta, Lahiri (2000). A unified measure of uncertainty of estimated best linear unbiased predictors in small area
       estimation problems. Statistica Sinica 10, 613-627.
    .. [4] Li, Lahiri (2010). An adjusted maximum likelihood method for solving small area estimation problems. J. Multivariate
       Analysis 101, 882-892.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> branch = np.repeat(list("abcdef"), [2, 3, 4, 4, 5, 6])
    >>> trust = [5, 5, 4, 2, 3, 1, 2, 1, 3, 4, 3, 5, 4, 2, 3, 4, 4, 3, 2, 2, 3, 1, 2, 3]
    >>> found = shrink(mean(Design(pd.DataFrame({"branch": branch, "trust": trust})), "trust", by=["branch"]))
    >>> found.table()[["statistic", "branch", "estimate", "se", "df", "n"]].round(3)
           statistic branch  estimate     se   df  n
    0  shrunken mean      a     4.653  0.510  5.0  2
    1  shrunken mean      b     3.020  0.423  5.0  3
    2  shrunken mean      c     1.895  0.368  5.0  4
    3  shrunken mean      d     3.912  0.368  5.0  4
    4  shrunken mean      e     3.196  0.330  5.0  5
    5  shrunken mean      f     2.237  0.302  5.0  6
    >>> found.table()["note"][0]
    'shrunken: 81% its own answers; direct 5 ± 0.52'
    >>> found.direct.values.round(3)
    array([5.   , 3.   , 1.75 , 4.   , 3.2  , 2.167])
    """
    if method not in get_args(Method):
        raise DesignError(f"no method is called {method!r}", mend=f"one of {get_args(Method)}")
    if isinstance(est, Shrunken):
        raise DesignError("these values are shrunken already", mend="shrink its `direct`")
    parts = families(est, within)
    psi = _variances(est, variances, parts)
    columns, names = columns_by_domain(est, covariates)
    usable = (psi > 0) & np.isfinite(psi) & np.isfinite(est.values)
    fits: list[tuple[np.ndarray, AreaFit]] = []
    for part in parts:
        rows = part[usable[part]]
        x = of_full_rank(columns[rows], names, len(rows))
        if len(rows) >= x.shape[1] + 3:
            fits.append((rows, fit_areas(est.values[rows], psi[rows], x, method)))
    if not fits:
        largest = max(int(usable[rows].sum()) for rows in parts)
        raise DesignError(
            f"the largest family has {largest} domains with an error, for {columns.shape[1]} coefficients",
            mend="shrinking takes 3 domains more than coefficients: a finer `by`, fewer covariates",
        )
    return _put_together(est, fits, psi)


def _variances(
    est: Estimate, asked: Variances | Sequence[float] | np.ndarray, parts: Sequence[np.ndarray]
) -> np.ndarray:
    """Variance of each direct value, (D,); 0 where it has none."""
    if not isinstance(asked, str):
        try:
            found = np.asarray(asked, float)
        except (TypeError, ValueError):
            found = np.full(len(est), np.nan)
        mend = "give each value its error variance"
        if found.shape != est.values.shape:
            raise DesignError(f"{found.size} variances for {len(est)} values", mend=mend)
        if not ((found >= 0) & np.isfinite(found)).all():
            raise DesignError("a variance is no number, below 0 or infinite", mend=mend)
        return found
    if asked not in get_args(Variances):
        raise DesignError(f"variances={asked!r} is unknown", mend=f"one of {get_args(Variances)}, or numbers")
    own = np.where(est.df > 0, est.variance, 0.0)
    if asked == "own":
        return own
    if (other := est.labels["statistic"].isin(["contrast", "total"])).any():
        raise DesignError(
            f"the variance of a {est.labels['statistic'][other].iloc[0]} does not go with its n",
            mend='say variances="own", or give D numbers',
        )
    found = np.zeros(len(est))
    weight = np.where(np.isfinite(own), np.clip(est.df, 0.0, est.n), 0.0)
    for rows in parts:
        total = weight[rows].sum()
        an_answer = (weight * est.n * np.nan_to_num(own))[rows].sum() / total if total > 0 else 0.0
        found[rows] = np.divide(an_answer, est.n[rows], out=np.zeros(len(rows)), where=est.n[rows] > 0)
    return found


def _put_together(est: Estimate, fits: Sequence[tuple[np.ndarray, AreaFit]], psi: np.ndarray) -> Shrunken:
    """The estimate with the values and errors of every family's fit."""
    size = len(est)
    values, df, own, between = est.values.copy(), est.df.astype(float), np.ones(size), np.full(size, np.nan)
    errors = np.diag(np.where(est.df > 0, est.variance, 0.0))
    notes = np.full(size, "not shrunken: no error of its own, or too few domains", dtype=object)
    statistics = est.labels["statistic"].astype(object).to_numpy().copy()
    for rows, fit in fits:
        values[rows], own[rows], between[rows] = fit.values, fit.own, fit.between
        errors[np.ix_(rows, rows)] = fit.errors
        df[rows] = len(rows) - len(fit.beta)
        statistics[rows] = "shrunken " + statistics[rows]
        flat = "" if fit.between > 0 else "; no difference between domains was found, and the error is too small"
        notes[rows] = [_note(est, row, share, psi) + flat for row, share in zip(rows, fit.own, strict=True)]
    return Shrunken(
        **_taken(replace(est, labels=est.labels.assign(statistic=statistics))) | {"method": _method(est, values)},
        values=values,
        variance=np.diag(errors).copy(),
        influence=_no_influence(est),
        df=df,
        note=tuple("; ".join(filter(None, pair)) for pair in zip(est.note or [""] * size, notes, strict=True)),
        direct=est,
        errors=errors,
        own=own,
        between=between,
    )


def _note(est: Estimate, row: int, share: float, psi: np.ndarray) -> str:
    """What a row is made of."""
    return f"shrunken: {share:.0%} its own answers; direct {est.values[row]:.4g} ± {np.sqrt(psi[row]):.2g}"


def _method(est: Estimate, values: np.ndarray) -> str:
    """The interval's name: the estimate's own where it can be made of value and error, value ± t·se elsewhere."""
    if est.bounds is not None or est.method not in SHARES:
        return "fisher" if est.method == "fisher" and (np.abs(values) < 1).all() else "mean"
    if not ((values > 0) & (values < 1)).all():
        return "mean"
    return "xlogit" if est.method == "logit" else est.method


def _taken(est: Estimate) -> dict[str, Any]:
    """What shrunken values take over from the direct ones."""
    return {
        "design": est.design,
        "labels": est.labels,
        "part": est.part,
        "n": est.n,
        "psus": est.psus,
        "deff": np.full(len(est), np.nan),
        "method": "mean",
        "reference": "",
        "by": est.by,
        "empty": est.empty,
    }


def _no_influence(est: Estimate) -> Influence:
    """In the place of an influence: what refuses to be looked at."""

    def refused() -> NoReturn:
        raise DesignError(
            "shrunken values are not linear in the answers: they have an expected error and no influence",
            mend="work with their `direct` estimate, and shrink what comes of it",
        )

    return Influence(est.influence.shape, refused, refused)
