"""How likely each verdict is, were the true gap known: the verdicts of `dissonance.detect` on a sample that is planned.

Dissonant: the test of no gap, and an estimate of at least the smallest gap m.  Material: beyond m by a one-sided test at 2.5 %.
Aligned: both one-sided tests inside ± m at 5 %.  All of them are powers of `symmetry.design.power`; no formula stands here.
A family of K pairs under Benjamini and Hochberg tests each pair somewhere between 5 % (all others are clear) and 5 % / K (none
is): both ends are told, `alone` and `strict`.  Under Benjamini and Yekutieli the strict end is 5 % / (K Σ 1/i).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from symmetry import design
from symmetry.analyse.planner_facts import Facts, Returns
from symmetry.design import Claim, Outlook, Side, sides_of

__all__ = [
    "Cell",
    "Verdicts",
    "all_answering",
    "asking",
    "chances",
    "claimed",
    "error",
    "found_from",
    "sample",
    "why_none",
]

_ERROR, _MATERIAL = 0.05, 0.025


@dataclass(frozen=True)
class Cell:
    """Where a gap is looked at: everybody, one category of a segment, or inside one unit (persons are then the psus).

    floor : effective answers below which a verdict stays undetermined.  times : how many such places are tested together.
    staff_units : units that employees answer from, where they are more than those of customers.
    part : the share of all customers, and of all employees (and of all units), that is in such a place.
    """

    by: str
    domain: str
    customers: int
    employees: int
    units: int | None
    floor: float
    inside: bool = False
    times: int = 1
    staff_units: int | None = None
    part: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class Verdicts:
    """Chances of the verdicts at one true gap; material is a part of dissonant."""

    dissonant: float
    material: float
    aligned: float

    @property
    def undetermined(self) -> float:
        """The rest."""
        return max(0.0, 1 - self.dissonant - self.aligned)


def sample(cell: Cell, facts: Facts, spread: Mapping[str, float]) -> dict[str, Any]:
    """The arguments of `symmetry.design.power` for the sample of a cell; `spread` is each audience's standard deviation."""
    answers = {"customers": cell.customers, "employees": cell.employees}
    made: dict[str, Any] = {
        "n": answers,
        "sd": dict(spread),
        "deff": {side.name: side.deff for side in facts.sides},
    }
    if facts.finite:
        made["population"] = {side.name: _people(side, cell) for side in facts.sides}
    if cell.units is None or cell.inside:
        return made
    made |= {
        "psus": {
            "customers": min(cell.units, cell.customers),
            "employees": min(cell.staff_units or cell.units, cell.employees),
        },
        "icc": {side.name: side.icc for side in facts.sides},
        "sharing": "units",
        "correlation": facts.together,
    }
    if facts.finite and math.isfinite(facts.all_units):
        made["population_psus"] = max(round(facts.all_units * cell.part[1]), cell.units)
    return made


def _people(side: Returns, cell: Cell) -> float:
    """How many of an audience there are in a cell."""
    planned: int = getattr(cell, side.name)
    return max(side.population * cell.part[("customers", "employees").index(side.name)], planned)


def all_answering(cell: Cell, facts: Facts) -> Cell:
    """The same customers, and every employee there is, of all units; or a million where that is not told."""
    most = facts.employees.population
    if cell.units and not cell.inside and math.isfinite(facts.all_units):
        cell = replace(cell, staff_units=max(round(facts.all_units * cell.part[1]), cell.units))
    if not math.isfinite(most):
        return replace(cell, employees=1_000_000)
    return replace(cell, employees=max(round(most * cell.part[1]), cell.employees))


def chances(made: Mapping[str, Any], smallest: float, gap: float, *, strict: float = 1.0) -> Verdicts:
    """Chances of the verdicts at a true gap.

    Parameters
    ----------
    made : as `sample` gives it.  smallest : the smallest gap of interest, in the unit of the spread.
    gap : the true one.
    strict : by how much the error is divided: 1 for a pair alone, K for the hardest case of BH in a family of K.

    Examples
    --------
    Four hundred customers and sixty employees, a margin of 0.3 standard deviations, no gap:

    >>> made = {"n": {"customers": 400, "employees": 60}, "sd": 1.0}
    >>> found = chances(made, 0.3, 0.0)
    >>> round(found.dissonant, 2), round(found.aligned, 2)
    (0.03, 0.39)
    """
    level = 1 - _ERROR / strict
    return Verdicts(
        dissonant=_power(made, difference=gap, smallest=smallest, level=level),
        material=_beyond(made, gap - smallest, strict) + _beyond(made, -gap - smallest, strict),
        aligned=_power(made, difference=gap, equivalence=smallest, level=level),
    )


def _beyond(made: Mapping[str, Any], truth: float, strict: float) -> float:
    """Chance that a one-sided test at 2.5 % finds a value above 0 where it truly is `truth`.

    `power` looks on the side where the truth lies; the other side is what two sides find beyond it.
    """
    one = _power(made, difference=truth, level=1 - _MATERIAL / strict, alternative="one_sided")
    if truth >= 0:
        return one
    return max(0.0, _power(made, difference=truth, level=1 - 2 * _MATERIAL / strict) - one)


def found_from(made: Mapping[str, Any], smallest: float, *, chance: float, strict: float, widest: float) -> float:
    """The smallest true gap that is called dissonant with a given chance; NaN where no gap on the scale is."""
    from scipy.optimize import brentq

    def short(gap: float) -> float:
        return _power(made, difference=gap, smallest=smallest, level=1 - _ERROR / strict) - chance

    if math.isnan(short(widest)) or short(widest) < 0:
        return math.nan
    return float(brentq(short, 0.0, widest, xtol=1e-6 * widest))


def error(made: Mapping[str, Any]) -> pd.DataFrame:
    """Standard errors and effective answers: rows for customers, employees and the gap, as `symmetry.design.power`."""
    return design.power(**made)


def why_none(found: pd.DataFrame, cell: Cell, least: int) -> str:
    """Why no verdict can be given whatever is answered; nothing where one can: "hidden", "few" or "lone"."""
    if min(cell.customers, cell.employees) < least:
        return "hidden"
    if not found["df"].iloc[-1] > 0:
        return "lone"
    return "few" if float(found["n_eff"].iloc[:2].min()) < cell.floor else ""


def claimed(made: Mapping[str, Any], **claim: Any) -> tuple[list[Side], Claim]:
    """What `symmetry.design.power` makes of its arguments, before it is a frame."""
    names = ("n", "psus", "per_psu", "icc", "deff", "strata", "population", "population_psus", "response")
    facts = {"deff": 1.0, "strata": 1.0, "response": 1.0} | {name: made[name] for name in names if name in made}
    told = Claim(
        difference=claim.get("difference"),
        equivalence=claim.get("equivalence"),
        smallest=claim.get("smallest", 0.0),
        level=claim.get("level", 0.95),
        alternative=claim.get("alternative", "two_sided"),
        test="wald",
        distribution=made.get("distribution", "t"),
        sharing=made.get("sharing", "apart"),
        correlation=made.get("correlation", 0.0),
    )
    return sides_of(told, made["sd"], None, dict.fromkeys(names) | facts)


def asking(made: Mapping[str, Any], **claim: Any) -> Outlook:
    """The last row of `symmetry.design.power`, without the frame: a hundred times as fast."""
    sides, told = claimed(made, **claim)
    return told.outlook([side.filled() for side in sides])


def _power(made: Mapping[str, Any], **claim: Any) -> float:
    """Power of a claim, the last row's."""
    return asking(made, **claim).power
