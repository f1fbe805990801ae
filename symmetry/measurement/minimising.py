"""The lowest point of a smooth function of one to three numbers inside a box, to the last digits that a step can tell.

Newton's steps with the gradient by complex steps (exact to rounding, Squire and Trapp 1998), second derivatives by differences of
it, coordinates at their bounds held there while the slope pushes outwards, steps halved until the function falls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from symmetry.errors import ConvergenceError

__all__ = ["Function", "lowest"]

Function = Callable[[np.ndarray], np.ndarray]
_TINY = 1e-20
_STEPS = 200


def lowest(function: Function, start: np.ndarray, upper: float = np.inf) -> tuple[np.ndarray, float]:
    """Point and value (d,), float of the lowest point found from `start`, every coordinate between 0 and `upper`.

    Parameters
    ----------
    function : values (T,) at T points (T, d), also of complex numbers.

    Raises
    ------
    ConvergenceError : no end after 200 steps.
    """
    x = np.clip(np.asarray(start, float), 0.0, upper)
    if not len(x):
        return x, float(function(x[None, :])[0])
    here = _expanded(function, x, upper)
    for _ in range(_STEPS):
        goal = _goal(x, here, upper)
        step, slope = goal - x, float(here.slope @ (goal - x))
        if np.all(np.abs(step) <= 1e-7 * (np.abs(x) + 1e-6)) or abs(slope) <= 1e-14 * abs(here.value):
            return goal, float(function(goal[None, :])[0])
        for halving in range(60):
            place = np.asarray(x + step * 0.5**halving)
            there = _expanded(function, place, upper)
            if there.value <= here.value + 1e-4 * min(slope * 0.5**halving, 0.0):
                break
        else:  # rounding hides any fall
            return x, here.value
        x, here = place, there
    raise ConvergenceError(f"no lowest point after {_STEPS} steps; last at {x}", mend="fewer levels, or larger groups")


@dataclass(frozen=True)
class _Expansion:
    """Value, slope (d,) and second derivatives (d, d) at one point."""

    value: float
    slope: np.ndarray
    bend: np.ndarray


def _expanded(function: Function, x: np.ndarray, upper: float) -> _Expansion:
    """Expand a function around a point, by one call."""
    many = len(x)
    side = 1e-5 * np.maximum(x, 1e-3)
    side = np.where(x + side > upper, -side, side)
    places = x + np.vstack([np.zeros(many), np.diag(side)])  # (d + 1, d)
    points = places[:, None, :] + 1j * _TINY * np.eye(many)[None, :, :]
    found = function(points.reshape(-1, many)).reshape(many + 1, many)
    slopes = found.imag / _TINY
    bend = (slopes[1:] - slopes[0]) / side[:, None]
    return _Expansion(float(found[0, 0].real), slopes[0], (bend + bend.T) / 2)


def _goal(x: np.ndarray, here: _Expansion, upper: float) -> np.ndarray:
    """Where Newton's step leads, as far as the first bound it meets; coordinates at a bound that it would cross stay there."""
    slope, bend = here.slope, here.bend
    held = ((x <= 0) & (slope >= 0)) | ((x >= upper) & (slope <= 0))
    while not held.all():
        step = np.zeros(len(x))
        step[~held] = _downhill(slope[~held], bend[np.ix_(~held, ~held)])
        stuck = ((x <= 0) & (step < 0)) | ((x >= upper) & (step > 0))
        if not stuck.any():
            room = np.where(step < 0, x, upper - x)
            length = np.divide(room, np.abs(step), out=np.full(len(x), np.inf), where=step != 0)
            goal = x + min(1.0, float(length.min())) * step
            bound = length <= 1.0 if length.min() >= 1.0 else length == length.min()
            return np.asarray(np.where(bound, np.where(step < 0, 0.0, upper), np.clip(goal, 0.0, upper)))
        held |= stuck
    return x


def _downhill(slope: np.ndarray, bend: np.ndarray) -> np.ndarray:
    """Newton's step, or where the function bends the wrong way one that still leads down."""
    sizes, axes = np.linalg.eigh(bend)
    sizes = np.maximum(np.abs(sizes), 1e-10 * max(float(np.abs(sizes).max()), 1e-300))
    return np.asarray(-axes @ ((axes.T @ slope) / sizes))
