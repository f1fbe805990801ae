"""The few answers that stand for all: literals, bounds and codes cut what a column may hold into regions.

A condition cannot tell two answers of one region apart, so one of each decides it exactly.  Columns that are compared with each
other are cut together, and every region keeps as many different answers as it has such columns, so that whatever order and
equality they can have among themselves, they have among the answers kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise

from symmetry.spec.routing.literals import is_day
from symmetry.spec.routing.meaning import Among, And, Atom, Beside, Form, Not, Or, Picks, Raw, Than
from symmetry.spec.routing.nouns import Variable

__all__ = ["atoms", "choices", "fresh", "regions"]

_FIRST, _LAST = date.min.toordinal(), date.max.toordinal()


def atoms(form: Form) -> Iterable[Atom]:
    """Every question in a form."""
    if isinstance(form, And | Or):
        for part in form.parts:
            yield from atoms(part)
    elif isinstance(form, Not):
        yield from atoms(form.part)
    else:
        yield form


def regions(forms: Iterable[Form], variables: Mapping[str, Variable]) -> dict[str, list[Raw]]:
    """One answer of each region of each column, values first, then codes of missing answers, then None.

    Parameters
    ----------
    forms : all that is asked about the columns.
    variables : the columns, by name; of multiple choices only the codes are given here (see `choices`).

    Examples
    --------
    >>> variables = {"nps": Variable("nps", "number", low=0, high=10, whole=True, missing={"na": 99})}
    >>> regions([Than("nps", "<=", 8.0)], variables)
    {'nps': [0.0, 1.0, 8.0, 9.0, 10.0, 99.0, None]}
    """
    asked = list(forms)
    literals: dict[str, list[float | str]] = {name: [] for name in variables}
    for form in asked:
        for atom in atoms(form):
            if isinstance(atom, Among):
                literals[atom.column] += atom.values
            elif isinstance(atom, Than):
                literals[atom.column].append(atom.value)
    found: dict[str, list[Raw]] = {}
    for group in _compared(asked, variables):
        known = [value for name in group for value in literals[name]]
        for name, values in _values([variables[name] for name in group], known).items():
            codes = variables[name].codes
            found[name] = [*(value for value in values if value not in codes), *dict.fromkeys(codes), None]
    return {name: found[name] for name in variables}


def choices(forms: Iterable[Form], variable: Variable) -> tuple[list[str], str | None]:
    """The choices that are asked about, and one more that can be ticked and is not, if there is one."""
    asked = dict.fromkeys(
        atom.choice
        for form in forms
        for atom in atoms(form)
        if isinstance(atom, Picks) and atom.column == variable.name
    )
    if not variable.values:
        return list(asked), fresh([*asked, *variable.codes], 1)[0]
    others = [value for value in variable.values if value not in asked and value not in variable.codes]
    return list(asked), others[0] if others else None


def fresh(taken: Iterable[object], count: int) -> list[str]:
    """Texts that nothing mentions.

    Examples
    --------
    >>> fresh(["other", "north"], 2)
    ['other2', 'other3']
    """
    known, number = set(taken), 1
    found: list[str] = []
    while len(found) < count:
        text = f"other{number if number > 1 else ''}"
        found += [text] if text not in known else []
        number += 1
    return found


def _compared(forms: Sequence[Form], variables: Mapping[str, Variable]) -> list[list[str]]:
    """Columns in groups that are compared with each other, directly or through others."""
    group = {name: {name} for name in variables}
    for form in forms:
        for atom in atoms(form):
            if isinstance(atom, Beside) and group[atom.left] is not group[atom.right]:
                joined = group[atom.left] | group[atom.right]
                group.update(dict.fromkeys(joined, joined))
    return [sorted(names) for names in {id(names): names for names in group.values()}.values()]


def _values(group: Sequence[Variable], literals: Sequence[float | str]) -> dict[str, list[float | str]]:
    """Answers that stand for all, for columns of one kind that are compared with each other."""
    kind = group[0].kind
    if kind == "set":
        return {variable.name: [] for variable in group}
    if kind == "number":
        return {each.name: list[float | str](values) for each, values in _numbers(group, [float(v) for v in literals])}
    if kind == "date":
        return _days(group, [str(value) for value in literals])
    found: dict[str, list[float | str]] = {}
    known = dict.fromkeys([*map(str, literals), *(value for each in group for value in each.values if len(group) > 1)])
    for variable in group:
        if variable.values:
            rest = [value for value in variable.values if value not in known and value not in variable.codes]
            found[variable.name] = [*(value for value in known if value in variable.values), *rest[:1]]
        else:
            new = fresh([*known, *(code for each in group for code in each.codes)], len(group))
            found[variable.name] = [*known, *new]
    return found


def _numbers(group: Sequence[Variable], literals: Iterable[float]) -> list[tuple[Variable, list[float]]]:
    """Numbers that stand for all, each column's own within its bounds."""
    bounds = [float(bound) for each in group for bound in (each.low, each.high) if bound is not None]
    cuts = {*literals, *bounds, *(float(code) for each in group for code in each.codes)}
    wholes = sum(each.whole for each in group)
    points = _points(sorted(cuts), wholes, len(group) - wholes)
    return [(each, [point for point in points if _lawful(each, point)]) for each in group]


