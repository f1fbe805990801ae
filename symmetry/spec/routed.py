"""The routes and alerts of a study, held against its own columns: what an item may be asked upon, and whether it ever is.

The language is that of `routing`; here are the columns that one audience answers or that are known of it, the order in which
a wave asks them, and the place of each fault in the file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from typing import Any, Literal

from symmetry.spec.nouns import AUDIENCE_OF, FACES, Item, Scale, Study, column_of
from symmetry.spec.reading import Route
from symmetry.spec.routing.checking import check_condition
from symmetry.spec.routing.nouns import Condition, Finding, Variable
from symmetry.spec.routing.python import to_python
from symmetry.spec.routing.reading import read_condition
from symmetry.spec.running import Registered, Wave
from symmetry.spec.validating import Faults
from symmetry.spec.wording import entries_of

__all__ = ["check_routes", "route_of", "variable_known", "variable_of", "variables_of"]

_KINDS: Mapping[str, Any] = {"single": "category", "multiple": "set", "date": "date", "text": "text"}


def variables_of(items: Mapping[str, Item], audience: str) -> dict[str, Variable]:
    """Every column that an audience answers, or that is known of it, as a condition may ask about it.

    Examples
    --------
    >>> nps = Item("recommend", "outcome", {}, Scale("nps", "nps", 0, 10), {"customer": {"en": "Would you?"}})
    >>> variables_of({"recommend": nps}, "customers")["recommend"].high
    10
    """
    found: dict[str, Variable] = {}
    for item in items.values():
        if item.role == "frame" and audience in item.audiences:
            found[item.key] = variable_known(item)
        for face in FACES:
            scale = item.scale_of(face)
            if face in item.faces and AUDIENCE_OF[face] == audience and scale is not None:
                column = column_of(item.key, face)
                found[column] = variable_of(column, scale, _as_stored(scale))
    return found


def route_of(study: Study, item: str, audience: str) -> Callable[[Mapping[str, Any]], bool]:
    """Whether a person who gave these answers is asked an item; everybody is where it has no route.

    Raises
    ------
    SpecError : the route is at fault, which `check` reports with its place.
    """
    text = study.items[item].ask_if
    if text is None:
        return lambda answers: True
    return to_python(read_condition(text), variables_of(study.items, audience))


def check_routes(
    faults: Faults,
    items: Mapping[str, Item],
    waves: Mapping[str, Wave],
    registered: Registered,
    audiences: tuple[str, ...],
) -> None:
    """A problem for each route and alert that cannot be read, cannot be answered in time, or decides nothing."""
    faulty = _faulty(faults, items)
    texts = {key: item.ask_if for key, item in items.items() if item.ask_if is not None}
    read = {text: read_condition(text) for text in dict.fromkeys(texts.values())}
    conditions = {key: read[text] for key, text in texts.items()}
    conditions = {key: each for key, each in conditions.items() if not faulty & {_home(name) for name in each.columns}}
    for audience in audiences:
        variables = variables_of(items, audience)
        homes = {column: _home(column) for column in variables}
        routes = {column: conditions[home] for column, home in homes.items() if home in conditions}
        judged: dict[str, list[Finding]] = {}  # many items may share a route
        for key, condition in conditions.items():
            if audience in items[key].audiences:
                at: Route = ("items", key, "ask_if")
                if condition.text not in judged:
                    judged[condition.text] = check_condition(condition, variables, routes)
                _report(faults, at, judged[condition.text])
                _check_order(faults, at, condition, items, waves, audience)
    for key, alert in registered.alerts.items():
        condition = read_condition(alert.when)
        if not faulty & {_home(name) for name in condition.columns}:
            _report(
                faults, ("plan", "alerts", key, "when"), check_condition(condition, variables_of(items, "customers"))
            )


def _faulty(faults: Faults, items: Mapping[str, Item]) -> set[str]:
    """Items that are declared and cannot be read whole: what refers to them is not at fault."""
    declared = entries_of(faults, "items")
    return {key for key in declared if key not in items or (items[key].role != "frame" and items[key].scale is None)}


def _home(column: str) -> str:
    return column.partition(".")[0]


def _report(faults: Faults, at: Route, findings: list[Finding]) -> None:
    for finding in findings:
        problem = (finding.code, at, finding.what, finding.mend)
        faults.once(*problem, severity=finding.severity, offset=finding.column - 1)


def _check_order(
    faults: Faults, at: Route, condition: Condition, items: Mapping[str, Item], waves: Mapping[str, Wave], audience: str
) -> None:
    """In every wave that asks the item, what its route names was asked before."""
    key = str(at[1])
    for wave in waves.values():
        order = list(wave.items) if audience in wave.audiences else []
        for name in condition.names if key in order else ():
            needed = items.get(_home(name.column))
            if needed is None or needed.role == "frame" or audience not in needed.audiences:
                continue
            if needed.key == key:
                what = f"`{key}` is asked upon its own answer, which nobody can give before"
                faults.once("RTE12", at, what, "name an item asked before", offset=name.start)
            elif needed.key not in order[: order.index(key)]:
                how = "before" if needed.key in order else "without"
                what = f"the wave `{wave.key}` asks `{key}` {how} `{needed.key}`, whose answer decides it"
                mend = f"ask `{needed.key}` first, or leave it out of the route"
                faults.once("RTE12", at, what, mend, offset=name.start)


def variable_known(item: Item) -> Variable:
    """The column of a frame item: a category, a number or a text."""
    kind: Literal["category", "number", "text"] = "category" if item.values else "number" if item.numeric else "text"
    return Variable(item.key, kind, tuple(item.values or ()))


def variable_of(column: str, scale: Scale, missing: Mapping[str, int | str]) -> Variable:
    """A column answered on a scale, in which a missing answer stands as `missing` says."""
    if scale.rated or scale.kind == "number":
        low, high = (bound if isfinite(bound) else None for bound in (scale.low, scale.high))
        whole = not scale.published and scale.decimals == 0
        return Variable(column, "number", low=low, high=high, whole=whole, missing=missing)
    kind = _KINDS[scale.kind]
    return Variable(column, kind, tuple(scale.choices), low=scale.earliest, high=scale.latest, missing=missing)


def _as_stored(scale: Scale) -> dict[str, int | str]:
    """How the data say a missing answer: by its code where cells are numbers, by its word elsewhere."""
    numbers = scale.rated or scale.kind == "number"
    return {reason: code if numbers else reason for reason, code in scale.missing.items()}
