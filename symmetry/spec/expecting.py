"""What a study expects to come back, told before the field: the section `expect:` of its plan.

Read by the planner (`symmetry plan`) alone.  Nobody who answers sees it and no published number is made of it, so sealed waves
leave it out and versions that differ in nothing else do not differ.
"""

from __future__ import annotations

from collections.abc import Sequence

from symmetry.spec.models_running import ExpectedModel, ExpectedUnitsModel, ExpectModel
from symmetry.spec.reading import Route
from symmetry.spec.running import Expectation, Expected, ExpectedUnits
from symmetry.spec.validating import Faults

__all__ = ["read_expected"]

_AT: Route = ("plan", "expect")


def read_expected(faults: Faults, audiences: Sequence[str]) -> Expectation | None:
    """Expected returns of both audiences and of their units; None where the section cannot be read."""
    model = faults.model(ExpectModel, _AT)
    if model is None:
        return None
    sides = {
        audience: _side(faults, audience, audiences)
        for audience, told in (("customers", model.customers), ("employees", model.employees))
        if told
    }
    units = _units(faults) if model.units else ExpectedUnits()
    nobody = Expected()
    return Expectation(sides.get("customers", nobody), sides.get("employees", nobody), units, model.finite)


def _side(faults: Faults, audience: str, audiences: Sequence[str]) -> Expected:
    """What one audience returns: no more answers than invitations, no more of either than people."""
    at: Route = (*_AT, audience)
    faults.known(audience, audiences, "audience", at, key=True)
    model = faults.model(ExpectedModel, at)
    if model is None:
        return Expected()
    made = Expected(**model.model_dump())
    for part, most, of in (
        ("answers", made.of, "there are"),
        ("invited", made.of, "there are"),
        ("answers", made.invited, "are invited"),
    ):
        number = getattr(made, part)
        if number is not None and most is not None and number > most:
            what = f"`{part}` of {audience}: {number} is more than {of}, {most}"
            faults.add("PLN01", (*at, part), what, f"write {most} or fewer")
            return Expected()
    if (made.invited is None) != (made.response is None) and made.answers is None:
        one, other = ("invited", "response") if made.response is None else ("response", "invited")
        what = f"`{one}` alone does not say how many {audience} answer"
        faults.add("PLN02", (*at, one), what, f"add `{other}: …`, or write `answers: …`", key=True)
    elif (
        made.answers is not None
        and None not in (made.invited, made.response)
        and abs(made.answers - (made.invited or 0) * (made.response or 0)) > 1
    ):
        what = f"{made.response:g} of {made.invited} invited {audience} is not {made.answers} answers"
        faults.add("PLN02", (*at, "answers"), what, "delete `answers`, or `response`", key=True)
    return made


def _units(faults: Faults) -> ExpectedUnits:
    """Units drawn, of those there are."""
    at: Route = (*_AT, "units")
    model = faults.model(ExpectedUnitsModel, at)
    if model is None:
        return ExpectedUnits()
    if model.drawn is not None and model.of is not None and model.drawn > model.of:
        what = f"`drawn`: {model.drawn} units are more than there are, {model.of}"
        faults.add("PLN01", (*at, "drawn"), what, f"write {model.of} or fewer")
        return ExpectedUnits()
    return ExpectedUnits(**model.model_dump())
