"""Two audiences of a sample while answers are tried: the lines of their variances, ranges, and whether a sample is enough."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from symmetry.analyse.planner_chances import claimed
from symmetry.design import Claim, Side, different, equivalent

__all__ = ["Pair", "Tried", "standard_error"]

_NARROW = 1e-9


def standard_error(claim: Mapping[str, Any], df: float, chance: float) -> float:
    """The largest standard error at which a claim is made with a given chance; infinite where any will do.

    Parameters
    ----------
    claim : of `symmetry.design.power`: level, and difference with smallest, or equivalence.
    df : degrees of freedom, infinite for many.

    Examples
    --------
    >>> round(standard_error({"equivalence": 0.3, "level": 0.95}, float("inf"), 0.8), 4)
    0.1025
    """
    from scipy.optimize import brentq

    margin, level = claim.get("equivalence") or claim["difference"], claim.get("level", 0.95)

    def over(size: float) -> float:
        if "equivalence" in claim:
            return equivalent(0.0, size, df, level=level, within=margin) - chance
        least = claim.get("smallest", 0.0)
        return different(margin, size, df, level=level, sides=2, smallest=least) - chance

    low, high = 1e-12 * margin, margin
    if df <= 0 or over(low) < 0:
        return 0.0
    while over(high) >= 0:
        high *= 4
        if high > 1e9 * margin:
            return math.inf
    return float(brentq(over, low, high, xtol=1e-14 * margin, rtol=1e-14))


@dataclass(frozen=True)
class Pair:
    """Both audiences in a number of units (None: without any), their answers left open.

    thin : audiences that answer from fewer units than there are, each person from one.  lows, highs : the fewest and the most
    answers of customers and employees.
    """

    sides: tuple[Side, Side]
    units: int | None
    thin: tuple[bool, bool]
    blank: Claim
    lows: tuple[int, int] = (1, 1)
    highs: tuple[int, int] = (1, 1)

    @classmethod
    def of(cls, made: Mapping[str, Any], units: int | None, thin: tuple[bool, bool]) -> Pair:
        """From the arguments of `symmetry.design.power`, whatever answers they have."""
        sides, blank = claimed(made)
        return cls((sides[0], sides[1]), units, thin, blank)

    def between(self, customers: tuple[int, int], employees: tuple[int, int]) -> Pair:
        """With the fewest and the most answers of both."""
        return replace(self, lows=(customers[0], employees[0]), highs=(customers[1], employees[1]))

    def side(self, place: int, answers: float) -> Side:
        """One audience with so many answers."""
        units = None if self.units is None else float(answers if self.thin[place] else self.units)
        return replace(self.sides[place], n=float(answers), psus=units, per_psu=None).filled()

    def range(self, place: int, floor: float, least: int, most: int) -> tuple[int, int]:
        """The fewest answers that a verdict takes, and the most there are; fewest above most where none do."""
        low = max(least, 1 if self.thin[place] else self.units or 2, 2)
        high = min(most, (self.units or 1) - 1) if self.thin[place] else most

        def enough(answers: int) -> bool:
            side = self.side(place, answers)
            deff = side.variance() / (side.sd**2 / side.answers)  # rounded as the frame of `power` is
            return (side.answers / deff if deff > 0 else answers) >= floor

        if low < high and not enough(high):
            high -= 1  # all there are have no error, and are worth no more than they are
        if low > high or not enough(high):
            return 1, 0
        fewest = high
        while low < fewest:
            middle = (low + fewest) // 2
            low, fewest = (low, middle) if enough(middle) else (middle + 1, fewest)
        return low, high

    @cached_property
    def freedom(self) -> float:
        """The most degrees of freedom that the gap can have."""
        if self.units is None or any(self.side(place, self.lows[place]).census for place in (0, 1)):
            return math.inf
        return self.units - 1.0

    @cached_property
    def slopes(self) -> tuple[float, float]:
        """By how much the variance of each audience's mean grows with one over its answers."""
        found = []
        for place in (0, 1):
            low, high = self.lows[place], self.highs[place]
            few, many = self.side(place, low).variance(), self.side(place, high).variance()
            found.append((few - many) / (1 / low - 1 / high) if low < high else few * low)
        return found[0], found[1]

    @cached_property
    def rest(self) -> float:
        """What of the variance of the gap no answer takes away: that among units."""
        both = [self.side(place, self.lows[place]) for place in (0, 1)]
        own = sum(slope / low for slope, low in zip(self.slopes, self.lows, strict=True))
        return self.blank.outlook(both).se ** 2 - own

    def least(self, place: int, other: np.ndarray, allowed: float) -> np.ndarray:
        """The fewest answers of one audience that could be enough beside the other's; infinite where none could."""
        left = allowed**2 - self.rest - self.slopes[1 - place] / other
        with np.errstate(divide="ignore", invalid="ignore"):
            fewest = np.where(left > 0, np.ceil(self.slopes[place] / left * (1 - _NARROW)), math.inf)
        return np.maximum(fewest, self.lows[place])

    def bound(self, allowed: float, weights: tuple[float, float]) -> float:
        """The least that answers can cost, in parts of persons and without regard to how many there are."""
        left = allowed**2 - self.rest
        roots = sum(math.sqrt(max(slope * weight, 0.0)) for slope, weight in zip(self.slopes, weights, strict=True))
        return roots**2 / left * (1 - _NARROW) if left > 0 else math.inf

    def best(self, allowed: float, weights: tuple[float, float]) -> float:
        """The employees of the cheapest sample in parts of persons, without regard to how many there are."""
        left = allowed**2 - self.rest
        customers, employees = (max(slope, 0.0) for slope in self.slopes)
        if not left > 0:
            return float(self.highs[1])
        return (employees + math.sqrt(customers * employees * weights[0] / weights[1])) / left

    def band(self, place: int, allowed: float, weights: tuple[float, float], most: float) -> tuple[int, int]:
        """The fewest and the most answers of one audience in samples that may cost less than `most`.

        In parts of persons, n of it cost w n + w' s' n / (r n - s), with s and s' the slopes and r what is left for both; at
        most `most` between the two roots of a quadratic.
        """
        low, high, left = self.lows[place], self.highs[place], allowed**2 - self.rest
        own, other = self.slopes[place], self.slopes[1 - place]
        high = min(high, math.floor(most / weights[place]))
        if not left > 0:
            return 1, 0
        if math.isfinite(left):
            square, line = weights[place] * left, weights[1 - place] * other - weights[place] * own - most * left
            under = line**2 - 4 * square * most * own
            if under < 0 or line > 0:
                return low, min(low, high)
            root = (-line + math.sqrt(under)) / 2
            low = max(low, math.floor(most * own / root * (1 - _NARROW)) - 1)
            high = min(high, math.ceil(root / square * (1 + _NARROW)) + 1)
        return low, high


