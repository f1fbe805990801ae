"""Shares of variance and their intervals by profile likelihood.

The share of a level is θ/(1 + Σθ), that of persons 1/(1 + Σθ).  With one share held at c the others are free: of a level, its
ratio is c/(1 - c) times one plus the other ratios; of persons, the ratios add up to 1/c - 1, a stick that breaks into levels.
The interval is where twice the fall of the likelihood stays below the quantile of chi-squared with one degree of freedom.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from symmetry.errors import ConvergenceError
from symmetry.measurement.minimising import Function, lowest
from symmetry.measurement.nesting import Nest

__all__ = ["Shares", "shares_of"]

_GRID = (0.0, 1e-3, 1e-2, 0.1, 1.0, 10.0)
_EDGE = 1e-9
_FAR = 20  # log odds: a share of all but 2e-9


@dataclass(frozen=True, eq=False)
class Shares:
    """A fitted partition of L levels: variances, shares, lower, upper (L + 1,), persons last; the mean of all."""

    mean: float
    variances: np.ndarray
    shares: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def shares_of(nest: Nest, level: float) -> Shares:
    """Fit a nest, and find the interval of every share at this confidence level."""
    from scipy import stats

    grid = np.array(list(product(_GRID, repeat=nest.levels)))
    start = grid[int(np.argmin(nest.deviance(grid)))]
    ratios, best = lowest(nest.deviance, start)
    persons, mean = nest.persons(ratios)
    variances = np.append(ratios * persons, persons)
    shares = variances / variances.sum()
    fall = float(stats.chi2.ppf(level, 1))
    bounds = [_bounds(nest, place, shares, best, fall) for place in range(nest.levels + 1)]
    return Shares(mean, variances, shares, np.array([b[0] for b in bounds]), np.array([b[1] for b in bounds]))


def _bounds(nest: Nest, place: int, shares: np.ndarray, best: float, fall: float) -> tuple[float, float]:
    """Both ends of the interval of one share: where the lowest deviance with the share held has risen by `fall`."""
    persons, share = place == nest.levels, float(shares[place])
    profile = _profile(nest, place, shares)

    def excess(held: float) -> float:  # nearly a straight line, as deviances rise by the square of the distance
        return float(np.sqrt(max(profile(held) - best, 0.0)) - np.sqrt(fall))

    near = 1.0 if persons else 0.0  # an end the share can reach; of the other it falls short, whatever the answers
    edge = -1.0 if abs(share - near) <= _EDGE else excess(near)
    reached = near if edge <= 0 else _crossing(excess, (share, -np.sqrt(fall)), (near, edge))
    far = _beyond(excess, (share, -np.sqrt(fall)), -1 if persons else 1)
    return (far, reached) if persons else (reached, far)


def _beyond(excess: Callable[[float], float], best: tuple[float, float], way: int) -> float:
    """Where the excess is 0 on the side that has no end within reach: step by step in log odds."""
    last, step = best, 0.5
    odds = np.log(np.clip(best[0], 1e-3, 1 - 1e-3) / (1 - np.clip(best[0], 1e-3, 1 - 1e-3)))
    while abs(odds) < _FAR:
        odds, step = odds + way * step, 1.5 * step
        share = float(1 / (1 + np.exp(-odds)))
        if (share - last[0]) * way <= 0:
            continue
        place = (share, excess(share))
        if place[1] > 0:
            return _crossing(excess, last, place)
        last = place
    return 0.0 if way < 0 else 1.0


def _crossing(excess: Callable[[float], float], inside: tuple[float, float], outside: tuple[float, float]) -> float:
    """Where the excess is 0 between two shares at which it is known: chords, an end that stays halved (Illinois rule)."""
    other, last = inside, outside
    for _ in range(200):
        share = (other[0] * last[1] - last[0] * other[1]) / (last[1] - other[1])
        found = excess(share)
        if abs(found) < 1e-8 or abs(last[0] - other[0]) < 1e-12:
            return float(share)
        other = last if (found > 0) != (last[1] > 0) else (other[0], other[1] / 2)
        last = (share, found)
    raise ConvergenceError("an interval of a share has no end that can be found", mend="fewer levels, or larger groups")


def _profile(nest: Nest, place: int, shares: np.ndarray) -> Callable[[float], float]:
    """The lowest deviance as a function of one share that is held, each search starting where the last one ended."""
    held = _persons_held if place == nest.levels else _level_held
    found: dict[str, np.ndarray] = {}

    def deviance(share: float) -> float:
        function, first, upper = held(nest, place, shares, share)
        found["at"], value = lowest(function, found.get("at", first), upper)
        return value

    return deviance


def _level_held(nest: Nest, place: int, shares: np.ndarray, share: float) -> tuple[Function, np.ndarray, float]:
    """Deviance by the ratios of the other levels (L - 1), the share of one level held; where to start; their upper bound."""
    others = [number for number in range(nest.levels) if number != place]

    def function(points: np.ndarray) -> np.ndarray:
        ratios = np.zeros((len(points), nest.levels), points.dtype)
        ratios[:, others] = points
        ratios[:, place] = share / (1 - share) * (1 + points.sum(axis=1))
        return nest.deviance(ratios)

    return function, shares[others] / shares[-1], np.inf


def _persons_held(nest: Nest, _: int, shares: np.ndarray, share: float) -> tuple[Function, np.ndarray, float]:
    """Deviance by where a stick of the levels' ratios breaks (L - 1), the share of persons held; where to start; 1."""

    def function(points: np.ndarray) -> np.ndarray:
        ratios = np.zeros((len(points), nest.levels), points.dtype)
        rest = np.full(len(points), 1 / share - 1, points.dtype)
        for number in range(nest.levels - 1):
            ratios[:, number] = rest * points[:, number]
            rest = rest - ratios[:, number]
        ratios[:, -1] = rest
        return nest.deviance(ratios)

    left = np.cumsum(shares[:-1][::-1])[::-1]  # each level and those inside it
    first = np.divide(shares[:-2], left[:-1], out=np.full(nest.levels - 1, 0.5), where=left[:-1] > 0)
    return function, first, 1.0
