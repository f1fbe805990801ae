"""The cheapest sample that makes a claim likely: over units, employees in each and customers in each.

For given units and employees the customers needed are those of `symmetry.design.sample_size`, exact; what is searched is the
other two, on a grid that closes in on its best place.  The cost is a sum over units and answers, so that along either way it
falls and then rises, but for the steps of whole persons; around the best place every sample is tried.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np

from symmetry import design
from symmetry.analyse.planner_chances import Cell, error, sample
from symmetry.analyse.planner_facts import Facts
from symmetry.errors import DesignError

__all__ = ["Need", "cheapest", "cost_of"]

_POINTS = 6
_NEAR = 3
_MOST = 10_000_000


@dataclass(frozen=True)
class Need:
    """A sample: units (None: nobody spoke of them), answers of both audiences, and what it costs."""

    units: int | None
    customers: int
    employees: int
    cost: float


def cost_of(facts: Facts, units: int | None, customers: int, employees: int) -> float:
    """What a sample costs.

    Examples
    --------
    >>> from symmetry.analyse.planner_facts import Facts, Returns
    >>> one = Returns("customers", 200, 5e4, 5e4, 1.0, 0.5, 60.0, 0.0, 1.0, 2.0)
    >>> cost_of(Facts(one, one, None, float("inf"), 0.0, 50.0, False, ()), 10, 200, 30)
    960.0
    """
    answers = customers * facts.customers.cost + employees * facts.employees.cost
    return float(answers + (units or 0) * facts.unit_cost)


def cheapest(
    facts: Facts,
    spread: Mapping[str, float],
    claim: Mapping[str, Any],
    *,
    chance: float,
    floor: float,
    least: int,
) -> Need | None:
    """The cheapest sample that makes a claim with a given chance; None where no sample there can be does.

    Parameters
    ----------
    spread : each audience's standard deviation.
    claim : of `symmetry.design.sample_size`: difference, smallest, equivalence, level.
    floor : effective answers of each audience that a verdict takes.
    least : answers of each audience that may be shown.
    """
    search = _Search(facts, spread, claim, chance, floor, least)
    if facts.units is None:
        return search.within(None)
    if all(search.within(units) is None for units in range(max(facts.most_units - 1, 1), facts.most_units + 1)):
        return None
    tried = [search.within(units) for units in _narrowing(2, facts.most_units, lambda each: _cost(search.within(each)))]
    best = _least(tried)
    if best is None or best.units is None:
        return None
    near = range(max(best.units - _NEAR, 2), min(best.units + _NEAR, facts.most_units) + 1)
    each = best.employees // best.units
    return _least(
        [best, *(search.beside(units, staff) for units in near for staff in range(max(each - 2, 1), each + 3))]
    )


def _cost(need: Need | None) -> float:
    return math.inf if need is None else need.cost


def _least(needs: Iterable[Need | None]) -> Need | None:
    """The cheapest, the one with the fewest answers among equals."""
    known = [need for need in needs if need is not None]
    return min(known, key=lambda need: (need.cost, need.customers + need.employees), default=None)


class _Search:
    """What is known of one claim while samples are tried."""

    def __init__(
        self,
        facts: Facts,
        spread: Mapping[str, float],
        claim: Mapping[str, Any],
        chance: float,
        floor: float,
        least: int,
    ) -> None:
        self.facts, self.spread, self.claim, self.chance = facts, spread, claim, chance
        self.floor, self.least = floor, least
        self.beside, self.within = cache(self._beside), cache(self._within)

    def _within(self, units: int | None) -> Need | None:
        """The cheapest with that many units, or without any."""
        reach = min(self.facts.employees.reach, _MOST)
        low, high = (max(self.least, 2), int(reach)) if units is None else (1, int(reach // self.facts.most_units))
        tried = _narrowing(low, max(high, low), lambda each: _cost(self.beside(units, each)))
        return _least(self.beside(units, each) for each in tried)

    def _beside(self, units: int | None, employees: int) -> Need | None:
        """With that many employees (in each unit, where there are units), the fewest customers that are enough."""
        staff = employees * (units or 1)
        enough, fewest = (
            _fewest(self.facts, side.name, units, self.floor, self.least) for side in reversed(self.facts.sides)
        )
        if not (enough and fewest and enough <= staff <= self._most("employees", units)):
            return None
        cell = Cell("", "", units or 1, staff, units, self.floor)
        fixed = sample(cell, self.facts, self.spread)
        fixed["n"] = {"customers": None, "employees": staff}
        try:
            found = design.sample_size(**fixed, **self.claim, power=self.chance)
        except DesignError:
            return None
        customers = max(int(found["n"].iloc[0]), fewest)
        if customers > self._most("customers", units):
            return None
        return Need(units, customers, staff, cost_of(self.facts, units, customers, staff))

    def _most(self, audience: str, units: int | None) -> float:
        """The most of an audience that can answer, in that many units."""
        reach: float = getattr(self.facts, audience).reach
        return reach if units is None else reach * units / self.facts.most_units


@lru_cache(maxsize=4096)
def _fewest(facts: Facts, audience: str, units: int | None, floor: float, least: int) -> int:
    """The fewest answers of an audience that a verdict takes, an equal number in each unit; 0 where none are enough."""
    step, place = units or 1, ("customers", "employees").index(audience)

    def enough(each: int) -> bool:
        cell = Cell("", "", each * step, each * step, units, floor)
        return bool(error(sample(cell, facts, {"customers": 1.0, "employees": 1.0}))["n_eff"].iloc[place] >= floor)

    low = max(math.ceil(least / step), math.ceil(floor / step), 1) - 1
    high = low + 1
    while not enough(high):
        low, high = high, 2 * high
        if high * step > _MOST:
            return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high * step


def _narrowing(low: int, high: int, cost: Callable[[int], float]) -> list[int]:
    """Whole numbers that close in on the cheapest: a grid by ratio, then a finer one around its best place."""
    tried: set[int] = set()
    while high - low > _POINTS:
        grid = sorted({round(float(each)) for each in np.geomspace(low, high, _POINTS)} | {high - 1})
        tried.update(grid)
        costs = [cost(each) for each in grid]
        best = costs.index(min(costs))
        if math.isinf(costs[best]):
            return grid
        low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]
    return sorted(tried | set(range(low, high + 1)))
