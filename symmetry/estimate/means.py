"""Means of items, and of any function of their codes, by domain: a ratio of weighted totals, linearised.

With totals W = Σ w and Y = Σ w y over the answers of a domain, the mean is Y / W and its gradient (-Y/W², 1/W) (Särndal,
Swensson, Wretman 1992, section 5.6).  A missing answer leaves both totals; its psu and stratum stay in the design.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from symmetry.design import Design, degrees_of_freedom, domains, gather, influence, variances
from symmetry.errors import DesignError
from symmetry.estimate.nouns import Estimate, join

__all__ = ["mean"]


def mean(design: Design, items: str | Sequence[str], *, by: Sequence[str] = (), statistic: str = "mean") -> Estimate:
    """Weighted means of one or several columns, overall or by domain.

    Parameters
    ----------
    design : n respondents; a missing answer is out of its item's mean only.
    items : one or several numeric columns.
    by : columns whose crossed values make domains; none means all respondents.
    statistic : the name the rows carry.

    Returns
    -------
    Estimate with a value for each item × domain that has answers, items outermost, in the unit of the column; its interval is
    value ± t·se.

    Raises
    ------
    DesignError : a column is absent or not numeric, nobody answered, or a stratum has one psu under `lonely_psu="fail"`.

    Notes
    -----
    R twin: ``svyby(~x, ~g, design, svymean, na.rm = TRUE, covmat = TRUE)``;
    df are ``degf(subset(design, g == "a" & !is.na(x)))``.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "weight": [2, 1, 1, 1, 2, 1], "trust": [5, 4, 3, 2, 4, 1]})
    >>> trust = mean(Design(answers, weight="weight", psu="branch"), "trust")
    >>> trust.table()[["estimate", "se", "n"]].round(4)
       estimate      se  n
    0       3.5  0.6585  6
    """
    return coded_mean(design, items, lambda codes: codes, by=by, statistic=statistic)


def coded_mean(
    design: Design,
    items: str | Sequence[str],
    code: Callable[[np.ndarray], np.ndarray],
    *,
    by: Sequence[str],
    statistic: str,
    method: str = "mean",
) -> Estimate:
    """Mean of a function of an item's codes; `code` maps (n,) to (n,) and keeps NaN."""
    names = [items] if isinstance(items, str) else list(items)
    if not names:
        raise DesignError("no item was named", mend="name at least one column of the design's data")
    code_of_row, keys = domains(design, by)
    parts = [
        _one(design, name, code(_column(design, name)), code_of_row, keys, statistic=statistic, method=method)
        for name in names
    ]
    found = join([part for part in parts if len(part)] or parts[:1])
    if not len(found):
        raise DesignError(f"nobody answered {', '.join(names)}", mend="check the columns and the domains asked for")
    return found


def _column(design: Design, name: str) -> np.ndarray:
    """Take a column as floats, missing as NaN."""
    if name not in design.data:
        raise DesignError(f"the design's data have no column `{name}`", mend="name one of its columns")
    try:
        return np.asarray(design.data[name].to_numpy(float, na_value=np.nan))
    except (TypeError, ValueError) as error:
        raise DesignError(
            f"column `{name}` is not numeric ({error})", mend="score the answers first; a category needs codes"
        ) from error


def _one(
    design: Design,
    name: str,
    y: np.ndarray,
    code: np.ndarray,
    keys: pd.DataFrame,
    *,
    statistic: str,
    method: str,
) -> Estimate:
    """Means of one column over D domains; domains without answers are left out."""
    shift = float(np.nanmean(y)) if method == "mean" and np.isfinite(y).any() else 0.0  # a share of 0 or 1 stays exact
    z = y - shift
    answered = np.isfinite(z).astype(float)
    answered[~np.isfinite(z)] = np.nan
    sums = gather(design, np.column_stack([answered, z, z * z]), code, len(keys))
    kept = np.flatnonzero(sums.n > 0)
    w, first, second = (sums.sums[kept, k] for k in range(3))
    level = first / w
    gradient = np.zeros((len(keys), 3))
    gradient[kept] = np.column_stack([-level / w, 1 / w, np.zeros(len(kept))])
    spread = influence(design, sums, gradient)[:, kept]
    present = sums.psu[:, kept, 0] > 0
    n = sums.n[kept]
    scatter = np.maximum(second / w - level**2, 0.0)
    scatter[scatter < 1e-14 * np.maximum(second / w, 1e-300)] = 0.0
    simple = np.divide(scatter, n - 1, out=np.full(len(kept), np.nan), where=(n > 1) & (scatter > 0))
    labels = keys.iloc[kept].reset_index(drop=True)
    labels.insert(0, "item", name)
    labels.insert(0, "statistic", statistic)
    return Estimate(
        design=design,
        labels=labels,
        values=level + shift,
        influence=spread,
        present=present,
        part=_parts(design, code, len(keys))[kept],
        n=n,
        df=degrees_of_freedom(design, present),
        deff=variances(design, spread) / simple,
        method=method,
    )


def _parts(design: Design, code: np.ndarray, size: int) -> np.ndarray:
    """Give the audience of each domain (D,), -1 where a domain holds several."""
    low, high = np.full(size, len(design.layout.parts)), np.full(size, -1)
    inside = code >= 0
    np.minimum.at(low, code[inside], design.layout.part[inside])
    np.maximum.at(high, code[inside], design.layout.part[inside])
    return np.where(low == high, low, -1)
