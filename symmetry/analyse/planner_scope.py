"""What is planned for: comparisons with their margins and families of tests, and the places where gaps are looked at."""

from __future__ import annotations

import math
from dataclasses import dataclass

from symmetry import spec
from symmetry.analyse.planner_chances import Cell
from symmetry.analyse.planner_facts import Facts
from symmetry.errors import Place, SpecError
from symmetry.spec import Study

__all__ = ["Compared", "cells", "compared"]

_FLOOR, _FLOOR_INSIDE = 30.0, 10.0


@dataclass(frozen=True)
class Compared:
    """One comparison in one unit of margin.

    pairs : items that are measured in the unit.  absolute, relative : all pairs of the comparison by the reading of their
    verdict, which are two families of tests.  span : length of the longest scale, in points.  judged : the unit in which the
    pairs have their verdict, if it is another one.
    """

    a: str
    b: str
    unit: str
    smallest: float
    pairs: int
    absolute: int
    relative: int
    span: float
    judged: str = ""

    @property
    def harder(self) -> bool:
        """Whether relative gaps are the harder family."""
        return self.strict(1) > max(self.absolute, 1)

    @property
    def family(self) -> int:
        """Pairs of the family that costs most."""
        return self.relative if self.harder else self.absolute

    def strict(self, times: int) -> float:
        """By how much 5 % is divided in the hardest case: K under BH, K Σ 1/i under BY, which relative gaps take.

        Examples
        --------
        >>> Compared("customer", "employee", "points", 0.3, 9, 9, 0, 4.0).strict(1)
        9.0
        >>> round(Compared("customer", "employee", "points", 0.3, 9, 6, 3, 4.0).strict(1), 2)
        6.0
        """
        relative = self.relative * times
        return float(max(self.absolute * times, relative * sum(1 / each for each in range(1, relative + 1)), 1))


def compared(study: Study) -> tuple[Compared, ...]:
    """Comparisons of the plan, each in the units of its margins that some lawful pair is measured in.

    Raises
    ------
    SpecError : the plan compares nothing, or nothing of what it compares can have a verdict.
    """
    if not study.registered.comparisons:
        raise SpecError(
            "the plan of this study compares nothing: no verdict can be planned",
            where=Place(study.path),
            mend="write `plan: dissonance: [{a: customer, b: employee, smallest: [0.3 points, 5 pct]}]`",
        )
    found = []
    for comparison in study.registered.comparisons:
        lawful = [
            pair
            for pair in spec.pairs(study)
            if (pair.a, pair.b) == (comparison.a, comparison.b)
            and pair.lawful
            and pair.one_ruler
            and _asked(study, pair)
        ]
        relative = sum(pair.mirror == "parallel" for pair in lawful)
        for margin in comparison.smallest:
            items = [study.items[pair.item] for pair in lawful if margin.unit in spec.units_of(study.items[pair.item])]
            units = [each.unit for each in comparison.smallest]
            first = {next(unit for unit in units if unit in spec.units_of(item)) for item in items}
            spans = [item.scale.high - item.scale.low for item in items if item.scale]
            if items:
                one = (comparison.a, comparison.b, margin.unit, margin.value)
                counts = (len(items), len(lawful) - relative, relative)
                judged = "" if margin.unit in first else min(first)
                found.append(Compared(*one, *counts, float(max(spans, default=4)), judged))
    if not found:
        raise SpecError(
            "no pair that the plan compares can have a verdict in the units of its margins",
            where=Place(study.path),
            mend="write a face of the other audience on the same scale, with `mirror: {employee: literal}`",
        )
    return tuple(found)


def _asked(study: Study, pair: spec.MirroredPair) -> bool:
    """Whether some wave puts both faces of a pair to people."""
    return any(
        pair.item in wave.items and {"customers", "employees"} <= set(wave.audiences) for wave in study.waves.values()
    )


def cells(study: Study, facts: Facts) -> tuple[tuple[Cell, ...], tuple[str, ...]]:
    """Everybody, each category of each segment whose sizes are told for both audiences, inside one unit; and what is left."""
    customers, employees = (side.answers for side in facts.sides)
    found = [Cell("", "", customers, employees, facts.units, _FLOOR)]
    left = []
    for name in study.registered.segments:
        if not set(study.audiences) & set(study.items[name].audiences) >= {"customers", "employees"}:
            continue
        shares = [
            next((target.shares for target in study.targets.get(side.name, ()) if target.variable == name), None)
            for side in facts.sides
        ]
        if shares[0] is None or shares[1] is None:
            left.append(name)
            continue
        for category in shares[0]:
            a, b = shares[0][category], shares[1].get(category, 0.0)
            units = max(round(facts.units * b), 1) if facts.units is not None else None
            both = (max(round(customers * a), 1), max(round(employees * b), 1))
            found.append(Cell(name, category, *both, units, _FLOOR, times=len(shares[0]), part=(a, b)))
    if facts.units is not None and facts.units > 1:
        both = (max(customers // facts.units, 1), max(employees // facts.units, 1))
        one = 1 / (facts.all_units if math.isfinite(facts.all_units) else facts.units)
        found.append(Cell("unit", "", *both, 1, _FLOOR_INSIDE, inside=True, times=facts.units, part=(one, one)))
    return tuple(found), tuple(left)
