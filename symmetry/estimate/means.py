"""Means of items, and of any function of their codes, by domain: a ratio of weighted totals, linearised.

With totals W = Σ w and Y = Σ w y over the answers of a domain, the mean is Y / W and its gradient (-Y/W², 1/W) (Särndal,
Swensson, Wretman 1992, section 5.6).  A missing answer leaves both totals; its psu and stratum stay in the design.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from symmetry.design import Design
from symmetry.estimate.linearising import Deff, Smooth, items_of, linearise
from symmetry.estimate.nouns import Estimate

__all__ = ["mean"]


def mean(
    design: Design, items: str | Sequence[str], *, by: Sequence[str] = (), deff: Deff = "wr", statistic: str = "mean"
) -> Estimate:
    """Weighted means of one or several columns, overall or by domain.

    Parameters
    ----------
    design : n respondents; a missing answer is out of its item's mean only.
    items : one or several numeric columns.
    by : columns whose crossed values make domains; none means all respondents.
    deff : reference of the design effect: "wr" (simple random sampling with replacement of as many answers), "wor" (without, from
        a population of Σ w) or None.
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
    R twin: ``svyby(~x, ~g, design, svymean, na.rm = TRUE, covmat = TRUE, deff = "replace")``;
    df are ``degf(subset(design, g == "a" & !is.na(x)))``.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "weight": [2, 1, 1, 1, 2, 1], "trust": [5, 4, 3, 2, 4, 1]})
    >>> trust = mean(Design(answers, weight="weight", psu="branch"), "trust")
    >>> trust.table()[["estimate", "se", "n"]].round(4)
       estimate      se  n
    0       3.5  0.6585  6
    """
    return coded_mean(design, items, None, by=by, statistic=statistic, deff=deff)


def coded_mean(
    design: Design,
    items: str | Sequence[str],
    code: Callable[[np.ndarray], np.ndarray] | None,
    *,
    by: Sequence[str],
    statistic: str,
    method: str = "mean",
    deff: Deff = "wr",
) -> Estimate:
    """Mean of a function of an item's codes; `code` maps (n,) answers to (n,) numbers."""
    variables = [(name, name) for name in items_of(items)]
    return mean_of(design, variables, code, by=by, statistic=statistic, method=method, deff=deff)


def mean_of(
    design: Design,
    variables: Sequence[tuple[str, str | np.ndarray]],
    code: Callable[[np.ndarray], np.ndarray] | None = None,
    *,
    by: Sequence[str],
    statistic: str = "mean",
    method: str = "mean",
    deff: Deff = None,
) -> Estimate:
    """Means of labelled variables, each a column or an array (n,)."""

    def columns(answers: list[np.ndarray]) -> list[np.ndarray]:
        z = answers[0] if code is None else code(answers[0])
        return [z, z * z]

    smooth = Smooth(_value, _gradient, columns, _simple, centred=code is None, aside=1)
    items = [(label, [variable]) for label, variable in variables]
    return linearise(design, items, smooth, by=by, statistic=statistic, method=method, deff=deff)


def _value(sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Y / W, with the shift back."""
    return np.asarray(sums[..., 1:2] / sums[..., :1] + shift[..., :1])


def _gradient(sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """(-Y/W², 1/W, 0)."""
    w, y = sums[..., 0], sums[..., 1]
    return np.stack([-y / w**2, 1 / w, np.zeros(w.shape)], axis=-1)[..., None]


def _simple(sums: np.ndarray, n: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """s² / n, with s² = n / (n - 1) Σ w (y - ȳ)² / W."""
    second = sums[..., 2] / sums[..., 0]
    scatter = np.maximum(second - (sums[..., 1] / sums[..., 0]) ** 2, 0.0)
    scatter = np.where(scatter < 1e-14 * second, 0.0, scatter)
    return np.asarray(scatter / np.where(n > 1, n - 1, np.nan))[..., None]
