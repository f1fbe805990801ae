"""The cheapest sample that makes a claim likely: over units, employees and customers, of all samples there can be.

A claim is likely enough where the standard error of the gap is at most what its degrees of freedom allow, and the variance of an
audience's mean is a line in one over its answers (`symmetry.design.power`): two samples tell the line, and the line tells at once
the fewest customers that any number of employees could do with.  That is the least a sample can cost; samples are then held
against `symmetry.design` itself, the most promising first, until no other can be cheaper.  Answers need be no multiple of the
units: what each gives is a mean.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from symmetry.analyse.planner_chances import Cell, asking, error, sample, why_none
from symmetry.analyse.planner_facts import Facts, Returns
from symmetry.analyse.planner_trying import Pair, Tried, standard_error

__all__ = ["Need", "cheapest", "cost_of"]

_MOST = 10_000_000
_EXACT, _SLACK = 60, 0.02
_TIE = 1e-9  # of a cost, for each answer: of two samples that cost the same, the one with fewer


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
    claim : of `symmetry.design.power`: difference, smallest, equivalence, level.
    floor : effective answers of each audience that a verdict takes.
    least : answers of each audience that may be shown.

    Notes
    -----
    Exact for the first 60 numbers of units that are looked at.  Where more come into question, those are left that could save no
    more than two hundredths of the cost.
    """
    search = _Search(facts, spread, claim, chance, floor, least)
    search.keep(search.planned())
    if facts.units is None:
        search.keep(search.within(None))
        return search.best
    most = facts.most_units
    search.keep(search.within(most))
    if most > 2:
        search.keep(search.within(most - 1))
    if search.best is not None:  # what no sample does in all units, and in all but one, none does in fewer
        search.split(2, most - 2)
    return search.best


class _Search:
    """The cheapest sample found so far for one claim."""

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
        self.best: Need | None = None
        self.looked = 0
        costs = [side.cost for side in facts.sides]
        tie = _TIE * max(1.0, *costs)
        self.weights = (costs[0] + tie, costs[1] + tie)
        self.allowed = cache(lambda df: standard_error(claim, df, chance))
        self.pairs = cache(self._pairs)

    def keep(self, need: Need | None) -> None:
        """Keep the cheaper sample, of equals the one with fewer answers."""
        if need is not None and (self.best is None or self._weight(need) < self._weight(self.best)):
            self.best = need

    def _weight(self, need: Need) -> float:
        own = need.customers * self.weights[0] + need.employees * self.weights[1]
        return own + (need.units or 0) * self.facts.unit_cost

    def planned(self) -> Need | None:
        """The sample of the plan, where it is enough."""
        facts = self.facts
        both = facts.customers.answers, facts.employees.answers
        cell = Cell("", "", *both, facts.units, self.floor)
        made = sample(cell, facts, self.spread)
        if why_none(error(made), cell, self.least) or asking(made, **self.claim).power < self.chance:
            return None
        return Need(facts.units, *both, cost_of(facts, facts.units, *both))

    def split(self, low: int, high: int) -> None:
        """Look at numbers of units from the middle out, but for those that cannot be cheaper."""
        slack = _SLACK * self._weight(self.best) if self.best is not None and self.looked >= _EXACT else 0.0
        if low > high or (self.best is not None and self._bound(low, high) + slack >= self._weight(self.best)):
            return
        self.looked += 1
        middle = (low + high) // 2
        self.keep(self.within(middle))
        self.split(middle + 1, high)
        self.split(low, middle - 1)

    def _bound(self, low: int, high: int) -> float:
        """What so many units cost at least, with answers as good as the most of them make them."""
        pair = next(iter(self.pairs(high)), None)
        if pair is None:
            return low * self.facts.unit_cost
        return low * self.facts.unit_cost + pair.bound(self.allowed(pair.freedom), self.weights)

    def within(self, units: int | None) -> Need | None:
        """The cheapest with that many units, or without any."""
        found = [self._of(pair) for pair in self.pairs(units)]
        needs = [Need(units, *both, cost_of(self.facts, units, *both)) for both in found if both is not None]
        return min(needs, key=self._weight, default=None)

    def _pairs(self, units: int | None) -> list[Pair]:
        """Both audiences in that many units: answers in each, or of one audience in fewer units than there are."""
        made = sample(Cell("", "", units or 1, units or 1, units, self.floor), self.facts, self.spread)
        found = []
        for thin in ((False, False), (True, False), (False, True)) if units is not None else ((False, False),):
            pair = Pair.of(made, units, thin)
            ranges = [
                pair.range(place, self.floor, self.least, self._most(name, units))
                for place, name in enumerate(("customers", "employees"))
            ]
            if all(low <= high for low, high in ranges):
                found.append(pair.between(*ranges))
        return found

    def _most(self, audience: str, units: int | None) -> int:
        """The most of an audience that can answer, in that many units: as many in each as there are, or as are planned."""
        facts = self.facts
        side: Returns = getattr(facts, audience)
        if math.isinf(side.reach):
            return max(_MOST, side.answers)
        if units is None or facts.units is None:
            return int(side.reach)
        each = side.reach / facts.most_units
        if not facts.finite:
            each = max(each, side.answers / facts.units)
        return math.floor(min(side.reach, each * units) + 1e-9)

    def _of(self, pair: Pair) -> tuple[int, int] | None:
        """The cheapest answers of both audiences."""
        tried = Tried(pair, self.claim, self.chance)
        highs = pair.highs
        if not tried.enough(*highs):
            return None
        best = tried.first(self.weights, self.allowed(pair.freedom))
        weight = _weighed(best, self.weights)
        freedom = min(pair.freedom, max(weight / min(self.weights), 1.0))
        for bound, place, own, other in _promising(pair, self.allowed(freedom), self.weights, weight):
            if bound >= weight:
                break
            fewest = tried.fewest(place, other, own)
            if fewest is not None:
                both = (fewest, other) if place == 0 else (other, fewest)
                if _weighed(both, self.weights) < weight:
                    best, weight = both, _weighed(both, self.weights)
        return best


def _weighed(both: Iterable[float], weights: tuple[float, float]) -> float:
    customers, employees = both
    return customers * weights[0] + employees * weights[1]


def _promising(
    pair: Pair, allowed: float, weights: tuple[float, float], most: float
) -> Iterator[tuple[float, int, int, int]]:
    """Samples that may cost less than `most`, the least that they can cost first.

    Each is a bound on its cost, the audience that is left to be found (0 customers, 1 employees), the fewest of it that could be
    enough, and the answers of the other.  Answers of one audience are gone through one by one: of the one with fewer to try.
    """
    bands = [pair.band(place, allowed, weights, most) for place in (0, 1)]
    known = min((0, 1), key=lambda place: bands[place][1] - bands[place][0])
    low, high = bands[known]
    if low > high:
        return
    given = np.arange(low, high + 1, dtype=float)
    place = 1 - known
    fewest = pair.least(place, given, allowed)
    bound = given * weights[known] + fewest * weights[place]
    kept = np.flatnonzero((fewest <= pair.highs[place]) & (bound < most))
    for each in kept[np.argsort(bound[kept], kind="stable")]:
        yield float(bound[each]), place, int(fewest[each]), int(given[each])
