"""Least squares on centred columns, and what a unit of weight of each respondent moves the coefficients."""

from __future__ import annotations

import numpy as np

__all__ = ["least_squares"]


def least_squares(x: np.ndarray, y: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients (q,) of y (m,) on columns x (m, q) that have a weighted mean of 0, and what each row moves them (m, q).

    Notes
    -----
    With A = Σ w x x′ the row's move is A⁻¹ x (y - x′b): the influence of weighted least squares (Fuller 1975; Binder 1983).

    Examples
    --------
    >>> slope, moved = least_squares(np.array([[-1.0], [0.0], [1.0]]), np.array([-2.0, 0.5, 1.5]), np.ones(3))
    >>> slope, moved.sum(axis=0).round(12) + 0.0
    (array([1.75]), array([0.]))
    """
    curve = (x * weight[:, None]).T @ x
    slopes = np.linalg.solve(curve, x.T @ (weight * y))
    return slopes, np.linalg.solve(curve, (x * (y - x @ slopes)[:, None]).T).T
