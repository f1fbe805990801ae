"""What is expected to come back, made complete: the study's `expect:`, what the command line says instead, and assumptions.

Every number that nobody gave is assumed, and every assumption is kept, to be printed: a plan that hides them would promise
what nobody said.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from symmetry.errors import Place, SpecError
from symmetry.spec import Study, impossible, read_yaml

__all__ = ["ASSUMED", "AUDIENCES", "Assumed", "Facts", "Returns", "facts_of"]

AUDIENCES = ("customers", "employees")
ASSUMED: Mapping[str, float] = {
    "sd": 1.0,  # of an answer on five points; of another scale in proportion to its length
    "share": 0.5,
    "sd_nps": 60.0,
    "icc": 0.05,
    "deff": 1.0,
    "together": 0.0,
    "cost": 1.0,
    "unit_cost": 0.0,
}
_FACT_OF = {
    **dict.fromkeys(("customers", "employees", "units", "all_customers", "all_employees", "all_units"), "answers"),
    **dict.fromkeys(("cost_customer", "cost_employee", "cost_unit"), "cost"),
}


@dataclass(frozen=True)
class Assumed:
    """A number that nobody gave: of whom ("" for both, or for units), and what is taken instead."""

    name: str
    audience: str
    value: float


@dataclass(frozen=True)
class Returns:
    """One audience: answers, people there are (infinite where not told), spread, likeness inside units, weights, cost.

    sd : in points, None where it is to follow from the scale.  reach : the most answers there can be,
    were everybody invited and the expected share to answer; no fewer than planned.
    """

    name: str
    answers: int
    population: float
    reach: float
    sd: float | None
    share: float
    sd_nps: float
    icc: float
    deff: float
    cost: float

    def spread(self, unit: str, span: float) -> float:
        """Standard deviation of an answer, in the unit of a margin; `span` is the length of the scale."""
        if unit == "nps":
            return self.sd_nps
        if unit in ("pct", "top"):
            return 100 * math.sqrt(self.share * (1 - self.share))
        sd = self.sd if self.sd is not None else ASSUMED["sd"] * span / 4
        return 100 * sd / span if unit == "score" else sd


@dataclass(frozen=True)
class Facts:
    """Both audiences, the units they share (None: nobody spoke of units), and what was assumed."""

    customers: Returns
    employees: Returns
    units: int | None
    all_units: float
    together: float
    unit_cost: float
    finite: bool
    assumed: tuple[Assumed, ...]

    @property
    def sides(self) -> tuple[Returns, Returns]:
        """Customers, employees."""
        return self.customers, self.employees

    @property
    def most_units(self) -> int:
        """How many units a sample could have: those there are, or where that is not told those planned."""
        return int(self.all_units) if math.isfinite(self.all_units) else self.units or 0


def facts_of(study: Study, changed: Mapping[str, Any], *, span: float | None = None) -> Facts:
    """The facts of a plan, complete.

    Parameters
    ----------
    study : with or without `plan: expect:`.
    changed : what is to be taken instead, None left out: `customers`, `employees` (answers), `all_customers`,
        `all_employees`, `units`, `all_units`, `sd`, `share`, `sd_nps`, `icc`, `deff`, `together`, `cost_customer`,
        `cost_employee`, `cost_unit`, `finite`.
    span : length of the longest scale whose points are compared; None where none is.

    Raises
    ------
    SpecError : nobody says how many answer, more is expected than there is, or a number cannot be.
    """
    changed = {name: value for name, value in changed.items() if value is not None}
    _refuse_options(changed)
    expected, assumed = study.registered.expected, list[Assumed]()
    _refuse_wide(study, changed, span)
    units = expected.units if expected else None
    drawn = changed.get("units", units.drawn if units else None)
    every = changed.get("all_units", units.of if units else None)
    if drawn is None and every is not None:
        drawn = every
    sides = [_returns(study, audience, changed, drawn, assumed) for audience in AUDIENCES]
    _refuse_more(study, "units", drawn, every)
    facts = Facts(
        customers=sides[0],
        employees=sides[1],
        units=drawn,
        all_units=math.inf if every is None else every,
        together=_given("together", changed.get("together", units.together if units else None), "", drawn, assumed),
        unit_cost=changed.get("cost_unit", units.cost if units and units.cost is not None else ASSUMED["unit_cost"]),
        finite=bool(changed.get("finite", expected.finite if expected else False)),
        assumed=(),
    )
    return replace(facts, assumed=_merged(assumed))


def _returns(
    study: Study, audience: str, changed: Mapping[str, Any], units: int | None, assumed: list[Assumed]
) -> Returns:
    """One audience's facts, each told, changed or assumed."""
    one = audience.rstrip("s")
    told = getattr(study.registered.expected, audience, None)

    def said(name: str, option: str | None = None) -> Any:
        return changed.get(option or name, getattr(told, name, None))

    every = said("of", f"all_{audience}")
    answers = changed.get(audience, told.returns if told else None)
    if answers == 0 and told:
        raise SpecError(
            f"of {told.invited} invited {audience}, none is expected to answer",
            where=read_yaml(study.path).place(("plan", "expect", audience)),
            mend="invite more, or expect a larger share of them (`response`)",
        )
    if answers is None:
        raise SpecError(
            f"nobody says how many {audience} are expected to answer",
            where=Place(study.path),
            mend="write `plan: expect:` in the study, or give --customers, --employees, --units "
            "(and --all-employees, --all-units: how many there are)",
        )
    _refuse_more(study, audience, answers, every)
    response = told.response if told and told.response else 1.0
    people = math.inf if every is None else float(every)
    return Returns(
        name=audience,
        answers=int(answers),
        population=people,
        reach=max(math.floor(people * response), answers) if math.isfinite(people) else math.inf,
        sd=_spread(said("sd"), audience, assumed),
        share=_given("share", said("share"), audience, True, assumed),
        sd_nps=_given("sd_nps", said("sd_nps"), audience, True, assumed),
        icc=_given("icc", said("icc"), audience, units, assumed),
        deff=_given("deff", said("deff"), audience, True, assumed),
        cost=_given("cost", said("cost", f"cost_{one}"), audience, True, assumed),
    )


