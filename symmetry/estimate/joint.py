"""Claims about several numbers at once: Wald's joint test, and families of p-values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from symmetry.errors import DesignError
from symmetry.estimate.contrasts import contrast
from symmetry.estimate.missing.combining import pooled_test, within
from symmetry.estimate.nouns import Estimate, Fitted, estimate_of
from symmetry.estimate.tails import f_tail

__all__ = ["adjust", "wald"]

_METHODS = {
    "bh": "fdr_bh",
    "by": "fdr_by",
    "holm": "holm",
    "bonferroni": "bonferroni",
    "hochberg": "simes-hochberg",
    "sidak": "sidak",
}


def wald(est: Estimate | Fitted, contrasts: Mapping[str, Any] | None = None) -> pd.DataFrame:
    """Test that several values, or contrasts of them, are all 0.

    Parameters
    ----------
    est : D values, or a model, of which the coefficients are meant.
    contrasts : as `contrast` takes them; none for the values themselves.

    Returns
    -------
    Frame of one row: test, statistic (F), df, df2 (the fewest degrees of freedom of what is tested), p, note.

    Raises
    ------
    DesignError : what `contrast` refuses, or contrasts that follow from each other.

    Notes
    -----
    F = θ' V⁻¹ θ / k with k and df degrees of freedom [1]_.  R twin: ``regTermTest(model, ~a + b)``.  Of a combined estimate,
    F = θ' Ū⁻¹ θ / (k (1 + r)), r the average increase of variance by what is missing [2]_, df by Reiter (2007).

    References
    ----------
    .. [1] Korn, Graubard (1990). Simultaneous testing of regression coefficients with complex survey data. The American
       Statistician 44, 270-276.
    .. [2] Li, Raghunathan, Rubin (1991). Large-sample significance levels from multiply imputed data. JASA 86, 1065-1073.

    Examples
    --------
    >>> from symmetry.design import Design
    >>> from symmetry.estimate.means import mean
    >>> answers = pd.DataFrame({"g": list("aabbaabb"), "psu": [1, 1, 2, 2, 3, 3, 4, 4], "x": [1.0, 2, 2, 4, 3, 2, 5, 4]})
    >>> wald(mean(Design(answers, psu="psu"), "x", by=["g"]), {"a - b": "a - b"})[["statistic", "df", "df2", "p"]].round(4)
       statistic  df  df2       p
    0     5.6538   1  1.0  0.2534
    """
    found = estimate_of(est) if contrasts is None else contrast(est, contrasts)
    covariance, k, freedom = within(found), len(found), float(np.min(found.df))
    size = np.sqrt(np.diag(covariance))
    if not (size > 0).all() or np.linalg.eigvalsh(covariance / size / size[:, None])[0] < 1e-10:
        raise DesignError(
            "what is tested follows from itself, or has no error", mend="leave out contrasts that others imply"
        )
    statistic = float(found.values @ np.linalg.solve(covariance, found.values)) / k
    statistic, freedom = pooled_test(found, statistic, freedom)
    usable = freedom > 0
    return pd.DataFrame(
        {
            "test": "Wald",
            "statistic": statistic,
            "df": k,
            "df2": freedom,
            "p": f_tail(statistic, k, freedom),
            "note": "" if usable else "no degrees of freedom",
        },
        index=[0],
    )


def adjust(p: Sequence[float] | np.ndarray, *, method: str = "bh") -> np.ndarray:
    """Adjust a family of p-values for their number.

    Parameters
    ----------
    p : p-values, between 0 and 1; missing ones stay missing and do not count.
    method : "bh" and "by" hold the false discovery rate; "holm", "hochberg", "sidak" and "bonferroni" the chance of any
        false claim.

    Returns
    -------
    Adjusted p-values, none below its own.

    Raises
    ------
    DesignError : an unknown method, or a number that is no p-value.

    Notes
    -----
    R twin: ``p.adjust(p, method)``; by statsmodels.

    Examples
    --------
    >>> adjust([0.01, 0.02, 0.03, 0.5], method="holm").round(3)
    array([0.04, 0.06, 0.06, 0.5 ])
    """
    if method not in _METHODS:
        raise DesignError(
            f"no adjustment is called {method!r}", mend=f"one of {', '.join(repr(name) for name in _METHODS)}"
        )
    try:
        values = np.asarray(p, float)
    except (TypeError, ValueError) as error:
        raise DesignError("a p-value is no number", mend="give the p-values of a family of tests") from error
    known = ~np.isnan(values)
    if ((values[known] < 0) | (values[known] > 1)).any():
        raise DesignError("a p-value is not between 0 and 1", mend="give the p-values of a family of tests")
    out = np.full(values.shape, np.nan)
    if known.any():
        from statsmodels.stats.multitest import multipletests

        out[known] = np.minimum(multipletests(values[known], method=_METHODS[method])[1], 1.0)
    return out
