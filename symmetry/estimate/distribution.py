"""The distribution function of an item: shares of the population whose answer is at most a number, linearised as any share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from symmetry.design import Design, cells_of, column_of
from symmetry.errors import DesignError
from symmetry.estimate.linearising import Smooth, items_of, linearise
from symmetry.estimate.nouns import Estimate, join

__all__ = ["cdf"]

_MOST_VALUES = 200
_ENTRIES = 2_000_000


def cdf(
    design: Design, items: str | Sequence[str], at: float | Sequence[float] | None = None, *, by: Sequence[str] = ()
) -> Estimate:
    """Weighted distribution function of one or several columns, overall or by domain.

    Parameters
    ----------
    design : n respondents; a missing answer is out of its item only.
    items : one or several numeric columns.
    at : numbers at which to give the share of answers up to them; none takes every distinct answer, of 200 at most.
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate of shares between 0 and 1, a row for each item × number (column `at`) × domain, whose covariance is that of the whole
    curve; the interval is built on the log odds.

    Raises
    ------
    DesignError : a column is absent or not numeric, nobody answered, a number to ask at is missing, or there are more than 200
        distinct answers and no `at`.

    Notes
    -----
    R twin: ``svycdf(~x, design)`` for the values, ``svymean(~I(x <= at), subset(design, !is.na(x)))`` with errors.

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "trust": [5, 4, 3, 2, 4, 2]})
    >>> cdf(Design(answers, psu="branch"), "trust").table()[["item", "at", "estimate", "se"]].round(4)
        item   at  estimate      se
    0  trust  2.0    0.3333  0.1667
    1  trust  3.0    0.5000  0.2887
    2  trust  4.0    0.8333  0.1667
    3  trust  5.0    1.0000  0.0000
    """
    names = items_of(items)
    if at is None:
        return join([found for name in names for found in _curve(design, name, _distinct(design, name), by)])
    points = np.atleast_1d(np.asarray(at, float))
    if not len(points) or np.isnan(points).any():
        raise DesignError("the distribution is asked at no number", mend="give `at` numbers, or leave it out")
    if len(cells_of(design, by).group) * len(names) * len(points) <= _ENTRIES:
        return _shares(design, names, points, by)
    return join([found for name in names for found in _curve(design, name, points, by)])


def _distinct(design: Design, name: str) -> np.ndarray:
    """Distinct answers of a column, ascending."""
    values = column_of(design, name)
    some = np.unique(values[: 10 * _MOST_VALUES])
    found = some if len(some) > _MOST_VALUES + 1 else pd.unique(values)
    found = np.sort(found[~np.isnan(found)])
    if not len(found):
        raise DesignError(f"nobody answered {name}", mend="check the column")
    if len(found) > _MOST_VALUES:
        raise DesignError(
            f"`{name}` has more than {_MOST_VALUES} distinct answers", mend="say at which numbers, `at=[…]`"
        )
    return found


def _curve(design: Design, name: str, points: np.ndarray, by: Sequence[str]) -> list[Estimate]:
    """Shares up to some numbers, as many at a time as cells leave room for."""
    step = max(1, _ENTRIES // max(len(cells_of(design, by).group), 1))
    parts = [points[start : start + step] for start in range(0, len(points), step)]
    return [_shares(design, [name], part, by) for part in parts]


def _shares(design: Design, names: list[str], points: np.ndarray, by: Sequence[str]) -> Estimate:
    """Shares up to some numbers, in one pass."""
    smooth = shares_of(lambda parts: [(parts[0] <= point).astype(float) for point in points])
    outputs = pd.DataFrame({"at": points})
    asked = [(name, [name]) for name in names]
    return linearise(design, asked, smooth, by=by, statistic="cdf", method="logit", deff=None, outputs=outputs)


def shares_of(columns: Callable[[list[np.ndarray]], list[np.ndarray]]) -> Smooth:
    """Shares of the answers for which each of some columns of 0 and 1 is 1."""
    return Smooth(lambda sums, _: sums[..., 1:] / sums[..., :1], _gradient, columns)


def _gradient(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Rows of totals (1, each count) by shares: (-p / W, 1 / W on the share's own)."""
    w, counts = sums[..., :1], sums[..., 1:]
    m = counts.shape[-1]
    own = np.broadcast_to(np.eye(m), (*w.shape[:-1], m, m)) / w[..., None]
    return np.concatenate([(-counts / w**2)[..., None, :], own], axis=-2)
