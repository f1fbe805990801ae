"""Variances of items and correlations between them: smooth functions of weighted totals of squares and products, by domain."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from symmetry.design import Design
from symmetry.errors import DesignError
from symmetry.estimate.linearising import Smooth, items_of, linearise
from symmetry.estimate.nouns import Estimate

__all__ = ["correlation", "variance"]


def variance(design: Design, items: str | Sequence[str], *, by: Sequence[str] = ()) -> Estimate:
    """Population variances of one or several columns, with the n / (n - 1) of the sample.

    Parameters
    ----------
    items : numeric columns; a missing answer is out of its item only.
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate in squared units of the column; its interval is value ± t·se.

    Raises
    ------
    DesignError : a column is absent or not numeric, or nobody answered.

    Notes
    -----
    n / (n - 1) · Σ w (y - ȳ)² / Σ w, linearised as the mean of squared deviations (the mean's own error is of second order).
    R twin: ``svyvar(~x, design, na.rm = TRUE)``

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "trust": [5, 4, 3, 2, 4, 1]})
    >>> variance(Design(answers, psu="branch"), "trust").table()[["item", "estimate", "se"]].round(4)
        item  estimate      se
    0  trust    2.1667  0.7055
    """
    smooth = Smooth(
        value=_variance,
        gradient=_variance_gradient,
        columns=lambda parts: [parts[0], parts[0] ** 2],
        centred=True,
    )
    found = linearise(
        design, [(name, [name]) for name in items_of(items)], smooth, by=by, statistic="variance", deff=None
    )
    return found.scaled(found.n / np.maximum(found.n - 1, 1))


def correlation(design: Design, items: Sequence[str], *, by: Sequence[str] = ()) -> Estimate:
    """Pearson correlations of every pair of two or more columns, over the people who have both.

    Parameters
    ----------
    items : at least two numeric columns.
    by : columns whose crossed values make domains.

    Returns
    -------
    Estimate of correlations between -1 and 1, an item called "a × b" for each pair; its interval is built on Fisher's z.

    Raises
    ------
    DesignError : fewer than two columns, a column is absent, not numeric, or nobody answered both.

    Notes
    -----
    A pair of which one column does not vary in a domain has no correlation: NaN, and the note says so.
    R twin: ``svycontrast`` of ``svyvar(~x + y, design)`` with ``quote(`x:y` / sqrt(`x:x` * `y:y`))``

    Examples
    --------
    >>> answers = pd.DataFrame({"branch": [1, 1, 2, 2, 3, 3], "trust": [5, 4, 3, 2, 4, 1], "care": [4, 4, 3, 1, 5, 2]})
    >>> correlation(Design(answers, psu="branch"), ["trust", "care"]).table()[["item", "estimate", "se"]].round(4)
               item  estimate     se
    0  trust × care    0.8154  0.0105
    """
    names = items_of(items)
    if len(names) < 2:
        raise DesignError("a correlation needs two columns", mend="name at least two")
    smooth = Smooth(
        value=_correlation,
        gradient=_correlation_gradient,
        columns=lambda parts: [parts[0], parts[1], parts[0] ** 2, parts[1] ** 2, parts[0] * parts[1]],
        centred=True,
    )
    pairs = [(f"{a} × {b}", [a, b]) for a, b in combinations(names, 2)]
    found = linearise(design, pairs, smooth, by=by, statistic="correlation", method="fisher", deff=None)
    flat = ~np.isfinite(found.values)
    if not flat.any():
        return found
    return found.noted(["a column does not vary: no correlation" if gone else "" for gone in flat])


def _variance(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Q / W - (Y / W)², 0 where that is only rounding."""
    second = sums[..., 2:3] / sums[..., :1]
    found = second - (sums[..., 1:2] / sums[..., :1]) ** 2
    return np.asarray(np.where(found < 1e-13 * second, 0.0, found))


def _variance_gradient(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Derivative of Q / W - (Y / W)² by (W, Y, Q)."""
    w, y, q = (sums[..., k] for k in range(3))
    return np.stack([-q / w**2 + 2 * y**2 / w**3, -2 * y / w**2, 1 / w], axis=-1)[..., None]


def _moments(sums: np.ndarray) -> tuple[np.ndarray, ...]:
    """Means of x and y, their variances and covariance; a variance that is only rounding is 0."""
    x, y, xx, yy, xy = (sums[..., k] / sums[..., 0] for k in range(1, 6))
    vx, vy = xx - x**2, yy - y**2
    vx, vy = np.where(vx < 1e-13 * xx, 0.0, vx), np.where(vy < 1e-13 * yy, 0.0, vy)
    return x, y, vx, vy, xy - x * y


def _correlation(sums: np.ndarray, _: np.ndarray) -> np.ndarray:
    """Covariance over the root of both variances."""
    _, _, vx, vy, cov = _moments(sums)
    return np.asarray(np.clip(np.where(vx * vy > 0, cov / np.sqrt(vx * vy), np.nan), -1, 1))[..., None]


def _correlation_gradient(sums: np.ndarray, shift: np.ndarray) -> np.ndarray:
    """Derivative by (W, X, Y, XX, YY, XY), by the chain rule through means, variances and covariance."""
    x, y, vx, vy, _ = _moments(sums)
    r, w = _correlation(sums, shift)[..., 0], sums[..., 0]
    by_cov, by_vx, by_vy = 1 / np.sqrt(vx * vy), -r / (2 * vx), -r / (2 * vy)
    by_x, by_y = -2 * x * by_vx - y * by_cov, -2 * y * by_vy - x * by_cov
    parts = [by_x, by_y, by_vx, by_vy, by_cov]
    means = [sums[..., k] / w for k in range(1, 6)]
    by_w = -sum(part * mean for part, mean in zip(parts, means, strict=True))
    return np.asarray(np.stack([by_w, *parts], axis=-1)[..., None] / w[..., None, None])
