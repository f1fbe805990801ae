"""Whether a formula over finitely many values can be true, and by which values: a small exact search.

A variable is a number from 0, and a set of its values a mask of bits.  A formula is True, False, or made of `Within` (a variable
lies in a mask), `Linked` (two variables, and for each value of the first a mask of the second), `All` and `Any`; a negation is
pushed down to masks when a formula is made.  The search narrows masks as far as it can, splits what shares no variable, and only
then tries alternatives (Davis, Logemann, Loveland 1962, CACM 5, 394-397, on masks instead of literals).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["All", "Any", "Formula", "GaveUp", "Linked", "Within", "both", "either", "solve"]


class GaveUp(Exception):
    """The search took more steps than it was allowed."""


@dataclass(frozen=True, slots=True)
class Within:
    """A variable has one of the values in a mask."""

    variable: int
    mask: int


@dataclass(frozen=True, slots=True)
class Linked:
    """Two variables have values that go together: `masks[i]` holds what the second may have where the first has value i."""

    first: int
    second: int
    masks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part is true; at most one `Within` a variable, no part is a constant or an `All`."""

    parts: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """Some part is true; at most one `Within` a variable, no part is a constant or an `Any`."""

    parts: tuple[Formula, ...]


Formula: TypeAlias = bool | Within | Linked | All | Any
Domains: TypeAlias = dict[int, int]


def both(parts: Iterable[Formula]) -> Formula:
    """The conjunction, in its simplest form."""
    masks: dict[int, int] = {}
    others: list[Formula] = []
    for part in parts:
        if part is False:
            return False
        for each in part.parts if isinstance(part, All) else (part,):
            if isinstance(each, Within):
                masks[each.variable] = masks.get(each.variable, -1) & each.mask
                if not masks[each.variable]:
                    return False
            elif each is not True:
                others.append(each)
    joined: list[Formula] = [*(Within(variable, mask) for variable, mask in masks.items()), *others]
    return All(tuple(joined)) if len(joined) > 1 else joined[0] if joined else True


def either(parts: Iterable[Formula], full: Mapping[int, int]) -> Formula:
    """The disjunction, in its simplest form; `full` holds the mask of all values of each variable."""
    masks: dict[int, int] = {}
    others: list[Formula] = []
    for part in parts:
        if part is True:
            return True
        for each in part.parts if isinstance(part, Any) else (part,):
            if isinstance(each, Within):
                masks[each.variable] = masks.get(each.variable, 0) | each.mask
                if masks[each.variable] == full[each.variable]:
                    return True
            elif each is not False:
                others.append(each)
    joined: list[Formula] = [*(Within(variable, mask) for variable, mask in masks.items()), *others]
    return Any(tuple(joined)) if len(joined) > 1 else joined[0] if joined else False


def solve(formula: Formula, full: Mapping[int, int], steps: int) -> dict[int, int] | None:
    """Values that make a formula true.

    Parameters
    ----------
    formula : made by `both` and `either`.
    full : the mask of all values of each variable.
    steps : how many parts of the formula may be looked at, each as often as it is narrowed.

    Returns
    -------
    For each variable the number of one value; None where the formula is never true.

    Raises
    ------
    GaveUp : the search was not at its end by then.

    Examples
    --------
    >>> solve(both([Within(0, 0b110), Within(0, 0b011)]), {0: 0b111}, 10)
    {0: 1}
    """
    found = _Search(steps).solve(formula, dict(full))
    return None if found is None else {variable: _lowest(mask) for variable, mask in found.items()}