class Tried:
    """Whether samples of a pair make a claim with a given chance."""

    def __init__(self, pair: Pair, claim: Mapping[str, Any], chance: float) -> None:
        self.pair, self.chance = pair, chance
        self.claim = replace(pair.blank, **claim)

    def enough(self, customers: int, employees: int) -> bool:
        """Whether so many answers are enough."""
        found = self.claim.outlook([self.pair.side(0, customers), self.pair.side(1, employees)])
        return found.power >= self.chance

    def fewest(self, place: int, other: int, start: int) -> int | None:
        """The fewest answers of one audience beside the other's, looked for from `start` on; None where none are enough."""
        low, high = self.pair.lows[place], self.pair.highs[place]

        def enough(own: int) -> bool:
            return self.enough(own, other) if place == 0 else self.enough(other, own)

        short, step, tried = low - 1, 1, min(max(start, low), high)
        while not enough(tried):
            if tried == high:
                return None
            short, tried, step = tried, min(tried + step, high), 2 * step
        if short < low <= tried - 1 and not enough(tried - 1):
            return tried
        while tried - short > 1:
            middle = (short + tried) // 2
            short, tried = (short, middle) if enough(middle) else (middle, tried)
        return tried

    def first(self, weights: tuple[float, float], allowed: float) -> tuple[int, int]:
        """A sample that is enough, near the cheapest."""
        low, high = self.pair.lows[1], self.pair.highs[1]
        employees, step = int(min(max(math.ceil(self.pair.best(allowed, weights)), low), high)), 1
        while True:
            start = self.pair.least(0, np.array([float(employees)]), allowed)[0]
            found = self.fewest(0, employees, int(min(start, self.pair.highs[0])))
            if found is not None:
                return found, employees
            if employees == high:
                return self.pair.highs
            employees, step = min(employees + step, high), 2 * step