def _given(name: str, value: Any, audience: str, matters: object, assumed: list[Assumed]) -> float:
    """A number as told, or its default, noted as an assumption where it matters."""
    if value is not None:
        return float(value)
    if matters:
        assumed.append(Assumed(name, audience, ASSUMED[name]))
    return ASSUMED[name]


def _spread(value: float | None, audience: str, assumed: list[Assumed]) -> float | None:
    """A standard deviation in points as told; None, noted as an assumption, where it is to follow from the scale."""
    if value is None:
        assumed.append(Assumed("sd", audience, ASSUMED["sd"]))
    return value


def _merged(assumed: list[Assumed]) -> tuple[Assumed, ...]:
    """What is assumed of both audiences alike, told once."""
    both = {each.name for each in assumed if replace(each, audience="employees") in assumed and each.audience}
    both &= {each.name for each in assumed if replace(each, audience="customers") in assumed}
    merged = [replace(each, audience="") if each.name in both else each for each in assumed]
    return tuple(dict.fromkeys(merged))


def _refuse_options(changed: Mapping[str, Any]) -> None:
    """No number given in place of the study's that cannot be."""
    for option, value in changed.items():
        found = impossible(_FACT_OF.get(option, option), value)
        if found is not None:
            raise SpecError(
                f"{_dashed(option)} {value if isinstance(value, int) else f'{value:g}'} cannot be: it must be {found[0]}",
                mend=found[1],
            )


def _refuse_wide(study: Study, changed: Mapping[str, Any], span: float | None) -> None:
    """No standard deviation that answers between the ends of a scale cannot have: half its length, half of them at each end."""
    for audience in AUDIENCES:
        sd = changed.get("sd", getattr(getattr(study.registered.expected, audience, None), "sd", None))
        if sd is None or span is None or sd <= span / 2:
            continue
        told = "sd" in changed
        at = ("plan", "expect", audience, "sd")
        name = _dashed("sd") if told else f"`{'.'.join(at)}`"
        raise SpecError(
            f"{name}: answers on a scale {span:g} points long cannot have a standard deviation of {sd:g}; the most, half of"
            f" them at each end, is {span / 2:g}",
            where=None if told else read_yaml(study.path).place(at),
            mend=f"give the spread of single answers in points of the scale, {span / 2:g} or less; {span / 4:g} is usual",
        )


def _dashed(option: str) -> str:
    return "--" + option.replace("_", "-")


def _refuse_more(study: Study, what: str, number: float | None, most: float | None) -> None:
    """No more than there are."""
    if number is not None and most is not None and number > most:
        raise SpecError(
            f"{number:g} {what} are expected, and there are {most:g}",
            where=Place(study.path),
            mend=f"no more than there are: change --{what} or --all-{what}, or `plan: expect:`",
        )