def _days(group: Sequence[Variable], literals: Sequence[str]) -> dict[str, list[float | str]]:
    """Days that stand for all: whole numbers, as texts."""
    bounds = [(_ordinal(each.low, _FIRST), _ordinal(each.high, _LAST)) for each in group]
    counted = [
        Variable(each.name, "number", low=a, high=b, whole=True) for each, (a, b) in zip(group, bounds, strict=True)
    ]
    numbers = _numbers(counted, [_ordinal(value, _FIRST) for value in literals if is_day(value)])
    return {each.name: [date.fromordinal(int(value)).isoformat() for value in values] for each, values in numbers}


def _points(cuts: Sequence[float], wholes: int, others: int) -> list[float]:
    """Every cut, and between two cuts (and beyond the last) enough whole numbers and enough numbers around those."""
    found: set[float] = set(cuts)
    ends = [-math.inf, *cuts, math.inf]
    for low, high in pairwise(ends):
        inside = _whole_between(low, high, wholes)
        found.update(inside)
        if others:
            for a, b in zip([low, *inside], [*inside, high], strict=True):
                found.update(_between(a, b, others))
    return sorted(found)


def _whole_between(low: float, high: float, count: int) -> list[float]:
    """Up to `count` neighbouring whole numbers strictly between two ends, from the finite one on."""
    if math.isinf(low) and math.isinf(high):
        return [float(number) for number in range(count)]
    if math.isinf(low):
        return sorted(-value for value in _whole_between(-high, math.inf, count))
    found: list[float] = []
    while len(found) < count and math.isfinite(low):
        step = float(math.floor(low) + 1)
        low = step if step > low else math.nextafter(low, math.inf)
        if not low < high or math.isinf(low):
            break
        found.append(low)
    return found


def _between(low: float, high: float, count: int) -> list[float]:
    """Up to `count` numbers strictly between two ends; all of them, where there are fewer."""
    if math.isinf(low) and math.isinf(high):
        spread = [float(number) for number in range(count)]
    elif math.isinf(high):
        spread = [low + number for number in range(1, count + 1)]
    elif math.isinf(low):
        spread = [high - number for number in range(count, 0, -1)]
    else:
        spread = [low + (high - low) * number / (count + 1) for number in range(1, count + 1)]
    if len(set(spread)) == count and all(low < value < high and math.isfinite(value) for value in spread):
        return spread
    near = math.nextafter(max(low, -math.inf), math.inf)
    found: list[float] = []
    while len(found) < count and near < high:
        found.append(near)
        near = math.nextafter(near, math.inf)
    return found


def _lawful(variable: Variable, value: float) -> bool:
    low = -math.inf if variable.low is None else float(variable.low)
    high = math.inf if variable.high is None else float(variable.high)
    return low <= value <= high and (value.is_integer() or not variable.whole)


def _ordinal(day: float | str | None, other: int) -> float:
    return float(date.fromisoformat(day).toordinal() if isinstance(day, str) else other)
