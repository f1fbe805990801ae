"""What a study expects to come back, told before the field: the section `expect:` of its plan.

Read by the planner (`symmetry plan`) alone.  Nobody who answers sees it and no published number is made of it, so sealed waves
leave it out and versions that differ in nothing else do not differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar

from symmetry.spec.models_running import ExpectedHotModel, ExpectedModel, ExpectedUnitsModel, ExpectModel
from symmetry.spec.nouns import Item
from symmetry.spec.reading import Route
from symmetry.spec.running import Expectation, Expected, ExpectedHot, ExpectedUnits
from symmetry.spec.validating import Faults, Strict, dotted
from symmetry.spec.wording import entries_of

__all__ = ["impossible", "read_expected"]

_AT: Route = ("plan", "expect")
_PEOPLE = 10_000_000_000
_COUNT = ("a whole number above 0, and no more than there are people on earth", "write how many")
_COST = ("0 or more, and a number that can be paid", "write what one costs, in any currency")
_RANGES: dict[str, tuple[float, float, str, str, str]] = {
    # name: from, to, ends left out, what it is, remedy
    **dict.fromkeys(("answers", "invited", "of", "drawn"), (1, _PEOPLE, "", *_COUNT)),
    "response": (0, 1, "from", "a share above 0, at most 1", "write 0.3 where three in ten answer"),
    "sd": (
        0,
        math.inf,
        "both",
        "above 0: the standard deviation of an answer, in points",
        "leave it out for 1 on 1 to 5",
    ),
    "share": (0, 1, "both", "a share above 0 and below 1", "write 0.6 where six in ten are favourable"),
    "sd_nps": (0, 100, "from", "above 0, at most 100: an NPS answer counts -100, 0 or 100", "leave it out for 60"),
    "icc": (0, 1, "to", "0 or more and below 1: how alike answers inside a unit are", "0.05 is usual"),
    "deff": (
        1,
        1000,
        "",
        "at least 1: unequal weights never add precision (and at most 1000)",
        "write 1 without weights",
    ),
    "together": (-1, 1, "", "a correlation, from -1 to 1", "leave it out for 0"),
    "cost": (0, 1e12, "", *_COST),
    "contacts": (0, _PEOPLE, "", "0 or more: how many people a day, on a mean day", "write how many"),
    "delivered": (0, 1, "from", "a share above 0, at most 1", "write 0.97 where three in a hundred do not arrive"),
    "alerts": (0, 1, "from", "a share of the answers, above 0 and at most 1", "write 0.18 where 18 in 100 are alerts"),
}
_Model = TypeVar("_Model", bound=Strict)


def impossible(name: str, value: object) -> tuple[str, str] | None:
    """What a number that is expected has to be, and the remedy, where it is not; None where it is, or is no number.

    Examples
    --------
    >>> impossible("share", 1.5)
    ('a share above 0 and below 1', 'write 0.6 where six in ten are favourable')
    >>> impossible("share", 0.5)
    """
    if name not in _RANGES or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    low, high, left_out, what, mend = _RANGES[name]
    inside = low <= value <= high
    ends = (value == low and left_out in ("from", "both")) or (value == high and left_out in ("to", "both"))
    return None if inside and not ends else (what, mend)


def read_expected(faults: Faults, audiences: Sequence[str], items: Mapping[str, Item]) -> Expectation | None:
    """Expected returns of both audiences, of their units and of hot waves; None where the section cannot be read."""
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
    hot = {key: met for key in model.hot if (met := _hot(faults, key, items)) is not None}
    return Expectation(sides.get("customers", nobody), sides.get("employees", nobody), units, model.finite, hot)


def _side(faults: Faults, audience: str, audiences: Sequence[str]) -> Expected:
    """What one audience returns: no more answers than invitations, no more of either than people."""
    at: Route = (*_AT, audience)
    faults.known(audience, audiences, "audience", at, key=True)
    model = _model(faults, ExpectedModel, at)
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


def _model(faults: Faults, model: type[_Model], at: Route) -> _Model | None:
    """The model of one part; a number that cannot be is told in plain words, and once."""
    raw, before = faults.document.at(at), len(faults.problems)
    made = faults.model(model, at)
    wrong = {
        faults.document.place((*at, *route)): (route, value, found)
        for route, name, value in _numbers(raw)
        if (found := impossible(name, value)) is not None
    }
    faults.problems[before:] = [each for each in faults.problems[before:] if each.where not in wrong]
    for route, value, (what, mend) in wrong.values():
        faults.add("PLN02", (*at, *route), f"`{dotted((*at, *route))}` is {value}, and must be {what}", mend)
    return None if wrong else made


def _numbers(raw: Any) -> Iterator[tuple[Route, str, Any]]:
    """Each value of a part, and those one level below, under the name that says what they must be."""
    for key, value in raw.items() if isinstance(raw, dict) else ():
        if isinstance(value, dict):
            yield from (((key, each), key, inner) for each, inner in value.items())
        else:
            yield (key,), key, value


def _hot(faults: Faults, key: str, items: Mapping[str, Item]) -> ExpectedHot | None:
    """What one hot wave meets: on channels that there are, and alerts that there are."""
    at: Route = (*_AT, "hot", key)
    waves = entries_of(faults, "waves")
    hot = [wave for wave, held in waves.items() if not isinstance(held, dict) or held.get("kind") != "cold"]
    faults.known(key, hot, "hot wave", at, key=True)
    model = _model(faults, ExpectedHotModel, at)
    if model is None:
        return None
    channels = channels_of(faults, items)
    for channel in model.contacts if channels else ():
        faults.known(channel, channels, "channel", (*at, "contacts", channel), key=True)
    for alert in model.alerts:
        faults.known(alert, entries_of(faults, "plan", "alerts"), "alert", (*at, "alerts", alert), key=True)
    return ExpectedHot(**model.model_dump())


def channels_of(faults: Faults, items: Mapping[str, Item]) -> list[str]:
    """Where people are met: the channels of moments of truth, and the values of a frame item `channel`."""
    held = [
        moment.get("channel")
        for journey in entries_of(faults, "journeys")
        for moment in entries_of(faults, "journeys", journey, "moments").values()
        if isinstance(moment, dict)
    ]
    known = items.get("channel")
    values = known.values if known is not None and known.role == "frame" and known.values else {}
    return list(dict.fromkeys([each for each in held if isinstance(each, str)] + list(values)))


def _units(faults: Faults) -> ExpectedUnits:
    """Units drawn, of those there are."""
    at: Route = (*_AT, "units")
    model = _model(faults, ExpectedUnitsModel, at)
    if model is None:
        return ExpectedUnits()
    if model.drawn is not None and model.of is not None and model.drawn > model.of:
        what = f"`drawn`: {model.drawn} units are more than there are, {model.of}"
        faults.add("PLN01", (*at, "drawn"), what, f"write {model.of} or fewer")
        return ExpectedUnits()
    return ExpectedUnits(**model.model_dump())