class _Search:
    def __init__(self, steps: int) -> None:
        self.steps = steps

    def solve(self, formula: Formula, domains: Domains) -> Domains | None:
        """The domains narrowed until any value of each will do together, or None."""
        formula = self.narrow(formula, domains)
        if isinstance(formula, bool):
            return domains if formula else None
        if isinstance(formula, Any):
            return self.first(formula.parts, (), domains)
        parts = formula.parts if isinstance(formula, All) else (formula,)
        groups = _apart(parts)
        if len(groups) > 1:
            found: Domains | None = domains
            for group in groups:
                found = None if found is None else self.solve(both(group), found)
            return found
        choices = [part for part in parts if isinstance(part, Any)]
        if choices:
            chosen = min(choices, key=lambda part: len(part.parts))
            return self.first(chosen.parts, tuple(part for part in parts if part is not chosen), domains)
        variable = min(
            (each for part in parts for each in _variables(part)), key=lambda each: domains[each].bit_count()
        )
        values = [
            Within(variable, 1 << bit) for bit in range(domains[variable].bit_length()) if domains[variable] >> bit & 1
        ]
        return self.first(values, parts, domains)

    def first(self, alternatives: Iterable[Formula], rest: tuple[Formula, ...], domains: Domains) -> Domains | None:
        """The first alternative that can be true together with the rest."""
        domains = dict(domains)
        for alternative in alternatives:
            found = self.solve(both((alternative, *rest)), dict(domains))
            if found is not None:
                return found
            if isinstance(alternative, Within):  # it failed: the others need not try its values again
                domains[alternative.variable] &= ~alternative.mask
                if not domains[alternative.variable]:
                    return None
        return None

    def narrow(self, formula: Formula, domains: Domains) -> Formula:
        """The formula without what the domains decide; the domains without what the formula forbids."""
        while True:
            formula = _within(formula, domains)
            parts = formula.parts if isinstance(formula, All) else (formula,)
            self.steps -= sum(len(part.parts) if isinstance(part, All | Any) else 1 for part in parts)
            if self.steps < 0:
                raise GaveUp
            kept: list[Formula] = []
            before = dict(domains)
            for part in parts:
                if isinstance(part, Within):
                    domains[part.variable] &= part.mask
                else:
                    kept.append(part)
                    if isinstance(part, Linked):
                        _propagate(part, domains)
            if not all(domains[variable] for part in parts for variable in _variables(part)):
                return False
            formula = both(kept)
            if domains == before:
                return formula


def _within(formula: Formula, domains: Domains) -> Formula:
    """A formula seen from inside domains: what they decide becomes True or False."""
    if isinstance(formula, bool):
        return formula
    if isinstance(formula, Within):
        mask = formula.mask & domains[formula.variable]
        return mask != 0 and (mask == domains[formula.variable] or Within(formula.variable, mask))
    if isinstance(formula, All):
        return both(_within(part, domains) for part in formula.parts)
    if isinstance(formula, Any):
        return either((_within(part, domains) for part in formula.parts), domains)
    second = domains[formula.second]
    met = [masks & second for bit, masks in enumerate(formula.masks) if domains[formula.first] >> bit & 1]
    if not any(met):
        return False
    if len(met) == 1:
        return _within(Within(formula.second, met[0]), domains)
    return all(mask == second for mask in met) or formula


def _propagate(link: Linked, domains: Domains) -> None:
    """Leave out the values of two linked variables that go with none of the other."""
    first, second, reached = 0, domains[link.second], 0
    for bit, mask in enumerate(link.masks):
        if domains[link.first] >> bit & 1 and mask & second:
            first |= 1 << bit
            reached |= mask
    domains[link.first] = first
    domains[link.second] = second & reached


def _apart(parts: tuple[Formula, ...]) -> list[list[Formula]]:
    """Parts in groups that share no variable."""
    groups: list[tuple[set[int], list[Formula]]] = []
    for part in parts:
        names = _variables(part)
        touching = [group for group in groups if group[0] & names]
        groups = [group for group in groups if not group[0] & names]
        groups.append((names.union(*(group[0] for group in touching)), [*(p for g in touching for p in g[1]), part]))
    return [group[1] for group in groups]


def _variables(formula: Formula) -> set[int]:
    """The variables of a formula."""
    if isinstance(formula, bool):
        return set()
    if isinstance(formula, Within):
        return {formula.variable}
    if isinstance(formula, Linked):
        return {formula.first, formula.second}
    return set().union(*(_variables(part) for part in formula.parts))


def _lowest(mask: int) -> int:
    return (mask & -mask).bit_length() - 1
