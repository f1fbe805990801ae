"""From moments to an Estimate: a statistic of the covariance matrix, and its error by its derivatives or by replicates."""

from __future__ import annotations

import numpy as np
import pandas as pd

from symmetry.design import Design, Influence, degrees_of_freedom, gather, influence, left_out, replicates_of
from symmetry.drivers.nouns import Moments, Value
from symmetry.estimate import Estimate

__all__ = ["estimate_of_spread", "explained", "gradient_of", "linear_in_rows"]

_STEP = 6e-6  # the cube root of a rounding error: a central difference keeps ten digits


def explained(moments: Moments, labels: pd.DataFrame, value: Value, gradient: np.ndarray | None = None) -> Estimate:
    """Statistics of a covariance matrix, with errors.

    Parameters
    ----------
    labels : `statistic` and `item` of each of m numbers.
    value : what gives them from any covariance matrices (..., k, k).
    gradient : their derivatives (m, k, k), symmetric, at the correlations; central differences unless given.
    """
    values = value(moments.correlation)
    note = np.full(len(values), moments.note, dtype=object)
    if moments.again is not None:
        spread, variance, lost = moments.again(value, values)
        note = left_out(note, lost, replicates_of(moments.design).size)
    else:
        slopes = gradient_of(value, moments.correlation) if gradient is None else gradient
        spread, variance = moments.linear(slopes)
    return estimate_of_spread(moments.design, labels, values, spread, variance, n=moments.n, note=tuple(note))


def gradient_of(value: Value, covariance: np.ndarray) -> np.ndarray:
    """Derivatives (m, k, k) by a symmetric matrix: entry (a, b) off the diagonal is half of what moving both does.

    Examples
    --------
    >>> gradient_of(lambda c: c[..., 0, 1:2] ** 2, np.array([[1.0, 0.5], [0.5, 1.0]])).round(6)
    array([[[0. , 0.5],
            [0.5, 0. ]]])
    """
    k = len(covariance)
    rows, columns = np.triu_indices(k)
    moved = np.zeros((len(rows), k, k))
    moved[np.arange(len(rows)), rows, columns] = moved[np.arange(len(rows)), columns, rows] = _STEP
    slope = (value(covariance + moved) - value(covariance - moved)) / (2 * _STEP)
    found = np.zeros((slope.shape[1], k, k))
    found[:, rows, columns] = found[:, columns, rows] = slope.T * np.where(rows == columns, 1.0, 0.5)
    return found


def linear_in_rows(design: Design, moved: np.ndarray) -> tuple[Influence, np.ndarray]:
    """Influence and variances of m numbers, from what a unit of weight of each respondent moves them (n, m); NaN is out."""
    totals = gather(design, [list(moved.T)])
    gradient = np.vstack([np.zeros(moved.shape[1]), np.eye(moved.shape[1])])
    return influence(totals, gradient[None, None])


def estimate_of_spread(
    design: Design,
    labels: pd.DataFrame,
    values: np.ndarray,
    spread: Influence,
    variance: np.ndarray,
    *,
    n: int | np.ndarray,
    note: tuple[str, ...],
) -> Estimate:
    """An Estimate of m numbers that have no design effect, from their influence."""
    size = len(values)
    return Estimate(
        design=design,
        labels=labels.reset_index(drop=True),
        values=values,
        influence=spread,
        variance=variance,
        part=np.full(size, 0 if len(design.layout.parts) == 1 else -1),
        n=np.broadcast_to(n, size).copy(),
        psus=np.asarray((spread.presence != 0).sum(axis=0)).ravel(),
        df=degrees_of_freedom(design, spread.presence),
        deff=np.full(size, np.nan),
        note=note if any(note) else ("",) * size,
        reference="",
    )
