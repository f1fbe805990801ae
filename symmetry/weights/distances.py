"""Distances of calibration: how far weights may move from their starting ones, and what that costs.

Calibration multiplies a starting weight by g = F(u), where u = x'λ and F is the inverse derivative of a distance with
F(0) = F'(0) = 1 (Deville and Särndal 1992, table 1).  Each distance here gives F and F' of an array of u.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from symmetry.errors import DataError

__all__ = ["Bounds", "Distance", "Method", "distance"]

Bounds = tuple[float, float]
Method = Literal["linear", "raking", "logit", "sinh"]
Curve = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Distance:
    """A distance by its curve, from u to F(u) and F'(u), both (n,); `linear` says that one Newton step ends at its totals."""

    curve: Curve
    linear: bool = False

    def __call__(self, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Give F(u) and F'(u)."""
        return self.curve(u)


def distance(method: str, bounds: Bounds | None) -> Distance:
    """Choose a distance.

    Parameters
    ----------
    method : "linear" 1 + u (chi-square distance), "raking" exp u, "logit" between its bounds, "sinh" (positive, and pulled
        in on both sides).
    bounds : least and largest g; beyond them "linear", "raking" and "sinh" are cut, "logit" bends towards them.

    Returns
    -------
    The distance: called, it turns u into F(u) and F'(u), both (n,); one array where they are equal.

    Raises
    ------
    DataError : an unknown method, bounds that do not hold 1 between them, or none for "logit".
    """
    if method not in get_args(Method):
        raise DataError(f"the calibration method {method!r} is unknown", mend=f"one of {get_args(Method)}")
    if bounds is not None:
        low, high = _checked(bounds)
        if method == "logit":
            return Distance(_logit(low, high))
        return Distance(_cut(_PLAIN[method], low, high))
    if method == "logit":
        raise DataError(
            'calibration by "logit" needs bounds', mend="give bounds=(least, largest) of final over starting weight"
        )
    return Distance(_PLAIN[method], linear=method == "linear")


def _checked(bounds: Bounds) -> Bounds:
    """Bounds as two numbers around 1."""
    try:
        low, high = (float(bound) for bound in bounds)
    except (TypeError, ValueError):
        low = high = np.nan
    if not low < 1 < high:
        raise DataError(
            f"the bounds {bounds!r} do not hold 1 strictly between them",
            mend="bounds are the least and the largest ratio of final to starting weight, below and above 1, such as (0.5, 2)",
        )
    return low, high


def _linear(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return 1.0 + u, np.ones_like(u)


def _raking(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    grown = np.exp(np.minimum(u, 700.0))
    return grown, grown


def _sinh(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    p = np.arcsinh(2.0 * u)
    root = np.sqrt(p * p + 4.0)
    return (p + root) / 2.0, (1.0 + p / root) / np.sqrt(1.0 + 4.0 * u * u)


_PLAIN: dict[str, Curve] = {"linear": _linear, "raking": _raking, "sinh": _sinh}


def _cut(plain: Curve, low: float, high: float) -> Curve:
    """A curve that ends at its bounds."""

    def bounded(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        value, slope = plain(u)
        inside = (value > low) & (value < high)
        return np.clip(value, low, high), slope * inside

    return bounded


def _logit(low: float, high: float) -> Curve:
    """F(u) = (L(U-1) + U(1-L)e^(Au)) / (U-1 + (1-L)e^(Au)), A = (U-L) / ((1-L)(U-1))."""
    if not (np.isfinite(low) and np.isfinite(high)):
        raise DataError('calibration by "logit" needs finite bounds', mend="such as (0.5, 2)")
    speed = (high - low) / ((1 - low) * (high - 1))

    def bounded(u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        grown = np.exp(np.clip(speed * u, -700.0, 700.0))
        grown *= 1 - low
        grown /= high - 1 + grown  # the way from the least g to the largest, between 0 and 1
        return low + (high - low) * grown, speed * (high - low) * grown * (1 - grown)

    return bounded
